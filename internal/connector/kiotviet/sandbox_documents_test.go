package kiotviet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// goods are two products and a customer at the first branch.
type goods struct {
	shirt, rice retail.Product
	customer    retail.Customer
	branch      string
}

func (st *stage) goods() goods {
	st.t.Helper()
	g := goods{
		shirt: st.product("AO", "price", "125000", "on_hand", "10"), rice: st.product("GAO", "price", "20000", "on_hand", "50"), branch: st.branch(),
	}
	g.customer = got(st.pos.CreateCustomer(st.t.Context(), retail.Customer{Code: "KHLZD1", Name: "Trần Thử", Phone: "+84900000001", BranchID: g.branch}))(st.t)
	return g
}

func (st *stage) newOrder(g goods, id string) retail.POSOrder {
	return retail.POSOrder{
		Code: "DHLZD_" + id, Ref: "[DB:lazada:200177001:" + id + "]", BranchID: g.branch, CustomerID: g.customer.ID, SellerID: st.acc.Grant.OwnerID,
		Note: "Đơn Lazada " + id,
		Lines: []retail.DocLine{
			{ProductID: g.shirt.ID, Code: g.shirt.Code, Qty: retail.Units(2), Price: 125000, Discount: 5000},
			{ProductID: g.rice.ID, Code: g.rice.Code, Qty: 1500, Price: 20000},
		},
		Receiver: retail.Contact{Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu", Ward: "Phường A", Area: "Hà Nội"},
	}
}

func reference(o retail.POSOrder) connector.Reference {
	return connector.Reference{Code: o.Code, Mark: o.Ref, Since: now, CustomerID: o.CustomerID, BranchID: o.BranchID}
}

func ids(orders []retail.POSOrder) []string {
	var out []string
	for _, o := range orders {
		out = append(out, o.ID)
	}
	return out
}

// rule: LZD-16 LZD-17 LZD-20 LZD-22 LZD-25 SYN-01
func TestSandboxOrders(t *testing.T) {
	for _, kept := range []string{"kept", "ignored"} {
		t.Run(kept, func(t *testing.T) {
			st := newStage(t, "caller_code", kept, "empty_data_omitted", "true")
			g := st.goods()
			o := st.newOrder(g, "4110")
			if found := got(st.pos.FindOrders(t.Context(), reference(o)))(t); len(found) != 0 {
				t.Fatalf("before it exists: %+v", found)
			}
			made := got(st.pos.CreateOrder(t.Context(), o))(t)
			if made.Status != retail.OrderDraft || made.Paid != 0 || made.Total != 270000 || made.Ref != o.Ref || made.SellerID != st.acc.Grant.OwnerID || made.CustomerID != g.customer.ID {
				t.Errorf("%+v", made)
			}
			if (made.Code == o.Code) != (kept == "kept") {
				t.Errorf("code %s", made.Code)
			}
			row := func(column string) string { return strings.Join(st.see("orders", column, "id", made.ID), "|") }
			if got := row("delivery_address"); got != "1 Phố Mẫu, Phường A, Hà Nội" {
				t.Errorf("address %q", got)
			}
			if row("cashier") != row("sold_by") {
				t.Errorf("seller %s, creator %s", row("sold_by"), row("cashier"))
			}
			other := got(st.pos.CreateOrder(t.Context(), st.newOrder(g, "41101")))(t)
			if found := got(st.pos.FindOrders(t.Context(), reference(o)))(t); !slices.Equal(ids(found), []string{made.ID}) {
				t.Errorf("found %v, made %s and %s", ids(found), made.ID, other.ID)
			}
			if kept == "kept" {
				_, err := st.pos.CreateOrder(t.Context(), o)
				if connector.KindOf(err, true) != connector.Exists {
					t.Errorf("the same code again: %v", err)
				}
			}
			read := got(st.pos.Order(t.Context(), made.ID))(t)
			if read.ID != made.ID || len(read.Lines) != 2 || read.Lines[1].Qty != 1500 || read.Lines[0].Discount != 5000 || read.Receiver.Name != "Trần Thử" || !carries(read.Note, o.Ref) {
				t.Errorf("%+v", read)
			}
			if reserved := st.see("stock", "reserved", "code", "AO"); !slices.Contains(reserved, "4") {
				t.Errorf("reserved %v", reserved)
			}
			read.Lines = read.Lines[:1]
			changed := got(st.pos.UpdateOrder(t.Context(), read))(t)
			if len(changed.Lines) != 1 || changed.Total != 240000 || changed.Ref != o.Ref || changed.ID != made.ID {
				t.Errorf("%+v", changed)
			}
			if err := st.pos.CancelOrder(t.Context(), made.ID); err != nil {
				t.Fatal(err)
			}
			if found := got(st.pos.FindOrders(t.Context(), reference(o)))(t); len(found) != 1 || found[0].Status != retail.OrderCancelled {
				t.Errorf("a cancelled order: %+v", found)
			}
			_, err := st.pos.Order(t.Context(), "123456789")
			if connector.KindOf(err, false) != connector.NotFound {
				t.Errorf("an unknown order: %v", err)
			}
			page := got(st.pos.ChangedOrders(t.Context(), ""))(t)
			if len(page.Items) != 2 || page.More || page.Items[0].Ref == "" {
				t.Errorf("%+v", page)
			}
			st.settle()
		})
	}
}

// rule: SYN-01
func TestSandboxALostOrderIsFoundAgain(t *testing.T) {
	for _, kept := range []string{"kept", "ignored"} {
		for _, fault := range []string{kit.FaultDropAfter, kit.FaultDropBefore, kit.FaultCutBody} {
			st := newStage(t, "caller_code", kept)
			g := st.goods()
			o := st.newOrder(g, "4110")
			if err := st.world.Faults.Add(kit.Rule{Route: "POST /orders*", Kind: fault, Times: 1}); err != nil {
				t.Fatal(err)
			}
			_, err := st.pos.CreateOrder(t.Context(), o)
			if connector.KindOf(err, true) != connector.Uncertain {
				t.Errorf("%s: %v", fault, err)
			}
			st.clean(err)
			found := got(st.pos.FindOrders(t.Context(), reference(o)))(t)
			if want := fault != kit.FaultDropBefore; (len(found) == 1 && found[0].Ref == o.Ref) != want {
				t.Errorf("%s, code %s: found %+v", fault, kept, found)
			}
		}
	}
}

// clean is the scan for what errors must not tell (SYN-04).
func (st *stage) clean(err error) {
	st.t.Helper()
	clean(st.t, err)
	for _, secret := range []string{st.acc.Values["client_secret"], st.token} {
		if strings.Contains(err.Error(), secret) {
			st.t.Errorf("the error tells a secret: %v", err)
		}
	}
}

// rule: HRV-12 SYN-06
func TestSandboxRefusalsBySettings(t *testing.T) {
	order := func(st *stage, g goods, pieces int64) (retail.POSOrder, error) {
		o := st.newOrder(g, "1")
		o.Lines[0].Qty = retail.Units(pieces)
		return st.pos.CreateOrder(st.t.Context(), o)
	}
	for _, c := range []struct {
		setting, key string
		call         func(*stage, goods) error
	}{
		{"ordering", "kiotviet.ordering_off", func(st *stage, g goods) error { _, err := order(st, g, 1); return err }},
		{"delivery", "kiotviet.delivery_off", func(st *stage, g goods) error { _, err := order(st, g, 1); return err }},
		{"order_when_out_of_stock", "kiotviet.ordering_out_of_stock_off", func(st *stage, g goods) error { _, err := order(st, g, 99); return err }},
		{"sell_when_out_of_stock", "kiotviet.selling_out_of_stock_off", func(st *stage, g goods) error {
			o := got(order(st, g, 99))(st.t)
			_, err := st.pos.CreateInvoice(st.t.Context(), st.newInvoice(o, "1", o.Lines, 1000))
			return err
		}},
		{"cod", "kiotviet.cod_off", func(st *stage, g goods) error {
			o := got(order(st, g, 1))(st.t)
			_, err := st.pos.CreateInvoice(st.t.Context(), st.newInvoice(o, "1", o.Lines, 1000))
			return err
		}},
		{"surcharges", "kiotviet.surcharge_off", func(st *stage, _ goods) error {
			_, err := st.pos.Surcharges(st.t.Context())
			return err
		}},
	} {
		t.Run(c.setting, func(t *testing.T) {
			st := newStage(t)
			g := st.goods()
			for _, name := range []string{"order_when_out_of_stock", "sell_when_out_of_stock", "sell_when_order_out_of_stock"} {
				st.do("set_setting", "name", name, "value", "on")
			}
			st.do("set_setting", "name", c.setting, "value", "off")
			err := c.call(st, g)
			if err == nil {
				t.Fatal("nothing is refused")
			}
			st.clean(err)
			if e := errorOf(t, err); e.Kind != connector.Forbidden || e.Problem.Key != c.key {
				t.Errorf("%v", err)
			}
		})
	}
}

// rule: ABH-14 HRV-17
func TestSandboxCheckNamesEachMissingRight(t *testing.T) {
	st := newStage(t)
	for _, name := range st.see("permissions", "name") {
		st.do("set_permission", "name", name, "value", "off")
	}
	var missing []string
	for _, p := range got(st.pos.Check(t.Context()))(t) {
		if p.Key == "kiotviet.permission" {
			missing = append(missing, p.Object)
			if p.Args["permission"] == "" {
				t.Errorf("%+v", p)
			}
		}
	}
	if fmt.Sprint(missing) != "[products customers orders invoices settings]" {
		t.Errorf("missing rights %v", missing)
	}
}

func TestSandboxThrottling(t *testing.T) {
	for _, header := range []string{"on", "off"} {
		st := newStage(t, "get_quota", "3", "retry_after", header)
		var err error
		for range 5 {
			if _, err = st.pos.Branches(t.Context()); err != nil {
				break
			}
		}
		if e := errorOf(t, err); e.Kind != connector.Throttled || e.After <= 0 {
			t.Errorf("Retry-After %s: %v, after %v", header, err, e.After)
		}
	}
}

func (st *stage) newInvoice(o retail.POSOrder, pack string, lines []retail.DocLine, cod retail.Money) retail.Invoice {
	return retail.Invoice{
		Code: "HDLZD_4110." + pack, Ref: "[DB:lazada:200177001:4110:" + pack + "]", OrderID: o.ID, BranchID: o.BranchID, CustomerID: o.CustomerID, SellerID: o.SellerID,
		Delivery: retail.DeliveryUnderway, Tracking: "VN" + pack, COD: true, CODAmount: cod, Lines: lines,
		Receiver: retail.Contact{Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu"},
	}
}

// rule: LZD-24 LZD-27 LZD-28 LZD-30
func TestSandboxInvoices(t *testing.T) {
	for _, switches := range [][]string{
		{},
		{"invoice_create_extras", "ignored"},
		{"invoice_create_extras", "ignored", "ignored_cod_amount", "0"},
		{"delivery_put_keeps_id", "false"},
		{"delivery_put_partial", "replaced"},
		{"caller_code", "ignored", "order_after_partial_invoice", "1", "invoice_without_seller", "refused", "repeated_lines", "merged"},
	} {
		t.Run(strings.Join(switches, " "), func(t *testing.T) {
			st := newStage(t, switches...)
			g := st.goods()
			o := got(st.pos.CreateOrder(t.Context(), st.newOrder(g, "4110")))(t)
			one := st.newInvoice(o, "1", o.Lines[:1], 250000) // another amount than what is left to pay, 240000
			if none := got(st.pos.Invoices(t.Context(), o.ID))(t); len(none) != 0 {
				t.Fatalf("%+v", none)
			}
			made := got(st.pos.CreateInvoice(t.Context(), one))(t)
			if made.Status != retail.InvoiceProcessing || made.Delivery != retail.DeliveryUnderway || made.Tracking != "VN1" || !made.COD ||
				made.Total != 240000 || made.OrderID != o.ID || made.Ref != one.Ref || made.SellerID != o.SellerID {
				t.Errorf("%+v", made)
			}
			if ignored := slices.Contains(switches, "ignored") && slices.Contains(switches, "invoice_create_extras"); (made.CODAmount != 250000) != ignored {
				t.Errorf("COD %s", made.CODAmount)
			}
			if onHand := st.see("stock", "on_hand", "code", "AO"); !slices.Contains(onHand, "8") {
				t.Errorf("on hand %v", onHand)
			}

			made.CODAmount, made.Delivery = 250000, retail.DeliveryReturning
			set := got(st.pos.SetDelivery(t.Context(), made))(t)
			if set.Delivery != retail.DeliveryReturning || set.Status != retail.InvoiceProcessing || set.CODAmount != 250000 || set.Tracking != "VN1" ||
				set.Receiver.Name != "Trần Thử" || set.Receiver.Address != "1 Phố Mẫu" || len(set.Lines) != 1 {
				t.Errorf("%+v", set)
			}
			if keeps := !slices.Contains(switches, "delivery_put_keeps_id"); (set.ID == made.ID) != keeps {
				t.Errorf("id %s → %s", made.ID, set.ID)
			}
			live := got(st.pos.Invoices(t.Context(), o.ID))(t)
			live = slices.DeleteFunc(live, func(i retail.Invoice) bool { return !i.Live() })
			if len(live) != 1 || live[0].ID != set.ID || live[0].OrderID != o.ID || live[0].CODAmount != 250000 {
				t.Errorf("%+v", live)
			}

			two := got(st.pos.CreateInvoice(t.Context(), st.newInvoice(o, "2", o.Lines[1:], 30000)))(t)
			all := got(st.pos.Invoices(t.Context(), o.ID))(t)
			if !slices.ContainsFunc(all, func(i retail.Invoice) bool { return i.ID == two.ID && i.Tracking == "VN2" && i.Ref != "" }) {
				t.Errorf("%+v", all)
			}
			if after := got(st.pos.Order(t.Context(), o.ID))(t); after.Status != retail.OrderDone {
				t.Errorf("the order is %s", after.Status)
			}
			if read := got(st.pos.Invoice(t.Context(), two.ID))(t); read.Code != two.Code || read.Lines[0].Qty != 1500 {
				t.Errorf("%+v", read)
			}
			if page := got(st.pos.ChangedInvoices(t.Context(), ""))(t); len(page.Items) != len(all) {
				t.Errorf("%d changed, %d in all", len(page.Items), len(all))
			}

			st.do("void_invoice", "code", two.Code)
			_, err := st.pos.SetDelivery(t.Context(), two)
			if e := errorOf(t, err); e.Problem.Key != "kiotviet.invoice_void" {
				t.Errorf("%v", err)
			}
			if found := got(st.pos.Invoices(t.Context(), o.ID))(t); !slices.ContainsFunc(found, func(i retail.Invoice) bool { return i.ID == two.ID && !i.Live() }) {
				t.Errorf("a voided invoice is not listed: %+v", found)
			}
			st.settle()
		})
	}
}

func TestSandboxALostInvoiceIsFoundByItsOrder(t *testing.T) {
	for _, cut := range []string{"slow_invoice", kit.FaultDropAfter, kit.FaultCutBody} {
		st := newStage(t, "invoice_create_extras", "ignored")
		g := st.goods()
		o := got(st.pos.CreateOrder(t.Context(), st.newOrder(g, "4110")))(t)
		if cut == "slow_invoice" {
			st.set("slow_invoice", "cut")
		} else if err := st.world.Faults.Add(kit.Rule{Route: "POST /invoices*", Kind: cut, Times: 1}); err != nil {
			t.Fatal(err)
		}
		one := st.newInvoice(o, "1", o.Lines[:1], 240000)
		_, err := st.pos.CreateInvoice(t.Context(), one)
		if connector.KindOf(err, true) != connector.Uncertain {
			t.Errorf("%s: %v", cut, err)
		}
		st.clean(err)
		found := got(st.pos.Invoices(t.Context(), o.ID))(t)
		if len(found) != 1 || found[0].Ref != one.Ref || found[0].Tracking != one.Tracking {
			t.Errorf("%s: %+v", cut, found)
		}
	}
}
