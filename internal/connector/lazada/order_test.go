package lazada

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/retail"
)

func TestOrderAsDocumented(t *testing.T) {
	_, shop := answering(t, func(path string, _ url.Values) string {
		if path == "/order/get" {
			return ok(file(t, "order.json"))
		}
		return ok(`[{"order_id":411002003004005,"order_number":411002003004005,"order_items":` + file(t, "items.json") + `}]`)
	})
	got := shop.Read(t.Context(), []string{"411002003004005"})
	want := retail.Order{
		ID: "411002003004005", Number: "411002003004005",
		Created: time.Date(2026, 1, 1, 1, 15, 2, 0, time.UTC), Updated: time.Date(2026, 1, 1, 2, 40, 11, 0, time.UTC),
		Buyer: retail.Contact{
			ID: "100200300", Name: "N*********n", Phone: "84*******12", Masked: true,
			Address: "1****************g", Ward: "Phường Bến Nghé", Area: "Quận 1, H*********h",
		},
		Note: "Giao giờ hành chính", COD: true, Payment: "COD", Total: 494_500, Shipping: 16_500,
		Lines: []retail.OrderLine{
			{
				ID: "411002003104005", Code: "AO-THUN-DO-L", Key: retail.ListingKey{ItemID: "2180011223", SKUID: "10440099887"},
				Name: "Áo thun cotton · Màu:Đỏ, Size:L", Qty: retail.One, Price: 259_000, Discount: 20_000, Shipping: 16_500,
				Stage: retail.Packed, Raw: "packed", Package: "FP040011223344005", Tracking: "LMP0123456789VNA", Carrier: "LEX VN",
			},
			{
				// Repacked: its package is dissolved even where it is still named.
				ID: "411002003204005", Code: "AO-THUN-DO-L", Key: retail.ListingKey{ItemID: "2180011223", SKUID: "10440099887"},
				Name: "Áo thun cotton · Màu:Đỏ, Size:L", Qty: retail.One, Price: 259_000, Discount: 20_000,
				Stage: retail.Pending, Raw: "repacked", Foreign: true,
			},
		},
	}
	if got[0].Err != nil {
		t.Fatal(got[0].Err)
	}
	if diff := cmp.Diff(want, got[0].Order); diff != "" {
		t.Error(diff)
	}
}

func TestStageOfEveryWord(t *testing.T) {
	for raw, want := range map[string]retail.Stage{
		"unpaid": retail.Unpaid, "pending": retail.Pending, "repacked": retail.Pending, "packed": retail.Packed,
		"ready_to_ship_pending": retail.ReadyPending, "ready_to_ship": retail.Ready, "shipped": retail.Shipped,
		"delivered": retail.Delivered, "confirmed": retail.Delivered, "failed_delivery": retail.Failed, "failed": retail.Failed,
		"shipped_back": retail.Failed, "shipped_back_success": retail.BackAtSeller, "shipped_back_failed": retail.Failed,
		"returned": retail.Returned, "canceled": retail.Cancelled, "CANCELLED": retail.Cancelled,
		"lost_by_3pl": retail.Lost, "damaged_by_3pl": retail.Lost, "package_scrapped": retail.Lost,
		// Raw carrier words, in any case (§7.7, §15 quirk 31).
		"INFO_ST_DOMESTIC_RETURN_WITH_LAST_MILE_3PL": retail.Failed, "INFO_ST_DOMESTIC_RETURN_AT_TRANSIT_HUB": retail.Failed,
		"info_st_domestic_back_to_shipper": retail.Failed, "INFO_ST_DOMESTIC_DELIVERY_FAILED": retail.Failed,
		"INFO_ST_DOMESTIC_PACKAGE_RETURNED": retail.Failed, "INFO_ST_DOMESTIC_PACKAGE_RETURNED_FAILED": retail.Failed,
		"INFO_ST_DOMESTIC_SHIPPER_RECEIVED": retail.Failed, "LOST_BY_3PL": retail.Lost, "DAMAGE_BY_3PL": retail.Lost, "PACKAGE_SCRAPPED": retail.Lost,
		"toship": retail.Unknown, "something_new": retail.Unknown, "": retail.Unknown,
	} {
		if got := stageOf(raw); got != want {
			t.Errorf("%q is %s, want %s", raw, got, want)
		}
	}
}

