package engine_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/engine"
	"github.com/dongbo/dongbo/internal/engine/local"
	"github.com/dongbo/dongbo/internal/engine/step"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is an engine under test with the rows that it asks.
type bench struct {
	engine.Engine
	clock clock.Clock
	work  engine.Work
	// let lets time pass until the engine is at rest again.
	let func(d time.Duration)
	// stop ends Run and returns when it has.
	stop func()

	mu     sync.Mutex
	due    []string // what Due says
	claims map[string]int64
	refuse error // what Due and Claim fail with

	began []began
}

type began struct {
	lane engine.Lane
	at   time.Duration // since the bench began
}

func (b *bench) rows() engine.Rows {
	return engine.Rows{
		Due: func(context.Context) ([]string, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Clone(b.due), b.refuse
		},
		Claim: func(_ context.Context, lane string) (int64, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.claims[lane]++
			return b.claims[lane] + 40, b.refuse
		},
	}
}

func (b *bench) set(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

// runs tells when a lane's works began.
func (b *bench) runs(lane string) (at []time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, w := range b.began {
		if w.lane.Name == lane {
			at = append(at, w.at)
		}
	}
	return at
}

// eachEngine runs a test on every engine that there is. work does what the
// test says; the bench notes when it began. Time is virtual in both.
func eachEngine(t *testing.T, work func(ctx context.Context, b *bench, lane engine.Lane) (time.Time, error), f func(t *testing.T, b *bench)) {
	t.Helper()
	noted := func(b *bench) engine.Work {
		start := b.clock.Now()
		return func(ctx context.Context, lane engine.Lane, _ <-chan struct{}) (time.Time, error) {
			b.set(func() { b.began = append(b.began, began{lane, b.clock.Now().Sub(start)}) })
			return work(ctx, b, lane)
		}
	}
	t.Run("local", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &bench{clock: clock.Real{}, claims: map[string]int64{}}
			e := local.New(b.clock, b.rows(), slog.New(slog.NewTextHandler(io.Discard, nil)))
			b.Engine, b.work = e, noted(b)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- e.Run(ctx, b.work) }()
			b.let = func(d time.Duration) {
				synctest.Wait()
				_ = b.clock.Sleep(context.Background(), d)
				synctest.Wait()
			}
			b.stop = sync.OnceFunc(func() {
				cancel()
				if err := <-ended; err != nil {
					t.Errorf("Run: %v", err)
				}
			})
			// Run must leave nothing behind: the bubble waits for every goroutine.
			defer b.stop()
			f(t, b)
		})
	})
	t.Run("step", func(t *testing.T) {
		v := clock.NewVirtual(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
		b := &bench{clock: v, claims: map[string]int64{}}
		e := step.New(v, b.rows())
		b.Engine, b.work = e, noted(b)
		// Whoever owns the clock drives: it asks for the next moment, and looks
		// for lost wake-ups every five seconds.
		b.let = func(d time.Duration) {
			rest := func() {
				for range 1000 {
					did, _ := e.Step(t.Context(), b.work)
					if !did {
						return
					}
				}
				t.Fatal("the engine never comes to rest")
			}
			until := v.Now().Add(d)
			for rest(); v.Now().Before(until); rest() {
				next := v.Now().Add(5 * time.Second)
				if at, ok := e.Next(); ok && at.Before(next) {
					next = at
				}
				if !next.After(v.Now()) {
					next = v.Now().Add(100 * time.Millisecond) // it could not be worked: never stand still
				}
				if next.After(until) {
					next = until
				}
				v.Set(next)
			}
		}
		b.stop = func() {}
		f(t, b)
	})
}

// all is a work that does all there is to do.
func all(_ context.Context, b *bench, lane engine.Lane) (time.Time, error) {
	b.finish(lane)
	return time.Time{}, nil
}

// finish does what is due of a lane.
func (b *bench) finish(lane engine.Lane) {
	b.set(func() { b.due = slices.DeleteFunc(b.due, func(name string) bool { return name == lane.Name }) })
}

func TestAWakeIsWorkedAtOnce(t *testing.T) {
	eachEngine(t, all, func(t *testing.T, b *bench) {
		b.let(time.Second)
		b.Wake("a")
		b.Wake("b")
		b.let(time.Minute)
		for _, lane := range []string{"a", "b"} {
			if at := b.runs(lane); !slices.Equal(at, []time.Duration{time.Second}) {
				t.Errorf("%s was worked at %v", lane, at)
			}
		}
		if len(b.began) != 2 {
			t.Errorf("worked %v", b.began)
		}
	})
}

func TestALostWakeIsFoundByTheSweep(t *testing.T) {
	eachEngine(t, all, func(t *testing.T, b *bench) {
		b.let(time.Minute)
		b.set(func() { b.due = []string{"a"} })
		b.let(5 * time.Second)
		at := b.runs("a")
		if len(at) != 1 || at[0] > time.Minute+5*time.Second {
			t.Fatalf("worked at %v", at)
		}
		if b.let(time.Minute); len(b.runs("a")) != 1 {
			t.Errorf("worked at %v with nothing due", b.runs("a"))
		}
	})
}

