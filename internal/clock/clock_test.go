package clock_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
)

var start = time.Date(2026, 1, 5, 9, 0, 0, 0, time.FixedZone("+7", 7*3600))

func TestBothClocksTellUTC(t *testing.T) {
	for _, c := range []clock.Clock{clock.Real{}, clock.NewVirtual(start)} {
		if c.Now().Location() != time.UTC {
			t.Errorf("%T tells %s", c, c.Now())
		}
	}
}

func TestTheRealClockWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.Real{}
		began := c.Now()
		if err := c.Sleep(t.Context(), time.Hour); err != nil || c.Now().Sub(began) != time.Hour {
			t.Errorf("slept %s: %v", c.Now().Sub(began), err)
		}
		if at := <-c.After(time.Minute); at.Sub(began) != time.Hour+time.Minute {
			t.Errorf("woken at %s", at)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("sleeping beyond the end: %v", err)
		}
		if err := c.Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("no sleep after the end: %v", err)
		}
	})
}

func TestTheVirtualClockMovesOnlyWhenToldAndNeverBack(t *testing.T) {
	c := clock.NewVirtual(start)
	if !c.Now().Equal(start) {
		t.Fatalf("begins at %s", c.Now())
	}
	c.Set(start.Add(time.Hour))
	c.Set(start)
	if !c.Now().Equal(start.Add(time.Hour)) {
		t.Errorf("it went back to %s", c.Now())
	}
	if err := c.Sleep(t.Context(), time.Minute); err != nil || !c.Now().Equal(start.Add(time.Hour+time.Minute)) {
		t.Errorf("after a minute's sleep it is %s (%v)", c.Now(), err)
	}
	if err := c.Sleep(t.Context(), -time.Minute); err != nil || !c.Now().Equal(start.Add(time.Hour+time.Minute)) {
		t.Errorf("a negative sleep moved it to %s (%v)", c.Now(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Sleep(ctx, time.Second); !errors.Is(err, context.Canceled) {
		t.Errorf("sleeping after the end: %v", err)
	}
	select {
	case <-c.After(0):
		t.Error("a virtual run has nobody who waits")
	default:
	}
}

func TestTheOwnerLetsTimePassForASleeper(t *testing.T) {
	c := clock.NewVirtual(start)
	var asked time.Duration
	c.OnSleep = func(d time.Duration) { asked += d; c.Set(c.Now().Add(d)) }
	_ = c.Sleep(t.Context(), time.Second)
	_ = c.Sleep(t.Context(), 0)
	if asked != time.Second || !c.Now().Equal(start.Add(time.Second)) {
		t.Errorf("asked for %s, now %s", asked, c.Now())
	}
}
