package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"
)

// productUpdate is /product/update for what a synchroniser changes: name,
// seller SKU, prices, quantity (sellable of the default warehouse) and status.
// One item per call (§12.1).
func (s *Server) productUpdate(c *call) reply {
	p, skus, out, bad := s.oneItem(c, "payload")
	if bad {
		return out
	}
	tree, _ := readPayload(c.get("payload"))
	if name := text(at(tree, "Request", "Product", "Attributes", "name")); name != "" {
		p.name, p.updated = name, s.now()
	}
	var detail []map[string]any
	for _, e := range skus {
		if wrong := s.updateSKU(c.seller, &e); wrong != nil {
			detail = append(detail, describe(e, *wrong))
		}
	}
	if len(detail) == 0 {
		s.pushProduct(4, "EDITED_UPDATED", p, p.skus...)
	}
	return s.written(detail)
}

func (s *Server) updateSKU(v *seller, e *element) *skuError {
	if wrong := s.findSKU(v, e); wrong != nil {
		return wrong
	}
	k := e.sku
	setPrice, wrong := s.checkPrice(k, priceFields{e.text("price"), e.text("special_price"), e.text("special_from_date"), e.text("special_to_date")})
	if wrong != nil {
		return wrong
	}
	stock, wrong := e.stockOf("quantity", false)
	if wrong != nil {
		return wrong
	}
	setStock, wrong := s.setStock(k, stock, "product/update")
	if wrong != nil {
		return wrong
	}
	status := strings.ToLower(e.text("Status"))
	if status != "" && status != "active" && status != "inactive" {
		return &skuError{"Status", "5", "E005: Invalid Request Format: Status"}
	}
	setPrice()
	setStock()
	if status != "" {
		k.status = status
	}
	if renamed := e.text("SellerSku"); renamed != "" {
		k.sellerSKU = renamed
	}
	k.product.updated = s.now()
	return nil
}

// oneItem reads a parameter that names one item and, maybe, SKUs of it. Each
// element gets the item's id, so that findSKU can work on it.
func (s *Server) oneItem(c *call, param string) (p *product, skus []element, out reply, bad bool) {
	if c.get(param) == "" {
		return nil, nil, refused(isp, "6", "E006: Unexpected internal error"), true
	}
	tree, err := readPayload(c.get(param))
	if err != nil {
		return nil, nil, refused(isp, "5", "E005: Invalid Request Format"), true
	}
	id := text(at(tree, "Request", "Product", "ItemId"))
	if p = c.seller.product(number(id)); p == nil {
		return nil, nil, refused(isp, "4137", "ITEM_NOT_FOUND: The item does not exist"), true
	}
	for _, entry := range list(at(tree, "Request", "Product", "Skus", "Sku")) {
		fields := map[string]any{}
		for k, v := range members(entry) {
			fields[k] = v
		}
		fields["ItemId"] = id
		skus = append(skus, element{fields: fields})
	}
	// /product/deactivate names SkuId without Sku around it.
	for _, skuID := range list(at(tree, "Request", "Product", "Skus", "SkuId")) {
		skus = append(skus, element{fields: map[string]any{"ItemId": id, "SkuId": skuID}})
	}
	return p, skus, reply{}, false
}

// productDeactivate is /product/deactivate: the item, or only the SKUs named.
func (s *Server) productDeactivate(c *call) reply {
	p, skus, out, bad := s.oneItem(c, "apiRequestBody")
	if bad {
		return out
	}
	named, detail := s.resolve(c.seller, skus)
	if len(detail) > 0 {
		return s.written(detail)
	}
	if len(named) == 0 {
		p.status, named = "InActive", p.skus
	}
	for _, k := range named {
		if k.status == "active" {
			k.status = "inactive"
		}
	}
	p.updated = s.now()
	s.pushProduct(4, "EDITED_UPDATED", p, named...)
	return s.written(nil)
}

func (s *Server) resolve(v *seller, elements []element) (skus []*sku, detail []map[string]any) {
	for _, e := range elements {
		if wrong := s.findSKU(v, &e); wrong != nil {
			detail = append(detail, describe(e, *wrong))
			continue
		}
		skus = append(skus, e.sku)
	}
	return skus, detail
}

// skuRemove is /product/sku/remove.
func (s *Server) skuRemove(c *call) reply {
	_, elements, out, bad := s.oneItem(c, "payload")
	if bad {
		return out
	}
	skus, detail := s.resolve(c.seller, elements)
	for _, k := range skus {
		s.deleteSKU(k)
	}
	return s.written(detail)
}

// productRemove is /product/remove; sku_id_list wins over seller_sku_list.
func (s *Server) productRemove(c *call) reply {
	var names []string
	byID := c.get("sku_id_list") != ""
	given := c.get("seller_sku_list")
	if byID {
		given = c.get("sku_id_list")
	}
	if err := json.Unmarshal([]byte(given), &names); err != nil || len(names) == 0 {
		return refused(isp, "5", "E005: Invalid Request Format")
	}
	if len(names) > maxSKUs {
		return refused(isp, "4171", "Too many SKUs in one request: %d, at most %d", len(names), maxSKUs)
	}
	var detail []map[string]any
	for _, name := range names {
		var k *sku
		if byID {
			var item, id int64
			if n, _ := fmt.Sscanf(name, "SkuId_%d_%d", &item, &id); n == 2 {
				k = c.seller.skus[id]
			}
		} else {
			k, _ = c.seller.skuByName(name)
		}
		if k == nil || k.status == "deleted" {
			detail = append(detail, map[string]any{"field": "SellerSku", "message": "SELLER_SKU_NOT_FOUND: The SKU does not exist", "seller_sku": name, "code": "4136"})
			continue
		}
		s.deleteSKU(k)
	}
	return s.written(detail)
}

// deleteSKU keeps the SKU as deleted, since filter all still shows it (§15
// no. 11).
func (s *Server) deleteSKU(k *sku) {
	k.status = "deleted"
	p := k.product
	p.updated = s.now()
	action := "EDITED_DELETED"
	if !p.any("active") && !p.any("inactive") {
		p.status, action = "Deleted", "DELETED"
	}
	s.pushProduct(5, action, p, k)
}
