package sandbox

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

func common(more ...string) map[string]string {
	out := map[string]string{"app_key": "900100", "timestamp": "1767225600000", "access_token": handToken, "sign_method": "sha256"}
	for i := 0; i < len(more); i += 2 {
		out[more[i]] = more[i+1]
	}
	return out
}

func without(m map[string]string, name string) map[string]string {
	delete(m, name)
	return m
}

func TestSignatureVectors(t *testing.T) {
	official := map[string]string{"access_token": "test", "app_key": "123456", "order_id": "1234", "sign_method": "sha256", "timestamp": "1517820392000"}
	if got := signature("helloworld", "/order/get", official, true); got != "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A" {
		t.Errorf("official: %s", got)
	}
	for name, v := range map[string]struct {
		path   string
		params map[string]string
		want   string
	}{
		"V1": {"/orders/get", common("update_after", "2026-01-01T00:00:00+07:00", "status", "pending", "sort_by", "updated_at", "sort_direction", "ASC", "limit", "100", "offset", "0"),
			"CDB705FF3CD13D73A5B5EC32C3775FEBE34BCF2C2CD8E12A215699E97CFADFBB"},
		"V2": {"/product/price_quantity/update", common("payload", `{"Request":{"Product":{"Skus":{"Sku":[{"ItemId":2180011223,"SkuId":10440099887,"SellerSku":"ÁO-THUN đỏ/L","Quantity":"12","Price":"259000","SalePrice":"199000"}]}}}}`),
			"F0FE3946A96EBB8A358CE96D33ADFF12C0FD29610F254850BE6413BF32CB10DC"},
		"V3": {"/auth/token/create", without(common("code", "0_900100_a1B2c3D4e5"), "access_token"),
			"C8E8EE33E3EBA18952BE88EE289B7B6408B3178DFB102663B4C204202D552C73"},
		"V4": {"/auth/token/refresh", without(common("refresh_token", "50001600c52TESTrefreshVN0001"), "access_token"),
			"B76905E259176C652D56D52D288DCFA079FE61F370BB132F84E78582AE943778"},
		"V5": {"/order/fulfill/pack", common("packReq", `{"pack_order_list":[{"order_id":"411002003004005","order_item_list":["411002003104005","411002003204005"]}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`),
			"029CAF4804479FC4722B2CBC78300EA48024F70BA9CE766D6D35705948114BEC"},
		"V6": {"/reverse/getreverseordersforseller", common("page_no", "1", "page_size", "10", "QC_Decision", "scrap", "ReverseOrderLineModifiedTimeRangeStart", "1767139200000", "ReverseOrderLineModifiedTimeRangeEnd", "1767225600000"),
			"99BDC1E89E79F8CCC0D0C08E4AA38A7D66C632602EAC03A65ADA067A5314B751"},
		"V7": {"/orders/items/get", common("order_ids", "[411002003004005,411002003004006]"),
			"7B154B62DF6FB6E8E6E8018C9699F346A85237FDE5024746B8D85FE579D150F9"},
		"V8": {"/seller/get", common(), "F06B8D8407903B7159A6E7C22C0440D546C5C1EE358CF127A24165699AA9F4AE"},
		"V9": {"/order/get", common("order_id", "411002003004005"), "BE767CBFFA2FBE51D41B885F9A566193BDBD067B0A018BBFE225C147A2AAE037"},
		"V9 empty": {"/order/get", common("order_id", "411002003004005", "note", ""),
			"47306E8F7328C259F87C779D0AD8FEC47604AC10042EB451A9945E0FAE988A35"},
	} {
		if got := signature(firstAppSecret, v.path, v.params, true); got != v.want {
			t.Errorf("%s: %s, want %s", name, got, v.want)
		}
	}
	// The server takes both treatments of the empty parameter, and lower case.
	for _, sign := range []string{"BE767CBFFA2FBE51D41B885F9A566193BDBD067B0A018BBFE225C147A2AAE037", "47306e8f7328c259f87c779d0ad8fec47604ac10042eb451a9945e0fae988a35"} {
		if !signed(firstAppSecret, "/order/get", common("order_id", "411002003004005", "note", "", "sign", sign)) {
			t.Errorf("refused %s", sign)
		}
	}
}

