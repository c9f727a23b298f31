package lazada

import (
	"encoding/hex"
	"maps"
	"testing"
)

// The vectors of lazada.md §4.2.
func TestSignatureVectors(t *testing.T) {
	common := map[string]string{"app_key": "900100", "timestamp": "1767225600000", "access_token": "50000600b41TESTtokenVN0001", "sign_method": "sha256"}
	for _, v := range []struct {
		name, path string
		anonymous  bool
		params     map[string]string
		want       string
	}{
		{name: "V1", path: "/orders/get", params: map[string]string{"update_after": "2026-01-01T00:00:00+07:00", "status": "pending", "sort_by": "updated_at", "sort_direction": "ASC", "limit": "100", "offset": "0"}, want: "CDB705FF3CD13D73A5B5EC32C3775FEBE34BCF2C2CD8E12A215699E97CFADFBB"},
		{name: "V2", path: "/product/price_quantity/update", params: map[string]string{"payload": `{"Request":{"Product":{"Skus":{"Sku":[{"ItemId":2180011223,"SkuId":10440099887,"SellerSku":"ÁO-THUN đỏ/L","Quantity":"12","Price":"259000","SalePrice":"199000"}]}}}}`}, want: "F0FE3946A96EBB8A358CE96D33ADFF12C0FD29610F254850BE6413BF32CB10DC"},
		{name: "V3", path: "/auth/token/create", anonymous: true, params: map[string]string{"code": "0_900100_a1B2c3D4e5"}, want: "C8E8EE33E3EBA18952BE88EE289B7B6408B3178DFB102663B4C204202D552C73"},
		{name: "V4", path: "/auth/token/refresh", anonymous: true, params: map[string]string{"refresh_token": "50001600c52TESTrefreshVN0001"}, want: "B76905E259176C652D56D52D288DCFA079FE61F370BB132F84E78582AE943778"},
		{name: "V5", path: "/order/fulfill/pack", params: map[string]string{"packReq": `{"pack_order_list":[{"order_id":"411002003004005","order_item_list":["411002003104005","411002003204005"]}],"delivery_type":"dropship","shipping_allocate_type":"TFS"}`}, want: "029CAF4804479FC4722B2CBC78300EA48024F70BA9CE766D6D35705948114BEC"},
		{name: "V6", path: "/reverse/getreverseordersforseller", params: map[string]string{"page_no": "1", "page_size": "10", "QC_Decision": "scrap", "ReverseOrderLineModifiedTimeRangeStart": "1767139200000", "ReverseOrderLineModifiedTimeRangeEnd": "1767225600000"}, want: "99BDC1E89E79F8CCC0D0C08E4AA38A7D66C632602EAC03A65ADA067A5314B751"},
		{name: "V7", path: "/orders/items/get", params: map[string]string{"order_ids": "[411002003004005,411002003004006]"}, want: "7B154B62DF6FB6E8E6E8018C9699F346A85237FDE5024746B8D85FE579D150F9"},
		{name: "V8", path: "/seller/get", want: "F06B8D8407903B7159A6E7C22C0440D546C5C1EE358CF127A24165699AA9F4AE"},
		{name: "V9", path: "/order/get", params: map[string]string{"order_id": "411002003004005"}, want: "BE767CBFFA2FBE51D41B885F9A566193BDBD067B0A018BBFE225C147A2AAE037"},
		{name: "V9 with an empty parameter", path: "/order/get", params: map[string]string{"order_id": "411002003004005", "note": ""}, want: "47306E8F7328C259F87C779D0AD8FEC47604AC10042EB451A9945E0FAE988A35"},
	} {
		params := maps.Clone(common)
		if v.anonymous {
			delete(params, "access_token")
		}
		maps.Copy(params, v.params)
		params["sign"] = "is not signed itself"
		if got := sign("sbx_secret_0f3a9c7e51d24b68", v.path, params); got != v.want {
			t.Errorf("%s: %s, want %s", v.name, got, v.want)
		}
	}
	official := map[string]string{"access_token": "test", "app_key": "123456", "order_id": "1234", "sign_method": "sha256", "timestamp": "1517820392000"}
	if got := sign("helloworld", "/order/get", official); got != "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A" {
		t.Errorf("the official vector: %s", got)
	}
}

// The vectors of lazada.md §14.6.
const (
	pushP1 = `{"seller_id":"200177001","message_type":0,"data":{"order_status":"pending","trade_order_id":"411002003004005","trade_order_line_id":"411002003104005","status_update_time":1767225600},"timestamp":1767225601,"site":"lazada_vn"}`
	signP1 = "7b9a9d6dd58d2e6859f3c738d6d6bc8c27f98c30d109f80ad8d9936f49005094"
	pushP2 = `{"seller_id":"200177001","message_type":14,"data":{"trade_order_id":"411002003004005","buyer_id":"100200300","fulfillment_package_id":"FP040011223344005","status":"READY_TO_SHIP","status_update_time":1767229200},"timestamp":1767229201,"site":"lazada_vn"}`
	signP2 = "a7333f0ac1eb248a029c35ebf994605516dbc52e40cbb51fb9095e65382b0e1e"
)

func TestPushSignatureVectors(t *testing.T) {
	for body, want := range map[string]string{pushP1: signP1, pushP2: signP2} {
		if got := hex.EncodeToString(signPush("900100", "sbx_secret_0f3a9c7e51d24b68", []byte(body))); got != want {
			t.Errorf("%s…: %s, want %s", body[:60], got, want)
		}
	}
}
