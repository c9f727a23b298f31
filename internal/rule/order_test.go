package rule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/google/go-cmp/cmp"
)

// rule: LZD-15, LZD-23, LZD-32, LZD-34
func TestWhichOrdersAreImported(t *testing.T) {
	before, after := activated.Add(-time.Hour), activated.Add(time.Hour)
	for _, c := range []struct {
		name    string
		created time.Time
		stages  []retail.Stage
		skipped string // "" is imported
	}{
		{"LZD-15 pending when the connection begins", before, []retail.Stage{retail.Pending}, ""},
		{"LZD-15 packed when the connection begins", before, []retail.Stage{retail.Packed}, rule.BeforeActivation},
		{"LZD-15 ready when the connection begins", before, []retail.Stage{retail.Ready}, rule.BeforeActivation},
		{"LZD-15 shipped when the connection begins", before, []retail.Stage{retail.Shipped}, rule.BeforeActivation},
		{"LZD-15 delivered when the connection begins", before, []retail.Stage{retail.Delivered}, rule.BeforeActivation},
		{"LZD-15 returned when the connection begins", before, []retail.Stage{retail.Returned}, rule.BeforeActivation},
		{"LZD-15 lost when the connection begins", before, []retail.Stage{retail.Lost}, rule.BeforeActivation},
		{"LZD-15 partly pending when the connection begins", before, []retail.Stage{retail.Packed, retail.Pending}, ""},
		{"LZD-15 cancelled when the connection begins", before, []retail.Stage{retail.Cancelled}, "order.nothing_to_import"},
		{"LZD-34 unpaid when the connection begins", before, []retail.Stage{retail.Unpaid}, "order.unpaid"},
		{"LZD-34 unpaid", after, []retail.Stage{retail.Unpaid}, "order.unpaid"},
		{"LZD-23 pending", after, []retail.Stage{retail.Pending}, ""},
		{"LZD-23 packed when first seen", after, []retail.Stage{retail.Packed}, ""},
		{"LZD-23 shipped when first seen", after, []retail.Stage{retail.Shipped}, ""},
		{"cancelled when first seen", after, []retail.Stage{retail.Cancelled, retail.Cancelled}, "order.nothing_to_import"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines []retail.OrderLine
			for i, s := range c.stages {
				pkg := "p1"
				if s == retail.Pending || s == retail.Unpaid {
					pkg = ""
				}
				lines = append(lines, unit(string(rune('a'+i)), shirt.Code, s, pkg))
			}
			o := order(lines...)
			o.Created = c.created
			s, wants, why := rule.Order(flow, retail.OrderState{}, see(o, shirt), settings)
			if s.Skipped != c.skipped || (len(wants) == 0) != (c.skipped != "") {
				t.Fatalf("skipped %q and wants %v", s.Skipped, kindsOf(wants))
			}
			if c.skipped != "" && (len(why.Inputs) != 1 || why.Inputs[0].Key != c.skipped) {
				t.Errorf("explained by %v", keys(why))
			}
			// It stays so, whatever else is read meanwhile, until it is pending.
			again, wants, _ := rule.Order(flow, s, see(o, shirt), settings)
			if again.Skipped != c.skipped || (len(wants) == 0) != (c.skipped != "") {
				t.Errorf("at the second look: skipped %q and wants %v", again.Skipped, kindsOf(wants))
			}
		})
	}
}

// rule: LZD-34
func TestLZD34AnUnpaidOrderIsImportedWhenItBecomesPending(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Unpaid, ""))
	o.Created = activated.Add(-time.Hour)
	p := &pos{}
	s := settled(t, p, retail.OrderState{}, see(o, shirt), settings)
	if a := rule.Allocate(s, see(o, shirt), branch); len(a) != 1 || a[0].Promised != retail.One || a[0].Own != 1 {
		t.Errorf("its unit is not held back: %+v", a)
	}
	o.Lines[0].Stage = retail.Pending
	s = settled(t, p, s, see(o, shirt), settings)
	if s.POS.ID == "" || s.Skipped != "" || p.count(retail.CreateOrder, "") != 1 {
		t.Errorf("not imported: %+v", s)
	}
}

