package sandbox

import (
	"strings"

	"github.com/shopspring/decimal"
)

// headObject renders the members that orders and invoices begin with.
func (s *shop) headObject(d *document, afterCode ...any) object {
	o := obj("id", d.id)
	o = o.with(afterCode...)
	return o.with("purchaseDate", naive(d.purchase), "branchId", d.branchID, "branchName", s.branchName(d.branchID),
		"soldById", ifID(d.soldBy), "soldByName", ifText(s.userName(d.soldBy))).with(s.customerPairs(d)...).
		with("total", d.total, "totalPayment", s.paid(d), "discount", d.discount, "discountRatio", ifNumber(d.ratio))
}

func (s *shop) customerPairs(d *document) []any {
	k := s.anyCustomer(d.customerID)
	if k == nil {
		return nil
	}
	return []any{"customerId", k.id, "customerCode", k.code, "customerName", s.mask(k.name)}
}

// lineObject renders orderDetails and invoiceDetails (§4.5.2, §4.6.2).
func (s *shop) lineObject(l *line, invoice bool) object {
	o := obj("productId", l.product.id, "productCode", l.product.code, "productName", l.product.fullName())
	if !invoice {
		o = o.with("isMaster", !l.extra)
	}
	o = o.with("quantity", l.quantity, "price", l.price, "discount", l.discount, "discountRatio", ifNumber(l.ratio), "note", ifText(l.note))
	taxes := "orderDetailTaxs"
	if invoice {
		taxes = "invoiceDetailTaxs"
		o = o.with("usePoint", false, "subTotal", l.amount(), "serialNumbers", l.serials, "returnQuantity", l.returned)
	}
	if len(l.taxIDs) > 0 {
		o = o.with(taxes, mapRows(l.taxIDs, func(id int64) object {
			return obj("taxId", id, "detailTax", decimal.Zero, "taxName", taxName(id), "taxValue", taxRate(id))
		}))
	}
	if l.product.kind == kindCombo {
		o = o.with("comboItems", mapRows(l.product.materials, func(m material) object {
			part := s.anyProduct(m.product)
			return obj("productId", part.id, "productCode", part.code, "productName", part.fullName(), "productType", part.kind,
				"quantity", m.quantity, "price", part.price)
		}))
	}
	return o
}

func (s *shop) lineObjects(d *document, invoice bool) []object {
	rows := make([]object, 0, len(d.lines))
	for i := range d.lines {
		rows = append(rows, s.lineObject(&d.lines[i], invoice))
	}
	return rows
}

func surchargeObjects(d *document, invoiceID int64) []object {
	return mapRows(d.surcharges, func(x docSurcharge) object {
		return obj("id", x.id, "invoiceId", ifID(invoiceID), "surchargeId", x.surcharge.id, "surchargeName", x.surcharge.name,
			"surValue", x.price, "price", x.price, "createdDate", naive(x.created))
	})
}

// lineEvents renders the lines of order.update and invoice.update (§5.4).
func (s *shop) lineEvents(d *document) []object {
	return mapRows(d.lines, func(l line) object {
		return obj("ProductId", l.product.id, "ProductCode", l.product.code, "ProductName", l.product.fullName(),
			"Quantity", l.quantity, "Price", l.price, "Discount", l.discount, "DiscountRatio", ifNumber(l.ratio))
	})
}

// headEvent is what order.update and invoice.update begin with.
func (s *shop) headEvent(d *document, typeText, statusValue string) object {
	o := obj("__type", typeName(typeText), "Id", d.id, "Code", d.code, "PurchaseDate", zoned(d.purchase), "BranchId", d.branchID)
	if typeText == "WebhookInvoiceRes" {
		o = o.with("BranchName", s.branchName(d.branchID))
	}
	o = o.with("SoldById", ifID(d.soldBy), "SoldByName", s.userName(d.soldBy))
	if k := s.anyCustomer(d.customerID); k != nil {
		o = o.with("CustomerId", k.id, "CustomerCode", k.code, "CustomerName", s.mask(k.name))
	}
	return o.with("Total", d.total, "TotalPayment", s.paid(d), "Discount", d.discount, "DiscountRatio", ifNumber(d.ratio),
		"Status", d.status, "StatusValue", statusValue, "Description", ifText(d.description), "UsingCod", d.usingCOD,
		"SaleChannelId", ifID(d.channelID), "ModifiedDate", zoned(later(d.created, d.modified)))
}

// linesText is the column "lines" of the desk: "CODE×2@125000, …" with the
// price after the line's own discount.
func linesText(d *document) string {
	var parts []string
	for i := range d.lines {
		l := &d.lines[i]
		parts = append(parts, l.product.code+"×"+l.quantity.String()+"@"+l.price.Sub(l.discount).String())
	}
	return strings.Join(parts, ", ")
}

// documentSortKey serves orderBy of both lists.
func documentSortKey(d *document, field string) any {
	switch field {
	case "id":
		return d.id
	case "code":
		return d.code
	case "createddate":
		return d.created
	case "purchasedate":
		return d.purchase
	case "modifieddate":
		return later(d.created, d.modified)
	case "total":
		return d.total
	}
	return nil
}

// visible hides a new document from lists and reads by code for the time of
// the switch read_lag.
func (c *call) visible(d *document) bool {
	return !d.created.Add(c.srv.duration("read_lag")).After(c.now)
}

// documentFilter reads the filters that both lists share and returns a test.
func (c *call) documentFilter() func(*document) bool {
	s, in := c.shop, c.in
	branches, customers, statuses := in.ints("branchIds"), in.ints("customerIds"), in.ints("status")
	from, to, created := in.date("lastModifiedFrom"), in.date("toDate"), in.date("createdDate")
	channel, code := in.int("saleChannelId"), in.text("customerCode")
	return func(d *document) bool {
		modified := later(d.created, d.modified)
		if code != "" {
			if k := s.anyCustomer(d.customerID); k == nil || !strings.EqualFold(k.code, code) {
				return false
			}
		}
		return c.visible(d) && oneOf(branches, d.branchID) && oneOf(customers, d.customerID) && oneOf(statuses, int64(d.status)) &&
			modifiedSince(from, d.created, d.modified) && (to.IsZero() || !modified.After(to)) &&
			(created.IsZero() || !d.created.Before(created)) && (channel == 0 || d.channelID == channel)
	}
}
