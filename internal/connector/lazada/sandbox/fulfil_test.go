package sandbox

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func (b *bench) pack(order string, items ...string) answer {
	b.Helper()
	return b.call("POST", "/order/fulfill/pack", map[string]string{"packReq": fmt.Sprintf(
		`{"pack_order_list":[{"order_id":%q,"order_item_list":[%s]}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`, order, strings.Join(items, ","))})
}

func (b *bench) packages(path, param string, ids ...string) answer {
	b.Helper()
	var list []string
	for _, id := range ids {
		list = append(list, "{'package_id':'"+id+"'}")
	}
	return b.call("POST", path, map[string]string{param: "{'packages':[" + strings.Join(list, ",") + "]}"})
}

func (b *bench) rts(ids ...string) answer {
	b.Helper()
	return b.packages("/order/package/rts", "readyToShipReq", ids...)
}

func TestPackAndShip(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	id, items := b.place("sku", "A", "quantity", "3", "shipping_fee", "16500")
	line := "result.data.pack_order_list.0.order_item_list."
	a := b.pack(id, items[0], items[1], "5")
	b.wantCode(a, "0")
	p := a.get(line + "0.package_id")
	b.want("package id", strings.HasPrefix(p, "FP"), true)
	b.want("one package", a.get(line+"1.package_id"), p)
	b.want("unknown item", a.get(line+"2.item_err_code"), "700025")
	b.want("again", b.pack(id, items[0]).get(line+"0.item_err_code"), "700026")
	b.want("unknown order", b.pack("5", items[0]).get(line+"0.item_err_code"), "700021")
	b.want("stock", b.stock("A"), "7 10 0 3")

	code := "result.data.packages.0.item_err_code"
	b.want("unknown", b.rts("FP1").get(code), "600001")
	b.want("rts", b.rts(p).get(code), "0")
	b.want("stock", b.stock("A"), "7 8 0 1")
	b.want("rts again", b.rts(p).get(code), "700000")
	b.want("repack too late", b.packages("/order/package/repack", "rePackReq", p).get(code), "700000")
	b.want("label", b.rows("orders")[0]["label"], "Sẵn sàng giao đi, Đang xử lý")
	b.do("ship", "package_id", p)
	b.do("fail_delivery", "package_id", p)
	b.set("carrier_words", "on")
	o := b.call("GET", "/order/get", map[string]string{"order_id": id})
	b.want("carrier word", o.get("data.statuses"), "[INFO_ST_DOMESTIC_DELIVERY_FAILED pending]")
	b.want("filter", ids(b.list("status", "failed"))+ids(b.list("status", "topack")), "0505")
	b.do("ship_back", "order_id", id)
	b.do("shipped_back", "order_id", id, "ok", "false")
	b.do("scrap", "order_id", id)
	b.want("stock stays", b.stock("A"), "7 8 0 1")
	b.want("trace", b.call("GET", "/logistic/order/trace", map[string]string{"order_id": id}).get("result.module.0.package_detail_info_list.0.ofc_package_id"), p)
	b.do("pack", "order_id", id)
	b.do("ready_to_ship", "order_id", id, "pending", "true")
	b.want("not reduced yet", b.stock("A"), "7 8 0 1")
	b.do("ready_to_ship", "order_id", id)
	b.do("ship", "order_id", id)
	b.do("deliver", "order_id", id)
	b.do("confirm_received", "order_id", id)
	b.want("last", b.rows("order_items")[2]["status"], "confirmed")
	if _, err := b.try("cancel_order", "order_id", id); err == nil {
		t.Error("canceled what was delivered")
	}
}

func TestPackRules(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	b.do("add_item", "sku", "A2", "item_id", "2180011223", "warehouse", "VN1-WH-2")
	line := "result.data.pack_order_list.0.order_item_list."
	id, items := b.place("sku", "A", "type", "PreSale", "paid", "false")
	b.want("pre-sale", b.pack(id, items[0]).get(line+"0.item_err_code"), "700031")
	b.do("pay_order", "order_id", id)
	b.want("pre-sale paid", b.pack(id, items[0]).get(line+"0.item_err_code"), "0")
	id, items = b.place("sku", "A", "fbl", "true")
	b.want("fbl", b.pack(id, items[0]).get(line+"0.item_err_code"), "700027")
	b.want("fbl uses no stock", b.stock("A"), "9 10 0 1")
	id, items = b.place("sku", "A", "digital", "true")
	b.want("digital", b.pack(id, items[0]).get(line+"0.item_err_code"), "700030")
	digital := map[string]string{"digitalDeliveryReq": fmt.Sprintf(`{"orders":[{"order_id":%s,"order_item_list":[%s]}]}`, id, items[0])}
	b.want("digital", b.call("POST", "/order/digital/delivered", digital).get("result.data.orders.0.order_item_list.0.item_err_code"), "0")
	id, items = b.place("sku", "A,A2", "quantity", "1,1")
	a := b.pack(id, items...)
	b.want("split by warehouse", a.get(line+"0.package_id") != a.get(line+"1.package_id"), true)
	id, items = b.place("sku", "A", "sof", "true")
	p := b.pack(id, items[0]).get(line + "0.package_id")
	b.rts(p)
	b.want("sof", b.packages("/order/package/sof/delivered", "dbsDeliveryReq", p).get("result.data.packages.0.item_err_code"), "0")
	b.want("not sof", b.packages("/order/package/sof/delivered", "dbsDeliveryReq", a.get(line+"0.package_id")).get("result.data.packages.0.item_err_code"), "700009")

	bad := b.call("POST", "/order/fulfill/pack", map[string]string{"packReq": "{"})
	b.want("refused", bad.get("result.success")+bad.get("result.error_code"), "false700004")
	b.set("fulfil_error_names", "errorCode")
	bad = b.call("POST", "/order/fulfill/pack", map[string]string{"packReq": `{"pack_order_list":[` + strings.Repeat("{},", 20) + `{}]}`})
	b.want("too many", bad.get("result.errorCode"), "700022")
}