// An order that stays out of the POS because it was under way at activation
// never comes in later, and one whose import had begun does.
//
// rule: LZD-15, LZD-32
func TestAnImportThatBeganWhilePendingGoesOn(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Packed, "p1"))
	o.Created = activated.Add(-time.Hour)
	s, wants, _ := rule.Order(flow, retail.OrderState{CustomerID: "c1"}, see(o, shirt), settings)
	only(t, wants, retail.CreateOrder)
	if s.Skipped != "" {
		t.Errorf("skipped %q", s.Skipped)
	}

	s, _, _ = rule.Order(flow, retail.OrderState{}, see(o, shirt), settings)
	o.Lines[0].Stage = retail.Shipped
	s, wants, _ = rule.Order(flow, s, see(o, shirt), settings)
	if len(wants) != 0 || s.Skipped != rule.BeforeActivation {
		t.Errorf("a skipped order that ships wants %v", kindsOf(wants))
	}
}

// rule: LZD-16, LZD-17, LZD-18, LZD-19, LZD-20, LZD-21, LZD-22, LZD-24
func TestWhatAnImportedOrderLooksLike(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Pending, ""), unit("b", hat.Code, retail.Pending, ""), unit("c", shirt.Code, retail.Pending, ""))
	o.Note = " giao giờ hành chính "
	o.Lines[2].Discount, o.Lines[0].Shipping, o.Shipping = 30_001, 15_000, 15_000
	o.Total = 0

	s, wants, _ := rule.Order(flow, retail.OrderState{}, see(o, shirt, hat), settings)
	customer := only(t, wants, retail.CreateCustomer)
	if diff := cmp.Diff(&retail.Customer{Code: "KHLZD4110", Name: "Trần Thị Bưởi", Phone: "0900000001",
		Address: "1 Phố Thử, Phường Thử, Quận Thử, Hà Nội", BranchID: branch}, customer.Customer); diff != "" {
		t.Errorf("LZD-18 customer (-want +got):\n%s", diff)
	}
	s = rule.Apply(s, customer, retail.Intent{Customer: &retail.Customer{ID: "c1"}})
	_, wants, why := rule.Order(flow, s, see(o, shirt, hat), settings)
	got := only(t, wants, retail.CreateOrder)
	want := &retail.POSOrder{
		Code: "DHLZD_4110", Ref: "[DB:lazada:200:4110]", Status: retail.OrderDraft, BranchID: branch, CustomerID: "c1", SellerID: "77",
		Book: settings.Book, Receiver: o.Buyer, Created: o.Created,
		Note: "Đơn Lazada 4110; Khách ghi chú: giao giờ hành chính; Thu hộ khi giao; Phí vận chuyển khách trả: 15.000 ₫",
		Lines: []retail.DocLine{
			{ProductID: shirt.ID, Code: shirt.Code, Qty: retail.Units(2), Price: 100_000, Discount: 15_000},
			{ProductID: hat.ID, Code: hat.Code, Qty: retail.One, Price: 100_000},
		},
		Discount: 1, Total: 269_999,
	}
	if diff := cmp.Diff(want, got.Order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if got.Rule != "LZD-16" || len(why.Inputs) != 1 || why.Inputs[0].Rule != "LZD-16" {
		t.Errorf("explained by %+v", why)
	}
}

// rule: LZD-17
func TestTheNoteSaysHowTheOrderIsPaid(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Pending, ""))
	o.COD, o.Lines[0].Shipping, o.Shipping = false, 15_000, 15_000
	set := settings
	set.Shipping = retail.Surcharge{Code: "PVC"}
	_, wants, _ := rule.Order(flow, retail.OrderState{CustomerID: "c1"}, see(o, shirt), set)
	got := only(t, wants, retail.CreateOrder).Order
	if got.Note != "Đơn Lazada 4110; Đã thanh toán trên Lazada" {
		t.Errorf("note %q", got.Note)
	}
	if diff := cmp.Diff([]retail.Surcharge{{Code: "PVC", Amount: 15_000}}, got.Surcharges); diff != "" || got.Total != 115_000 {
		t.Errorf("total %d, surcharges (-want +got):\n%s", got.Total, diff)
	}
}

