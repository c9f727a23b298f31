package sandbox

import (
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"
)

// addOrder is POST /orders (§4.5.3).
func addOrder(c *call) (any, error) {
	s, in := c.shop, c.in
	if !s.settings[setOrdering] {
		return nil, off(orderException, setOrdering)
	}
	if who := c.r.Header.Get("Partner"); who != "" && who != "KVSync" && who != "MyKiot" {
		c.warn("header Partner " + who)
	}
	d := &draft{}
	code, err := c.callerCode(orderException, "Mã đặt hàng", func(code string) bool { return s.orderByCode(code) != nil })
	if err != nil {
		return nil, err
	}
	if err := c.readOrder(d); err != nil {
		return nil, err
	}
	if len(d.lines) == 0 {
		c.warn("an order without lines")
		return nil, business(orderException, "Phiếu đặt hàng chưa có hàng hóa")
	}
	if err := s.canOrder(s.needs(&d.document), nil); err != nil {
		return nil, err
	}
	if in.has("status") && in.int("status") > 1 {
		c.warn("status on POST /orders is ignored")
	}
	makeInvoice := in.flag("makeInvoice")
	if makeInvoice {
		if err := s.canSell(invoiceException, s.needs(&d.document), nil); err != nil {
			return nil, err
		}
	}
	if err := c.checked(); err != nil {
		return nil, err
	}
	c.settle(d)
	o := &order{document: d.document, priceBook: priceBookOf(in.text("Extra"))}
	s.openOrder(o, code)
	c.bookMoney(d, &o.document)
	if makeInvoice {
		c.warn("the receipt that makeInvoice books")
		s.invoiceWhole(o, true)
	}
	return orderObject(s, o, true, true), nil
}

// callerCode decides about a code in the body (§3.5): "" means an automatic
// one.
func (c *call) callerCode(exception, what string, taken func(string) bool) (string, error) {
	code := c.in.text("code")
	if code == "" {
		return "", nil
	}
	c.warn("caller-supplied code")
	if c.srv.desk.Is("caller_code", "ignored") {
		return "", nil
	}
	if taken(code) {
		return "", duplicate(exception, what, code)
	}
	return code, nil
}

// readOrder takes what create and update share over what the draft holds.
func (c *call) readOrder(d *draft) error {
	in := c.in
	if err := c.deliveryGates(in, "orderDelivery", orderException); err != nil {
		return err
	}
	if err := c.readHead(in, d, orderException); err != nil {
		return err
	}
	if in.has("orderDetails") {
		old := d.lines
		lines, err := c.readLines(in, "orderDetails", orderException)
		if err != nil {
			return err
		}
		for i := range lines {
			// PUT does not take the note of a line (§4.5.4).
			if k := slices.IndexFunc(old, func(l line) bool { return l.product == lines[i].product }); k >= 0 {
				lines[i].note = old[k].note
			} else if old != nil {
				lines[i].note = ""
			}
		}
		d.lines = lines
	}
	if in.has("surchages") {
		list, err := c.readSurcharges(in)
		if err != nil {
			return err
		}
		d.surcharges = list
	}
	d.readDiscount(in)
	if in.has("description") {
		d.description = in.text("description")
	}
	if detail, ok := in.child("orderDelivery"); ok {
		delivery, err := c.readDelivery(detail, d.delivery, orderException)
		if err != nil {
			return err
		}
		d.delivery, d.usingCOD = delivery, true
	}
	in.flag("makeInvoice")
	return c.readMoney(in, in.children("Payments"), d)
}

// readMoney reads a deposit or vouchers.
func (c *call) readMoney(in input, payments []input, d *draft) error {
	d.receipt = in.number("totalPayment")
	if in.flag("isApplyVoucher") {
		for _, row := range payments {
			if v := c.shop.voucher(row.int("voucherId")); v != nil && v.status == voucherReleased {
				d.vouchers = append(d.vouchers, v)
			} else {
				return noSuch(validateException, "Voucher")
			}
		}
	}
	return c.checked()
}

// bookMoney books what readMoney read. An update books only what is new.
func (c *call) bookMoney(d *draft, to *document) {
	prefix := "TTDH"
	if _, isInvoice := c.shop.invoiceOf(to); isInvoice {
		prefix = "TTHD"
	}
	for _, v := range d.vouchers {
		c.shop.receive(to, prefix, "Voucher", 0, v.campaign.price)
		v.status, v.used = voucherUsed, c.now
	}
	if more := d.receipt.Sub(c.shop.paid(to)); d.receipt.Sign() > 0 && more.Sign() > 0 {
		c.shop.receive(to, prefix, d.method, d.account, more)
	}
}

// priceBookOf reads the vendor plugin's Extra, JSON in a text (§4.5.3).
func priceBookOf(extra string) string {
	var v struct {
		PriceBookID struct {
			ID   json.Number `json:"Id"`
			Name string
		} `json:"PriceBookId"`
	}
	if json.Unmarshal([]byte(extra), &v) != nil {
		return ""
	}
	if v.PriceBookID.Name == "" {
		return v.PriceBookID.ID.String()
	}
	return v.PriceBookID.Name
}