// rule: LZD-15, LZD-23, LZD-25, LZD-26, LZD-27, LZD-28, LZD-29, LZD-30, LZD-34
func TestFlowFollowsTheRules(t *testing.T) {
	for stage, want := range map[retail.Stage]retail.FlowRow{
		retail.Unpaid:       {Rule: "LZD-34"},
		retail.Pending:      {Rule: "LZD-23", Order: retail.OrderExists},
		retail.Packed:       {Rule: "LZD-26", Order: retail.OrderExists},
		retail.ReadyPending: {Rule: "LZD-26", Order: retail.OrderExists},
		retail.Ready:        {Rule: "LZD-26", Order: retail.OrderExists},
		retail.Shipped:      {Rule: "LZD-27", Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryUnderway},
		retail.Delivered:    {Rule: "LZD-28", Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryDone},
		retail.Returned:     {Rule: "LZD-29"},
		retail.Failed:       {Rule: "LZD-30", Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryReturning},
		retail.BackAtSeller: {Rule: "LZD-30", Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryReturning},
		retail.Lost:         {Rule: "RET-02"},
		retail.Cancelled:    {Rule: "LZD-25", Order: retail.OrderCancel},
	} {
		row, found := Driver().Flow.Row(stage)
		row.Stages = nil
		if diff := cmp.Diff(want, row); !found || diff != "" {
			t.Errorf("%s: found %v\n%s", stage, found, diff)
		}
	}
	if _, found := flow.Row(retail.Unknown); found {
		t.Error("a word that we do not know changes something")
	}
}

func TestCODIsOnlyTheWordCOD(t *testing.T) {
	for payment, want := range map[string]bool{"COD": true, "cod": true, "MOMO_WALLET": false, "CODE_WALLET": false, "": false} {
		if got := order(wireOrder{Payment: text(payment)}, nil).COD; got != want {
			t.Errorf("%q: %v", payment, got)
		}
	}
}

func TestBuyerMaskedOrNot(t *testing.T) {
	for _, c := range []struct {
		json string
		want retail.Contact
	}{
		{
			`{"first_name":"Nguyễn Văn","last_name":"An","phone":"84912345612","address1":"12 Lê Lợi","address3":"Hồ Chí Minh","address4":"Quận 1","address5":"Phường Bến Nghé","city":"Quận 1","addressDsitrict":"Phường Bến Nghé"}`,
			retail.Contact{Name: "Nguyễn Văn An", Phone: "84912345612", Address: "12 Lê Lợi", Ward: "Phường Bến Nghé", Area: "Quận 1, Hồ Chí Minh"},
		},
		{ // the list's spelling, a post code where the ward should be, and the second phone
			`{"first_name":"An","phone":"","phone2":"0912***612","address3":"Hà Nội","address4":"","address5":"100000","city":"Ba Đình","addressDsitrict":"Cống Vị"}`,
			retail.Contact{Name: "An", Phone: "0912***612", Masked: true, Ward: "Cống Vị", Area: "Ba Đình, Hà Nội"},
		},
		{`null`, retail.Contact{Name: "Khách", Masked: false}},
		{`""`, retail.Contact{Name: "Khách", Masked: false}},
	} {
		var o wireOrder
		if err := json.Unmarshal([]byte(`{"customer_first_name":"Khách","address_shipping":`+c.json+`}`), &o); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, buyer(o, nil)); diff != "" {
			t.Errorf("%s\n%s", c.json, diff)
		}
	}
}

func TestForeignLines(t *testing.T) {
	for _, c := range []struct {
		item wireItem
		want bool
	}{
		{wireItem{ShippingType: "Dropshipping"}, false},
		{wireItem{ShippingType: "Warehouse"}, true},
		{wireItem{ShippingType: "own warehouse"}, true},
		{wireItem{IsFBL: true}, true},
		{wireItem{IsDigital: true}, true},
	} {
		if got := line(c.item).Foreign; got != c.want {
			t.Errorf("%+v: %v", c.item, got)
		}
	}
}

