package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (k *sku) shopSKU() string { return fmt.Sprintf("%d_VNAMZ-%d", k.product.id, k.id) }

func (k *sku) url() string {
	return fmt.Sprintf("https://www.lazada.vn/-i%d-s%d.html", k.product.id, k.id)
}

// addProduct starts an item of the catalogue.
func (s *Server) addProduct(v *seller, name string, id int64) *product {
	if id == 0 {
		for s.productTaken(s.nextProduct) {
			s.nextProduct++
		}
		id = s.nextProduct
		s.nextProduct++
	}
	p := &product{seller: v, id: id, name: name, status: "Active", created: s.now(), updated: s.now()}
	v.products = append(v.products, p)
	return p
}

func (s *Server) productTaken(id int64) bool {
	return slices.ContainsFunc(s.sellers, func(v *seller) bool { return v.product(id) != nil })
}

func (s *Server) addSKU(p *product, sellerSKU, variation string, price, special int64) *sku {
	k := &sku{
		product: p, id: s.nextSKU, sellerSKU: sellerSKU, variation: variation, status: "active", price: price, bins: map[string]*bin{},
	}
	s.nextSKU++
	if special > 0 {
		k.special, k.from, k.to = special, s.now(), permanent(s.now())
	}
	p.skus = append(p.skus, k)
	p.seller.skus[k.id] = k
	p.updated = s.now()
	return k
}

func (v *seller) product(id int64) *product {
	for _, p := range v.products {
		if p.id == id {
			return p
		}
	}
	return nil
}

// productFilters are those of §11.1 (image-missing is the older one). all
// includes what is inactive or deleted (§15 no. 11).
var productFilters = map[string]func(*product) bool{
	"all":           func(*product) bool { return true },
	"live":          func(p *product) bool { return p.status == "Active" && p.any("active") },
	"inactive":      func(p *product) bool { return p.status == "InActive" || p.any("inactive") },
	"deleted":       func(p *product) bool { return p.status == "Deleted" || p.any("deleted") },
	"pending":       func(p *product) bool { return p.status == "Pending QC" },
	"rejected":      func(*product) bool { return false },
	"image-missing": func(*product) bool { return false },
	"sold-out": func(p *product) bool {
		return slices.ContainsFunc(p.skus, func(k *sku) bool { return k.status == "active" && k.sum().sellable == 0 })
	},
}

func (p *product) any(status string) bool {
	return slices.ContainsFunc(p.skus, func(k *sku) bool { return k.status == status })
}

// productsGet is §11.1. Items are in order of creation, which no page of the
// documentation promises.
func (s *Server) productsGet(c *call) reply {
	created, wrong := c.readWindow("create")
	if wrong != "" {
		return refused(isp, "17", "E017: \"%s\" Invalid Date Format", wrong)
	}
	updated, wrong := c.readWindow("update")
	if wrong != "" {
		return refused(isp, "17", "E017: \"%s\" Invalid Date Format", wrong)
	}
	offset, limit, out, bad := c.paging(20, 50, 10_000)
	if bad {
		return out
	}
	filter := c.get("filter")
	if filter == "" {
		filter = "all" // Mandatory and optional on the same line (§11.1).
	}
	keep, known := productFilters[filter]
	if !known {
		return refused(isp, "36", "E036: Invalid status filter")
	}
	var wanted []string
	if text := c.get("sku_seller_list"); text != "" {
		if err := json.Unmarshal([]byte(text), &wanted); err != nil || len(wanted) > 100 {
			return refused(isp, "70", "E070: You have corrupt data in your sku seller list.")
		}
	}
	var found []*product
	for _, p := range c.seller.products {
		if created.holds(p.created) && updated.holds(p.updated) && keep(p) && p.hasOneOf(wanted) {
			found = append(found, p)
		}
	}
	page := []map[string]any{}
	for _, p := range slice(found, offset, limit) {
		page = append(page, s.showProduct(p))
	}
	return data(map[string]any{"total_products": len(found), "products": page})
}

// hasOneOf matches seller SKUs whole, case as stored.
func (p *product) hasOneOf(wanted []string) bool {
	return wanted == nil || slices.ContainsFunc(p.skus, func(k *sku) bool { return slices.Contains(wanted, k.sellerSKU) })
}

