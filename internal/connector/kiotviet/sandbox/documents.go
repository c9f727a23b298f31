package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// document is what orders and invoices have in common.
type document struct {
	id                          int64
	code                        string
	purchase, created, modified time.Time
	branchID, soldBy, cashier   int64
	customerID, channelID       int64
	lines                       []line
	discount                    decimal.Decimal
	ratio                       *decimal.Decimal
	surcharges                  []docSurcharge
	total                       decimal.Decimal
	status                      int
	description, method         string
	usingCOD                    bool
	delivery                    *delivery
	payments                    []*payment
}

type line struct {
	product         *product
	quantity, price decimal.Decimal
	discount        decimal.Decimal // money per unit (§3.9)
	ratio           *decimal.Decimal
	note, serials   string
	extra           bool // isMaster = false
	taxIDs          []int64
	returned        decimal.Decimal
}

type docSurcharge struct {
	id        int64
	surcharge *surcharge
	price     decimal.Decimal
	created   time.Time
}

// amount is the line total of §3.9.
func (l *line) amount() decimal.Decimal { return l.price.Sub(l.discount).Mul(l.quantity) }

// sum is "khách cần trả" of §3.9: lines − discount + surcharges. Taxes are
// carried but not added: no shop here uses pricingMode 0.
func (d *document) sum() decimal.Decimal {
	total := d.discount.Neg()
	for i := range d.lines {
		total = total.Add(d.lines[i].amount())
	}
	for _, x := range d.surcharges {
		total = total.Add(x.price)
	}
	return total
}

// paid is "khách đã trả".
func (s *shop) paid(d *document) decimal.Decimal {
	total := decimal.Zero
	for _, p := range d.payments {
		if !p.voided {
			total = total.Add(p.amount)
		}
	}
	return total
}

// needs is what a document's lines take from the stock.
func (s *shop) needs(d *document) quantities {
	q := quantities{}
	for _, l := range d.lines {
		s.consumed(q, l.product, l.quantity, d.branchID)
	}
	return q
}

var hundred = decimal.NewFromInt(100)

// readLines reads orderDetails or invoiceDetails. A product is named by id or
// by code alone (§4.6.3).
func (c *call) readLines(in input, name, exception string) ([]line, error) {
	s := c.shop
	var lines []line
	for _, row := range in.children(name) {
		var p *product
		if id := row.int("productId"); id != 0 {
			p = s.byID[id]
		} else {
			p = s.productByCode(row.text("productCode"))
		}
		if p == nil {
			return nil, noSuchProduct()
		}
		l := line{
			product: p, quantity: row.number("quantity"), price: p.price, discount: row.number("discount"), ratio: row.maybe("discountRatio"),
			note: row.text("note"), serials: row.text("serialNumbers"), extra: !row.flagOr("isMaster", true),
			taxIDs: taxIDs(row, strings.TrimSuffix(name, "s")+"Taxs"),
		}
		if row.has("price") {
			l.price = row.number("price")
		} else {
			c.warn("a line without price")
		}
		if !row.has("discount") && l.ratio != nil {
			l.discount = l.price.Mul(*l.ratio).Div(hundred)
		}
		if l.quantity.Sign() <= 0 {
			return nil, business(exception, "Số lượng hàng hóa phải lớn hơn 0")
		}
		if l.price.Sign() < 0 || l.discount.Sign() < 0 || l.discount.GreaterThan(l.price) {
			c.warn("a negative price or a discount over the price")
		}
		if !p.active {
			c.warn("selling a product that is stopped")
		}
		lines = append(lines, l)
	}
	if s.is("repeated_lines", "merged") {
		lines = merge(lines)
	}
	return lines, nil
}

// merge adds up the quantities of repeated lines (§4.6.6). Lines at another
// price stay, or the total would change.
func merge(lines []line) []line {
	var out []line
next:
	for _, l := range lines {
		for i := range out {
			if o := &out[i]; o.product == l.product && o.price.Equal(l.price) && o.discount.Equal(l.discount) {
				o.quantity = o.quantity.Add(l.quantity)
				continue next
			}
		}
		out = append(out, l)
	}
	return out
}

