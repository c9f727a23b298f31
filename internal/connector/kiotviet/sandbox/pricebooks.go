package sandbox

import (
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// priceBook is a list of prices beside the general one, which is basePrice
// (§4.3).
type priceBook struct {
	id                int64
	name              string
	active, global    bool
	start, end        time.Time
	branches          []int64
	prices            map[int64]decimal.Decimal
	changed           map[int64]time.Time // when a line was set
	created, modified time.Time
}

// bookLine is what one book says about one product.
type bookLine struct {
	book  *priceBook
	price decimal.Decimal
}

func (s *shop) booksOf(product int64) []bookLine {
	lines := []bookLine{}
	for _, b := range s.books {
		if price, ok := b.prices[product]; ok {
			lines = append(lines, bookLine{b, price})
		}
	}
	return lines
}

func (s *shop) bookNamed(name string) *priceBook {
	return find(s.books, func(b *priceBook) bool { return b.name == name })
}

// isGeneral tells the general price list by the name that the desk gives it.
func isGeneral(name string) bool { return name == "" || name == generalBook }

const generalBook = "Bảng giá chung"

func (s *shop) announceBook(b *priceBook) {
	s.emit("pricebook.update", eventKey(b.id), func() any {
		return obj("__type", typeName("WebhookPriceBookRes"), "Id", b.id, "Name", b.name, "IsActive", b.active, "IsGlobal", b.global,
			"StartDate", zoned(b.start), "EndDate", zoned(b.end), "ForAllCusGroup", true, "ForAllUser", true,
			"PriceBookBranches", mapRows(b.branches, func(id int64) object {
				return obj("Id", b.id*10+id%10, "PriceBookId", b.id, "BranchId", id, "BranchName", s.branchName(id))
			}), "PriceBookCustomerGroups", []any{}, "PriceBookUsers", []any{})
	})
}

// setBookPrice sets one line of a book, or the general price if b is nil.
func (s *shop) setBookPrice(b *priceBook, p *product, price decimal.Decimal) {
	if b == nil {
		s.setBasePrice(p, price)
		return
	}
	b.prices[p.id] = price
	b.changed[p.id] = s.now()
	s.emitPrice(b.id, p.id, price)
	if s.is("modified_follows_pricebook", "true") {
		p.modified = s.now()
	}
	s.announceProduct(p) // §5.7: a price line also raises product.update
}

func (s *shop) removeBookPrice(b *priceBook, p *product) {
	if _, ok := b.prices[p.id]; !ok {
		return
	}
	delete(b.prices, p.id)
	s.emit("pricebookdetail.delete", eventKey(b.id, p.id), func() any {
		return obj("__type", typeName("WebhookPriceBookDetailDelRes"), "PricebookId", b.id, "ProductIds", []int64{p.id})
	})
	s.announceProduct(p)
}

func listPriceBooks(c *call) (any, error) {
	s, in := c.shop, c.in
	from := in.date("lastModifiedFrom")
	var rows []*priceBook
	for _, b := range s.books {
		if modifiedSince(from, b.created, b.modified) {
			rows = append(rows, b)
		}
	}
	show := func(b *priceBook) object {
		o := obj("id", b.id, "name", b.name, "isActive", b.active, "isGlobal", b.global,
			"startDate", naive(b.start), "endDate", naive(b.end), "forAllCusGroup", true, "forAllUser", true)
		if in.flag("includePriceBookBranch") {
			o = o.with("priceBookBranches", mapRows(b.branches, func(id int64) object {
				return obj("id", b.id*10+id%10, "priceBookId", b.id, "branchId", id)
			}))
		}
		if in.flag("includePriceBookCustomerGroups") {
			o = o.with("priceBookCustomerGroups", []any{})
		}
		if in.flag("includePriceBookUsers") {
			o = o.with("priceBookUsers", []any{})
		}
		return o
	}
	by := func(b *priceBook, field string) any {
		switch field {
		case "id":
			return b.id
		case "name":
			return b.name
		case "createddate":
			return b.created
		case "modifieddate":
			return later(b.created, b.modified)
		}
		return nil
	}
	return page(c, rows, by, show, listOptions{}), nil
}

// listPrices is GET /pricebooks/{id}: the lines, not the book (§4.3).
func listPrices(c *call) (any, error) {
	s, id := c.shop, c.in.int("id")
	from := c.in.date("lastModifiedFrom")
	b := find(s.books, func(b *priceBook) bool { return b.id == id })
	if b == nil {
		if id == 0 {
			c.warn("reading price book 0")
		}
		return nil, noSuch(validateException, "Bảng giá")
	}
	var rows []*product
	for _, productID := range slices.Sorted(maps.Keys(b.prices)) {
		if p := s.byID[productID]; p != nil && (from.IsZero() || !b.changed[productID].Before(from)) {
			rows = append(rows, p)
		}
	}
	by := func(p *product, field string) any {
		switch field {
		case "productid", "id":
			return p.id
		case "productcode", "code":
			return p.code
		case "price":
			return b.prices[p.id]
		}
		return nil
	}
	return page(c, rows, by, func(p *product) object {
		return obj("productId", p.id, "productCode", p.code, "price", b.prices[p.id])
	}, listOptions{}), nil
}

// setPrice is POST /pricebooks/detail: one line per call, book 0 is the
// general list (§4.3).
func setPrice(c *call) (any, error) {
	s, in := c.shop, c.in
	bookID, p, price := in.int("pricebookId"), s.byID[in.int("productId")], in.number("price")
	if err := c.checked(); err != nil {
		return nil, err
	}
	b := find(s.books, func(b *priceBook) bool { return b.id == bookID })
	switch {
	case bookID != 0 && b == nil:
		return nil, noSuch(validateException, "Bảng giá")
	case p == nil:
		return nil, noSuchProduct()
	case price.Sign() < 0 || !in.has("price"):
		return nil, business(validateException, "Giá bán không hợp lệ")
	}
	s.setBookPrice(b, p, price)
	return obj("message", "Cập nhật dữ liệu thành công", "isSuccess", true), nil
}
