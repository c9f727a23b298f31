package sandbox

import (
	"fmt"
	"slices"
)

// Invariants reports the first truth of the platform that does not hold.
func (s *Server) Invariants() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.sellers {
		for _, o := range v.orders {
			if err := checkOrder(o); err != nil {
				return fmt.Errorf("seller %d, order %d: %w", v.id, o.id, err)
			}
		}
	}
	return s.checkStock()
}

// checkOrder checks the money of §7.10 and the status machine of §7.7.
func checkOrder(o *order) error {
	var lines int64
	for _, it := range o.items {
		lines += it.paid() + it.shipping
		before := ""
		for _, status := range it.history {
			if !slices.Contains(transitions[before], status) {
				return fmt.Errorf("item %d went from %q to %q", it.id, before, status)
			}
			before = status
		}
		if before != it.status {
			return fmt.Errorf("item %d is %s, its history ends with %s", it.id, it.status, before)
		}
		if it.pkg != nil && it.pkg.order != o {
			return fmt.Errorf("item %d is in package %s of another order", it.id, it.pkg.id)
		}
	}
	if lines != o.buyerPays() {
		return fmt.Errorf("items sum up to %d, the buyer pays %d", lines, o.buyerPays())
	}
	return nil
}

// place is where stock lies.
type place struct {
	sku       *sku
	warehouse string
}

// checkStock recomputes the five words of §11.3 from the orders and from the
// journal.
func (s *Server) checkStock() error {
	held, moved := map[place]bin{}, map[place]bin{}
	s.eachOrder(func(_ *seller, o *order) {
		for _, it := range o.items {
			if it.fbl || it.digital {
				continue
			}
			b := held[place{it.sku, it.warehouse}]
			switch want := holdFor(it.status); {
			case want == holdOccupy:
				b.occupy++
			case want == holdWithhold && it.holds != holdReleased:
				b.withhold++
			}
			held[place{it.sku, it.warehouse}] = b
		}
	})
	for _, m := range s.journal {
		at := place{m.sku, m.warehouse}
		moved[at] = moved[at].plus(m.change)
	}
	for _, v := range s.sellers {
		for _, p := range v.products {
			for _, k := range p.skus {
				for w, b := range k.bins {
					at := place{k, w}
					name := fmt.Sprintf("seller %d, SKU %s (%d), %s", v.id, k.sellerSKU, k.id, w)
					switch {
					case b.sellable != b.total-b.withhold-b.occupy:
						return fmt.Errorf("%s: sellable %d is not total %d - withhold %d - occupy %d", name, b.sellable, b.total, b.withhold, b.occupy)
					case b.sellable < 0 || b.withhold < 0 || b.occupy < 0:
						return fmt.Errorf("%s: negative stock %+v", name, *b)
					case b.withhold != held[at].withhold || b.occupy != held[at].occupy:
						return fmt.Errorf("%s: withhold %d and occupy %d, the orders hold %d and %d", name, b.withhold, b.occupy, held[at].withhold, held[at].occupy)
					case *b != moved[at]:
						return fmt.Errorf("%s: stock %+v, its journal sums up to %+v", name, *b, moved[at])
					}
				}
			}
		}
	}
	return nil
}
