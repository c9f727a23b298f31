package hub

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// The looks of a POS lane: catalogue, stock, prices.

// sweep compares the whole catalogue with its stock (SYN-02). Its levels were
// read just now, so they may raise what channels show.
func (h *Hub) sweep(ctx context.Context, l *lane, c store.Connection) error {
	return h.readProducts(ctx, l, c, "sweep")
}

// products lists what changed since the last time.
func (h *Hub) products(ctx context.Context, l *lane, c store.Connection) error {
	return h.readProducts(ctx, l, c, "products")
}

func (h *Hub) readProducts(ctx context.Context, l *lane, c store.Connection, feed string) error {
	pos := l.driver.POS(l.account(feed))
	var cursor connector.Cursor
	if err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		stored, err := r.Cursor(c.ID, feed)
		cursor = connector.Cursor(stored)
		return err
	}); err != nil {
		return err
	}
	relink := false
	for {
		page, err := pos.Products(ctx, cursor)
		if err != nil {
			return err
		}
		next := page.Next
		if feed == "sweep" && !page.More {
			next = "" // the next sweep begins at the beginning
		}
		err = h.decide(ctx, c.Shop, func(w store.Writer) error {
			changed, linked, err := h.storeProducts(w, page.Items)
			if err != nil {
				return err
			}
			relink = relink || linked
			if err := w.SetCursor(c.ID, feed, string(next)); err != nil {
				return err
			}
			return h.decideGoods(w, changed)
		})
		if err != nil {
			return err
		}
		cursor = page.Next
		if !page.More {
			break
		}
	}
	if !relink {
		return nil
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error { return h.relink(w) })
}

// storeProducts stores what differs. changed lists base products whose numbers
// or prices may differ now; relink says that codes came or went.
func (h *Hub) storeProducts(w store.Writer, items []retail.Product) (changed []string, relink bool, err error) {
	for _, p := range items {
		was, known, err := w.Product(p.ID)
		if err != nil {
			return nil, false, err
		}
		if p.Removed {
			if !known || was.Removed {
				continue
			}
			was.Removed = true
			p = was
		}
		levels := p.Levels
		p.Levels = nil
		if !known || string(encode(was)) != string(encode(p)) {
			if err := w.PutProduct(p); err != nil {
				return nil, false, err
			}
			relink = relink || !known || was.Code != p.Code || was.Removed != p.Removed
			changed = append(changed, p.Base())
		}
		for _, level := range levels {
			moved, err := w.PutLevel(level)
			if err != nil {
				return nil, false, err
			}
			if moved {
				changed = append(changed, level.ProductID)
			}
		}
	}
	slices.Sort(changed)
	return slices.Compact(changed), relink, nil
}

