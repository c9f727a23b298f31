package sandbox

import (
	"github.com/shopspring/decimal"
)

// showFlags are the include… parameters of §4.2.1.
type showFlags struct {
	inventory, priceBooks, serials, batches, warranties, quantity, material, shelves bool

	branches     []int64 // whose inventories; empty: all
	list         bool
	inventoryKey string
}

// productObject renders §4.2.2.
func productObject(s *shop, p *product, f showFlags) object {
	category := s.category(p.categoryID)
	o := obj("id", p.id, "code", p.code, "barCode", ifText(p.barCode), "retailerId", s.id, "type", p.kind,
		"name", p.name, "fullName", p.fullName(), "categoryId", ifID(p.categoryID))
	if category != nil {
		o = o.with("categoryName", category.name)
	}
	o = o.with("allowsSale", p.allowsSale, "description", ifText(p.description), "hasVariants", p.hasVariants)
	if len(p.attributes) > 0 {
		o = o.with("attributes", mapRows(p.attributes, func(a attribute) object {
			return obj("productId", p.id, "attributeName", a.name, "attributeValue", a.value)
		}))
	}
	o = o.with("unit", ifText(p.unit), "masterUnitId", ifID(p.masterUnitID), "masterProductId", ifID(p.masterID),
		"conversionValue", p.conversion)
	if units := liveUnits(s, p); len(units) > 0 {
		o = o.with("units", mapRows(units, func(u *product) object {
			return obj("id", u.id, "code", u.code, "name", u.name, "fullName", u.fullName(), "unit", u.unit,
				"conversionValue", u.conversion, "basePrice", u.price)
		}))
	}
	if len(p.images) > 0 {
		if f.list && s.is("list_images", "objects") {
			o = o.with("images", mapRows(p.images, func(url string) object { return obj("Image", url) }))
		} else {
			o = o.with("images", p.images)
		}
	}
	if f.inventory {
		rows := inventories(s, p, f.branches)
		if f.inventoryKey != "inventory" {
			o = o.with("inventories", rows)
		}
		if f.inventoryKey != "inventories" {
			o = o.with("inventory", rows)
		}
	}
	if f.priceBooks {
		o = o.with("priceBooks", mapRows(s.booksOf(p.id), func(l bookLine) object {
			return obj("priceBookId", l.book.id, "priceBookName", l.book.name, "productId", p.id, "isActive", l.book.active,
				"startDate", ifNaive(l.book.start), "endDate", ifNaive(l.book.end), "price", l.price)
		}))
	}
	if f.material && p.kind == kindCombo {
		o = o.with("productFormulas", formulas(s, p))
	}
	// Lists show an empty array for what was asked for and does not exist.
	for _, extra := range []struct {
		asked bool
		name  string
	}{
		{f.serials && p.serial, "productSerials"}, {f.batches && f.list, "productBatchExpires"},
		{f.warranties && f.list, "productWarranties"}, {f.shelves && f.list, "productShelves"},
	} {
		if extra.asked {
			o = o.with(extra.name, []any{})
		}
	}
	if f.quantity {
		o = o.with("minQuantity", decimal.Zero, "maxQuantity", noMaximum)
	}
	if len(p.taxIDs) > 0 {
		o = o.with("productTaxs", mapRows(p.taxIDs, func(id int64) object {
			return obj("id", id, "productId", p.id, "taxId", id, "value", taxRate(id), "name", taxName(id))
		}))
	}
	return o.with("basePrice", p.price, "weight", ifNumber(p.weight), "isActive", p.active, "isRewardPoint", p.reward,
		"isLotSerialControl", p.serial, "isBatchExpireControl", false,
		"createdDate", naive(p.created), "modifiedDate", ifNaive(p.modified))
}

var noMaximum = decimal.NewFromInt(999999999)

func liveUnits(s *shop, p *product) []*product {
	var out []*product
	for _, id := range p.unitRows {
		if u := s.byID[id]; u != nil {
			out = append(out, u)
		}
	}
	return out
}

// inventories renders §4.2.3 for the active branches.
func inventories(s *shop, p *product, branches []int64) []object {
	low, high := "minQuantity", "maxQuantity"
	if s.is("norm_spelling", "docs") {
		low, high = "minQuality", "maxQuality"
	}
	rows := []object{}
	for _, b := range s.branches {
		if !b.active || !oneOf(branches, b.id) {
			continue
		}
		onHand, reserved := s.shownStock(p, b.id)
		rows = append(rows, obj("productId", p.id, "productCode", p.code, "productName", p.name,
			"branchId", b.id, "branchName", b.name, "cost", s.cost(p, b.id), "onHand", onHand, "reserved", reserved,
			"actualReserved", reserved, "onOrder", decimal.Zero, low, p.norms[b.id], high, noMaximum, "isActive", p.active))
	}
	return rows
}

// cost is the average cost of one p.
func (s *shop) cost(p *product, branch int64) decimal.Decimal {
	base, conversion := s.base(p)
	return base.costs[branch].Mul(conversion)
}

func formulas(s *shop, p *product) []object {
	return mapRows(p.materials, func(m material) object {
		part := s.anyProduct(m.product)
		return obj("materialId", part.id, "materialCode", part.code, "materialFullName", part.fullName(), "materialName", part.name,
			"quantity", m.quantity, "basePrice", part.price, "productId", p.id)
	})
}

// Tax ids of §6. KCT and KKKNT have no rate.
var taxes = map[int64]struct {
	name string
	rate int64
}{
	1: {"0%", 0}, 2: {"5%", 5}, 3: {"8%", 8}, 4: {"10%", 10}, 5: {"KCT", 0}, 12: {"KKKNT", 0},
	6: {"1%", 1}, 7: {"2%", 2}, 8: {"3%", 3}, 9: {"5%", 5},
}

func taxName(id int64) string          { return taxes[id].name }
func taxRate(id int64) decimal.Decimal { return decimal.NewFromInt(taxes[id].rate) }