func TestVectorsAgainstServer(t *testing.T) {
	b := newBench(t)
	b.want("V8", b.send("GET", "/seller/get", common("sign", "F06B8D8407903B7159A6E7C22C0440D546C5C1EE358CF127A24165699AA9F4AE")).get("data.seller_id"), "200177001")
	b.wantCode(b.send("GET", "/order/get", common("order_id", "411002003004005", "note", "", "sign", "47306E8F7328C259F87C779D0AD8FEC47604AC10042EB451A9945E0FAE988A35")), "16")
	b.wantCode(b.send("GET", "/order/get", common("order_id", "411002003004005", "note", "", "sign", "BE767CBFFA2FBE51D41B885F9A566193BDBD067B0A018BBFE225C147A2AAE037")), "16")
}

// TestCheckOrder breaks one thing more at each step, the last check first.
func TestCheckOrder(t *testing.T) {
	b := newBench(t)
	path := "/order/get"
	params := map[string]string{"order_id": "1"}
	b.wantCode(b.call("GET", path, params), "16")
	b.do("throttle", "api", path)
	b.wantCode(b.call("GET", path, params), "ApiCallLimit")
	b.do("set_app", "permissions", "product")
	b.wantCode(b.call("GET", path, params), "InsufficientPermission")
	b.token = "50000nonsense"
	b.wantCode(b.call("GET", path, params), "IllegalAccessToken")
	wrong := b.signed(path, params)
	wrong["sign"] = strings.Repeat("A", 64)
	b.wantCode(b.send("GET", path, wrong), "IncompleteSignature")
	wrong["timestamp"] = fmt.Sprint(start - 7201*1000)
	b.wantCode(b.send("GET", path, wrong), "IllegalTimestamp")
	wrong["app_key"] = "1"
	b.wantCode(b.send("GET", path, wrong), "InvalidAppKey")
	for _, name := range []string{"access_token", "sign", "sign_method", "timestamp", "app_key"} {
		delete(wrong, name)
		a := b.send("GET", path, wrong)
		b.wantCode(a, "MissingParameter")
		if !strings.Contains(a.get("message"), `"`+name+`"`) {
			t.Fatalf("message %q does not name %s", a.get("message"), name)
		}
	}
	b.wantCode(b.send("POST", path, wrong), "UnsupportedHTTPMethod")
	b.wantCode(b.send("POST", "/no/such", wrong), "InvalidApiPath")
	b.wantCode(b.send("GET", "/product/stock/sellable/update", wrong), "UnsupportedHTTPMethod")
	b.wantCode(b.send("POST", "/order/pack", wrong), "InvalidApiPath")
}

func TestTimestampAndMethod(t *testing.T) {
	b := newBench(t)
	for stamp, code := range map[string]string{
		fmt.Sprint(start + 7200*1000): "0", fmt.Sprint(start + 7201*1000): "IllegalTimestamp",
		"2026-01-01T00:00:00Z": "0", "2026-01-01T07:00:00+07:00": "0", "2025-12-31T00:00:00Z": "IllegalTimestamp", "1767225600": "IllegalTimestamp", "now": "IllegalTimestamp",
	} {
		b.wantCode(b.call("GET", "/seller/get", map[string]string{"timestamp": stamp}), code)
	}
	b.wantCode(b.call("GET", "/seller/get", map[string]string{"sign_method": "hmac"}), "IncompleteSignature")
}