// productItemGet is §11.2.
func (s *Server) productItemGet(c *call) reply {
	if c.get("item_id") == "" {
		return missing("item_id")
	}
	id, err := strconv.ParseInt(c.get("item_id"), 10, 64)
	if err != nil {
		return refused(isp, "207", "E0207: Invalid item id")
	}
	p := c.seller.product(id)
	if p == nil {
		if s.productTaken(id) {
			return refused(isp, "EDIT_ITEM_NOT_BELONG_SELLER", "The item does not belong to the seller")
		}
		return refused(isp, "208", "E0208: Item not found")
	}
	shown := s.showProduct(p)
	if s.desk.Is("item_get_case", "camel") {
		for from, to := range map[string]string{"item_id": "itemId", "primary_category": "primaryCategory", "created_time": "createdTime", "updated_time": "updatedTime"} {
			shown[to] = shown[from]
			delete(shown, from)
		}
	}
	return data(shown)
}

func (s *Server) showProduct(p *product) map[string]any {
	skus := []map[string]any{}
	for _, k := range p.skus {
		skus = append(skus, s.showSKU(k))
	}
	return map[string]any{
		"item_id": p.id, "primary_category": 18209, "status": p.status, "subStatus": nil,
		"created_time": fmt.Sprint(p.created.UnixMilli()), "updated_time": fmt.Sprint(p.updated.UnixMilli()),
		"attributes": map[string]any{"name": p.name, "brand": "No Brand"}, "images": []string{"https://img.example/1.jpg"}, "marketImages": []any{},
		"trialProduct": false, "rejectReason": nil, "suspendedSkus": nil, "skus": skus,
	}
}

// float writes whole đồng the way the catalogue does: 259000.0.
func float(n int64) json.Number { return json.Number(fmt.Sprintf("%d.0", n)) }

func (s *Server) showSKU(k *sku) map[string]any {
	sum := k.sum()
	quantity := sum.sellable
	if s.desk.Is("quantity_field", "total") {
		quantity = sum.total
	}
	out := map[string]any{
		"SkuId": k.id, "SellerSku": k.sellerSKU, "ShopSku": k.shopSKU(), "Status": k.status, "Url": k.url(), "Images": []any{},
		"price": float(k.price), "special_price": float(k.special), "special_time_format": "yyyy-MM-dd HH:mm",
		"quantity": quantity, "Available": sum.sellable,
		"multiWarehouseInventories": s.showBins(k), "fblWarehouseInventories": []any{}, "channelInventories": []any{},
		"saleProp": saleProp(k.variation), "package_weight": "0.30", "package_length": "20.00", "package_width": "15.00", "package_height": "2.00",
	}
	if locked := k.campaign.lockedAt(s.world.Now()); locked > 0 {
		out["channelInventories"] = []map[string]any{{"channelName": "campaign", "quantity": locked}}
	}
	if k.special > 0 {
		out["special_from_time"], out["special_to_time"] = siteTime(k.from, "2006-01-02 15:04"), siteTime(k.to, "2006-01-02 15:04")
		out["special_from_date"], out["special_to_date"] = siteTime(k.from, time.DateOnly), siteTime(k.to, time.DateOnly)
	}
	return out
}

func siteTime(at time.Time, layout string) string { return at.In(hanoi).Format(layout) }

// showBins leaves out warehouses without stock (§11.1).
func (s *Server) showBins(k *sku) []map[string]any {
	out := []map[string]any{}
	for _, w := range k.product.seller.warehouses {
		if b := k.bin(w); *b != (bin{}) {
			out = append(out, map[string]any{
				"warehouseCode": w, "sellableQuantity": b.sellable, "withholdQuantity": b.withhold,
				"occupyQuantity": b.occupy, "totalQuantity": b.total, "quantity": b.sellable,
			})
		}
	}
	return out
}

// saleProp reads a variation such as "Màu:Đỏ, Size:L".
func saleProp(variation string) map[string]any {
	out := map[string]any{}
	for _, part := range strings.Split(variation, ",") {
		if name, value, ok := strings.Cut(strings.TrimSpace(part), ":"); ok {
			out[name] = value
		}
	}
	return out
}