func TestRepackAndCascade(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	line := "result.data.pack_order_list.0.order_item_list.0."
	id, items := b.place("sku", "A", "quantity", "3")
	old := b.pack(id, items[0], items[1]).get(line + "package_id")
	b.want("repack", b.packages("/order/package/repack", "rePackReq", old).get("result.data.packages.0.item_err_code"), "0")
	b.want("cleared", fmt.Sprint(b.rows("order_items")[0]["package_id"], b.rows("order_items")[0]["status"]), "repacked")
	b.want("gone", b.rts(old).get("result.data.packages.0.item_err_code"), "600002")
	p := b.pack(id, items[0], items[1]).get(line + "package_id")
	b.want("new package", p != old, true)

	// One packed item takes its mate along, the pending one stays.
	cancel := func(item, reason string) answer {
		return b.call("GET", "/order/reverse/cancel/create", map[string]string{"order_id": id, "order_item_id_list": "[" + item + "]", "reason_id": reason})
	}
	b.wantCode(cancel(items[0], "1"), "104")
	b.want("validate", b.call("GET", "/order/reverse/cancel/validate", map[string]string{"order_id": id, "order_item_id_list": "[" + items[0] + "]"}).get("data.reason_options.0.reason_id"), "10000019")
	b.want("tip", cancel(items[0], "10000019").get("data.tip_type"), "success")
	b.want("statuses", b.rows("orders")[0]["statuses"], "canceled,pending")
	b.want("stock", b.stock("A"), "9 10 0 1")
	b.want("kept after cancel", b.rows("order_items")[0]["package_id"], p)
	b.want("tip", cancel(items[0], "10000019").get("data.tip_type"), "error")
	b.want("out of stock", cancel(items[2], "10000021").get("data.tip_type"), "success")
	b.want("zeroed", b.stock("A"), "0 0 0 0")
}

func TestBuyerCancel(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	id, _ := b.place("sku", "A", "quantity", "2")
	b.do("pack", "order_id", id)
	r := b.do("request_cancel", "order_id", id).get("out.reverse_order_id")
	o := b.call("GET", "/order/get", map[string]string{"order_id": id})
	b.want("waiting", o.get("data.need_cancel_confirm"), "true")
	decide := func(agree string) answer {
		return b.call("GET", "/order/reverse/cancel/seller/decide", map[string]string{"reverse_order_id": r, "agree_cancel": agree, "reason_code": "10000019"})
	}
	b.wantCode(decide("false"), "0")
	b.wantCode(decide("true"), "131")
	b.want("still packed", b.rows("orders")[0]["statuses"], "packed")
	b.set("cancel_pending_delay", "10m")
	r = b.do("request_cancel", "order_id", id).get("out.reverse_order_id")
	b.wantCode(decide("true"), "0")
	b.want("pending", b.call("GET", "/order/get", map[string]string{"order_id": id}).get("data.is_cancel_pending"), "true")
	b.advance(10 * time.Minute)
	b.want("canceled", b.rows("orders")[0]["statuses"], "canceled")

	// Silence is agreement.
	b.set("cancel_pending_delay", "0s")
	id, _ = b.place("sku", "A")
	b.do("request_cancel", "order_id", id)
	b.advance(48 * time.Hour)
	b.want("canceled", b.rows("orders", "order_id", id)[0]["statuses"], "canceled")

	// After ready_to_ship the unit has left total; the switch gives it back.
	for _, c := range []struct{ value, want string }{{"no", "9 9 0 0"}, {"yes", "9 9 0 0"}} {
		b.set("cancel_after_rts_restock", c.value)
		id, _ = b.place("sku", "A")
		b.do("pack", "order_id", id)
		b.do("ready_to_ship", "order_id", id)
		b.do("cancel_order", "order_id", id, "initiator", "system")
		b.want("restock "+c.value, b.stock("A"), c.want)
	}
}

