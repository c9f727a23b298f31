package rule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
)

// flow asks of the POS what Lazada's stages ask of it (docs/rules.txt, §1).
var flow = retail.Flow{
	{Rule: "LZD-34", Stages: []retail.Stage{retail.Unpaid}},
	{Rule: "LZD-23", Stages: []retail.Stage{retail.Pending}, Order: retail.OrderExists},
	{Rule: "LZD-26", Stages: []retail.Stage{retail.Packed, retail.ReadyPending, retail.Ready}, Order: retail.OrderExists},
	{Rule: "LZD-27", Stages: []retail.Stage{retail.Shipped}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryUnderway},
	{Rule: "LZD-28", Stages: []retail.Stage{retail.Delivered}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryDone},
	{Rule: "LZD-30", Stages: []retail.Stage{retail.Failed, retail.BackAtSeller}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryReturning},
	{Rule: "LZD-29", Stages: []retail.Stage{retail.Returned}},
	{Rule: "RET-02", Stages: []retail.Stage{retail.Lost}},
	{Rule: "LZD-25", Stages: []retail.Stage{retail.Cancelled}, Order: retail.OrderCancel},
}

const branch = "11"

var (
	activated = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

	settings = retail.Settings{
		Platform: "lazada", Channel: "Lazada", AccountID: "200", BranchID: branch, SellerID: "77",
		Book: retail.PriceBook{ID: "5", Name: "Lazada"}, ActiveFrom: activated,
		Codes: retail.Codes{Order: "DHLZD_", Invoice: "HDLZD_", Customer: "KHLZD"},
	}

	shirt = goods("1", "AO-DO-L")
	hat   = goods("2", "MU-XANH")
)

func goods(id string, code retail.SKU) retail.Product {
	return retail.Product{ID: id, Code: code, Name: string(code), Kind: retail.Goods, Per: retail.One, Active: true, Price: 100_000}
}

func sold(products ...retail.Product) map[retail.SKU]retail.Product {
	out := map[retail.SKU]retail.Product{}
	for _, p := range products {
		out[p.Code] = p
	}
	return out
}

// unit is one line of a channel that gives every unit its own row.
func unit(id string, code retail.SKU, stage retail.Stage, pkg string) retail.OrderLine {
	return retail.OrderLine{ID: id, Code: code, Key: retail.ListingKey{ItemID: "i-" + string(code), SKUID: "s"}, Qty: retail.One,
		Price: 100_000, Stage: stage, Raw: string(stage), Package: pkg}
}

func order(lines ...retail.OrderLine) retail.Order {
	o := retail.Order{ID: "4110", Number: "4110", Created: activated.Add(time.Hour), COD: true, Lines: lines,
		Buyer: retail.Contact{ID: "b1", Name: "Trần Thị Bưởi", Phone: "0900000001", Address: "1 Phố Thử", Ward: "Phường Thử", Area: "Quận Thử, Hà Nội"}}
	for _, l := range lines {
		o.Total += l.Qty.Times(l.Price-l.Discount) + l.Shipping
		o.Shipping += l.Shipping
	}
	return o
}

func see(o retail.Order, products ...retail.Product) retail.Seen {
	return retail.Seen{Order: o, Products: sold(products...)}
}

// pos is a POS that does what it is asked and answers faithfully.
type pos struct {
	made int
	done []retail.Intent
}

func (p *pos) id() string {
	p.made++
	return fmt.Sprint(1000 + p.made)
}

func docTotal(lines []retail.DocLine, discount retail.Money, surcharges []retail.Surcharge) retail.Money {
	total := -discount
	for _, l := range lines {
		total += l.Total()
	}
	for _, s := range surcharges {
		total += s.Amount
	}
	return total
}

func (p *pos) carryOut(i retail.Intent) retail.Intent {
	p.done = append(p.done, i)
	switch i.Kind {
	case retail.CreateCustomer:
		c := *i.Customer
		c.ID = p.id()
		return retail.Intent{Customer: &c}
	case retail.CreateOrder, retail.UpdateOrder:
		o := *i.Order
		if o.ID == "" {
			o.ID = p.id()
		}
		o.Total = docTotal(o.Lines, o.Discount, o.Surcharges)
		return retail.Intent{Order: &o}
	case retail.CreateInvoice, retail.SetDelivery:
		inv := *i.Invoice
		if inv.ID == "" {
			inv.ID = p.id()
		}
		inv.Total = docTotal(inv.Lines, inv.Discount, inv.Surcharges)
		return retail.Intent{Invoice: &inv}
	default:
		return retail.Intent{}
	}
}

func (p *pos) count(kind retail.IntentKind, part string) int {
	n := 0
	for _, i := range p.done {
		if i.Kind == kind && i.Part == part {
			n++
		}
	}
	return n
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

// settled calls Order and carries out what it wants until nothing differs, as
// the hub does.
func settled(t failer, p *pos, s retail.OrderState, seen retail.Seen, set retail.Settings) retail.OrderState {
	t.Helper()
	for range 10 {
		next, wants, _ := rule.Order(flow, s, seen, set)
		s = next
		if len(wants) == 0 {
			return s
		}
		for _, i := range wants {
			s = rule.Apply(s, i, p.carryOut(i))
		}
	}
	t.Fatalf("ten rounds, and the order still wants something: %+v", p.done[len(p.done)-1])
	return s
}

// only returns the one intent that is wanted.
func only(t *testing.T, wants []retail.Intent, kind retail.IntentKind) retail.Intent {
	t.Helper()
	if len(wants) != 1 || wants[0].Kind != kind {
		t.Fatalf("wants %v, not one %s", kindsOf(wants), kind)
	}
	return wants[0]
}

func kindsOf(wants []retail.Intent) []retail.IntentKind {
	var out []retail.IntentKind
	for _, i := range wants {
		out = append(out, i.Kind)
	}
	return out
}
