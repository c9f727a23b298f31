package rule_test

import (
	"testing"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/google/go-cmp/cmp"
)

// imported is an order of two shirts and a hat as it stands right after its
// import.
func imported(t *testing.T, p *pos) (retail.OrderState, retail.Order) {
	t.Helper()
	o := order(unit("a", shirt.Code, retail.Pending, ""), unit("b", shirt.Code, retail.Pending, ""), unit("c", hat.Code, retail.Pending, ""))
	s := settled(t, p, retail.OrderState{}, see(o, shirt, hat), settings)
	p.done = nil
	return s, o
}

// move puts lines at a stage, in a package.
func move(o retail.Order, stage retail.Stage, pkg string, ids ...string) retail.Order {
	lines := append([]retail.OrderLine(nil), o.Lines...)
	for i := range lines {
		for _, id := range ids {
			if lines[i].ID == id {
				lines[i].Stage, lines[i].Raw, lines[i].Package = stage, string(stage), pkg
			}
		}
	}
	o.Lines = lines
	return o
}

// rule: LZD-25
func TestLZD25ACancelledOrderCancelsThePOSOrder(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Cancelled, "", "a", "b", "c"), shirt, hat), settings)
	if diff := cmp.Diff([]retail.IntentKind{retail.CancelOrder}, kindsOf(p.done)); diff != "" || s.POS.Status != retail.OrderCancelled {
		t.Errorf("status %s (-want +got):\n%s", s.POS.Status, diff)
	}
	if a := rule.Allocate(s, see(o, shirt, hat), branch); len(a) != 0 {
		t.Errorf("RET-05: still held: %+v", a)
	}
}

// rule: LZD-26
func TestLZD26PackingLeavesThePOSOrderAsItIs(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	for _, stage := range []retail.Stage{retail.Packed, retail.ReadyPending, retail.Ready} {
		s = settled(t, p, s, see(move(o, stage, "p1", "a", "b", "c"), shirt, hat), settings)
		if len(p.done) != 0 || s.POS.Status != retail.OrderDraft {
			t.Fatalf("%s: status %s, did %v", stage, s.POS.Status, kindsOf(p.done))
		}
	}
}

// rule: LZD-24, LZD-27
func TestLZD27AShippedPackageMakesItsInvoice(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	o = move(o, retail.Ready, "p1", "a", "c")
	o = move(o, retail.Ready, "p2", "b")
	s = settled(t, p, s, see(o, shirt, hat), settings)
	o = move(o, retail.Shipped, "p2", "b")
	o.Lines[1].Tracking = "VN1"
	s, wants, _ := rule.Order(flow, s, see(o, shirt, hat), settings)
	got := only(t, wants, retail.CreateInvoice)
	want := &retail.Invoice{
		Code: "HDLZD_4110.2", Ref: "[DB:lazada:200:4110/p2]", OrderID: s.POS.ID, OrderCode: s.POS.Code,
		Status: retail.InvoiceProcessing, Delivery: retail.DeliveryUnderway, Tracking: "VN1", COD: true, CODAmount: 100_000,
		BranchID: branch, CustomerID: s.CustomerID, SellerID: "77", Total: 100_000, Receiver: o.Buyer,
		Lines: []retail.DocLine{{ProductID: shirt.ID, Code: shirt.Code, Qty: retail.One, Price: 100_000}},
	}
	if diff := cmp.Diff(want, got.Invoice); diff != "" {
		t.Errorf("invoice (-want +got):\n%s", diff)
	}
	if got.Rule != "LZD-27" || got.Part != "p2" {
		t.Errorf("part %q for %s", got.Part, got.Rule)
	}
	s = settled(t, p, s, see(move(o, retail.Shipped, "p1", "a", "c"), shirt, hat), settings)
	if p.count(retail.CreateInvoice, "p1") != 1 || p.count(retail.CreateInvoice, "p2") != 1 || len(p.done) != 2 {
		t.Errorf("LZD-24: one package is one invoice: %v", kindsOf(p.done))
	}
	if s.Packages[0].Invoice.Code != "HDLZD_4110.1" {
		t.Errorf("the first package's invoice is %s", s.Packages[0].Invoice.Code)
	}
}

// rule: LZD-27
func TestLZD27WhatIsCollectedOnDelivery(t *testing.T) {
	for _, c := range []struct {
		name      string
		cod, zero bool
		want      retail.Money
	}{
		{"cash", true, false, 115_000},
		{"paid before, as the source says", false, false, 115_000},
		{"paid before, with the setting", false, true, 0},
		{"cash, with the setting", true, true, 115_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := settings
			set.PrepaidCODZero, set.Shipping = c.zero, retail.Surcharge{Code: "PVC"}
			o := order(unit("a", shirt.Code, retail.Shipped, "p1"))
			o.COD, o.Lines[0].Shipping = c.cod, 15_000
			p := &pos{}
			s := settled(t, p, retail.OrderState{}, see(o, shirt), set)
			inv := s.Packages[0].Invoice
			if !inv.COD || inv.CODAmount != c.want || inv.Total != 115_000 {
				t.Errorf("COD %t, %d of %d", inv.COD, inv.CODAmount, inv.Total)
			}
		})
	}
}

