package hub_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/engine"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// oneOrder tells that the till has one order, and the hub knows it.
func (h *house) oneOrder() {
	h.t.Helper()
	if len(h.market.orders) != 1 {
		h.t.Fatalf("the till has %d orders; lanes: %v", len(h.market.orders), h.errors)
	}
	h.read(func(r store.Reader) error {
		o, _, err := r.Order(h.bazaar, "1")
		if o.State.POS.ID != h.market.orders[0].ID || o.Stuck {
			h.t.Errorf("the hub knows of %q, the till made %q; stuck: %t", o.State.POS.ID, h.market.orders[0].ID, o.Stuck)
		}
		return err
	})
	if i := h.intent("1", retail.CreateOrder); i.State != store.IntentDone {
		h.t.Errorf("the intent is %s after %d calls", i.State, i.Attempts)
	}
	if p := h.problems(); len(p) != 0 {
		h.t.Errorf("problems %v", p)
	}
}

// rule: SYN-01, LZD-16, LZD-23, LZD-27
func TestDoneIsDoneOnce(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 2, retail.Pending)
		h.pass(2 * time.Minute)
		h.oneOrder()
		h.sell("1", 2, retail.Shipped)
		h.pass(10 * time.Minute)
		if h.market.count("customer.create") != 1 || h.market.count("order.create") != 1 || h.market.count("invoice.create") != 1 || h.market.count("invoice.update") != 0 {
			t.Errorf("calls %v", h.market.calls)
		}
		if l := h.market.listed[0]; l.Sellable != 8 || l.Withheld != 0 || h.market.levels["p1"].OnHand != retail.Units(8) {
			t.Errorf("the bazaar shows %+v", l)
		}
	})
}

// A refusal is held and shown, and what was held goes on by itself once its
// cause is gone.
//
// rule: SYN-06
func TestSYN06WhatIsRefusedIsHeldShownAndReleasedByItself(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		refuse := true
		h.market.fault = func(route string) (f fault) {
			if refuse && route == "order.create" {
				f.status = 422
			}
			return f
		}
		h.sell("1", 1, retail.Pending)
		h.pass(2 * time.Minute)
		if i := h.intent("1", retail.CreateOrder); i.State != store.IntentHeld || i.Error.Key == "" {
			t.Errorf("the intent is %s for %q", i.State, i.Error.Key)
		}
		if p := h.problems(); len(p) != 1 {
			t.Errorf("problems %v", p)
		}
		h.read(func(r store.Reader) error {
			o, _, err := r.Order(h.bazaar, "1")
			if !o.Stuck {
				t.Error("the order is not stuck")
			}
			return err
		})
		// Its unit stays promised meanwhile, and the refusal is not met at full speed.
		if l := h.market.listed[0]; l.Sellable != 9 || l.Withheld != 1 {
			t.Errorf("the bazaar shows %+v", l)
		}
		if n := h.market.count("order.create"); n > 5 {
			t.Errorf("asked %d times in two minutes", n)
		}
		refuse = false
		h.pass(time.Hour)
		h.oneOrder()
	})
}

// A failed look-up before the first call is no reason to fall over.
func TestALookUpThatFailsIsMadeAgain(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 1, retail.Pending)
		h.market.fault = once("customers", fault{cut: "before"})
		h.pass(5 * time.Minute)
		h.oneOrder()
	})
}

// Unknown is settled by looking for our own reference.
//
// rule: SYN-01
func TestSYN01UnknownIsLookedForAndFound(t *testing.T) {
	for _, cut := range []string{"after", "late"} {
		t.Run(cut, func(t *testing.T) {
			eachConnected(t, func(t *testing.T, h *house) {
				h.market.fault = once("order.create", fault{cut: cut})
				h.sell("1", 1, retail.Pending)
				h.poll()
				if i := h.intent("1", retail.CreateOrder); i.State != store.IntentUnknown {
					t.Errorf("the intent is %s", i.State)
				}
				h.pass(30 * time.Second)
				h.market.finish() // inside the settle time
				h.pass(10 * time.Minute)
				h.oneOrder()
				if n := h.market.count("order.create"); n != 1 {
					t.Errorf("called %d times", n)
				}
			})
		})
	}
}

// "Not there" is believed after the old call's deadline plus the settle time
// and two looks apart, and only then is the call made again.
//
// rule: SYN-01
func TestSYN01UnknownIsCalledAgainOnlyAfterTwoLooks(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.market.fault = once("order.create", fault{cut: "before"})
		h.sell("1", 1, retail.Pending)
		h.pass(10 * time.Minute)
		h.oneOrder()
		var calls []time.Time
		var looks []time.Time
		for _, c := range h.market.calls {
			switch c.route {
			case "order.create":
				calls = append(calls, c.at)
			case "orders":
				if len(calls) == 1 {
					looks = append(looks, c.at)
				}
			}
		}
		if len(calls) != 2 || len(looks) != 2 {
			t.Fatalf("called at %v, looked at %v between", calls, looks)
		}
		if first := looks[0].Sub(calls[0]); first < limits.Timeout+limits.Settle {
			t.Errorf("believed after %s", first)
		}
		if !looks[1].After(looks[0]) || calls[1].Before(looks[1]) {
			t.Errorf("looked at %v, called at %v", looks, calls)
		}
	})
}

