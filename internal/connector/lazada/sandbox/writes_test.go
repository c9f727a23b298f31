package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	sellableCall = "/product/stock/sellable/update"
	adjustCall   = "/product/stock/sellable/adjust"
	priceCall    = "/product/price_quantity/update"
)

// TestStockTable walks §11.3's table row by row.
func TestStockTable(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "10")
	b.want("start", b.stock("A"), "10 10 0 0")
	id, _ := b.place("sku", "A", "payment", "MOMO_WALLET", "paid", "false")
	b.want("placed, unpaid", b.stock("A"), "9 10 1 0")
	b.do("pay_order", "order_id", id)
	b.want("paid", b.stock("A"), "9 10 0 1")
	b.do("pack", "order_id", id)
	b.want("packed", b.stock("A"), "9 10 0 1")
	b.do("ready_to_ship", "order_id", id)
	b.want("ready to ship", b.stock("A"), "9 9 0 0")

	b.do("add_item", "sku", "B", "quantity", "10")
	id, _ = b.place("sku", "B")
	b.want("COD", b.stock("B"), "9 10 0 1")
	b.do("cancel_order", "order_id", id)
	b.want("canceled", b.stock("B"), "10 10 0 0")
	id, _ = b.place("sku", "B", "payment", "MOMO_WALLET", "paid", "false", "quantity", "10")
	b.want("held", b.stock("B"), "0 10 10 0")
	_, err := b.try("place_order", "sku", "B")
	if err == nil || !strings.Contains(err.Error(), "sellable") {
		t.Fatalf("sold what was not there: %v", err)
	}
	b.want("oversold", fmt.Sprint(b.rows("oversold", "sku", "B")[0]["wanted"]), "1")
	b.advance(30 * time.Minute)
	b.want("released", b.stock("B"), "10 10 0 0")
	b.want("order", b.rows("orders", "order_id", id)[0]["statuses"], "canceled")

	b.set("unpaid_release", "hold_only")
	id, _ = b.place("sku", "B", "payment", "MOMO_WALLET", "paid", "false", "quantity", "2")
	b.advance(30 * time.Minute)
	b.want("released", b.stock("B"), "10 10 0 0")
	b.want("order", b.rows("orders", "order_id", id)[0]["statuses"], "unpaid")
	b.do("pay_order", "order_id", id)
	b.want("paid late", b.stock("B"), "8 10 0 2")
}

// TestTwoWords shows the difference between total and sellable (§0.8).
func TestTwoWords(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "10")
	b.place("sku", "A", "quantity", "2")
	b.wantCode(b.call("POST", sellableCall, skuPayload("SellableQuantity", "12")), "0")
	b.want("sellable", b.stock("A"), "12 14 0 2")
	b.wantCode(b.call("POST", priceCall, skuPayload("Quantity", "12")), "0")
	b.want("total", b.stock("A"), "10 12 0 2")
	a := b.call("POST", priceCall, skuPayload("Quantity", "1"))
	b.wantCode(a, "501")
	b.want("text", a.get("detail.0.message")[:17], "negative sellable")
	b.wantCode(b.call("POST", adjustCall, skuPayload("SellableQuantity", "-4")), "0")
	b.want("adjusted", b.stock("A"), "6 8 0 2")
	b.want("below zero", b.call("POST", adjustCall, skuPayload("SellableQuantity", "-7")).get("detail.0.code"), "212")
	b.wantCode(b.call("POST", sellableCall, skuPayload("SellableQuantity", "")), "0")
	b.want("empty = unchanged", b.stock("A"), "6 8 0 2")
	xml := `<?xml version="1.0" encoding="UTF-8"?><Request><Product><Skus><Sku><ItemId>2180011223</ItemId><SkuId>10440099887</SkuId><SellerSku><![CDATA[A&B]]></SellerSku><SellableQuantity>3</SellableQuantity></Sku></Skus></Product></Request>`
	b.wantCode(b.call("POST", sellableCall, map[string]string{"payload": xml}), "0")
	b.want("XML", b.stock("A"), "3 5 0 2")
}

func TestWholeRefusals(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	element := skuElement("SellableQuantity", "1")
	many := make([]string, 51)
	for i := range many {
		many[i] = element
	}
	for payload, code := range map[string]string{
		skusPayload(many...): "4171", skusPayload(many[:50]...): "0", skusPayload(): "30", "{": "5", "<Request>": "5", `{"Request":{}} x`: "5", "": "6",
	} {
		b.want(payload[:min(len(payload), 20)], b.call("POST", sellableCall, map[string]string{"payload": payload}).code(), code)
	}
	b.want("50 were applied", b.rows("items")[0]["sellable"], 1)
}

