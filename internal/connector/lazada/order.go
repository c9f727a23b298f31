package lazada

import (
	"strings"

	"github.com/dongbo/dongbo/internal/retail"
)

// order maps an order and its items (§7.5, §7.6). Every item is one unit and
// one line (rule: LZD-21: prices and sums are Lazada's, to the đồng).
func order(o wireOrder, items []wireItem) retail.Order {
	out := retail.Order{
		ID:       string(o.OrderID),
		Number:   string(o.Number),
		Created:  o.Created.Time,
		Updated:  o.Updated.Time,
		Buyer:    buyer(o, items),
		Note:     join("\n", o.BuyerNote, o.Remarks),
		COD:      strings.EqualFold(strings.TrimSpace(string(o.Payment)), "COD"), // anything else is prepaid (§7.10)
		Payment:  string(o.Payment),
		Shipping: o.Shipping.Money,
		Total:    o.Price.Money - o.Voucher.Money + o.Shipping.Money, // §7.10
	}
	if out.Number == "" {
		out.Number = out.ID
	}
	for _, i := range items {
		out.Lines = append(out.Lines, line(i))
	}
	reconcile(out.Lines, out.Total-out.Shipping, out.Shipping)
	return out
}

func line(i wireItem) retail.OrderLine {
	paid := i.Paid.Money
	if !i.Paid.known {
		paid = i.Price.Money - i.Voucher.Money
	}
	price := max(i.Price.Money, paid)
	l := retail.OrderLine{
		ID:       string(i.ID),
		Code:     retail.NewSKU(string(i.SKU)),
		Key:      retail.ListingKey{ItemID: itemID(i), SKUID: skuID(i)},
		Name:     join(" · ", i.Name, i.Variation),
		Qty:      retail.One,
		Price:    price,
		Discount: price - paid,
		Shipping: i.Shipping.Money,
		Stage:    stageOf(string(i.Status)),
		Raw:      string(i.Status),
		Package:  string(i.Package),
		Tracking: string(i.Tracking),
		Carrier:  string(i.Carrier),
		Reason:   join(": ", i.Reason, i.ReasonDetail),
		Foreign:  bool(i.IsFBL) || bool(i.IsDigital) || strings.Contains(strings.ToLower(string(i.ShippingType)), "warehouse"),
	}
	if l.Stage == retail.Unpaid || l.Stage == retail.Pending {
		// After a re-pack the dissolved package may still be named (§18).
		l.Package, l.Tracking, l.Carrier = "", "", ""
	}
	return l
}

// itemID is the product's id, which the call for several orders leaves out
// (§7.4); shop_sku begins with it: "2180011223_VNAMZ-10440099887".
func itemID(i wireItem) string {
	if i.ProductID != "" {
		return string(i.ProductID)
	}
	id, _, ok := strings.Cut(string(i.ShopSKU), "_")
	if !ok {
		return ""
	}
	return id
}

func skuID(i wireItem) string {
	if i.SKUID != "" {
		return string(i.SKUID)
	}
	_, id, _ := strings.Cut(string(i.ShopSKU), "-")
	return id
}

// A share may be rounded once for each voucher and once for shipping.
const roundingPerLine = 3 // đồng

// reconcile makes the lines' sums equal what the buyer pays for the goods and
// for shipping (§7.10: they may differ by a few đồng). A difference within the
// rounding of the shares is put on the last line that can bear it; a larger
// one is no rounding and is left for whoever compares lines with Total.
//
// Whether the order's price still counts cancelled items is not documented:
// the lines that fit count.
func reconcile(lines []retail.OrderLine, goods, shipping retail.Money) {
	var all, live []int
	for i, l := range lines {
		all = append(all, i)
		if l.Stage != retail.Cancelled {
			live = append(live, i)
		}
	}
	fold := func(among []int, want retail.Money, of func(retail.OrderLine) retail.Money, put func(*retail.OrderLine, retail.Money) bool) bool {
		diff := want
		for _, i := range among {
			diff -= of(lines[i])
		}
		if diff > retail.Money(roundingPerLine*len(among)) || -diff > retail.Money(roundingPerLine*len(among)) {
			return false
		}
		for n := len(among) - 1; n >= 0 && diff != 0; n-- {
			if put(&lines[among[n]], diff) {
				break
			}
		}
		return true
	}
	paid := func(l retail.OrderLine) retail.Money { return l.Price - l.Discount }
	pay := func(l *retail.OrderLine, diff retail.Money) bool {
		if l.Discount < diff || l.Discount-diff > l.Price {
			return false
		}
		l.Discount -= diff
		return true
	}
	fee := func(l retail.OrderLine) retail.Money { return l.Shipping }
	ship := func(l *retail.OrderLine, diff retail.Money) bool {
		if l.Shipping+diff < 0 {
			return false
		}
		l.Shipping += diff
		return true
	}
	if !fold(all, goods, paid, pay) {
		fold(live, goods, paid, pay)
	}
	if !fold(all, shipping, fee, ship) {
		fold(live, shipping, fee, ship)
	}
}

// buyer is who receives. Masked data identifies nobody (rule: LZD-18, §7.11);
// buyer_id does.
func buyer(o wireOrder, items []wireItem) retail.Contact {
	a := o.ShipTo
	c := retail.Contact{
		Name:    join(" ", a.FirstName, a.LastName),
		Phone:   string(first(a.Phone, a.Phone2)),
		Address: join(", ", a.Address1, a.Address2),
	}
	if c.Name == "" {
		c.Name = join(" ", o.FirstName, o.LastName)
	}
	for _, i := range items {
		if c.ID == "" && i.BuyerID != "0" {
			c.ID = string(i.BuyerID)
		}
	}
	c.Masked = strings.Contains(c.Phone, "*") || strings.Contains(c.Name, "*")
	// city and the district member stay readable where addressN is starred out.
	ward := a.Address5
	if strings.Trim(string(ward), "0123456789 ") == "" {
		ward = "" // one of the two descriptions has the post code here (§7.5)
	}
	c.Ward = string(legible(ward, first(a.District, a.DistrictSi)))
	c.Area = join(", ", legible(a.Address4, a.City), a.Address3)
	return c
}

// legible prefers whichever is not starred out, else the first that is there.
func legible(a, b text) text {
	if a == "" || (strings.Contains(string(a), "*") && b != "" && !strings.Contains(string(b), "*")) {
		return b
	}
	return a
}

func first(of ...text) text {
	for _, t := range of {
		if t != "" {
			return t
		}
	}
	return ""
}

// join puts distinct texts together and leaves empty ones out.
func join(between string, of ...text) string {
	var parts []string
	for _, t := range of {
		s := strings.TrimSpace(string(t))
		if s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, between)
}