func TestNextIsObeyed(t *testing.T) {
	comeBack := func(_ context.Context, b *bench, lane engine.Lane) (time.Time, error) {
		b.finish(lane)
		return b.clock.Now().Add(58 * time.Second), nil
	}
	eachEngine(t, comeBack, func(t *testing.T, b *bench) {
		b.Wake("a")
		b.let(0)
		// Its rows are due, and it has asked to be left alone until later.
		b.set(func() { b.due = []string{"a"} })
		b.let(57 * time.Second)
		if at := b.runs("a"); !slices.Equal(at, []time.Duration{0}) {
			t.Errorf("worked at %v", at)
		}
		b.let(time.Second)
		if at := b.runs("a"); !slices.Equal(at, []time.Duration{0, 58 * time.Second}) {
			t.Errorf("worked at %v", at)
		}
		// A wake does not wait for next.
		b.let(10 * time.Second)
		b.Wake("a")
		b.let(30 * time.Second)
		if at := b.runs("a"); !slices.Equal(at, []time.Duration{0, 58 * time.Second, 68 * time.Second}) {
			t.Errorf("worked at %v", at)
		}
	})
}

func TestAnErrorComesBackAfterAPause(t *testing.T) {
	fails := func(_ context.Context, b *bench, lane engine.Lane) (time.Time, error) {
		if len(b.runs("a")) > 2 {
			return time.Time{}, nil
		}
		return time.Time{}, errors.New("no luck")
	}
	eachEngine(t, fails, func(t *testing.T, b *bench) {
		b.Wake("a")
		b.let(time.Minute)
		if at := b.runs("a"); !slices.Equal(at, []time.Duration{0, 5 * time.Second, 10 * time.Second}) {
			t.Errorf("worked at %v", at)
		}
	})
}

func TestALaneIsClaimedOnceAndKeepsItsEpoch(t *testing.T) {
	eachEngine(t, all, func(t *testing.T, b *bench) {
		for range 3 {
			b.Wake("a")
			b.let(time.Second)
		}
		if b.claims["a"] != 1 || len(b.began) != 3 {
			t.Errorf("claimed %d times, worked %d times", b.claims["a"], len(b.began))
		}
		for _, w := range b.began {
			if w.lane.Epoch != 41 {
				t.Errorf("worked with epoch %d", w.lane.Epoch)
			}
		}
	})
}

func TestADatabaseThatIsAwayIsAskedAgain(t *testing.T) {
	eachEngine(t, all, func(t *testing.T, b *bench) {
		b.set(func() { b.due, b.refuse = []string{"a"}, errors.New("database is away") })
		b.Wake("a")
		b.let(time.Minute)
		if len(b.began) != 0 {
			t.Errorf("worked without a claim: %v", b.began)
		}
		b.set(func() { b.refuse = nil })
		if b.let(10 * time.Second); len(b.began) == 0 {
			t.Error("never worked again")
		}
	})
}

// Whatever is woken while its lane is worked is looked at after the wake.
func TestAWakeDuringWorkIsNotLost(t *testing.T) {
	wakes := func(_ context.Context, b *bench, lane engine.Lane) (time.Time, error) {
		if len(b.runs("a")) == 1 {
			b.Wake("a")
			b.Wake("a")
		}
		return time.Time{}, nil
	}
	eachEngine(t, wakes, func(t *testing.T, b *bench) {
		b.Wake("a")
		b.let(time.Second)
		if n := len(b.runs("a")); n < 2 || n > 3 {
			t.Errorf("worked %d times", n)
		}
	})
}

func TestAtMostOneWorkPerLaneAtATime(t *testing.T) {
	var mu sync.Mutex
	busy, most := map[string]int{}, map[string]int{}
	slow := func(ctx context.Context, b *bench, lane engine.Lane) (time.Time, error) {
		mu.Lock()
		busy[lane.Name]++
		most[lane.Name] = max(most[lane.Name], busy[lane.Name])
		mu.Unlock()
		_ = b.clock.Sleep(ctx, 700*time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		busy[lane.Name]--
		b.finish(lane)
		if len(b.runs(lane.Name)) > 4 {
			return time.Time{}, nil
		}
		return b.clock.Now().Add(100 * time.Millisecond), nil
	}
	eachEngine(t, slow, func(t *testing.T, b *bench) {
		clear(most)
		b.set(func() { b.due = []string{"a", "b", "c"} })
		for range 50 {
			b.Wake("a")
			b.Wake("b")
			b.let(100 * time.Millisecond)
		}
		b.stop()
		for _, lane := range []string{"a", "b", "c"} {
			if most[lane] != 1 || len(b.runs(lane)) < 2 {
				t.Errorf("%s: %d at a time, %d in all", lane, most[lane], len(b.runs(lane)))
			}
		}
	})
}
