package hub

import (
	"context"
	"errors"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/dongbo/dongbo/internal/store"
)

// The three ends of a call in the POS: done, refused, unknown.

// settle is how long after its deadline a call may still be carried out.
func (h *Hub) settle(l *lane) time.Duration {
	if h.SettleTime > 0 {
		return h.SettleTime
	}
	return l.driver.Limits.Settle
}

// done notes the POS's answer, and decides the order again: what it wants next
// follows from the new state. found tells that the document was there already.
func (h *Hub) done(ctx context.Context, pos store.Connection, i store.Intent, answer retail.Intent, found bool) error {
	now := h.Clock.Now()
	// Also when the process is being stopped: the call was made.
	return h.decide(context.WithoutCancel(ctx), pos.Shop, func(w store.Writer) error {
		i.State, i.Answer, i.Error, i.Updated = store.IntentDone, answer, retail.Problem{}, now
		if err := w.SaveIntent(i); err != nil {
			return err
		}
		c, known, err := w.Connection(i.Connection)
		if err != nil {
			return err
		}
		o, there, err := w.Order(i.Connection, i.OrderID)
		if err != nil || !there || !known {
			return err
		}
		o.State = rule.Apply(o.State, i.Want, answer)
		if i.Want.Kind == retail.CreateCustomer && o.Seen.Buyer.ID != "" {
			if err := w.SetBuyer(c.ID, o.Seen.Buyer.ID, answer.Customer.ID); err != nil {
				return err
			}
		}
		if err := h.recordDone(w, i, o, answer, found); err != nil {
			return err
		}
		if err := h.foresee(w, pos, i); err != nil {
			return err
		}
		if c.State == store.Deleted {
			return w.PutOrder(o)
		}
		return h.decideOrder(w, c, o)
	})
}

// notDone notes that a call was refused, or that nobody knows.
func (h *Hub) notDone(ctx context.Context, l *lane, pos store.Connection, i store.Intent, r connector.Result) error {
	now := h.Clock.Now()
	return h.decide(context.WithoutCancel(ctx), pos.Shop, func(w store.Writer) error {
		i.Updated = now
		if r.Outcome == connector.Unknown {
			i.State, i.Misses = store.IntentUnknown, 0
			if due := i.Deadline.Add(h.settle(l)); due.After(now) {
				i.Due = due
			} else {
				i.Due = now.Add(h.settle(l))
			}
			return w.SaveIntent(i)
		}
		e, _ := errors.AsType[*connector.Error](r.Err)
		if e.Kind == connector.Exists {
			// Ours from an earlier call, or somebody else's: a look tells.
			// A refusal that a look cannot explain is not met at full speed.
			i.State, i.Misses, i.Due = store.IntentUnknown, 1, now.Add(time.Duration(i.Attempts-1)*10*time.Second)
			if i.Want.Kind == retail.CreateOrder && i.Attempts > 1 {
				// The code belongs to another document (two accounts of one channel
				// may use one order number): ask for a code of our own.
				o := *i.Want.Order
				o.Code += "-" + i.Connection[max(0, len(i.Connection)-4):]
				i.Want.Order, i.State = &o, store.IntentOpen
			}
			return w.SaveIntent(i)
		}
		wait, shown := h.later(r.Err, true, i.Attempts-1)
		i.Due = now.Add(wait)
		if i.State != store.IntentUnknown { // a failed look-up leaves the outcome open
			i.State = store.IntentOpen
		}
		if stop := h.stops(r.Err); stop > 0 {
			if err := w.SetNotBefore(pos.ID, now.Add(stop)); err != nil {
				return err
			}
		}
		if shown == nil {
			return w.SaveIntent(i)
		}
		if i.State == store.IntentOpen {
			i.State = store.IntentHeld
		}
		i.Error = *shown
		if err := w.SaveIntent(i); err != nil {
			return err
		}
		shown.Object = "order " + i.OrderID
		if err := h.raise(w, i.Connection, *shown, ""); err != nil {
			return err
		}
		o, there, err := w.Order(i.Connection, i.OrderID)
		if err != nil || !there {
			return err
		}
		o.Stuck = true
		if err := w.PutOrder(o); err != nil {
			return err
		}
		return h.record(w, store.Entry{Connection: i.Connection, Kind: historyKind(i.Want.Kind), Object: "order " + i.OrderID, Event: "history.refused",
			Outcome: string(connector.Refused), Cause: i.ID, Detail: store.Detail{Problem: shown, Args: map[string]any{"order": o.Number, "what": string(i.Want.Kind)}}})
	})
}

