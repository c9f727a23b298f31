package rule_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"pgregory.net/rapid"
)

// However Lazada splits prices, vouchers and shipping over units, and units
// over packages, the invoices add up to what the buyer pays, to the đồng.
//
// rule: LZD-21, LZD-24, LZD-27
func TestLZD21InvoicesAddUpToTheOrder(t *testing.T) {
	products := []retail.Product{shirt, hat, goods("3", "TUI")}
	rapid.Check(t, func(t *rapid.T) {
		set := settings
		set.Shipping = retail.Surcharge{Code: "PVC"}
		set.PrepaidCODZero = rapid.Bool().Draw(t, "prepaid is zero")
		n := rapid.IntRange(1, 8).Draw(t, "units")
		var lines []retail.OrderLine
		for i := range n {
			l := unit(fmt.Sprint(i), rapid.SampledFrom(products).Draw(t, "product").Code, retail.Shipped, rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(t, "package"))
			l.Price = retail.Money(rapid.Int64Range(1, 5_000_000).Draw(t, "price"))
			l.Discount = retail.Money(rapid.Int64Range(-1000, int64(l.Price)).Draw(t, "discount"))
			l.Shipping = retail.Money(rapid.Int64Range(0, 50_000).Draw(t, "shipping"))
			lines = append(lines, l)
		}
		o := order(lines...)
		o.COD = rapid.Bool().Draw(t, "cod")
		p := &pos{}
		s := settled(t, p, retail.OrderState{}, see(o, products...), set)
		if s.POS.Total != o.Total {
			t.Fatalf("the POS order is over %d, Lazada's over %d", s.POS.Total, o.Total)
		}
		var sum, cod retail.Money
		for _, pkg := range s.Packages {
			if pkg.Invoice.ID == "" || p.count(retail.CreateInvoice, pkg.ID) != 1 {
				t.Fatalf("package %s has %d invoices", pkg.ID, p.count(retail.CreateInvoice, pkg.ID))
			}
			for _, l := range pkg.Invoice.Lines {
				if l.Discount < 0 || l.Price < l.Discount {
					t.Fatalf("line %+v", l)
				}
			}
			sum, cod = sum+pkg.Invoice.Total, cod+pkg.Invoice.CODAmount
		}
		if sum != o.Total {
			t.Fatalf("the invoices are over %d, the order over %d", sum, o.Total)
		}
		want := o.Total
		if set.PrepaidCODZero && !o.COD {
			want = 0
		}
		if cod != want {
			t.Fatalf("%d is collected, not %d", cod, want)
		}
	})
}

var everyStage = []retail.Stage{
	retail.Unpaid, retail.Pending, retail.Packed, retail.ReadyPending, retail.Ready, retail.Shipped, retail.Delivered,
	retail.Failed, retail.BackAtSeller, retail.Returned, retail.Lost, retail.Cancelled, retail.Unknown,
}

// Whatever the channel shows, in whatever order, late, repeated or nonsense:
// after each look the decision comes to rest within a few rounds, the order is
// imported once, a package makes one invoice, nothing is asked for twice.
//
// rule: SYN-01, LZD-16, LZD-24
func TestSYN01DecisionsComeToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &pos{}
		var s retail.OrderState
		ids := []string{"a", "b", "c", "d"}[:rapid.IntRange(1, 4).Draw(t, "units")]
		for look := range rapid.IntRange(1, 8).Draw(t, "looks") {
			var lines []retail.OrderLine
			for i, id := range ids {
				if i > 0 && rapid.IntRange(0, 9).Draw(t, "left out") == 0 {
					continue
				}
				stage := rapid.SampledFrom(everyStage).Draw(t, "stage")
				pkg := ""
				if stage != retail.Unpaid && stage != retail.Pending {
					pkg = rapid.SampledFrom([]string{"p1", "p2", ""}).Draw(t, "package")
				}
				lines = append(lines, unit(id, []retail.SKU{shirt.Code, hat.Code}[i%2], stage, pkg))
			}
			made := len(p.done)
			seen := see(order(lines...), shirt, hat)
			s = settled(t, p, s, seen, settings)
			did := p.done[made:]
			for i, a := range did {
				if slices.ContainsFunc(did[:i], func(b retail.Intent) bool { return a.Key() == b.Key() }) {
					t.Fatalf("look %d asked twice for %s: %v", look, a.Key(), kindsOf(did))
				}
			}
			next, wants, _ := rule.Order(flow, s, seen, settings)
			if len(wants) != 0 || fmt.Sprint(next) != fmt.Sprint(s) {
				t.Fatalf("look %d: the same look again changes the order: wants %v\n%+v\n%+v", look, kindsOf(wants), s, next)
			}
		}
		if n := p.count(retail.CreateOrder, ""); n > 1 {
			t.Fatalf("imported %d times", n)
		}
		for _, pkg := range []string{"p1", "p2", ""} {
			if n := p.count(retail.CreateInvoice, pkg); n > 1 {
				t.Fatalf("package %q has %d invoices", pkg, n)
			}
		}
		if n := p.count(retail.CancelOrder, ""); n > 1 {
			t.Fatalf("cancelled %d times", n)
		}
	})
}

