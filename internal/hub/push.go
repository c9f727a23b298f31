package hub

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// Pushing: a listing's dirty row goes out in the channel's batch, and is clean
// only if nothing was wanted anew meanwhile.

// number is what a channel is told, in the word it takes.
func number(c store.Connection, sellable, own int64) int64 {
	if c.StockWord == string(connector.SellableStock) {
		return sellable
	}
	return sellable + own
}

// pushFalls sends stock that falls: at once, and before anything else that can
// wait. What is already shown is closed without a call.
func (h *Hub) pushFalls(ctx context.Context, l *lane, c store.Connection) (bool, error) {
	if c.Settings.Paused["stock"] {
		return false, nil
	}
	due, err := h.dirtyStock(ctx, c)
	if err != nil || len(due) == 0 {
		return false, err
	}
	var same, falls []store.Listing
	for _, d := range due {
		switch n := number(c, d.WantSellable, d.WantOwn); {
		case n == d.SentStock && n == shown(c, d) && d.Attempts == 0:
			same = append(same, d)
		case (d.SentStock < 0 || n <= d.SentStock) && n <= shown(c, d) && len(falls) < l.driver.Limits.StockBatch:
			falls = append(falls, d)
		}
	}
	if len(same) > 0 {
		return true, h.write(ctx, c.Shop, func(w store.Writer) error {
			for _, d := range same {
				if err := w.SentStock(d, d.SentStock, d.SentAt); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if len(falls) == 0 {
		return false, nil
	}
	rows := make([]connector.StockRow, len(falls))
	for i, d := range falls {
		rows[i] = connector.StockRow{Key: d.Key, Code: d.Code, Word: connector.StockWord(c.StockWord), Qty: number(c, d.WantSellable, d.WantOwn)}
	}
	return true, h.setStock(ctx, l, c, falls, rows)
}

// shown is what the channel showed when it was last read, or was last told.
func shown(c store.Connection, d store.Listing) int64 {
	if c.StockWord == string(connector.SellableStock) {
		return d.Seen.Sellable
	}
	return d.Seen.Total()
}

func (h *Hub) dirtyStock(ctx context.Context, c store.Connection) (due []store.Listing, err error) {
	err = h.Read(ctx, c.Shop, func(r store.Reader) error {
		due, err = r.DirtyStock(c.ID, h.Clock.Now(), 500)
		return err
	})
	return due, err
}

// pushRaises sends stock that rises, or was never sent. It may go out only
// after the channel's orders have been read up to a moment later than the
// newest fact it rests on, and the part that the channel itself subtracts is
// the smaller of what the hub has seen and what the channel says when read
// (stock-and-returns.md §1).
//
// rule: RET-06
func (h *Hub) pushRaises(ctx context.Context, l *lane, c store.Connection) (bool, error) {
	if c.Settings.Paused["stock"] {
		return false, nil
	}
	due, err := h.dirtyStock(ctx, c)
	if err != nil || len(due) == 0 {
		return false, err
	}
	unread, err := h.unreadOrders(ctx, c)
	if err != nil {
		return false, err
	}
	now := h.Clock.Now()
	var raises []store.Listing
	var newest time.Time
	for _, d := range due {
		if len(raises) == max(1, min(l.driver.Limits.StockBatch, l.driver.Limits.ListingBatch)) {
			break
		}
		raises = append(raises, d)
		if d.WantAt.After(newest) {
			newest = d.WantAt
		}
	}
	if unread || !c.OrdersUntil.After(newest) {
		return false, h.waitForOrders(ctx, c, raises, newest, now)
	}
	codes := make([]retail.SKU, 0, len(raises))
	for _, d := range raises {
		codes = append(codes, retail.SKU(cmp.Or(d.Seen.Raw, string(d.Code))))
	}
	seen, err := l.driver.Channel(l.account("raise")).ReadListings(ctx, codes)
	if err != nil {
		return true, h.pushFailed(ctx, c, raises, err)
	}
	shows := map[retail.ListingKey]retail.Listing{}
	for _, s := range seen {
		shows[s.Key] = s
	}
	var rows []connector.StockRow
	var going []store.Listing
	err = h.write(ctx, c.Shop, func(w store.Writer) error {
		rows, going = nil, nil
		for _, d := range raises {
			s, there := shows[d.Key]
			if !there {
				// Gone or renamed: the sweep finds out which.
				if err := w.DelayListing(d, now.Add(10*time.Minute)); err != nil {
					return err
				}
				if err := h.look(w, c.ID, lookListings, "", now, ""); err != nil {
					return err
				}
				continue
			}
			if err := w.SeeListing(c.ID, s); err != nil {
				return err
			}
			d.Seen = s
			n := number(c, d.WantSellable, min(d.WantOwn, s.Withheld+s.Occupied))
			if n == shown(c, d) {
				if err := w.SentStock(d, n, now); err != nil {
					return err
				}
				continue
			}
			going = append(going, d)
			rows = append(rows, connector.StockRow{Key: d.Key, Code: d.Code, Word: connector.StockWord(c.StockWord), Qty: n})
		}
		return nil
	})
	if err != nil || len(going) == 0 {
		return true, err
	}
	return true, h.setStock(ctx, l, c, going, rows)
}

// unreadOrders tells whether orders are known that have not been read yet.
func (h *Hub) unreadOrders(ctx context.Context, c store.Connection) (unread bool, err error) {
	err = h.Read(ctx, c.Shop, func(r store.Reader) error {
		unread, err = r.HasLooks(c.ID, string(lookOrder))
		return err
	})
	return unread, err
}

// waitForOrders puts raises off until the channel's orders can have been read
// up to the newest fact.
func (h *Hub) waitForOrders(ctx context.Context, c store.Connection, raises []store.Listing, newest, now time.Time) error {
	due := newest.Add(h.drivers[c.Platform].Limits.Lag + time.Second)
	if !due.After(now) {
		due = now.Add(time.Second) // the last poll was too early, or failed
	}
	return h.write(ctx, c.Shop, func(w store.Writer) error {
		for _, d := range raises {
			if err := w.DelayListingOnly(d, due); err != nil {
				return err
			}
		}
		return h.look(w, c.ID, lookPoll, "", due, "")
	})
}

// setStock makes one call and notes what became of each row.
func (h *Hub) setStock(ctx context.Context, l *lane, c store.Connection, going []store.Listing, rows []connector.StockRow) error {
	cause := "push " + h.newID()
	results := l.driver.Channel(l.account(cause)).SetStock(ctx, rows)
	if ctx.Err() != nil {
		return nil
	}
	now := h.Clock.Now()
	return h.write(context.WithoutCancel(ctx), c.Shop, func(w store.Writer) error {
		for i, d := range going {
			r := results[i]
			if r.Outcome != connector.Done {
				if err := h.stockNotDone(w, c, d, r); err != nil {
					return err
				}
				continue
			}
			d.Seen = told(c, d.Seen, rows[i])
			if err := w.SeeListing(c.ID, d.Seen); err != nil {
				return err
			}
			if err := w.SentStock(d, rows[i].Qty, now); err != nil {
				return err
			}
			if err := h.pushed(w, c, d, cause, "history.stock_sent", "stock.", map[string]any{
				"code": string(d.Code), "from": sentText(d.SentStock), "to": rows[i].Qty, "sellable": d.WantSellable, "own": rows[i].Qty - d.WantSellable,
			}, d.StockWhy); err != nil {
				return err
			}
		}
		w.AfterCommit(h.notify)
		return nil
	})
}

// told is what the channel shows after it accepted a number.
func told(c store.Connection, seen retail.Listing, row connector.StockRow) retail.Listing {
	seen.Sellable = row.Qty
	if row.Word == connector.TotalStock {
		seen.Sellable = row.Qty - seen.Withheld - seen.Occupied
	}
	return seen
}

func sentText(n int64) any {
	if n < 0 {
		return "–"
	}
	return n
}

// pushed notes an accepted push and ends the problems of its kind.
func (h *Hub) pushed(w store.Writer, c store.Connection, d store.Listing, cause, event, family string, args map[string]any, why retail.Why) error {
	object := "sku " + string(d.Code)
	if d.Attempts > 0 {
		if err := w.SolveObject(c.ID, object+" "+family, nil); err != nil {
			return err
		}
	}
	return h.record(w, store.Entry{Connection: c.ID, Kind: store.GoodsHistory, Object: object, Event: event, Outcome: string(connector.Done), Cause: cause,
		Detail: store.Detail{Args: args, Why: why}})
}

// stockNotDone: an unknown outcome of an absolute number is settled by sending
// it again; a seller whose total may not be set is told sellable from now on.
func (h *Hub) stockNotDone(w store.Writer, c store.Connection, d store.Listing, r connector.Result) error {
	if e, ok := errors.AsType[*connector.Error](r.Err); ok && e.Problem.Key == "stock.total_refused" && c.StockWord == string(connector.TotalStock) {
		if err := w.SetStockWord(c.ID, string(connector.SellableStock)); err != nil {
			return err
		}
		return h.record(w, store.Entry{Connection: c.ID, Kind: store.GoodsHistory, Object: "sku " + string(d.Code), Event: "history.stock_word_changed",
			Outcome: string(connector.Done), Detail: store.Detail{Problem: &e.Problem}})
	}
	return h.pushNotDone(w, c, d, r, "history.stock_refused", "stock.")
}

func (h *Hub) pushNotDone(w store.Writer, c store.Connection, d store.Listing, r connector.Result, event, family string) error {
	now := h.Clock.Now()
	object := "sku " + string(d.Code)
	if r.Outcome == connector.Unknown {
		// What the channel shows now is the old number or the new one: only what
		// is below both is a fall.
		if family == "stock." && d.SentStock >= 0 {
			if err := w.DoubtStock(d, min(d.SentStock, number(c, d.WantSellable, d.WantOwn))); err != nil {
				return err
			}
		}
		if err := w.DelayListing(d, now.Add(min(5*time.Minute, 2*time.Second<<min(d.Attempts, 7)))); err != nil {
			return err
		}
		return h.record(w, store.Entry{Connection: c.ID, Kind: store.GoodsHistory, Object: object, Event: event, Outcome: string(connector.Unknown)})
	}
	wait, shown := h.later(r.Err, true, d.Attempts)
	if stop := h.stops(r.Err); stop > 0 {
		if err := w.SetNotBefore(c.ID, now.Add(stop)); err != nil {
			return err
		}
	}
	if err := w.DelayListing(d, now.Add(wait)); err != nil {
		return err
	}
	if shown == nil {
		return nil
	}
	shown.Object = object + " " + family
	if shown.Args == nil {
		shown.Args = map[string]any{}
	}
	shown.Args["code"] = string(d.Code)
	if err := h.raise(w, c.ID, *shown, ""); err != nil {
		return err
	}
	return h.record(w, store.Entry{Connection: c.ID, Kind: store.GoodsHistory, Object: object, Event: event, Outcome: string(connector.Refused),
		Detail: store.Detail{Problem: shown, Args: map[string]any{"code": string(d.Code)}}})
}

// pushFailed is for a call that failed before any row was looked at.
func (h *Hub) pushFailed(ctx context.Context, c store.Connection, going []store.Listing, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return h.write(ctx, c.Shop, func(w store.Writer) error {
		for _, d := range going {
			if err := h.pushNotDone(w, c, d, connector.Result{Outcome: connector.Refused, Err: asRead(err)}, "history.stock_refused", "stock."); err != nil {
				return err
			}
		}
		return nil
	})
}

// pushPrices sends pairs of prices.
//
// rule: LZD-11, LZD-12
func (h *Hub) pushPrices(ctx context.Context, l *lane, c store.Connection) (bool, error) {
	if c.Settings.Paused["prices"] {
		return false, nil
	}
	var due []store.Listing
	if err := h.Read(ctx, c.Shop, func(r store.Reader) (err error) {
		due, err = r.DirtyPrices(c.ID, h.Clock.Now(), max(1, l.driver.Limits.PriceBatch))
		return err
	}); err != nil || len(due) == 0 {
		return false, err
	}
	rows := make([]connector.PriceRow, len(due))
	for i, d := range due {
		p := d.WantPrices
		rows[i] = connector.PriceRow{Key: d.Key, Code: d.Code, Price: p.List, Special: p.Special, From: p.From, To: p.To}
	}
	cause := "push " + h.newID()
	results := l.driver.Channel(l.account(cause)).SetPrice(ctx, rows)
	if ctx.Err() != nil {
		return true, nil
	}
	return true, h.write(context.WithoutCancel(ctx), c.Shop, func(w store.Writer) error {
		for i, d := range due {
			if r := results[i]; r.Outcome != connector.Done {
				if err := h.pushNotDone(w, c, d, r, "history.prices_refused", "price."); err != nil {
					return err
				}
				continue
			}
			d.Seen.Price, d.Seen.Special = d.WantPrices.List, d.WantPrices.Special
			if err := w.SeeListing(c.ID, d.Seen); err != nil {
				return err
			}
			if err := w.SentPrices(d, d.WantPrices); err != nil {
				return err
			}
			if err := h.pushed(w, c, d, cause, "history.prices_sent", "price.", map[string]any{
				"code": string(d.Code), "list": d.WantPrices.List.String(), "special": d.WantPrices.Special.String(),
			}, d.PriceWhy); err != nil {
				return err
			}
		}
		w.AfterCommit(h.notify)
		return nil
	})
}
