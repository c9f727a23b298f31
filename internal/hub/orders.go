package hub

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/dongbo/dongbo/internal/store"
)

// poll lists the orders that changed since the last time. It alone would be
// enough; pushes only make it faster (SYN-02).
//
// rule: LZD-15, LZD-23
func (h *Hub) poll(ctx context.Context, l *lane, c store.Connection) error {
	if c.Settings.Paused["orders"] || c.State != store.Live {
		return nil
	}
	channel := l.driver.Channel(l.account("poll"))
	var cursor connector.Cursor
	if err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		stored, err := r.Cursor(c.ID, "orders")
		cursor = connector.Cursor(stored)
		return err
	}); err != nil {
		return err
	}
	for {
		page, err := channel.Orders(ctx, cursor)
		if err != nil {
			return err
		}
		err = h.write(ctx, c.Shop, func(w store.Writer) error {
			for _, key := range page.Items {
				known, found, err := w.Order(c.ID, key.ID)
				if err != nil {
					return err
				}
				// The overlap. Channels tell whole seconds: what was read within the
				// second of a change may have changed once more.
				if found && !key.Updated.IsZero() && known.Updated.Equal(key.Updated) && known.Read.After(key.Updated.Add(2*time.Second)) {
					continue
				}
				if err := h.look(w, c.ID, lookOrder, key.ID, h.Clock.Now(), ""); err != nil {
					return err
				}
			}
			if !page.More {
				if err := w.SetOrdersUntil(c.ID, page.Until); err != nil {
					return err
				}
			}
			return w.SetCursor(c.ID, "orders", string(page.Next))
		})
		if err != nil {
			return err
		}
		if !page.More {
			return nil
		}
		cursor = page.Next
	}
}

// runOrders reads orders and decides about each.
func (h *Hub) runOrders(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	errs := make([]error, len(looks))
	if c.Settings.Paused["orders"] || c.State != store.Live {
		return errs
	}
	if n := max(1, l.driver.Limits.ReadBatch); len(looks) > n {
		return append(h.runOrders(ctx, l, c, looks[:n]), h.runOrders(ctx, l, c, looks[n:])...)
	}
	ids := make([]string, len(looks))
	for i, look := range looks {
		ids[i] = look.Key
	}
	for i, result := range l.driver.Channel(l.account("orders")).Read(ctx, ids) {
		if result.Err != nil {
			errs[i] = h.orderUnread(ctx, c, looks[i], result.Err)
			continue
		}
		errs[i] = h.decide(ctx, c.Shop, func(w store.Writer) error {
			o, _, err := w.Order(c.ID, result.Order.ID)
			if err != nil {
				return err
			}
			o.Connection, o.ID, o.Seen, o.Read = c.ID, result.Order.ID, result.Order, h.Clock.Now()
			return h.decideOrder(w, c, o)
		})
	}
	return errs
}

// orderUnread forgives a channel that announces an order before it can be read;
// an order that stays unreadable is shown.
func (h *Hub) orderUnread(ctx context.Context, c store.Connection, look store.Look, err error) error {
	e, ok := errors.AsType[*connector.Error](err)
	if !ok || e.Kind != connector.NotFound {
		return err
	}
	if look.Attempts < 8 {
		return &connector.Error{Kind: connector.Temporary, Problem: retail.Problem{Key: "order.not_readable_yet"}, Err: err}
	}
	return h.write(ctx, c.Shop, func(w store.Writer) error {
		return h.raise(w, c.ID, retail.Problem{Key: "order.not_found", Args: map[string]any{"order": look.Key}}, "order "+look.Key)
	})
}

