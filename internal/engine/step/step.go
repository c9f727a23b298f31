// Package step is the engine of simulations and scenarios: one goroutine, one
// lane at a time, in one order. Whoever owns the clock drives it.
package step

import (
	"context"
	"errors"
	"sort"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/engine"
)

// Engine works lanes when it is told to.
type Engine struct {
	clock clock.Clock
	rows  engine.Rows
	lanes map[string]*lane
}

type lane struct {
	epoch int64
	woken bool
	next  time.Time
}

// New returns an engine without lanes.
func New(c clock.Clock, rows engine.Rows) *Engine {
	return &Engine{clock: c, rows: rows, lanes: map[string]*lane{}}
}

// Wake implements engine.Engine.
func (e *Engine) Wake(name string) { e.lane(name).woken = true }

// Run implements engine.Engine: it works what is due now and returns.
func (e *Engine) Run(ctx context.Context, work engine.Work) error {
	for {
		did, err := e.Step(ctx, work)
		if err != nil || !did {
			return err
		}
	}
}

// Step works one lane that was woken or is due, the first by name, and tells
// whether there was one. An error of the lane is returned and makes the lane
// wait five seconds, as the local engine does.
func (e *Engine) Step(ctx context.Context, work engine.Work) (bool, error) {
	due, err := e.rows.Due(ctx)
	if err != nil {
		return false, err
	}
	now := e.clock.Now()
	for _, name := range due {
		if l := e.lane(name); !l.next.After(now) {
			l.woken = true
		}
	}
	names := make([]string, 0, len(e.lanes))
	for name := range e.lanes {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		l := e.lanes[name]
		if !l.woken && (l.next.IsZero() || l.next.After(now)) {
			continue
		}
		l.woken, l.next = false, time.Time{}
		if l.epoch == 0 {
			if l.epoch, err = e.rows.Claim(ctx, name); err != nil {
				return false, err
			}
		}
		next, err := work(ctx, engine.Lane{Name: name, Epoch: l.epoch}, nil)
		l.next = next
		if err != nil {
			l.next = e.clock.Now().Add(5 * time.Second)
			return true, errors.Join(err)
		}
		return true, nil
	}
	return false, nil
}

// Next is when the earliest lane wants to be worked.
func (e *Engine) Next() (time.Time, bool) {
	var at time.Time
	for _, l := range e.lanes {
		if l.woken {
			return e.clock.Now(), true
		}
		if !l.next.IsZero() && (at.IsZero() || l.next.Before(at)) {
			at = l.next
		}
	}
	return at, !at.IsZero()
}

func (e *Engine) lane(name string) *lane {
	l := e.lanes[name]
	if l == nil {
		l = &lane{}
		e.lanes[name] = l
	}
	return l
}
