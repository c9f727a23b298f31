package sandbox

import (
	"fmt"
	"strconv"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// maxSKUs is the cap of §12.1.
const maxSKUs = 50

// skuError is one entry of detail[]. Code "" is an error that is known by its
// text alone (§12.3).
type skuError struct{ field, code, message string }

// element is one Sku of a payload.
type element struct {
	fields map[string]any
	sku    *sku
}

func (e element) text(name string) string { return text(e.fields[name]) }

// write runs a call of §12: reads the payload, checks every SKU by itself,
// applies the good ones and answers 501 with the bad ones. What check returns
// is carried out if the SKU has no error.
func (s *Server) write(c *call, check func(e element) (apply func(), wrong *skuError)) reply {
	if c.get("payload") == "" {
		// Bare parameters without payload were answered with 6 (§12.1).
		return refused(isp, "6", "E006: Unexpected internal error")
	}
	tree, err := readPayload(c.get("payload"))
	if err != nil {
		return refused(isp, "5", "E005: Invalid Request Format")
	}
	all := list(at(tree, "Request", "Product", "Skus", "Sku"))
	switch {
	case len(all) == 0:
		return refused(isp, "30", "E030: Empty Request")
	case len(all) > maxSKUs:
		return refused(isp, "4171", "Too many SKUs in one request: %d, at most %d", len(all), maxSKUs)
	}
	// The fault takes one SKU out of the middle, which any caller has to expect.
	unlucky := -1
	if kit.FaultOf(c.r) == faultPartial501 {
		unlucky = len(all) / 2
	}
	var detail []map[string]any
	for i, entry := range all {
		e := element{fields: members(entry)}
		apply, wrong := (func())(nil), &skuError{"", "513", "E513: Internal call exception"}
		if i != unlucky {
			wrong = s.findSKU(c.seller, &e)
			if wrong == nil {
				apply, wrong = check(e)
			}
		}
		if wrong != nil {
			detail = append(detail, describe(e, *wrong))
			continue
		}
		apply()
	}
	return s.written(detail)
}

// written is the answer of §12.3: 501, or with a switch code 0 beside detail
// (§15 no. 32).
func (s *Server) written(detail []map[string]any) reply {
	out := data(map[string]any{})
	if len(detail) > 0 && s.desk.Is("detail_with_code0", "off") {
		out = refused(isp, "501", "E501: Update product failed")
	}
	out.detail = detail
	return out
}

// describe is the union shape of §5.1.
func describe(e element, wrong skuError) map[string]any {
	out := map[string]any{"field": wrong.field, "message": wrong.message, "seller_sku": e.text("SellerSku")}
	if e.sku != nil {
		out["seller_sku"] = e.sku.sellerSKU
	}
	if id, err := strconv.ParseInt(e.text("SkuId"), 10, 64); err == nil {
		out["sku_id"] = id
	}
	if wrong.code != "" {
		out["code"] = wrong.code
	}
	return out
}

// findSKU resolves ItemId and SkuId, the key of writes (§0.9). A SellerSku
// beside them is not compared: it may have been renamed since.
func (s *Server) findSKU(v *seller, e *element) *skuError {
	if e.text("SkuId") == "" {
		return &skuError{"SkuId", "4216", "SKU_ID_IS_MANDATORY: SkuId is mandatory"}
	}
	p := v.product(number(e.text("ItemId")))
	if p == nil {
		return &skuError{"ItemId", "4137", "ITEM_NOT_FOUND: The item does not exist"}
	}
	k := v.skus[number(e.text("SkuId"))]
	if k == nil || k.product != p || k.status == "deleted" {
		return &skuError{"SkuId", "4136", "SELLER_SKU_NOT_FOUND: The SKU does not exist"}
	}
	e.sku = k
	return nil
}

// stockOf reads the quantities of an element by warehouse; field is Quantity
// or SellableQuantity. Empty is unchanged.
func (e element) stockOf(field string, signed bool) (map[string]int64, *skuError) {
	seller := e.sku.product.seller
	out := map[string]int64{}
	read := func(warehouse, value string) *skuError {
		if value == "" {
			return nil
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return &skuError{field, "5", "E005: Invalid Request Format: " + value}
		}
		if n < 0 && !signed {
			return &skuError{field, "4152", "QUANTITY_NEGATIVE: The quantity must not be negative"}
		}
		out[warehouse] = n
		return nil
	}
	if wrong := read(seller.warehouses[0], e.text(field)); wrong != nil {
		return nil, wrong
	}
	several := list(members(e.fields["MultiWarehouseInventories"])["MultiWarehouseInventory"])
	if len(several) > 0 && len(seller.warehouses) == 1 {
		return nil, &skuError{"MultiWarehouseInventories", "", "The seller has one warehouse and must not use MultiWarehouseInventories"}
	}
	for _, entry := range several {
		w := members(entry)
		warehouse := seller.warehouse(text(w["WarehouseCode"]))
		if warehouse == "" {
			return nil, &skuError{"WarehouseCode", "", fmt.Sprintf("Warehouse %q does not exist", text(w["WarehouseCode"]))}
		}
		value := text(w[field])
		if value == "" {
			value = text(w["Quantity"])
		}
		if wrong := read(warehouse, value); wrong != nil {
			return nil, wrong
		}
	}
	return out, nil
}

// campaignForbids checks new sellable numbers against a campaign (§12.3): in
// its time stock may only rise, and the locked part must remain.
func (s *Server) campaignForbids(k *sku, sellable map[string]int64) *skuError {
	now := s.world.Now()
	before, after := k.sum().sellable, k.sum().sellable
	for warehouse, n := range sellable {
		after += n - k.bin(warehouse).sellable
	}
	if after < before && k.campaign.running(now) {
		return &skuError{"Quantity", "4170", fmt.Sprintf("CAMPAIGN_STOCK: the stock may be raised but not lowered from %s to %s",
			siteTime(k.campaign.from, "2006-01-02 15:04"), siteTime(k.campaign.to, "2006-01-02 15:04"))}
	}
	if after < before && after < k.campaign.lockedAt(now) {
		return &skuError{"Quantity", "", "negative sellable on channel inventory"}
	}
	return nil
}

// sellableUpdate sets what can still be bought, absolute.
func (s *Server) sellableUpdate(c *call) reply {
	return s.write(c, func(e element) (func(), *skuError) {
		wanted, wrong := e.stockOf("SellableQuantity", false)
		if wrong != nil {
			return nil, wrong
		}
		if len(wanted) == 0 {
			kit.Warn(c.r, "sellable/update without SellableQuantity changes nothing (empty = unchanged, §12.2)")
		}
		return s.setStock(e.sku, wanted, "sellable/update")
	})
}

// sellableAdjust adds to what can still be bought, or takes from it.
func (s *Server) sellableAdjust(c *call) reply {
	return s.write(c, func(e element) (func(), *skuError) {
		wanted, wrong := e.stockOf("SellableQuantity", true)
		if wrong != nil {
			return nil, wrong
		}
		for warehouse, change := range wanted {
			wanted[warehouse] = e.sku.bin(warehouse).sellable + change
			if wanted[warehouse] < 0 {
				return nil, &skuError{"SellableQuantity", "212", "INV_NEGATIVE_SELLABLE: the sellable stock would become negative"}
			}
		}
		return s.setStock(e.sku, wanted, "sellable/adjust")
	})
}

func (s *Server) setStock(k *sku, sellable map[string]int64, event string) (func(), *skuError) {
	if wrong := s.campaignForbids(k, sellable); wrong != nil {
		return nil, wrong
	}
	return func() {
		for _, warehouse := range k.product.seller.warehouses {
			if n, given := sellable[warehouse]; given {
				s.setSellable(k, warehouse, event, n)
				k.product.updated = s.now()
			}
		}
	}, nil
}
