package hub

import (
	"context"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/dongbo/dongbo/internal/store"
)

// listings reads the channel's whole catalogue: new and renamed SKUs are linked
// anew, those that are gone are forgotten, and a number that differs from what
// the hub wants is put right (SYN-02).
func (h *Hub) listings(ctx context.Context, l *lane, c store.Connection) error {
	channel := l.driver.Channel(l.account("listings"))
	seen := map[retail.ListingKey]bool{}
	relink := false
	for cursor := connector.Cursor(""); ; {
		page, err := channel.Listings(ctx, cursor)
		if err != nil {
			return err
		}
		err = h.decide(ctx, c.Shop, func(w store.Writer) error {
			for _, item := range page.Items {
				if item.Removed {
					continue
				}
				seen[item.Key] = true
				new, err := h.seeListing(w, c, item)
				if err != nil {
					return err
				}
				relink = relink || new
			}
			return nil
		})
		if err != nil {
			return err
		}
		if !page.More {
			break
		}
		cursor = page.Next
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		all, err := w.Listings(c.ID)
		if err != nil {
			return err
		}
		for _, known := range all {
			if !seen[known.Key] {
				relink = true
				if err := w.DropListing(c.ID, known.Key); err != nil {
					return err
				}
			}
		}
		if !relink {
			return nil
		}
		return h.relinkConnection(w, c)
	})
}

// seeListing stores what the channel shows and makes the stock due again where
// it is not what the hub wants. new tells that the code is new.
func (h *Hub) seeListing(w store.Writer, c store.Connection, item retail.Listing) (new bool, err error) {
	was, known, err := w.Listing(c.ID, item.Key)
	if err != nil {
		return false, err
	}
	if !known || string(encode(was.Seen)) != string(encode(item)) {
		if err := w.SeeListing(c.ID, item); err != nil {
			return false, err
		}
	}
	if !known || was.Code != item.Code {
		return true, nil
	}
	if was.Link != string(rule.Linked) || was.SentStock < 0 {
		return false, nil
	}
	shows, wants := item.Total(), was.WantOwn+was.WantSellable
	if c.StockWord == string(connector.SellableStock) {
		shows, wants = item.Sellable, was.WantSellable
	}
	if !was.StockDirty && shows != wants && !c.Settings.Paused["stock"] {
		err = w.WantStock(was, was.WantSellable, was.WantOwn, was.StockWhy, h.Clock.Now(), true)
	}
	if err == nil && !was.PriceDirty && !c.Settings.Paused["prices"] && was.WantPrices.List > 0 && item.Price != was.WantPrices.List {
		err = w.WantPrices(was, was.WantPrices, was.PriceWhy, true)
	}
	return false, err
}

// relink matches codes anew on every channel of the shop.
func (h *Hub) relink(w store.Writer) error {
	all, err := w.Connections()
	if err != nil {
		return err
	}
	for _, c := range all {
		if h.drivers[c.Platform].Channel == nil || c.State != store.Live {
			continue
		}
		if err := h.relinkConnection(w, c); err != nil {
			return err
		}
	}
	return nil
}

// relinkConnection links a channel's listings to products by equal codes.
//
// rule: LZD-10
func (h *Hub) relinkConnection(w store.Writer, c store.Connection) error {
	products, err := w.Products()
	if err != nil {
		return err
	}
	all, err := w.Listings(c.ID)
	if err != nil {
		return err
	}
	known := map[retail.ListingKey]store.Listing{}
	seen := make([]retail.Listing, 0, len(all))
	for _, l := range all {
		known[l.Key] = l
		l.Seen.Key, l.Seen.Code = l.Key, l.Code
		seen = append(seen, l.Seen)
	}
	for _, m := range rule.Match(products, seen) {
		was := known[m.Key]
		if was.Link == string(m.State) && was.ProductID == m.ProductID && was.Near == m.Near {
			continue
		}
		if err := w.LinkListing(c.ID, m.Key, string(m.State), m.ProductID, m.Near); err != nil {
			return err
		}
		if err := h.tellLink(w, c, was, m); err != nil {
			return err
		}
		if m.State != rule.Linked {
			continue
		}
		was.Link, was.ProductID = string(m.State), m.ProductID
		if err := h.decideListing(w, c, was); err != nil {
			return err
		}
		if err := h.decidePrice(w, c, was); err != nil {
			return err
		}
	}
	if err := h.endLinkProblems(w, c); err != nil {
		return err
	}
	return h.retryStuck(w)
}

// endLinkProblems ends what was said about codes that no listing has any more,
// since it was renamed or is gone.
func (h *Hub) endLinkProblems(w store.Writer, c store.Connection) error {
	all, err := w.Listings(c.ID)
	if err != nil {
		return err
	}
	holds := map[string]bool{}
	for _, l := range all {
		holds[retail.Problem{Key: "link." + l.Link, Object: "sku " + string(l.Code)}.ID()] = true
	}
	open, err := w.Problems()
	if err != nil {
		return err
	}
	for _, p := range open {
		if p.Connection != c.ID || !strings.HasPrefix(p.Problem.Key, "link.") || holds[p.Problem.ID()] {
			continue
		}
		if err := w.SolveProblem(c.ID, p.Problem.ID()); err != nil {
			return err
		}
	}
	return nil
}

// tellLink shows what cannot be linked and which side to rename.
func (h *Hub) tellLink(w store.Writer, c store.Connection, l store.Listing, m rule.Matched) error {
	object := "sku " + string(l.Code)
	var still []retail.Problem
	switch m.State {
	case rule.Ambiguous, rule.AmbiguousPOS, rule.NearMiss:
		still = append(still, retail.Problem{Key: "link." + string(m.State), Object: object, Args: map[string]any{
			"code": string(l.Code), "near": string(m.Near), "channel": h.drivers[c.Platform].Name}})
	default: // linked, or nothing to mend
	}
	if err := w.SolveObject(c.ID, object, still); err != nil {
		return err
	}
	for _, p := range still {
		if err := h.raise(w, c.ID, p, object); err != nil {
			return err
		}
	}
	return nil
}

// retryStuck decides again about orders that waited for a product.
func (h *Hub) retryStuck(w store.Writer) error {
	stuck, err := w.StuckOrders()
	if err != nil {
		return err
	}
	for _, o := range stuck {
		if err := h.look(w, o.Connection, lookOrder, o.ID, h.Clock.Now(), ""); err != nil {
			return err
		}
	}
	return nil
}
