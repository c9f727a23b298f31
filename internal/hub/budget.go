package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// longestWait is how long a call waits for its budget inside the lane; beyond
// it the lane turns to other work and comes back.
const longestWait = 5 * time.Second

// budgets are a lane's token buckets. Their state survives a restart, so that
// restarting does not hand out a fresh burst (SYN-03).
type budgets struct {
	clock clock.Clock

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

type spent struct {
	Tokens float64   `json:"tokens"`
	At     time.Time `json:"at"`
}

// newBudgets continues from a stored state. A state that is missing begins
// full; one that a crash left behind (stored while the lane was working) begins
// empty, since nobody knows what was spent after it.
func newBudgets(list []connector.Budget, pace float64, c clock.Clock, stored string) *budgets {
	if pace == 0 {
		pace = 1
	}
	b := &budgets{clock: c, buckets: map[string]*rate.Limiter{}}
	state := map[string]spent{}
	known := json.Unmarshal([]byte(stored), &state) == nil
	for _, l := range list {
		lim := rate.NewLimiter(rate.Limit(l.Rate*pace), l.Burst)
		if known {
			s := state[l.Name]
			at := s.At
			if at.IsZero() || at.After(c.Now()) {
				at = c.Now()
			}
			// A full bucket, emptied at the stored moment down to what was left.
			lim.AllowN(at, l.Burst-max(0, min(l.Burst, int(s.Tokens))))
		}
		b.buckets[l.Name] = lim
	}
	return b
}

// spend takes one token, waiting for it if it comes soon.
func (b *budgets) spend(ctx context.Context, name string) error {
	b.mu.Lock()
	lim := b.buckets[name]
	if lim == nil {
		b.mu.Unlock()
		return fmt.Errorf("no budget %q", name)
	}
	now := b.clock.Now()
	r := lim.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > longestWait {
		r.CancelAt(now)
	}
	b.mu.Unlock()
	if wait > longestWait {
		return &connector.Error{Kind: connector.Throttled, After: wait, Problem: retail.Problem{Key: "connection.budget"}}
	}
	return b.clock.Sleep(ctx, wait)
}

// state is what is stored when the lane rests.
func (b *budgets) state() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	out := map[string]spent{}
	for name, lim := range b.buckets {
		out[name] = spent{Tokens: lim.TokensAt(now), At: now}
	}
	return string(encode(out))
}

// crashed is the state stored while the lane works: buckets that are empty
// whenever they are read, since all of what flows in meanwhile may be spent.
func (b *budgets) crashed() string {
	out := map[string]spent{}
	for name := range b.buckets {
		out[name] = spent{}
	}
	return string(encode(out))
}
