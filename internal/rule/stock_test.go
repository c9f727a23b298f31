package rule_test

import (
	"testing"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
)

// life is one unit of one order, as far as stock asks.
type life struct {
	stage, reached, first retail.Stage
	imported              retail.OrderStatus // "" for none
	invoice               retail.InvoiceStatus
	skipped, settled      bool
}

func (l life) state(id string) retail.OrderState {
	if l.reached == "" {
		l.reached = l.stage
	}
	if l.first == "" {
		l.first = retail.Pending
	}
	s := retail.OrderState{Settled: l.settled}
	if l.skipped {
		s.Skipped = rule.BeforeActivation
	}
	if l.imported != "" {
		s.POS = retail.POSDoc{ID: "order-" + id, Status: l.imported}
	}
	pkg := ""
	if l.reached != retail.Unpaid && l.reached != retail.Pending {
		pkg = "package-" + id
		p := retail.PackageState{ID: pkg, Stage: l.stage, Number: 1}
		if l.invoice != "" {
			p.Invoice = retail.InvoiceDoc{ID: "invoice-" + id, Status: l.invoice}
		}
		s.Packages = []retail.PackageState{p}
	}
	s.Lines = []retail.LineState{{ID: id, Code: shirt.Code, Qty: retail.One, Stage: l.stage, Reached: l.reached, First: l.first, Package: pkg, Key: listing}}
	return s
}

var listing = retail.ListingKey{ItemID: "i", SKUID: "s"}

// main counts on hand at the connection's branch, as Lazada does; available
// also takes off what people reserved.
var (
	onHandRule    = retail.Formula{Main: []string{branch}}
	availableRule = retail.Formula{Secondary: []string{branch}}
)

// numbers runs everything that lies between rows and the number that leaves.
func numbers(f retail.Formula, p retail.Product, levels []retail.Level, allocations []retail.Allocation) (sellable, told int64) {
	sellable, _ = rule.Sellable(f, p, func(base string) (retail.Qty, retail.Why) {
		var of []retail.Level
		for _, l := range levels {
			if l.ProductID == base {
				of = append(of, l)
			}
		}
		var taken []retail.Allocation
		for _, a := range allocations {
			if a.ProductID == base {
				taken = append(taken, a)
			}
		}
		return rule.Available(f, of, taken)
	})
	var own int64
	for _, a := range allocations {
		if a.Key == listing {
			own += a.Own
		}
	}
	told, _ = rule.Tell(sellable, own)
	return sellable, told
}

