package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// testClock stands still until it is moved.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	ch <- c.Now().Add(d)
	return ch
}

func (c *testClock) Sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return nil
}

// lab is one platform, one client and one receiver of webhooks.
type lab struct {
	t      *testing.T
	clock  *testClock
	world  *kit.World
	server *Server
	http   *http.Client
	info   map[string]string
	token  string

	mu       sync.Mutex
	received []received
	answer   int // the receiver's status
}

type received struct {
	path, signature string
	body            []byte
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, clock: &testClock{now: time.Date(2026, 2, 3, 2, 15, 30, 123456700, time.UTC)}, answer: 200}
	transport := &kit.Transport{}
	l.http = &http.Client{Transport: transport}
	l.world = kit.NewWorld(7, l.clock, l.http)
	l.server = New(l.world)
	transport.Serve("kv.test", l.server)
	transport.Serve("hub.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		l.received = append(l.received, received{r.URL.Path, r.Header.Get("X-Hub-Signature"), body})
		status := l.answer
		l.mu.Unlock()
		w.WriteHeader(status)
	}))
	l.info = l.server.Info("http://kv.test")
	l.token = l.login(l.info)
	t.Cleanup(func() {
		if err := l.server.Invariants(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func (l *lab) login(keys map[string]string) string {
	l.t.Helper()
	resp, err := l.http.PostForm(l.info["auth_url"], url.Values{
		"scopes": {"PublicApi.Access"}, "grant_type": {"client_credentials"},
		"client_id": {keys["client_id"]}, "client_secret": {keys["client_secret"]},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 {
		l.t.Fatalf("token: %d %v %v", resp.StatusCode, got, err)
	}
	return got["access_token"].(string)
}

type reply struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

// raw makes a call with any headers; err is a cut connection.
func (l *lab) raw(method, path, contentType, body string, header map[string]string) (reply, error) {
	l.t.Helper()
	r, err := http.NewRequest(method, "http://kv.test"+path, strings.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	r.Header.Set("Retailer", l.info["retailer"])
	r.Header.Set("Authorization", "Bearer "+l.token)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	got := reply{status: resp.StatusCode, header: resp.Header, text: string(text)}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	_ = dec.Decode(&got.json)
	return got, nil
}

func (l *lab) call(method, path string, body any) reply {
	l.t.Helper()
	text := ""
	if body != nil {
		if s, ok := body.(string); ok {
			text = s
		} else {
			b, _ := json.Marshal(body)
			text = string(b)
		}
	}
	got, err := l.raw(method, path, "application/json", text, nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return got
}

// ok is call for calls that must succeed.
func (l *lab) ok(method, path string, body any) map[string]any {
	l.t.Helper()
	got := l.call(method, path, body)
	if got.status != 200 {
		l.t.Fatalf("%s %s: %d %s", method, path, got.status, got.text)
	}
	return got.json
}

// refused checks status, error code and a part of the message.
func (l *lab) refused(got reply, status int, code, part string) {
	l.t.Helper()
	st, _ := got.json["responseStatus"].(map[string]any)
	message := fmt.Sprint(got.json["message"])
	if st != nil {
		message = fmt.Sprint(st["message"])
	}
	if got.status != status || code != "" && fmt.Sprint(st["errorCode"]) != code || !strings.Contains(message, part) {
		l.t.Fatalf("got %d %s, want %d %s … %s", got.status, got.text, status, code, part)
	}
}

func (l *lab) do(action string, pairs ...string) map[string]any {
	l.t.Helper()
	v, err := l.server.desk.Do(action, fields(pairs))
	if err != nil {
		l.t.Fatalf("%s %v: %v", action, pairs, err)
	}
	m, _ := v.(map[string]any)
	return m
}

func fields(pairs []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// see returns the only row of a view that fits.
func (l *lab) see(view string, pairs ...string) kit.Row {
	l.t.Helper()
	rows, err := l.server.desk.See(view, fields(pairs))
	if err != nil || len(rows) != 1 {
		l.t.Fatalf("%s %v: %d rows %v", view, pairs, len(rows), err)
	}
	return rows[0]
}

func (l *lab) stock(code, onHand, reserved string) {
	l.t.Helper()
	r := l.see("stock", "code", code, "branch", "Chi nhánh trung tâm")
	if got := fmt.Sprint(r["on_hand"], " ", r["reserved"]); got != onHand+" "+reserved {
		l.t.Fatalf("%s: on hand and reserved %s, want %s %s", code, got, onHand, reserved)
	}
}

func (l *lab) set(name, value string) {
	l.t.Helper()
	if err := l.server.desk.Set(name, value); err != nil {
		l.t.Fatal(err)
	}
}

// run moves the clock through everything that is scheduled within d.
func (l *lab) run(d time.Duration) {
	end := l.clock.Now().Add(d)
	for {
		l.world.RunDue()
		at, ok := l.world.Next()
		if !ok || at.After(end) {
			break
		}
		l.clock.mu.Lock()
		l.clock.now = later(l.clock.now, at)
		l.clock.mu.Unlock()
	}
	l.clock.mu.Lock()
	l.clock.now = end
	l.clock.mu.Unlock()
}

// got returns and forgets what the receiver got.
func (l *lab) got() []received {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.received
	l.received = nil
	return list
}

// hear registers a webhook at the receiver.
func (l *lab) hear(kind, secret string) map[string]any {
	l.t.Helper()
	return l.ok("POST", "/webhooks", map[string]any{"Webhook": map[string]any{
		"Type": kind, "Url": "http://hub.test/" + kind, "IsActive": true, "Secret": secret,
	}})
}

const central = "1000000007"

func path(list map[string]any, keys ...any) any {
	var v any = list
	for _, k := range keys {
		switch k := k.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			a, _ := v.([]any)
			if k >= len(a) {
				return nil
			}
			v = a[k]
		}
	}
	return v
}

func (l *lab) want(got any, want string) {
	l.t.Helper()
	if fmt.Sprint(got) != want {
		l.t.Fatalf("got %v, want %s", got, want)
	}
}

// say joins values by spaces.
func say(v ...any) string { return strings.TrimSpace(fmt.Sprintln(v...)) }
