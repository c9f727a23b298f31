package rule

import (
	"cmp"
	"slices"

	"github.com/dongbo/dongbo/internal/retail"
)

// mergeLines carries every line's furthest stage along. A line that is missing
// from the channel's answer stays as it was; a stage that would bring goods
// back from the road without anybody's confirmation is not believed.
func mergeLines(was []retail.LineState, now []retail.OrderLine) []retail.LineState {
	byID := map[string]retail.LineState{}
	for _, l := range was {
		byID[l.ID] = l
	}
	out := make([]retail.LineState, 0, len(now))
	seen := map[string]bool{}
	for _, n := range now {
		l, known := byID[n.ID]
		seen[n.ID] = true
		stage := n.Stage
		if known && (stage == retail.Unknown || l.Reached.HasLeft() && !stage.HasLeft() && stage != retail.Cancelled) {
			stage = l.Stage
		}
		pkg := n.Package
		if pkg == "" && known && l.Reached.HasLeft() { // also after a cancellation on the road
			pkg = l.Package
		}
		reached := l.Reached
		if stage != retail.Cancelled && stage != retail.Unknown && (reached == "" || reached.Before(stage)) {
			reached = stage
		}
		if reached == "" {
			// First seen when it was already cancelled, or under a word that nobody
			// knows: a package that had been made does not tell whether it was handed
			// over, so it counts as not.
			reached = retail.Pending
		}
		// A package taken apart goes back to the shelf: ready no more.
		if !stage.HasLeft() && stage != retail.Cancelled && stage.Before(reached) {
			reached = stage
		}
		first := l.First
		if !known {
			first = stage
		}
		out = append(out, retail.LineState{First: first, ProductID: l.ProductID, ID: n.ID, Code: n.Code, Qty: n.Qty, Stage: stage, Raw: n.Raw, Package: pkg, Reached: reached, Key: n.Key, Foreign: n.Foreign})
	}
	for _, l := range was {
		if !seen[l.ID] {
			out = append(out, l)
		}
	}
	return out
}

// mergePackages derives the packages from the lines: a package is the lines
// that name it, its stage that of the least advanced one that is not
// cancelled (lazada.md §7.9). Packages that vanished before they had an
// invoice were taken apart.
func mergePackages(was []retail.PackageState, lines []retail.LineState, now []retail.OrderLine) []retail.PackageState {
	tracking := map[string]string{}
	for _, n := range now {
		if n.Tracking != "" {
			tracking[n.Package] = n.Tracking
		}
	}
	stages := map[string][]retail.Stage{}
	var ids []string
	for _, l := range lines {
		if l.Foreign || l.Package == "" && !l.Stage.HasLeft() {
			continue
		}
		if _, ok := stages[l.Package]; !ok {
			ids = append(ids, l.Package)
		}
		stages[l.Package] = append(stages[l.Package], l.Stage)
	}
	var out []retail.PackageState
	number := 0
	for _, p := range was {
		number = max(number, p.Number)
		if _, here := stages[p.ID]; !here && p.Invoice.ID == "" {
			continue
		}
		out = append(out, p)
	}
	for _, id := range ids {
		i := slices.IndexFunc(out, func(p retail.PackageState) bool { return p.ID == id })
		if i < 0 {
			number++
			out = append(out, retail.PackageState{ID: id, Number: number})
			i = len(out) - 1
		}
		p := &out[i]
		stage := retail.Cancelled
		for _, s := range stages[id] {
			if s != retail.Cancelled && (stage == retail.Cancelled || s.Before(stage)) {
				stage = s
			}
		}
		p.Stage = stage
		if t := tracking[id]; t != "" {
			p.Tracking = t
		}
	}
	return out
}

// name notes which products the lines are. Until the order is in the POS that
// follows the present codes (LZD-19); afterwards it stays, so that renaming a
// product neither frees its units nor loses its invoice.
func name(s *retail.OrderState, seen retail.Seen) {
	for i, l := range s.Lines {
		if p, ok := seen.Products[l.Code]; ok && (s.POS.ID == "" || l.ProductID == "") {
			s.Lines[i].ProductID = p.ID
		}
	}
}

// product is what a line was imported as, else what its code says now.
func product(l retail.LineState, seen retail.Seen) (retail.Product, bool) {
	if p, ok := seen.ByID[l.ProductID]; ok {
		return p, true
	}
	p, ok := seen.Products[l.Code]
	return p, ok
}

