package hub_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// sellAtTheCounter lowers what the till has and says so.
func (h *house) sellAtTheCounter(left int64) {
	h.t.Helper()
	h.market.restock(left)
	path, secret := h.tillHook()
	level := h.market.levels["p1"]
	h.deliver(path, secret, events(connector.Event{Object: connector.LevelObject, ID: "p1", Level: &level}))
}

// at tells when the newest call of a route left.
func (m *market) at(route string) (last time.Time) {
	for _, c := range m.calls {
		if c.route == route {
			last = c.at
		}
	}
	return last
}

// rule: LZD-11, RET-01
func TestLZD11AFallIsSentAtOnce(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sellAtTheCounter(7)
		h.now()
		if l := h.market.listed[0]; l.Sellable != 7 || h.market.count("stock") != 1 {
			t.Errorf("the bazaar shows %d after %v", l.Sellable, h.market.calls)
		}
		if h.market.count("levels")+h.market.count("sold")+h.market.count("listed") != 0 {
			t.Errorf("a fall waits for nobody: %v", h.market.calls)
		}
		// A payload that says what is known costs nothing.
		h.market.calls = nil
		h.sellAtTheCounter(7)
		if h.now(); len(h.market.calls) != 0 {
			t.Errorf("an echo cost %v", h.market.calls)
		}
	})
}

// A raise goes out only after the channel's orders have been read up to a
// moment later than the fact that it rests on.
//
// rule: RET-06
func TestRET06ARaiseWaitsForTheChannelsOrders(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sellAtTheCounter(12) // goods came in
		h.now()
		if l := h.market.listed[0]; l.Sellable != 10 || h.market.count("stock") != 0 {
			t.Fatalf("raised to %d before the orders were read", l.Sellable)
		}
		if h.market.count("levels") != 1 {
			t.Errorf("a payload that raises is confirmed by one read: %v", h.market.calls)
		}
		// Somebody buys on the bazaar before the hub has read its orders.
		h.sell("1", 3, retail.Pending)
		h.pass(30 * time.Second)
		if l := h.market.listed[0]; l.Sellable != 9 || l.Withheld != 3 {
			t.Errorf("the bazaar offers %d and withholds %d of 12", l.Sellable, l.Withheld)
		}
		if read, sent := h.market.at("sold"), h.market.at("stock"); sent.Before(begin.Add(time.Minute)) || read.After(sent) && read.Sub(sent) > time.Minute {
			t.Errorf("read at %s, sent at %s", read, sent)
		}
	})
}

// While nobody knows what became of a call, the order's units go on following
// what the channel shows: what it no longer subtracts is not told to it.
//
// rule: RET-06
func TestRET06StockFollowsTheChannelWhileACallIsUnknown(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.market.fault = once("order.create", fault{cut: "after"})
		h.sell("1", 2, retail.Pending)
		h.poll()
		if i := h.intent("1", retail.CreateOrder); i.State != store.IntentUnknown {
			t.Fatalf("the intent is %s", i.State)
		}
		h.pass(10 * time.Second)
		h.sell("1", 2, retail.Ready) // on its way out, and the bazaar subtracts it no more
		h.poll()
		h.sellAtTheCounter(7)
		h.pass(5 * time.Second)
		if l := h.market.listed[0]; l.Sellable > 5 {
			t.Errorf("the bazaar offers %d of 7, two of which are promised", l.Sellable)
		}
		h.pass(10 * time.Minute)
		h.oneOrder()
		if l := h.market.listed[0]; l.Sellable != 5 {
			t.Errorf("at rest it offers %d", l.Sellable)
		}
	})
}

// A hundred changes of one SKU are one push of the newest number.
func TestPushesCoalesce(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		for left := int64(9); left > 2; left-- {
			h.sellAtTheCounter(left)
		}
		h.now()
		if n := h.market.count("stock"); n > 2 || h.market.listed[0].Sellable != 3 {
			t.Errorf("%d pushes, the bazaar shows %d", n, h.market.listed[0].Sellable)
		}
	})
}

// An unknown outcome of an absolute number is settled by sending it again.
func TestAPushThatWasCutOffIsRepeated(t *testing.T) {
	for _, cut := range []string{"before", "after"} {
		t.Run(cut, func(t *testing.T) {
			eachConnected(t, func(t *testing.T, h *house) {
				h.market.fault = once("stock", fault{cut: cut})
				h.sellAtTheCounter(4)
				h.pass(5 * time.Minute)
				if l := h.market.listed[0]; l.Sellable != 4 {
					t.Errorf("the bazaar shows %d", l.Sellable)
				}
				h.read(func(r store.Reader) error {
					l, _, err := r.Listing(h.bazaar, key)
					if l.StockDirty || l.SentStock != 4 {
						t.Errorf("dirty %t, sent %d", l.StockDirty, l.SentStock)
					}
					return err
				})
			})
		})
	}
}

