package rule

import (
	"github.com/dongbo/dongbo/internal/retail"
)

// Available is what may be sold of a base product over the branches of a
// formula, before it is shaped and in base units (stock-and-returns.md §1):
// on hand, less units that are promised or out of the house but still inside
// on hand, less what people reserved where the formula says so. It may be
// negative.
//
// rule: LZD-04, LZD-12
func Available(f retail.Formula, levels []retail.Level, promised []retail.Allocation) (retail.Qty, retail.Why) {
	why := retail.Why{Rule: "LZD-12", Key: "stock.available"}
	var sum retail.Qty
	branch := func(id string, subtractPeople bool) {
		var onHand, reserved, ours, inside retail.Qty
		for _, l := range levels {
			if l.BranchID == id {
				onHand += l.OnHand
				reserved += l.Reserved
				why.Inputs = append(why.Inputs, retail.Why{Key: "stock.on_hand", Value: l.OnHand.String(), At: l.At, Args: map[string]any{"branch": id}})
			}
		}
		for _, a := range promised {
			if a.BranchID == id {
				inside += a.Promised
				ours += a.Reserved
			}
		}
		if inside != 0 {
			why.Inputs = append(why.Inputs, retail.Why{Rule: "RET-06", Key: "stock.promised", Value: inside.String(), Args: map[string]any{"branch": id, "lines": lineIDs(promised, id)}})
		}
		available := onHand - inside
		if people := max(0, reserved-ours); people != 0 {
			key := "stock.people_ignored"
			if subtractPeople {
				available -= people
				key = "stock.people"
			}
			why.Inputs = append(why.Inputs, retail.Why{Key: key, Value: people.String(), Args: map[string]any{"branch": id}})
		}
		sum += available
	}
	for _, id := range f.Main {
		branch(id, false)
	}
	for _, id := range f.Secondary {
		branch(id, true)
	}
	why.Value = sum.String()
	return sum, why
}

// lineIDs names the lines that hold units back, a handful at most: the rest is
// in the order list.
func lineIDs(promised []retail.Allocation, branch string) []string {
	var ids []string
	for _, a := range promised {
		if a.BranchID == branch && a.Promised != 0 && len(ids) < 10 {
			ids = append(ids, a.LineID)
		}
	}
	return ids
}

// Sellable turns what is available of base products into whole units of one
// product: units convert, a combo is as good as its scarcest part, then
// percent, buffer and cap, rounded down, never below zero.
func Sellable(f retail.Formula, p retail.Product, available func(baseID string) (retail.Qty, retail.Why)) (int64, retail.Why) {
	why := retail.Why{Rule: "LZD-12", Key: "stock.sellable"}
	if p.Kind == retail.Service {
		why.Key, why.Value = "stock.service", "0"
		return 0, why
	}
	if !p.Active || p.Removed {
		why.Key, why.Value = "stock.stopped", "0"
		return 0, why
	}
	var units retail.Qty
	if p.Kind == retail.Combo {
		for i, part := range p.Parts {
			a, partWhy := available(part.ProductID)
			why.Inputs = append(why.Inputs, partWhy)
			if part.Qty <= 0 {
				continue
			}
			if n := divide(a, part.Qty); i == 0 || n < units {
				units = n
			}
		}
	} else {
		a, baseWhy := available(p.Base())
		why.Inputs = append(why.Inputs, baseWhy)
		units = a
		if p.Per != retail.One && p.Per > 0 {
			units = divide(a, p.Per)
			why.Inputs = append(why.Inputs, retail.Why{Key: "stock.unit", Value: p.Per.String(), Args: map[string]any{"unit": p.Unit}})
		}
	}
	if f.Percent > 0 && f.Percent != 100 {
		units = retail.Qty(int64(units) * f.Percent / 100)
		why.Inputs = append(why.Inputs, retail.Why{Key: "stock.percent", Value: retail.Units(f.Percent).String()})
	}
	if f.Buffer > 0 {
		units -= retail.Units(f.Buffer)
		why.Inputs = append(why.Inputs, retail.Why{Key: "stock.buffer", Value: retail.Units(f.Buffer).String()})
	}
	n := units.Floor()
	if f.Cap > 0 && n > f.Cap {
		n = f.Cap
		why.Inputs = append(why.Inputs, retail.Why{Key: "stock.cap", Value: retail.Units(f.Cap).String()})
	}
	n = max(0, n)
	why.Value = retail.Units(n).String()
	return n, why
}