// decideOrder compares what a channel shows of an order with what was done
// about it, and commits to what is still to be done. While a change is under
// way whose outcome is open, the order is only followed: it is decided again
// when that is settled.
func (h *Hub) decideOrder(w store.Writer, c store.Connection, o store.Order) error {
	d := h.drivers[c.Platform]
	o.Number, o.Total, o.Created, o.Updated = o.Seen.Number, o.Seen.Total, o.Seen.Created, o.Seen.Updated
	live, err := w.LiveIntents(c.ID, o.ID)
	if err != nil {
		return err
	}
	for _, i := range live {
		if i.State == store.IntentCalling || i.State == store.IntentUnknown {
			return h.followOrder(w, c, o)
		}
	}
	pos, err := h.shopPOS(w.Reader)
	if err != nil {
		return err
	}
	seen, ambiguous, err := h.sight(w, c, o)
	if err != nil {
		return err
	}
	settings, err := h.settings(w, c, pos)
	if err != nil {
		return err
	}
	if o.State.POS.BranchID != "" {
		settings.BranchID = o.State.POS.BranchID // stock-and-returns.md §1: open orders keep their branch
	}
	was := o.State
	state, wants, why := rule.Order(d.Flow, o.State, seen, settings)
	o.State, o.Why, o.Stage = state, why, stageOf(state)
	for _, code := range ambiguous {
		o.State.Problems = append(o.State.Problems, retail.Problem{Key: "order.ambiguous_product", Object: "order " + o.ID, Args: map[string]any{"code": string(code), "order": o.Number}})
	}
	if state.Skipped != was.Skipped && state.Skipped == rule.BeforeActivation {
		if err := h.record(w, store.Entry{Connection: c.ID, Kind: store.OrderHistory, Object: "order " + o.ID, Event: "history.order_skipped", Outcome: string(connector.Done),
			Detail: store.Detail{Args: map[string]any{"order": o.Number, "stage": string(o.Stage)}, Why: why}}); err != nil {
			return err
		}
	}
	held, err := h.reconcile(w, c, pos, o, live, wants)
	if err != nil {
		return err
	}
	o.Stuck = held || len(o.State.Problems) > 0
	if err := w.PutOrder(o); err != nil {
		return err
	}
	if err := h.showOrderProblems(w, c, o, held); err != nil {
		return err
	}
	touched, err := w.SetAllocations(c.ID, o.ID, rule.Allocate(o.State, seen, settings.BranchID))
	if err != nil {
		return err
	}
	return h.decideStock(w, touched)
}

// followOrder notes what a channel shows of an order while nobody knows what
// became of a change: nothing more is wanted, and stock goes on following facts.
//
// rule: RET-06
func (h *Hub) followOrder(w store.Writer, c store.Connection, o store.Order) error {
	seen, _, err := h.sight(w, c, o)
	if err != nil {
		return err
	}
	o.State = rule.Follow(o.State, seen)
	o.Stage = stageOf(o.State)
	if err := w.PutOrder(o); err != nil {
		return err
	}
	touched, err := w.SetAllocations(c.ID, o.ID, rule.Allocate(o.State, seen, cmp.Or(o.State.POS.BranchID, c.BranchID)))
	if err != nil {
		return err
	}
	return h.decideStock(w, touched)
}

// sight gathers what a decision looks at besides the state. A code that stands
// on several products is as good as none: it is never guessed.
func (h *Hub) sight(w store.Writer, c store.Connection, o store.Order) (retail.Seen, []retail.SKU, error) {
	seen := retail.Seen{Order: o.Seen, Products: map[retail.SKU]retail.Product{}, ByID: map[string]retail.Product{}}
	var ambiguous []retail.SKU
	var err error
	if o.Seen.Buyer.ID != "" {
		if seen.CustomerID, err = w.Buyer(c.ID, o.Seen.Buyer.ID); err != nil {
			return seen, nil, err
		}
	}
	for _, line := range o.State.Lines {
		if _, known := seen.ByID[line.ProductID]; known || line.ProductID == "" {
			continue
		}
		p, found, err := w.Product(line.ProductID)
		if err != nil {
			return seen, nil, err
		}
		if found {
			seen.ByID[line.ProductID] = p
		}
	}
	asked := map[retail.SKU]bool{}
	for _, line := range o.Seen.Lines {
		if asked[line.Code] || line.Code == "" {
			continue
		}
		asked[line.Code] = true
		products, err := w.ProductsByCode(line.Code)
		if err != nil {
			return seen, nil, err
		}
		switch len(products) {
		case 0:
		case 1:
			seen.Products[line.Code] = products[0]
		default:
			ambiguous = append(ambiguous, line.Code)
		}
	}
	return seen, ambiguous, nil
}

