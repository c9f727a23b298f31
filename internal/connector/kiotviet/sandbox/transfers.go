package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Transfer states are not documented; these are the common ones (§6).
const (
	transferDraft    = 1
	transferSent     = 2
	transferReceived = 3
	transferDeleted  = 4
)

type transfer struct {
	id                      int64
	code, description       string
	from, to                int64
	status                  int
	lines                   []transferLine
	sent, received, created time.Time
}

type transferLine struct {
	product          *product
	send, got, price decimal.Decimal
}

// apply moves the goods as far as the state says; sign -1 takes that back.
func (t *transfer) apply(s *shop, sign int64) {
	leaving, arriving := quantities{}, quantities{}
	for _, l := range t.lines {
		s.consumed(leaving, l.product, l.send, t.from)
		s.consumed(arriving, l.product, l.got, t.to)
	}
	if t.status == transferSent || t.status == transferReceived {
		s.moveAll("transfer_out", t.code, leaving, -sign)
	}
	if t.status == transferReceived {
		s.moveAll("transfer_in", t.code, arriving, sign)
	}
}

func (t *transfer) row(s *shop) object {
	return obj("id", t.id, "code", t.code, "fromBranchId", t.from, "toBranchId", t.to, "status", t.status, "retailerId", s.id,
		"description", ifText(t.description), "dispatchedDate", ifNaive(t.sent), "transferDetails", mapRows(t.lines, func(l transferLine) object {
			return obj("productId", l.product.id, "ProductCode", l.product.code, "sendQuantity", l.send, "recieveQuantity", l.got,
				"price", l.price, "sendPrice", l.price.Mul(l.send), "receivePrice", l.price.Mul(l.got))
		}))
}

func listTransfers(c *call) (any, error) {
	s, in := c.shop, c.in
	to, from, statuses := in.ints("toBranchIds"), in.ints("fromBranchIds"), in.ints("status")
	sentFrom, sentTo := in.date("fromTransferDate"), in.date("toTransferDate")
	gotFrom, gotTo := in.date("fromReceivedDate"), in.date("toReceivedDate")
	var rows []*transfer
	for _, t := range s.transfers {
		if oneOf(to, t.to) && oneOf(from, t.from) && oneOf(statuses, int64(t.status)) &&
			(sentFrom.IsZero() || !t.sent.Before(sentFrom)) && (sentTo.IsZero() || !t.sent.After(sentTo)) &&
			(gotFrom.IsZero() || !t.received.Before(gotFrom)) && (gotTo.IsZero() || !t.received.After(gotTo)) {
			rows = append(rows, t)
		}
	}
	return page(c, rows, func(t *transfer, f string) any { return simpleKey(t.id, t.code, t.created, time.Time{})(f) },
		func(t *transfer) object { return t.row(s) }, listOptions{}), nil
}

func (c *call) transfer() (*transfer, error) {
	id := c.in.int("id")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if t := find(c.shop.transfers, func(t *transfer) bool { return t.id == id }); t != nil {
		return t, nil
	}
	return nil, noSuch(validateException, "Phiếu chuyển hàng")
}

// getTransfer: the detail has other names than the list (§4.14).
func getTransfer(c *call) (any, error) {
	s := c.shop
	t, err := c.transfer()
	if err != nil {
		return nil, err
	}
	return obj("id", t.id, "code", t.code, "status", t.status, "transferredDate", ifNaive(t.sent), "receivedDate", ifNaive(t.received),
		"createdById", s.owner().id, "createdByName", s.owner().userName, "fromBranchId", t.from, "fromBranchName", s.branchName(t.from),
		"toBranchId", t.to, "toBranchName", s.branchName(t.to), "noteBySource", ifText(t.description),
		"details", mapRows(t.lines, func(l transferLine) object {
			return obj("id", t.id, "productId", l.product.id, "productCode", l.product.code, "productName", l.product.fullName(),
				"transferredQuantity", l.send, "price", l.price, "totalTransfer", l.price.Mul(l.send), "totalReceive", l.price.Mul(l.got))
		})), nil
}

// readTransfer reads the body of POST and PUT into t.
func (c *call) readTransfer(t *transfer) error {
	s, in := c.shop, c.in
	if in.has("fromBranchId") {
		t.from = in.int("fromBranchId")
	}
	if in.has("toBranchId") {
		t.to = in.int("toBranchId")
	}
	if s.branch(t.from) == nil || s.branch(t.to) == nil || t.from == t.to {
		return noSuch(branchException, "Chi nhánh")
	}
	if in.has("description") {
		t.description = in.text("description")
	}
	if code := in.text("code"); code != "" {
		if other := find(s.transfers, func(x *transfer) bool { return strings.EqualFold(x.code, code) && x.id != t.id }); other != nil {
			return duplicate(validateException, "Mã chuyển hàng", code)
		}
		t.code = code
	}
	switch {
	case in.has("status"):
		c.warn("transfer status values")
		t.status = int(in.int("status"))
	case in.flag("isDraft"):
		t.status = transferDraft
	case in.has("isDraft") || t.status == 0:
		t.status = transferSent
	}
	if t.status < transferDraft || t.status > transferReceived {
		return business(validateException, "Trạng thái phiếu chuyển hàng không hợp lệ")
	}
	if rows := in.children("transferDetails"); len(rows) > 0 {
		t.lines = nil
		for _, row := range rows {
			p := s.byID[row.int("productId")]
			if p == nil {
				p = s.productByCode(row.text("productCode"))
			}
			if p == nil {
				return noSuchProduct()
			}
			l := transferLine{product: p, send: row.number("sendQuantity"), got: row.number("recivedQuantity"), price: row.number("price")}
			t.lines = append(t.lines, l)
		}
	}
	if t.status == transferReceived {
		for i := range t.lines {
			if t.lines[i].got.IsZero() {
				t.lines[i].got = t.lines[i].send
			}
		}
	}
	if len(t.lines) == 0 {
		return business(validateException, "Phiếu chuyển hàng chưa có hàng hóa")
	}
	if err := c.checked(); err != nil {
		return err
	}
	if t.status != transferDraft && t.sent.IsZero() {
		t.sent = c.now
	}
	if t.status == transferReceived && t.received.IsZero() {
		t.received = c.now
	}
	return nil
}

func addTransfer(c *call) (any, error) {
	s := c.shop
	t := &transfer{created: c.now}
	if err := c.readTransfer(t); err != nil {
		return nil, err
	}
	t.id = s.next("transfer")
	if t.code == "" {
		t.code = s.autoCode("TRF", func(string) bool { return false })
	}
	s.transfers = append(s.transfers, t)
	t.apply(s, +1)
	return updated(t.row(s).with("isActive", true)), nil
}

func putTransfer(c *call) (any, error) {
	t, err := c.transfer()
	if err != nil {
		return nil, err
	}
	if t.status == transferDeleted {
		return nil, business(validateException, "Phiếu chuyển hàng đã bị hủy")
	}
	next := *t
	if err := c.readTransfer(&next); err != nil {
		return nil, err
	}
	t.apply(c.shop, -1)
	*t = next
	t.apply(c.shop, +1)
	return updated(t.row(c.shop).with("isActive", true)), nil
}

func deleteTransfer(c *call) (any, error) {
	t, err := c.transfer()
	if err != nil {
		return nil, err
	}
	if t.status == transferDeleted {
		return nil, business(validateException, "Phiếu chuyển hàng đã bị hủy")
	}
	t.apply(c.shop, -1)
	t.status = transferDeleted
	return deleted(), nil
}
