package lazada

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

func key(sku string) retail.ListingKey { return retail.ListingKey{ItemID: "21", SKUID: sku} }

// ends writes results as "done" or outcome, kind and problem.
func ends(results []connector.Result) string {
	var out []string
	for _, r := range results {
		text := string(r.Outcome)
		if r.Err != nil {
			text += " " + string(connector.KindOf(r.Err, true)) + " " + problemOf(r.Err)
		}
		out = append(out, text)
	}
	return strings.Join(out, " | ")
}

var stockRows = []connector.StockRow{
	{Key: key("1"), Code: "A", Word: connector.TotalStock, Qty: 14},
	{Key: key("2"), Code: `Á"O & <đỏ>`, Word: connector.SellableStock, Qty: 0},
	{Key: key("3"), Code: "C", Word: connector.TotalStock, Qty: 3},
}

// rule: LZD-04, LZD-12
func TestStockGoesByItsWord(t *testing.T) {
	f, shop := answering(t, func(string, url.Values) string { return ok(`{}`) })
	if got := ends(shop.SetStock(t.Context(), stockRows)); got != "done | done | done" {
		t.Error(got)
	}
	want := []string{
		`/product/price_quantity/update {"Request":{"Product":{"Skus":{"Sku":[{"ItemId":"21","SkuId":"1","SellerSku":"A","Quantity":"14"},{"ItemId":"21","SkuId":"3","SellerSku":"C","Quantity":"3"}]}}}}`,
		`/product/stock/sellable/update {"Request":{"Product":{"Skus":{"Sku":[{"ItemId":"21","SkuId":"2","SellerSku":"Á\"O & <đỏ>","SellableQuantity":"0"}]}}}}`,
	}
	for i, c := range f.calls {
		if got := c.path + " " + c.query.Get("payload"); got != want[i] || c.method != "POST" || c.inURL {
			t.Errorf("%s %s\nwant %s", c.method, got, want[i])
		}
	}
	if strings.Join(f.spent, " ") != "write write" {
		t.Errorf("spent %v", f.spent)
	}
}