// The POS may compute another total than we did: what is collected is what the
// invoice says.
//
// rule: LZD-27
func TestLZD27CODFollowsThePOSsOwnTotal(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	o = move(o, retail.Shipped, "p1", "a", "b", "c")
	s, wants, _ := rule.Order(flow, s, see(o, shirt, hat), settings)
	i := only(t, wants, retail.CreateInvoice)
	answer := *i.Invoice
	answer.ID, answer.Total = "900", answer.Total-1
	s = rule.Apply(s, i, retail.Intent{Invoice: &answer})
	_, wants, _ = rule.Order(flow, s, see(o, shirt, hat), settings)
	if got := only(t, wants, retail.SetDelivery).Invoice; got.CODAmount != 299_999 || got.ID != "900" {
		t.Errorf("asks for %d on %s", got.CODAmount, got.ID)
	}
}

// rule: LZD-28, LZD-29, LZD-30
func TestDeliveryFollowsThePackage(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage retail.Stage
		want  retail.Delivery
		calls int
	}{
		{"LZD-27 shipped", retail.Shipped, retail.DeliveryUnderway, 0},
		{"LZD-28 delivered", retail.Delivered, retail.DeliveryDone, 1},
		{"LZD-30 delivery failed", retail.Failed, retail.DeliveryReturning, 1},
		{"LZD-30 the carrier says that it is back", retail.BackAtSeller, retail.DeliveryReturning, 1},
		{"LZD-29 returned", retail.Returned, retail.DeliveryUnderway, 0},
		{"lost by the carrier", retail.Lost, retail.DeliveryUnderway, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pos{}
			s, o := imported(t, p)
			s = settled(t, p, s, see(move(o, retail.Shipped, "p1", "a", "b", "c"), shirt, hat), settings)
			p.done = nil
			s = settled(t, p, s, see(move(o, c.stage, "p1", "a", "b", "c"), shirt, hat), settings)
			inv := s.Packages[0].Invoice
			if inv.Delivery != c.want || inv.Status != retail.InvoiceProcessing || p.count(retail.SetDelivery, "p1") != c.calls || len(p.done) != c.calls {
				t.Errorf("delivery %s, status %s, did %v", inv.Delivery, inv.Status, kindsOf(p.done))
			}
		})
	}
}

// A POS that accepts a write and ignores it is asked once, and it is shown.
func TestADeliveryThatThePOSIgnoresIsNotAskedForEver(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Shipped, "p1", "a", "b", "c"), shirt, hat), settings)
	o = move(o, retail.Delivered, "p1", "a", "b", "c")
	s, wants, _ := rule.Order(flow, s, see(o, shirt, hat), settings)
	i := only(t, wants, retail.SetDelivery)
	ignored := *i.Invoice
	ignored.Delivery = retail.DeliveryUnderway
	s = rule.Apply(s, i, retail.Intent{Invoice: &ignored})
	s, wants, _ = rule.Order(flow, s, see(o, shirt, hat), settings)
	if len(wants) != 0 || len(s.Problems) != 1 || s.Problems[0].Key != "order.delivery_ignored" {
		t.Errorf("wants %v, problems %+v", kindsOf(wants), s.Problems)
	}
	// The next stage is asked for all the same.
	_, wants, _ = rule.Order(flow, s, see(move(o, retail.Failed, "p1", "a", "b", "c"), shirt, hat), settings)
	only(t, wants, retail.SetDelivery)
}

// rule: LZD-33
func TestLZD33ACancelledLineLeavesThePOSOrder(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Cancelled, "", "b"), shirt, hat), settings)
	if diff := cmp.Diff([]retail.IntentKind{retail.UpdateOrder}, kindsOf(p.done)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	want := []retail.DocLine{{ProductID: shirt.ID, Code: shirt.Code, Qty: retail.One, Price: 100_000}, {ProductID: hat.ID, Code: hat.Code, Qty: retail.One, Price: 100_000}}
	if diff := cmp.Diff(want, s.POS.Lines); diff != "" || s.POS.Total != 200_000 {
		t.Errorf("total %d (-want +got):\n%s", s.POS.Total, diff)
	}
	s = settled(t, p, s, see(move(o, retail.Cancelled, "", "a", "b", "c"), shirt, hat), settings)
	if s.POS.Status != retail.OrderCancelled || p.count(retail.CancelOrder, "") != 1 {
		t.Errorf("the last line left the order %s", s.POS.Status)
	}
}

