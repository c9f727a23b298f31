package sandbox

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

func TestToken(t *testing.T) {
	l := newLab(t)
	parts := strings.Split(l.token, ".")
	if len(parts) != 3 {
		t.Fatalf("token has %d parts", len(parts))
	}
	head, _ := base64.RawURLEncoding.DecodeString(parts[0])
	claims, _ := base64.RawURLEncoding.DecodeString(parts[1])
	if !strings.Contains(string(head), "at+jwt") {
		t.Error(string(head))
	}
	for _, claim := range []string{"exp", "client_RetailerCode", "client_RetailerId", "client_UserId"} {
		if !strings.Contains(string(claims), `"`+claim+`"`) {
			t.Errorf("no claim %s in %s", claim, claims)
		}
	}
	if !regexp.MustCompile(`^[0-9A-F]{40}$`).MatchString(l.info["client_secret"]) {
		t.Error(l.info["client_secret"])
	}
	form := "application/x-www-form-urlencoded"
	got, _ := l.raw("POST", "/connect/token", form, "grant_type=client_credentials&client_id=x&client_secret=y", nil)
	if got.status != 400 || got.text != `{"error":"invalid_client"}` {
		t.Error(got.status, got.text)
	}
	old := l.info["client_secret"]
	l.do("change_secret")
	got, _ = l.raw("POST", "/connect/token", form, "grant_type=client_credentials&client_id="+l.info["client_id"]+"&client_secret="+old, nil)
	l.want(got.json["error"], "invalid_client")
}

func TestAuthorisation(t *testing.T) {
	l := newLab(t)
	got, _ := l.raw("GET", "/branches", "", "", map[string]string{"Authorization": "Bearer nonsense"})
	if got.status != 401 || got.header.Get("WWW-Authenticate") != "jwt" || got.text != "" {
		t.Error(got.status, got.header, got.text)
	}
	for want, value := range map[int]string{401: "401", 420: "420"} {
		l.set("wrong_retailer", value)
		got, _ = l.raw("GET", "/branches", "", "", map[string]string{"Retailer": "other"})
		l.refused(got, want, "KvUnauthorizedException", "")
	}
	l.do("revoke_tokens")
	l.refused(l.call("GET", "/branches", nil), 401, "TokenException", "")
	l.set("token_lifetime", "60")
	l.token = l.login(l.info)
	l.ok("GET", "/branches", nil)
	l.run(61 * time.Second)
	l.refused(l.call("GET", "/branches", nil), 401, "TokenException", "")
	l.token = l.login(l.info)

	l.do("set_permission", "name", "customers_read", "value", "off")
	l.refused(l.call("GET", "/customers", nil), 420, "KvException", "Không có quyền đọc khách hàng")
	l.ok("POST", "/customers", map[string]any{"name": "A"})
}

func TestRetailersAreApart(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "A", "name", "Áo", "on_hand", "5")
	keys := l.do("add_retailer", "name", "secondshop")
	l.do("add_product", "code", "A", "name", "Khác", "retailer", "secondshop")
	first := l.ok("GET", "/products/code/A", nil)
	l.token = l.login(map[string]string{"client_id": keys["client_id"].(string), "client_secret": keys["client_secret"].(string)})
	l.info["retailer"] = "secondshop"
	second := l.ok("GET", "/products/code/A", nil)
	if second["name"] != "Khác" || second["id"] == first["id"] {
		t.Error(first["id"], second["id"], second["name"])
	}
	l.refused(l.call("GET", "/products/"+fmt.Sprint(first["id"]), nil), 420, "KvValidateProductException", "không tồn tại")
}