func TestReturns(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "price", "259000")
	id, items := b.place("sku", "A", "quantity", "2", "voucher_seller", "20000")
	for _, step := range []string{"pack", "ready_to_ship", "ship", "deliver"} {
		b.do(step, "order_id", id)
	}
	r := b.do("request_return", "order_id", id, "order_item_id", items[0]).get("out.reverse_order_id")
	pull := func(params ...string) answer {
		in := map[string]string{}
		for i := 0; i < len(params); i += 2 {
			in[params[i]] = params[i+1]
		}
		b.advance(time.Second)
		return b.call("GET", "/reverse/getreverseordersforseller", in)
	}
	a := pull("page_no", "1", "page_size", "10", "request_type_list", `["RETURN"]`)
	l := "result.items.0.reverse_order_lines.0."
	b.want("line", a.get(l+"reverse_status")+a.get(l+"refund_amount")+a.get(l+"trade_order_line_id"), "REQUEST_INITIATE249000"+items[0])
	b.want("total", pull("request_type_list", `["CANCEL"]`).get("result.total"), "0")
	b.want("total", pull("return_to_type", "RTW").get("result.total"), "0")
	b.want("total", pull("ReverseOrderLineModifiedTimeRangeStart", fmt.Sprint(start), "ReverseOrderLineModifiedTimeRangeEnd", fmt.Sprint(start)).get("result.total"), "1")
	b.want("total", pull("ReverseOrderLineModifiedTimeRangeStart", fmt.Sprint(start+1)).get("result.total"), "0")
	b.want("still delivered", b.rows("orders")[0]["statuses"], "delivered")
	update := map[string]string{"action": "agreeReturn", "reverse_order_id": r, "reverse_order_item_ids": "[" + a.get(l+"reverse_order_line_id") + "]"}
	b.wantCode(b.call("GET", "/order/reverse/return/update", update), "0")
	b.wantCode(b.call("GET", "/order/reverse/return/update", update), "131")
	update["action"] = "refuseRefund"
	b.wantCode(b.call("GET", "/order/reverse/return/update", update), "108")
	b.do("send_return", "reverse_order_id", r)
	b.do("receive_return", "reverse_order_id", r)
	b.want("returned", b.rows("orders")[0]["statuses"], "returned,delivered")
	b.want("stock stays", b.stock("A"), "8 8 0 0")
	d := b.call("GET", "/order/reverse/return/detail/list", map[string]string{"reverse_order_id": r})
	b.want("detail", d.get("data.reverseOrderLineDTOList.0.reverse_status")+d.get("data.reverseOrderLineDTOList.0.productDTO.sku"), "REQUEST_COMPLETEA")
	b.want("history", b.call("GET", "/order/reverse/return/history/list", map[string]string{"reverse_order_line_id": a.get(l + "reverse_order_line_id")}).len("data.list"), 5)

	out := b.do("refund_only", "order_id", id)
	decide := map[string]string{"action": "agreeRefund", "reverse_order_id": out.get("out.reverse_order_id"), "reverse_order_item_ids": "[" + out.get("out.reverse_order_line_ids.0") + "]"}
	b.wantCode(b.call("GET", "/order/reverse/onlyrefund/seller/decide", decide), "0")
	b.want("goods stay", b.rows("orders")[0]["statuses"], "returned,delivered")
}

func TestLegacyShim(t *testing.T) {
	b := newBench(t)
	b.set("legacy_fulfilment", "on")
	b.do("add_item", "sku", "A")
	_, items := b.place("sku", "A", "quantity", "2")
	in := map[string]string{"order_item_ids": "[" + strings.Join(items, ",") + "]", "delivery_type": "dropship", "shipping_provider": "LEX VN"}
	b.wantCode(b.call("POST", "/order/pack", in), "0")
	b.wantCode(b.call("POST", "/order/rts", in), "0")
	b.want("status", b.rows("orders")[0]["statuses"], "ready_to_ship")
	b.wantCode(b.call("POST", "/order/cancel", map[string]string{"order_item_id": items[0], "reason_id": "10000019"}), "0")
	b.want("status", b.rows("orders")[0]["statuses"], "canceled")
}

func TestLabel(t *testing.T) {
	b := newBench(t)
	b.set("label_delay", "30s")
	b.do("add_item", "sku", "A")
	id, _ := b.place("sku", "A")
	p := b.do("pack", "order_id", id).get("out.package_id")
	get := func() answer {
		return b.call("POST", "/order/package/document/get", map[string]string{"getDocumentReq": `{"doc_type":"PDF","packages":[{"package_id":"` + p + `"}]}`})
	}
	b.want("empty", get().get("result.data.file"), "")
	b.advance(30 * time.Second)
	url := get().get("result.data.pdf_url")
	for _, want := range []int{200, 404} {
		resp, err := b.client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b.want("label", resp.StatusCode, want)
		b.advance(11 * time.Minute)
	}
}
