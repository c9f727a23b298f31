package kiotviet

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// wireInvoice is an invoice as KiotViet writes it (kiotviet.md §4.6.2). The
// delivery has one name in reads and another in the answers to writes.
type wireInvoice struct {
	ID                     ident
	Code                   string
	OrderID                ident
	OrderCode              string
	PurchaseDate           moment
	BranchID               ident
	SoldByID               ident
	CustomerID             ident
	Total                  amount
	TotalPayment           amount
	Discount               *amount
	DiscountRatio          *ratio
	Status                 code
	Description            string
	InvoiceDetails         list[wireLine]
	InvoiceDelivery        *wireDelivery
	DeliveryDetail         *wireDelivery
	InvoiceOrderSurcharges list[wireSurcharge]
	CreatedDate            moment
	ModifiedDate           moment
}

var invoiceStatuses = map[code]retail.InvoiceStatus{
	1: retail.InvoiceDone, 2: retail.InvoiceCancelled, 3: retail.InvoiceProcessing, 5: retail.InvoiceUndeliverable,
}

// deliveries are the delivery statuses that the hub knows (§6). 7 to 12 are a
// carrier's steps in between.
var deliveries = map[code]retail.Delivery{
	1: retail.DeliveryWaiting, 2: retail.DeliveryUnderway, 3: retail.DeliveryDone,
	4: retail.DeliveryReturning, 5: retail.DeliveryReturned, 6: retail.DeliveryCancelled,
}

// deliveryNumber is the other direction; 0 for what cannot be written.
func deliveryNumber(d retail.Delivery) int {
	for n, have := range deliveries {
		if have == d {
			return int(n)
		}
	}
	return 0
}

func (w wireInvoice) delivery() *wireDelivery {
	if w.InvoiceDelivery != nil {
		return w.InvoiceDelivery
	}
	return w.DeliveryDetail
}

// invoice translates an answer. Ref is our mark in the description or, where
// KiotViet does not store that (§4.6.6), in the note of a line.
func (w wireInvoice) invoice() retail.Invoice {
	i := retail.Invoice{
		ID: w.ID.some(), Code: w.Code, OrderID: w.OrderID.some(), OrderCode: w.OrderCode, Status: invoiceStatuses[w.Status],
		BranchID: w.BranchID.some(), CustomerID: w.CustomerID.some(), SellerID: w.SoldByID.some(),
		Lines: linesOf(w.InvoiceDetails), Surcharges: surchargesOf(w.InvoiceOrderSurcharges),
		Total: retail.Money(w.Total), Paid: retail.Money(w.TotalPayment),
		Created: w.CreatedDate.Time, Modified: w.ModifiedDate.Time,
	}
	i.Ref = markIn(w.texts()...)
	i.Discount = discountOf(w.Discount, w.DiscountRatio, i.Lines)
	if i.Status == "" {
		i.Status = retail.InvoiceOther
	}
	if i.Created.IsZero() {
		i.Created = w.PurchaseDate.Time
	}
	if i.Modified.IsZero() {
		i.Modified = i.Created
	}
	if d := w.delivery(); d != nil {
		i.Receiver, i.Tracking, i.COD = d.receiver(), d.DeliveryCode, bool(d.UsingPriceCod)
		if d.PriceCodPayment != nil {
			i.CODAmount = retail.Money(*d.PriceCodPayment)
		}
		if i.Delivery = retail.DeliveryOther; d.Status != nil && deliveries[*d.Status] != "" {
			i.Delivery = deliveries[*d.Status]
		}
	}
	return i
}

// texts are the places where our mark may stand.
func (w wireInvoice) texts() []string {
	out := []string{w.Description}
	for _, l := range w.InvoiceDetails {
		out = append(out, l.Note)
	}
	return out
}

func invoiceList(query url.Values) source[wireInvoice] {
	query.Set("includeInvoiceDelivery", "true")
	query.Set("includePayment", "true")
	return source[wireInvoice]{
		route: "/invoices", path: "/invoices", query: query, key: "id", changed: true,
		id: func(i wireInvoice) ident { return i.ID },
	}
}