// openOrder numbers an order and lets it reserve.
func (s *shop) openOrder(o *order, code string) {
	o.id, o.created, o.status = s.next("order"), s.now(), orderDraft
	if o.code = code; code == "" {
		o.code = s.autoCode("DH", func(code string) bool { return s.orderByCode(code) != nil })
	}
	s.orders = append(s.orders, o)
	s.reserve(o)
	s.announceOrder(o)
}

// putOrder is PUT /orders/{id} (§4.5.4).
func putOrder(c *call) (any, error) {
	s, in := c.shop, c.in
	o, err := c.oneOrder()
	if err != nil {
		return nil, err
	}
	if !o.open() {
		return nil, business(orderException, "Phiếu đặt hàng %s, không thể cập nhật", orderStatus[o.status])
	}
	d := &draft{document: o.document}
	if !in.has("orderDetails") {
		c.warn("PUT /orders without lines")
		if c.srv.desk.Is("order_put_without_lines", "cleared") {
			d.lines = nil
		}
	}
	if err := c.readOrder(d); err != nil {
		return nil, err
	}
	if err := s.canOrder(s.needs(&d.document), o.held); err != nil {
		return nil, err
	}
	makeInvoice := in.flag("makeInvoice")
	if makeInvoice {
		if err := s.canSell(invoiceException, s.needs(&d.document), o.held); err != nil {
			return nil, err
		}
	}
	status := 0
	if in.has("status") {
		c.warn("status on PUT /orders")
		if c.srv.desk.Is("order_put_status", "taken") {
			status = int(in.int("status"))
		}
	}
	if err := c.checked(); err != nil {
		return nil, err
	}
	c.settle(d)
	o.document = d.document
	c.bookMoney(d, &o.document)
	if in.has("Extra") {
		o.priceBook = priceBookOf(in.text("Extra"))
	}
	s.reserve(o)
	s.touchOrder(o)
	switch status {
	case orderCancelled:
		s.endOrder(o, false)
	case orderConfirmed:
		s.confirm(o)
	}
	if makeInvoice && o.open() {
		c.warn("the receipt that makeInvoice books")
		s.invoiceWhole(o, true)
	}
	return orderObject(s, o, true, true), nil
}

// confirm is done in the shop's screen (§4.5.6).
func (s *shop) confirm(o *order) {
	o.confirmed = true
	if o.status == orderDraft {
		o.status = orderConfirmed
	}
	s.touchOrder(o)
}

// cancelOrder is DELETE /orders/{id}?IsVoidPayment= (§4.5.4).
func cancelOrder(c *call) (any, error) {
	o, err := c.oneOrder()
	if err != nil {
		return nil, err
	}
	void := c.in.flag("IsVoidPayment")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if !o.open() {
		c.warn("cancelling an order that is not open")
		return nil, business(orderException, "Phiếu đặt hàng %s, không thể hủy", orderStatus[o.status])
	}
	if len(o.liveInvoices()) > 0 {
		c.warn("cancelling an order that has invoices")
	}
	c.shop.endOrder(o, void)
	return deleted(), nil
}

// endOrder cancels: a change of status, the order stays readable.
func (s *shop) endOrder(o *order, voidPayments bool) {
	o.status = orderCancelled
	if voidPayments {
		for _, p := range o.payments {
			p.voided = true
		}
	}
	s.reserve(o)
	s.touchOrder(o)
}

// invoiceWhole turns what is left of an order into one invoice. makeInvoice
// also books a receipt dated now (§4.5.4).
func (s *shop) invoiceWhole(o *order, receipt bool) *invoice {
	left := o.remaining()
	v := &invoice{document: o.document, orderID: o.id}
	v.modified = v.created
	v.lines = nil
	for _, l := range o.lines {
		if q := decimal.Min(l.quantity, left[l.product]); q.Sign() > 0 {
			left[l.product] = left[l.product].Sub(q)
			l.quantity = q
			v.lines = append(v.lines, l)
		}
	}
	if len(o.liveInvoices()) > 0 {
		// Discount and surcharges went with the first invoice.
		v.discount, v.ratio, v.surcharges = decimal.Zero, nil, nil
	}
	v.payments = slices.Clone(o.payments)
	v.purchase = s.now()
	v.status = invoiceDone
	if o.delivery != nil {
		copied := *o.delivery
		v.delivery, v.status = &copied, invoiceInWork
	}
	v.total = v.sum()
	s.openInvoice(v, "")
	if rest := v.total.Sub(s.paid(&v.document)); receipt && rest.Sign() > 0 {
		o.payments = append(o.payments, s.receive(&v.document, "TTHD", o.method, 0, rest))
	}
	return v
}
