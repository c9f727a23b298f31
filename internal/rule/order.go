package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/retail"
)

// Order compares what a channel shows of an order with what the hub has done
// about it, and says what is still to be done in the POS. It is called again
// after every change on either side until nothing differs, so late, repeated
// and lost news need no code of their own.
//
// It must not be called while a change is under way whose outcome is open.
func Order(flow retail.Flow, was retail.OrderState, seen retail.Seen, set retail.Settings) (retail.OrderState, []retail.Intent, retail.Why) {
	s := was
	s.Lines, s.Problems = mergeLines(was.Lines, seen.Order.Lines), nil
	s.Packages = mergePackages(was.Packages, s.Lines, seen.Order.Lines)
	why := retail.Why{Key: "order.decided"}

	name(&s, seen)

	for _, l := range seen.Order.Lines { // a line that was understood once keeps its stage
		if l.Stage == retail.Unknown {
			s.Problems = append(s.Problems, retail.Problem{Key: "order.unknown_stage", Object: "order " + seen.Order.ID, Args: map[string]any{"word": l.Raw, "order": seen.Order.Number}})
		}
	}

	d := decision{flow: flow, s: &s, seen: seen, set: set}
	switch {
	case s.POS.ID == "" && d.skip():
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-15", Key: s.Skipped})
		return s, nil, why
	case s.POS.ID == "":
		d.importOrder()
	case s.POS.Status.Open() || s.POS.Status == retail.OrderDone:
		d.followOrder()
	}
	if s.POS.ID != "" && s.POS.Status != retail.OrderCancelled {
		d.followPackages()
	}
	why.Inputs = append(why.Inputs, d.why...)
	return s, d.intents, why
}

// Follow carries the stages of an order's units along and wants nothing. It may
// be called while a change is under way whose outcome is open.
func Follow(was retail.OrderState, seen retail.Seen) retail.OrderState {
	was.Lines = mergeLines(was.Lines, seen.Order.Lines)
	name(&was, seen)
	return was
}

// BeforeActivation is why an order that was under way when the connection began
// stays out of the POS (LZD-15, LZD-32).
const BeforeActivation = "order.before_activation"

type decision struct {
	flow    retail.Flow
	s       *retail.OrderState
	seen    retail.Seen
	set     retail.Settings
	intents []retail.Intent
	why     []retail.Why
}

func (d *decision) want(i retail.Intent, key string) {
	d.intents = append(d.intents, i)
	d.why = append(d.why, retail.Why{Rule: i.Rule, Key: key, Value: i.Part})
}

// skip tells whether an order that is not in the POS stays out of it.
//
// rule: LZD-15, LZD-32, LZD-34
func (d *decision) skip() bool {
	if d.s.Skipped == BeforeActivation {
		return true
	}
	d.s.Skipped = ""
	var importable, pending, left bool
	for _, l := range d.s.Lines {
		row, ok := d.flow.Row(l.Stage)
		wanted := ok && (row.Order == retail.OrderExists || row.Invoice == retail.InvoiceExists)
		importable = importable || wanted && !l.Foreign
		left = left || l.Stage.HasLeft() && !l.Foreign // also returned and lost ones
		pending = pending || l.Stage == retail.Pending || l.Stage == retail.Unpaid
	}
	switch {
	case (importable || left) && d.seen.Order.Created.Before(d.set.ActiveFrom) && !pending && len(d.s.CustomerID) == 0:
		// A customer of ours means that the import had begun while the order was
		// pending; it goes on.
		d.s.Skipped = BeforeActivation
		return true
	case !importable:
		d.s.Skipped = "order.nothing_to_import"
		if slices.ContainsFunc(d.s.Lines, func(l retail.LineState) bool { return l.Stage == retail.Unpaid }) {
			d.s.Skipped = "order.unpaid"
		}
		return true
	}
	return false
}

