package lazada_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/connectortest"
	"github.com/dongbo/dongbo/internal/connector/lazada"
	"github.com/dongbo/dongbo/internal/connector/lazada/sandbox"
	"github.com/dongbo/dongbo/internal/retail"
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// setup stands the simulator up with some of its switches turned: behaviour
// that nobody has documented, or that differs between shops.
func setup(switches map[string]string) connectortest.Setup {
	return connectortest.Setup{
		Driver: lazada.Driver(),
		Clock:  func() kit.Clock { return clock.NewVirtual(time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC)) },
		Server: func(w *kit.World) kit.Server { return sandbox.New(w) },
		Prepare: func(b *connectortest.Bench) {
			for name, value := range switches {
				b.Switch(name, value)
			}
		},
		Keys: func(info map[string]string) connector.Keys {
			return connector.Keys{AppKey: info["app_key"], AppSecret: info["app_secret"]}
		},
		SignIn:     signIn,
		Kill:       func(b *connectortest.Bench) { b.Pass(8 * 24 * time.Hour) },
		TokenRoute: "* /auth/token/*",
		Private:    []string{"0901234512", "84901234512", "Nguyễn Văn An"},
		Throttled: func(e kit.Entry) bool {
			return strings.Contains(e.Response, `"ApiCallLimit"`) || strings.Contains(e.Response, `"SellerCallLimit"`)
		},
	}
}

// rule: SYN-01, SYN-03, SYN-04, SYN-06
func TestConformance(t *testing.T) {
	for name, switches := range map[string]map[string]string{
		"as documented": nil,
		"otherwise": {
			"type_flip": "on", "mask": "off", "detail_with_code0": "on", "unknown_orders": "left_out",
			"country_user_info_shape": "object", "old_token_after_refresh": "dead", "old_refresh_after_refresh": "dead",
			"refresh_life": "fixed", "quantity_field": "total", "push_timestamp": "milliseconds",
		},
	} {
		t.Run(name, func(t *testing.T) {
			connectortest.Channel(t, connectortest.ChannelHarness{
				Setup:        setup(switches),
				AddListings:  addListings,
				PlaceOrders:  placeOrders,
				Many:         120,
				ManyOrders:   230,
				Missing:      retail.ListingKey{ItemID: "2180011223", SKUID: "99999999999"},
				MissingOrder: "411002003999999",
				Word:         connector.SellableStock,
				StockRoute:   "POST /product/stock/sellable/update",
				PriceRoute:   "POST /product/price_quantity/update",
				Rows:         rows,
				Refusals:     refusals,
				Subscribe:    func(b *connectortest.Bench, url string) { b.Do("set_push", map[string]string{"url": url}) },
				PushRoute:    "push *",
			})
		})
	}
}

// signIn chooses the first seller on the sign-in page.
func signIn(b *connectortest.Bench, page string) map[string]string {
	b.Do("set_app", map[string]string{"redirect_uri": "https://hub.test/callback"})
	client := http.Client{Transport: b.Net, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(page, url.Values{"seller": {fmt.Sprint(b.See("sellers", nil)[0]["seller"])}})
	if err != nil {
		b.Fatal(err)
	}
	_ = resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		b.Fatalf("signing in: status %d, %v", resp.StatusCode, err)
	}
	out := map[string]string{}
	for k := range back.Query() {
		out[k] = back.Query().Get(k)
	}
	return out
}

func addListings(b *connectortest.Bench, n int) []retail.SKU {
	b.Helper()
	have := len(b.See("items", nil))
	var codes []retail.SKU
	var names, prices []string
	for i := range n {
		codes = append(codes, retail.SKU(fmt.Sprintf("ÁO-%04d/L", have+i)))
		names = append(names, string(codes[i]))
		prices = append(prices, "100000")
	}
	b.Do("seed_items", map[string]string{"codes": strings.Join(names, ","), "prices": strings.Join(prices, ","), "quantity": "10"})
	return codes
}

func placeOrders(b *connectortest.Bench, n int, code retail.SKU) []string {
	b.Helper()
	b.Do("edit_item", map[string]string{"sku": string(code), "quantity": "1000"})
	var ids []string
	for range n {
		got := b.Do("place_order", map[string]string{"sku": string(code), "shipping_fee": "16500", "voucher_seller": "3333"})
		ids = append(ids, fmt.Sprint(got["order_id"]))
	}
	return ids
}

// rows reads the sizes of a call from the journal.
func rows(e kit.Entry) (int, connectortest.Limit) {
	q := map[string]string{}
	for _, pair := range strings.Split(e.Request, "&") {
		name, value, _ := strings.Cut(pair, "=")
		q[name] = value
	}
	var ids []any
	switch e.Path {
	case "/rest/product/stock/sellable/update":
		return strings.Count(e.Request, `"ItemId"`), connectortest.StockLimit
	case "/rest/product/price_quantity/update":
		return strings.Count(e.Request, `"ItemId"`), connectortest.PriceLimit
	case "/rest/orders/items/get":
		_ = json.Unmarshal([]byte(q["order_ids"]), &ids)
		return len(ids), connectortest.ReadLimit
	case "/rest/products/get":
		if q["sku_seller_list"] != "" {
			_ = json.Unmarshal([]byte(q["sku_seller_list"]), &ids)
			return len(ids), connectortest.ListingLimit
		}
	}
	return 0, connectortest.NoLimit
}

func on(name, value string) func(*connectortest.Bench) {
	return func(b *connectortest.Bench) { b.Switch(name, value) }
}

