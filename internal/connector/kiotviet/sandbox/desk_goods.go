package sandbox

import (
	"fmt"
	"strings"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
	"github.com/shopspring/decimal"
)

// addGoodsActions: goods, stock and prices.
func (s *Server) addGoodsActions() {
	s.act(managerActor, "add_product", "Thêm hàng hóa", []string{
		"code:Mã hàng (trống: tự sinh)", "name:Tên hàng", "price:Giá bán#0", "cost:Giá vốn", "on_hand:Tồn kho", "branch:Chi nhánh",
		"barcode:Mã vạch", "category:Nhóm hàng", "attributes:Thuộc tính (Màu=Đỏ;Cỡ=M)", "master_code:Mã hàng đầu dòng biến thể",
		"unit:Đơn vị", "conversion:Quy đổi#1", "master_unit_code:Mã hàng đơn vị cơ bản", "type:Loại (goods, combo, service)#goods",
		"materials:Thành phần combo (MÃ×2;MÃ×1)",
	}, deskAddProduct)
	s.act(managerActor, "edit_product", "Sửa hàng hóa", []string{
		"code:Mã hàng", "new_code:Mã mới", "name:Tên", "price:Giá bán", "active:Đang kinh doanh (true, false)", "barcode:Mã vạch",
	}, deskEditProduct)
	s.act(managerActor, "delete_product", "Xóa hàng hóa", []string{"code:Mã hàng"}, func(sh *shop, a *kit.Args) (any, error) {
		p, err := sh.needProduct(a.Text("code"))
		if err != nil {
			return nil, err
		}
		sh.removeProduct(p)
		return result(p.code, p.id), nil
	})
	s.act(stockActor, "goods_in", "Nhập hàng", []string{"code:Mã hàng", "quantity:Số lượng", "branch:Chi nhánh"},
		func(sh *shop, a *kit.Args) (any, error) { return sh.deskStock(a, "quantity") })
	s.act(stockActor, "stocktake", "Kiểm kho", []string{"code:Mã hàng", "on_hand:Tồn thực tế", "branch:Chi nhánh"},
		func(sh *shop, a *kit.Args) (any, error) { return sh.deskStock(a, "on_hand") })
	book := []string{"name:Tên bảng giá", "start:Từ ngày", "end:Đến ngày", "branches:Chi nhánh (trống: tất cả)", "global:Toàn hệ thống", "active:Đang áp dụng"}
	s.act(managerActor, "add_price_book", "Thêm bảng giá", book, deskAddBook)
	s.act(managerActor, "edit_price_book", "Sửa bảng giá", append([]string{book[0], "new_name:Tên mới"}, book[1:]...), deskEditBook)
	s.act(managerActor, "delete_price_book", "Xóa bảng giá", book[:1], func(sh *shop, a *kit.Args) (any, error) {
		b := sh.bookNamed(a.Text("name"))
		if b == nil {
			return nil, fmt.Errorf("no price book %q", a.Text("name"))
		}
		for i := range sh.books {
			if sh.books[i] == b {
				sh.books = append(sh.books[:i:i], sh.books[i+1:]...)
				break
			}
		}
		sh.bury("book", b.id)
		sh.emitDelete("pricebook.delete", b.id)
		return result(b.name, b.id), nil
	})
	price := []string{"book:Bảng giá (trống: bảng giá chung)", "code:Mã hàng", "price:Giá"}
	s.act(managerActor, "set_price", "Đặt giá", price, func(sh *shop, a *kit.Args) (any, error) {
		b, p, err := sh.deskPrice(a)
		if err != nil {
			return nil, err
		}
		v, ok, err := number(a, "price")
		if err != nil || !ok {
			return nil, fmt.Errorf("price: %q is not a number", a.Text("price"))
		}
		sh.setBookPrice(b, p, v)
		return result(p.code, p.id), nil
	})
	s.act(managerActor, "remove_price", "Bỏ giá khỏi bảng giá", price[:2], func(sh *shop, a *kit.Args) (any, error) {
		b, p, err := sh.deskPrice(a)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return nil, fmt.Errorf("the general list has a price for everything")
		}
		sh.removeBookPrice(b, p)
		return result(p.code, p.id), nil
	})
	s.act(ownerActor, "seed_products", "Tạo hàng mẫu", []string{"count:Số dòng hàng#100"}, func(sh *shop, a *kit.Args) (any, error) {
		n := a.Int("count")
		if err := a.Err(); err != nil {
			return nil, err
		}
		sh.seed(int(n))
		return n, nil
	})
}