func TestPartialFailure(t *testing.T) {
	b := newBench(t)
	item := b.do("add_item", "sku", "A").get("out.item_id")
	b.do("add_item", "sku", "B", "item_id", item)
	payload := map[string]string{"payload": skusPayload(
		skuElement("Price", "300000", "SalePrice", "250000"),
		`{"ItemId":"2180011223","SkuId":10440099888,"SellerSku":"B","Price":"100000","SalePrice":"100001"}`,
		`{"ItemId":"5","SkuId":"10440099888","Price":"1"}`, `{"ItemId":"2180011223","Price":"1"}`, `{"ItemId":"2180011223","SkuId":"77","SellerSku":"gone","Price":"1"}`)}
	a := b.call("POST", priceCall, payload)
	b.wantCode(a, "501")
	b.want("type", a.get("type"), "ISP")
	b.want("named", a.len("detail"), 4)
	b.want("first", a.get("detail.0.seller_sku")+a.get("detail.0.sku_id")+a.get("detail.0.code"), "B104400998884157")
	b.want("others", a.get("detail.1.code")+a.get("detail.2.code")+a.get("detail.3.code"), "413742164136")
	b.want("applied", fmt.Sprint(b.rows("items", "sku", "A")[0]["price"], b.rows("items", "sku", "A")[0]["special_price"]), "300000 250000")
	b.want("not applied", fmt.Sprint(b.rows("items", "sku", "B")[0]["price"], b.rows("items", "sku", "B")[0]["special_price"]), "259000 0")
	b.set("detail_with_code0", "on")
	a = b.call("POST", priceCall, payload)
	b.wantCode(a, "0")
	b.want("named", a.len("detail"), 4)
}

func TestPriceRules(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "price", "200000", "special_price", "150000")
	try := func(want string, fields ...string) {
		t.Helper()
		b.advance(time.Second)
		a := b.call("POST", priceCall, skuPayload(fields...))
		got := a.get("detail.0.code")
		if a.code() == "0" {
			got = "0"
		}
		b.want(fmt.Sprint(fields), got, want)
	}
	try("4104", "Price", "200000.5")
	try("0", "Price", "200000.00")
	try("4118", "Price", "0")
	try("4121", "SalePrice", "150000.1")
	try("4118", "SalePrice", "0")
	try("4152", "Quantity", "-1")
	try("4157", "Price", "149999")
	try("4157", "SalePrice", "200001")
	try("0", "Price", "150000")
	try("0", "Price", "200000", "SalePrice", "200000")
	b.set("strict_special_price", "on")
	try("4157", "SalePrice", "200000")
	b.set("strict_special_price", "off")
	try("4119", "SalePrice", "39999")
	try("0", "SalePrice", "40000")
	b.set("deep_discount_refused", "off")
	try("0", "SalePrice", "39999")
	try("4117", "SalePrice", "100000", "SaleStartDate", "2026-02-02", "SaleEndDate", "2026-02-01 00:00:00")
	try("17", "SalePrice", "100000", "SaleStartDate", "soon")
	try("0", "SalePrice", "100000", "SaleStartDate", "2026-01-01", "SaleEndDate", "2026-02-01 00:00:00")
	b.want("in its period", b.server.sellers[0].skus[10440099887].sellingPrice(b.clock.Now()), 100000)
	b.advance(32 * 24 * time.Hour)
	b.want("after it", b.server.sellers[0].skus[10440099887].sellingPrice(b.clock.Now()), 200000)
	try("0", "Price", "90000") // an ended promotion limits nothing
	try("0", "Price", "", "SalePrice", "")
	b.want("unchanged", b.rows("items")[0]["price"], 90000)
	b.set("seller_not_permitted", "on")
	try("<none>", "Price", "90000", "Quantity", "1")
	try("0", "Price", "91000")
	b.set("seller_not_permitted_price", "on")
	try("<none>", "Price", "92000")
	b.set("campaign", "app_call_limit")
	b.wantCode(b.call("POST", priceCall, skuPayload("Price", "1")), "AppCallLimit")
}