func TestStockResultsPerRow(t *testing.T) {
	rows := []connector.StockRow{{Key: key("1"), Code: "A", Word: connector.TotalStock}, {Key: key("2"), Code: "B", Word: connector.TotalStock}, {Key: key("3"), Code: "B", Word: connector.TotalStock}}
	for _, c := range []struct{ name, answer, want string }{
		{"partial: by SKU id", `{"code":"501","message":"E501: Update product failed","detail":[{"field":"Quantity","message":"campaign","sku_id":2,"seller_sku":"B","code":"4170"}]}`, "done | refused locked lazada.campaign_stock | done"},
		{"partial: by seller SKU on two items", `{"code":"501","detail":[{"SellerSku":"B","message":"gone","code":4136}]}`, "done | refused not_found lazada.listing_gone | refused not_found lazada.listing_gone"},
		{"partial: sku holds an id", `{"code":"500","detail":[{"sku":"3","message":"penalised","code":"4155"}]}`, "done | done | refused locked lazada.product_locked"},
		{"partial: by item", `{"code":"503","detail":[{"item_id":"21","message":"ITEM_NOT_FOUND","code":"E0501"}]}`, "refused not_found lazada.listing_gone | refused not_found lazada.listing_gone | refused not_found lazada.listing_gone"},
		{"code 0 with detail", `{"code":"0","data":{},"detail":[{"skuId":"1","message":"busy","code":"513"}]}`, "refused temporary lazada.trouble | done | done"},
		{"code 0 with an empty detail", `{"code":"0","data":{},"detail":[]}`, "done | done | done"},
		{"an entry that reports success", `{"code":"0","detail":[{"skuId":"1","message":"success","code":"0"}]}`, "done | done | done"},
		{"one object instead of an array", `{"code":"501","detail":{"sku_id":"3","message":"x","code":"901"}}`, "done | done | refused temporary lazada.trouble"},
		{"nobody is named", `{"code":"501","detail":[{"field":"ItemId","message":"ITEM_NOT_FOUND","code":"E0501"}]}`, "unknown uncertain lazada.unnamed_row | unknown uncertain lazada.unnamed_row | unknown uncertain lazada.unnamed_row"},
		{"no detail at all", `{"code":"501","message":"E501: Update product failed"}`, "unknown uncertain lazada.unnamed_row | unknown uncertain lazada.unnamed_row | unknown uncertain lazada.unnamed_row"},
		{"not permitted, named", `{"code":"501","detail":[{"sku_id":"2","message":"SELLER_NOT_PERMITTED"}]}`, "done | refused forbidden stock.total_refused | done"},
		{"not permitted, in the message", `{"code":"501","message":"SELLER_NOT_PERMITTED: no"}`, "refused forbidden stock.total_refused | refused forbidden stock.total_refused | refused forbidden stock.total_refused"},
		{"the whole call refused", refuse("4171", "too many"), "refused refused lazada.bad_request | refused refused lazada.bad_request | refused refused lazada.bad_request"},
		{"throttled", refuse("SellerCallLimit", "slow down"), "refused throttled lazada.throttled | refused throttled lazada.throttled | refused throttled lazada.throttled"},
		{"timeout of the backend", refuse("ServiceTimeout", "timeout"), "unknown uncertain lazada.timeout | unknown uncertain lazada.timeout | unknown uncertain lazada.timeout"},
		{"a code never seen", refuse("77777", "?"), "unknown uncertain lazada.unknown_code | unknown uncertain lazada.unknown_code | unknown uncertain lazada.unknown_code"},
		{"malformed", `{"code":"0","da`, "unknown uncertain lazada.bad_answer | unknown uncertain lazada.bad_answer | unknown uncertain lazada.bad_answer"},
		{"lost", "", "unknown uncertain connection.unreachable | unknown uncertain connection.unreachable | unknown uncertain connection.unreachable"},
		{"a gateway's page", "502", "unknown uncertain connection.status | unknown uncertain connection.status | unknown uncertain connection.status"},
	} {
		_, shop := answering(t, func(string, url.Values) string { return c.answer })
		if got := ends(shop.SetStock(t.Context(), rows)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestRefusalsDependOnWhatIsWritten(t *testing.T) {
	answer := func(text, code string) func(string, url.Values) string {
		return func(string, url.Values) string {
			return `{"code":"501","detail":[{"sku_id":"1","message":"` + text + `","code":"` + code + `"}]}`
		}
	}
	stock := func(word connector.StockWord) func(connector.Channel) []connector.Result {
		return func(c connector.Channel) []connector.Result {
			return c.SetStock(t.Context(), []connector.StockRow{{Key: key("1"), Code: "A", Word: word, Qty: 1}})
		}
	}
	price := func(c connector.Channel) []connector.Result {
		return c.SetPrice(t.Context(), []connector.PriceRow{{Key: key("1"), Code: "A", Price: 9000, Special: 8000}})
	}
	for _, c := range []struct {
		text, code, want string
		send             func(connector.Channel) []connector.Result
	}{
		{"SELLER_NOT_PERMITTED", "", "refused forbidden stock.total_refused", stock(connector.TotalStock)},
		{"SELLER_NOT_PERMITTED", "", "refused forbidden lazada.stock_not_permitted", stock(connector.SellableStock)},
		{"SELLER_NOT_PERMITTED", "", "refused forbidden lazada.price_not_permitted", price},
		{"semi-hosted", "4225", "refused forbidden stock.total_refused", stock(connector.TotalStock)},
		{"semi-hosted", "4225", "refused forbidden lazada.semi_hosted", price},
		{"THD_IC_ERR_F_IC_1: under campaign participation and cannot be edited", "", "refused locked lazada.campaign_price", price},
		{"negative sellable on channel inventory", "", "refused locked lazada.campaign_stock", stock(connector.SellableStock)},
		{"INV_NEGATIVE_SELLABLE", "212", "refused locked lazada.stock_below_orders", stock(connector.TotalStock)},
		{"negative", "4152", "refused refused lazada.stock_negative", stock(connector.TotalStock)},
		{"PRICE_PRECISION_INVALID", "4104", "refused refused lazada.price_fraction", price},
		{"zero", "4118", "refused refused lazada.price_zero", price},
		{"rate", "4119", "refused refused lazada.discount_too_deep", price},
		{"dates", "4117", "refused refused lazada.sale_dates", price},
		{"BIZ_CHECK_SPECIAL_PRICE_GREATER_THAN_PRICE: must be cheaper", "", "refused refused lazada.special_above_price", price},
		{"too fast", "4154", "refused throttled lazada.throttled", price},
		{"something else", "4999", "refused refused lazada.row_refused", price},
	} {
		_, shop := answering(t, answer(c.text, c.code))
		if got := ends(c.send(shop)); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.code, c.text, got, c.want)
		}
	}
}

// rule: LZD-06, LZD-12, LZD-13, LZD-14
func TestPricesTravelTogether(t *testing.T) {
	f, shop := answering(t, func(string, url.Values) string { return ok(`{}`) })
	day := func(d, h int) time.Time { return time.Date(2026, 3, d, h, 0, 0, 0, time.UTC) }
	results := shop.SetPrice(t.Context(), []connector.PriceRow{
		{Key: key("1"), Code: "A", Price: 259_000, Special: 199_000, From: day(1, 0), To: day(2, 18)},
		{Key: key("2"), Code: "B", Price: 259_000, Special: 259_000},
		{Key: key("3"), Code: "C", Price: 259_000},
		{Key: key("4"), Code: "D", Price: 259_000, Special: 1, From: day(1, 17)},
	})
	if got := ends(results); got != "done | done | done | done" {
		t.Error(got)
	}
	want := `{"Request":{"Product":{"Skus":{"Sku":[` +
		`{"ItemId":"21","SkuId":"1","SellerSku":"A","Price":"259000","SalePrice":"199000","SaleStartDate":"2026-03-01 07:00:00","SaleEndDate":"2026-03-03 01:00:00"},` +
		`{"ItemId":"21","SkuId":"2","SellerSku":"B","Price":"259000","SalePrice":"259000"},` +
		`{"ItemId":"21","SkuId":"3","SellerSku":"C","Price":"259000","SalePrice":"259000"},` +
		`{"ItemId":"21","SkuId":"4","SellerSku":"D","Price":"259000","SalePrice":"1","SaleStartDate":"2026-03-02 00:00:00","SaleEndDate":"2126-03-02 00:00:00"}]}}}}`
	if len(f.calls) != 1 || f.calls[0].path != pricePath || f.calls[0].query.Get("payload") != want {
		t.Errorf("%v", f.calls)
	}
}

// §12.4: where equality is refused, the row goes again in another way.
//
// rule: LZD-06, LZD-13
func TestEqualPairRefusedIsSentAnotherWay(t *testing.T) {
	product := func(special, to string) string {
		return ok(`{"total_products":1,"products":[{"item_id":21,"skus":[{"SkuId":1,"SellerSku":"A","price":259000,"special_price":` + special + `,"special_from_time":"2026-01-01 00:00","special_to_time":"` + to + `"}]}]}`)
	}
	for _, c := range []struct{ name, stored, second, want string }{
		{"no special price is stored", product("0.0", ""), `"Price":"259000"}`, "done refused lazada.equal_special_refused | done"},
		{"an ended one is stored", product("199000", "2026-02-01 00:00"), `"Price":"259000"}`, "done refused lazada.equal_special_refused | done"},
		{"one is in force", product("199000", "2126-01-01 00:00"), `"Price":"259000","SalePrice":"199000","SaleStartDate":"2026-02-26 12:00:00","SaleEndDate":"2026-02-27 12:00:00"}`, "done refused lazada.equal_special_refused | done"},
		{"an ended one is above the new price", product("300000", "2026-02-01 00:00"), `"Price":"259000","SalePrice":"258999","SaleStartDate":"2026-02-26 12:00:00","SaleEndDate":"2026-02-27 12:00:00"}`, "done refused lazada.equal_special_refused | done"},
		{"reading fails", refuse("901", "busy"), "", "refused temporary lazada.trouble | done"},
	} {
		var payloads []string
		_, shop := answering(t, func(path string, q url.Values) string {
			if path == "/products/get" {
				return c.stored
			}
			if payloads = append(payloads, q.Get("payload")); len(payloads) > 1 {
				return ok(`{}`)
			}
			return `{"code":"501","detail":[{"field":"SalePrice","message":"BIZ_CHECK_SPECIAL_PRICE_GREATER_THAN_PRICE: must be cheaper","sku_id":1,"code":"4157"}]}`
		})
		got := ends(shop.SetPrice(t.Context(), []connector.PriceRow{
			{Key: key("1"), Code: "A", Price: 259_000, Special: 259_000}, {Key: key("2"), Code: "B", Price: 9_000, Special: 8_000},
		}))
		if got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
		switch {
		case c.second == "" && len(payloads) != 1:
			t.Errorf("%s: sent %v", c.name, payloads)
		case c.second != "" && (len(payloads) != 2 || !strings.HasSuffix(payloads[1], c.second+"]}}}}") || strings.Contains(payloads[1], `"B"`)):
			t.Errorf("%s: sent %v", c.name, payloads)
		}
	}
}

func TestBatchesAreCut(t *testing.T) {
	f, shop := answering(t, func(string, url.Values) string { return ok(`{}`) })
	shop.SetStock(t.Context(), make([]connector.StockRow, 0))
	rows := make([]connector.StockRow, 45)
	for i := range rows {
		rows[i] = connector.StockRow{Key: key("1"), Code: "A", Word: connector.SellableStock}
	}
	shop.SetStock(t.Context(), rows)
	shop.SetPrice(t.Context(), make([]connector.PriceRow, 21))
	if len(f.calls) != 5 {
		t.Errorf("%d calls", len(f.calls))
	}
	for _, c := range f.calls {
		if n := strings.Count(c.query.Get("payload"), "ItemId"); n > 20 {
			t.Errorf("%d rows in one call", n)
		}
	}
}
