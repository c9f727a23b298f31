package local_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/engine"
	"github.com/dongbo/dongbo/internal/engine/local"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newEngine(due ...string) *local.Engine {
	return local.New(clock.Real{}, engine.Rows{
		Due:   func(context.Context) ([]string, error) { return due, nil },
		Claim: func(context.Context, string) (int64, error) { return 1, nil },
	}, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// A wake for a lane that is at work reaches the worker, which need not be
// started again for it.
func TestAWakeDuringWorkArrivesOnWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		ctx, cancel := context.WithCancel(t.Context())
		heard, works := 0, 0
		ended := make(chan error)
		go func() {
			ended <- e.Run(ctx, func(ctx context.Context, _ engine.Lane, woken <-chan struct{}) (time.Time, error) {
				works++
				for {
					select {
					case <-woken:
						heard++
					case <-clock.Real{}.After(time.Second):
						return time.Time{}, nil
					}
				}
			})
		}()
		e.Wake("a")
		synctest.Wait()
		for range 3 {
			e.Wake("a")
			synctest.Wait()
		}
		_ = clock.Real{}.Sleep(ctx, 3*time.Second)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if heard != 3 || works != 1 {
			t.Errorf("heard %d wakes in %d works", heard, works)
		}
	})
}

// Lanes work beside each other: one that hangs holds up nobody.
func TestADeadLaneBlocksItselfOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan string, 10)
		ended := make(chan error)
		go func() {
			ended <- e.Run(ctx, func(ctx context.Context, lane engine.Lane, _ <-chan struct{}) (time.Time, error) {
				if lane.Name == "dead" {
					<-ctx.Done()
				}
				done <- lane.Name
				return time.Time{}, nil
			})
		}()
		e.Wake("dead")
		e.Wake("alive")
		synctest.Wait()
		if len(done) != 1 || <-done != "alive" {
			t.Error("the other lane was held up")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Run returns when the last worker has, not when it is told to.
func TestRunWaitsForThoseAtWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newEngine("a", "b")
		ctx, cancel := context.WithCancel(t.Context())
		finished := 0
		ended := make(chan error)
		go func() {
			ended <- e.Run(ctx, func(ctx context.Context, lane engine.Lane, _ <-chan struct{}) (time.Time, error) {
				<-ctx.Done()
				if lane.Name == "a" { // finishing what it began
					_ = clock.Real{}.Sleep(context.Background(), 3*time.Second)
					finished++
				}
				return time.Time{}, nil
			})
		}()
		synctest.Wait()
		began := clock.Real{}.Now()
		cancel()
		if err := <-ended; err != nil || finished != 1 {
			t.Errorf("Run returned %v with %d finished", err, finished)
		}
		if d := (clock.Real{}).Now().Sub(began); d != 3*time.Second {
			t.Errorf("after %s", d)
		}
	})
}

// Wake never blocks, also while nobody listens.
func TestWakeNeverBlocks(t *testing.T) {
	e := newEngine()
	for range 5000 {
		e.Wake("a")
	}
}