// step is one moment of a unit's way through the table of stock-and-returns.md §1: what
// the channel shows, whether the POS carries out what is wanted, and what the
// unit then is in the POS's on hand, in what is taken from sale, and in what
// the channel itself subtracts.
type step struct {
	stage              retail.Stage
	carried            bool // the POS carries out what the order wants by now
	inside, taken, own int64
}

var lives = [][]step{
	{{retail.Unpaid, true, 1, 1, 1}, {retail.Pending, false, 1, 1, 1}, {retail.Pending, true, 1, 1, 1}, {retail.Packed, true, 1, 1, 1},
		{retail.Ready, true, 1, 1, 0}, {retail.Shipped, false, 1, 1, 0}, {retail.Shipped, true, 0, 0, 0}, {retail.Delivered, true, 0, 0, 0}},
	{{retail.Pending, true, 1, 1, 1}, {retail.Shipped, true, 0, 0, 0}, {retail.Failed, true, 0, 0, 0}, {retail.BackAtSeller, true, 0, 0, 0}, {retail.Returned, true, 0, 0, 0}},
	{{retail.Pending, true, 1, 1, 1}, {retail.Packed, true, 1, 1, 1}, {retail.Cancelled, false, 1, 0, 0}, {retail.Cancelled, true, 1, 0, 0}},
	{{retail.Pending, true, 1, 1, 1}, {retail.Ready, true, 1, 1, 0}, {retail.Cancelled, false, 1, 1, 0}, {retail.Cancelled, true, 1, 1, 0}},
	{{retail.Pending, false, 1, 1, 1}, {retail.Delivered, false, 1, 1, 0}, {retail.Delivered, true, 0, 0, 0}},
	{{retail.Unpaid, true, 1, 1, 1}, {retail.Cancelled, true, 1, 0, 0}},
	{{retail.Shipped, false, 1, 1, 0}, {retail.Lost, false, 1, 1, 0}},
}

// At every moment of many units' lives the channel is told what the table says,
// and never offered a unit that is promised or out of the house.
//
// rule: RET-06, LZD-12
func TestRET06TheNumberIsTheTablesSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.Int64Range(-3, 20).Draw(t, "on the shelf, nobody's")
		people := rapid.Int64Range(0, 4).Draw(t, "reserved by staff")
		inside, taken, own, reserved := free, int64(0), int64(0), people
		var allocations []retail.Allocation
		for n := range rapid.IntRange(0, 6).Draw(t, "orders") {
			way := rapid.SampledFrom(lives).Draw(t, "life")
			way = way[:rapid.IntRange(1, len(way)).Draw(t, "steps")]
			id := fmt.Sprint("u", n)
			p := &pos{}
			var s retail.OrderState
			var seen retail.Seen
			for _, st := range way {
				pkg := ""
				if st.stage != retail.Unpaid && st.stage != retail.Pending {
					pkg = "p1"
				}
				l := unit(id, shirt.Code, st.stage, pkg)
				l.Key = listing
				o := order(l)
				o.ID = id
				seen = see(o, shirt)
				if st.carried {
					s = settled(t, p, s, seen, settings)
				} else {
					s, _, _ = rule.Order(flow, s, seen, settings)
				}
			}
			last := way[len(way)-1]
			inside, taken, own = inside+last.inside, taken+last.taken, own+last.own
			if s.POS.Status.Open() && last.inside == 1 {
				reserved++ // by our own order
			}
			allocations = append(allocations, rule.Allocate(s, seen, branch)...)
		}
		levels := []retail.Level{{ProductID: shirt.ID, BranchID: branch, OnHand: retail.Units(inside), Reserved: retail.Units(reserved)}}
		sellable, told := numbers(onHandRule, shirt, levels, allocations)
		if want := max(0, inside-taken); sellable != want || told != want+own {
			t.Fatalf("may be sold %d, told %d; the table says %d and %d", sellable, told, want, want+own)
		}
		// What staff reserved comes off besides; what the POS reserves for our own
		// orders does not come off twice, but for a moment after a cancellation
		// that the POS has not heard of.
		if n, _ := numbers(availableRule, shirt, levels, allocations); n > max(0, inside-taken-people) {
			t.Fatalf("%d are offered; %d are free, %d of them reserved by staff", n, inside-taken, people)
		}
	})
}
