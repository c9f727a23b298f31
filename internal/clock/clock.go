// Package clock tells the time. It is the only room that asks the machine for
// it; every other room takes a Clock, so that a test or a scenario can run
// hours in a moment.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time and waits. Implementations are safe for concurrent use.
type Clock interface {
	Now() time.Time
	// After sends the time once d has passed.
	After(d time.Duration) <-chan time.Time
	// Sleep waits for d or until ctx ends, then returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// Real is the machine's clock. Inside a testing/synctest bubble it is the
// bubble's.
type Real struct{}

// Now returns the current time in UTC.
func (Real) Now() time.Time { return time.Now().UTC() }

// After is time.After.
func (Real) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Sleep waits for d or until ctx ends.
func (Real) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Virtual is a clock that stands still until somebody moves it. Whoever owns
// it drives everything from one goroutine.
type Virtual struct {
	mu  sync.Mutex
	now time.Time
	// OnSleep, if set, is asked to let d pass when somebody inside the run
	// sleeps: the owner moves the clock and carries out what falls due
	// meanwhile. Without it Sleep just moves the clock.
	OnSleep func(d time.Duration)
}

// NewVirtual returns a clock that stands at start.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start.UTC()} }

// Now returns where the clock stands.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Set moves the clock to t; it never goes backwards.
func (v *Virtual) Set(t time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t.After(v.now) {
		v.now = t.UTC()
	}
}

// After is for code that waits in a goroutine of its own. A virtual run has
// none, so the channel never sends.
func (v *Virtual) After(time.Duration) <-chan time.Time { return make(chan time.Time) }

// Sleep lets d pass at once.
func (v *Virtual) Sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		if v.OnSleep != nil {
			v.OnSleep(d)
		} else {
			v.Set(v.Now().Add(d))
		}
	}
	return ctx.Err()
}
