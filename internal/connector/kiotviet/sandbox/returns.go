package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// returned is one return, made in the shop's screen: no call creates it and no
// event tells of it but stock.update (§4.10).
type returned struct {
	id      int64
	code    string
	invoice *invoice
	line    line // what came back
	total   decimal.Decimal
	created time.Time
}

// makeReturn books quantity of one line of an invoice back.
func (s *shop) makeReturn(v *invoice, l *line, quantity decimal.Decimal) *returned {
	r := &returned{
		id: s.next("return"), code: s.autoCode("TH", func(string) bool { return false }), invoice: v, line: *l, created: s.now(),
	}
	r.line.quantity = quantity
	r.total = r.line.amount()
	l.returned = l.returned.Add(quantity)
	s.returns = append(s.returns, r)
	q := quantities{}
	s.consumed(q, l.product, quantity, v.branchID)
	s.moveAll("return", r.code, q, +1)
	return r
}

func returnObject(s *shop, r *returned, payments bool) object {
	o := obj("id", r.id, "code", r.code, "invoiceId", r.invoice.id, "returnDate", naive(r.created), "branchId", r.invoice.branchID,
		"branchName", s.branchName(r.invoice.branchID), "receivedById", s.staff().id, "soldByName", s.staff().userName)
	o = o.with(s.customerPairs(&r.invoice.document)...)
	o = o.with("returnTotal", r.total, "returnDiscount", decimal.Zero, "returnFee", decimal.Zero, "totalPayment", decimal.Zero,
		"status", 1, "statusValue", "Đã trả", "createdDate", naive(r.created), "modifiedDate", naive(r.created))
	if payments {
		o = o.with("payments", []any{})
	}
	return o.with("returnDetails", []object{obj("productId", r.line.product.id, "productCode", r.line.product.code,
		"productName", r.line.product.fullName(), "quantity", r.line.quantity, "price", r.line.price.Sub(r.line.discount), "note", ifText(r.line.note),
		"usePoint", false, "subTotal", r.line.amount(), "AllocationDiscount", decimal.Zero)})
}

func listReturns(c *call) (any, error) {
	s, from := c.shop, c.in.date("lastModifiedFrom")
	var rows []*returned
	for _, r := range s.returns {
		if modifiedSince(from, r.created, time.Time{}) {
			rows = append(rows, r)
		}
	}
	payments := c.in.flag("includePayment")
	return page(c, rows, func(r *returned, f string) any { return simpleKey(r.id, r.code, r.created, time.Time{})(f) },
		func(r *returned) object { return returnObject(s, r, payments) }, listOptions{}), nil
}

// getReturn serves the reads by id and by code.
func getReturn(c *call) (any, error) {
	code := c.in.text("code")
	var id int64
	if code == "" {
		id = c.in.int("id")
	}
	if err := c.checked(); err != nil {
		return nil, err
	}
	r := find(c.shop.returns, func(r *returned) bool { return r.id == id || code != "" && strings.EqualFold(r.code, code) })
	if r == nil {
		return nil, noSuch(validateException, "Phiếu trả hàng")
	}
	return returnObject(c.shop, r, true), nil
}