// changedInvoices is the feed of what anyone did to invoices, counter sales
// included.
func (s shop) changedInvoices(ctx context.Context, after connector.Cursor) (connector.Page[retail.Invoice], error) {
	return feed(s, invoiceList(url.Values{}),
		func(w wireInvoice) (retail.Invoice, bool) { return w.invoice(), w.ID.real() }, nil)(ctx, after)
}

// invoice reads one invoice; NotFound if there is none.
func (s shop) invoice(ctx context.Context, id string) (retail.Invoice, error) {
	w, err := object[wireInvoice](ctx, s, "/invoices/{id}", "/invoices/"+url.PathEscape(id))
	if err != nil {
		return retail.Invoice{}, err
	}
	return w.invoice(), nil
}

// invoices lists all invoices of an order, voided ones included (§4.6.1,
// orderId).
//
// Rows may lack orderId. Were the filter not obeyed, every sale of the shop
// would look like this order's; rows of two orders are therefore no answer.
func (s shop) invoices(ctx context.Context, orderID string) ([]retail.Invoice, error) {
	rows, err := all(ctx, s, invoiceList(url.Values{"orderId": {orderID}}))
	if err != nil {
		return nil, err
	}
	var out []retail.Invoice
	codes := map[string]bool{}
	for _, w := range rows {
		if !w.ID.real() || w.OrderID.real() && w.OrderID.some() != orderID {
			continue
		}
		if !w.OrderID.real() {
			codes[w.OrderCode] = true
		}
		i := w.invoice()
		i.OrderID = orderID
		out = append(out, i)
	}
	if len(codes) > 1 {
		return nil, connector.Errorf(connector.Temporary, "kiotviet.unreadable", "GET /invoices by order answered with invoices of %d orders", len(codes))
	}
	return out, nil
}

// newInvoice is the body of POST /invoices (§4.6.3). purchaseDate is not sent:
// a setting may forbid it.
type newInvoice struct {
	Code           string         `json:"code,omitempty"` // not documented: kept or ignored (§3.5)
	BranchID       ident          `json:"branchId,omitempty"`
	CustomerID     ident          `json:"customerId,omitempty"`
	OrderID        ident          `json:"orderId,omitempty"`
	SoldByID       ident          `json:"soldById,omitempty"`
	Description    string         `json:"description,omitempty"` // not documented either
	Discount       retail.Money   `json:"discount"`
	TotalPayment   retail.Money   `json:"totalPayment"`
	Method         string         `json:"method"`
	UsingCod       bool           `json:"usingCod"`
	Status         int            `json:"status"`
	InvoiceDetails []newLine      `json:"invoiceDetails"`
	DeliveryDetail *newDelivery   `json:"deliveryDetail,omitempty"`
	Surchages      []newSurcharge `json:"surchages,omitzero"`
}

// createInvoice makes one package's invoice from an order: status Đang xử lý,
// born in its delivery status, collection on (LZD-24, LZD-27).
//
// KiotViet may ignore code, description and the COD amount on create. The
// invoice returned is what it answered, so a COD or CODAmount that differs from
// what was asked for is to be set by SetDelivery. Our mark also goes into the
// first line's note, which is documented.
func (s shop) createInvoice(ctx context.Context, i retail.Invoice) (retail.Invoice, error) {
	body := newInvoice{
		Code: i.Code, BranchID: ident(i.BranchID), CustomerID: ident(i.CustomerID), OrderID: ident(i.OrderID),
		SoldByID: ident(i.SellerID), Description: i.Ref, Discount: i.Discount, TotalPayment: i.Paid, Method: "Cash",
		Status: 3, InvoiceDetails: newLines(i.Lines, false), DeliveryDetail: deliveryOf(i), Surchages: newSurcharges(i.Surcharges),
	}
	if i.Status == retail.InvoiceDone {
		body.Status = 1
	}
	if len(body.InvoiceDetails) > 0 {
		body.InvoiceDetails[0].Note = strings.TrimSpace(withRef(body.InvoiceDetails[0].Note, i.Ref))
	}
	body.UsingCod = body.DeliveryDetail != nil
	w, err := write[wireInvoice](ctx, s, call{
		method: http.MethodPost, route: "POST /invoices", path: "/invoices", body: body, hide: personal(i.Receiver),
	})
	if err != nil {
		return retail.Invoice{}, err
	}
	return w.answer(i), nil
}

