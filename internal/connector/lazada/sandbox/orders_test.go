package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func (b *bench) list(params ...string) answer {
	b.Helper()
	in := map[string]string{"created_after": "2025-12-01T00:00:00+07:00"}
	for i := 0; i < len(params); i += 2 {
		in[params[i]] = params[i+1]
		if params[i] == "update_after" {
			delete(in, "created_after")
		}
	}
	return b.call("GET", "/orders/get", in)
}

func ids(a answer) string {
	var out []string
	for i := range a.len("data.orders") {
		out = append(out, a.get(fmt.Sprintf("data.orders.%d.order_id", i))[13:])
	}
	return strings.Join(out, " ")
}

func TestOrdersGetRules(t *testing.T) {
	b := newBench(t)
	b.set("qps_default", "0")
	for _, c := range []struct{ name, value, code string }{
		{"limit", "0", "19"}, {"limit", "-1", "19"}, {"limit", "101", "19"}, {"limit", "x", "19"}, {"limit", "100", "0"},
		{"offset", "-1", "14"}, {"offset", "x", "14"}, {"offset", "4899", "0"}, {"offset", "4900", "97"},
		{"status", "nonsense", "36"}, {"status", "all", "0"}, {"status", "topack", "0"}, {"status", "INFO_ST_DOMESTIC_BACK_TO_SHIPPER", "36"},
		{"sort_direction", "UP", "74"}, {"sort_by", "price", "75"}, {"created_after", "2026-01-01", "17"}, {"created_after", "", "17"},
		{"update_after", "2026-01-01T00:00:00Z", "0"}, {"created_before", "2026-01-01T00:00:00+0700", "0"},
	} {
		b.want(c.name+"="+c.value, b.list(c.name, c.value).code(), c.code)
	}
	a := b.list("offset", "4900")
	b.want("message", a.get("message"), "E097: Offset and limit sum 5000 must be less than 5000")
	b.set("packed_filter", "refused")
	b.wantCode(b.list("status", "packed"), "36")
}

func TestOrdersGetPages(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "100")
	b.do("add_item", "sku", "B", "quantity", "100")
	var first string
	for i := range 5 {
		id, _ := b.place("sku", "A,B", "quantity", "2,1")
		if i == 0 {
			first = id
		}
		b.advance(time.Minute)
	}
	b.want("descending by default", ids(b.list()), "09 08 07 06 05")
	b.want("ascending", ids(b.list("sort_direction", "ASC")), "05 06 07 08 09")
	a := b.list("sort_direction", "ASC", "offset", "1", "limit", "2")
	b.want("page", ids(a)+" "+a.get("data.count")+" "+a.get("data.countTotal"), "06 07 2 5")

	// The oldest order changes and moves to the end of updated_at.
	items := b.rows("order_items", "order_id", first)
	b.do("pack", "order_id", first, "order_item_ids", fmt.Sprint(items[0]["order_item_id"]))
	b.want("updated", ids(b.list("sort_by", "updated_at", "sort_direction", "ASC")), "06 07 08 09 05")
	b.want("loose filter packed", ids(b.list("status", "packed")), "05")
	b.want("loose filter pending", ids(b.list("status", "pending", "sort_direction", "ASC")), "05 06 07 08 09")
	b.want("toship", ids(b.list("status", "toship")), "05")
	b.want("none", ids(b.list("status", "shipped")), "")
	// 07:05 is when the last change was; update_after is inclusive.
	b.want("update_after", ids(b.list("update_after", "2026-01-01T07:05:00+07:00")), "05")
	b.want("update_after", ids(b.list("update_after", "2026-01-01T07:05:01+07:00")), "")
	b.want("created_before", ids(b.list("created_before", "2026-01-01T00:01:00Z", "sort_direction", "ASC")), "05 06")
	o := b.list("status", "packed")
	b.want("statuses", o.get("data.orders.0.statuses"), "[packed pending]")
	b.want("list spelling", o.get("data.orders.0.address_shipping.addressDsitrict"), "Phường Bến Nghé")
}

func TestOrderShape(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "price", "259000", "special_price", "199000")
	b.do("add_item", "sku", "B", "price", "100001")
	id, _ := b.place("sku", "A,B", "quantity", "2,1", "voucher_seller", "30000", "voucher_platform", "10000", "shipping_fee", "16500", "note", "Giao giờ hành chính", "phone", "0901234512")
	a := b.call("GET", "/order/get", map[string]string{"order_id": id})
	for path, want := range map[string]string{
		"order_number": id, "price": "498001.00", "voucher": "40000", "voucher_seller": "30000", "shipping_fee": "16500", "items_count": "3",
		"created_at": "2026-01-01 07:00:00 +0700", "payment_method": "COD", "buyer_note": "Giao giờ hành chính",
		"address_shipping.phone": "84*******12", "address_shipping.address1": "1***********ệ", "address_shipping.address3": "H*********h",
		"address_shipping.city": "Quận 1", "address_shipping.addressDistrict": "Phường Bến Nghé", "customer_first_name": "N***********n",
	} {
		b.want(path, a.get("data."+path), want)
	}
	if _, isString := a["data"].(map[string]any)["price"].(string); !isString {
		t.Error("price is no string")
	}
	b.set("mask", "off")
	a = b.call("GET", "/order/get", map[string]string{"order_id": id})
	b.want("unmasked", a.get("data.address_shipping.phone")+a.get("data.customer_first_name"), "84901234512Nguyễn Văn An")

	items := b.call("GET", "/order/items/get", map[string]string{"order_id": id})
	b.want("one row per unit", items.len("data"), 3)
	var paid, shipping int64
	for i := range 3 {
		at := fmt.Sprintf("data.%d.", i)
		paid += number(items.get(at + "paid_price"))
		shipping += number(items.get(at + "shipping_amount"))
	}
	b.want("buyer pays", paid+shipping, 498001-40000+16500)
	b.want("view", b.rows("orders", "order_id", id)[0]["buyer_pays"], paid+shipping)
	b.want("promotion", items.get("data.0.item_price"), "199000")
	b.want("product_id", items.get("data.0.product_id"), "2180011223")
	several := b.call("GET", "/orders/items/get", map[string]string{"order_ids": "['" + id + "']"})
	b.want("several", several.get("data.0.order_id")+several.get("data.0.order_items.2.sku"), id+"B")
	b.want("no product_id", several.get("data.0.order_items.0.product_id"), "<none>")
}