func deskAddProduct(sh *shop, a *kit.Args) (any, error) {
	name := a.Need("name")
	b, err := sh.branchOf(a.Text("branch"))
	if err != nil {
		return nil, err
	}
	if a.Text("code") != "" && sh.productByCode(a.Text("code")) != nil {
		return nil, fmt.Errorf("product %q exists", a.Text("code"))
	}
	p := &product{name: name, code: a.Text("code"), barCode: a.Text("barcode"), unit: a.Text("unit"), active: true, allowsSale: true, reward: true}
	kinds := map[string]int{"": kindGoods, "goods": kindGoods, "combo": kindCombo, "service": kindService, "1": kindCombo, "2": kindGoods, "3": kindService}
	if p.kind = kinds[a.Text("type")]; p.kind == 0 {
		return nil, fmt.Errorf("type: %q is not goods, combo or service", a.Text("type"))
	}
	if p.price, _, err = number(a, "price"); err != nil {
		return nil, err
	}
	if p.conversion, _, err = number(a, "conversion"); err != nil {
		return nil, err
	}
	cost, hasCost, err := number(a, "cost")
	if err != nil {
		return nil, err
	}
	onHand, _, err := number(a, "on_hand")
	if err != nil {
		return nil, err
	}
	for field, id := range map[string]*int64{"master_code": &p.masterID, "master_unit_code": &p.masterUnitID} {
		if code := a.Text(field); code != "" {
			other, err := sh.needProduct(code)
			if err != nil {
				return nil, err
			}
			*id = other.id
		}
	}
	for pair := range strings.SplitSeq(a.Text("attributes"), ";") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			p.attributes = append(p.attributes, attribute{strings.TrimSpace(k), strings.TrimSpace(v)})
		}
	}
	for part := range strings.FieldsFuncSeq(a.Text("materials"), func(r rune) bool { return r == ';' || r == ',' }) {
		code, count, _ := strings.Cut(strings.ReplaceAll(part, "*", "×"), "×")
		m, err := sh.needProduct(strings.TrimSpace(code))
		if err != nil {
			return nil, err
		}
		q, err := decimal.NewFromString(strings.TrimSpace(count))
		if err != nil {
			q = decimal.NewFromInt(1)
		}
		p.materials = append(p.materials, material{m.id, q})
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	if p.masterUnitID != 0 && onHand.Sign() != 0 {
		return nil, fmt.Errorf("on_hand: a unit shares the stock of its base unit")
	}
	p.categoryID = sh.categoryNamed(a.Text("category")).id
	p.hasVariants = len(p.attributes) > 0
	sh.newProduct(p)
	if hasCost {
		base, conversion := sh.base(p)
		for _, b := range sh.branches {
			base.costs[b.id] = cost.DivRound(conversion, 4)
		}
	}
	if p.masterUnitID == 0 {
		sh.setStock("opening", p.code, p, b.id, onHand)
	}
	return result(p.code, p.id), nil
}

