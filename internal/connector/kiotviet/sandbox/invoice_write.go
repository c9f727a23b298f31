package sandbox

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// addInvoice is POST /invoices (§4.6.3).
func addInvoice(c *call) (any, error) {
	s, in := c.shop, c.in
	if err := c.deliveryGates(in, "deliveryDetail", invoiceException); err != nil {
		return nil, err
	}
	d := &draft{}
	code, err := c.callerCode(invoiceException, "Mã hóa đơn", func(code string) bool { return s.invoiceByCode(code) != nil })
	if err != nil {
		return nil, err
	}
	from, err := c.fromOrder(d)
	if err != nil {
		return nil, err
	}
	if in.int("soldById") == 0 {
		c.warn("POST /invoices without soldById")
		if c.srv.desk.Is("invoice_without_seller", "refused") {
			return nil, noSuch(userException, "Người bán")
		}
	}
	if err := c.readHead(in, d, invoiceException); err != nil {
		return nil, err
	}
	if d.lines, err = c.readLines(in, "invoiceDetails", invoiceException); err != nil {
		return nil, err
	}
	if len(d.lines) == 0 {
		c.warn("an invoice without lines")
		return nil, business(invoiceException, "Hóa đơn chưa có hàng hóa")
	}
	detail, delivered := in.child("deliveryDetail")
	for _, place := range []input{in, detail} { // §4.6.3: both places are accepted
		list, err := c.readSurcharges(place)
		if err != nil {
			return nil, err
		}
		d.surcharges = append(d.surcharges, list...)
	}
	d.readDiscount(in)
	if delivered {
		if d.delivery, err = c.readDelivery(detail, nil, invoiceException); err != nil {
			return nil, err
		}
	}
	if err := c.readInvoiceStatus(d, delivered); err != nil {
		return nil, err
	}
	d.usingCOD = in.flag("usingCod") || delivered
	extras := c.srv.desk.Is("invoice_create_extras", "stored")
	if in.has("description") {
		c.warn("description on POST /invoices")
		if extras {
			d.description = in.text("description")
		}
	}
	// The docs nest Payments, too, in deliveryDetail.
	if err := c.readMoney(in, append(in.children("Payments"), detail.children("Payments")...), d); err != nil {
		return nil, err
	}
	var held quantities
	if from != nil {
		held = from.held
	}
	if err := s.canSell(invoiceException, s.needs(&d.document), held); err != nil {
		return nil, err
	}
	if err := c.checked(); err != nil {
		return nil, err
	}

	c.settle(d)
	v := &invoice{document: d.document}
	if from != nil {
		v.orderID = from.id
	}
	if delivered && detail.has("priceCodPayment") {
		c.warn("priceCodPayment on POST /invoices")
	}
	if v.delivery != nil && (!extras || !detail.has("priceCodPayment")) {
		v.delivery.collectAmount = decimal.Zero
		if v.delivery.collect && c.srv.desk.Is("ignored_cod_amount", "left_to_pay") {
			v.delivery.collectAmount = v.total.Sub(d.receipt)
		}
	}
	s.openInvoice(v, code)
	c.bookMoney(d, &v.document)
	return invoiceObject(s, v, writeFlags), nil
}

// fromOrder finds the order that an invoice is made from. Its customer, seller
// and branch are what the call does not name.
func (c *call) fromOrder(d *draft) (*order, error) {
	id := c.in.int("orderId")
	if id == 0 {
		return nil, c.checked()
	}
	o := c.shop.order(id)
	switch {
	case o == nil:
		return nil, noSuch(orderException, "Phiếu đặt hàng")
	case o.status == orderCancelled:
		return nil, business(orderException, "Phiếu đặt hàng đã bị hủy")
	case o.status == orderDone:
		c.warn("an invoice for an order that is covered already")
	}
	d.branchID, d.customerID, d.soldBy, d.channelID = o.branchID, o.customerID, o.soldBy, o.channelID
	return o, nil
}

// readInvoiceStatus: 3 is what clients send for invoices with delivery; the
// member is undocumented on create (§4.6.3).
func (c *call) readInvoiceStatus(d *draft, delivered bool) error {
	d.status = invoiceDone
	if delivered {
		d.status = invoiceInWork
	}
	if !c.in.has("status") {
		if delivered {
			c.warn("POST /invoices with delivery and without status")
		}
		return nil
	}
	switch status := int(c.in.int("status")); status {
	case invoiceDone, invoiceInWork:
		d.status = status
	default:
		c.warn("an unusual status on POST /invoices is ignored")
	}
	return nil
}

// putInvoice is PUT /invoices/{id} (§4.6.4).
func putInvoice(c *call) (any, error) {
	s, in := c.shop, c.in
	v, err := c.oneInvoice()
	if err != nil {
		return nil, err
	}
	if v.status == invoiceVoided {
		return nil, business(invoiceException, "Hóa đơn đã bị hủy")
	}
	if err := c.deliveryGates(in, "deliveryDetail", invoiceException); err != nil {
		return nil, err
	}
	d := &draft{document: v.document}
	for _, name := range []string{"branchId", "customerId", "customer", "orderId", "description", "discount", "totalPayment", "surchages"} {
		if in.has(name) {
			c.warn(name + " in PUT /invoices is ignored")
			delete(in.values, strings.ToLower(name))
		}
	}
	if in.int("soldById") == 0 {
		c.warn("PUT /invoices without soldById")
	}
	if err := c.readHead(in, d, invoiceException); err != nil {
		return nil, err
	}
	edited := in.has("invoiceDetails")
	if edited {
		if err := s.canVoid(v); err != nil {
			return nil, err
		}
		if d.lines, err = c.readLines(in, "invoiceDetails", invoiceException); err != nil {
			return nil, err
		}
		if len(d.lines) == 0 {
			return nil, business(invoiceException, "Hóa đơn chưa có hàng hóa")
		}
		if err := s.canSell(invoiceException, s.difference(&v.document, &d.document), nil); err != nil {
			return nil, err
		}
	}
	if detail, ok := in.child("deliveryDetail"); ok {
		if d.delivery, err = c.readDelivery(detail, v.delivery, invoiceException); err != nil {
			return nil, err
		}
		d.usingCOD = true
	}
	if in.has("status") {
		status := int(in.int("status"))
		if invoiceStatus[status] == "" || status == invoiceVoided {
			c.warn("an unusual status on PUT /invoices")
			return nil, business(invoiceException, "Trạng thái hóa đơn không hợp lệ")
		}
		d.status = status
	}
	if err := c.checked(); err != nil {
		return nil, err
	}

	d.surcharges = slices.Clone(d.surcharges)
	c.settle(d)
	switch {
	case edited:
		v = s.replaceInvoice(v, d.document)
	case c.srv.desk.Is("delivery_put_keeps_id", "false"):
		c.warn("whether a PUT without lines keeps the id")
		v = s.replaceInvoice(v, d.document)
	default:
		c.warn("whether a PUT without lines keeps the id")
		v.document = d.document
		s.touchInvoice(v)
	}
	return invoiceObject(s, v, writeFlags), nil
}
