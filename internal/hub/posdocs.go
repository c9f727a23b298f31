package hub

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	c, settled, err := h.settled(w, o)
	if err != nil || !settled {
		return err
	}
	o.State.POS.Status = seen.Status
	if c.State == store.Deleted {
		return w.PutOrder(o)
	}
	return h.decideOrder(w, c, o)
}

// changedPOS lists changed orders and invoices: what webhooks announced together,
// and what they lost.
func (h *Hub) changedPOS(ctx context.Context, l *lane, c store.Connection) error {
	pos := l.driver.POS(l.account("pos_orders"))
	if err := follow(ctx, h, c, "pos_orders", pos.ChangedOrders, h.seePOSOrder); err != nil {
		return err
	}
	return follow(ctx, h, c, "invoices", pos.ChangedInvoices, h.seeInvoice)
}

// follow reads a feed to its end and sees each item under the shop's lock. A nil
// feed is something that the POS cannot list.
func follow[T any](ctx context.Context, h *Hub, c store.Connection, name string, feed connector.Feed[T], see func(store.Writer, T) error) error {
	if feed == nil {
		return nil
	}
	var cursor connector.Cursor
	if err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		stored, err := r.Cursor(c.ID, name)
		cursor = connector.Cursor(stored)
		return err
	}); err != nil {
		return err
	}
	for {
		page, err := feed(ctx, cursor)
		if err != nil {
			return err
		}
		err = h.decide(ctx, c.Shop, func(w store.Writer) error {
			for _, item := range page.Items {
				if err := see(w, item); err != nil {
					return err
				}
			}
			return w.SetCursor(c.ID, name, string(page.Next))
		})
		if err != nil || !page.More {
			return err
		}
		cursor = page.Next
	}
}

// seeInvoice notes what other hands did to one of our invoices. Voided while the
// goods are out, its units are back in the POS's on hand and not in the house:
// they are held (stock-and-returns.md §1, row 10). An edit voids it and makes
// another with the code's next suffix, which takes its place.
//
// rule: RET-06
func (h *Hub) seeInvoice(w store.Writer, seen retail.Invoice) error {
	o, found, err := w.OrderByPOSCode(seen.OrderCode)
	if err != nil || !found {
		return err
	}
	n := slices.IndexFunc(o.State.Packages, func(p retail.PackageState) bool {
		ours := p.Invoice.ID == seen.ID && p.Invoice.Status != seen.Status
		edited := p.Invoice.ID != "" && p.Invoice.ID != seen.ID && seen.Live() && strings.HasPrefix(seen.Code, p.Invoice.Code+".")
		return ours || edited
	})
	if n < 0 {
		return nil
	}
	c, settled, err := h.settled(w, o)
	if err != nil || !settled {
		return err
	}
	o.State.Packages = slices.Clone(o.State.Packages)
	doc := &o.State.Packages[n].Invoice
	doc.ID, doc.Code, doc.Status, doc.Lines, doc.Total = seen.ID, seen.Code, seen.Status, seen.Lines, seen.Total
	if c.State == store.Deleted {
		return w.PutOrder(o)
	}
	return h.decideOrder(w, c, o)
}

// settled returns an order's connection, and whether no change of ours is under
// way: while one is, its echo is not judged.
func (h *Hub) settled(w store.Writer, o store.Order) (store.Connection, bool, error) {
	live, err := w.LiveIntents(o.Connection, o.ID)
	if err != nil {
		return store.Connection{}, false, err
	}
	for _, i := range live {
		if i.State == store.IntentCalling || i.State == store.IntentUnknown {
			return store.Connection{}, false, nil
		}
	}
	return w.Connection(o.Connection)
}