func TestItemsOfManyOrders(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	id, _ := b.place("sku", "A")
	get := func(list string) answer {
		b.advance(time.Second)
		return b.call("GET", "/orders/items/get", map[string]string{"order_ids": list})
	}
	b.wantCode(get("["+id+"]"), "0")
	b.wantCode(get("["+id+",5]"), "37")
	b.wantCode(get(id), "56")
	b.wantCode(get("["+strings.Repeat(id+",", 50)+id+"]"), "38")
	b.set("unknown_orders", "left_out")
	b.want("left out", get("["+id+",5]").len("data"), 1)
	b.wantCode(get("[5]"), "39")
	b.wantCode(b.call("GET", "/order/items/get", map[string]string{"order_id": "5"}), "16")
	b.wantCode(b.call("GET", "/order/get", map[string]string{"order_id": "x"}), "16")
}

func TestVisibilityDelay(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	b.set("visibility_delay", "30s")
	b.do("set_push", "url", "http://hub.test/push", "types", "0")
	id, _ := b.place("sku", "A")
	b.advance(0)
	b.want("pushed", len(b.hub.take()), 1)
	get := map[string]string{"order_id": id}
	b.wantCode(b.call("GET", "/order/get", get), "16")
	b.want("items", b.call("GET", "/order/items/get", get).len("data"), 0)
	b.want("list", ids(b.list()), "")
	b.advance(30 * time.Second)
	b.wantCode(b.call("GET", "/order/get", get), "0")
	b.want("list", len(ids(b.list())), 2)
}

func TestProducts(t *testing.T) {
	b := newBench(t)
	item := b.do("add_item", "sku", "A", "special_price", "199000").get("out.item_id")
	b.do("add_item", "sku", "a", "item_id", item, "quantity", "0")
	b.do("add_item", "sku", "ÁO đỏ/L", "quantity", "3")
	b.do("delete_item", "sku", "ÁO đỏ/L")
	get := func(params ...string) answer {
		in := map[string]string{"filter": "all"}
		for i := 0; i < len(params); i += 2 {
			in[params[i]] = params[i+1]
		}
		b.advance(time.Second)
		return b.call("GET", "/products/get", in)
	}
	a := get()
	b.want("items, not SKUs", a.get("data.total_products"), "2")
	b.want("deleted is shown", a.get("data.products.1.skus.0.Status")+a.get("data.products.1.status"), "deletedDeleted")
	sku := "data.products.0.skus.0."
	b.want("price", a.get(sku+"price")+" "+a.get(sku+"special_price"), "259000.0 199000.0")
	b.want("end", a.get(sku+"special_to_time"), "2126-01-01 07:00")
	b.want("stock", a.get(sku+"multiWarehouseInventories.0.sellableQuantity"), "10")
	b.want("no stock", a.get("data.products.0.skus.1.multiWarehouseInventories"), "[]")
	for filter, want := range map[string]string{"live": "1", "deleted": "1", "sold-out": "1", "inactive": "0"} {
		b.want(filter, get("filter", filter).get("data.total_products"), want)
	}
	b.want("whole match", get("sku_seller_list", `["ÁO đỏ/L"]`).get("data.total_products"), "1")
	b.want("case", get("sku_seller_list", `["áo đỏ/l"]`).get("data.total_products"), "0")
	b.wantCode(get("sku_seller_list", "A"), "70")
	b.wantCode(get("limit", "51"), "19")
	b.wantCode(get("filter", "nonsense"), "36")
	b.want("window", get("update_after", "2026-01-02T00:00:00+0700").get("data.total_products"), "0")
	b.set("quantity_field", "total")
	b.place("sku", "A", "quantity", "4")
	a = get()
	b.want("quantity", a.get(sku+"quantity")+" "+a.get(sku+"Available"), "10 6")
	a = b.call("GET", "/product/item/get", map[string]string{"item_id": item})
	b.want("one", a.get("data.skus.1.SellerSku"), "a")
	b.set("item_get_case", "camel")
	b.want("camel", b.call("GET", "/product/item/get", map[string]string{"item_id": item}).get("data.itemId"), item)
	b.wantCode(b.call("GET", "/product/item/get", map[string]string{"item_id": "5"}), "208")
}
