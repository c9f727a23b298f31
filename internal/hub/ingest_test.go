package hub_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/google/go-cmp/cmp"
)

// deliver posts a webhook to the hub.
func (h *house) deliver(path, sign string, body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, body)
	r.Header.Set("Sign", sign)
	rec := httptest.NewRecorder()
	h.Hooks().ServeHTTP(rec, r)
	return rec
}

func events(all ...connector.Event) io.Reader {
	b, _ := json.Marshal(all)
	return bytes.NewReader(b)
}

// tillHook is what the hub registered at the till.
func (h *house) tillHook() (path, secret string) {
	h.t.Helper()
	if len(h.market.hooks) != 1 {
		h.t.Fatalf("the till has hooks %+v", h.market.hooks)
	}
	return strings.TrimPrefix(h.market.hooks[0].URL, "http://hub"), h.market.hooks[0].Secret
}

func (h *house) verdicts(of retail.ShopID) (out []string) {
	h.t.Helper()
	must(h.t, h.Read(h.t.Context(), of, func(r store.Reader) error {
		all, err := r.Deliveries(time.Time{}, 100)
		for _, d := range all {
			out = append(out, d.Verdict)
		}
		return err
	}))
	return out
}

// cutReader breaks in the middle.
type cutReader struct{ io.Reader }

func (c cutReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// What is not a delivery of a platform is turned away, leaves nothing behind
// and has nothing looked at.
//
// rule: SYN-04
func TestSYN04WhatIsNoDeliveryIsTurnedAway(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		path, secret := h.tillHook()
		parts := strings.Split(path, "/") // "", hooks, till, connection, token, type
		with := func(n int, v string) string {
			p := slices.Clone(parts)
			p[n] = v
			return strings.Join(p, "/")
		}
		good := connector.Event{Object: connector.LevelObject, ID: "p1"}
		for _, c := range []struct {
			name, path string
			body       io.Reader
			status     int
		}{
			{"unknown platform", with(2, "nobody"), events(good), 404},
			{"unknown connection", with(3, "nobody"), events(good), 404},
			{"another platform's connection", with(2, "bazaar"), events(good), 404},
			{"unknown token", with(4, "guessed"), events(good), 404},
			{"no token", "/hooks/till", events(good), 404},
			{"another path", "/hook", events(good), 404},
			{"10 MB", path, io.LimitReader(zeros{}, 10<<20), 413},
			{"cut", path, cutReader{strings.NewReader(`[{"Object":`)}, 400},
		} {
			if rec := h.deliver(c.path, secret, c.body); rec.Code != c.status {
				t.Errorf("%s: status %d, not %d", c.name, rec.Code, c.status)
			}
		}
		rec := httptest.NewRecorder()
		h.Hooks().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, path, nil))
		if rec.Code != http.StatusMethodNotAllowed {
			t.Errorf("GET: status %d", rec.Code)
		}
		if got := h.verdicts(shop); len(got) != 0 {
			t.Errorf("stored: %v", got)
		}
		h.now()
		if len(h.market.calls) != 0 {
			t.Errorf("looked: %v", h.market.calls)
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A wrong signature is never processed, is counted and shown, and is answered
// so that the platform keeps its feed alive.
//
// rule: SYN-04
func TestSYN04AWrongSignatureIsCountedAndShownAndNotProcessed(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		path, secret := h.tillHook()
		lie := connector.Event{Object: connector.LevelObject, Level: &retail.Level{ProductID: "p1", BranchID: "b1"}}
		for _, sign := range []string{"", "wrong", "app secret", secret + " "} {
			rec := h.deliver(path, sign, events(lie))
			if rec.Code != http.StatusAccepted || rec.Body.String() != "kept alive" {
				t.Errorf("answered %d %q", rec.Code, rec.Body)
			}
		}
		rec := h.deliver(path, secret, strings.NewReader("not JSON"))
		if rec.Code != http.StatusAccepted {
			t.Errorf("an unreadable one is answered %d", rec.Code)
		}
		if diff := cmp.Diff([]string{"wrong_signature", "wrong_signature", "wrong_signature", "wrong_signature", "unreadable"}, sorted(h.verdicts(shop))); diff != "" {
			t.Errorf("verdicts (-want +got):\n%s", diff)
		}
		h.read(func(r store.Reader) error {
			all, err := r.Problems()
			counts := map[string]int64{}
			for _, p := range all {
				counts[p.Problem.Key] = p.Count
			}
			if diff := cmp.Diff(map[string]int64{"hook.wrong_signature": 4, "hook.unreadable": 1}, counts); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			return err
		})
		h.now()
		if h.market.listed[0].Sellable != 10 || len(h.market.calls) != 0 {
			t.Errorf("the lie was believed: %+v after %v", h.market.listed[0], h.market.calls)
		}
		// The address of the whole hub: counted by its verdict.
		h.deliver("/hooks/bazaar", "wrong", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: "1"}))
		h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "stranger", Object: connector.OrderObject, ID: "1"}))
		if diff := cmp.Diff([]string{"unknown_account", "wrong_signature"}, reversed(sorted(h.verdicts("")))); diff != "" {
			t.Errorf("verdicts of the hub's own address (-want +got):\n%s", diff)
		}
		if h.now(); len(h.market.calls) != 0 {
			t.Errorf("looked: %v", h.market.calls)
		}
	})
}