// deliveryOf writes the delivery of an invoice; nil if it has none.
func deliveryOf(i retail.Invoice) *newDelivery {
	d := deliveryTo(i.Receiver)
	if d == nil {
		if i.Delivery == retail.DeliveryNone && i.Tracking == "" && !i.COD {
			return nil
		}
		d = &newDelivery{Type: 1}
	}
	d.Status, d.DeliveryCode = deliveryNumber(i.Delivery), i.Tracking
	d.UsingPriceCod, d.PriceCodPayment = &i.COD, &i.CODAmount
	return d
}

// answer translates the answer to a write of asked; what KiotViet does not
// repeat and cannot have changed is filled in.
func (w wireInvoice) answer(asked retail.Invoice) retail.Invoice {
	made := w.invoice()
	for _, text := range w.texts() {
		if carries(text, asked.Ref) {
			made.Ref = asked.Ref
		}
	}
	if made.OrderID == "" {
		made.OrderID = asked.OrderID
	}
	return made
}

// setDelivery writes delivery status, tracking and COD of an invoice (§4.6.4).
//
// It reads the invoice first and sends its whole delivery back with those
// fields changed, and the seller, which is typed non-null. It never sends
// lines, which would void the invoice and make another, nor a status. An empty
// Delivery or Tracking keeps what there is. The id is taken from the answer all
// the same.
func (s shop) setDelivery(ctx context.Context, i retail.Invoice) (retail.Invoice, error) {
	path := "/invoices/" + url.PathEscape(i.ID)
	now, err := object[wireInvoice](ctx, s, "/invoices/{id}", path)
	if err != nil {
		return retail.Invoice{}, err
	}
	if invoiceStatuses[now.Status] == retail.InvoiceCancelled {
		return retail.Invoice{}, connector.Errorf(connector.Rejected, "kiotviet.invoice_void", "the invoice is voided")
	}
	if i.Delivery != retail.DeliveryNone && deliveryNumber(i.Delivery) == 0 {
		return retail.Invoice{}, connector.Errorf(connector.Rejected, "kiotviet.refused", "delivery status %q cannot be written", i.Delivery)
	}
	body := struct {
		SoldByID       ident `json:"soldById,omitempty"`
		DeliveryDetail any   `json:"deliveryDetail"`
	}{now.SoldByID, changedDelivery(now.delivery(), i)}
	if !body.SoldByID.real() {
		body.SoldByID = ident(i.SellerID)
	}
	hide := append(personal(i.Receiver), personal(now.delivery().receiver())...)
	w, err := write[wireInvoice](ctx, s, call{
		method: http.MethodPut, route: "PUT /invoices/{id}", path: path, body: body, hide: hide,
	})
	if err != nil {
		return retail.Invoice{}, err
	}
	return w.answer(i), nil
}

// changedDelivery is a delivery as it was read, every field of it, with what i
// says about it.
func changedDelivery(now *wireDelivery, i retail.Invoice) any {
	if now == nil {
		return deliveryOf(i)
	}
	detail := maps.Clone(now.fields)
	set := func(name, value string) {
		for have := range detail {
			if strings.EqualFold(have, name) {
				delete(detail, have)
			}
		}
		if value != "" {
			detail[name] = json.RawMessage(value)
		}
	}
	set("statusValue", "") // a label, not a value
	if n := deliveryNumber(i.Delivery); n != 0 {
		set("status", strconv.Itoa(n))
	}
	if i.Tracking != "" {
		tracking, _ := json.Marshal(i.Tracking)
		set("deliveryCode", string(tracking))
	}
	set("usingPriceCod", strconv.FormatBool(i.COD))
	set("priceCodPayment", strconv.FormatInt(int64(i.CODAmount), 10))
	return detail
}