func TestTransports(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	path := "/product/stock/sellable/update"
	payload := `{"Request":{"Product":{"Skus":{"Sku":{"ItemId":2180011223,"SkuId":10440099887,"SellableQuantity":%d}}}}}`
	send := func(n int, make func(all map[string]string) *http.Request) {
		t.Helper()
		b.advance(time.Second)
		b.wantCode(b.roundTrip(make(b.signed(path, map[string]string{"payload": fmt.Sprintf(payload, n)}))), "0")
		b.want("sellable", b.rows("items")[0]["sellable"], n)
	}
	target := "http://lazada.test/rest" + path
	post := func(url, kind, body string) *http.Request {
		r, _ := http.NewRequest("POST", url, strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return r
	}
	const form = "application/x-www-form-urlencoded"
	send(11, func(all map[string]string) *http.Request { return post(target, form, query(all)) })
	send(12, func(all map[string]string) *http.Request { return post(target+"?"+query(all), "", "") })
	send(13, func(all map[string]string) *http.Request {
		body := all["payload"]
		delete(all, "payload")
		return post(target+"?"+query(all), form, query(map[string]string{"payload": body}))
	})
	send(14, func(all map[string]string) *http.Request {
		// Nested values of a JSON body are signed as their compact text.
		body := all["payload"]
		delete(all, "payload")
		return post(target+"?"+query(all), "application/json; charset=utf-8", `{"payload": `+strings.ReplaceAll(body, ":", ": ")+`}`)
	})
	send(15, func(all map[string]string) *http.Request {
		// The Node SDK repeats the business parameters as a JSON body.
		return post(target+"?"+query(all), "application/json", `{"payload":"something else"}`)
	})
	send(16, func(all map[string]string) *http.Request {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		_ = w.WriteField("payload", all["payload"])
		file, _ := w.CreateFormFile("image", "a.png")
		_, _ = file.Write([]byte("not signed"))
		_ = w.Close()
		delete(all, "payload")
		return post(target+"?"+query(all), w.FormDataContentType(), body.String())
	})
}

func TestPlusInDate(t *testing.T) {
	b := newBench(t)
	all := b.signed("/orders/get", map[string]string{"created_after": "2026-01-01T00:00:00+07:00"})
	raw := strings.ReplaceAll(query(all), "%2B", "+")
	r, _ := http.NewRequest("GET", "http://lazada.test/rest/orders/get?"+raw, nil)
	b.wantCode(b.roundTrip(r), "IncompleteSignature")
	b.wantCode(b.send("GET", "/orders/get", all), "0")
}

func TestLimits(t *testing.T) {
	b := newBench(t)
	for range 20 {
		b.wantCode(b.call("GET", "/seller/get", nil), "0")
	}
	b.wantCode(b.call("GET", "/seller/get", nil), "SellerCallLimit")
	b.advance(50 * time.Millisecond)
	b.wantCode(b.call("GET", "/seller/get", nil), "0")
	b.wantCode(b.call("GET", "/seller/get", nil), "SellerCallLimit")

	b.do("add_item", "sku", "A")
	update := func() answer {
		return b.call("POST", "/product/stock/sellable/update", skuPayload("SellableQuantity", "5"))
	}
	for range 50 {
		b.wantCode(update(), "0")
	}
	b.wantCode(update(), "SellerCallLimit")

	b.set("qps_api", "3")
	b.advance(time.Minute)
	for range 3 {
		b.wantCode(b.call("GET", "/products/get", nil), "0")
	}
	a := b.call("GET", "/products/get", nil)
	b.wantCode(a, "ApiCallLimit")
	b.want("message", strings.Contains(a.get("message"), "ban will last 1 seconds"), true)

	b.set("legacy_fulfilment", "on")
	b.wantCode(b.call("GET", "/shipment/providers/get", nil), "0")
	b.wantCode(b.call("GET", "/shipment/providers/get", nil), "SellerCallLimit")

	b.advance(time.Minute)
	b.set("app_daily", "0")
	b.wantCode(b.call("GET", "/seller/get", nil), "AppCallLimit")
	b.set("app_daily", "10000000")
	b.do("set_app", "state", "test")
	b.server.today.n = testQuota
	b.wantCode(b.call("GET", "/seller/get", nil), "AppCallLimit")
	b.advance(24 * time.Hour)
	b.wantCode(b.call("GET", "/seller/get", nil), "0")
}

func skuPayload(fields ...string) map[string]string {
	return map[string]string{"payload": skusPayload(skuElement(fields...))}
}

func skuElement(fields ...string) string {
	out := `{"ItemId":"2180011223","SkuId":"10440099887"`
	for i := 0; i < len(fields); i += 2 {
		out += fmt.Sprintf(`,%q:%q`, fields[i], fields[i+1])
	}
	return out + "}"
}

func skusPayload(elements ...string) string {
	return `{"Request":{"Product":{"Skus":{"Sku":[` + strings.Join(elements, ",") + `]}}}}`
}

func TestFaults(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	path := "/product/stock/sellable/update"
	route := "POST " + path
	n := 20
	for _, f := range []struct {
		kind, code string
		applied    bool
	}{
		{"service_timeout", "ServiceTimeout", false}, {"service_timeout_applied", "ServiceTimeout", true},
		{"api_call_limit", "ApiCallLimit", false}, {"seller_call_limit", "SellerCallLimit", false}, {"app_call_limit", "AppCallLimit", false},
		{"e901", "901", false}, {"e513", "513", false}, {"e506", "506", false}, {"e1000", "1000", false},
		{"token_revoked", "IllegalAccessToken", false}, {"permission", "InsufficientPermission", false},
		{"drop_before", "<nil>", false}, {"drop_after", "<nil>", true}, {"partial_501", "501", false}, {"empty_data", "0", true}, {"html", "<nil>", false},
	} {
		b.advance(time.Second)
		n++
		b.fault(route, f.kind, 1)
		before := b.rows("items")[0]["sellable"]
		a := b.call("POST", path, skuPayload("SellableQuantity", fmt.Sprint(n)))
		b.want(f.kind, a.code(), f.code)
		want := before
		if f.applied {
			want = int64(n)
		}
		b.want(f.kind+" sellable", b.rows("items")[0]["sellable"], want)
	}
	b.fault("GET /seller/get", "http_429", 1)
	b.want("429", b.call("GET", "/seller/get", nil)["status"], 429)
	b.place("sku", "A")
	order := map[string]string{"order_id": "411002003004005"}
	b.want("full", b.call("GET", "/order/get", order).get("data.items_count"), 1)
	b.fault("GET /order/*", "empty_data", 1)
	b.fault("GET /order/*/*", "empty_data", 1)
	b.want("empty", b.call("GET", "/order/get", order).get("data"), "map[]")
	b.want("empty", b.call("GET", "/order/items/get", order).get("data"), "[]")

	// The journal hides secrets and keeps answers' codes.
	for _, e := range b.world.Journal.Since(0) {
		if strings.Contains(e.Request, handToken) || !strings.Contains(e.Request, "•••") {
			t.Fatalf("journal: %s", e.Request)
		}
	}
}

func TestTypeFlip(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	id, _ := b.place("sku", "A")
	b.set("type_flip", "on")
	seen := map[string]bool{}
	for range 15 {
		a := b.call("GET", "/order/get", map[string]string{"order_id": id})
		b.wantCode(a, "0")
		order := a["data"].(map[string]any)
		b.want("order_id", order["order_id"], id)
		seen[fmt.Sprintf("%T %T", order["order_id"], order["price"])] = true
	}
	if len(seen) < 3 {
		t.Fatalf("types seen: %v", seen)
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "1000")
	b.do("set_push", "url", "http://hub.test/push", "types", "0,14")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 20 {
				switch i {
				case 0:
					b.call("POST", "/product/stock/sellable/update", skuPayload("SellableQuantity", fmt.Sprint(500+n)))
				case 1:
					b.do("place_order", "sku", "A", "quantity", "2")
				case 2:
					b.rows("orders")
					b.call("GET", "/orders/get", map[string]string{"created_after": "2025-12-01T00:00:00Z"})
				default:
					b.world.RunDue()
					_ = b.server.Invariants()
				}
			}
		})
	}
	all.Wait()
	b.world.RunDue()
	b.want("orders", len(b.rows("orders")), 20)
	b.want("occupied", b.rows("items")[0]["occupy"], 40)
}