// divide returns a/b in thousandths, rounded down.
func divide(a, b retail.Qty) retail.Qty {
	n := int64(a) * int64(retail.One)
	q := n / int64(b)
	if n%int64(b) != 0 && (n < 0) != (b < 0) {
		q--
	}
	return retail.Qty(q)
}

// Tell is the number that a channel wants to hear: what may be sold plus what
// the channel itself subtracts for its own open orders. The sum is not
// clamped: clamping it would send a total below what the channel withholds,
// which it refuses, and the old, higher number would stay on sale.
func Tell(sellable, own int64) (int64, retail.Why) {
	n := max(0, sellable) + own
	return n, retail.Why{Key: "stock.tell", Value: retail.Units(n).String(), Inputs: []retail.Why{
		{Key: "stock.own", Value: retail.Units(own).String()},
	}}
}

// Allocate says what every line of an order takes from stock: the table of
// stock-and-returns.md §1, rows 1 to 10 and 24 to 25.
//
// rule: RET-06
func Allocate(s retail.OrderState, seen retail.Seen, branch string) []retail.Allocation {
	var out []retail.Allocation
	invoices := invoiced(s)
	for _, l := range s.Lines {
		p, ok := product(l, seen)
		if l.Foreign || !ok {
			continue
		}
		promised, reserved, own := take(s, l, invoices.cover(l, p))
		if !promised && !own {
			continue
		}
		key := l.Key
		bases := []retail.Part{{ProductID: p.Base(), Qty: p.Per}}
		if p.Kind == retail.Combo {
			bases = p.Parts
		}
		for i, b := range bases {
			a := retail.Allocation{LineID: l.ID, ProductID: b.ProductID, BranchID: branch}
			n := retail.Qty(int64(b.Qty) * int64(l.Qty) / int64(retail.One))
			if promised {
				a.Promised = n
			}
			if reserved {
				a.Reserved = n
			}
			if own && i == 0 {
				a.Key, a.Own = key, l.Qty.Floor()
			}
			out = append(out, a)
		}
	}
	return out
}

// coverage is how many units of each product the live invoice of each package
// has taken off the POS's on hand; nil where an invoice does not tell.
type coverage map[string]map[string]retail.Qty

func invoiced(s retail.OrderState) coverage {
	c := coverage{}
	for _, p := range s.Packages {
		if !p.Invoice.Live() {
			continue
		}
		c[p.ID] = nil
		for _, l := range p.Invoice.Lines {
			if c[p.ID] == nil {
				c[p.ID] = map[string]retail.Qty{}
			}
			c[p.ID][l.ProductID] += l.Qty
		}
	}
	return c
}

// cover tells whether a line's units are on an invoice, and uses them up: units
// that staff took off an invoice are on none (row 10).
func (c coverage) cover(l retail.LineState, p retail.Product) bool {
	units, live := c[l.Package]
	switch {
	case !live, l.Stage == retail.Cancelled && !l.Reached.HasLeft() && l.Reached != retail.Ready:
		return false
	case units == nil:
		return true
	case units[p.ID] < l.Qty:
		return false
	}
	units[p.ID] -= l.Qty
	return true
}

// take applies the table to one line, given whether it is on an invoice.
func take(s retail.OrderState, l retail.LineState, invoiced bool) (promised, reserved, own bool) {
	if s.Skipped == BeforeActivation {
		// LZD-32: what was already beyond the warehouse's door when the hub came
		// is somebody else's bookkeeping; what was on its way is held until the
		// owner settles it.
		if s.Settled || l.First.HasLeft() && l.First != retail.Shipped {
			return false, false, l.Stage.OnShelf() // the channel subtracts it all the same
		}
	}
	open := s.POS.ID != "" && s.POS.Status.Open()
	switch {
	case l.Stage == retail.Cancelled && l.Reached == retail.Ready && !invoiced:
		return true, false, false // row 9: held until somebody confirms that it is back
	case l.Stage == retail.Cancelled && l.Reached.HasLeft() && !invoiced:
		return true, false, false
	case l.Stage == retail.Cancelled:
		return false, false, false // row 8
	case l.Stage.OnShelf():
		return true, open, true // rows 1 to 3 and 24
	case invoiced:
		return false, false, false // rows 6 and 7
	default:
		return true, open, false // rows 4, 5, 10 and 25
	}
}
