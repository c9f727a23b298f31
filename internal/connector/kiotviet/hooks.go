package kiotviet

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/dongbo/dongbo/internal/connector"
)

// hookTypes are the events that the hub wants (kiotviet.md §5.2). KiotViet
// keeps one subscription a type and shop, so another integration's may be in
// the way; whose it is, its URL tells.
var hookTypes = []string{
	"stock.update",
	"order.update",
	"invoice.update",
	"product.update", "product.delete",
	"pricebook.update", "pricebook.delete",
	"pricebookdetail.update", "pricebookdetail.delete",
}

// wireHook is a subscription as KiotViet writes it (§5.1). It never shows the
// secret.
type wireHook struct {
	ID       ident
	Type     string
	URL      string
	IsActive flag
}

func (w wireHook) hook() connector.Hook {
	return connector.Hook{ID: w.ID.some(), Type: w.Type, URL: w.URL, Active: bool(w.IsActive)}
}

// listHooks lists all subscriptions of the shop, also other people's. KiotViet
// switches one off by itself when deliveries fail (§5.6): Active false.
func (s shop) listHooks(ctx context.Context) ([]connector.Hook, error) {
	rows, err := all(ctx, s, source[wireHook]{route: "/webhooks", path: "/webhooks", id: func(h wireHook) ident { return h.ID }})
	if err != nil {
		return nil, err
	}
	var out []connector.Hook
	for _, w := range rows {
		out = append(out, w.hook())
	}
	return out, nil
}

type newHook struct {
	Type        string
	URL         string `json:"Url"`
	IsActive    bool
	Description string
	Secret      string `json:",omitempty"`
}

// createHook subscribes. The secret is registered as it is given; KiotViet
// wants the base64 text of at least eight random bytes (§5.5). The URL must end
// in the type: delete events may come without one (§5.3). Exists if the type is
// taken, whoever has it; KiotViet cannot change a subscription, so it has to be
// deleted first.
func (s shop) createHook(ctx context.Context, h connector.Hook) (connector.Hook, error) {
	w, err := write[wireHook](ctx, s, call{
		method: http.MethodPost, route: "POST /webhooks", path: "/webhooks",
		body: map[string]newHook{"Webhook": {Type: h.Type, URL: h.URL, IsActive: true, Description: "Dongbo", Secret: h.Secret}},
		hide: []string{h.Secret, h.URL},
	})
	if e, ok := errors.AsType[*connector.Error](err); ok && e.Kind == connector.Exists {
		e.Problem.Key = "kiotviet.hook_taken"
		e.Problem.Args = map[string]any{"type": h.Type}
	}
	if err != nil {
		return connector.Hook{}, err
	}
	made := w.hook()
	made.Secret = h.Secret
	if made.Type == "" {
		made.Type = h.Type
	}
	if made.URL == "" {
		made.URL = h.URL
	}
	return made, nil
}

// deleteHook unsubscribes.
func (s shop) deleteHook(ctx context.Context, id string) error {
	_, err := s.send(ctx, call{method: http.MethodDelete, route: "DELETE /webhooks/{id}", path: "/webhooks/" + url.PathEscape(id)})
	return err
}
