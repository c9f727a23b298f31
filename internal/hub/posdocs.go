package hub

import (
	"context"
	"errors"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// What happens to the hub's own documents in the POS by other hands.

// runPOSOrders reads POS orders that changed.
func (h *Hub) runPOSOrders(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	errs := make([]error, len(looks))
	pos := l.driver.POS(l.account("pos_order"))
	for i, look := range looks {
		ours, err := h.ours(ctx, c, look.Key)
		if err != nil || !ours {
			errs[i] = err
			continue
		}
		o, err := pos.Order(ctx, look.Key)
		if e, ok := errors.AsType[*connector.Error](err); ok && e.Kind == connector.NotFound {
			o, err = retail.POSOrder{ID: look.Key, Status: retail.OrderCancelled}, nil
		}
		if err == nil {
			err = h.decide(ctx, c.Shop, func(w store.Writer) error { return h.seePOSOrder(w, o) })
		}
		errs[i] = err
	}
	return errs
}

func (h *Hub) ours(ctx context.Context, c store.Connection, posID string) (ours bool, err error) {
	err = h.Read(ctx, c.Shop, func(r store.Reader) error {
		_, ours, err = r.OrderByPOS(posID)
		return err
	})
	return ours, err
}

// seePOSOrder notes the status of one of our POS orders. While a change of ours
// is under way its echo is not judged.
func (h *Hub) seePOSOrder(w store.Writer, seen retail.POSOrder) error {
	o, found, err := w.OrderByPOS(seen.ID)
	if err != nil || !found || o.State.POS.Status == seen.Status {
		return err
	}
	live, err := w.LiveIntents(o.Connection, o.ID)
	if err != nil {
		return err
	}
	for _, i := range live {
		if i.State == store.IntentCalling || i.State == store.IntentUnknown {
			return nil
		}
	}
	c, found, err := w.Connection(o.Connection)
	if err != nil || !found {
		return err
	}
	o.State.POS.Status = seen.Status
	if c.State == store.Deleted {
		return w.PutOrder(o)
	}
	return h.decideOrder(w, c, o)
}

// runInvoices notes changed invoices: their lines moved stock, which the POS
// announces by itself; their orders may have changed status.
func (h *Hub) runInvoices(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	return make([]error, len(looks))
}

// changedPOS lists changed orders, for what webhooks lost.
func (h *Hub) changedPOS(ctx context.Context, l *lane, c store.Connection) error {
	pos := l.driver.POS(l.account("pos_orders"))
	if pos.ChangedOrders == nil {
		return nil
	}
	var cursor connector.Cursor
	if err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		stored, err := r.Cursor(c.ID, "pos_orders")
		cursor = connector.Cursor(stored)
		return err
	}); err != nil {
		return err
	}
	for {
		page, err := pos.ChangedOrders(ctx, cursor)
		if err != nil {
			return err
		}
		err = h.decide(ctx, c.Shop, func(w store.Writer) error {
			for _, o := range page.Items {
				if err := h.seePOSOrder(w, o); err != nil {
					return err
				}
			}
			return w.SetCursor(c.ID, "pos_orders", string(page.Next))
		})
		if err != nil || !page.More {
			return err
		}
		cursor = page.Next
	}
}