func campaign(b *connectortest.Bench) {
	now := b.World.Now()
	b.Do("set_campaign", map[string]string{"sku": "ÁO-0000/L", "locked": "10", "from": now.Add(-time.Hour).Format(time.RFC3339), "to": now.Add(time.Hour).Format(time.RFC3339)})
}

var refusals = []connectortest.Refusal{
	{Name: "too fast, listing orders", Arrange: connectortest.Fault("GET /orders/get", "api_call_limit"), Act: connectortest.ListOrders, Kind: connector.Throttled, Problem: "lazada.throttled"},
	{Name: "seller too fast, reading", Arrange: connectortest.Fault("GET /order/get", "seller_call_limit"), Act: connectortest.ReadOrder, Kind: connector.Throttled},
	{Name: "quota", Arrange: connectortest.Fault("GET /products/get", "app_call_limit"), Act: connectortest.ListListings, Kind: connector.Throttled, Problem: "lazada.app_quota"},
	{Name: "read failed", Arrange: connectortest.Fault("GET /products/get", "e506"), Act: connectortest.ReadListing, Kind: connector.Temporary},
	{Name: "empty data", Arrange: connectortest.Fault("GET /order/get", "empty_data"), Act: connectortest.ReadOrder, Kind: connector.Temporary, Problem: "lazada.empty_answer"},
	{Name: "busy, listing", Arrange: connectortest.Fault("GET /orders/get", "e901"), Act: connectortest.ListOrders, Kind: connector.Temporary},
	{Name: "internal call exception", Arrange: connectortest.Fault("POST /product/stock/*/*", "e513"), Act: connectortest.WriteStock, Kind: connector.Temporary},
	{Name: "backend too slow, listing", Arrange: connectortest.Fault("GET /orders/get", "service_timeout"), Act: connectortest.ListOrders, Kind: connector.Temporary},
	{Name: "backend too slow, writing", Arrange: connectortest.Fault("POST /product/stock/*/*", "service_timeout"), Act: connectortest.WriteStock, Qty: 7, Outcome: connector.Unknown, Kind: connector.Uncertain},
	{Name: "campaign day closes the call", Arrange: on("campaign", "998"), Act: connectortest.WritePrice, Kind: connector.Throttled, Problem: "lazada.campaign_closed"},
	{Name: "campaign day throttles the call", Arrange: on("campaign", "app_call_limit"), Act: connectortest.WritePrice, Kind: connector.Throttled},
	{Name: "campaign day, 901", Arrange: on("campaign", "901"), Act: connectortest.WritePrice, Kind: connector.Temporary},
	{Name: "total stock not permitted", Arrange: on("seller_not_permitted", "on"), Act: connectortest.WriteStock, Word: connector.TotalStock, Qty: 7, Kind: connector.Forbidden, Problem: "stock.total_refused"},
	{Name: "prices not permitted", Arrange: on("seller_not_permitted_price", "on"), Act: connectortest.WritePrice, Kind: connector.Forbidden, Problem: "lazada.price_not_permitted"},
	{Name: "special above list", Act: connectortest.WritePrice, Pair: 100_001, Kind: connector.Rejected, Problem: "lazada.special_above_price"},
	{Name: "special above list beside code 0", Arrange: on("detail_with_code0", "on"), Act: connectortest.WritePrice, Pair: 100_001, Kind: connector.Rejected, Problem: "lazada.special_above_price"},
	{Name: "equal pair refused is sent another way", Arrange: on("strict_special_price", "on"), Act: connectortest.WritePrice, Outcome: connector.Done, Kind: connector.Rejected, Problem: "lazada.equal_special_refused"},
	{Name: "discount too deep", Act: connectortest.WritePrice, Pair: 1_000, Kind: connector.Rejected, Problem: "lazada.discount_too_deep"},
	{Name: "campaign locks stock", Arrange: campaign, Act: connectortest.WriteStock, Qty: 1, Kind: connector.Locked},
	{Name: "campaign locks prices", Arrange: campaign, Act: connectortest.WritePrice, Pair: 90_000, Kind: connector.Locked},
	{Name: "negative stock", Act: connectortest.WriteStock, Qty: -1, Kind: connector.Rejected, Problem: "lazada.stock_negative"},
	{Name: "listing gone", Row: retail.ListingKey{ItemID: "1", SKUID: "2"}, Act: connectortest.WriteStock, Kind: connector.NotFound, Problem: "lazada.listing_gone"},
	{Name: "sign-in withdrawn", Arrange: func(b *connectortest.Bench) { b.Do("revoke_token", nil) }, Act: connectortest.ListOrders, Kind: connector.Unauthorised},
	{Name: "app without permission", Arrange: func(b *connectortest.Bench) { b.Do("set_app", map[string]string{"permissions": "product"}) }, Act: connectortest.ListOrders, Kind: connector.Forbidden, Problem: "lazada.app_permission"},
	{Name: "seller not verified", Arrange: func(b *connectortest.Bench) { b.Do("set_seller", map[string]string{"status": "UNVERIFIED"}) }, Act: connectortest.ListOrders, Kind: connector.Forbidden, Problem: "lazada.seller_not_verified"},
	{Name: "a real 429", Arrange: connectortest.Fault("GET /orders/get", "http_429"), Act: connectortest.ListOrders, Kind: connector.Throttled},
	{Name: "token dead for good", Arrange: connectortest.Fault("GET /orders/get", "token_revoked"), Act: connectortest.ListOrders, Kind: connector.Unauthorised},
	{Name: "gateway's page, reading", Arrange: connectortest.Fault("GET /orders/get", kit.FaultHTML), Act: connectortest.ListOrders, Kind: connector.Temporary},
}
