package retail_test

import (
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

var life = []retail.Stage{
	retail.Unpaid, retail.Pending, retail.Packed, retail.ReadyPending, retail.Ready, retail.Shipped, retail.Delivered, retail.Failed, retail.BackAtSeller,
}

func TestStagesComeInOrder(t *testing.T) {
	for i, a := range life {
		for j, b := range life {
			if a.Before(b) != (i < j) {
				t.Errorf("%s before %s: %t", a, b, a.Before(b))
			}
		}
		if a.Before(retail.Unknown) || retail.Unknown.Before(a) || !a.Before(retail.Cancelled) || retail.Cancelled.Before(a) {
			t.Errorf("%s beside unknown and cancelled", a)
		}
	}
	for _, end := range []retail.Stage{retail.BackAtSeller, retail.Returned, retail.Lost} {
		if !retail.Failed.Before(end) || end.Before(retail.Returned) || end.Before(retail.Lost) {
			t.Errorf("%s is no end of the road", end)
		}
	}
}

// Every stage is in the warehouse, on its way out, beyond the door, or none of
// it.
func TestWhereUnitsAre(t *testing.T) {
	shelf := []retail.Stage{retail.Unpaid, retail.Pending, retail.Packed, retail.ReadyPending}
	road := []retail.Stage{retail.Shipped, retail.Delivered, retail.Failed, retail.BackAtSeller, retail.Returned, retail.Lost}
	for _, s := range append(slices.Clone(life), retail.Returned, retail.Lost, retail.Cancelled, retail.Unknown, "") {
		if s.OnShelf() != slices.Contains(shelf, s) || s.HasLeft() != slices.Contains(road, s) {
			t.Errorf("%s: on the shelf %t, has left %t", s, s.OnShelf(), s.HasLeft())
		}
	}
}

// rule: LZD-05
func TestLZD05WhenAPriceBookCounts(t *testing.T) {
	from, to := time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 20, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		book retail.PriceBook
		now  time.Time
		want bool
	}{
		{"always", retail.PriceBook{Active: true}, from, true},
		{"switched off", retail.PriceBook{}, from, false},
		{"before its period", retail.PriceBook{Active: true, From: from, To: to}, from.Add(-time.Microsecond), false},
		{"from its first moment", retail.PriceBook{Active: true, From: from, To: to}, from, true},
		{"until its last", retail.PriceBook{Active: true, From: from, To: to}, to.Add(-time.Microsecond), true},
		{"not at its end", retail.PriceBook{Active: true, From: from, To: to}, to, false},
		{"in another zone", retail.PriceBook{Active: true, From: from, To: to}, to.In(time.FixedZone("+7", 7*3600)), false},
		{"without an end", retail.PriceBook{Active: true, From: from}, to.AddDate(50, 0, 0), true},
		{"without a beginning", retail.PriceBook{Active: true, To: to}, time.Time{}, true},
		{"for this branch", retail.PriceBook{Active: true, Branches: []string{"9", "b"}}, from, true},
		{"for another branch", retail.PriceBook{Active: true, Branches: []string{"9"}}, from, false},
	} {
		if got := c.book.Applies("b", c.now); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestFlowsFirstRowDecides(t *testing.T) {
	f := retail.Flow{{Rule: "1", Stages: []retail.Stage{retail.Pending, retail.Packed}}, {Rule: "2", Stages: []retail.Stage{retail.Packed, retail.Ready}}}
	for stage, want := range map[retail.Stage]string{retail.Pending: "1", retail.Packed: "1", retail.Ready: "2", retail.Lost: ""} {
		row, ok := f.Row(stage)
		if row.Rule != want || ok != (want != "") {
			t.Errorf("%s is decided by row %q", stage, row.Rule)
		}
	}
}