func TestRoutes(t *testing.T) {
	l := newLab(t)
	for _, p := range []string{
		"/categories", "/products", "/productOnHands", "/PRODUCTS", "/orders", "/invoices", "/customers", "/customers/group", "/branches",
		"/users", "/BankAccounts", "/bankaccounts", "/surchages", "/pricebooks", "/salechannel", "/returns", "/cashflow", "/purchaseorders",
		"/ordersuppliers", "/suppliers", "/transfers", "/trademark", "/locations", "/settings", "/vouchercampaign", "/voucher", "/webhooks",
		"/attributes/allwithdistinctvalue",
	} {
		if got := l.call("GET", p, nil); got.status != 200 {
			t.Errorf("GET %s: %d %s", p, got.status, got.text)
		}
	}
	for _, p := range []string{"/surcharges", "/salechannels", "/webhook", "/cashbook", "/nothing"} {
		if got := l.call("GET", p, nil); got.status != 404 {
			t.Errorf("GET %s: %d", p, got.status)
		}
	}
	l.set("lenient_routes", "true")
	l.ok("GET", "/surcharges", nil)
	if got := l.call("GET", "/webhooks", nil); strings.Contains(got.text, `"data"`) {
		t.Error("an empty webhook list has no data:", got.text)
	}
	l.set("empty_data_omitted", "true")
	if got := l.call("GET", "/orders", nil); strings.Contains(got.text, `"data"`) {
		t.Error(got.text)
	}
	if got := l.call("GET", "/attributes/allwithdistinctvalue", nil); got.text != "[]" {
		t.Error(got.text)
	}
	users := l.ok("GET", "/users", nil)
	l.want(users["total"], "1") // the super admin is hidden
}

func TestPagingAndShapes(t *testing.T) {
	l := newLab(t)
	l.do("seed_products", "count", "130")
	got := l.call("GET", "/products", nil)
	l.want(len(path(got.json, "data").([]any)), "20")
	l.want(got.json["total"], "130")
	l.want(got.json["timestamp"], "2026-02-03T09:15:30.1234567+07:00")
	l.want(path(got.json, "data", 0, "createdDate"), "2026-02-03T09:15:30.1234567")
	if strings.Contains(got.text, "null") || strings.Contains(got.text, "inventories") || strings.Contains(got.text, "priceBooks") {
		t.Error("nulls are omitted and sub-objects need their flags")
	}
	if strings.Contains(got.text, `\u`) || strings.Contains(got.text, ": ") {
		t.Error("compact JSON in plain UTF-8 is wanted")
	}
	big := l.ok("GET", "/products?pageSize=1000", nil)
	l.want(say(big["pageSize"], len(path(big, "data").([]any))), "100 100")
	l.set("isMykiot_page_cap", "1000")
	l.want(len(path(l.ok("GET", "/products?pageSize=1000&isMykiot=true", nil), "data").([]any)), "130")
	tail := l.ok("GET", "/products?currentItem=125&orderBy=Code&orderDirection=DESC&includeInventory=1&includePricebook=true", nil)
	l.want(len(path(tail, "data").([]any)), "5")
	if path(tail, "data", 0, "inventories", 0, "onHand") == nil || path(tail, "data", 0, "priceBooks") == nil {
		t.Error("flags bring the sub-objects")
	}
	l.run(time.Hour)
	l.want(l.ok("GET", "/products?lastModifiedFrom=2026-02-03T09:16:00", nil)["total"], "0")
	code := fmt.Sprint(path(tail, "data", 0, "code"))
	l.do("edit_product", "code", code, "price", "999")
	l.want(path(l.ok("GET", "/products?lastModifiedFrom=2026-02-03T09:16:00", nil), "data", 0, "basePrice"), "999")
	detail := l.ok("GET", "/products/code/"+code, nil)
	if detail["inventories"] == nil || detail["priceBooks"] == nil {
		t.Error("details need no flags")
	}
	l.do("delete_product", "code", code)
	gone := l.ok("GET", "/products?includeRemoveIds=true", nil)
	l.want(path(gone, "removeId", 0), fmt.Sprint(detail["id"]))
	l.want(path(gone, "removedIds", 0), fmt.Sprint(detail["id"]))
	l.refused(l.call("GET", "/products/code/"+code, nil), 420, "KvValidateProductException", "Hàng hóa được chọn không tồn tại hoặc đã bị xóa")
	first := l.see("products", "code", "AO0001-DO-S")
	l.want(path(l.ok("GET", "/products/code?Id=0&Code=AO0001-DO-S", nil), "id"), fmt.Sprint(first["id"]))
	l.want(l.call("GET", "/settings", nil).text,
		`{"ManagerCustomerByBranch":false,"AllowOrderWhenOutStock":true,"AllowSellWhenOrderOutStock":true,"AllowSellWhenOutStock":true}`)
}