// settings is what the owner chose, as far as the rules ask.
func (h *Hub) settings(w store.Writer, c, pos store.Connection) (retail.Settings, error) {
	d := h.drivers[c.Platform]
	s := retail.Settings{
		Platform: c.Platform, Channel: d.Name, AccountID: c.AccountID, BranchID: c.BranchID, SellerID: pos.OwnerID,
		ActiveFrom: c.ActiveFrom, Codes: d.Codes,
		Shipping:       retail.Surcharge{Code: c.Settings.Values[connector.ShippingName]},
		PrepaidCODZero: c.Settings.Values[connector.PrepaidName] == "true",
	}
	if id := c.Settings.Values[connector.ListBookName]; id != "" && id != retail.GeneralBook {
		book, _, err := w.PriceBook(id)
		if err != nil {
			return s, err
		}
		s.Book = book
	}
	return s, nil
}

// stageOf sums an order up: its least advanced line that is not cancelled.
func stageOf(s retail.OrderState) retail.Stage {
	stage := retail.Cancelled
	for _, l := range s.Lines {
		if l.Stage != retail.Cancelled && (stage == retail.Cancelled || l.Stage.Before(stage)) {
			stage = l.Stage
		}
	}
	return stage
}

// reconcile makes the open intents of an order those that are wanted now: new
// ones are committed, changed ones replaced, others given up. held tells that
// one of them was refused and waits.
func (h *Hub) reconcile(w store.Writer, c, pos store.Connection, o store.Order, live []store.Intent, wants []retail.Intent) (held bool, err error) {
	now := h.Clock.Now()
	open := map[string]store.Intent{}
	for _, i := range live {
		open[i.Want.Key()] = i
	}
	for _, want := range wants {
		i, there := open[want.Key()]
		delete(open, want.Key())
		switch {
		case !there:
			i = store.Intent{ID: h.newID(), Lane: pos.ID, Connection: c.ID, OrderID: o.ID, State: store.IntentOpen, Want: want, Due: now, Created: now, Updated: now}
			if err := w.CreateIntent(i); err != nil {
				return false, err
			}
			w.AfterCommit(func() { h.engine.Wake(pos.ID) })
		case string(encode(i.Want)) != string(encode(withBefore(want, i.Want))):
			i.Want, i.State, i.Due, i.Updated = want, store.IntentOpen, now, now
			if err := w.SaveIntent(i); err != nil {
				return false, err
			}
			w.AfterCommit(func() { h.engine.Wake(pos.ID) })
		case i.State == store.IntentHeld:
			held = true
		}
	}
	for _, i := range open {
		i.State, i.Updated = store.IntentSuperseded, now
		if err := w.SaveIntent(i); err != nil {
			return held, err
		}
	}
	return held, nil
}

// withBefore compares intents by what they want alone.
func withBefore(want, old retail.Intent) retail.Intent {
	want.Before = old.Before
	return want
}

// showOrderProblems shows what stands in an order's way and ends what no longer
// does. A held intent's own problem stays until the intent goes on.
func (h *Hub) showOrderProblems(w store.Writer, c store.Connection, o store.Order, held bool) error {
	object := "order " + o.ID
	still := o.State.Problems
	if held {
		live, err := w.LiveIntents(c.ID, o.ID)
		if err != nil {
			return err
		}
		for _, i := range live {
			if i.State == store.IntentHeld {
				p := i.Error
				p.Object = object
				still = append(still, p)
			}
		}
	}
	if err := w.SolveObject(c.ID, object, still); err != nil {
		return err
	}
	for _, p := range o.State.Problems {
		if err := h.raise(w, c.ID, p, object); err != nil {
			return err
		}
	}
	return nil
}

// Settle notes that the units of an order that was skipped at activation are no
// longer inside the POS's on hand, or never were (LZD-32).
func (h *Hub) Settle(ctx context.Context, shop retail.ShopID, connection, order string) error {
	return h.decide(ctx, shop, func(w store.Writer) error {
		c, err := h.editable(w.Reader, connection)
		if err != nil {
			return err
		}
		o, found, err := w.Order(connection, order)
		if err != nil {
			return err
		}
		if !found {
			return trouble("order.gone", "order", order)
		}
		o.State.Settled = true
		return h.decideOrder(w, c, o)
	})
}
