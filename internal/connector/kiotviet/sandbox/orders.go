package sandbox

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Order states (§6).
const (
	orderDraft     = 1
	orderShipping  = 2
	orderDone      = 3
	orderCancelled = 4
	orderConfirmed = 5
)

var orderStatus = map[int]string{
	orderDraft: "Phiếu tạm", orderShipping: "Đang giao hàng", orderDone: "Hoàn thành", orderCancelled: "Đã hủy", orderConfirmed: "Đã xác nhận",
}

type order struct {
	document
	confirmed bool // where it goes back to when its invoices are voided
	priceBook string
	invoices  []*invoice
	held      quantities // what it reserves now
}

func (o *order) open() bool {
	return o.status == orderDraft || o.status == orderConfirmed || o.status == orderShipping
}

func (s *shop) order(id int64) *order {
	return find(s.orders, func(o *order) bool { return o.id == id })
}

func (s *shop) orderByCode(code string) *order {
	return find(s.orders, func(o *order) bool { return strings.EqualFold(o.code, code) })
}

func (o *order) liveInvoices() []*invoice {
	var out []*invoice
	for _, v := range o.invoices {
		if v.status != invoiceVoided {
			out = append(out, v)
		}
	}
	return out
}

// remaining is what the invoices of an order do not cover yet, by product.
func (o *order) remaining() map[*product]decimal.Decimal {
	left := map[*product]decimal.Decimal{}
	for _, l := range o.lines {
		left[l.product] = left[l.product].Add(l.quantity)
	}
	for _, v := range o.liveInvoices() {
		for _, l := range v.lines {
			if q, ok := left[l.product]; ok {
				left[l.product] = q.Sub(l.quantity)
			}
		}
	}
	for p, q := range left {
		left[p] = decimal.Max(q, decimal.Zero)
	}
	return left
}

// outstanding is what an order reserves: open orders' quantities minus what
// their invoices cover (§4.5.5).
func (s *shop) outstanding(o *order) quantities {
	q := quantities{}
	if !o.open() {
		return q
	}
	for p, left := range o.remaining() {
		if left.Sign() > 0 {
			s.consumed(q, p, left, o.branchID)
		}
	}
	return q
}

// reserve brings the reservations of an order up to date.
func (s *shop) reserve(o *order) {
	now := s.outstanding(o)
	change := quantities{}
	for key, v := range now {
		change[key] = v
	}
	for key, v := range o.held {
		change[key] = change[key].Sub(v)
	}
	for _, key := range change.keys() {
		s.hold(key, change[key])
	}
	o.held = now
}

// follow moves an order to the state that its invoices put it in (§4.5.6).
func (s *shop) follow(o *order) {
	if o.status == orderCancelled {
		return
	}
	open := orderDraft
	if o.confirmed {
		open = orderConfirmed
	}
	live, covered := o.liveInvoices(), true
	for _, left := range o.remaining() {
		covered = covered && left.IsZero()
	}
	was := o.status
	switch {
	case len(live) > 0 && covered:
		o.status = orderDone
	case o.status == orderDone && s.is("void_reopens_order", "false"):
	case len(live) > 0 && s.is("order_after_partial_invoice", "2"):
		o.status = orderShipping
	default:
		o.status = open
	}
	s.reserve(o)
	if o.status != was || len(live) > 0 {
		s.touchOrder(o)
	}
}

func (s *shop) touchOrder(o *order) {
	o.modified = s.now()
	s.announceOrder(o)
}

func (s *shop) announceOrder(o *order) {
	s.emit("order.update", eventKey(o.id), func() any {
		// No delivery and no payments (§5.4).
		return s.headEvent(&o.document, "WebhookOrderRes", orderStatus[o.status]).with("OrderDetails", s.lineEvents(&o.document))
	})
}

func orderObject(s *shop, o *order, payments, delivery bool) object {
	x := s.headObject(&o.document, "code", o.code).with(
		"method", ifText(o.method), "status", o.status, "statusValue", orderStatus[o.status], "description", ifText(o.description),
		"usingCod", o.usingCOD, "saleChannelId", ifID(o.channelID))
	if payments {
		x = x.with("payments", s.paymentObjects(&o.document))
	}
	x = x.with("orderDetails", s.lineObjects(&o.document, false))
	if delivery && o.delivery != nil {
		x = x.with("orderDelivery", o.delivery.object(s, false))
	}
	return x.with("invoiceOrderSurcharges", surchargeObjects(&o.document, 0), "retailerId", s.id,
		"createdDate", naive(o.created), "modifiedDate", ifNaive(o.modified))
}

// listOrders is GET /orders (§4.5.1).
func listOrders(c *call) (any, error) {
	s := c.shop
	if !s.settings[setOrdering] {
		return nil, off(orderException, setOrdering)
	}
	c.drift()
	fits := c.documentFilter()
	var rows []*order
	for _, o := range s.orders {
		if fits(&o.document) {
			rows = append(rows, o)
		}
	}
	payments, delivery := c.in.flag("includePayment"), c.in.flag("includeOrderDelivery")
	return page(c, rows, func(o *order, field string) any { return documentSortKey(&o.document, field) },
		func(o *order) object { return orderObject(s, o, payments, delivery) }, listOptions{}), nil
}

// oneOrder finds the order of the path.
func (c *call) oneOrder() (*order, error) {
	if !c.shop.settings[setOrdering] {
		return nil, off(orderException, setOrdering)
	}
	o := c.shop.order(c.in.int("id"))
	if err := c.checked(); err != nil {
		return nil, err
	}
	if o == nil {
		return nil, noSuch(orderException, "Phiếu đặt hàng")
	}
	return o, nil
}

func getOrder(c *call) (any, error) {
	o, err := c.oneOrder()
	if err != nil {
		return nil, err
	}
	return orderObject(c.shop, o, true, true), nil
}

func getOrderByCode(c *call) (any, error) {
	if !c.shop.settings[setOrdering] {
		return nil, off(orderException, setOrdering)
	}
	o := c.shop.orderByCode(c.in.text("code"))
	if o == nil || !c.visible(&o.document) {
		return nil, noSuch(orderException, "Phiếu đặt hàng")
	}
	return orderObject(c.shop, o, true, true), nil
}
