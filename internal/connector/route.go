package connector

import "context"

type routeKey struct{}

type route struct {
	name  string
	write bool
}

// WithRoute notes which call a request belongs to, without identifiers ("POST
// /orders"), and whether it changes something. Drivers do so through rest; the
// hub's chain reads it.
func WithRoute(ctx context.Context, name string, write bool) context.Context {
	return context.WithValue(ctx, routeKey{}, route{name, write})
}

// RouteOf returns what WithRoute noted.
func RouteOf(ctx context.Context) (name string, write bool) {
	r, _ := ctx.Value(routeKey{}).(route)
	return r.name, r.write
}