// taxIDs reads [{taxId}].
func taxIDs(in input, name string) []int64 {
	var ids []int64
	for _, t := range in.children(name) {
		if id := t.int("taxId"); id != 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// readSurcharges reads surchages (sic) by id or code.
func (c *call) readSurcharges(in input) ([]docSurcharge, error) {
	s := c.shop
	var out []docSurcharge
	for _, row := range in.children("surchages") {
		x := find(s.surcharges, func(x *surcharge) bool {
			return x.id == row.int("id") || row.int("id") == 0 && strings.EqualFold(x.code, row.text("code"))
		})
		if x == nil || !x.active {
			return nil, noSuch(validateException, "Thu khác")
		}
		if !s.settings[setSurcharges] {
			c.warn("surcharges on a document while the shop has them off")
			return nil, noSurcharges()
		}
		price := x.value
		if row.has("price") {
			price = row.number("price")
		}
		out = append(out, docSurcharge{surcharge: x, price: price, created: c.now})
	}
	return out, nil
}

// draft is a document being read from a call, before anything is changed.
type draft struct {
	document
	fresh    *customer // to be created with the document
	receipt  decimal.Decimal
	account  int64
	vouchers []*voucher
}

// readHead takes the members that orders and invoices share, as far as they
// were sent, over what the draft already holds.
func (c *call) readHead(in input, d *draft, exception string) error {
	s := c.shop
	if in.has("branchId") || d.branchID == 0 {
		d.branchID = in.int("branchId")
	}
	if b := s.branch(d.branchID); b == nil || !b.active {
		return noSuch(branchException, "Chi nhánh")
	}
	if in.has("soldById") && in.int("soldById") != 0 {
		d.soldBy = in.int("soldById")
	}
	if in.has("cashierId") && in.int("cashierId") != 0 {
		d.cashier = in.int("cashierId")
	}
	for _, id := range []int64{d.soldBy, d.cashier} {
		if id != 0 && s.user(id) == nil {
			return noSuch(userException, "Người dùng")
		}
	}
	if in.has("purchaseDate") {
		if !s.settings[setSaleTime] {
			return off(exception, setSaleTime)
		}
		d.purchase = in.date("purchaseDate")
	}
	if in.has("saleChannelId") {
		if d.channelID = in.int("saleChannelId"); d.channelID != 0 {
			if ch := find(s.channels, func(x *channel) bool { return x.id == d.channelID }); ch == nil || !ch.active {
				return noSuch(channelException, "Kênh bán")
			}
		}
	}
	if in.has("method") {
		d.method = in.text("method")
	}
	d.account = in.int("accountId")
	if d.account != 0 && find(s.accounts, func(a *bankAccount) bool { return a.id == d.account }) == nil {
		return noSuch(validateException, "Tài khoản ngân hàng")
	}
	return c.readCustomer(in, d)
}

// readCustomer resolves customerId or an inline customer (§4.5.3).
func (c *call) readCustomer(in input, d *draft) error {
	s := c.shop
	if id := in.int("customerId"); id != 0 {
		if s.customer(id) == nil {
			return noSuch(customerException, "Khách hàng")
		}
		d.customerID = id
		return nil
	}
	who, ok := in.child("customer")
	if !ok {
		return nil
	}
	if id := who.int("id"); id > 0 {
		if s.customer(id) == nil {
			return noSuch(customerException, "Khách hàng")
		}
		d.customerID = id
		return nil
	}
	if k := s.customerByCode(who.text("code")); k != nil {
		d.customerID = k.id
		return nil
	}
	if k := s.samePhone(who.text("contactNumber"), d.branchID); k != nil {
		c.warn("an inline customer with a known phone")
		if s.is("inline_customer_by_phone", "reused") {
			d.customerID = k.id
			return nil
		}
	}
	if who.text("name") == "" {
		return business(customerException, "Tên khách hàng không được để trống")
	}
	d.fresh = &customer{}
	readCustomer(d.fresh, who)
	d.fresh.branchID = d.branchID
	return nil
}

// readDiscount takes the document's discount; a ratio is of the lines' sum.
func (d *draft) readDiscount(in input) {
	if in.has("discount") {
		d.discount, d.ratio = in.number("discount"), nil
	}
	if ratio := in.maybe("discountRatio"); ratio != nil {
		d.ratio = ratio
		if !in.has("discount") {
			sum := decimal.Zero
			for i := range d.lines {
				sum = sum.Add(d.lines[i].amount())
			}
			d.discount = sum.Mul(*ratio).Div(hundred)
		}
	}
}

// settle makes the customer and numbers the surcharges, once nothing can be
// refused any more.
func (c *call) settle(d *draft) {
	s := c.shop
	if d.fresh != nil {
		d.customerID = s.newCustomer(d.fresh).id
	}
	for i := range d.surcharges {
		if d.surcharges[i].id == 0 {
			d.surcharges[i].id = s.next("docSurcharge")
		}
	}
	if d.soldBy == 0 {
		d.soldBy = s.owner().id
	}
	if d.cashier == 0 {
		d.cashier = s.owner().id // default: admin (§4.5.3)
	}
	if d.purchase.IsZero() {
		d.purchase = c.now
	}
	d.total = d.sum()
}
