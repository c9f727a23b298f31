package sandbox_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestEventsRunInOrder(t *testing.T) {
	j := newJar(1, nil)
	var ran []string
	note := func(s string) func() { return func() { ran = append(ran, s) } }
	if _, ok := j.world.Next(); ok {
		t.Error("something is due in an empty world")
	}
	j.world.After(2*time.Second, note("late"))
	j.world.After(time.Second, note("first"))
	j.world.After(time.Second, func() {
		note("second")()
		j.world.After(0, note("what it caused"))
		j.world.After(time.Second, note("later than late"))
	})
	if at, ok := j.world.Next(); !ok || !at.Equal(begin.Add(time.Second)) {
		t.Errorf("next at %s", at)
	}
	if n := j.world.RunDue(); n != 0 {
		t.Errorf("%d ran early", n)
	}
	j.clock.move(time.Second)
	if n := j.world.RunDue(); n != 3 {
		t.Errorf("%d ran", n)
	}
	j.clock.move(time.Second)
	j.world.RunDue()
	if want := []string{"first", "second", "what it caused", "late", "later than late"}; !slices.Equal(ran, want) {
		t.Errorf("ran %v, not %v", ran, want)
	}
}

func TestEventsRunInOrderWhateverTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := newJar(1, nil)
		delays := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "delays")
		var want, got [][2]int
		for n, d := range delays {
			want = append(want, [2]int{d, n})
			j.world.After(time.Duration(d)*time.Second, func() { got = append(got, [2]int{d, n}) })
		}
		slices.SortStableFunc(want, func(a, b [2]int) int { return a[0] - b[0] })
		for range 6 {
			j.world.RunDue()
			j.clock.move(time.Second)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

// The platforms' time may run ahead of the clock: what was scheduled inside is
// due at once.
func TestThePlatformsTimeMayRunAhead(t *testing.T) {
	j := newJar(1, nil)
	ran := false
	j.world.After(time.Hour, func() { ran = true })
	j.world.Ahead(time.Hour)
	if at, _ := j.world.Next(); !at.Equal(begin) || !j.world.Now().Equal(begin.Add(time.Hour)) {
		t.Errorf("next at %s, now %s", at, j.world.Now())
	}
	if j.world.RunDue(); !ran {
		t.Error("what lay inside has not happened")
	}
	j.world.After(time.Minute, func() {})
	if at, _ := j.world.Next(); !at.Equal(begin.Add(time.Minute)) {
		t.Errorf("a minute from then is %s by the clock", at)
	}
}

// In real time Run does what falls due, and one slow receiver holds up nobody.
func TestRunDoesWhatFallsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		heard := make(chan string, 10)
		road := &sandbox.Transport{}
		release := make(chan struct{})
		road.Serve("slow.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release; heard <- "slow" }))
		road.Serve("quick.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard <- "quick" }))
		j := newJar(1, &http.Client{Transport: road})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { j.world.Run(ctx); close(ended) }()
		for _, host := range []string{"slow", "quick"} {
			j.world.Deliver(delivery("http://"+host+".example/", func(int, error) {}))
		}
		synctest.Wait()
		if len(heard) != 1 || <-heard != "quick" {
			t.Error("the slow receiver held up the other")
		}
		close(release)
		ran := false
		j.world.After(time.Minute, func() { ran = true })
		synctest.Wait()
		if ran {
			t.Error("ran early")
		}
		j.clock.move(time.Minute)
		synctest.Wait()
		if !ran {
			t.Error("never ran")
		}
		cancel()
		<-ended
	})
}

func delivery(url string, done func(int, error)) sandbox.Delivery {
	return sandbox.Delivery{
		Route: "webhook jar", Key: "message 1", Timeout: time.Minute, Done: done,
		Build: func(forge bool) *http.Request {
			r := sandbox.JSONRequest(url, []byte(`{"n":1}`))
			r.Header.Set("Sign", map[bool]string{false: "good", true: "forged"}[forge])
			return r
		},
	}
}

func TestDeliveriesAndTheirFaults(t *testing.T) {
	for _, c := range []struct {
		kind   string
		now    []string // heard at once, by signature
		later  []string // after the delay
		status []int    // told to the platform
	}{
		{"", []string{"good"}, []string{"good"}, []int{202}},
		{sandbox.FaultLost, nil, nil, []int{200}},
		{sandbox.FaultDouble, []string{"good"}, []string{"good", "good"}, []int{202}},
		{sandbox.FaultDelay, nil, []string{"good"}, []int{202}},
		{sandbox.FaultForge, []string{"forged"}, []string{"forged"}, []int{202}},
	} {
		t.Run("fault "+c.kind, func(t *testing.T) {
			var heard []string
			road := &sandbox.Transport{}
			road.Serve("hub.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				heard = append(heard, r.Header.Get("Sign"))
				w.WriteHeader(http.StatusAccepted)
			}))
			j := newJar(1, &http.Client{Transport: road})
			if c.kind != "" {
				must(t, j.world.Faults.Add(sandbox.Rule{Route: "webhook *", Kind: c.kind, Delay: time.Minute, Times: 1}))
			}
			var told []int
			j.world.Deliver(delivery("http://hub.example/hooks", func(status int, err error) {
				if err != nil {
					t.Error(err)
				}
				told = append(told, status)
			}))
			j.world.RunDue()
			if diff := cmp.Diff(c.now, heard); diff != "" {
				t.Errorf("heard at once (-want +got):\n%s", diff)
			}
			j.clock.move(time.Minute)
			j.world.RunDue()
			if diff := cmp.Diff(c.later, heard); diff != "" {
				t.Errorf("heard in the end (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.status, told); diff != "" {
				t.Errorf("the platform was told (-want +got):\n%s", diff)
			}
		})
	}
}

// A subscriber that cannot be reached is an error, not a crash.
func TestADeliveryToNowhere(t *testing.T) {
	for _, url := range []string{"http://nobody.example/", "://", "ht tp://x"} {
		j := newJar(1, &http.Client{Transport: &sandbox.Transport{}})
		var failed error
		j.world.Deliver(delivery(url, func(_ int, err error) { failed = err }))
		if j.world.RunDue(); failed == nil {
			t.Errorf("%q was reached", url)
		}
	}
}