func deskEditProduct(sh *shop, a *kit.Args) (any, error) {
	p, err := sh.needProduct(a.Text("code"))
	if err != nil {
		return nil, err
	}
	price, hasPrice, err := number(a, "price")
	if err != nil {
		return nil, err
	}
	if code := a.Text("new_code"); code != "" {
		if other := sh.productByCode(code); other != nil && other != p {
			return nil, fmt.Errorf("product %q exists", code)
		}
		sh.rename(p, code)
	}
	if a.Text("name") != "" {
		p.name, p.givenFullName = a.Text("name"), ""
	}
	if a.Text("barcode") != "" {
		p.barCode = a.Text("barcode")
	}
	p.active = yes(a, "active", p.active)
	if hasPrice {
		sh.setBasePrice(p, price)
	}
	sh.touchProduct(p)
	return result(p.code, p.id), nil
}

// deskStock is goods_in (adds quantity) and stocktake (sets on_hand).
func (s *shop) deskStock(a *kit.Args, field string) (any, error) {
	p, err := s.needProduct(a.Text("code"))
	if err != nil {
		return nil, err
	}
	b, err := s.branchOf(a.Text("branch"))
	if err != nil {
		return nil, err
	}
	v, ok, err := number(a, field)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: %q is not a number", field, a.Text(field))
	}
	if p.kind != kindGoods {
		return nil, fmt.Errorf("%s has no stock of its own", p.code)
	}
	if field == "on_hand" {
		s.setStock("stocktake", s.autoCode("KK", func(string) bool { return false }), p, b.id, v)
	} else {
		base, conversion := s.base(p)
		s.move("goods_in", s.autoCode("NH", func(string) bool { return false }), stockKey{base.id, b.id}, v.Mul(conversion))
	}
	onHand, _ := s.shownStock(p, b.id)
	return map[string]any{"code": p.code, "branch": b.name, "on_hand": plain(onHand)}, nil
}

// deskPrice finds the book (nil: the general list) and the product.
func (s *shop) deskPrice(a *kit.Args) (*priceBook, *product, error) {
	p, err := s.needProduct(a.Text("code"))
	if err != nil {
		return nil, nil, err
	}
	if isGeneral(a.Text("book")) {
		return nil, p, nil
	}
	b := s.bookNamed(a.Text("book"))
	if b == nil {
		return nil, nil, fmt.Errorf("no price book %q", a.Text("book"))
	}
	return b, p, nil
}

func deskAddBook(sh *shop, a *kit.Args) (any, error) {
	name := a.Need("name")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if isGeneral(name) || sh.bookNamed(name) != nil {
		return nil, fmt.Errorf("price book %q exists", name)
	}
	b := &priceBook{
		name: name, active: true, global: true, created: sh.now(), start: sh.now(), end: sh.now().AddDate(1, 0, 0),
		prices: map[int64]decimal.Decimal{}, changed: map[int64]time.Time{},
	}
	if err := sh.readBook(b, a); err != nil {
		return nil, err
	}
	b.id = sh.next("book")
	sh.books = append(sh.books, b)
	sh.announceBook(b)
	return result(b.name, b.id), nil
}

func deskEditBook(sh *shop, a *kit.Args) (any, error) {
	b := sh.bookNamed(a.Text("name"))
	if b == nil {
		return nil, fmt.Errorf("no price book %q", a.Text("name"))
	}
	if err := sh.readBook(b, a); err != nil {
		return nil, err
	}
	if a.Text("new_name") != "" {
		b.name = a.Text("new_name")
	}
	b.modified = sh.now()
	sh.announceBook(b)
	return result(b.name, b.id), nil
}

// readBook takes the fields that are not empty.
func (s *shop) readBook(b *priceBook, a *kit.Args) error {
	next := *b
	for name, field := range map[string]*time.Time{"start": &next.start, "end": &next.end} {
		if text := a.Text(name); text != "" {
			t, _, err := parseDate(text)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			*field = t
		}
	}
	if list := a.List("branches"); len(list) > 0 {
		next.branches, next.global = nil, false
		for _, text := range list {
			br, err := s.branchOf(text)
			if err != nil {
				return err
			}
			next.branches = append(next.branches, br.id)
		}
	}
	if next.global = yes(a, "global", next.global); next.global {
		next.branches = nil
	}
	next.active = yes(a, "active", next.active)
	*b = next
	return nil
}
