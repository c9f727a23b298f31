package kiotviet

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// wireOrder is an order as KiotViet writes it (kiotviet.md §4.5.2).
type wireOrder struct {
	ID                     ident
	Code                   string
	PurchaseDate           moment
	BranchID               ident
	SoldByID               ident
	CustomerID             ident
	Total                  amount
	TotalPayment           amount
	Discount               *amount
	DiscountRatio          *ratio
	Status                 code
	StatusValue            string
	Description            string
	OrderDetails           list[wireLine]
	OrderDelivery          *wireDelivery
	InvoiceOrderSurcharges list[wireSurcharge]
	CreatedDate            moment
	ModifiedDate           moment
}

// orderStatuses are the numbers of §6; its labels stand in where an answer has
// another number.
var (
	orderStatuses = map[code]retail.OrderStatus{
		1: retail.OrderDraft, 2: retail.OrderDelivering, 3: retail.OrderDone, 4: retail.OrderCancelled, 5: retail.OrderConfirmed,
	}
	orderLabels = map[string]retail.OrderStatus{
		"Phiếu tạm": retail.OrderDraft, "Đang giao hàng": retail.OrderDelivering, "Hoàn thành": retail.OrderDone,
		"Đã hủy": retail.OrderCancelled, "Đã xác nhận": retail.OrderConfirmed,
	}
)

// order translates an answer. Note is the whole description, our mark included.
func (w wireOrder) order() retail.POSOrder {
	o := retail.POSOrder{
		ID: w.ID.some(), Code: w.Code, Ref: markIn(w.Description), Status: orderStatuses[w.Status],
		BranchID: w.BranchID.some(), CustomerID: w.CustomerID.some(), SellerID: w.SoldByID.some(),
		Note: w.Description, Lines: linesOf(w.OrderDetails), Surcharges: surchargesOf(w.InvoiceOrderSurcharges),
		Total: retail.Money(w.Total), Paid: retail.Money(w.TotalPayment), Receiver: w.OrderDelivery.receiver(),
		Created: w.CreatedDate.Time, Modified: w.ModifiedDate.Time,
	}
	o.Discount = discountOf(w.Discount, w.DiscountRatio, o.Lines)
	if o.Status == "" {
		o.Status = orderLabels[w.StatusValue]
	}
	if o.Status == "" {
		o.Status = retail.OrderOther
	}
	if o.Created.IsZero() {
		o.Created = w.PurchaseDate.Time
	}
	if o.Modified.IsZero() {
		o.Modified = o.Created
	}
	return o
}

// orderList is the list of orders, of every status.
func orderList(query url.Values) source[wireOrder] {
	query.Set("includeOrderDelivery", "true")
	query.Set("includePayment", "true")
	return source[wireOrder]{
		route: "/orders", path: "/orders", query: query, key: "id", changed: true,
		id: func(o wireOrder) ident { return o.ID },
	}
}

// changedOrders is the feed of what anyone did to orders.
func (s shop) changedOrders(ctx context.Context, after connector.Cursor) (connector.Page[retail.POSOrder], error) {
	return feed(s, orderList(url.Values{}),
		func(w wireOrder) (retail.POSOrder, bool) { return w.order(), w.ID.real() }, nil)(ctx, after)
}

// order reads one order; NotFound if there is none.
func (s shop) order(ctx context.Context, id string) (retail.POSOrder, error) {
	w, err := object[wireOrder](ctx, s, "/orders/{id}", "/orders/"+url.PathEscape(id))
	if err != nil {
		return retail.POSOrder{}, err
	}
	return w.order(), nil
}

// findOrders looks for a reference: first for the code we asked for (1 GET),
// which settles it where KiotViet kept our code; else through the descriptions
// of the orders created since, which cannot be filtered (§4.6.6) but narrowed
// by customer and branch. The list names no status, so cancelled orders are in
// it.
func (s shop) findOrders(ctx context.Context, ref connector.Reference) ([]retail.POSOrder, error) {
	if ref.Code != "" {
		w, err := object[wireOrder](ctx, s, "/orders/code/{code}", "/orders/code/"+url.PathEscape(ref.Code))
		switch {
		case err == nil && w.Code == ref.Code:
			return []retail.POSOrder{w.found(ref.Mark)}, nil
		case err != nil && connector.KindOf(err, false) != connector.NotFound:
			return nil, err
		}
	}
	if ref.Mark == "" && (ref.Code != "" || ref.Since.IsZero()) {
		return nil, nil
	}
	q := url.Values{}
	if !ref.Since.IsZero() {
		q.Set("createdDate", stamp(ref.Since.Add(-overlap))) // their clock may be behind
	}
	if ref.CustomerID != "" {
		q.Set("customerIds", ref.CustomerID)
	}
	if ref.BranchID != "" {
		q.Set("branchIds", ref.BranchID)
	}
	rows, err := all(ctx, s, orderList(q))
	if err != nil {
		return nil, err
	}
	var out []retail.POSOrder
	for _, w := range rows {
		if w.ID.real() && (ref.Mark == "" || carries(w.Description, ref.Mark)) {
			out = append(out, w.found(ref.Mark))
		}
	}
	return out, nil
}