// rule: LZD-18
func TestLZD18WhoTheCustomerIs(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Pending, ""))
	known := see(o, shirt)
	known.CustomerID = "c9"
	s, wants, _ := rule.Order(flow, retail.OrderState{}, known, settings)
	if got := only(t, wants, retail.CreateOrder).Order; got.CustomerID != "c9" || s.CustomerID != "c9" {
		t.Errorf("a buyer that is known: %q", got.CustomerID)
	}
	o.Buyer = retail.Contact{Phone: "09******01", Masked: true}
	_, wants, _ = rule.Order(flow, retail.OrderState{}, see(o, shirt), settings)
	if got := only(t, wants, retail.CreateCustomer).Customer; got.Phone != "" || got.Name != "Lazada 4110" {
		t.Errorf("a masked number is nobody's: %+v", got)
	}
}

// rule: LZD-19
func TestLZD19ACodeWithoutAProductHoldsTheOrder(t *testing.T) {
	o := order(unit("a", shirt.Code, retail.Pending, ""), unit("b", "LA", retail.Pending, ""), unit("c", "LA", retail.Pending, ""))
	s, wants, _ := rule.Order(flow, retail.OrderState{}, see(o, shirt), settings)
	if len(wants) != 0 {
		t.Fatalf("wants %v", kindsOf(wants))
	}
	want := []retail.Problem{{Key: "order.no_product", Object: "order 4110", Args: map[string]any{"code": "LA", "order": "4110", "channel": "Lazada"}}}
	if diff := cmp.Diff(want, s.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if s = settled(t, &pos{}, s, see(o, shirt, goods("3", "LA")), settings); s.POS.ID == "" || len(s.Problems) != 0 {
		t.Errorf("with the product it does not go through by itself: %+v", s)
	}
}

// A line that the channel itself fulfils is not the shop's.
func TestForeignLinesStayOut(t *testing.T) {
	foreign := unit("b", hat.Code, retail.Shipped, "fb")
	foreign.Foreign = true
	p := &pos{}
	s := settled(t, p, retail.OrderState{}, see(order(unit("a", shirt.Code, retail.Pending, ""), foreign), shirt, hat), settings)
	if len(s.POS.Lines) != 1 || s.POS.Lines[0].ProductID != shirt.ID || len(s.Packages) != 0 {
		t.Errorf("imported %+v with packages %+v", s.POS.Lines, s.Packages)
	}
	s, wants, _ := rule.Order(flow, retail.OrderState{}, see(order(foreign), hat), settings)
	if len(wants) != 0 || s.Skipped != "order.nothing_to_import" {
		t.Errorf("skipped %q, wants %v", s.Skipped, kindsOf(wants))
	}
}

// A word that the connector does not know changes nothing and is shown, also on
// a line that was understood before.
func TestAnUnknownStageChangesNothingAndIsShown(t *testing.T) {
	p := &pos{}
	s := settled(t, p, retail.OrderState{}, see(order(unit("a", shirt.Code, retail.Ready, "p1")), shirt), settings)
	odd := unit("a", shirt.Code, retail.Unknown, "p1")
	odd.Raw = "teleported"
	made := len(p.done)
	s = settled(t, p, s, see(order(odd), shirt), settings)
	if len(p.done) != made || s.Lines[0].Stage != retail.Ready {
		t.Errorf("stage %s after %v", s.Lines[0].Stage, kindsOf(p.done[made:]))
	}
	if len(s.Problems) != 1 || s.Problems[0].Key != "order.unknown_stage" || s.Problems[0].Args["word"] != "teleported" {
		t.Errorf("problems %+v", s.Problems)
	}
	if s = settled(t, p, s, see(order(unit("a", shirt.Code, retail.Ready, "p1")), shirt), settings); len(s.Problems) != 0 {
		t.Errorf("still shown: %+v", s.Problems)
	}
}

// rule: LZD-16
func TestLZD16EveryReferenceIsDelimited(t *testing.T) {
	if a, b := settings.Mark("411", ""), settings.Mark("4110", ""); strings.Contains(b, a) || strings.Contains(a, b) {
		t.Errorf("%s is part of %s", a, b)
	}
	if a, b := settings.Mark("4110", ""), settings.Mark("4110", "1"); strings.Contains(b, a) {
		t.Errorf("%s is part of %s", a, b)
	}
}
