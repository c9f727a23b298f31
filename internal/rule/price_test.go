package rule_test

import (
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/google/go-cmp/cmp"
)

func dong(n retail.Money) *retail.Money { return &n }

var (
	saleFrom = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	saleTo   = time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
)

// keys lists the message keys of a Why in order.
func keys(w retail.Why) []string {
	var out []string
	for _, i := range w.Inputs {
		out = append(out, i.Key)
	}
	return out
}

func problemKeys(all []retail.Problem) []string {
	var out []string
	for _, p := range all {
		out = append(out, p.Key)
	}
	return out
}

func TestPricePairs(t *testing.T) {
	for _, c := range []struct {
		name        string
		list, promo *retail.Money
		want        retail.Prices
		why         []string
		problems    []string
	}{
		{name: "LZD-05 both books", list: dong(90_000), promo: dong(80_000),
			want: retail.Prices{List: 90_000, Special: 80_000, From: saleFrom, To: saleTo}, why: []string{"price.list", "price.promotion"}},
		{name: "LZD-05 the list book lacks the product: the general price, and its explanation says so", promo: dong(80_000),
			want: retail.Prices{List: 100_000, Special: 80_000, From: saleFrom, To: saleTo}, why: []string{"price.general", "price.promotion"}},
		{name: "LZD-13 LZD-14 no promotion: promotion price = list price", list: dong(90_000),
			want: retail.Prices{List: 90_000, Special: 90_000}, why: []string{"price.list", "price.no_promotion"}},
		{name: "neither book", want: retail.Prices{List: 100_000, Special: 100_000}, why: []string{"price.general", "price.no_promotion"}},
		{name: "LZD-06 a promotion above the list price is never sent", list: dong(90_000), promo: dong(90_001),
			want: retail.Prices{List: 90_000, Special: 90_000}, why: []string{"price.list", "price.promotion_above_list"}, problems: []string{"price.promotion_above_list"}},
		{name: "LZD-06 a promotion equal to the list price is one", list: dong(90_000), promo: dong(90_000),
			want: retail.Prices{List: 90_000, Special: 90_000, From: saleFrom, To: saleTo}, why: []string{"price.list", "price.promotion"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, why, problems, ok := rule.Price(shirt.Code, 100_000, c.list, c.promo, saleFrom, saleTo, retail.Guard{})
			if !ok {
				t.Error("held back")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("prices (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.why, keys(why)); diff != "" || why.Value != got.Special.String() {
				t.Errorf("explained as %s (-want +got):\n%s", why.Value, diff)
			}
			if diff := cmp.Diff(c.problems, problemKeys(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// stock-and-returns.md §5: a typing mistake waits for a click.
func TestTheGuardHoldsBackWhatLooksLikeAMistake(t *testing.T) {
	last := retail.Prices{List: 100_000, Special: 80_000}
	for _, c := range []struct {
		name           string
		general, promo retail.Money
		guard          retail.Guard
		problem        string // "" goes out
	}{
		{"zero is never sent", 0, 0, retail.Guard{Confirmed: true}, "price.zero"},
		{"a promotion of zero is never sent", 100_000, 0, retail.Guard{}, "price.zero"},
		{"nothing was sent before", 1_000, 900, retail.Guard{}, ""},
		{"exactly half", 50_000, 40_000, retail.Guard{Last: last}, ""},
		{"a đồng more than half", 49_999, 40_000, retail.Guard{Last: last}, "price.big_change"},
		{"the promotion alone", 100_000, 39_999, retail.Guard{Last: last}, "price.big_change"},
		{"a zero too many", 1_000_000, 80_000, retail.Guard{Last: last}, "price.big_change"},
		{"somebody clicked", 1_000_000, 80_000, retail.Guard{Last: last, Confirmed: true}, ""},
		{"a wider limit", 1_000, 900, retail.Guard{Last: last, Change: 99}, ""},
		{"a narrower limit", 89_999, 80_000, retail.Guard{Last: last, Change: 10}, "price.big_change"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, _, problems, ok := rule.Price(shirt.Code, c.general, nil, &c.promo, time.Time{}, time.Time{}, c.guard)
			if ok != (c.problem == "") {
				t.Fatalf("ok is %t for %+v", ok, got)
			}
			var want []string
			if c.problem != "" {
				want = []string{c.problem}
			}
			if diff := cmp.Diff(want, problemKeys(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