func historyKind(k retail.IntentKind) store.HistoryKind {
	if k == retail.CreateInvoice || k == retail.SetDelivery {
		return store.InvoiceHistory
	}
	return store.OrderHistory
}

// recordDone writes the line of history of a change that was made.
func (h *Hub) recordDone(w store.Writer, i store.Intent, o store.Order, answer retail.Intent, found bool) error {
	args := map[string]any{"order": o.Number}
	var event string
	switch i.Want.Kind {
	case retail.CreateCustomer:
		event = "history.customer_created"
		if found {
			event = "history.customer_found"
		}
		args["customer"] = answer.Customer.Code
	case retail.CreateOrder:
		event = "history.order_created"
		if found {
			event = "history.order_found"
		}
		args["code"], args["total"] = answer.Order.Code, answer.Order.Total.String()
	case retail.UpdateOrder:
		event = "history.order_updated"
		args["code"] = answer.Order.Code
	case retail.CancelOrder:
		event = "history.order_cancelled"
		args["code"] = i.Want.Order.Code
	case retail.CreateInvoice:
		event = "history.invoice_created"
		if found {
			event = "history.invoice_found"
		}
		args["code"], args["package"], args["total"] = answer.Invoice.Code, i.Want.Part, answer.Invoice.Total.String()
	case retail.SetDelivery:
		event = "history.delivery_set"
		args["code"], args["package"], args["delivery"] = answer.Invoice.Code, i.Want.Part, string(answer.Invoice.Delivery)
	}
	return h.record(w, store.Entry{Connection: i.Connection, Kind: historyKind(i.Want.Kind), Object: "order " + o.ID, Event: event,
		Outcome: string(connector.Done), Cause: i.ID, Detail: store.Detail{Args: args, Why: retail.Why{Rule: i.Want.Rule, Key: "order.decided", Inputs: o.Why.Inputs}}})
}

// levelsBefore is what the hub knows of the stock that a change will move.
func (h *Hub) levelsBefore(w store.Writer, want retail.Intent) ([]retail.Level, error) {
	var out []retail.Level
	for base := range moves(w, want) {
		l, found, err := w.Level(base, want.Invoice.BranchID)
		if err != nil {
			return nil, err
		}
		if found {
			out = append(out, l)
		}
	}
	return out, nil
}

// foresee takes an invoice's units off the stored stock, since the POS has done
// so: the promise on them has just ended, and the POS's own news may come
// later. Where the news came first, the stock has moved already; where
// something else moved too, it is read.
func (h *Hub) foresee(w store.Writer, pos store.Connection, i store.Intent) error {
	if i.Want.Kind != retail.CreateInvoice {
		return nil
	}
	before := map[string]retail.Level{}
	for _, l := range i.Want.Before {
		before[l.ProductID] = l
	}
	for base, qty := range moves(w, i.Want) {
		now, found, err := w.Level(base, i.Want.Invoice.BranchID)
		if err != nil {
			return err
		}
		was, noted := before[base]
		switch {
		case found && noted && now.OnHand == was.OnHand:
			now.OnHand -= qty
			now.Reserved = max(0, now.Reserved-qty)
			now.At = h.Clock.Now()
			if _, err := w.PutLevel(now); err != nil {
				return err
			}
		case found && noted && now.OnHand == was.OnHand-qty:
			// The echo was faster.
		default:
			if err := h.look(w, pos.ID, lookLevel, base, h.Clock.Now(), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// moves lists the base products whose stock an invoice moves, in base units.
func moves(w store.Writer, want retail.Intent) map[string]retail.Qty {
	out := map[string]retail.Qty{}
	if want.Kind != retail.CreateInvoice {
		return out
	}
	for _, line := range want.Invoice.Lines {
		p, found, err := w.Product(line.ProductID)
		if err != nil || !found {
			continue
		}
		parts := []retail.Part{{ProductID: p.Base(), Qty: p.Per}}
		if p.Kind == retail.Combo {
			parts = p.Parts
		}
		for _, part := range parts {
			out[part.ProductID] += retail.Qty(int64(part.Qty) * int64(line.Qty) / int64(retail.One))
		}
	}
	return out
}
