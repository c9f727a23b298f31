package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/dongbo/dongbo/internal/store"
)

// act carries out intents, each committed before its call. Those of different
// orders run beside each other.
func (h *Hub) act(ctx context.Context, l *lane, c store.Connection, intents []store.Intent) error {
	if l.driver.Limits.Concurrent <= 1 || len(intents) == 1 {
		for _, i := range intents {
			if err := h.actOn(ctx, l, c, i); err != nil {
				return err
			}
		}
		return nil
	}
	var working sync.WaitGroup
	errs := make([]error, len(intents))
	for n, i := range intents {
		if slices.ContainsFunc(intents[:n], func(o store.Intent) bool { return o.OrderID == i.OrderID && o.Connection == i.Connection }) {
			continue // its turn comes in the next round
		}
		working.Go(func() { errs[n] = h.actOn(ctx, l, c, i) })
	}
	working.Wait()
	return errors.Join(errs...)
}

// actOn does one intent.
//
// An intent whose last call ended without an answer, or whose order may have
// been imported before this process began, is looked for first. "Not there" is
// believed after the old call's deadline plus the platform's settle time, and
// after two looks.
func (h *Hub) actOn(ctx context.Context, l *lane, c store.Connection, i store.Intent) error {
	pos := l.driver.POS(l.account(i.ID))
	uncertain := i.State == store.IntentCalling || i.State == store.IntentUnknown
	if uncertain || h.mayExist(ctx, c, i) {
		answer, found, err := h.lookFor(ctx, l, pos, c, i)
		switch {
		case err != nil:
			if uncertain {
				i.State = store.IntentUnknown // a look that failed settles nothing
			}
			return h.notDone(ctx, l, c, i, connector.ResultOf(asRead(err)))
		case found:
			return h.done(ctx, c, i, answer, true)
		case uncertain && i.Misses == 0:
			i.State, i.Misses, i.Due = store.IntentUnknown, 1, h.Clock.Now().Add(h.settle(l)/4)
			return h.saveIntent(ctx, c, i)
		}
	}
	now := h.Clock.Now()
	i.State, i.Attempts, i.Misses = store.IntentCalling, i.Attempts+1, 0
	i.Deadline = now.Add(l.driver.Limits.Timeout)
	i.Due = i.Deadline.Add(h.settle(l))
	i.Updated = now
	proceed := false
	err := h.decide(ctx, c.Shop, func(w store.Writer) error {
		// Given up meanwhile, or replaced by a newer wish?
		stored, found, err := w.Intent(i.ID)
		if err != nil {
			return err
		}
		proceed = found && (stored.State != store.IntentSuperseded && stored.State != store.IntentDone) && string(encode(stored.Want)) == string(encode(i.Want))
		if !proceed {
			return nil
		}
		if i.Want.Before, err = h.levelsBefore(w, i.Want); err != nil {
			return err
		}
		return w.SaveIntent(i)
	})
	if err != nil || !proceed {
		return err
	}
	answer, err := call(ctx, pos, i.Want)
	if err == nil {
		return h.done(ctx, c, i, answer, false)
	}
	return h.notDone(ctx, l, c, i, connector.ResultOf(err))
}

// asRead makes an unclassified error of a look-up one of a read: it changed
// nothing.
func asRead(err error) error {
	if _, ok := errors.AsType[*connector.Error](err); ok {
		return err
	}
	return &connector.Error{Kind: connector.Temporary, Err: err}
}

func (h *Hub) saveIntent(ctx context.Context, c store.Connection, i store.Intent) error {
	i.Updated = h.Clock.Now()
	return h.decide(context.WithoutCancel(ctx), c.Shop, func(w store.Writer) error { return w.SaveIntent(i) })
}

