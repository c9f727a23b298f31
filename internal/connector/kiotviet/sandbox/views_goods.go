package sandbox

import (
	"maps"
	"slices"
	"strings"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// addGoodsViews: the shop, its goods and its stock.
func (s *Server) addGoodsViews() {
	s.view("branches", "Chi nhánh", "id name active", nil, func(sh *shop) (rows []kit.Row) {
		for _, b := range sh.branches {
			rows = append(rows, kit.Row{"id": b.id, "name": b.name, "active": b.active})
		}
		return rows
	})
	s.view("products", "Hàng hóa",
		"id code name full_name type category price unit conversion master_code master_unit_code attributes barcode materials active created modified",
		[]string{"edit_product", "delete_product", "goods_in", "stocktake", "counter_sale"}, func(sh *shop) (rows []kit.Row) {
			for _, p := range sh.products {
				if !p.gone {
					rows = append(rows, sh.productRow(p))
				}
			}
			return rows
		})
	s.view("stock", "Tồn kho", "code branch on_hand reserved cost unit", []string{"goods_in", "stocktake"}, func(sh *shop) (rows []kit.Row) {
		for _, p := range sh.products {
			if p.gone {
				continue
			}
			for _, b := range sh.branches {
				onHand, reserved := sh.shownStock(p, b.id)
				rows = append(rows, kit.Row{"code": p.code, "branch": b.name, "on_hand": plain(onHand), "reserved": plain(reserved),
					"cost": plain(sh.cost(p, b.id)), "unit": p.unit})
			}
		}
		return rows
	})
	s.view("stock_journal", "Thẻ kho", "at code branch kind quantity document", nil, func(sh *shop) (rows []kit.Row) {
		for _, m := range sh.movements {
			rows = append(rows, kit.Row{"at": shownTime(m.at), "code": sh.anyProduct(m.key.product).code, "branch": sh.branchName(m.key.branch),
				"kind": m.kind, "quantity": plain(m.quantity), "document": m.document})
		}
		return rows
	})
	s.view("price_books", "Bảng giá", "id name start end branches global active lines", []string{"edit_price_book", "delete_price_book"},
		func(sh *shop) (rows []kit.Row) {
			for _, b := range sh.books {
				var names []string
				for _, id := range b.branches {
					names = append(names, sh.branchName(id))
				}
				rows = append(rows, kit.Row{"id": b.id, "name": b.name, "start": shownTime(b.start), "end": shownTime(b.end),
					"branches": strings.Join(names, ", "), "global": b.global, "active": b.active, "lines": len(b.prices)})
			}
			return rows
		})
	s.view("prices", "Giá", "book code price", []string{"set_price", "remove_price"}, func(sh *shop) (rows []kit.Row) {
		for _, p := range sh.products {
			if !p.gone {
				rows = append(rows, kit.Row{"book": generalBook, "code": p.code, "price": plain(p.price)})
			}
		}
		for _, b := range sh.books {
			for _, id := range slices.Sorted(maps.Keys(b.prices)) {
				if p := sh.byID[id]; p != nil {
					rows = append(rows, kit.Row{"book": b.name, "code": p.code, "price": plain(b.prices[id])})
				}
			}
		}
		return rows
	})
}

func (s *shop) productRow(p *product) kit.Row {
	codeOf := func(id int64) string {
		if other := s.anyProduct(id); other != nil {
			return other.code
		}
		return ""
	}
	var attributes, materials []string
	for _, a := range p.attributes {
		attributes = append(attributes, a.name+"="+a.value)
	}
	for _, m := range p.materials {
		materials = append(materials, codeOf(m.product)+"×"+m.quantity.String())
	}
	category := ""
	if g := s.category(p.categoryID); g != nil {
		category = g.name
	}
	kind := map[int]string{kindCombo: "combo", kindGoods: "goods", kindService: "service"}[p.kind]
	return kit.Row{
		"id": p.id, "code": p.code, "name": p.name, "full_name": p.fullName(), "type": kind, "category": category, "price": plain(p.price),
		"unit": p.unit, "conversion": plain(p.conversion), "master_code": codeOf(p.masterID), "master_unit_code": codeOf(p.masterUnitID),
		"attributes": strings.Join(attributes, ";"), "barcode": p.barCode, "materials": strings.Join(materials, ";"), "active": p.active,
		"created": shownTime(p.created), "modified": shownTime(p.modified),
	}
}
