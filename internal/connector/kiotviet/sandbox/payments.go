package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// payment is one voucher of the cash book: positive for receipts, negative
// for payments (§4.11).
type payment struct {
	id          int64
	code        string
	amount      decimal.Decimal
	method      string
	account     int64
	at          time.Time
	voided      bool
	branchID    int64
	partnerType string // §6
	partnerID   int64
	partnerName string
	document    string
	group       string // "Tiền khách trả"
	description string
}

// methodName gives the spelling of answers; requests come in any case (§3.9).
func methodName(text string) string {
	for _, known := range []string{"Cash", "Card", "Transfer", "Voucher", "Point"} {
		if strings.EqualFold(text, known) {
			return known
		}
	}
	if text == "" {
		return "Cash"
	}
	return text
}

// receive books money on an order (prefix TTDH) or an invoice (TTHD), §3.5.
func (s *shop) receive(d *document, prefix, method string, account int64, amount decimal.Decimal) *payment {
	p := &payment{
		id: s.next("payment"), code: s.autoCode(prefix, func(string) bool { return false }), amount: amount, method: methodName(method),
		account: account, at: s.now(), branchID: d.branchID, partnerType: "C", partnerID: d.customerID, document: d.code,
		group: "Tiền khách trả",
	}
	if k := s.anyCustomer(d.customerID); k != nil {
		p.partnerName = k.name
	}
	d.payments = append(d.payments, p)
	s.payments = append(s.payments, p)
	return p
}

func (p *payment) statusValue() (int, string) {
	if p.voided {
		return 1, "Đã hủy"
	}
	return 0, "Đã thanh toán"
}

func (s *shop) paymentObjects(d *document) []object {
	return mapRows(d.payments, func(p *payment) object {
		status, label := p.statusValue()
		return obj("id", p.id, "code", p.code, "amount", p.amount, "method", p.method, "status", status, "statusValue", label,
			"transDate", naive(p.at), "bankAccount", s.accountNumber(p.account), "accountId", ifID(p.account))
	})
}

func (s *shop) accountNumber(id int64) any {
	if a := find(s.accounts, func(a *bankAccount) bool { return a.id == id }); a != nil {
		return a.number
	}
	return nil
}

// addPayment is POST /payments (§4.6.7).
func addPayment(c *call) (any, error) {
	s, in := c.shop, c.in
	amount, account, id := in.number("amount"), in.int("accountId"), in.int("invoiceId")
	if err := c.checked(); err != nil {
		return nil, err
	}
	v := s.invoice(id)
	switch {
	case v == nil:
		return nil, noSuch(invoiceException, "Hóa đơn")
	case v.status == invoiceVoided:
		return nil, business(invoiceException, "Hóa đơn đã bị hủy")
	case amount.Sign() <= 0:
		return nil, business(invoiceException, "Số tiền thanh toán phải lớn hơn 0")
	case account != 0 && s.accountNumber(account) == nil:
		return nil, noSuch(validateException, "Tài khoản ngân hàng")
	}
	if amount.GreaterThan(v.total.Sub(s.paid(&v.document))) {
		c.warn("collecting more than an invoice lacks")
	}
	p := s.receive(&v.document, "TTHD", in.text("method"), account, amount)
	s.touchInvoice(v) // §5.7: payment collected
	return obj("paymentId", p.id, "paymentCode", p.code, "amount", p.amount, "method", p.method, "accountId", ifID(account),
		"invoiceId", v.id, "DocumentCode", v.code), nil
}

// listCashFlow is GET /cashflow (§4.11).
func listCashFlow(c *call) (any, error) {
	s, in := c.shop, c.in
	branches, ids, codes, methods := in.ints("branchIds"), in.ints("ids"), in.list("code"), in.list("method")
	from, to, partnerType := in.date("startDate"), in.date("endDate"), in.text("partnerType")
	var rows []*payment
	for _, p := range s.payments {
		status, _ := p.statusValue()
		if !oneOf(branches, p.branchID) || !oneOf(ids, p.id) || !oneOf(codes, p.code) ||
			len(methods) > 0 && find(methods, func(m string) bool { return strings.EqualFold(m, p.method) }) == "" ||
			!from.IsZero() && p.at.Before(from) || !to.IsZero() && p.at.After(to) ||
			partnerType != "" && !strings.EqualFold(partnerType, "A") && !strings.EqualFold(partnerType, p.partnerType) ||
			!holds(p.partnerName, in.text("partnerName")) ||
			in.has("accountId") && p.account != in.int("accountId") ||
			in.has("status") && in.int("status") != int64(status) ||
			in.has("isReceipt") && in.flag("isReceipt") != (p.amount.Sign() > 0) {
			continue
		}
		rows = append(rows, p)
	}
	by := func(p *payment, field string) any {
		switch field {
		case "id":
			return p.id
		case "code":
			return p.code
		case "transdate":
			return p.at
		case "amount":
			return p.amount
		}
		return nil
	}
	return page(c, rows, by, func(p *payment) object {
		status, label := p.statusValue()
		o := obj("id", p.id, "code", p.code, "branchId", p.branchID, "createdBy", s.owner().id, "usedForFinancialReporting", 1,
			"method", p.method, "partnerType", p.partnerType, "partnerId", ifID(p.partnerID), "partnerName", p.partnerName,
			"status", status, "statusValue", label, "transDate", naive(p.at), "amount", p.amount)
		if in.flag("includeUser") {
			o = o.with("user", s.owner().userName)
		}
		origin := "Pay"
		if p.partnerType == "S" {
			origin = "Purchase"
		}
		return o.with("AccountId", ifID(p.account), "Description", ifText(p.description), "cashGroup", p.group, "origin", origin)
	}, listOptions{}), nil
}