func sorted(s []string) []string { slices.Sort(s); slices.Reverse(s); return s }

func reversed(s []string) []string { slices.Reverse(s); return s }

// What is stored of a delivery is sealed, and none of its secrets is readable.
//
// rule: SYN-04
func TestSYN04DeliveriesAreSealed(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		path, secret := h.tillHook()
		h.deliver(path, secret, events(connector.Event{Object: connector.NothingObject, ID: "0900000001"}))
		h.read(func(r store.Reader) error {
			all, err := r.Deliveries(time.Time{}, 9)
			if len(all) != 1 || bytes.Contains(all[0].Sealed, []byte("0900000001")) || bytes.Contains(all[0].Sealed, []byte(secret)) {
				t.Errorf("stored %+v", all)
			}
			return err
		})
	})
}

// rule: SYN-01, LZD-11
func TestSYN01ADeliveryThatComesTwiceHasOneEffect(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 2, retail.Pending)
		for range 3 {
			rec := h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: "1"}))
			if rec.Code != http.StatusAccepted {
				t.Fatalf("answered %d", rec.Code)
			}
		}
		h.read(func(r store.Reader) error {
			looks, err := r.DueLooks(h.bazaar, h.clock.Now(), 9)
			if len(looks) != 1 {
				t.Errorf("three deliveries are %d looks", len(looks))
			}
			return err
		})
		h.now()
		h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: "1"}))
		h.now()
		n, err := h.Replay(t.Context(), shop, begin)
		must(t, err)
		if h.now(); n != 4 {
			t.Errorf("%d deliveries replayed", n)
		}
		h.oneOrder()
		if h.market.count("order.create") != 1 || h.market.count("customer.create") != 1 {
			t.Errorf("calls %v", h.market.calls)
		}
	})
}

// A delivery is answered only once it is durable: a database that cannot take
// it makes the platform send again.
func TestADeliveryThatCannotBeStoredIsNotAcknowledged(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		path, secret := h.tillHook()
		gone, err := db.Open(t.Context(), "sqlite::memory:")
		must(t, err)
		must(t, gone.Close())
		h.DB, h.db = gone, gone
		rec := h.deliver(path, secret, events(connector.Event{Object: connector.LevelObject, ID: "p1"}))
		if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d", rec.Code)
		}
	})
}

// More orders at once than one call reads are all read.
//
// rule: SYN-01, LZD-23
func TestSYN01NoOrderOfABurstIsForgotten(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		for _, id := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			h.sell(id, 1, retail.Pending)
			h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: id}))
		}
		h.pass(30 * time.Second)
		if len(h.market.orders) != 8 {
			t.Errorf("%d of 8 orders are in the till", len(h.market.orders))
		}
	})
}

// A channel tells the time of a change in whole seconds: a second change within
// one is found by the next poll.
//
// rule: SYN-02
func TestSYN02TwoChangesWithinOneSecondAreBothSeen(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 1, retail.Pending)
		h.poll()
		h.sell("1", 1, retail.Cancelled)
		h.pass(2 * time.Minute)
		if o := h.market.orders[0]; o.Status != retail.OrderCancelled {
			t.Errorf("the till's order is %s", o.Status)
		}
		n := h.market.count("sold")
		if h.pass(2 * time.Minute); h.market.count("sold")-n > 2 {
			t.Error("an order that was read is read again and again")
		}
	})
}