// A process that dies between the intent and its result leaves the outcome
// unknown; the next one settles it.
//
// rule: SYN-01
func TestSYN01ACrashDuringACall(t *testing.T) {
	for _, cut := range []string{"before", "after"} {
		for _, route := range []string{"customer.create", "order.create", "invoice.create"} {
			t.Run(route+" "+cut, func(t *testing.T) {
				eachConnected(t, func(t *testing.T, h *house) {
					h.market.fault = once(route, fault{cut: cut, run: func() { panic("killed") }})
					h.sell("1", 1, retail.Shipped)
					killed := func() (killed bool) {
						defer func() { killed = recover() != nil }()
						h.pass(2 * time.Minute)
						return false
					}()
					if !killed {
						t.Fatal("nobody was killed")
					}
					h = h.restarted()
					h.pass(10 * time.Minute)
					h.oneOrder()
					if len(h.market.customers) != 1 || len(h.market.invoices) != 1 {
						t.Errorf("%d customers, %d invoices", len(h.market.customers), len(h.market.invoices))
					}
				})
			})
		}
	}
}

// A look that fails settles nothing: two that found nothing are needed all the
// same.
//
// rule: SYN-01
func TestSYN01AFailedLookAfterACrashSettlesNothing(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.market.fault = once("order.create", fault{cut: "before", run: func() { panic("killed") }})
		h.sell("1", 1, retail.Pending)
		func() {
			defer func() { _ = recover() }()
			h.poll()
		}()
		h = h.restarted()
		h.market.calls, h.market.fault = nil, once("orders", fault{cut: "before"})
		h.pass(10 * time.Minute)
		h.oneOrder()
		looks := 0
		for _, c := range h.market.calls {
			if c.route == "orders" {
				looks++
			}
			if c.route == "order.create" {
				break
			}
		}
		if looks != 3 || h.market.count("order.create") != 1 {
			t.Errorf("called %d times after %d looks, the first of which failed", h.market.count("order.create"), looks)
		}
	})
}

// An order that an earlier process, or an earlier connector, left in the till is
// adopted; of two with one reference the older is kept.
//
// rule: SYN-01, SYN-08
func TestSYN08DocumentsThatAreThereAreAdopted(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 1, retail.Pending)
		mark := "[DB:bazaar:seller:1]"
		for _, id := range []string{"8", "9"} {
			h.market.orders = append(h.market.orders, retail.POSOrder{ID: id, Code: "OLD-" + id, Ref: mark, Status: retail.OrderDraft, BranchID: "b1",
				Lines: []retail.DocLine{{ProductID: "p1", Qty: retail.One}}})
		}
		h = h.restarted() // the order is older than this process
		h.pass(5 * time.Minute)
		if h.market.count("order.create") != 0 || h.market.orders[0].Status != retail.OrderDraft || h.market.orders[1].Status != retail.OrderCancelled {
			t.Errorf("%d orders made; the till has %+v", h.market.count("order.create"), h.market.orders)
		}
		h.read(func(r store.Reader) error {
			o, _, err := r.Order(h.bazaar, "1")
			if o.State.POS.ID != "8" {
				t.Errorf("the hub follows %q", o.State.POS.ID)
			}
			return err
		})
	})
}

// A worker whose lane has changed hands writes nothing more to the platform.
func TestAnOlderEpochCannotWrite(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.sell("1", 1, retail.Pending)
		must(t, h.Sync(t.Context(), shop, h.bazaar))
		var old int64
		must(t, h.db.Write(t.Context(), func(tx *db.Tx) error {
			c, _, err := store.ConnectionByID(&tx.View, h.till)
			old = c.Epoch
			if err == nil {
				_, err = store.ClaimLane(tx, h.till) // by another process
			}
			return err
		}))
		for range 3 {
			h.now() // the bazaar reads the order; the till's lane is ours no more
			_, err := h.Work(t.Context(), engine.Lane{Name: h.till, Epoch: old}, nil)
			if err != nil {
				h.errors = append(h.errors, err)
			}
		}
		if slices.ContainsFunc(h.market.calls, func(c call) bool { return c.route == "customer.create" || c.route == "order.create" }) {
			t.Errorf("it called %v", h.market.calls)
		}
		h = h.restarted() // the new holder
		h.pass(5 * time.Minute)
		h.oneOrder()
	})
}
