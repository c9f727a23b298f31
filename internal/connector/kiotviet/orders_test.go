package kiotviet

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

const ourMark = "[DB:lazada:200177001:4110]"

// answered is the documented answer to POST /orders (kiotviet.md §4.5.3).
const answered = `{ "id": 660777, "code": "DH000412", "purchaseDate": "2026-02-03T11:02:07.0000000", "branchId": 1000000007,
  "branchName": "Chi nhánh trung tâm", "soldById": 22, "soldByName": "admin", "customerId": 810045, "customerName": "Trần Thử",
  "total": 280000, "totalPayment": 0, "status": 1, "statusValue": "Phiếu tạm", "usingCod": true, "saleChannelId": 31,
  "orderDetails": [ { "productId": 900123, "productCode": "AO-TRANG-M", "productName": "Áo thun cổ tròn - Trắng - M (cái)",
                      "quantity": 2, "price": 125000, "discount": 0 } ],
  "invoiceOrderSurcharges": [ { "id": 5101, "surchargeId": 41, "surchargeName": "Phí vận chuyển", "surValue": 30000, "price": 30000,
                                "createdDate": "2026-02-03T11:02:07.0000000" } ] }`

func anOrder() retail.POSOrder {
	return retail.POSOrder{
		Code: "DHLZD_4110", Ref: ourMark, BranchID: "1000000007", CustomerID: "810045", SellerID: "22",
		Book: retail.PriceBook{ID: "12", Name: "Bảng giá Lazada"}, Note: "Đơn Lazada 4110",
		Lines: []retail.DocLine{
			{ProductID: "900123", Code: "AO-TRANG-M", Qty: retail.Units(2), Price: 125000, Discount: 5000},
			{ProductID: "900124", Code: "GAO", Qty: 1250, Price: 20000},
			{ProductID: "900123", Code: "AO-TRANG-M", Qty: retail.Units(1), Price: 120000},
		},
		Discount: 1000, Surcharges: []retail.Surcharge{{ID: "41", Code: "THK000001", Amount: 30000}},
		Receiver: retail.Contact{Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu", Ward: "Phường Dịch Vọng", Area: "Cầu Giấy, Hà Nội"},
	}
}

// rule: LZD-16 LZD-17 LZD-19 LZD-20 LZD-21 LZD-22 HRV-18
func TestCreateOrderSendsWhatIsDocumented(t *testing.T) {
	s, f := answering(t, always(200, answered))
	made, err := s.createOrder(t.Context(), anOrder())
	if err != nil {
		t.Fatal(err)
	}
	if c := f.last(); c.Method != "POST" || c.Path != "/orders" || f.spent["write"] != 1 || f.spent["get"] != 0 {
		t.Errorf("%s %s, spent %v", c.Method, c.Path, f.spent)
	}
	golden(t, "create_order.json", f.last().Body)
	want := retail.POSOrder{
		ID: "660777", Code: "DH000412", Ref: ourMark, Status: retail.OrderDraft, BranchID: "1000000007", CustomerID: "810045", SellerID: "22",
		Lines:      []retail.DocLine{{ProductID: "900123", Code: "AO-TRANG-M", Qty: retail.Units(2), Price: 125000}},
		Surcharges: []retail.Surcharge{{ID: "41", Amount: 30000}}, Total: 280000,
		Created: time.Date(2026, 2, 3, 4, 2, 7, 0, time.UTC), Modified: time.Date(2026, 2, 3, 4, 2, 7, 0, time.UTC),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("not what KiotViet answered: %s", diff)
	}
}

func TestUpdateOrderSendsAllLinesAndNoPayment(t *testing.T) {
	s, f := answering(t, always(200, answered))
	o := anOrder()
	o.ID, o.Note = "660777", "Đơn Lazada 4110\n"+ourMark
	if _, err := s.updateOrder(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if c := f.last(); c.Method != "PUT" || c.Path != "/orders/660777" {
		t.Errorf("%s %s", c.Method, c.Path)
	}
	golden(t, "update_order.json", f.last().Body)
	body := f.last().fields(t)
	for _, name := range []string{"code", "totalPayment", "method", "status", "cashierId", "purchaseDate"} {
		if _, ok := body[name]; ok {
			t.Errorf("%s is sent", name)
		}
	}
	if body["makeInvoice"] != false || strings.Count(body["description"].(string), ourMark) != 1 {
		t.Errorf("%v", body)
	}
}

func TestTheGeneralBookIsNotNamedOnAnOrder(t *testing.T) {
	s, f := answering(t, always(200, answered))
	if _, err := s.createOrder(t.Context(), retail.POSOrder{Book: retail.PriceBook{ID: retail.GeneralBook}}); err != nil {
		t.Fatal(err)
	}
	body := f.last().fields(t)
	for _, name := range []string{"Extra", "orderDelivery", "soldById", "customerId"} {
		if _, ok := body[name]; ok {
			t.Errorf("%s is sent", name)
		}
	}
}

func TestCancelOrderLeavesPaymentsAlone(t *testing.T) {
	s, f := answering(t, always(200, `{"message":"Xóa dữ liệu thành công"}`))
	if err := s.cancelOrder(t.Context(), "660777"); err != nil {
		t.Fatal(err)
	}
	if c := f.last(); c.Method != "DELETE" || c.Path != "/orders/660777" || c.Query != "IsVoidPayment=false" || c.Body != "" {
		t.Errorf("%+v", c)
	}
}

func TestOrderStatuses(t *testing.T) {
	for text, want := range map[string]retail.OrderStatus{
		`"status":1`: retail.OrderDraft, `"status":2`: retail.OrderDelivering, `"status":3`: retail.OrderDone, `"status":4`: retail.OrderCancelled,
		`"status":5`: retail.OrderConfirmed, `"status":"4"`: retail.OrderCancelled, `"status":0,"statusValue":"Phiếu tạm"`: retail.OrderDraft,
		`"status":77`: retail.OrderOther, `"status":"soon"`: retail.OrderOther,
	} {
		if got := decode[wireOrder](t, `{"id":1,`+text+`}`).order().Status; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestDiscountsGivenAsRatioBecomeMoney(t *testing.T) {
	o := decode[wireOrder](t, `{"id":1,"discountRatio":10,"orderDetails":[{"quantity":2,"price":99999,"discountRatio":5},{"quantity":1,"price":1000,"discount":100,"discountRatio":50}]}`).order()
	if o.Lines[0].Discount != 5000 || o.Lines[1].Discount != 100 || o.Discount != 19090 {
		t.Errorf("%+v", o)
	}
}

// orders answers a list of orders, and no order by code.
func orders(rows string) func(request) (int, string) {
	return func(r request) (int, string) {
		if strings.HasPrefix(r.Path, "/orders/code/") {
			return 420, kv("KvValidateOrderException", "Phiếu đặt hàng không tồn tại")
		}
		return 200, `{"total":` + "9" + `,"data":[` + rows + `]}`
	}
}

// rule: SYN-01
func TestFindOrders(t *testing.T) {
	since := time.Date(2026, 2, 3, 3, 0, 0, 0, time.UTC)
	ref := connector.Reference{Code: "DHLZD_4110", Mark: ourMark, Since: since, CustomerID: "810045", BranchID: "1000000007"}
	t.Run("by code", func(t *testing.T) {
		s, f := answering(t, always(200, `{"id":5,"code":"DHLZD_4110","status":4,"description":"x `+ourMark+`"}`))
		got, err := s.findOrders(t.Context(), ref)
		if err != nil || len(got) != 1 || got[0].ID != "5" || got[0].Ref != ourMark || got[0].Status != retail.OrderCancelled || len(f.calls) != 1 {
			t.Errorf("%+v, %v, %d calls", got, err, len(f.calls))
		}
		if f.last().Path != "/orders/code/DHLZD_4110" {
			t.Error(f.last().Path)
		}
	})
	t.Run("by description", func(t *testing.T) {
		s, f := answering(t, orders(`{"id":1,"description":"[DB:lazada:200177001:41101]"},{"id":2,"status":4,"description":"note\n`+`[DB:lazada:200177001:4110]"},
		  {"id":3},{"id":4,"description":"a [DB:lazada:200177001:4110] b"},{"id":5,"description":"lazada:200177001:4110"},{"id":6,"description":"[DB:lazada:2001770014110]"},
		  {"id":7},{"id":8},{"id":9}`))
		got, err := s.findOrders(t.Context(), ref)
		if err != nil || len(got) != 2 || got[0].ID != "2" || got[1].ID != "4" || got[0].Status != retail.OrderCancelled {
			t.Errorf("%+v, %v", got, err)
		}
		q, _ := url.ParseQuery(f.last().Query)
		if q.Get("createdDate") != "2026-02-03T09:55:00" || q.Get("customerIds") != "810045" || q.Get("branchIds") != "1000000007" || q.Has("status") {
			t.Errorf("%v", q)
		}
	})
	t.Run("a failing look-up says nothing", func(t *testing.T) {
		for _, status := range []int{500, 404, 429} {
			s, _ := answering(t, always(status, ``))
			if got, err := s.findOrders(t.Context(), ref); err == nil {
				t.Errorf("status %d: %v", status, got)
			}
		}
	})
	t.Run("an answer with another code is not it", func(t *testing.T) {
		s, _ := answering(t, func(r request) (int, string) {
			if strings.HasPrefix(r.Path, "/orders/code/") {
				return 200, `{"id":5,"code":"DH000001"}`
			}
			return 200, `{"total":0}`
		})
		if got, err := s.findOrders(t.Context(), ref); err != nil || got != nil {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAReferenceIsAToken(t *testing.T) {
	for _, c := range []struct {
		text, ref string
		want      bool
	}{
		{"a " + ourMark + " b", ourMark, true},
		{"a" + ourMark + "b", ourMark, true},
		{"[DB:lazada:200177001:41101]", ourMark, false},
		{"lazada:1:4110", "lazada:1:4110", true},
		{"lazada:1:41101", "lazada:1:4110", false},
		{"xlazada:1:4110", "lazada:1:4110", false},
		{"(lazada:1:4110)", "lazada:1:4110", true},
		{"lazada:1:4110.", "lazada:1:4110", true},
		{"lazada:1:4110.1", "lazada:1:4110", false},
		{"lazada:1:4110-2, lazada:1:4110", "lazada:1:4110", true},
		{"đơn4110", "4110", false},
		{"", ourMark, false},
		{"anything", "", false},
	} {
		if got := carries(c.text, c.ref); got != c.want {
			t.Errorf("%q in %q: %v", c.ref, c.text, got)
		}
	}
}

func TestAddressLine(t *testing.T) {
	for want, c := range map[string]retail.Contact{
		"1 Phố Mẫu, Phường A, Hà Nội": {Address: "1 Phố Mẫu", Ward: "Phường A", Area: "Hà Nội"},
		"1 Phố Mẫu, phường A":         {Address: "1 Phố Mẫu, phường A", Ward: "Phường A"},
		"Phường A":                    {Ward: "Phường A"},
		"":                            {Name: "A"},
	} {
		if got := addressLine(c); got != want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