// mayExist tells whether a document may be there although this hub has no call
// of its own for it in its rows: the order is older than this process, so a
// copy of the database may have been put back, or an earlier connector may have
// imported it (SYN-01, SYN-08).
func (h *Hub) mayExist(ctx context.Context, c store.Connection, i store.Intent) bool {
	switch i.Want.Kind {
	case retail.CreateCustomer:
		// A phone may belong to a customer of the shop (LZD-18).
		if i.Want.Customer.Phone != "" {
			return true
		}
	case retail.CreateInvoice:
		// Staff may have made one from the order: it is adopted (HRV-14).
		return true
	case retail.CreateOrder:
	default:
		return false
	}
	var created = h.started
	_ = h.Read(ctx, c.Shop, func(r store.Reader) error {
		o, found, err := r.Order(i.Connection, i.OrderID)
		if found {
			created = o.Created
		}
		return err
	})
	return !created.After(h.started)
}

// call makes the one outside call of an intent.
func call(ctx context.Context, pos connector.POS, want retail.Intent) (answer retail.Intent, err error) {
	switch want.Kind {
	case retail.CreateCustomer:
		var c retail.Customer
		c, err = pos.CreateCustomer(ctx, *want.Customer)
		answer.Customer = &c
	case retail.CreateOrder:
		var o retail.POSOrder
		o, err = pos.CreateOrder(ctx, *want.Order)
		answer.Order = &o
	case retail.UpdateOrder:
		var o retail.POSOrder
		o, err = pos.UpdateOrder(ctx, *want.Order)
		answer.Order = &o
	case retail.CancelOrder:
		err = pos.CancelOrder(ctx, want.Order.ID)
	case retail.CreateInvoice:
		var i retail.Invoice
		i, err = pos.CreateInvoice(ctx, *want.Invoice)
		answer.Invoice = &i
	case retail.SetDelivery:
		var i retail.Invoice
		i, err = pos.SetDelivery(ctx, *want.Invoice)
		answer.Invoice = &i
	}
	return answer, err
}

// lookFor finds out whether an intent has been carried out already.
func (h *Hub) lookFor(ctx context.Context, l *lane, pos connector.POS, c store.Connection, i store.Intent) (answer retail.Intent, found bool, err error) {
	want := i.Want
	switch want.Kind {
	case retail.CreateCustomer:
		return findCustomer(ctx, pos, *want.Customer)
	case retail.CreateOrder:
		return h.findOrder(ctx, l, pos, c, i)
	case retail.UpdateOrder:
		o, err := pos.Order(ctx, want.Order.ID)
		answer.Order = &o
		return answer, err == nil && rule.SameQuantities(want.Order.Lines, o.Lines), err
	case retail.CancelOrder:
		o, err := pos.Order(ctx, want.Order.ID)
		answer.Order = &o
		return answer, err == nil && o.Status == retail.OrderCancelled, err
	case retail.CreateInvoice:
		return h.findInvoice(ctx, pos, c, i)
	case retail.SetDelivery:
		inv, err := pos.Invoice(ctx, want.Invoice.ID)
		answer.Invoice = &inv
		return answer, err == nil && inv.Delivery == want.Invoice.Delivery && inv.CODAmount == want.Invoice.CODAmount, err
	}
	return answer, false, nil
}

// findCustomer looks by phone, then by our code. Of several customers with one
// phone the oldest id counts, so that a repeat finds the same one.
//
// rule: LZD-18
func findCustomer(ctx context.Context, pos connector.POS, want retail.Customer) (answer retail.Intent, found bool, err error) {
	if want.Phone != "" {
		same, err := pos.FindCustomers(ctx, want.Phone)
		if err != nil {
			return answer, false, err
		}
		if len(same) > 0 {
			first := slices.MinFunc(same, func(a, b retail.Customer) int { return compareIDs(a.ID, b.ID) })
			return retail.Intent{Customer: &first}, true, nil
		}
	}
	c, err := pos.CustomerByCode(ctx, want.Code)
	if connector.KindOf(err, false) == connector.NotFound && err != nil {
		return answer, false, nil
	}
	return retail.Intent{Customer: &c}, err == nil, err
}