// runLevels takes what webhooks say about stock. A payload that lowers acts at
// once; one that raises waits for a read, since it carries no version and may
// be an old one; one that says what is known already is an echo
// (stock-and-returns.md §1).
func (h *Hub) runLevels(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	errs := make([]error, len(looks))
	read := map[string][]int{} // product → looks
	err := h.decide(ctx, c.Shop, func(w store.Writer) error {
		var lowered []string
		clear(read)
		for i, look := range looks {
			product, _, _ := strings.Cut(look.Key, "|")
			p, known, err := w.Product(product)
			if err != nil {
				return err
			}
			if !known {
				if err := h.look(w, c.ID, lookProducts, "", h.Clock.Now(), ""); err != nil {
					return err
				}
				continue
			}
			var said retail.Level
			if look.Hint == "" || p.BaseID != "" || json.Unmarshal([]byte(look.Hint), &said) != nil {
				read[p.Base()] = append(read[p.Base()], i)
				continue
			}
			was, found, err := w.Level(said.ProductID, said.BranchID)
			switch {
			case err != nil:
				return err
			case found && was.OnHand == said.OnHand && was.Reserved == said.Reserved: // an echo
			case found && said.OnHand <= was.OnHand && said.Reserved >= was.Reserved:
				if said.At.IsZero() {
					said.At = h.Clock.Now()
				}
				if _, err := w.PutLevel(said); err != nil {
					return err
				}
				lowered = append(lowered, said.ProductID)
			default:
				read[said.ProductID] = append(read[said.ProductID], i)
			}
		}
		return h.decideGoods(w, lowered)
	})
	if err == nil && len(read) > 0 {
		ids := make([]string, 0, len(read))
		for id := range read {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		err = h.confirmLevels(ctx, l, c, ids)
		for _, which := range read {
			for _, i := range which {
				errs[i] = err
			}
		}
		return errs
	}
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// confirmLevels reads the present stock of some base products.
func (h *Hub) confirmLevels(ctx context.Context, l *lane, c store.Connection, ids []string) error {
	levels, err := l.driver.POS(l.account("levels")).Levels(ctx, ids)
	if err != nil {
		return err
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		var changed []string
		for _, level := range levels {
			moved, err := w.PutLevel(level)
			if err != nil {
				return err
			}
			if moved {
				changed = append(changed, level.ProductID)
			}
		}
		return h.decideGoods(w, changed)
	})
}

// books reads branches and price books, and the lines of the books that a
// connection uses.
func (h *Hub) books(ctx context.Context, l *lane, c store.Connection) error {
	pos := l.driver.POS(l.account("books"))
	if err := h.readChoices(ctx, pos, c); err != nil {
		return err
	}
	var used []string
	err := h.Read(ctx, c.Shop, func(r store.Reader) error {
		all, err := r.Connections()
		for _, o := range all {
			for _, name := range []string{connector.ListBookName, connector.PromoBookName} {
				if id := o.Settings.Values[name]; id != "" && id != retail.GeneralBook && o.State == store.Live && !slices.Contains(used, id) {
					used = append(used, id)
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range used {
		if err := h.readBook(ctx, pos, c, id); err != nil {
			return err
		}
	}
	return h.decide(ctx, c.Shop, h.decideAllPrices)
}

// readChoices reads what an owner chooses from in forms.
func (h *Hub) readChoices(ctx context.Context, pos connector.POS, c store.Connection) error {
	branches, err := pos.Branches(ctx)
	if err != nil {
		return err
	}
	books, err := pos.PriceBooks(ctx)
	if err != nil {
		return err
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		if err := w.PutBranches(branches); err != nil {
			return err
		}
		return w.PutPriceBooks(books)
	})
}

// readBook reads all lines of one price book. A book that is gone has none.
func (h *Hub) readBook(ctx context.Context, pos connector.POS, c store.Connection, id string) error {
	now := map[string]retail.Money{}
	for cursor := connector.Cursor(""); ; {
		page, err := pos.Prices(ctx, id, cursor)
		if err != nil {
			if e, ok := errors.AsType[*connector.Error](err); ok && e.Kind == connector.NotFound {
				break
			}
			return err
		}
		for _, line := range page.Items {
			if !line.Removed {
				now[line.ProductID] = line.Price
			}
		}
		if !page.More {
			break
		}
		cursor = page.Next
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		was, err := w.PricesOf(id)
		if err != nil {
			return err
		}
		for product, price := range now {
			if old, ok := was[product]; ok && old == price {
				continue
			}
			if err := w.PutPrice(retail.PriceLine{BookID: id, ProductID: product, Price: price}); err != nil {
				return err
			}
		}
		for product := range was {
			if _, still := now[product]; !still {
				if err := w.PutPrice(retail.PriceLine{BookID: id, ProductID: product, Removed: true}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// runPrices takes what webhooks say about single lines of price books. The
// payload is the whole state of the line.
func (h *Hub) runPrices(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	err := h.decide(ctx, c.Shop, func(w store.Writer) error {
		var changed []string
		for _, look := range looks {
			var line retail.PriceLine
			if err := json.Unmarshal([]byte(look.Hint), &line); err != nil {
				return err
			}
			if line.BookID == retail.GeneralBook {
				continue // comes with the product
			}
			if err := w.PutPrice(line); err != nil {
				return err
			}
			changed = append(changed, line.ProductID)
		}
		return h.decidePrices(w, changed)
	})
	return []error{err}
}