// importOrder wants the customer, then the order.
//
// rule: LZD-16, LZD-17, LZD-18, LZD-19, LZD-20, LZD-21, LZD-22, LZD-24
func (d *decision) importOrder() {
	lines, missing := d.docLines(func(l retail.LineState) bool { return l.Stage != retail.Cancelled })
	if len(missing) > 0 {
		for _, code := range missing {
			d.s.Problems = append(d.s.Problems, retail.Problem{Key: "order.no_product", Object: "order " + d.seen.Order.ID,
				Args: map[string]any{"code": string(code), "order": d.seen.Order.Number, "channel": d.set.Channel}})
		}
		return
	}
	if d.s.CustomerID == "" {
		d.s.CustomerID = d.seen.CustomerID
	}
	if d.s.CustomerID == "" {
		d.want(retail.Intent{Kind: retail.CreateCustomer, Rule: "LZD-18", Customer: d.customer()}, "order.wants_customer")
		return
	}
	o := d.seen.Order
	d.want(retail.Intent{Kind: retail.CreateOrder, Rule: "LZD-16", Order: &retail.POSOrder{
		Code: d.set.Codes.Order + o.ID, Ref: d.set.Mark(o.ID, ""), Status: retail.OrderDraft,
		BranchID: d.set.BranchID, CustomerID: d.s.CustomerID, SellerID: d.set.SellerID, Book: d.set.Book,
		Note: d.note(), Lines: lines.lines, Discount: lines.discount, Surcharges: d.shipping(lines.shipping),
		Total: lines.total(), Paid: 0, Receiver: o.Buyer, Created: o.Created,
	}}, "order.wants_order")
}

// followOrder keeps the lines of the POS order equal to what is still wanted,
// and cancels it with the last of them.
//
// rule: LZD-25, LZD-26, LZD-33
func (d *decision) followOrder() {
	invoiced := slices.ContainsFunc(d.s.Packages, func(p retail.PackageState) bool { return p.Invoice.ID != "" })
	alive := slices.ContainsFunc(d.s.Lines, func(l retail.LineState) bool {
		row, ok := d.flow.Row(l.Stage)
		return !ok || row.Order != retail.OrderCancel
	})
	if !d.s.POS.Status.Open() {
		return
	}
	if !alive && !invoiced {
		d.want(retail.Intent{Kind: retail.CancelOrder, Rule: "LZD-25", Order: &retail.POSOrder{ID: d.s.POS.ID, Code: d.s.POS.Code}}, "order.wants_cancel")
		return
	}
	if !alive {
		return
	}
	// Also where packages have left already: what is cancelled beside them would
	// stay reserved for ever.
	lines, missing := d.docLines(func(l retail.LineState) bool { return l.Stage != retail.Cancelled })
	if len(missing) > 0 || SameQuantities(lines.lines, d.s.POS.Lines) {
		return
	}
	d.want(retail.Intent{Kind: retail.UpdateOrder, Rule: "LZD-33", Order: &retail.POSOrder{
		ID: d.s.POS.ID, Code: d.s.POS.Code, Ref: d.set.Mark(d.seen.Order.ID, ""), Status: d.s.POS.Status,
		BranchID: d.set.BranchID, CustomerID: d.s.CustomerID, SellerID: d.set.SellerID, Book: d.set.Book, Note: d.note(),
		Lines: lines.lines, Discount: lines.discount, Surcharges: d.shipping(lines.shipping), Total: lines.total(),
		Receiver: d.seen.Order.Buyer,
	}}, "order.wants_lines")
}