// rule: LZD-21
func TestSumsAreLazadasToTheDong(t *testing.T) {
	type unit struct {
		price, paid, ship retail.Money
		status            string
	}
	for _, c := range []struct {
		name                        string
		goods, voucher, ship, total retail.Money
		units                       []unit
		want                        []retail.Money // discount and shipping of each line
		exact                       bool
	}{
		{"exact", 200_000, 20_000, 15_000, 195_000, []unit{{100_000, 90_000, 7_500, "pending"}, {100_000, 90_000, 7_500, "pending"}}, []retail.Money{10_000, 7_500, 10_000, 7_500}, true},
		{"shares rounded down", 300_000, 10_000, 16_500, 306_500, []unit{{100_000, 96_666, 5_499, "pending"}, {100_000, 96_666, 5_499, "pending"}, {100_000, 96_666, 5_499, "pending"}}, []retail.Money{3_334, 5_499, 3_334, 5_499, 3_332, 5_502}, true},
		{"shares rounded up", 300_000, 10_000, 0, 290_000, []unit{{100_000, 96_667, 0, "pending"}, {100_000, 96_667, 0, "pending"}, {100_000, 96_667, 0, "pending"}}, []retail.Money{3_333, 0, 3_333, 0, 3_334, 0}, true},
		{"the last line has no discount to take it from", 200_000, 9_999, 0, 190_001, []unit{{100_000, 90_000, 0, "pending"}, {100_000, 100_000, 0, "pending"}}, []retail.Money{9_999, 0, 0, 0}, true},
		{"the price leaves a cancelled unit out", 100_000, 0, 10_000, 110_000, []unit{{100_000, 100_000, 10_001, "pending"}, {100_000, 100_000, 0, "canceled"}}, []retail.Money{0, 10_000, 0, 0}, false},
		{"no rounding: shown as it is", 200_000, 50_000, 0, 150_000, []unit{{100_000, 100_000, 0, "pending"}, {100_000, 100_000, 0, "pending"}}, []retail.Money{0, 0, 0, 0}, false},
	} {
		known := func(m retail.Money) amount { return amount{m, true} }
		o := wireOrder{Price: known(c.goods), Voucher: known(c.voucher), Shipping: known(c.ship)}
		var items []wireItem
		for _, u := range c.units {
			items = append(items, wireItem{Price: known(u.price), Paid: known(u.paid), Shipping: known(u.ship), Status: text(u.status)})
		}
		got := order(o, items)
		var sums []retail.Money
		var paid retail.Money
		for _, l := range got.Lines {
			sums = append(sums, l.Discount, l.Shipping)
			paid += l.Price - l.Discount + l.Shipping
		}
		if got.Total != c.total || !slices.Equal(sums, c.want) || (c.exact && paid != c.total) {
			t.Errorf("%s: total %d, lines %v sum %d; want %d, %v", c.name, got.Total, sums, paid, c.total, c.want)
		}
	}
}

func TestReadAnswersInOrder(t *testing.T) {
	_, shop := answering(t, func(path string, q url.Values) string {
		id := q.Get("order_id")
		switch {
		case path == "/order/get" && id == "2":
			return refuse("16", `E016: \"2\" Invalid Order ID`)
		case path == "/order/get" && id == "3":
			return `{"code":"0","data":{},"request_id":"r"}`
		case path == "/order/get":
			return ok(`{"order_id":` + id + `,"price":"1.00"}`)
		case path == "/orders/items/get":
			if q.Get("order_ids") != "[1,4,5]" {
				t.Errorf("asked for %s", q.Get("order_ids"))
			}
			return refuse("37", "E037: some ids are incorrect")
		case id == "4":
			return ok(`[]`)
		default:
			return ok(`[{"order_item_id":` + id + `9,"sku":"A"}]`)
		}
	})
	got := shop.Read(t.Context(), []string{"1", "2", "3", "4", "5"})
	var kinds []string
	for _, r := range got {
		kind := r.Order.ID
		if r.Err != nil {
			kind = problemOf(r.Err)
		}
		kinds = append(kinds, kind)
	}
	if want := "1 lazada.order_not_found lazada.empty_answer lazada.empty_answer 5"; strings.Join(kinds, " ") != want {
		t.Errorf("got %v, want %s", kinds, want)
	}
}

func TestReadStopsWhenTheAccountIsRefused(t *testing.T) {
	f, shop := answering(t, func(string, url.Values) string {
		return refuse("ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 7 seconds")
	})
	for _, r := range shop.Read(t.Context(), []string{"1", "2", "3"}) {
		if problemOf(r.Err) != "lazada.throttled" {
			t.Error(r.Err)
		}
	}
	if len(f.calls) != 1 {
		t.Errorf("%d calls", len(f.calls))
	}
}
