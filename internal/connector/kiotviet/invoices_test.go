package kiotviet

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

func anInvoice() retail.Invoice {
	return retail.Invoice{
		Code: "HDLZD_4110.1", Ref: "[DB:lazada:200177001:4110:P1]", OrderID: "660777", BranchID: "1000000007", CustomerID: "810045", SellerID: "22",
		Delivery: retail.DeliveryUnderway, Tracking: "VD0001", COD: true, CODAmount: 280000,
		Lines: []retail.DocLine{
			{ProductID: "900123", Code: "AO-TRANG-M", Qty: retail.Units(2), Price: 125000, Note: "quà"}, {ProductID: "900124", Code: "GAO", Qty: 1250, Price: 20000},
		},
		Surcharges: []retail.Surcharge{{ID: "41", Code: "THK000001", Amount: 30000}},
		Receiver:   retail.Contact{Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu, Hà Nội"},
	}
}

// read is the documented invoice (kiotviet.md §4.6.8).
const read = `{ "id": 771001, "uuid": "5b1f0c1e-0000-4000-8000-00000000a001", "code": "HD000903", "orderCode": "DH000412",
  "purchaseDate": "2026-02-03T14:20:00.0000000", "branchId": 1000000007, "branchName": "Chi nhánh trung tâm",
  "soldById": 22, "soldByName": "admin", "customerId": 810045, "customerCode": "KH000045", "customerName": "Trần Thử",
  "total": 280000, "totalPayment": 280000, "discount": 0, "status": 3, "statusValue": "Đang xử lý", "usingCod": true,
  "createdDate": "2026-02-03T14:20:00.6170000",
  "invoiceDetails": [ { "productId": 900123, "productCode": "AO-TRANG-M", "productName": "Áo thun", "quantity": 2, "price": 125000,
    "discount": 0, "usePoint": false, "subTotal": 250000, "serialNumbers": "", "returnQuantity": 0, "note": "quà [DB:lazada:200177001:4110:P1]" } ],
  "invoiceDelivery": { "deliveryCode": "VD0001", "type": 1, "status": 2, "statusValue": "Đang giao hàng", "price": 22000, "weight": 350.5,
    "receiver": "Trần Thử", "contactNumber": "0900000001", "address": "1 Phố Mẫu, Hà Nội", "locationId": 12,
    "partnerDelivery": { "code": "DT1", "name": "GHN" }, "usingPriceCod": true, "priceCodPayment": 280000 } }`

// rule: LZD-24 LZD-27
func TestCreateInvoiceSendsWhatIsDocumented(t *testing.T) {
	s, f := answering(t, always(200, strings.Replace(read, "invoiceDelivery", "deliveryDetail", 1)))
	made, err := s.createInvoice(t.Context(), anInvoice())
	if err != nil {
		t.Fatal(err)
	}
	if c := f.last(); c.Method != "POST" || c.Path != "/invoices" {
		t.Errorf("%s %s", c.Method, c.Path)
	}
	golden(t, "create_invoice.json", f.last().Body)
	if made.ID != "771001" || made.Ref != "[DB:lazada:200177001:4110:P1]" || made.OrderID != "660777" || made.Status != retail.InvoiceProcessing ||
		made.Delivery != retail.DeliveryUnderway || made.Tracking != "VD0001" || !made.COD || made.CODAmount != 280000 || made.SellerID != "22" {
		t.Errorf("%+v", made)
	}
}

func TestACODAmountThatKiotVietIgnoredShowsInTheAnswer(t *testing.T) {
	for _, delivery := range []string{`{"status":2,"usingPriceCod":true}`, `{"status":2,"usingPriceCod":true,"priceCodPayment":0}`, `{"status":2}`} {
		s, _ := answering(t, always(200, `{"id":1,"status":3,"deliveryDetail":`+delivery+`}`))
		if made, err := s.createInvoice(t.Context(), anInvoice()); err != nil || made.CODAmount != 0 {
			t.Errorf("%s: %+v, %v", delivery, made, err)
		}
	}
}

// rule: LZD-28 LZD-30
func TestSetDeliverySendsTheWholeDeliveryAndNothingElse(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		if r.Method == "GET" {
			return 200, read
		}
		return 200, strings.NewReplacer(`"id": 771001`, `"id": 771002`, `HD000903`, `HD000903.01`, "invoiceDelivery", "deliveryDetail", `"status": 2`, `"status": 4`).Replace(read)
	})
	i := anInvoice()
	i.ID, i.Delivery, i.CODAmount = "771001", retail.DeliveryReturning, 250000
	made, err := s.setDelivery(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	if c := f.last(); c.Method != "PUT" || c.Path != "/invoices/771001" || len(f.calls) != 2 {
		t.Errorf("%s %s, %d calls", c.Method, c.Path, len(f.calls))
	}
	golden(t, "set_delivery.json", f.last().Body)
	if made.ID != "771002" || made.Code != "HD000903.01" || made.Delivery != retail.DeliveryReturning {
		t.Errorf("%+v", made)
	}
}

