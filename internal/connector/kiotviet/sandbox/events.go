package sandbox

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// event is one change to announce when the operation that made it has ended.
// Its content is built then, because payloads carry the full current state
// (§5.3).
type event struct {
	kind, key string
	build     func() any
}

func eventKey(ids ...int64) string { return fmt.Sprint(ids) }

// emit announces a change once per operation and thing, whatever the number of
// changes.
func (s *shop) emit(kind, key string, build func() any) {
	if slices.ContainsFunc(s.pending, func(e event) bool { return e.kind == kind && e.key == key }) {
		return
	}
	if h := s.hook(kind); h == nil || !h.active || h.foreign {
		return // missed events are not replayed (§5.6)
	}
	s.pending = append(s.pending, event{kind, key, build})
}

// emitPrice announces a price line; book 0 is the general list.
func (s *shop) emitPrice(book, product int64, price decimal.Decimal) {
	s.emit("pricebookdetail.update", eventKey(book, product)+price.String(), func() any {
		return obj("__type", typeName("WebhookPriceBookDetailRes"), "PriceBookId", book, "ProductId", product, "Price", price)
	})
}

func (s *shop) emitDelete(kind string, id int64) {
	s.emit(kind, eventKey(id), func() any { return id })
}

// typeName is the marker that the framework puts first into each element.
func typeName(name string) string { return "KiotViet.Shared.Model." + name + ", KiotViet.Shared" }

// alone are events that come one document per message; the others may be
// batched (§5.6).
var alone = map[string]bool{"order.update": true, "invoice.update": true}

const batch = 100

// flush sends what the operation announced, in its order.
func (srv *Server) flush(s *shop) {
	pending := s.pending
	s.pending = nil
	for len(pending) > 0 {
		kind := pending[0].kind
		var data []any
		var rest []event
		for _, e := range pending {
			if e.kind == kind && len(data) < batch && (len(data) == 0 || !alone[kind]) {
				data = append(data, e.build())
			} else {
				rest = append(rest, e)
			}
		}
		pending = rest
		if h := s.hook(kind); h != nil && h.active {
			srv.dispatch(s, h, data)
		}
	}
}

// stockEvent is the data of stock.update (§5.4).
func stockEvent(s *shop, p *product, branch int64) object {
	onHand, reserved := s.shownStock(p, branch)
	return obj("__type", typeName("WebhookProductStockRes"), "ProductId", p.id, "ProductCode", p.code, "ProductName", p.name,
		"BranchId", branch, "BranchName", s.branchName(branch), "Cost", s.cost(p, branch), "OnHand", onHand, "Reserved", reserved,
		"MinQuantity", p.norms[branch], "MaxQuantity", noMaximum, "isActive", p.active)
}

// productEvent is the data of product.update: PascalCase with stragglers
// (§5.3).
func productEvent(s *shop, p *product) object {
	o := obj("__type", typeName("WebhookProductUpdateRes"), "Id", p.id, "RetailerId", s.id, "Code", p.code, "Name", p.name,
		"FullName", p.fullName(), "Type", p.kind, "CategoryId", ifID(p.categoryID))
	if g := s.category(p.categoryID); g != nil {
		o = o.with("CategoryName", g.name)
	}
	o = o.with("masterProductId", ifID(p.masterID), "AllowsSale", p.allowsSale, "HasVariants", p.hasVariants, "BasePrice", p.price,
		"Weight", ifNumber(p.weight), "Description", ifText(p.description), "Unit", ifText(p.unit), "MasterUnitId", ifID(p.masterUnitID),
		"ConversionValue", p.conversion, "isActive", p.active, "IsRewardPoint", p.reward, "ModifiedDate", ifZoned(later(p.created, p.modified)),
		"Attributes", mapRows(p.attributes, func(a attribute) object {
			return obj("ProductId", p.id, "AttributeName", a.name, "AttributeValue", a.value)
		}),
		"Units", mapRows(liveUnits(s, p), func(u *product) object {
			return obj("Id", u.id, "Code", u.code, "Name", u.name, "FullName", u.fullName(), "Unit", u.unit,
				"ConversionValue", u.conversion, "BasePrice", u.price)
		}))
	stocks := []object{}
	for _, b := range s.branches {
		if b.active {
			e := stockEvent(s, p, b.id)
			stocks = append(stocks, e[1:]) // without __type
		}
	}
	o = o.with("Inventories", stocks, "PriceBooks", mapRows(s.booksOf(p.id), func(l bookLine) object {
		return obj("ProductId", p.id, "PriceBookId", l.book.id, "PriceBookName", l.book.name, "Price", l.price, "IsActive", l.book.active,
			"StartDate", ifZoned(l.book.start), "EndDate", ifZoned(l.book.end))
	}))
	images := mapRows(p.images, func(url string) object { return obj("Image", url) })
	if p.kind == kindCombo {
		o = o.with("ProductFormulas", mapRows(p.materials, func(m material) object {
			part := s.anyProduct(m.product)
			return obj("MaterialId", part.id, "MaterialCode", part.code, "MaterialName", part.name, "Quantity", m.quantity)
		}))
	}
	return o.with("Images", images)
}