// docLines turns order lines into lines of a POS document.
//
// A channel has a row per unit; the POS merges rows of one product. So units of
// one product become one line at their highest list price, with a discount per
// unit that is rounded down to whole đồng, and what the rounding leaves over is
// taken off the document: the total stays the channel's to the đồng (LZD-21).
type docLines struct {
	lines    []retail.DocLine
	discount retail.Money // of the document
	shipping retail.Money // zero where shipping is not carried
}

func (d docLines) total() retail.Money {
	t := d.shipping - d.discount
	for _, l := range d.lines {
		t += l.Total()
	}
	return t
}

func (d *decision) docLines(keep func(retail.LineState) bool) (docLines, []retail.SKU) {
	type sum struct {
		product retail.Product
		qty     retail.Qty
		price   retail.Money
		pays    retail.Money // what the buyer pays for all of it
	}
	money := map[string]retail.OrderLine{}
	for _, l := range d.seen.Order.Lines {
		money[l.ID] = l
	}
	sums := map[string]*sum{}
	var order []string
	var missing []retail.SKU
	var out docLines
	for _, l := range d.s.Lines {
		if l.Foreign || !keep(l) {
			continue
		}
		p, ok := d.seen.Products[l.Code]
		if d.s.POS.ID != "" {
			p, ok = product(l, d.seen)
		}
		m, priced := money[l.ID]
		if !ok || !priced { // a line that the channel left out has no price: it waits
			if !slices.Contains(missing, l.Code) {
				missing = append(missing, l.Code)
			}
			continue
		}
		s := sums[p.ID]
		if s == nil {
			s = &sum{product: p}
			sums[p.ID] = s
			order = append(order, p.ID)
		}
		s.qty += l.Qty
		s.price = max(s.price, m.Price)
		s.pays += l.Qty.Times(m.Price - m.Discount)
		if d.set.Shipping.Code != "" {
			out.shipping += m.Shipping
		}
	}
	slices.SortFunc(order, func(a, b string) int { return cmp.Compare(sums[a].product.Code, sums[b].product.Code) })
	for _, id := range order {
		s := sums[id]
		full := s.qty.Times(s.price)
		// Rounded down, so that the line is never below what the buyer pays.
		off := retail.Money(int64(full-s.pays) * int64(retail.One) / int64(s.qty))
		if full < s.pays { // paid more than the list price: carried in the price
			s.price, off = retail.Money((int64(s.pays)*int64(retail.One)+int64(s.qty)-1)/int64(s.qty)), 0
		}
		line := retail.DocLine{ProductID: s.product.ID, Code: s.product.Code, Qty: s.qty, Price: s.price, Discount: off}
		out.lines = append(out.lines, line)
		out.discount += line.Total() - s.pays
	}
	return out, missing
}

// SameQuantities compares per product, since the POS may merge or split lines.
func SameQuantities(want, have []retail.DocLine) bool {
	n := map[string]retail.Qty{}
	for _, l := range want {
		n[l.ProductID] += l.Qty
	}
	for _, l := range have {
		n[l.ProductID] -= l.Qty
	}
	for _, q := range n {
		if q != 0 {
			return false
		}
	}
	return true
}

// Apply notes in the state what the POS answered to an intent.
func Apply(s retail.OrderState, i retail.Intent, answer retail.Intent) retail.OrderState {
	switch i.Kind {
	case retail.CreateCustomer:
		s.CustomerID = answer.Customer.ID
	case retail.CreateOrder, retail.UpdateOrder:
		o := answer.Order
		s.POS = retail.POSDoc{ID: o.ID, Code: o.Code, Status: o.Status, BranchID: cmp.Or(o.BranchID, i.Order.BranchID), Lines: o.Lines, Total: o.Total}
	case retail.CancelOrder:
		s.POS.Status = retail.OrderCancelled
	case retail.CreateInvoice, retail.SetDelivery:
		inv := answer.Invoice
		s.Packages = slices.Clone(s.Packages)
		for k := range s.Packages {
			if s.Packages[k].ID != i.Part {
				continue
			}
			doc := retail.InvoiceDoc{
				ID: inv.ID, Code: inv.Code, Status: inv.Status, Delivery: inv.Delivery, COD: inv.COD, CODAmount: inv.CODAmount,
				Lines: inv.Lines, Total: inv.Total, WantCOD: i.Invoice.CODAmount,
			}
			switch {
			case i.Kind == retail.SetDelivery:
				doc.Asked = retail.DeliveryAsk{Delivery: i.Invoice.Delivery, COD: i.Invoice.CODAmount}
			case i.Invoice.CODAmount == i.Invoice.Total:
				// rule: LZD-27: what the invoice says, as the POS computed it.
				doc.WantCOD = inv.Total
			}
			s.Packages[k].Invoice = doc
		}
	}
	return s
}
