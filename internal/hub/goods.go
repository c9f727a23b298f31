package hub

import (
	"context"
	"slices"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/dongbo/dongbo/internal/store"
)

// The decisions about goods: what every channel should show of a product. They
// run under the shop's lock.

// decideGoods decides stock and prices of everything that draws on some base
// products.
func (h *Hub) decideGoods(w store.Writer, bases []string) error {
	if err := h.decideStock(w, bases); err != nil {
		return err
	}
	return h.decidePrices(w, bases)
}

// decideStock decides the stock of everything that draws on some base products.
//
// rule: LZD-11, RET-01
func (h *Hub) decideStock(w store.Writer, bases []string) error {
	return h.eachListing(w, bases, h.decideListing)
}

// decidePrices decides the prices of some products and their siblings.
func (h *Hub) decidePrices(w store.Writer, bases []string) error {
	return h.eachListing(w, bases, h.decidePrice)
}

func (h *Hub) eachListing(w store.Writer, bases []string, f func(store.Writer, store.Connection, store.Listing) error) error {
	connections := map[string]store.Connection{}
	done := map[string]bool{}
	for _, base := range bases {
		siblings, err := w.Siblings(base)
		if err != nil {
			return err
		}
		if !slices.Contains(siblings, base) {
			siblings = append(siblings, base)
		}
		for _, product := range siblings {
			if done[product] {
				continue
			}
			done[product] = true
			found, err := w.ListingsOfProduct(product)
			if err != nil {
				return err
			}
			for _, l := range found {
				c, known := connections[l.Connection]
				if !known {
					if c, _, err = w.Connection(l.Connection); err != nil {
						return err
					}
					connections[l.Connection] = c
				}
				if c.State != store.Live {
					continue
				}
				if err := f(w, c, l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// formula is how a connection's number is made.
func formula(c store.Connection) retail.Formula {
	f := c.Settings.Rule
	f.Main = []string{c.BranchID} // rule: LZD-04
	return f
}

// decideListing decides how many of one listing may be sold. A number that is
// wanted already moves nothing.
func (h *Hub) decideListing(w store.Writer, c store.Connection, l store.Listing) error {
	p, found, err := w.Product(l.ProductID)
	if err != nil || !found {
		return err
	}
	f := formula(c)
	var failed error
	sellable, why := rule.Sellable(f, p, func(base string) (retail.Qty, retail.Why) {
		levels, err := w.Levels(base)
		if err != nil {
			failed = err
		}
		promised, err := w.Allocations(base)
		if err != nil {
			failed = err
		}
		return rule.Available(f, levels, promised)
	})
	if failed != nil {
		return failed
	}
	own, err := w.Own(c.ID, l.Key)
	if err != nil {
		return err
	}
	_, told := rule.Tell(sellable, own)
	told.Inputs = append([]retail.Why{why}, told.Inputs...)
	if l.SentStock >= 0 && l.WantSellable == sellable && l.WantOwn == own {
		return nil
	}
	if l.StockDirty && l.WantSellable == sellable && l.WantOwn == own {
		return nil
	}
	if err := w.WantStock(l, sellable, own, told, h.Clock.Now(), !c.Settings.Paused["stock"]); err != nil {
		return err
	}
	w.AfterCommit(func() { h.engine.Wake(c.ID) })
	return nil
}

// decidePrice decides the two prices of one listing.
//
// rule: LZD-05, LZD-06, LZD-13, LZD-14
func (h *Hub) decidePrice(w store.Writer, c store.Connection, l store.Listing) error {
	p, found, err := w.Product(l.ProductID)
	if err != nil || !found || p.Removed {
		return err
	}
	now := h.Clock.Now()
	object := "sku " + string(l.Code)
	list, _, err := h.bookPrice(w, c, c.Settings.Values[connector.ListBookName], p.ID, now)
	if err != nil {
		return err
	}
	if gone, err := h.listBookGone(w, c, now); err != nil || gone {
		return err
	}
	promo, book, err := h.bookPrice(w, c, c.Settings.Values[connector.PromoBookName], p.ID, now)
	if err != nil {
		return err
	}
	prices, why, problems, ok := rule.Price(l.Code, p.Price, list, promo, book.From, book.To, retail.Guard{Last: l.SentPrices})
	if err := w.SolveObject(c.ID, object, problems); err != nil {
		return err
	}
	for _, problem := range problems {
		if err := h.raise(w, c.ID, problem, object); err != nil {
			return err
		}
	}
	if !ok || samePrices(prices, l.WantPrices) {
		return nil
	}
	if err := w.WantPrices(l, prices, why, !c.Settings.Paused["prices"]); err != nil {
		return err
	}
	w.AfterCommit(func() { h.engine.Wake(c.ID) })
	return nil
}

func samePrices(a, b retail.Prices) bool {
	return a.List == b.List && a.Special == b.Special && a.From.Equal(b.From) && a.To.Equal(b.To)
}

// bookPrice is a product's price in a book that counts now, nil where it has
// none. A book outside its period counts as "not in the book" from that minute;
// the hub looks again when the period begins or ends.
func (h *Hub) bookPrice(w store.Writer, c store.Connection, id, product string, now time.Time) (*retail.Money, retail.PriceBook, error) {
	if id == "" || id == retail.GeneralBook {
		return nil, retail.PriceBook{}, nil
	}
	book, found, err := w.PriceBook(id)
	if err != nil || !found {
		return nil, book, err
	}
	for _, edge := range []time.Time{book.From, book.To} {
		if edge.After(now) {
			if err := h.look(w, c.ID, lookDecide, "edge "+edge.UTC().Format(time.RFC3339), edge, ""); err != nil {
				return nil, book, err
			}
		}
	}
	if !book.Applies(c.BranchID, now) {
		return nil, book, nil
	}
	price, found, err := w.Price(id, product)
	if err != nil || !found {
		return nil, book, err
	}
	return &price, book, nil
}

// listBookGone tells whether the chosen list book was deleted or switched off:
// prices stop then, and never fall back for the whole catalogue.
//
// rule: LZD-05
func (h *Hub) listBookGone(w store.Writer, c store.Connection, now time.Time) (bool, error) {
	id := c.Settings.Values[connector.ListBookName]
	if id == "" || id == retail.GeneralBook {
		return false, nil
	}
	book, found, err := w.PriceBook(id)
	if err != nil || found && book.Applies(c.BranchID, now) {
		return false, err
	}
	return true, h.raise(w, c.ID, retail.Problem{Key: "price.list_book_gone", Object: "price_book", Args: map[string]any{"book": book.Name}}, "price_book")
}

// decideAll decides a connection's whole catalogue anew (LZD-08).
func (h *Hub) decideAll(ctx context.Context, l *lane, c store.Connection) error {
	var all []store.Listing
	if err := h.Read(ctx, c.Shop, func(r store.Reader) (err error) {
		all, err = r.Listings(c.ID)
		return err
	}); err != nil {
		return err
	}
	if err := h.decide(ctx, c.Shop, func(w store.Writer) error {
		gone, err := h.listBookGone(w, c, h.Clock.Now())
		if err != nil || gone {
			return err
		}
		return w.SolveObject(c.ID, "price_book", nil)
	}); err != nil {
		return err
	}
	// Pieces of 200, so that others get their turn at the writer.
	for chunk := range slices.Chunk(all, 200) {
		err := h.decide(ctx, c.Shop, func(w store.Writer) error {
			for _, stale := range chunk {
				now, found, err := w.Listing(c.ID, stale.Key)
				if err != nil {
					return err
				}
				if !found || now.ProductID == "" {
					continue
				}
				if err := h.decideListing(w, c, now); err != nil {
					return err
				}
				if err := h.decidePrice(w, c, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// decideAllPrices has every channel's prices decided anew, in the channels' own
// lanes.
func (h *Hub) decideAllPrices(w store.Writer) error {
	all, err := w.Connections()
	if err != nil {
		return err
	}
	for _, c := range all {
		if h.drivers[c.Platform].Channel != nil && c.State == store.Live {
			if err := h.look(w, c.ID, lookDecide, "", h.Clock.Now(), ""); err != nil {
				return err
			}
		}
	}
	return nil
}
