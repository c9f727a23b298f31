package sandbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/sandbox"
)

var begin = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

// manual is a clock that its owner moves. Who sleeps lets the time pass; who
// waits is told when it has.
type manual struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan time.Time]time.Time
	// stuck makes Sleep wait for the end of its context.
	stuck bool
}

func newManual() *manual { return &manual{now: begin, waiting: map[chan time.Time]time.Time{}} }

func (c *manual) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manual) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	done := make(chan time.Time, 1)
	c.waiting[done] = c.now.Add(d)
	return done
}

func (c *manual) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for done, at := range c.waiting {
		if !at.After(c.now) {
			done <- c.now
			delete(c.waiting, done)
		}
	}
}

func (c *manual) Sleep(ctx context.Context, d time.Duration) error {
	if c.stuck {
		<-ctx.Done()
		return ctx.Err()
	}
	c.move(d)
	return ctx.Err()
}

// jar is the smallest platform: what is put in stays in.
type jar struct {
	clock *manual
	world *sandbox.World
	gate  *sandbox.Gate

	mu  sync.Mutex
	put []string
}

func newJar(seed uint64, client *http.Client) *jar {
	j := &jar{clock: newManual()}
	j.world = sandbox.NewWorld(seed, j.clock, client)
	j.gate = &sandbox.Gate{
		World: j.world, Platform: "jar", Volatile: []string{"sign"}, Secret: []string{"token", "sign"},
		Route: func(r *http.Request) string { return r.Method + " " + r.URL.Path },
		Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var in struct{ Thing string }
			_ = json.NewDecoder(r.Body).Decode(&in)
			j.mu.Lock()
			j.put = append(j.put, in.Thing)
			n := len(j.put)
			j.mu.Unlock()
			if sandbox.FaultOf(r) == "jar_odd" {
				sandbox.Warn(r, "nobody knows why")
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"count":%d,"token":"hush","padding":"%s"}`, n, strings.Repeat(".", 200))
		}),
	}
	return j
}

func (j *jar) holds() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.put)
}

// answered is what a caller got.
type answered struct {
	status int
	body   string
	cut    bool // the connection broke before the answer was whole
}

func call(ctx context.Context, t *testing.T, c *http.Client, url, body string) answered {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-Id", "call-1")
	resp, err := c.Do(r)
	if err != nil {
		return answered{cut: true}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answered{resp.StatusCode, string(text), err != nil}
}

// eachRoad reaches a jar inside the process and over a real connection.
func eachRoad(t *testing.T, f func(t *testing.T, j *jar, c *http.Client, base string)) {
	t.Helper()
	t.Run("transport", func(t *testing.T) {
		j := newJar(1, nil)
		road := &sandbox.Transport{}
		road.Serve("jar.example", j.gate)
		f(t, j, &http.Client{Transport: road}, "http://jar.example")
	})
	t.Run("server", func(t *testing.T) {
		j := newJar(1, nil)
		s := httptest.NewServer(j.gate)
		defer s.Close()
		f(t, j, s.Client(), s.URL)
	})
}

var errRefused = errors.New("refused")
