package sandbox

import (
	"container/heap"
	"context"
	"net/http"
	"sync"
	"time"
)

// Clock tells the time. The hub's clock, real or virtual, has this shape.
type Clock interface {
	Now() time.Time
	// After sends the time once d has passed.
	After(d time.Duration) <-chan time.Time
	// Sleep waits for d or until ctx ends, then returns ctx's error.
	Sleep(ctx context.Context, d time.Duration) error
}

// World is what all simulators of one run share. It is safe for concurrent
// use.
//
// In real time Run carries out what was scheduled. Under virtual time nobody
// calls Run: whoever owns the clock asks Next, moves the clock and calls
// RunDue, so that one goroutine does everything in one order.
type World struct {
	Seed    uint64
	Faults  *Faults
	Journal *Journal
	// Client sends webhooks and pushes.
	Client *http.Client

	clock Clock

	mu     sync.Mutex
	ahead  time.Duration
	events eventQueue
	seq    int64
	async  bool
	wake   chan struct{}
	sent   map[string]int
}

// NewWorld returns a world without faults. client sends webhooks; nil means a
// plain client.
func NewWorld(seed uint64, clock Clock, client *http.Client) *World {
	if client == nil {
		client = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	return &World{
		Seed: seed, Faults: newFaults(seed), Journal: &Journal{}, Client: client,
		clock: clock, wake: make(chan struct{}, 1), sent: map[string]int{},
	}
}

// Now is the platforms' time: the clock's, plus whatever Ahead was told.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock.Now().Add(w.ahead)
}

// Ahead moves the platforms' time forward by d, leaving the clock alone: what
// was scheduled inside d is carried out at once.
func (w *World) Ahead(d time.Duration) {
	w.mu.Lock()
	w.ahead += d
	w.mu.Unlock()
	w.nudge()
}

// After schedules f. Events due at the same moment run in the order in which
// they were scheduled.
func (w *World) After(d time.Duration, f func()) {
	w.mu.Lock()
	w.seq++
	heap.Push(&w.events, event{at: w.clock.Now().Add(w.ahead + d), seq: w.seq, run: f})
	w.mu.Unlock()
	w.nudge()
}

// Next tells when, by the clock, the earliest scheduled event is due.
func (w *World) Next() (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.events) == 0 {
		return time.Time{}, false
	}
	return w.events[0].at.Add(-w.ahead), true
}

// RunDue carries out everything that is due, including what that schedules for
// the same moment, and returns how many events ran.
func (w *World) RunDue() int {
	ran := 0
	for {
		w.mu.Lock()
		if len(w.events) == 0 || w.events[0].at.After(w.clock.Now().Add(w.ahead)) {
			w.mu.Unlock()
			return ran
		}
		e := heap.Pop(&w.events).(event)
		w.mu.Unlock()
		e.run()
		ran++
	}
}

// Run carries out events in real time until ctx ends. Deliveries run beside
// each other, so that one slow receiver does not hold up the others.
func (w *World) Run(ctx context.Context) {
	w.mu.Lock()
	w.async = true
	w.mu.Unlock()
	for {
		w.RunDue()
		var timer <-chan time.Time
		if at, ok := w.Next(); ok {
			timer = w.clock.After(max(0, at.Sub(w.clock.Now())))
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		case <-timer:
		}
	}
}

func (w *World) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

type event struct {
	at  time.Time
	seq int64
	run func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].seq < q[j].seq
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	*q = old[:len(old)-1]
	return e
}