func TestQuota(t *testing.T) {
	l := newLab(t)
	l.set("get_quota", "3")
	for range 3 {
		l.ok("GET", "/branches", nil)
	}
	got := l.call("GET", "/branches", nil)
	if got.status != 429 || got.header.Get("Retry-After") != "2670" {
		t.Error(got.status, got.header)
	}
	l.ok("POST", "/customers", map[string]any{"name": "Không bị đếm"})
	l.set("retry_after", "off")
	if got := l.call("GET", "/branches", nil); got.status != 429 || got.header.Get("Retry-After") != "" {
		t.Error(got.status, got.header)
	}
	l.run(time.Hour)
	l.ok("GET", "/branches", nil)
}

func TestBinding(t *testing.T) {
	l := newLab(t)
	got, _ := l.raw("POST", "/customers", "application/x-www-form-urlencoded", "NAME=Trần+Thử&contactnumber=0900000001&gender=1&groupIds[0]=1&groupIds[1]=2&unknown=x", nil)
	l.want(path(got.json, "data", "gender"), "true")
	l.want(len(path(got.json, "data", "customerGroupDetails").([]any)), "2")
	id := fmt.Sprint(path(got.json, "data", "id"))
	l.do("add_product", "code", "A", "name", "Áo", "price", "125000", "on_hand", "5")
	for range 2 {
		l.ok("POST", "/orders", fmt.Sprintf(`{"BRANCHID":"%s","CustomerID":"%s","orderdetails":[{"ProductCode":"a","Quantity":"2"}]}`, central, id))
	}
	second := fmt.Sprint(path(l.ok("GET", "/orders?orderBy=id&orderDirection=desc", nil), "data", 0, "id"))
	l.ok("DELETE", "/orders/"+second+"?isvoidpayment=FALSE", nil)
	for _, query := range []string{"status=1&status=4", "status[]=1&status[]=4", "status=1,4", "Status=4,1"} {
		l.want(l.ok("GET", "/orders?"+query, nil)["total"], "2")
	}
	l.want(l.ok("GET", "/orders?status=4", nil)["total"], "1")
	if got := l.call("POST", "/orders", "{"); got.status != 400 {
		t.Error(got.status)
	}
	if got := l.call("GET", "/orders/abc", nil); got.status != 400 {
		t.Error(got.status)
	}
	l.set("customer_write_envelope", "flat")
	if l.ok("PUT", "/customers/"+id, map[string]any{"name": "Đổi"})["id"] == nil {
		t.Error("flat answers carry the id")
	}
	l.refused(l.call("POST", "/customers", map[string]any{"name": "B", "contactNumber": "0900000001"}), 420, "KvValidateCustomerException", "đã tồn tại")
	l.want(l.ok("GET", "/customers?contactNumber=%2B84900000001", nil)["total"], "0")
	l.set("phone_search", "normalised")
	l.want(l.ok("GET", "/customers?contactNumber=%2B84900000001", nil)["total"], "1")
	l.set("customer_row_without_phone", "true")
	if path(l.ok("GET", "/customers", nil), "data", 0, "contactNumber") != nil {
		t.Error("the row shows no phone")
	}
}