// The table of stock-and-returns.md §1. The shop has ten units that nobody asks
// for, and the one of the row.
//
// rule: RET-01, RET-02, RET-05, RET-06, LZD-32, LZD-33, LZD-34
func TestOneUnitThroughItsLife(t *testing.T) {
	const draft, processing, void = retail.OrderDraft, retail.InvoiceProcessing, retail.InvoiceCancelled
	rows := []struct {
		name             string
		life             life
		onHand, reserved int64 // of the unit, in the POS
		subtract, own    int64
		imported         int64 // of reserved, ours
	}{
		{name: "1 unpaid", life: life{stage: retail.Unpaid, first: retail.Unpaid}, onHand: 1, subtract: 1, own: 1},
		{name: "2 pending, not imported", life: life{stage: retail.Pending}, onHand: 1, subtract: 1, own: 1},
		{name: "3 pending, imported", life: life{stage: retail.Pending, imported: draft}, onHand: 1, reserved: 1, imported: 1, subtract: 1, own: 1},
		{name: "3 packed, imported", life: life{stage: retail.Packed, imported: draft}, onHand: 1, reserved: 1, imported: 1, subtract: 1, own: 1},
		{name: "3 ready_to_ship_pending, imported", life: life{stage: retail.ReadyPending, imported: draft}, onHand: 1, reserved: 1, imported: 1, subtract: 1, own: 1},
		{name: "4 ready to ship, no invoice", life: life{stage: retail.Ready, imported: draft}, onHand: 1, reserved: 1, imported: 1, subtract: 1},
		{name: "5 shipped, invoice wanted", life: life{stage: retail.Shipped, imported: draft}, onHand: 1, reserved: 1, imported: 1, subtract: 1},
		{name: "6 shipped, invoice live", life: life{stage: retail.Shipped, imported: retail.OrderDone, invoice: processing}},
		{name: "6 delivered, invoice done", life: life{stage: retail.Delivered, imported: retail.OrderDone, invoice: retail.InvoiceDone}},
		{name: "7 failed", life: life{stage: retail.Failed, imported: retail.OrderDone, invoice: processing}},
		{name: "7 back at seller", life: life{stage: retail.BackAtSeller, imported: retail.OrderDone, invoice: processing}},
		{name: "7 returned", life: life{stage: retail.Returned, imported: retail.OrderDone, invoice: processing}},
		{name: "7 lost", life: life{stage: retail.Lost, imported: retail.OrderDone, invoice: processing}},
		{name: "8 cancelled while pending", life: life{stage: retail.Cancelled, reached: retail.Pending, imported: draft}, onHand: 1},
		{name: "8 cancelled while packed", life: life{stage: retail.Cancelled, reached: retail.Packed, imported: draft}, onHand: 1},
		{name: "8 cancelled while ready_to_ship_pending", life: life{stage: retail.Cancelled, reached: retail.ReadyPending, imported: draft}, onHand: 1},
		{name: "9 cancelled at ready to ship", life: life{stage: retail.Cancelled, reached: retail.Ready, imported: retail.OrderCancelled}, onHand: 1, subtract: 1},
		{name: "9 cancelled on the road, never invoiced", life: life{stage: retail.Cancelled, reached: retail.Shipped, imported: retail.OrderCancelled}, onHand: 1, subtract: 1},
		{name: "9 cancelled on the road, invoiced", life: life{stage: retail.Cancelled, reached: retail.Shipped, imported: retail.OrderDone, invoice: processing}},
		{name: "10 invoice voided while the goods are out", life: life{stage: retail.Shipped, imported: draft, invoice: void}, onHand: 1, reserved: 1, imported: 1, subtract: 1},
		{name: "10 invoice voided, order done", life: life{stage: retail.Delivered, imported: retail.OrderDone, invoice: void}, onHand: 1, subtract: 1},
		{name: "24 skipped at activation while packed", life: life{stage: retail.Packed, first: retail.Packed, skipped: true}, onHand: 1, subtract: 1, own: 1},
		{name: "24 settled, the channel still withholds it", life: life{stage: retail.Packed, first: retail.Packed, skipped: true, settled: true}, own: 1},
		{name: "25 skipped, ready to ship since", life: life{stage: retail.Ready, first: retail.Packed, skipped: true}, onHand: 1, subtract: 1},
		{name: "25 skipped, shipped when met", life: life{stage: retail.Shipped, first: retail.Shipped, skipped: true}, onHand: 1, subtract: 1},
		{name: "25 delivered when met is past", life: life{stage: retail.Delivered, first: retail.Delivered, skipped: true}},
		{name: "25 returned when met is past", life: life{stage: retail.Returned, first: retail.Returned, skipped: true}},
		{name: "25 settled", life: life{stage: retail.Ready, first: retail.Packed, skipped: true, settled: true}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			allocations := rule.Allocate(r.life.state("u"), see(retail.Order{}, shirt), branch)
			var got retail.Allocation
			for _, a := range allocations {
				if a.ProductID != shirt.ID || a.BranchID != branch || a.LineID != "u" {
					t.Errorf("allocated %+v", a)
				}
				got.Promised += a.Promised
				got.Reserved += a.Reserved
				got.Own += a.Own
			}
			if got.Promised != retail.Units(r.subtract) || got.Own != r.own || got.Reserved != retail.Units(r.imported) {
				t.Errorf("promised %s, reserved %s, own %d; want %d, %d, %d", got.Promised, got.Reserved, got.Own, r.subtract, r.imported, r.own)
			}
			free := 10 + r.onHand - r.subtract
			levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(10 + r.onHand), Reserved: retail.Units(r.reserved)}}
			for _, f := range []retail.Formula{onHandRule, availableRule} {
				sellable, told := numbers(f, shirt, levels, allocations)
				if sellable != free || told != free+r.own {
					t.Errorf("may be sold %d, told %d; want %d and %d", sellable, told, free, free+r.own)
				}
			}
		})
	}
}