// followPackages makes one invoice per package and keeps its delivery status.
//
// rule: LZD-24, LZD-27, LZD-28, LZD-29, LZD-30
func (d *decision) followPackages() {
	for i := range d.s.Packages {
		p := &d.s.Packages[i]
		row, ok := d.flow.Row(p.Stage)
		if !ok {
			continue
		}
		switch {
		case p.Invoice.ID == "" && row.Invoice == retail.InvoiceExists:
			inv, ok := d.invoice(*p, row.Delivery)
			if !ok {
				continue
			}
			d.want(retail.Intent{Kind: retail.CreateInvoice, Part: p.ID, Rule: row.Rule, Invoice: &inv}, "order.wants_invoice")
		case p.Invoice.Live() && row.Delivery != "" && (p.Invoice.Delivery != row.Delivery || p.Invoice.CODAmount != p.Invoice.WantCOD || !p.Invoice.COD):
			if p.Invoice.Asked == (retail.DeliveryAsk{Delivery: row.Delivery, COD: p.Invoice.WantCOD}) {
				d.s.Problems = append(d.s.Problems, retail.Problem{Key: "order.delivery_ignored", Object: "order " + d.seen.Order.ID, Args: map[string]any{"invoice": p.Invoice.Code}})
				continue
			}
			inv, ok := d.invoice(*p, row.Delivery)
			if !ok {
				continue
			}
			inv.ID, inv.Code, inv.Status = p.Invoice.ID, p.Invoice.Code, p.Invoice.Status
			inv.Total, inv.CODAmount = p.Invoice.Total, p.Invoice.WantCOD
			d.want(retail.Intent{Kind: retail.SetDelivery, Part: p.ID, Rule: row.Rule, Invoice: &inv}, "order.wants_delivery")
		}
	}
}

func (d *decision) invoice(p retail.PackageState, delivery retail.Delivery) (retail.Invoice, bool) {
	lines, missing := d.docLines(func(l retail.LineState) bool {
		return l.Package == p.ID && l.Stage != retail.Cancelled
	})
	if len(missing) > 0 || len(lines.lines) == 0 {
		return retail.Invoice{}, false
	}
	cod := lines.total()
	if d.set.PrepaidCODZero && !d.seen.Order.COD {
		cod = 0
	}
	return retail.Invoice{
		Code: fmt.Sprintf("%s%s.%d", d.set.Codes.Invoice, d.seen.Order.ID, p.Number), Ref: d.set.Mark(d.seen.Order.ID, p.ID),
		OrderID: d.s.POS.ID, OrderCode: d.s.POS.Code, Status: retail.InvoiceProcessing, Delivery: delivery,
		Tracking: p.Tracking, COD: true, CODAmount: cod,
		BranchID: d.set.BranchID, CustomerID: d.s.CustomerID, SellerID: d.set.SellerID,
		Lines: lines.lines, Discount: lines.discount, Surcharges: d.shipping(lines.shipping), Total: lines.total(),
		Receiver: d.seen.Order.Buyer,
	}, true
}

func (d *decision) shipping(amount retail.Money) []retail.Surcharge {
	if d.set.Shipping.Code == "" || amount == 0 {
		return nil
	}
	s := d.set.Shipping
	s.Amount = amount
	return []retail.Surcharge{s}
}

// customer is what a new customer of the POS is made from. A masked phone is
// nobody's: it stays out.
//
// rule: LZD-18
func (d *decision) customer() *retail.Customer {
	b := d.seen.Order.Buyer
	c := &retail.Customer{Code: d.set.Codes.Customer + d.seen.Order.ID, Name: b.Name, Address: strings.Join(nonEmpty(b.Address, b.Ward, b.Area), ", "), BranchID: d.set.BranchID}
	if !b.Masked {
		c.Phone = b.Phone
	}
	if c.Name == "" {
		c.Name = d.set.Channel + " " + d.seen.Order.ID
	}
	return c
}

// note is the description that staff read in the POS (LZD-17). The hub's mark
// is added by the connector.
func (d *decision) note() string {
	parts := []string{fmt.Sprintf("Đơn %s %s", d.set.Channel, d.seen.Order.Number)}
	if n := strings.TrimSpace(d.seen.Order.Note); n != "" {
		parts = append(parts, "Khách ghi chú: "+n)
	}
	if d.seen.Order.COD {
		parts = append(parts, "Thu hộ khi giao")
	} else {
		parts = append(parts, "Đã thanh toán trên "+d.set.Channel)
	}
	if d.seen.Order.Shipping > 0 && d.set.Shipping.Code == "" {
		parts = append(parts, "Phí vận chuyển khách trả: "+d.seen.Order.Shipping.String())
	}
	return strings.Join(parts, "; ")
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
}