// found is order for one that was looked for by mark.
func (w wireOrder) found(mark string) retail.POSOrder {
	o := w.order()
	if mark != "" && carries(w.Description, mark) {
		o.Ref = mark
	}
	return o
}

// newOrder is the body of POST and PUT /orders (§4.5.3, §4.5.4).
//
// Not sent: cashierId, so that the creator is the owner of the key (LZD-20);
// status, since an order without one is Phiếu tạm (LZD-16; the documented
// example does so, 0 is one plugin's habit); purchaseDate, which a setting may
// forbid. makeInvoice is always false: true books a receipt besides.
type newOrder struct {
	Code          string         `json:"code,omitempty"` // not documented: kept or ignored (§3.5)
	BranchID      ident          `json:"branchId,omitempty"`
	CustomerID    ident          `json:"customerId,omitempty"`
	SoldByID      ident          `json:"soldById,omitempty"`
	Description   string         `json:"description"`
	Discount      retail.Money   `json:"discount"`
	TotalPayment  *retail.Money  `json:"totalPayment,omitempty"`
	Method        string         `json:"method,omitempty"`
	MakeInvoice   bool           `json:"makeInvoice"`
	OrderDetails  []newLine      `json:"orderDetails"`
	OrderDelivery *newDelivery   `json:"orderDelivery,omitempty"`
	Surchages     []newSurcharge `json:"surchages,omitzero"`
	Extra         string         `json:"Extra,omitempty"`
}

func orderBody(o retail.POSOrder) newOrder {
	body := newOrder{
		BranchID: ident(o.BranchID), CustomerID: ident(o.CustomerID), SoldByID: ident(o.SellerID),
		Description: withRef(o.Note, o.Ref), Discount: o.Discount,
		OrderDetails: newLines(o.Lines, true), OrderDelivery: deliveryTo(o.Receiver), Surchages: newSurcharges(o.Surcharges),
	}
	if o.Book.ID != "" && o.Book.ID != retail.GeneralBook {
		type book struct {
			ID   ident  `json:"Id"`
			Name string `json:"Name"`
		}
		extra, _ := json.Marshal(map[string]book{"PriceBookId": {ident(o.Book.ID), o.Book.Name}})
		body.Extra = string(extra)
	}
	return body
}

// createOrder makes a draft order. What comes back is what KiotViet made of
// it: its code (ours, where the shop's KiotViet keeps it), its lines, its sums.
func (s shop) createOrder(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error) {
	body := orderBody(o)
	body.Code, body.TotalPayment, body.Method = o.Code, &o.Paid, "Cash"
	return s.writeOrder(ctx, http.MethodPost, "/orders", "/orders", body, o)
}

// updateOrder writes customer, note, lines, delivery and surcharges of an order
// as they should be, all of them: whether omitted lines are left alone is
// unknown (§4.5.4). Payments are not touched.
func (s shop) updateOrder(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error) {
	body := orderBody(o)
	if body.Surchages == nil {
		body.Surchages = []newSurcharge{} // none any more; a create leaves the list out, since a setting may forbid it
	}
	return s.writeOrder(ctx, http.MethodPut, "/orders/{id}", "/orders/"+url.PathEscape(o.ID), body, o)
}

func (s shop) writeOrder(ctx context.Context, method, route, path string, body newOrder, o retail.POSOrder) (retail.POSOrder, error) {
	w, err := write[wireOrder](ctx, s, call{
		method: method, route: method + " " + route, path: path, body: body, hide: personal(o.Receiver),
	})
	if err != nil {
		return retail.POSOrder{}, err
	}
	made := w.found(o.Ref)
	if made.Ref == "" && w.Description == "" {
		made.Ref = o.Ref // the answer repeats no description: ours by its id
	}
	return made, nil
}

// cancelOrder cancels an order and leaves payments attached to it alone
// (§4.5.4). The order stays readable as Đã hủy.
func (s shop) cancelOrder(ctx context.Context, id string) error {
	_, err := s.send(ctx, call{
		method: http.MethodDelete, route: "DELETE /orders/{id}", path: "/orders/" + url.PathEscape(id),
		query: url.Values{"IsVoidPayment": {"false"}},
	})
	return err
}