// Rows 22 and 23: what people do in the POS.
func TestCounterSalesAndReservationsByPeople(t *testing.T) {
	for _, c := range []struct {
		name             string
		onHand, reserved int64
		plain, available int64
	}{
		{"22 sold at the counter", 9, 0, 9, 9},
		{"23 ordered by staff", 10, 1, 10, 9},
		{"reserved more than there is", 1, 4, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(c.onHand), Reserved: retail.Units(c.reserved)}}
			if n, _ := numbers(onHandRule, shirt, levels, nil); n != c.plain {
				t.Errorf("on hand gives %d, not %d", n, c.plain)
			}
			if n, _ := numbers(availableRule, shirt, levels, nil); n != c.available {
				t.Errorf("available gives %d, not %d", n, c.available)
			}
		})
	}
}

// rule: LZD-04
func TestOtherBranchesDoNotCountLZD04(t *testing.T) {
	levels := []retail.Level{
		{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(3)},
		{ProductID: shirt.ID, BranchID: "12", OnHand: retail.Units(50)},
	}
	elsewhere := []retail.Allocation{{LineID: "x", ProductID: shirt.ID, BranchID: "12", Promised: retail.Units(2)}}
	if n, _ := numbers(onHandRule, shirt, levels, elsewhere); n != 3 {
		t.Errorf("branch %s has %d, not 3", branch, n)
	}
	both := retail.Formula{Main: []string{branch}, Secondary: []string{"12"}}
	if n, _ := numbers(both, shirt, levels, elsewhere); n != 51 {
		t.Errorf("both branches have %d, not 51", n)
	}
}

// A sum below zero is hidden from the channel, and what the channel withholds
// is told all the same: a total below it is refused, and the old, higher number
// stays on sale.
func TestWhatMayBeSoldIsClampedNotWhatIsTold(t *testing.T) {
	levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(-3)}}
	allocations := rule.Allocate(life{stage: retail.Pending, imported: retail.OrderDraft}.state("u"), see(retail.Order{}, shirt), branch)
	available, why := rule.Available(onHandRule, levels, allocations)
	if available != retail.Units(-4) || why.Value != "-4" {
		t.Errorf("available %s, explained as %s; want -4", available, why.Value)
	}
	if sellable, told := numbers(onHandRule, shirt, levels, allocations); sellable != 0 || told != 1 {
		t.Errorf("may be sold %d, told %d; want 0 and the one that the channel withholds", sellable, told)
	}
}

func TestPercentBufferAndCapShapeWhatMayBeSold(t *testing.T) {
	for _, c := range []struct {
		name             string
		f                retail.Formula
		onHand, promised int64
		want             int64
	}{
		{"all of it", retail.Formula{}, 10, 0, 10},
		{"half", retail.Formula{Percent: 50}, 7, 0, 3},
		{"of what is not promised", retail.Formula{Percent: 50}, 10, 4, 3},
		{"buffer", retail.Formula{Buffer: 3}, 10, 0, 7},
		{"buffer larger than the stock", retail.Formula{Buffer: 30}, 10, 0, 0},
		{"cap", retail.Formula{Cap: 4}, 10, 0, 4},
		{"cap above the stock", retail.Formula{Cap: 40}, 10, 0, 10},
		{"percent, then buffer, then cap", retail.Formula{Percent: 50, Buffer: 10, Cap: 35}, 100, 0, 35},
		{"percent before buffer", retail.Formula{Percent: 50, Buffer: 10}, 100, 0, 40},
		{"percent of nothing", retail.Formula{Percent: 50}, -9, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.f.Main = []string{branch}
			levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(c.onHand)}}
			allocations := []retail.Allocation{{LineID: "u", ProductID: shirt.ID, BranchID: branch, Promised: retail.Units(c.promised), Key: listing, Own: c.promised}}
			sellable, told := numbers(c.f, shirt, levels, allocations)
			if sellable != c.want || told != c.want+c.promised {
				t.Errorf("may be sold %d, told %d; want %d and %d", sellable, told, c.want, c.want+c.promised)
			}
		})
	}
}

