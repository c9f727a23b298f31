package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Invoice states (§6).
const (
	invoiceDone        = 1
	invoiceVoided      = 2
	invoiceInWork      = 3
	invoiceUndelivered = 5
)

var invoiceStatus = map[int]string{
	invoiceDone: "Hoàn thành", invoiceVoided: "Đã hủy", invoiceInWork: "Đang xử lý", invoiceUndelivered: "Không giao được",
}

type invoice struct {
	document
	uuid     string
	orderID  int64
	baseCode string // the code before its edits
	edits    int
	counter  bool // sold at the counter
}

func (s *shop) invoice(id int64) *invoice {
	return find(s.invoices, func(v *invoice) bool { return v.id == id })
}

func (s *shop) invoiceByCode(code string) *invoice {
	return find(s.invoices, func(v *invoice) bool { return strings.EqualFold(v.code, code) })
}

func (s *shop) invoiceOf(d *document) (*invoice, bool) {
	v := find(s.invoices, func(v *invoice) bool { return &v.document == d })
	return v, v != nil
}

// openInvoice numbers an invoice and takes its goods: stock falls at once,
// whatever the status (§4.6.6).
func (s *shop) openInvoice(v *invoice, code string) {
	v.id, v.created = s.next("invoice"), s.now()
	v.uuid = s.guid("invoice", v.id)
	if v.code = code; code == "" {
		v.code = s.autoCode("HD", func(code string) bool { return s.invoiceByCode(code) != nil })
	}
	v.baseCode = v.code
	s.enterInvoice(v)
}

func (s *shop) enterInvoice(v *invoice) {
	s.invoices = append(s.invoices, v)
	kind := "sale"
	if v.counter {
		kind = "counter"
	}
	s.moveAll(kind, v.code, s.needs(&v.document), -1)
	s.announceInvoice(v)
	if o := s.order(v.orderID); o != nil {
		o.invoices = append(o.invoices, v)
		s.follow(o)
	}
}

// endInvoice voids: the goods are back on hand at once (§4.6.5).
func (s *shop) endInvoice(v *invoice, voidPayments bool) {
	v.status = invoiceVoided
	if voidPayments {
		for _, p := range v.payments {
			p.voided = true
		}
	}
	s.moveAll("void", v.code, s.needs(&v.document), +1)
	s.touchInvoice(v)
	if o := s.order(v.orderID); o != nil {
		s.follow(o)
	}
}

// replaceInvoice is what an edit of the content does: the original is voided
// and a new invoice takes its place, with suffix .01, .02 … and a new id
// (§4.6.4). The money received goes over to the new one.
func (s *shop) replaceInvoice(old *invoice, next document) *invoice {
	v := &invoice{
		document: next, orderID: old.orderID, baseCode: old.baseCode, edits: old.edits + 1, counter: old.counter,
	}
	v.lines = slices.Clone(v.lines)
	v.payments = old.payments
	old.payments = nil
	s.endInvoice(old, false)

	v.id, v.created, v.modified = s.next("invoice"), s.now(), s.now()
	v.uuid = s.guid("invoice", v.id)
	for {
		v.code = fmt.Sprintf("%s.%02d", v.baseCode, v.edits)
		if s.invoiceByCode(v.code) == nil {
			break
		}
		v.edits++
	}
	for _, p := range v.payments {
		p.document = v.code
	}
	v.total = v.sum()
	s.enterInvoice(v)
	return v
}

func (s *shop) touchInvoice(v *invoice) {
	v.modified = s.now()
	s.announceInvoice(v)
}

func (s *shop) announceInvoice(v *invoice) {
	s.emit("invoice.update", eventKey(v.id), func() any {
		// No order reference and no fields about collection (§5.4).
		x := s.headEvent(&v.document, "WebhookInvoiceRes", invoiceStatus[v.status])
		if v.delivery != nil {
			x = x.with("InvoiceDelivery", v.delivery.event(s))
		}
		x = x.with("InvoiceDetails", s.lineEvents(&v.document))
		return x.with("Payments", mapRows(v.payments, func(p *payment) object {
			status, label := p.statusValue()
			return obj("Id", p.id, "Code", p.code, "Amount", p.amount, "AccountId", ifID(p.account), "Method", p.method,
				"Status", status, "StatusValue", label, "TransDate", zoned(p.at))
		}))
	})
}

type invoiceFlags struct {
	payments, delivery, channel bool
	deliveryKey                 string // invoiceDelivery on reads, deliveryDetail on writes
}

