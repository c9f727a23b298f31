package sandbox

import (
	"fmt"

	kit "github.com/dongbo/dongbo/internal/sandbox"
	"github.com/shopspring/decimal"
)

// seed fills the shop with n rows of goods: families of variants, drinks in
// several units, combos and services. The same seed gives the same catalogue.
func (s *shop) seed(n int) {
	target := len(s.products) + n
	for family := s.next("family"); len(s.products) < target; family = s.next("family") {
		for i, p := range s.seedFamily(family) {
			p.row.barCode = fmt.Sprintf("893%08d%02d", family, i)
			if len(s.products) == target {
				return
			}
			if s.productByCode(p.row.code) != nil {
				continue
			}
			if p.master != "" {
				if head := s.productByCode(p.master); head != nil {
					p.row.masterID = head.id
				}
			}
			if p.unitOf != "" {
				base := s.productByCode(p.unitOf)
				if base == nil {
					continue
				}
				p.row.masterUnitID = base.id
			}
			s.newProduct(p.row)
			if p.row.kind == kindGoods && p.unitOf == "" {
				for _, b := range s.branches {
					p.row.costs[b.id] = p.row.price.Mul(decimal.New(6, -1))
					s.setStock("opening", p.row.code, p.row, b.id, decimal.NewFromInt(s.pick(60, p.row.code, b.name)))
				}
			}
		}
	}
}

type seedRow struct {
	row            *product
	master, unitOf string
}

// pick chooses a number below n from the seed.
func (s *shop) pick(n int64, parts ...string) int64 {
	return int64(kit.Chance(s.srv.world.Seed, append([]string{s.name, "seed"}, parts...)...) * float64(n))
}

func (s *shop) seedFamily(family int64) []seedRow {
	key := fmt.Sprint(family)
	price := decimal.NewFromInt(50_000 + 5_000*s.pick(60, key, "price"))
	row := func(code, name, category string) *product {
		return &product{
			code: code, name: name, price: price, kind: kindGoods, active: true, allowsSale: true, reward: true,
			categoryID: s.categoryNamed(category).id, images: []string{"https://cdn.example.test/" + code + ".jpg"},
		}
	}
	switch {
	case family%9 == 0:
		p := row(fmt.Sprintf("DV%04d", family), "Dịch vụ gói quà "+key, "Dịch vụ")
		p.kind = kindService
		return []seedRow{{row: p}}
	case family%7 == 0 && len(s.products) > 1:
		p := row(fmt.Sprintf("CB%04d", family), "Combo tiết kiệm "+key, "Combo")
		p.kind = kindCombo
		for i := range int64(2) {
			if part := s.products[s.pick(int64(len(s.products)), key, "part", fmt.Sprint(i))]; !part.gone && part.kind == kindGoods {
				p.materials = append(p.materials, material{part.id, decimal.NewFromInt(1 + i)})
			}
		}
		return []seedRow{{row: p}}
	case family%4 == 0:
		code := fmt.Sprintf("NU%04d", family)
		base, box := row(code, "Nước trái cây "+key, "Đồ uống"), row(code+"-T", "Nước trái cây "+key, "Đồ uống")
		base.unit, base.price = "lon", decimal.NewFromInt(12_000)
		box.unit, box.conversion, box.price = "thùng", decimal.NewFromInt(24), decimal.NewFromInt(270_000)
		return []seedRow{{row: base}, {row: box, unitOf: code}}
	}
	kind, name := "AO", "Áo thun cổ tròn "+key
	if family%2 == 0 {
		kind, name = "QU", "Quần kaki "+key
	}
	var rows []seedRow
	head := ""
	for _, color := range [][2]string{{"DO", "Đỏ"}, {"TR", "Trắng"}}[:1+s.pick(2, key, "colors")] {
		for _, size := range []string{"S", "M", "L"} {
			p := row(fmt.Sprintf("%s%04d-%s-%s", kind, family, color[0], size), name, map[string]string{"AO": "Áo", "QU": "Quần"}[kind])
			p.attributes, p.unit = []attribute{{"Màu", color[1]}, {"Cỡ", size}}, "cái"
			p.hasVariants = true
			rows = append(rows, seedRow{row: p, master: head})
			if head == "" {
				head = p.code
			}
		}
	}
	return rows
}