func TestAnAllocationOfALargerUnitTakesBaseUnits(t *testing.T) {
	crate := goods("24", "THUNG-24")
	crate.BaseID, crate.Per, crate.Unit = shirt.ID, retail.Units(24), "thùng"
	s := retail.OrderState{Lines: []retail.LineState{{ID: "u", Code: crate.Code, Qty: retail.Units(2), Stage: retail.Pending, Reached: retail.Pending, Key: listing}}}
	allocations := rule.Allocate(s, see(retail.Order{}, shirt, crate), branch)
	if len(allocations) != 1 || allocations[0].ProductID != shirt.ID || allocations[0].Promised != retail.Units(48) || allocations[0].Own != 2 {
		t.Fatalf("allocated %+v", allocations)
	}
	levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(100)}}
	allocations[0].Own = 0
	if n, _ := numbers(onHandRule, shirt, levels, allocations); n != 52 {
		t.Errorf("single ones: %d, not 52", n)
	}
	if n, _ := numbers(onHandRule, crate, levels, allocations); n != 2 {
		t.Errorf("crates: %d, not 2: 52 units fill no third", n)
	}
}

func TestAComboIsAsGoodAsItsScarcestPart(t *testing.T) {
	set := goods("9", "BO-QUA")
	set.Kind = retail.Combo
	set.Parts = []retail.Part{{ProductID: shirt.ID, Qty: retail.One}, {ProductID: hat.ID, Qty: retail.Units(2)}}
	s := retail.OrderState{Lines: []retail.LineState{{ID: "u", Code: set.Code, Qty: retail.One, Stage: retail.Pending, Reached: retail.Pending, Key: listing}}}
	allocations := rule.Allocate(s, see(retail.Order{}, set), branch)
	levels := []retail.Level{
		{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(5)},
		{ProductID: hat.ID, BranchID: branch, OnHand: retail.Units(7)},
	}
	if n, _ := numbers(onHandRule, set, levels, nil); n != 3 {
		t.Errorf("%d sets, not 3", n)
	}
	// The promised one takes its parts, and is told once, not once per part.
	if sellable, told := numbers(onHandRule, set, levels, allocations); sellable != 2 || told != 3 {
		t.Errorf("may be sold %d, told %d; want 2 and 3", sellable, told)
	}
	if n, _ := numbers(onHandRule, hat, levels, withoutOwn(allocations)); n != 5 {
		t.Errorf("%d hats, not 5: the set takes two", n)
	}
}

func withoutOwn(all []retail.Allocation) []retail.Allocation {
	var out []retail.Allocation
	for _, a := range all {
		a.Own = 0
		out = append(out, a)
	}
	return out
}

func TestWhatHasNoStockIsNotOffered(t *testing.T) {
	levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(5)}}
	for name, change := range map[string]func(*retail.Product){
		"service":      func(p *retail.Product) { p.Kind = retail.Service },
		"not sold now": func(p *retail.Product) { p.Active = false },
		"deleted":      func(p *retail.Product) { p.Removed = true },
	} {
		p := shirt
		change(&p)
		if n, _ := numbers(onHandRule, p, levels, nil); n != 0 {
			t.Errorf("%s: %d", name, n)
		}
	}
	half := shirt
	if n, _ := numbers(onHandRule, half, []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: 2999}}, nil); n != 2 {
		t.Errorf("2,999 units sell as %d, not 2", n)
	}
}

// A line that the channel itself fulfils, or that has no product, takes
// nothing.
func TestForeignAndUnknownLinesTakeNothing(t *testing.T) {
	s := life{stage: retail.Pending}.state("u")
	s.Lines[0].Foreign = true
	if a := rule.Allocate(s, see(retail.Order{}, shirt), branch); len(a) != 0 {
		t.Errorf("a line that the channel fulfils took %+v", a)
	}
	if a := rule.Allocate(life{stage: retail.Pending}.state("u"), see(retail.Order{}), branch); len(a) != 0 {
		t.Errorf("a line without a product took %+v", a)
	}
}