func invoiceObject(s *shop, v *invoice, f invoiceFlags) object {
	orderCode := ""
	if o := s.order(v.orderID); o != nil {
		orderCode = o.code
	}
	x := s.headObject(&v.document, "uuid", v.uuid, "code", v.code, "orderId", ifID(v.orderID), "orderCode", orderCode).with(
		"status", v.status, "statusValue", invoiceStatus[v.status], "description", ifText(v.description), "usingCod", v.usingCOD,
		"saleChannelId", ifID(v.channelID))
	if f.payments {
		x = x.with("payments", s.paymentObjects(&v.document))
	}
	x = x.with("invoiceOrderSurcharges", surchargeObjects(&v.document, v.id), "invoiceDetails", s.lineObjects(&v.document, true))
	if f.delivery && v.delivery != nil {
		x = x.with(f.deliveryKey, v.delivery.object(s, true))
	}
	if ch := find(s.channels, func(ch *channel) bool { return ch.id == v.channelID }); ch != nil && f.channel {
		x = x.with("SaleChannel", obj("Id", ch.id, "Name", ch.name, "IsActivate", ch.active, "IsNotDelete", false, "Position", 0,
			"RetailerId", s.id, "CreatedBy", s.owner().id, "CreatedDate", naive(ch.created)))
	}
	return x.with("createdDate", naive(v.created), "modifiedDate", ifNaive(v.modified))
}

var (
	readFlags  = invoiceFlags{payments: true, delivery: true, deliveryKey: "invoiceDelivery"}
	writeFlags = invoiceFlags{payments: true, delivery: true, deliveryKey: "deliveryDetail"}
)

// listInvoices is GET /invoices (§4.6.1).
func listInvoices(c *call) (any, error) {
	s, in := c.shop, c.in
	c.drift()
	fits := c.documentFilter()
	orderID, from, to := in.int("orderId"), in.date("fromPurchaseDate"), in.date("toPurchaseDate")
	var rows []*invoice
	for _, v := range s.invoices {
		if fits(&v.document) && (orderID == 0 || v.orderID == orderID) &&
			(from.IsZero() || !v.purchase.Before(from)) && (to.IsZero() || !v.purchase.After(to)) {
			rows = append(rows, v)
		}
	}
	// "in lists and reads" is said of the delivery (§4.6.2), and there is a
	// flag for it: the flag decides (§10.1.7).
	f := invoiceFlags{
		payments: in.flag("includePayment"), delivery: in.flag("includeInvoiceDelivery"), channel: in.flag("SaleChannel"),
		deliveryKey: "invoiceDelivery",
	}
	return page(c, rows, func(v *invoice, field string) any { return documentSortKey(&v.document, field) },
		func(v *invoice) object { return invoiceObject(s, v, f) }, listOptions{}), nil
}

func (c *call) oneInvoice() (*invoice, error) {
	v := c.shop.invoice(c.in.int("id"))
	if err := c.checked(); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, noSuch(invoiceException, "Hóa đơn")
	}
	return v, nil
}

func getInvoice(c *call) (any, error) {
	v, err := c.oneInvoice()
	if err != nil {
		return nil, err
	}
	return invoiceObject(c.shop, v, readFlags), nil
}

func getInvoiceByCode(c *call) (any, error) {
	v := c.shop.invoiceByCode(c.in.text("code"))
	if v == nil || !c.visible(&v.document) {
		return nil, noSuch(invoiceException, "Hóa đơn")
	}
	return invoiceObject(c.shop, v, readFlags), nil
}

// voidInvoice is DELETE /invoices with the id in body, query or path: the
// framework binds all three alike (§4.6.5).
func voidInvoice(c *call) (any, error) {
	void := c.in.flag("isVoidPayment")
	v, err := c.oneInvoice()
	if err != nil {
		return nil, err
	}
	if err := c.shop.canVoid(v); err != nil {
		c.warn("voiding an invoice that is voided or has a return")
		return nil, err
	}
	c.shop.endInvoice(v, void)
	return invoiceObject(c.shop, v, readFlags), nil
}

func (s *shop) canVoid(v *invoice) error {
	if v.status == invoiceVoided {
		return business(invoiceException, "Hóa đơn đã bị hủy")
	}
	if slices.ContainsFunc(v.lines, func(l line) bool { return l.returned.Sign() > 0 }) {
		return business(invoiceException, "Hóa đơn đã có phiếu trả hàng, không thể hủy")
	}
	return nil
}

// difference is what next takes from the stock beyond old.
func (s *shop) difference(old, next *document) quantities {
	q := s.needs(next)
	for key, v := range s.needs(old) {
		q[key] = q[key].Sub(v)
		if q[key].Sign() <= 0 {
			delete(q, key)
		}
	}
	for key, v := range q {
		q[key] = decimal.Max(v, decimal.Zero)
	}
	return q
}