func TestProductWrites(t *testing.T) {
	l := newLab(t)
	category := fmt.Sprint(path(l.ok("GET", "/categories", nil), "data", 0, "categoryId"))
	body := `{"name":"Áo","code":"A","categoryId":` + category + `,"basePrice":100000,"inventories":[{"branchId":` + central + `,"onHand":"4","cost":1}]}`
	id := fmt.Sprint(l.ok("POST", "/products", body)["id"])
	l.stock("A", "4", "0")
	l.refused(l.call("POST", "/products", body), 420, "KvValidateProductException", "đã tồn tại")
	l.refused(l.call("POST", "/products", `{"name":"x","categoryId":1}`), 420, "KvValidateProductException", "Nhóm hàng")
	put := l.ok("PUT", "/products/"+id, `{"basePrice":125000}`)
	l.want(say(put["basePrice"], put["name"], path(put, "inventory", 0, "onHand")), "125000 Áo 4")
	l.ok("PUT", "/products/"+id, `{"inventories":[{"branchId":`+central+`,"onHand":9}]}`)
	l.stock("A", "9", "0")
	l.want(l.see("stock_journal", "kind", "stocktake")["quantity"], "5")
	bad := l.call("PUT", "/listupdatedproducts", `{"listProducts":[{"id":`+id+`,"basePrice":1},{"id":5}]}`)
	l.refused(bad, 420, "KvValidateProductException", "không tồn tại")
	l.want(l.see("products", "code", "A")["price"], "125000")
	l.set("bulk_atomic", "false")
	l.ok("PUT", "/listupdatedproducts", `{"listProducts":[{"id":`+id+`,"basePrice":1},{"id":5}]}`)
	l.want(l.see("products", "code", "A")["price"], "1")
	if err := l.world.Faults.Add(kit.Rule{Route: "PUT /listupdatedproducts", Kind: "flaky_bulk", Times: 1}); err != nil {
		t.Fatal(err)
	}
	l.refused(l.call("PUT", "/listupdatedproducts", `{"listProducts":[{"id":`+id+`,"basePrice":2}]}`), 420, "", "Danh sách sản phẩm cập nhật rỗng")
	l.want(l.see("products", "code", "A")["price"], "1")
	l.set("flaky_bulk_update", "1")
	l.refused(l.call("PUT", "/listupdatedproducts", `{"listProducts":[{"id":`+id+`,"basePrice":2}]}`), 420, "", "rỗng")

	l.do("add_price_book", "name", "Sỉ")
	l.ok("POST", "/pricebooks/detail", `{"pricebookId":0,"productId":`+id+`,"price":77000}`)
	book := fmt.Sprint(path(l.ok("GET", "/pricebooks", nil), "data", 0, "id"))
	l.want(l.ok("POST", "/pricebooks/detail", `{"pricebookId":`+book+`,"productId":`+id+`,"price":66000}`)["isSuccess"], "true")
	l.want(path(l.ok("GET", "/pricebooks/"+book, nil), "data", 0, "price"), "66000")
	l.want(l.see("prices", "book", "Bảng giá chung", "code", "A")["price"], "77000")
	l.do("remove_price", "book", "Sỉ", "code", "A")
	l.want(l.ok("GET", "/pricebooks/"+book, nil)["total"], "0")
}

func TestUnitsAndCombos(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "LON", "name", "Nước", "price", "10000", "on_hand", "48", "unit", "lon")
	l.do("add_product", "code", "THUNG", "name", "Nước", "price", "220000", "unit", "thùng", "conversion", "24", "master_unit_code", "LON")
	l.do("add_product", "code", "CB", "name", "Bộ", "price", "15000", "type", "combo", "materials", "LON×2")
	l.do("counter_sale", "code", "THUNG,CB", "quantity", "1,3")
	l.stock("LON", "18", "0")
	l.stock("THUNG", "0.75", "0")
	l.want(l.see("invoices")["lines"], "THUNG×1@220000, CB×3@15000")
	l.want(l.see("invoices")["total"], "265000")
	l.set("combo_on_hand", "computed")
	l.stock("CB", "9", "0")
}

func TestFaultsAndSwitchFaults(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "A", "name", "Áo", "price", "100", "on_hand", "5")
	body := `{"branchId":` + central + `,"soldById":20,"invoiceDetails":[{"productCode":"A","quantity":1,"price":100}]}`
	if err := l.world.Faults.Add(kit.Rule{Route: "POST /invoices", Kind: kit.FaultDropAfter, Times: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.raw("POST", "/invoices", "application/json", body, nil); err == nil {
		t.Fatal("the connection should be cut")
	}
	l.stock("A", "4", "0")
	l.set("slow_invoice", "cut")
	if _, err := l.raw("POST", "/invoices", "application/json", body, nil); err == nil {
		t.Fatal("the connection should be cut")
	}
	l.stock("A", "3", "0")
	l.set("slow_invoice", "off")
	for kind, status := range map[string]int{"throttled": 429, "kv_420": 420, "token_revoked": 401, "permission": 420} {
		if err := l.world.Faults.Add(kit.Rule{Route: "*", Kind: kind, Times: 1}); err != nil {
			t.Fatal(err)
		}
		if got := l.call("GET", "/orders", nil); got.status != status {
			t.Errorf("%s: %d %s", kind, got.status, got.text)
		}
	}
	for _, e := range l.world.Journal.Since(0) {
		if strings.Contains(e.Request+e.Response, l.info["client_secret"]) || strings.Contains(e.Request+e.Response, l.token) {
			t.Error("the journal shows a secret:", e.Route)
		}
	}
}
