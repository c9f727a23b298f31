package hub

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/engine"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// lookKind is a kind of look. kinds says how each is done.
type lookKind string

const (
	lookCommand   lookKind = "command"    // a person asked
	lookLevel     lookKind = "level"      // POS: the stock of a product changed
	lookOrder     lookKind = "order"      // channel: an order changed
	lookPOSOrder  lookKind = "pos_order"  // POS: an order changed
	lookPrice     lookKind = "price"      // POS: a line of a price book changed
	lookDecide    lookKind = "decide"     // channel: decide the whole catalogue anew
	lookProducts  lookKind = "products"   // POS: list changed products
	lookPoll      lookKind = "poll"       // channel: list changed orders
	lookPOSOrders lookKind = "pos_orders" // POS: list changed orders and invoices
	lookHooks     lookKind = "hooks"      // POS: watch the webhooks
	lookBooks     lookKind = "books"      // POS: branches and price books
	lookSweep     lookKind = "sweep"      // POS: the whole catalogue with its stock
	lookListings  lookKind = "listings"   // channel: the whole catalogue
	lookCheck     lookKind = "check"      // permissions and settings
)

type kind struct {
	urgency int64 // small first
	batch   int   // how many are looked at together
	// run looks and returns one error per look.
	run func(h *Hub, ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error
	// every is the period of a recurring look; nil for others.
	every func(connector.Limits) time.Duration
}

func period(d time.Duration) func(connector.Limits) time.Duration {
	return func(connector.Limits) time.Duration { return d }
}

// kinds is filled in init because the functions refer to it.
var kinds map[lookKind]kind

func init() {
	kinds = map[lookKind]kind{
		lookCommand:   {urgency: 0, batch: 1, run: (*Hub).runCommand},
		lookLevel:     {urgency: 10, batch: 50, run: (*Hub).runLevels},
		lookOrder:     {urgency: 20, batch: 50, run: (*Hub).runOrders},
		lookPOSOrder:  {urgency: 20, batch: 8, run: (*Hub).runPOSOrders},
		lookPrice:     {urgency: 30, batch: 100, run: (*Hub).runPrices},
		lookDecide:    {urgency: 30, batch: 1, run: one((*Hub).decideAll)},
		lookPoll:      {urgency: 40, batch: 1, run: one((*Hub).poll), every: func(l connector.Limits) time.Duration { return l.Poll }},
		lookProducts:  {urgency: 40, batch: 1, run: one((*Hub).products)},
		lookBooks:     {urgency: 50, batch: 1, run: one((*Hub).books), every: period(15 * time.Minute)},
		lookHooks:     {urgency: 55, batch: 1, run: one((*Hub).watchHooks), every: period(5 * time.Minute)},
		lookSweep:     {urgency: 60, batch: 1, run: one((*Hub).sweep), every: func(l connector.Limits) time.Duration { return l.Sweep }},
		lookListings:  {urgency: 60, batch: 1, run: one((*Hub).listings), every: func(l connector.Limits) time.Duration { return l.Sweep }},
		lookPOSOrders: {urgency: 70, batch: 1, run: one((*Hub).changedPOS), every: period(5 * time.Minute)},
		lookCheck:     {urgency: 90, batch: 1, run: one((*Hub).check), every: period(time.Hour)},
	}
}

func one(f func(*Hub, context.Context, *lane, store.Connection) error) func(*Hub, context.Context, *lane, store.Connection, []store.Look) []error {
	return func(h *Hub, ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
		return []error{f(h, ctx, l, c)}
	}
}

// Work implements engine.Work: it does what is due of one connection, most
// urgent first, and looks again after each piece, until nothing is due.
func (h *Hub) Work(ctx context.Context, el engine.Lane, woken <-chan struct{}) (time.Time, error) {
	working := false
	defer func() {
		if working {
			h.rest(context.WithoutCancel(ctx), el.Name)
		}
	}()
	for {
		if err := ctx.Err(); err != nil {
			return time.Time{}, nil
		}
		select {
		case <-woken: // what it announced is in the rows
		default:
		}
		l, c, err := h.open(ctx, el.Name, el.Epoch)
		if err != nil || c.State == store.Deleted {
			return time.Time{}, err
		}
		if !working {
			working = true
			if err := h.write(ctx, c.Shop, func(w store.Writer) error { return w.SetBudgets(c.ID, l.budgets.crashed()) }); err != nil {
				return time.Time{}, err
			}
		}
		did, err := h.round(ctx, l, c)
		if err != nil {
			return time.Time{}, fmt.Errorf("connection %s: %w", c.ID, err)
		}
		if did {
			continue
		}
		return h.next(ctx, c)
	}
}

// next is when the lane wants to come back.
func (h *Hub) next(ctx context.Context, c store.Connection) (time.Time, error) {
	var at time.Time
	err := h.Read(ctx, c.Shop, func(r store.Reader) (err error) {
		// Read again: what was just done may have made the lane wait.
		if c, _, err = r.Connection(c.ID); err != nil {
			return err
		}
		at, err = r.NextDue(c.ID)
		return err
	})
	if !at.IsZero() && at.Before(c.NotBefore) {
		at = c.NotBefore
	}
	if soon := h.Clock.Now().Add(time.Second); !at.IsZero() && at.Before(soon) {
		// Due, and yet nothing was done: it waits for something else. Never spin.
		at = soon
	}
	return at, err
}

// rest stores what the lane's budgets have left.
func (h *Hub) rest(ctx context.Context, id string) {
	h.mu.Lock()
	l := h.lanes[id]
	h.mu.Unlock()
	if l == nil || l.budgets == nil {
		return
	}
	if err := h.write(ctx, l.shop, func(w store.Writer) error { return w.SetBudgets(id, l.budgets.state()) }); err != nil {
		h.Log.Error("storing budgets", "connection", id, "error", err)
	}
}

// round does the most urgent piece of work that is due and tells whether there
// was any.
func (h *Hub) round(ctx context.Context, l *lane, c store.Connection) (bool, error) {
	now := h.Clock.Now()
	waiting := c.NotBefore.After(now)
	var looks []store.Look
	var intents []store.Intent
	err := h.Read(ctx, c.Shop, func(r store.Reader) (err error) {
		if looks, err = r.DueLooks(c.ID, now, 200); err != nil {
			return err
		}
		intents, err = r.DueIntents(c.ID, now, max(1, l.driver.Limits.Concurrent))
		return err
	})
	if err != nil {
		return false, err
	}
	// A person may mend a lane that waits: commands run all the same.
	if waiting {
		if len(looks) == 0 || looks[0].Kind != string(lookCommand) {
			return false, nil
		}
		return true, h.lookAt(ctx, l, c, looks[:1])
	}
	live := c.State == store.Live
	urgent := len(looks) > 0 && looks[0].Urgency <= kinds[lookLevel].urgency
	if urgent {
		return true, h.lookAt(ctx, l, c, alike(looks))
	}
	if live && l.driver.Channel != nil {
		if did, err := h.pushFalls(ctx, l, c); did || err != nil {
			return did, err
		}
	}
	if live && len(intents) > 0 {
		return true, h.act(ctx, l, c, intents)
	}
	if len(looks) > 0 && looks[0].Urgency <= kinds[lookPoll].urgency {
		return true, h.lookAt(ctx, l, c, alike(looks))
	}
	if live && l.driver.Channel != nil {
		if did, err := h.pushRaises(ctx, l, c); did || err != nil {
			return did, err
		}
		if did, err := h.pushPrices(ctx, l, c); did || err != nil {
			return did, err
		}
	}
	if len(looks) > 0 {
		return true, h.lookAt(ctx, l, c, alike(looks))
	}
	return false, nil
}

// alike cuts the looks that can be done together from the front.
func alike(looks []store.Look) []store.Look {
	n := 1
	for n < len(looks) && n < kinds[lookKind(looks[0].Kind)].batch && looks[n].Kind == looks[0].Kind {
		n++
	}
	return looks[:n]
}

// lookAt does looks of one kind and notes what became of each.
func (h *Hub) lookAt(ctx context.Context, l *lane, c store.Connection, looks []store.Look) error {
	k, ok := kinds[lookKind(looks[0].Kind)]
	if !ok {
		return fmt.Errorf("a look of kind %q, which this version does not know", looks[0].Kind)
	}
	errs := k.run(h, ctx, l, c, looks)
	if ctx.Err() != nil {
		return nil // stopped in the middle: everything is still due
	}
	return h.write(ctx, c.Shop, func(w store.Writer) error {
		for i, look := range looks {
			var err error
			switch {
			case errs[min(i, len(errs)-1)] != nil:
				err = h.lookFailed(w, c, look, errs[min(i, len(errs)-1)])
			case k.every != nil:
				if err = w.DelayLook(look, h.Clock.Now().Add(k.every(l.driver.Limits)), 0, ""); err == nil {
					err = h.healthy(w, l)
				}
			default:
				if err = w.DropLook(look); err == nil {
					err = h.healthy(w, l)
				}
			}
			if err != nil {
				return err
			}
		}
		w.AfterCommit(h.notify)
		return nil
	})
}

// healthy ends the problems of the connection itself after a success.
func (h *Hub) healthy(w store.Writer, l *lane) error {
	if !l.troubled {
		return nil
	}
	l.troubled = false
	if err := w.SolveObject(l.id, "connection", nil); err != nil {
		return err
	}
	return w.ReleaseHeld(l.id, h.Clock.Now())
}

// lookFailed decides when a look is tried again and what a person is told.
func (h *Hub) lookFailed(w store.Writer, c store.Connection, look store.Look, err error) error {
	now := h.Clock.Now()
	due, shown := h.later(err, false, look.Attempts)
	if stop := h.stops(err); stop > 0 {
		if err := w.SetNotBefore(c.ID, now.Add(stop)); err != nil {
			return err
		}
	}
	if shown != nil {
		if err := h.raise(w, c.ID, *shown, "connection"); err != nil {
			return err
		}
	}
	return w.DelayLook(look, now.Add(due), look.Attempts+1, err.Error())
}

// later says after how long something that failed is tried again, and which
// problem to show, if any.
func (h *Hub) later(err error, write bool, attempts int64) (time.Duration, *retail.Problem) {
	e, _ := errors.AsType[*connector.Error](err)
	problem := func(fallback string) *retail.Problem {
		p := retail.Problem{Key: fallback}
		if e != nil && e.Problem.Key != "" {
			p = e.Problem
		}
		return &p
	}
	backoff := time.Second << min(max(0, attempts), 9) // a look before the first call is attempt -1
	switch connector.KindOf(err, write) {
	case connector.Throttled:
		return max(time.Second, e.After), nil
	case connector.Unauthorised:
		return 5 * time.Minute, problem("connection.unauthorised")
	case connector.Forbidden:
		return 5 * time.Minute, problem("connection.forbidden")
	case connector.Locked:
		return 10 * time.Minute, problem("connection.locked")
	case connector.Rejected, connector.Exists, connector.NotFound:
		return min(30*time.Minute, 10*backoff), problem("connection.rejected")
	default: // temporary, or nobody knows
	}
	if attempts >= 3 {
		return min(10*time.Minute, backoff), problem("connection.unreachable")
	}
	return backoff, nil
}

// stops says how long the whole lane waits after an error, 0 for not at all.
func (h *Hub) stops(err error) time.Duration {
	e, ok := errors.AsType[*connector.Error](err)
	if !ok {
		return 0
	}
	switch e.Kind {
	case connector.Throttled:
		return max(time.Second, e.After)
	case connector.Unauthorised:
		return 5 * time.Minute
	default:
		return 0
	}
}

// raise shows a problem, as one of the connection unless it names its object.
func (h *Hub) raise(w store.Writer, connection string, p retail.Problem, object string) error {
	if p.Object == "" {
		p.Object = object
	}
	if p.Object == "connection" {
		h.mu.Lock()
		if l := h.lanes[connection]; l != nil {
			l.troubled = true
		}
		h.mu.Unlock()
	}
	return w.RaiseProblem(connection, p, h.Clock.Now())
}

// record writes a line of "Lịch sử thao tác".
//
// rule: LZD-31
func (h *Hub) record(w store.Writer, e store.Entry) error {
	e.ID, e.At = h.newID(), h.Clock.Now()
	return w.AddHistory(e)
}
