package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// checkout is what a buyer fills in.
type checkout struct {
	lines                          []line
	buyer                          buyer
	payment                        string
	paid                           bool
	voucherSeller, voucherPlatform int64
	shippingFee                    int64
	note, orderType                string
	fbl, digital, sof              bool
}

type line struct {
	sku      *sku
	quantity int64
}

// place makes an order: one item per unit. COD orders start as paid (§11.3).
func (s *Server) place(v *seller, in checkout) (*order, error) {
	if in.payment == "COD" && in.orderType != "PreSale" {
		in.paid = true
	}
	units, err := s.allocate(v, in)
	if err != nil {
		return nil, err
	}
	var price int64
	for _, it := range units {
		price += it.price
	}
	if in.voucherSeller < 0 || in.voucherPlatform < 0 || in.shippingFee < 0 || in.voucherSeller+in.voucherPlatform > price {
		return nil, fmt.Errorf("vouchers of %d and shipping of %d do not fit a price of %d", in.voucherSeller+in.voucherPlatform, in.shippingFee, price)
	}
	for v.byOrder[s.nextOrder] != nil {
		s.nextOrder++
	}
	now := s.now()
	o := &order{
		seller: v, id: s.nextOrder, created: now, updated: now, visible: s.world.Now().Add(s.duration("visibility_delay")),
		buyer: in.buyer, payment: in.payment, note: in.note, items: units,
		shippingFee: in.shippingFee, voucherSeller: in.voucherSeller, voucherPlatform: in.voucherPlatform,
	}
	s.nextOrder++
	v.orders = append(v.orders, o)
	v.byOrder[o.id] = o
	s.share(o)
	first := pending
	if !in.paid && in.orderType != "PreSale" {
		first = unpaid
	}
	for _, it := range units {
		it.order = o
		it.id = s.nextItem
		s.nextItem += 100000
		v.items[it.id] = it
		it.finalPaymentOpen = in.orderType == "PreSale" && !in.paid
	}
	for _, it := range units {
		if err := s.setStatus(it, first); err != nil {
			return nil, err // allocate has counted: this cannot happen
		}
	}
	if first == unpaid {
		s.world.After(unpaidHold, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.releaseUnpaid(o)
		})
	}
	return o, nil
}

// allocate finds a warehouse for every unit, the default one first. A buyer
// cannot order more than is sellable: the attempt is kept for the view
// oversold and refused.
func (s *Server) allocate(v *seller, in checkout) ([]*item, error) {
	taken := map[place]int64{}
	now := s.world.Now()
	var units []*item
	for _, l := range in.lines {
		if l.quantity < 1 {
			return nil, fmt.Errorf("%s: quantity must be at least 1", l.sku.sellerSKU)
		}
		if l.sku.status != "active" || l.sku.product.status != "Active" {
			return nil, fmt.Errorf("%s is not on sale", l.sku.sellerSKU)
		}
		for range l.quantity {
			it := &item{
				sku: l.sku, sellerSKU: l.sku.sellerSKU, name: l.sku.product.name, variation: l.sku.variation,
				warehouse: v.warehouses[0], price: l.sku.sellingPrice(now), fbl: in.fbl, digital: in.digital, sof: in.sof, orderType: in.orderType,
			}
			units = append(units, it)
			if in.fbl || in.digital {
				continue
			}
			i := slices.IndexFunc(v.warehouses, func(w string) bool {
				return l.sku.bin(w).sellable > taken[place{l.sku, w}]
			})
			if i < 0 {
				left := l.sku.sum().sellable
				s.refused = append(s.refused, refusal{s.now(), l.sku, l.quantity, left, 0})
				return nil, fmt.Errorf("%s: %d wanted, %d sellable; Lazada refuses the order (§11.3)", l.sku.sellerSKU, l.quantity, left)
			}
			it.warehouse = v.warehouses[i]
			taken[place{l.sku, it.warehouse}]++
		}
	}
	if len(units) == 0 {
		return nil, fmt.Errorf("nothing ordered")
	}
	return units, nil
}

// share spreads vouchers and shipping over the units by price. Rounding the
// running total makes the sums hold (§7.10).
func (s *Server) share(o *order) {
	price := o.price()
	parts := func(total int64, give func(*item, int64)) {
		var before, given int64
		for i, it := range o.items {
			before += it.price
			upTo := total
			if i < len(o.items)-1 && price > 0 {
				upTo = total * before / price
			}
			give(it, upTo-given)
			given = upTo
		}
	}
	parts(o.voucherSeller, func(it *item, n int64) { it.voucherSeller = n })
	parts(o.voucherPlatform, func(it *item, n int64) { it.voucherPlatform = n })
	parts(o.shippingFee, func(it *item, n int64) { it.shipping = n })
}

// pay settles an unpaid order, or the final payment of a pre-sale.
func (s *Server) pay(o *order) error {
	var waiting []*item
	open := false
	for _, it := range o.items {
		if it.status == unpaid {
			waiting = append(waiting, it)
		}
		if it.finalPaymentOpen && it.status != canceled {
			it.finalPaymentOpen, open = false, true
			s.touch(it)
			s.pushItem(it)
		}
	}
	if open {
		return nil
	}
	if len(waiting) == 0 {
		return fmt.Errorf("order %d has nothing left to pay", o.id)
	}
	return s.setAll(waiting, pending)
}

// buyerFrom gives a buyer an id that stays the same (§7.6 buyer_id).
func (s *Server) buyerFrom(b buyer) buyer {
	key := b.name + "\x00" + b.phone
	if _, known := s.buyers[key]; !known {
		s.buyers[key] = 100200300 + int64(len(s.buyers))
	}
	b.id = s.buyers[key]
	return b
}

// skuByName finds a SKU of a seller by seller SKU, SKUs on sale first, or by
// Lazada's id: seller SKUs repeat across items (§15 no. 10).
func (v *seller) skuByName(text string) (*sku, error) {
	var found *sku
	for _, p := range v.products {
		for _, k := range p.skus {
			if k.sellerSKU == text && (found == nil || found.status != "active" && k.status == "active") {
				found = k
			}
		}
	}
	if id, err := strconv.ParseInt(text, 10, 64); found == nil && err == nil {
		found = v.skus[id]
	}
	if found == nil {
		return nil, fmt.Errorf("seller %d has no SKU %q", v.id, text)
	}
	return found, nil
}

// permanent is how far ahead Lazada shows the end of a promotion without one
// (§11.1).
func permanent(from time.Time) time.Time { return from.AddDate(100, 0, 0) }