func TestCampaign(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "10", "price", "200000")
	b.do("set_campaign", "sku", "A", "locked", "4", "from", "2026-01-02T00:00:00+07:00", "to", "2026-01-03T00:00:00+07:00")
	a := b.call("POST", sellableCall, skuPayload("SellableQuantity", "3"))
	b.want("below the lock", a.get("detail.0.message"), "negative sellable on channel inventory")
	b.wantCode(b.call("POST", sellableCall, skuPayload("SellableQuantity", "9")), "0")
	b.advance(20 * time.Hour)
	b.want("may not fall", b.call("POST", sellableCall, skuPayload("SellableQuantity", "8")).get("detail.0.code"), "4170")
	b.wantCode(b.call("POST", sellableCall, skuPayload("SellableQuantity", "11")), "0")
	b.want("price", strings.Contains(b.call("POST", priceCall, skuPayload("Price", "190000")).get("detail.0.message"), "under campaign participation"), true)
	b.wantCode(b.call("POST", priceCall, skuPayload("Price", "200000")), "0")
	b.advance(24 * time.Hour)
	b.wantCode(b.call("POST", sellableCall, skuPayload("SellableQuantity", "0")), "0")
}

func TestWarehouses(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "1")
	multi := func(code string) map[string]string {
		return map[string]string{"payload": skusPayload(`{"ItemId":"2180011223","SkuId":"10440099887","MultiWarehouseInventories":{"MultiWarehouseInventory":[{"WarehouseCode":"Dropshipping","SellableQuantity":"2"},{"WarehouseCode":"` + code + `","SellableQuantity":"5"}]}}`)}
	}
	b.wantCode(b.call("POST", sellableCall, multi("W2")), "501")
	b.do("add_item", "sku", "B", "warehouse", "W2", "quantity", "1")
	b.wantCode(b.call("POST", sellableCall, multi("W3")), "501")
	b.wantCode(b.call("POST", sellableCall, multi("W2")), "0")
	b.want("sum", b.stock("A"), "7 7 0 0")
	b.place("sku", "A", "quantity", "3")
	b.want("the second helps out", fmt.Sprint(b.rows("order_items")[1]["warehouse"], " ", b.rows("order_items")[2]["warehouse"]), "dropshipping W2")
	b.want("warehouses", b.call("GET", "/seller/warehouse/get", nil).len("result.module"), 2)
}

func TestOtherWrites(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	b.do("add_item", "sku", "B")
	update := `{"Request":{"Product":{"ItemId":"2180011223","Attributes":{"name":"Tên mới"},"Skus":{"Sku":[{"SkuId":"10440099887","SellerSku":"A-1","price":"300000","special_price":"280000","quantity":"4"}]}}}}`
	b.wantCode(b.call("POST", "/product/update", map[string]string{"payload": update}), "0")
	r := b.rows("items", "sku", "A-1")[0]
	b.want("updated", fmt.Sprint(r["name"], r["price"], " ", r["special_price"], " ", r["sellable"]), "Tên mới300000 280000 4")
	b.wantCode(b.call("POST", "/product/deactivate", map[string]string{"apiRequestBody": "<Request><Product><ItemId>2180011223</ItemId><Skus><SkuId>10440099887</SkuId></Skus></Product></Request>"}), "0")
	b.want("inactive", b.rows("items", "sku", "A-1")[0]["status"], "inactive")
	b.wantCode(b.call("POST", "/product/remove", map[string]string{"sku_id_list": `["SkuId_2180011224_10440099888"]`}), "0")
	b.want("deleted", b.rows("items", "sku", "B")[0]["status"], "deleted")
	b.wantCode(b.call("POST", "/product/sku/remove", map[string]string{"payload": `{"Request":{"Product":{"ItemId":"2180011223","Skus":{"Sku":{"SkuId":"10440099887"}}}}}`}), "0")
	b.want("deleted", b.rows("items", "sku", "A-1")[0]["status"], "deleted")
	b.do("seed_items", "codes", "X,Y", "prices", "1000,2000", "quantity", "5")
	b.want("seeded", fmt.Sprint(b.rows("items", "sku", "Y")[0]["price"])+b.stock("Y"), "20005 5 0 0")
	b.do("edit_item", "sku", "Y", "new_sku", "X", "price", "3000", "quantity", "7")
	b.want("repeated SKU", len(b.rows("items", "sku", "X")), 2)
}
