package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Every fault does the same inside the process and over a real connection: to
// the caller, to the platform's ledger, and in the journal.
func TestFaultsDoTheSameOnEveryRoad(t *testing.T) {
	for _, c := range []struct {
		kind    string
		status  int
		cut     bool
		applied int           // at once
		later   int           // after the delay
		waited  time.Duration // by the caller
		outcome string        // journal
	}{
		{kind: "", status: 200, applied: 1, later: 1, outcome: sandbox.Answered},
		{kind: sandbox.FaultDropBefore, cut: true, outcome: sandbox.Dropped},
		{kind: sandbox.FaultDropAfter, cut: true, applied: 1, later: 1, outcome: sandbox.Dropped},
		{kind: sandbox.FaultLate, cut: true, later: 1, outcome: sandbox.Dropped},
		{kind: sandbox.FaultSlow, status: 200, applied: 1, later: 1, waited: 7 * time.Second, outcome: sandbox.Answered},
		{kind: sandbox.FaultCutBody, status: 200, cut: true, applied: 1, later: 1, outcome: sandbox.Dropped},
		{kind: sandbox.FaultHTML, status: 502, outcome: sandbox.Answered},
		{kind: sandbox.Fault500, status: 500, outcome: sandbox.Answered},
		{kind: sandbox.Fault503, status: 503, outcome: sandbox.Answered},
	} {
		t.Run("fault "+c.kind, func(t *testing.T) {
			eachRoad(t, func(t *testing.T, j *jar, client *http.Client, base string) {
				if c.kind != "" {
					must(t, j.world.Faults.Add(sandbox.Rule{Route: "POST /put", Kind: c.kind, Times: 1, Delay: 7 * time.Second}))
				}
				got := call(t.Context(), t, client, base+"/put", `{"thing":"sugar"}`)
				lost := got.cut && got.status == 0 // over a real connection the head may be lost as well
				if got.cut != c.cut || got.status != c.status && !lost {
					t.Errorf("answered %d, cut %t", got.status, got.cut)
				}
				if c.kind == sandbox.FaultCutBody && got.status == 200 && (len(got.body) == 0 || len(got.body) > 150) {
					t.Errorf("half of the answer is %d bytes", len(got.body))
				}
				if strings.Contains(got.body, "gateway trouble") != (c.status > 200) {
					t.Errorf("answered %q", got.body)
				}
				if waited := j.clock.Now().Sub(begin); j.holds() != c.applied || waited != c.waited {
					t.Errorf("the jar holds %d after %s", j.holds(), waited)
				}
				j.world.RunDue()
				if j.holds() != c.applied {
					t.Error("carried out too early")
				}
				j.clock.move(7 * time.Second)
				j.world.RunDue()
				if j.holds() != c.later {
					t.Errorf("later the jar holds %d", j.holds())
				}
				entries := j.world.Journal.Since(0)
				if len(entries) != 1 || entries[0].Outcome != c.outcome || entries[0].Applied != (c.later == 1) || entries[0].Fault != c.kind {
					t.Errorf("journal %+v", entries)
				}
				// The rule is used up.
				if got := call(t.Context(), t, client, base+"/put", `{"thing":"salt"}`); got.status != 200 || got.cut {
					t.Errorf("the next call: %+v", got)
				}
			})
		})
	}
}

// A caller that leaves finds its call carried out, and the journal says that
// nobody heard the answer.
func TestACallerThatLeavesIsNoted(t *testing.T) {
	eachRoad(t, func(t *testing.T, j *jar, client *http.Client, base string) {
		j.clock.stuck = true
		must(t, j.world.Faults.Add(sandbox.Rule{Route: "*", Kind: sandbox.FaultSlow, Delay: time.Minute}))
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan answered)
		go func() { ended <- call(ctx, t, client, base+"/put", `{"thing":"sugar"}`) }()
		for j.world.Journal.Count(func(e sandbox.Entry) bool { return e.Applied }) == 0 {
			if t.Context().Err() != nil {
				t.Fatal("the call never arrived")
			}
		}
		leave()
		if got := <-ended; !got.cut {
			t.Errorf("answered %+v", got)
		}
		if e := j.world.Journal.Since(0)[0]; e.Outcome != sandbox.Abandoned || e.Status != 200 || j.holds() != 1 {
			t.Errorf("journal %+v", e)
		}
	})
}

// pattern is which of two hundred requests a seed hits, at their first and at
// their second sending.
func pattern(t *testing.T, seed uint64) (first, second string) {
	t.Helper()
	j := newJar(seed, nil)
	must(t, j.world.Faults.Add(sandbox.Rule{Route: "POST /put", Kind: sandbox.Fault500, Rate: 0.3}))
	for _, into := range []*string{&first, &second} {
		for n := range 200 {
			rec := httptest.NewRecorder()
			j.gate.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/put", strings.NewReader(fmt.Sprintf(`{"thing":"%d"}`, n))))
			*into += map[int]string{200: ".", 500: "x"}[rec.Code]
		}
	}
	return first, second
}

func TestAFaultIsDecidedBySeedRequestAndAttempt(t *testing.T) {
	first, second := pattern(t, 7)
	again, againSecond := pattern(t, 7)
	if first != again || second != againSecond {
		t.Error("one seed means two things")
	}
	if first == second {
		t.Error("a request that failed once fails for ever")
	}
	if other, _ := pattern(t, 8); other == first {
		t.Error("two seeds mean the same")
	}
	if n := strings.Count(first, "x"); n < 30 || n > 90 {
		t.Errorf("%d of 200 hit by a rate of 0.3", n)
	}
	for range 3 {
		if c := sandbox.Chance(7, "a", "b"); c != sandbox.Chance(7, "a", "b") || c == sandbox.Chance(7, "ab", "") || c < 0 || c >= 1 {
			t.Errorf("chance %v", c)
		}
	}
}

