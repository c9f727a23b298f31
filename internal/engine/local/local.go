// Package local is the engine of one process: one goroutine for each lane that
// has something to do.
package local

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/engine"
)

const (
	sweepEvery = 5 * time.Second // a lost wake-up costs this much
	afterError = 5 * time.Second
)

// Engine works the lanes of one process.
type Engine struct {
	clock clock.Clock
	rows  engine.Rows
	log   *slog.Logger

	mu    sync.Mutex
	lanes map[string]*lane
	wake  chan string
}

type lane struct {
	epoch   int64
	running bool
	woken   chan struct{}
	next    time.Time // when to come back by itself
}

// New returns an engine that does not run yet.
func New(c clock.Clock, rows engine.Rows, log *slog.Logger) *Engine {
	return &Engine{clock: c, rows: rows, log: log, lanes: map[string]*lane{}, wake: make(chan string, 1024)}
}

// Wake implements engine.Engine.
func (e *Engine) Wake(name string) {
	select {
	case e.wake <- name:
	default: // the sweep finds it
	}
}

type finished struct {
	name string
	next time.Time
	err  error
}

// Run implements engine.Engine. One goroutine dispatches; the lanes work beside
// each other.
func (e *Engine) Run(ctx context.Context, work engine.Work) error {
	var working sync.WaitGroup
	defer working.Wait()
	ended := make(chan finished)
	start := func(name string) {
		l := e.lane(name)
		if l.running {
			select {
			case l.woken <- struct{}{}:
			default:
			}
			return
		}
		l.running, l.next = true, time.Time{}
		working.Go(func() {
			next, err := e.work(ctx, name, l, work)
			select {
			case ended <- finished{name, next, err}:
			case <-ctx.Done():
			}
		})
	}
	e.sweep(ctx, start)
	sweep := e.clock.After(sweepEvery)
	for {
		var timer <-chan time.Time
		if at, ok := e.earliest(); ok {
			timer = e.clock.After(max(0, at.Sub(e.clock.Now())))
		}
		select {
		case <-ctx.Done():
			return nil
		case name := <-e.wake:
			start(name)
		case f := <-ended:
			l := e.lane(f.name)
			l.running, l.next = false, f.next
			if f.err != nil && ctx.Err() == nil {
				e.log.Error("working a lane", "lane", f.name, "error", f.err)
				l.next = e.clock.Now().Add(afterError)
			}
			select {
			case <-l.woken: // woken between its last look and its end
				start(f.name)
			default:
			}
		case <-timer:
			now := e.clock.Now()
			for name, l := range e.lanes {
				if !l.running && !l.next.IsZero() && !l.next.After(now) {
					start(name)
				}
			}
		case <-sweep:
			e.sweep(ctx, start)
			sweep = e.clock.After(sweepEvery)
		}
	}
}

func (e *Engine) work(ctx context.Context, name string, l *lane, work engine.Work) (time.Time, error) {
	if l.epoch == 0 {
		epoch, err := e.rows.Claim(ctx, name)
		if err != nil {
			return time.Time{}, err
		}
		l.epoch = epoch
	}
	return work(ctx, engine.Lane{Name: name, Epoch: l.epoch}, l.woken)
}

func (e *Engine) sweep(ctx context.Context, start func(string)) {
	due, err := e.rows.Due(ctx)
	if err != nil {
		if ctx.Err() == nil {
			e.log.Error("looking for due lanes", "error", err)
		}
		return
	}
	now := e.clock.Now()
	for _, name := range due {
		// A lane that asked to be left alone until later has a reason.
		if l := e.lane(name); l.running || !l.next.After(now) {
			start(name)
		}
	}
}

func (e *Engine) lane(name string) *lane {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.lanes[name]
	if l == nil {
		l = &lane{woken: make(chan struct{}, 1)}
		e.lanes[name] = l
	}
	return l
}

func (e *Engine) earliest() (time.Time, bool) {
	var at time.Time
	for _, l := range e.lanes {
		if !l.running && !l.next.IsZero() && (at.IsZero() || l.next.Before(at)) {
			at = l.next
		}
	}
	return at, !at.IsZero()
}