// compareIDs orders ids that count upwards: shorter is older.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// findOrder looks for a POS order with our reference. Of two the older is kept
// and the younger cancelled (stock-and-returns.md §2).
func (h *Hub) findOrder(ctx context.Context, l *lane, pos connector.POS, c store.Connection, i store.Intent) (answer retail.Intent, found bool, err error) {
	want := i.Want.Order
	since := want.Created
	if since.After(i.Created) || since.IsZero() {
		since = i.Created
	}
	var all []retail.POSOrder
	if i.State == store.IntentOpen || i.State == store.IntentHeld {
		// No call of ours is open: what is there was there when the process began.
		all, err = l.inherited(ctx, pos, *want, since)
	} else {
		all, err = pos.FindOrders(ctx, connector.Reference{Code: want.Code, Mark: want.Ref, Since: since, BranchID: want.BranchID})
	}
	if err != nil {
		return answer, false, err
	}
	live := slices.DeleteFunc(all, func(o retail.POSOrder) bool { return o.Status == retail.OrderCancelled })
	if len(live) == 0 {
		return answer, false, nil
	}
	slices.SortFunc(live, func(a, b retail.POSOrder) int { return compareIDs(a.ID, b.ID) })
	for _, twin := range live[1:] {
		if err := pos.CancelOrder(ctx, twin.ID); err != nil {
			return answer, false, err
		}
		if err := h.write(ctx, c.Shop, func(w store.Writer) error {
			return h.record(w, store.Entry{Connection: i.Connection, Kind: store.OrderHistory, Object: "order " + i.OrderID, Event: "history.twin_cancelled",
				Outcome: string(connector.Done), Cause: i.ID, Detail: store.Detail{Args: map[string]any{"code": twin.Code, "kept": live[0].Code}}})
		}); err != nil {
			return answer, false, err
		}
	}
	return retail.Intent{Order: &live[0]}, true, nil
}

// inherited looks among the orders that the POS already had when this process
// began. They are listed once, not once for each order that waits: after a
// crash in a flash sale hundreds do, and reads are scarce.
func (l *lane) inherited(ctx context.Context, pos connector.POS, want retail.POSOrder, since time.Time) ([]retail.POSOrder, error) {
	l.mu.Lock()
	have, known := l.orders, !l.ordersSince.IsZero() && !since.Before(l.ordersSince)
	l.mu.Unlock()
	if !known {
		var err error
		if have, err = pos.FindOrders(ctx, connector.Reference{Since: since}); err != nil {
			return nil, err
		}
		l.mu.Lock()
		l.orders, l.ordersSince = have, since
		l.mu.Unlock()
	}
	var out []retail.POSOrder
	for _, o := range have {
		if o.Ref == want.Ref || o.Code == want.Code && o.Ref == "" {
			out = append(out, o)
		}
	}
	return out, nil
}

// findInvoice looks among the invoices of the order for the one of a package:
// by code, by tracking number, else by equal lines that no other package has.
func (h *Hub) findInvoice(ctx context.Context, pos connector.POS, c store.Connection, i store.Intent) (answer retail.Intent, found bool, err error) {
	want := i.Want.Invoice
	all, err := pos.Invoices(ctx, want.OrderID)
	if err != nil {
		return answer, false, err
	}
	taken := map[string]bool{}
	if err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		o, _, err := r.Order(i.Connection, i.OrderID)
		for _, p := range o.State.Packages {
			if p.ID != i.Want.Part {
				taken[p.Invoice.ID] = true
			}
		}
		return err
	}); err != nil {
		return answer, false, err
	}
	all = slices.DeleteFunc(all, func(inv retail.Invoice) bool { return !inv.Live() || taken[inv.ID] })
	for _, same := range []func(retail.Invoice) bool{
		func(inv retail.Invoice) bool { return inv.Code == want.Code },
		func(inv retail.Invoice) bool { return want.Tracking != "" && inv.Tracking == want.Tracking },
		func(inv retail.Invoice) bool { return rule.SameQuantities(want.Lines, inv.Lines) },
	} {
		if n := slices.IndexFunc(all, same); n >= 0 {
			return retail.Intent{Invoice: &all[n]}, true, nil
		}
	}
	return answer, false, nil
}