func TestRulesOfFaults(t *testing.T) {
	j := newJar(1, nil)
	f := j.world.Faults
	for _, bad := range []sandbox.Rule{{Route: "[", Kind: "x"}, {Route: "*"}} {
		if f.Add(bad) == nil {
			t.Errorf("taken: %+v", bad)
		}
	}
	must(t, f.Add(sandbox.Rule{Route: "GET /*", Kind: sandbox.Fault503}))
	must(t, f.Add(sandbox.Rule{Route: "POST /p*", Kind: sandbox.Fault500, Times: 2}))
	must(t, f.Add(sandbox.Rule{Route: "POST /put", Kind: "jar_odd"})) // the platform's own, which its handler acts on
	var got []int
	for range 4 {
		rec := httptest.NewRecorder()
		j.gate.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/put", strings.NewReader(`{}`)))
		got = append(got, rec.Code)
	}
	if diff := cmp.Diff([]int{500, 500, 200, 200}, got); diff != "" {
		t.Errorf("the first rule that hits decides (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{sandbox.Fault500: 2, "jar_odd": 2}, f.Fired()); diff != "" {
		t.Errorf("fired (-want +got):\n%s", diff)
	}
	if e := j.world.Journal.Since(3); len(e) != 1 || e[0].Warning != "nobody knows why" {
		t.Errorf("journal %+v", e)
	}
	f.Clear()
	rec := httptest.NewRecorder()
	j.gate.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/put", nil))
	if rec.Code != 200 {
		t.Errorf("a rule outlived Clear: %d", rec.Code)
	}
}

// A platform answers its own faults in its own shape, and nothing is done.
func TestThePlatformsOwnRefusal(t *testing.T) {
	j := newJar(1, nil)
	j.gate.Refuse = func(w http.ResponseWriter, _ *http.Request, kind string) bool {
		if kind != "jar_full" {
			return false
		}
		w.WriteHeader(http.StatusTeapot)
		return true
	}
	must(t, j.world.Faults.Add(sandbox.Rule{Route: "*", Kind: "jar_full"}))
	rec := httptest.NewRecorder()
	j.gate.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/put", strings.NewReader(`{}`)))
	if e := j.world.Journal.Since(0)[0]; rec.Code != http.StatusTeapot || j.holds() != 0 || e.Applied || e.Status != http.StatusTeapot {
		t.Errorf("answered %d, holds %d, journal %+v", rec.Code, j.holds(), e)
	}
}

// rule: SYN-04
func TestSYN04TheJournalShowsNoSecrets(t *testing.T) {
	j := newJar(1, nil)
	send := func(r *http.Request) {
		j.gate.ServeHTTP(httptest.NewRecorder(), r)
	}
	form := httptest.NewRequest(http.MethodPost, "/put?sign=abc&a=1", strings.NewReader("token=hush&thing=sugar"))
	form.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	send(form)
	send(httptest.NewRequest(http.MethodPost, "/put?token=hush", strings.NewReader(`{"deep":[{"token":"hush","thing":"salt"}]}`)))
	for _, e := range j.world.Journal.Since(0) {
		if strings.Contains(e.Request+e.Response, "hush") || strings.Contains(e.Request, "abc") || !strings.Contains(e.Response, "•••") {
			t.Errorf("%s → %s", e.Request, e.Response)
		}
	}
	if e := j.world.Journal.Since(0); !strings.Contains(e[0].Request, "thing=sugar") || !strings.Contains(e[1].Request, "salt") {
		t.Errorf("too much is hidden: %s; %s", e[0].Request, e[1].Request)
	}
}

// What differs between two sendings of one request does not make it another.
func TestTheSameRequestIsKnownAgain(t *testing.T) {
	j := newJar(1, nil)
	for _, u := range []string{"/put?a=1&b=2&sign=x", "/put?b=2&a=1&sign=y", "/put?a=1&b=3", "/other?a=1&b=2"} {
		j.gate.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, u, strings.NewReader(`{"thing":"x"}`)))
	}
	e := j.world.Journal.Since(0)
	if e[0].Identity != e[1].Identity || e[0].Attempt != 1 || e[1].Attempt != 2 {
		t.Errorf("one request: %+v and %+v", e[0], e[1])
	}
	if e[0].Identity == e[2].Identity || e[0].Identity == e[3].Identity {
		t.Error("two requests are one")
	}
	if e[0].Seq != 1 || len(j.world.Journal.Since(3)) != 1 || j.world.Journal.Since(9) != nil || j.world.Journal.Since(-1) != nil {
		t.Error("the journal does not count")
	}
}

func TestAHostThatNobodyServes(t *testing.T) {
	road := &sandbox.Transport{}
	j := newJar(1, nil)
	road.Serve("jar.example", j.gate)
	c := &http.Client{Transport: road}
	if got := call(t.Context(), t, c, "http://elsewhere.example/put", ""); !got.cut {
		t.Errorf("answered %+v", got)
	}
	road.Serve("jar.example", nil)
	if got := call(t.Context(), t, c, "http://jar.example/put", ""); !got.cut || j.holds() != 0 {
		t.Errorf("answered %+v after it was taken away", got)
	}
}
