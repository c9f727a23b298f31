package sandbox

import (
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

// testClock is time that moves only when a test moves it.
type testClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

func (c *testClock) After(time.Duration) <-chan time.Time           { return make(chan time.Time) }
func (c *testClock) Sleep(_ context.Context, _ time.Duration) error { return nil }

// bench is one simulator with a client and a receiver of pushes.
type bench struct {
	*testing.T
	clock  *testClock
	world  *kit.World
	server *Server
	client *http.Client
	hub    *receiver
	token  string
}

const start = 1767225600000 // 2026-01-01 07:00 in Hanoi, the time of §4.2

func newBench(t *testing.T) *bench {
	t.Helper()
	clock := &testClock{now: time.UnixMilli(start)}
	hosts := &kit.Transport{}
	client := &http.Client{Transport: hosts, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b := &bench{T: t, clock: clock, client: client, hub: &receiver{status: 200}, token: handToken}
	b.world = kit.NewWorld(7, clock, client)
	b.server = New(b.world)
	hosts.Serve("lazada.test", b.server)
	hosts.Serve("hub.test", b.hub)
	t.Cleanup(func() {
		if err := b.server.Invariants(); err != nil {
			t.Errorf("invariants: %v", err)
		}
	})
	return b
}

// advance moves the clock, stopping at everything that is due.
func (b *bench) advance(d time.Duration) {
	b.world.RunDue()
	end := b.clock.Now().Add(d)
	for {
		at, ok := b.world.Next()
		if !ok || at.After(end) {
			break
		}
		b.clock.set(at)
		b.world.RunDue()
	}
	b.clock.set(end)
	b.world.RunDue()
}

// signed makes the parameters of a call, common ones included.
func (b *bench) signed(path string, params map[string]string) map[string]string {
	all := map[string]string{"app_key": firstAppKey, "timestamp": fmt.Sprint(b.clock.Now().UnixMilli()), "sign_method": "sha256"}
	if !strings.HasPrefix(path, "/auth/") {
		all["access_token"] = b.token
	}
	for k, v := range params {
		all[k] = v
	}
	all["sign"] = signature(firstAppSecret, path, all, true)
	return all
}

func query(params map[string]string) string {
	values := url.Values{}
	for k, v := range params {
		values.Set(k, v)
	}
	return values.Encode()
}

// call signs and sends; POST puts everything in a form.
func (b *bench) call(verb, path string, params map[string]string) answer {
	b.Helper()
	return b.send(verb, path, b.signed(path, params))
}

func (b *bench) send(verb, path string, params map[string]string) answer {
	b.Helper()
	target, body := "http://lazada.test/rest"+path, ""
	if verb == http.MethodGet {
		target += "?" + query(params)
	} else {
		body = query(params)
	}
	r, err := http.NewRequest(verb, target, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if verb == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return b.roundTrip(r)
}

func (b *bench) roundTrip(r *http.Request) answer {
	b.Helper()
	resp, err := b.client.Do(r)
	if err != nil {
		return answer{"error": err.Error()}
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	out := answer{}
	if err := dec.Decode(&out); err != nil {
		return answer{"status": resp.StatusCode, "text": string(text)}
	}
	if resp.StatusCode != 200 {
		b.Fatalf("status %d: %s", resp.StatusCode, text)
	}
	return out
}

// answer is a decoded envelope.
type answer map[string]any

func (a answer) code() string { return fmt.Sprint(a["code"]) }

// get walks to a member: "data.orders.0.order_id".
func (a answer) get(path string) string {
	var v any = map[string]any(a)
	for _, name := range strings.Split(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(inner) {
				return "<none>"
			}
			v = inner[i]
		default:
			return "<none>"
		}
	}
	if v == nil {
		return "<none>"
	}
	return fmt.Sprint(v)
}

func (a answer) len(path string) int {
	var v any = map[string]any(a)
	for _, name := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	list, _ := v.([]any)
	return len(list)
}

// wantCode fails unless the answer has a code.
func (b *bench) wantCode(a answer, code string) {
	b.Helper()
	if a.code() != code {
		b.Fatalf("code %s, want %s: %v", a.code(), code, a)
	}
}

func (b *bench) want(what string, got, want any) {
	b.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		b.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// do carries out a desk action that must work; fields are name, value, …
func (b *bench) do(action string, fields ...string) answer {
	b.Helper()
	v, err := b.try(action, fields...)
	if err != nil {
		b.Fatalf("%s: %v", action, err)
	}
	return v
}

func (b *bench) try(action string, fields ...string) (answer, error) {
	b.Helper()
	in := map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		in[fields[i]] = fields[i+1]
	}
	v, err := b.server.desk.Do(action, in)
	if err != nil {
		return nil, err
	}
	text, _ := json.Marshal(map[string]any{"out": v})
	out := answer{}
	_ = json.Unmarshal(text, &out)
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber()
	_ = dec.Decode(&out)
	return out, nil
}

func (b *bench) set(name, value string) {
	b.Helper()
	if err := b.server.desk.Set(name, value); err != nil {
		b.Fatal(err)
	}
}

func (b *bench) fault(route, kind string, times int) {
	b.Helper()
	if err := b.world.Faults.Add(kit.Rule{Route: route, Kind: kind, Times: times}); err != nil {
		b.Fatal(err)
	}
}

// rows reads a view; filter is column, value, …
func (b *bench) rows(view string, filter ...string) []kit.Row {
	b.Helper()
	f := map[string]string{}
	for i := 0; i < len(filter); i += 2 {
		f[filter[i]] = filter[i+1]
	}
	rows, err := b.server.desk.See(view, f)
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

// stock is "sellable total withhold occupy" of a SKU.
func (b *bench) stock(sku string) string {
	b.Helper()
	r := b.rows("items", "sku", sku)[0]
	return fmt.Sprint(r["sellable"], r["total"], r["withhold"], r["occupy"])
}

// place orders and returns the order's id and its items' ids.
func (b *bench) place(fields ...string) (order string, items []string) {
	b.Helper()
	out := b.do("place_order", fields...)
	for i := range out["out"].(map[string]any)["order_item_ids"].([]any) {
		items = append(items, out.get(fmt.Sprintf("out.order_item_ids.%d", i)))
	}
	return out.get("out.order_id"), items
}

// receiver is the hub's push endpoint.
type receiver struct {
	mu     sync.Mutex
	status int
	got    []received
}

type received struct {
	body, authorization string
	msg                 answer
}

func (h *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	msg := answer{}
	_ = json.Unmarshal(body, &msg)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, received{string(body), r.Header.Get("Authorization"), msg})
	w.WriteHeader(h.status)
}

func (h *receiver) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *receiver) take() []received {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.got
	h.got = nil
	return out
}
