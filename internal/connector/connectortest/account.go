package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

func asError(err error) (*connector.Error, bool) { return errors.AsType[*connector.Error](err) }

// token and renew keep the account's grant as the hub does: whoever comes with
// a token that is no longer the current one gets the current one.
func (b *Bench) token(context.Context) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.grant.Access, nil
}

func (b *Bench) renew(ctx context.Context, stale string) (string, error) {
	b.renewing.Lock()
	defer b.renewing.Unlock()
	b.mu.Lock()
	old := b.grant
	b.mu.Unlock()
	if old.Access != stale {
		return old.Access, nil
	}
	g, err := b.Setup.Driver.Auth.Refresh(b.ctx(), b.Account, old)
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refreshes++
	b.keep(g)
	return g.Access, nil
}

// bucket is a budget as the hub spends it.
type bucket struct {
	connector.Budget
	tokens float64
	at     time.Time
}

// receipts are the budgets spent by one call of the driver and not yet used.
type receipts struct {
	mu    sync.Mutex
	spent []string
}

type receiptsKey struct{}

// ctx is the context of one call of the driver.
func (b *Bench) ctx() context.Context {
	return context.WithValue(context.Background(), receiptsKey{}, &receipts{})
}

// spend takes a token of a budget, letting time pass where none is left.
func (b *Bench) spend(ctx context.Context, budget string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.buckets[budget]
	r, _ := ctx.Value(receiptsKey{}).(*receipts)
	if k == nil || r == nil {
		b.Errorf("spending from %q, which Limits does not name, or without the caller's context", budget)
		return fmt.Errorf("no budget %q", budget)
	}
	refill := func() {
		now := b.Clock.Now()
		k.tokens = min(float64(k.Burst), k.tokens+now.Sub(k.at).Seconds()*k.Rate)
		k.at = now
	}
	for refill(); k.tokens < 1; refill() {
		_ = b.Clock.Sleep(ctx, time.Duration((1-k.tokens)/k.Rate*float64(time.Second))+time.Millisecond)
	}
	k.tokens--
	r.mu.Lock()
	r.spent = append(r.spent, budget)
	r.mu.Unlock()
	return nil
}

// departure is one call that left.
type departure struct {
	budget string
	at     time.Time
}

// departures is the account's HTTP: it lets a call leave that was paid for.
type departures struct{ b *Bench }

func (d departures) RoundTrip(r *http.Request) (*http.Response, error) {
	paid := ""
	if given, _ := r.Context().Value(receiptsKey{}).(*receipts); given != nil {
		given.mu.Lock()
		if len(given.spent) > 0 {
			paid, given.spent = given.spent[0], given.spent[1:]
		}
		given.mu.Unlock()
	}
	if paid == "" {
		d.b.Errorf("%s %s left without a token of a budget", r.Method, r.URL.Path)
	}
	if _, bounded := r.Context().Deadline(); !bounded {
		d.b.Errorf("%s %s left without a deadline", r.Method, r.URL.Path)
	}
	d.b.mu.Lock()
	d.b.left = append(d.b.left, departure{paid, d.b.Clock.Now()})
	d.b.mu.Unlock()
	return d.b.Net.RoundTrip(r)
}

// overdrawn checks every window between two calls of one budget, and that no
// call reached the platform by another road.
func (b *Bench) overdrawn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.World.Journal.Since(0)); n > len(b.left) {
		b.Errorf("the platform saw %d calls, of which %d went through the account's HTTP", n, len(b.left))
	}
	for name, k := range b.buckets {
		var times []time.Time
		for _, d := range b.left {
			if d.budget == name {
				times = append(times, d.at)
			}
		}
		for i := range times {
			for j := i; j < len(times); j++ {
				if allowed := float64(k.Burst) + times[j].Sub(times[i]).Seconds()*k.Rate; float64(j-i+1) > allowed+0.01 {
					b.Errorf("budget %q: %d calls within %s, %.1f allowed", name, j-i+1, times[j].Sub(times[i]), allowed)
					return
				}
			}
		}
	}
}
