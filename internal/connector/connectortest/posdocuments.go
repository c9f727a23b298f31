package connectortest

import (
	"fmt"
	"slices"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// draft is an order of one unit of each product.
func (h POSHarness) draft(b *Bench, p connector.POS, goods []retail.Product, ref string) retail.POSOrder {
	b.Helper()
	branches, err := p.Branches(b.ctx())
	if b.saw(err) != nil || len(branches) == 0 {
		b.Fatal(branches, err)
	}
	o := retail.POSOrder{
		Code: "DHTEST" + ref, Ref: ref, BranchID: branches[0].ID, SellerID: b.Account.Grant.OwnerID, Note: "Ghi chú",
		Receiver: retail.Contact{Name: "Nguyễn Thị Thử", Phone: "+84911000222", Address: "1 Phố Thử", Ward: "Phường 1", Area: "Quận 1, Hồ Chí Minh"},
	}
	for _, g := range goods {
		o.Lines = append(o.Lines, retail.DocLine{ProductID: g.ID, Code: g.Code, Qty: retail.One, Price: 50_000, Discount: 1_000})
	}
	return o
}

// found creates orders whose references begin alike and looks each up (rule:
// SYN-01).
func (h POSHarness) found(b *Bench, p connector.POS, ignored bool) {
	if ignored {
		if h.IgnoreCodes == nil {
			b.Skip("the harness cannot make codes be ignored")
		}
		h.IgnoreCodes(b)
	}
	goods := h.goods(b, p, 2)
	since := b.World.Now()
	made := map[string]retail.POSOrder{}
	for _, ref := range []string{"DB-77", "DB-771"} {
		o, err := p.CreateOrder(b.ctx(), h.draft(b, p, goods, ref))
		if b.saw(err) != nil {
			b.Fatal(err)
		}
		if o.ID == "" || o.Total != 98_000 || o.Status != retail.OrderDraft || len(o.Lines) != 2 {
			b.Errorf("made %+v", o)
		}
		if ignored == (o.Code == "DHTEST"+ref) {
			b.Errorf("codes ignored: %v, made %s", ignored, o.Code)
		}
		made[ref] = o
		b.Pass(time.Second)
	}
	for ref, want := range map[string]string{"DB-77": made["DB-77"].ID, "DB-771": made["DB-771"].ID, "DB-7": "", "B-77": "", "DB-7712": ""} {
		got, err := p.FindOrders(b.ctx(), connector.Reference{Code: "DHTEST" + ref, Mark: ref, Since: since})
		if b.saw(err) != nil {
			b.Fatal(err)
		}
		switch {
		case want == "" && len(got) > 0:
			b.Errorf("%s finds %s (%s)", ref, got[0].Code, got[0].Ref)
		case want != "" && (len(got) != 1 || got[0].ID != want):
			b.Errorf("%s finds %d orders: %+v", ref, len(got), got)
		}
	}
	one, err := p.Order(b.ctx(), made["DB-77"].ID)
	if b.saw(err) != nil || one.ID != made["DB-77"].ID || one.Total != 98_000 {
		b.Errorf("%+v, %v", one, err)
	}
}

func (h POSHarness) lostCreate(b *Bench, p connector.POS) {
	goods := h.goods(b, p, 1)
	since := b.World.Now()
	for i, kind := range []string{sandbox.FaultDropAfter, sandbox.FaultCutBody, sandbox.FaultHTML, sandbox.FaultDropBefore} {
		ref := fmt.Sprintf("DB-LOST-%d", i)
		o := h.draft(b, p, goods, ref)
		before := b.seq()
		b.once(h.OrderRoute, kind)
		_, err := p.CreateOrder(b.ctx(), o)
		b.wants(kind, err, true, connector.Uncertain)
		if n := b.calls(before, h.OrderRoute); n != 1 {
			b.Errorf("%s: the create was sent %d times", kind, n)
		}
		b.Pass(h.Driver.Limits.Settle)
		got, err := p.FindOrders(b.ctx(), connector.Reference{Code: o.Code, Mark: ref, Since: since})
		carried := kind == sandbox.FaultDropAfter || kind == sandbox.FaultCutBody
		if b.saw(err) != nil || (len(got) == 1) != carried || len(got) > 1 {
			b.Errorf("%s: found %d, %v", kind, len(got), err)
		}
	}
}

// lostInvoice: what settles a lost invoice is the list of its order's.
func (h POSHarness) lostInvoice(b *Bench, p connector.POS) {
	if h.InvoiceRoute == "" {
		b.Skip("the harness does not name the call")
	}
	goods := h.goods(b, p, 2)
	o, err := p.CreateOrder(b.ctx(), h.draft(b, p, goods, "DB-95"))
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	b.once(h.InvoiceRoute, sandbox.FaultDropAfter)
	_, err = p.CreateInvoice(b.ctx(), retail.Invoice{
		Ref: "DB-95-FP1", OrderID: o.ID, OrderCode: o.Code, Status: retail.InvoiceProcessing, Delivery: retail.DeliveryUnderway,
		Tracking: "LMP9", BranchID: o.BranchID, CustomerID: o.CustomerID, SellerID: o.SellerID, Lines: o.Lines[:1], Receiver: o.Receiver,
	})
	b.wants("a lost invoice", err, true, connector.Uncertain)
	b.Pass(h.Driver.Limits.Settle)
	all, err := p.Invoices(b.ctx(), o.ID)
	if b.saw(err) != nil || len(all) != 1 || len(all[0].Lines) != 1 {
		b.Errorf("%+v, %v", all, err)
	}
}

// customers are kept in whatever form staff typed (rule: LZD-18).
func (h POSHarness) customers(b *Bench, p connector.POS) {
	forms := []string{"0912000301", "84912000302", "+84912000303"}
	if h.SpacedPhones {
		forms = append(forms, "0912 000 304", "0912.000.305")
	}
	for i, form := range forms {
		h.AddCustomer(b, fmt.Sprintf("KHTEST%d", i), form)
	}
	b.Pass(time.Minute)
	for i := range forms {
		got, err := p.FindCustomers(b.ctx(), fmt.Sprintf("+8491200030%d", i+1))
		if b.saw(err) != nil || len(got) != 1 || got[0].Code != fmt.Sprintf("KHTEST%d", i) {
			b.Errorf("kept as %q: %+v, %v", forms[i], got, err)
		}
	}
	if got, err := p.FindCustomers(b.ctx(), "+84912000399"); b.saw(err) != nil || len(got) > 0 {
		b.Errorf("a stranger is %+v, %v", got, err)
	}
	branches, err := p.Branches(b.ctx())
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	made, err := p.CreateCustomer(b.ctx(), retail.Customer{Code: "KHMOI1", Name: "Trần Văn Mới", Phone: "+84912000310", BranchID: branches[0].ID})
	if b.saw(err) != nil || made.ID == "" {
		b.Fatalf("%+v, %v", made, err)
	}
	b.Pass(time.Minute)
	if got, err := p.FindCustomers(b.ctx(), "+84912000310"); b.saw(err) != nil || len(got) != 1 || got[0].ID != made.ID {
		b.Errorf("made %s, found %+v, %v", made.ID, got, err)
	}
	if got, err := p.CustomerByCode(b.ctx(), made.Code); b.saw(err) != nil || got.ID != made.ID {
		b.Errorf("by code: %+v, %v", got, err)
	}
}

// invoice: one package of an order makes one invoice (rule: LZD-24, LZD-27,
// LZD-28).
func (h POSHarness) invoice(b *Bench, p connector.POS) {
	goods := h.goods(b, p, 3)
	o, err := p.CreateOrder(b.ctx(), h.draft(b, p, goods, "DB-90"))
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	i, err := p.CreateInvoice(b.ctx(), retail.Invoice{
		Ref: "DB-90-FP1", OrderID: o.ID, OrderCode: o.Code, Status: retail.InvoiceProcessing, Delivery: retail.DeliveryUnderway,
		Tracking: "LMP1", COD: true, CODAmount: 98_000, BranchID: o.BranchID, CustomerID: o.CustomerID, SellerID: o.SellerID,
		Lines: h.draft(b, p, goods[:2], "").Lines, Receiver: h.draft(b, p, goods, "").Receiver,
	})
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	same := func(when string, got retail.Invoice, delivery retail.Delivery, tracking string) {
		b.Helper()
		var codes []retail.SKU
		for _, l := range got.Lines {
			codes = append(codes, l.Code)
			if l.Qty != retail.One || l.Price != 50_000 || l.Discount != 1_000 {
				b.Errorf("%s: line %+v", when, l)
			}
		}
		slices.Sort(codes)
		want := []retail.SKU{goods[0].Code, goods[1].Code}
		slices.Sort(want)
		if !slices.Equal(codes, want) || got.Total != 98_000 || got.Status != retail.InvoiceProcessing || got.Delivery != delivery || got.Tracking != tracking {
			b.Errorf("%s: %+v", when, got)
		}
	}
	b.Pass(time.Minute)
	all, err := p.Invoices(b.ctx(), o.ID)
	if b.saw(err) != nil || len(all) != 1 || all[0].ID != i.ID {
		b.Fatalf("%d invoices, %v", len(all), err)
	}
	one, err := p.Invoice(b.ctx(), i.ID)
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	same("made", one, retail.DeliveryUnderway, "LMP1")
	for _, d := range []retail.Delivery{retail.DeliveryDone, retail.DeliveryReturning} {
		one.Delivery, one.Tracking = d, "LMP2"
		made, err := p.SetDelivery(b.ctx(), one)
		if b.saw(err) != nil {
			b.Fatal(err)
		}
		if one, err = p.Invoice(b.ctx(), made.ID); b.saw(err) != nil {
			b.Fatal(err)
		}
		same("delivery "+string(d), one, d, "LMP2")
	}
}

func (h POSHarness) cancelled(b *Bench, p connector.POS) {
	goods := h.goods(b, p, 1)
	since := b.World.Now()
	o, err := p.CreateOrder(b.ctx(), h.draft(b, p, goods, "DB-99"))
	if b.saw(err) != nil {
		b.Fatal(err)
	}
	if err := p.CancelOrder(b.ctx(), o.ID); b.saw(err) != nil {
		b.Fatal(err)
	}
	if got, err := p.Order(b.ctx(), o.ID); b.saw(err) != nil || got.Status != retail.OrderCancelled {
		b.Errorf("%+v, %v", got, err)
	}
	if got, err := p.FindOrders(b.ctx(), connector.Reference{Code: o.Code, Mark: "DB-99", Since: since}); b.saw(err) != nil || len(got) != 1 {
		b.Errorf("a cancelled order is not found: %+v, %v", got, err)
	}
}
