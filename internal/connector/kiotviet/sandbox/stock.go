package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// stockKey is one stock: a base-unit product in a branch. Units and combos
// have none of their own (§4.2.4).
type stockKey struct{ product, branch int64 }

// movement is one line of the stock journal, in base units. On hand is the sum
// of the movements and nothing else.
type movement struct {
	at       time.Time
	key      stockKey
	kind     string // opening, goods_in, sale, void, counter, stocktake, transfer_out, transfer_in, purchase, purchase_void, return
	quantity decimal.Decimal
	document string
}

// base gives the product whose stock p shares and how many of its units one p
// is.
func (s *shop) base(p *product) (*product, decimal.Decimal) {
	if p.masterUnitID == 0 {
		return p, decimal.NewFromInt(1)
	}
	// A deleted base still has its stock.
	if other := s.anyProduct(p.masterUnitID); other != nil {
		return other, p.conversion
	}
	return p, decimal.NewFromInt(1)
}

// quantities maps stocks to amounts and keeps runs repeatable by sorted keys.
type quantities map[stockKey]decimal.Decimal

func (q quantities) keys() []stockKey {
	return slices.SortedFunc(maps.Keys(q), func(a, b stockKey) int {
		if a.product != b.product {
			return int(a.product - b.product)
		}
		return int(a.branch - b.branch)
	})
}

// consumed adds what a quantity of p takes from the stocks of a branch: base
// units for goods, the parts for a combo, nothing for a service.
func (s *shop) consumed(into quantities, p *product, quantity decimal.Decimal, branch int64) {
	switch p.kind {
	case kindService:
	case kindCombo:
		for _, m := range p.materials {
			if part := s.anyProduct(m.product); part != nil && part.kind == kindGoods {
				s.consumed(into, part, quantity.Mul(m.quantity), branch)
			}
		}
	default:
		base, conversion := s.base(p)
		key := stockKey{base.id, branch}
		into[key] = into[key].Add(quantity.Mul(conversion))
	}
}

// anyProduct finds a product even if it was deleted: old documents name it.
func (s *shop) anyProduct(id int64) *product {
	if p := s.byID[id]; p != nil {
		return p
	}
	return find(s.products, func(p *product) bool { return p.id == id })
}

// move writes the journal.
func (s *shop) move(kind, document string, key stockKey, quantity decimal.Decimal) {
	if quantity.IsZero() {
		return
	}
	s.movements = append(s.movements, movement{at: s.now(), key: key, kind: kind, quantity: quantity, document: document})
	s.onHands[key] = s.onHands[key].Add(quantity)
	s.stockChanged(key)
}

// moveAll moves q into (sign 1) or out of (sign -1) the stocks.
func (s *shop) moveAll(kind, document string, q quantities, sign int64) {
	for _, key := range q.keys() {
		s.move(kind, document, key, q[key].Mul(decimal.NewFromInt(sign)))
	}
}

// hold changes what is reserved.
func (s *shop) hold(key stockKey, by decimal.Decimal) {
	if by.IsZero() {
		return
	}
	s.reserves[key] = s.reserves[key].Add(by)
	s.stockChanged(key)
}

// stockChanged stamps the rows that share a stock and announces them (§5.7).
func (s *shop) stockChanged(key stockKey) {
	now := s.now()
	for _, p := range s.family(key.product) {
		p.stockModified = now
		if s.is("modified_follows_stock", "true") {
			p.modified = now
		}
		s.emit("stock.update", eventKey(p.id, key.branch), func() any { return stockEvent(s, p, key.branch) })
	}
}

// family is a base product and its further units, as far as they live.
func (s *shop) family(baseID int64) []*product {
	var out []*product
	if p := s.byID[baseID]; p != nil {
		out = append(out, p)
	}
	for _, id := range s.unitsOf(baseID) {
		if p := s.byID[id]; p != nil {
			out = append(out, p)
		}
	}
	return out
}

func (s *shop) unitsOf(baseID int64) []int64 {
	if p := s.anyProduct(baseID); p != nil {
		return p.unitRows
	}
	return nil
}

// shownStock is on hand and reserved of a product row in a branch, in its own
// unit. Four decimals are kept of what the conversion leaves.
func (s *shop) shownStock(p *product, branch int64) (onHand, reserved decimal.Decimal) {
	if p.kind == kindCombo && s.is("combo_on_hand", "computed") {
		return s.comboStock(p, branch), decimal.Zero
	}
	if p.kind != kindGoods {
		return decimal.Zero, decimal.Zero
	}
	base, conversion := s.base(p)
	key := stockKey{base.id, branch}
	if base == p {
		return s.onHands[key], s.reserves[key]
	}
	return s.onHands[key].DivRound(conversion, 4), s.reserves[key].DivRound(conversion, 4)
}

// comboStock is how many combos the parts on hand make.
func (s *shop) comboStock(p *product, branch int64) decimal.Decimal {
	var most *decimal.Decimal
	for _, m := range p.materials {
		part := s.anyProduct(m.product)
		if part == nil || part.kind != kindGoods || m.quantity.Sign() <= 0 {
			continue
		}
		onHand, _ := s.shownStock(part, branch)
		n := onHand.Div(m.quantity).Floor()
		if most == nil || n.LessThan(*most) {
			most = &n
		}
	}
	if most == nil {
		return decimal.Zero
	}
	return *most
}

// setStock is a stocktake: the row's unit, one branch.
func (s *shop) setStock(kind, document string, p *product, branch int64, onHand decimal.Decimal) {
	if p.kind != kindGoods {
		return
	}
	base, conversion := s.base(p)
	key := stockKey{base.id, branch}
	s.move(kind, document, key, onHand.Mul(conversion).Sub(s.onHands[key]))
}

// canSell applies the settings about empty stock (§3.8). held is what the
// document's own order has reserved and may therefore use.
func (s *shop) canSell(code string, need, held quantities) error {
	for _, key := range need.keys() {
		if !s.settings[setSellEmpty] && need[key].GreaterThan(s.onHands[key]) {
			return off(code, setSellEmpty)
		}
		free := s.onHands[key].Sub(s.reserves[key]).Add(held[key])
		if !s.settings[setSellHeld] && need[key].GreaterThan(free) {
			return off(code, setSellHeld)
		}
	}
	return nil
}

// canOrder applies "orders allowed when out of stock" (§3.8).
func (s *shop) canOrder(need, held quantities) error {
	for _, key := range need.keys() {
		free := s.onHands[key].Sub(s.reserves[key]).Add(held[key])
		if !s.settings[setOrderEmpty] && need[key].GreaterThan(free) {
			return off(orderException, setOrderEmpty)
		}
	}
	return nil
}

// checkStock is the invariant of the stock ledger.
func (s *shop) checkStock() error {
	sums := quantities{}
	for _, m := range s.movements {
		sums[m.key] = sums[m.key].Add(m.quantity)
	}
	for key, v := range s.onHands {
		if !v.Equal(sums[key]) {
			return fmt.Errorf("%s: product %d branch %d: on hand %s, journal %s", s.name, key.product, key.branch, v, sums[key])
		}
	}
	held := quantities{}
	for _, o := range s.orders {
		for key, v := range s.outstanding(o) {
			held[key] = held[key].Add(v)
		}
	}
	for _, all := range []map[stockKey]decimal.Decimal{s.reserves, held} {
		for key := range all {
			if !s.reserves[key].Equal(held[key]) {
				return fmt.Errorf("%s: product %d branch %d: reserved %s, open orders %s", s.name, key.product, key.branch, s.reserves[key], held[key])
			}
		}
	}
	return nil
}
