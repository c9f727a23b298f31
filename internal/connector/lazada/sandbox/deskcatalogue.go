package sandbox

import (
	"fmt"
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// catalogueActions are edits as in Seller Center (§17.2).
func (s *Server) catalogueActions(d *kit.Desk) {
	d.AddActions(
		s.act("add_item", aSeller, "Thêm hàng", s.doAddItem,
			field("sku", "SKU người bán", ""), field("name", "Tên", "Áo thun cotton"), field("price", "Giá", "259000"),
			field("quantity", "Số bán được", "10"), field("special_price", "Giá khuyến mãi", ""), field("variation", "Phân loại", "Màu:Đỏ, Size:L"),
			field("item_id", "Thêm vào sản phẩm có mã", ""), field("status", "Trạng thái", "active", "active", "inactive", "deleted"),
			field("warehouse", "Kho", defaultWarehouse)),
		s.act("edit_item", aSeller, "Sửa hàng", s.doEditItem, fSKU, field("sku_id", "SkuId (thay cho SKU)", ""), field("new_sku", "SKU mới", ""),
			field("price", "Giá", ""), field("special_price", "Giá khuyến mãi (0: bỏ)", ""), field("quantity", "Số bán được", ""),
			field("status", "Trạng thái", "", "", "active", "inactive", "deleted")),
		s.act("delete_item", aSeller, "Xóa hàng", func(a *kit.Args, v *seller) (any, error) {
			k, err := v.skuByName(a.Need("sku"))
			if err != nil {
				return nil, err
			}
			s.deleteSKU(k)
			return k.brief(), nil
		}, fSKU),
		s.act("seed_items", aSeller, "Thêm nhiều hàng", s.doSeed, field("codes", "Các SKU: A,B,…", ""), field("prices", "Giá, cùng thứ tự", ""),
			field("names", "Tên, cùng thứ tự (trống: theo SKU)", ""), field("quantity", "Số bán được (một, hoặc cùng thứ tự)", "0")),
	)
}

func (k *sku) brief() map[string]any {
	return map[string]any{"item_id": k.product.id, "sku_id": k.id, "sku": k.sellerSKU}
}

func (s *Server) doAddItem(a *kit.Args, v *seller) (any, error) {
	name, price, special, quantity, itemID := a.Need("sku"), a.Int("price"), a.Int("special_price"), a.Int("quantity"), a.Int("item_id")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if price <= 0 || quantity < 0 || special < 0 || special > price {
		return nil, fmt.Errorf("price %d, special price %d, quantity %d do not fit", price, special, quantity)
	}
	warehouse := a.Need("warehouse")
	if v.warehouse(warehouse) == "" {
		v.warehouses = append(v.warehouses, warehouse)
	}
	warehouse = v.warehouse(warehouse)
	p := v.product(itemID)
	if p == nil && itemID != 0 {
		return nil, fmt.Errorf("seller %d has no item %d", v.id, itemID)
	}
	action := "EDITED_INSERTED"
	if p == nil {
		p, action = s.addProduct(v, a.Text("name"), 0), "PUBLISHED"
	}
	k := s.addSKU(p, name, a.Text("variation"), price, special)
	s.setSellable(k, warehouse, "start", quantity)
	if err := s.setSKUStatus(k, a.Text("status")); err != nil {
		return nil, err
	}
	s.pushProduct(3, action, p, k)
	return k.brief(), nil
}

func (s *Server) setSKUStatus(k *sku, status string) error {
	switch status {
	case "active":
		k.status, k.product.status = "active", "Active"
	case "inactive":
		k.status = "inactive"
		if !k.product.any("active") {
			k.product.status = "InActive"
		}
	case "deleted":
		s.deleteSKU(k)
	default:
		return fmt.Errorf("status: %q is not active, inactive or deleted", status)
	}
	k.product.updated = s.now()
	return nil
}

func (s *Server) doEditItem(a *kit.Args, v *seller) (any, error) {
	name := a.Text("sku")
	if a.Text("sku_id") != "" {
		name = a.Text("sku_id")
	}
	k, err := v.skuByName(name)
	if byID := v.skus[a.Int("sku_id")]; byID != nil {
		k, err = byID, nil
	}
	if err != nil {
		return nil, err
	}
	price, special := k.price, k.special
	if a.Text("price") != "" {
		price = a.Int("price")
	}
	if a.Text("special_price") != "" {
		special = a.Int("special_price")
	}
	quantity := a.Int("quantity")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if price <= 0 || special < 0 || special > price || quantity < 0 {
		return nil, fmt.Errorf("price %d, special price %d, quantity %d do not fit", price, special, quantity)
	}
	if special != k.special {
		k.from, k.to = s.now(), permanent(s.now())
	}
	if special == 0 {
		k.from, k.to = time.Time{}, time.Time{}
	}
	k.price, k.special = price, special
	if a.Text("quantity") != "" {
		s.setSellable(k, v.warehouses[0], "edited in Seller Center", quantity)
	}
	if renamed := a.Text("new_sku"); renamed != "" {
		k.sellerSKU = renamed
	}
	k.product.updated = s.now()
	if status := a.Text("status"); status != "" {
		if err := s.setSKUStatus(k, status); err != nil {
			return nil, err
		}
	}
	s.pushProduct(4, "EDITED_UPDATED", k.product, k)
	return k.brief(), nil
}

// doSeed adds one item per code, without a push each.
func (s *Server) doSeed(a *kit.Args, v *seller) (any, error) {
	codes, prices, names, quantities := a.List("codes"), a.List("prices"), a.List("names"), a.List("quantity")
	pick := func(list []string, i int, standard string) string {
		switch {
		case i < len(list):
			return list[i]
		case len(list) == 1:
			return list[0]
		}
		return standard
	}
	type seed struct {
		name            string
		price, quantity int64
	}
	var seeds []seed
	for i, code := range codes {
		price, err := strconv.ParseInt(pick(prices, i, "100000"), 10, 64)
		if err != nil || price <= 0 {
			return nil, fmt.Errorf("%s: price %q is not a positive whole number", code, pick(prices, i, ""))
		}
		quantity, err := strconv.ParseInt(pick(quantities, i, "0"), 10, 64)
		if err != nil || quantity < 0 {
			return nil, fmt.Errorf("%s: quantity %q is not a whole number", code, pick(quantities, i, ""))
		}
		name := code
		if i < len(names) {
			name = names[i]
		}
		seeds = append(seeds, seed{name, price, quantity})
	}
	out := []map[string]any{}
	for i, code := range codes {
		k := s.addSKU(s.addProduct(v, seeds[i].name, 0), code, "", seeds[i].price, 0)
		s.setSellable(k, v.warehouses[0], "start", seeds[i].quantity)
		out = append(out, k.brief())
	}
	return out, nil
}