// rule: LZD-33, RET-04, RET-05
func TestLZD33WhatACancellationFrees(t *testing.T) {
	for _, c := range []struct {
		name  string
		stage retail.Stage
		held  int64
	}{
		{"RET-05 pending", retail.Pending, 0},
		{"RET-05 packed", retail.Packed, 0},
		{"RET-05 ready_to_ship_pending", retail.ReadyPending, 0},
		{"RET-04 ready to ship", retail.Ready, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &pos{}
			s, o := imported(t, p)
			s = settled(t, p, s, see(move(o, c.stage, "p1", "a", "b", "c"), shirt, hat), settings)
			s = settled(t, p, s, see(move(o, retail.Cancelled, "p1", "a", "b", "c"), shirt, hat), settings)
			if s.POS.Status != retail.OrderCancelled {
				t.Errorf("the POS order is %s", s.POS.Status)
			}
			var held retail.Qty
			for _, a := range rule.Allocate(s, see(o, shirt, hat), branch) {
				held += a.Promised
				if a.Own != 0 || a.Reserved != 0 {
					t.Errorf("own %d, reserved %s of a cancelled line", a.Own, a.Reserved)
				}
			}
			if held != retail.Units(c.held) {
				t.Errorf("%s units are held, not %d", held, c.held)
			}
		})
	}
}

// A package that is taken apart before it has an invoice goes back to the shelf.
func TestARepackedOrderForgetsThePackage(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Ready, "p1", "a", "b", "c"), shirt, hat), settings)
	s = settled(t, p, s, see(move(o, retail.Pending, "", "a", "b", "c"), shirt, hat), settings)
	if len(s.Packages) != 0 || s.Lines[0].Reached != retail.Pending {
		t.Errorf("packages %+v, reached %s", s.Packages, s.Lines[0].Reached)
	}
	s = settled(t, p, s, see(move(o, retail.Cancelled, "", "a", "b", "c"), shirt, hat), settings)
	if a := rule.Allocate(s, see(o, shirt, hat), branch); len(a) != 0 {
		t.Errorf("what never left is held: %+v", a)
	}
}

// Goods do not come back from the road because a late answer says so, nor does
// a cancelled line lose the invoice that took it out of stock.
//
// rule: RET-02, RET-06
func TestNothingComesBackByItself(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Shipped, "p1", "a", "b", "c"), shirt, hat), settings)
	p.done = nil
	s = settled(t, p, s, see(move(o, retail.Pending, "", "a", "b", "c"), shirt, hat), settings)
	if s.Lines[0].Stage != retail.Shipped || s.Lines[0].Package != "p1" || len(p.done) != 0 {
		t.Errorf("%s in %q after %v", s.Lines[0].Stage, s.Lines[0].Package, kindsOf(p.done))
	}
	for range 3 {
		s = settled(t, p, s, see(move(o, retail.Cancelled, "", "a", "b", "c"), shirt, hat), settings)
		if a := rule.Allocate(s, see(o, shirt, hat), branch); len(a) != 0 {
			t.Fatalf("the invoice has taken them off on hand, and they are held besides: %+v", a)
		}
	}
	if len(p.done) != 0 {
		t.Errorf("did %v", kindsOf(p.done))
	}
}

// A unit that was met under an unknown word and then was ready to ship is held
// when it is cancelled there.
//
// rule: RET-06
func TestAnUnknownBeginningDoesNotFreeUnits(t *testing.T) {
	p := &pos{}
	s := settled(t, p, retail.OrderState{}, see(order(unit("a", shirt.Code, retail.Unknown, "")), shirt), settings)
	for _, stage := range []retail.Stage{retail.Ready, retail.Cancelled} {
		s = settled(t, p, s, see(order(unit("a", shirt.Code, stage, "p1")), shirt), settings)
	}
	if a := rule.Allocate(s, see(order(), shirt), branch); len(a) != 1 || a[0].Promised != retail.One {
		t.Errorf("allocated %+v", a)
	}
}

// A line that an answer leaves out stays as it was, and no document is made
// without its price.
func TestAnIncompleteAnswerMakesNoFreeInvoice(t *testing.T) {
	p := &pos{}
	s, o := imported(t, p)
	s = settled(t, p, s, see(move(o, retail.Ready, "p1", "a", "b", "c"), shirt, hat), settings)
	full := move(o, retail.Shipped, "p1", "a", "b", "c")
	cut := full
	cut.Lines = full.Lines[:2]
	s = settled(t, p, s, see(cut, shirt, hat), settings)
	if len(s.Lines) != 3 {
		t.Fatalf("%d lines are left", len(s.Lines))
	}
	s = settled(t, p, s, see(full, shirt, hat), settings)
	if inv := s.Packages[0].Invoice; inv.Total != 300_000 || p.count(retail.CreateInvoice, "p1") != 1 {
		t.Errorf("the invoice is over %d", inv.Total)
	}
}