func TestSetDeliveryOfAVoidedInvoiceWritesNothing(t *testing.T) {
	s, f := answering(t, always(200, strings.Replace(read, `"status": 3`, `"status": 2`, 1)))
	_, err := s.setDelivery(t.Context(), retail.Invoice{ID: "771001", Delivery: retail.DeliveryDone})
	if e := errorOf(t, err); e.Kind != connector.Rejected || e.Problem.Key != "kiotviet.invoice_void" || len(f.calls) != 1 {
		t.Errorf("%v after %d calls", err, len(f.calls))
	}
}

func TestDeliveryStatuses(t *testing.T) {
	for text, want := range map[string]retail.Delivery{
		`{"status":1}`: retail.DeliveryWaiting, `{"status":2}`: retail.DeliveryUnderway, `{"status":3}`: retail.DeliveryDone, `{"status":4}`: retail.DeliveryReturning,
		`{"status":5}`: retail.DeliveryReturned, `{"status":6}`: retail.DeliveryCancelled, `{"status":9}`: retail.DeliveryOther, `{}`: retail.DeliveryOther, `null`: retail.DeliveryNone,
	} {
		if got := decode[wireInvoice](t, `{"id":1,"invoiceDelivery":`+text+`}`).invoice().Delivery; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]retail.InvoiceStatus{
		"1": retail.InvoiceDone, "2": retail.InvoiceCancelled, "3": retail.InvoiceProcessing, "5": retail.InvoiceUndeliverable, "4": retail.InvoiceOther,
	} {
		if got := decode[wireInvoice](t, `{"id":1,"status":`+text+`}`).invoice().Status; got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestInvoicesOfAnOrder(t *testing.T) {
	s, f := answering(t, always(200, `{"total":3,"data":[{"id":1,"orderCode":"DH1","status":2},{"id":2,"orderCode":"DH1","status":3},{"id":3,"orderId":99,"orderCode":"DH2"}]}`))
	got, err := s.invoices(t.Context(), "660777")
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, i := range got {
		ids = append(ids, i.ID+"/"+i.OrderID+"/"+string(i.Status))
	}
	if diff := cmp.Diff([]string{"1/660777/cancelled", "2/660777/processing"}, ids); diff != "" {
		t.Error(diff)
	}
	if q := f.last().Query; !strings.Contains(q, "orderId=660777") || !strings.Contains(q, "includeInvoiceDelivery=true") || !strings.Contains(q, "includePayment=true") {
		t.Error(q)
	}
	// Were the filter ignored, every sale of the shop would come.
	s, _ = answering(t, always(200, `{"total":2,"data":[{"id":1,"orderCode":"DH1"},{"id":2,"orderCode":""}]}`))
	if _, err := s.invoices(t.Context(), "660777"); err == nil {
		t.Error("invoices of two orders were taken for those of one")
	}
}