// withinBudget checks that no stretch of time holds more calls than burst and
// rate allow, whoever made them.
func withinBudget(t *testing.T, calls []call, burst int) {
	t.Helper()
	b := limits.Budgets[0]
	for i := range calls {
		for j := i; j < len(calls); j++ {
			passed := calls[j].at.Sub(calls[i].at)
			if n := j - i + 1; float64(n) > float64(burst)+1+b.Rate*passed.Seconds() {
				t.Fatalf("%d calls in %s", n, passed)
			}
		}
	}
}

// ofBazaar keeps the calls of the bazaar's lane.
func (m *market) ofBazaar() (out []call) {
	for _, c := range m.calls {
		if c.route == "sold" || c.route == "listed" || c.route == "stock" || c.route == "prices" {
			out = append(out, c)
		}
	}
	return out
}

// rule: SYN-03
func TestSYN03ABudgetIsNeverExceeded(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		for i := range 70 {
			h.sell(string(rune('A'+i/26))+string(rune('a'+i%26)), 1, retail.Unpaid)
		}
		h.pass(2 * time.Minute)
		calls := h.market.ofBazaar()
		if len(calls) < 70 {
			t.Errorf("%d calls: the orders were not read", len(calls))
		}
		withinBudget(t, calls, limits.Budgets[0].Burst)
	})
}

// A refusal of the platform's own is obeyed: the lane waits as long as it was
// told.
//
// rule: SYN-03
func TestSYN03ThePlatformsOwnRefusalIsObeyed(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.market.fault = once("sold", fault{status: 429})
		h.poll()
		n := len(h.market.ofBazaar())
		if h.now(); len(h.market.ofBazaar()) != n {
			t.Error("called again at once")
		}
		h.pass(10 * time.Second)
		if len(h.market.ofBazaar()) == n {
			t.Error("never called again")
		}
		if p := h.problems(); len(p) != 0 {
			t.Errorf("problems %v", p)
		}
	})
}

// What was spent is remembered: a restart hands out no fresh burst, and after a
// crash, when nobody knows what was spent, the bucket is empty.
//
// rule: SYN-03
func TestSYN03ARestartHandsOutNoFreshBurst(t *testing.T) {
	for _, crash := range []bool{false, true} {
		name := map[bool]string{false: "stopped", true: "crashed"}[crash]
		t.Run(name, func(t *testing.T) {
			eachConnected(t, func(t *testing.T, h *house) {
				var atWork string // what the rows hold while the lane works
				h.market.fault = once("sold", fault{run: func() {
					h.read(func(r store.Reader) (err error) {
						atWork, err = r.Budgets(h.bazaar)
						return err
					})
				}})
				for i := range 40 {
					h.sell(string(rune('A'+i)), 1, retail.Unpaid)
				}
				h.poll()
				var tokens map[string]struct{ Tokens float64 }
				must(t, json.Unmarshal([]byte(atWork), &tokens))
				if tokens["calls"].Tokens != 0 {
					t.Errorf("at work the rows promise %s", atWork)
				}
				if crash {
					must(t, h.write(func(w store.Writer) error { return w.SetBudgets(h.bazaar, atWork) }))
				}
				for i := range 40 {
					h.sell(string(rune('a'+i)), 1, retail.Unpaid)
				}
				h = h.restarted()
				before := len(h.market.ofBazaar())
				h.poll()
				h.pass(20 * time.Second)
				withinBudget(t, h.market.ofBazaar(), limits.Budgets[0].Burst)
				withinBudget(t, h.market.ofBazaar()[before:], 5)
			})
		})
	}
}

// Twenty callers whose token died cause one refresh.
func TestTwentyCallersCauseOneRefresh(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		channel := h.market.channel
		h.market.mu.Lock()
		clear(h.market.tokens) // as if the platform had taken them all back
		h.market.mu.Unlock()
		for _, r := range channel.Read(t.Context(), make([]string, 20)) {
			if connector.KindOf(r.Err, false) != connector.NotFound {
				t.Errorf("a caller got %v", r.Err)
			}
		}
		if n := h.market.count("refresh"); n != 1 {
			t.Errorf("%d refreshes", n)
		}
		h.read(func(r store.Reader) error {
			c, _, err := r.Connection(h.bazaar)
			if !c.GrantUntil.Equal(h.clock.Now().Add(time.Hour)) {
				t.Errorf("the new grant was not stored: until %s", c.GrantUntil)
			}
			return err
		})
		// A token that is about to end is renewed before it is used.
		h.clock.Set(h.clock.Now().Add(time.Hour - time.Second))
		channel.Read(t.Context(), make([]string, 5))
		if n := h.market.count("refresh"); n != 2 {
			t.Errorf("%d refreshes", n)
		}
	})
}
