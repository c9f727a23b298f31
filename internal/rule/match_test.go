package rule_test

import (
	"testing"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/rule"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func listed(item, code string) retail.Listing {
	return retail.Listing{Key: retail.ListingKey{ItemID: item, SKUID: "1"}, Code: retail.NewSKU(code), Active: true}
}

func stocked(id, code string) retail.Product { return goods(id, retail.NewSKU(code)) }

func TestLZD10OnlyEqualCodesAreLinked(t *testing.T) {
	removed := stocked("r", "CU")
	removed.Removed = true
	gone := listed("g", "AO-1")
	gone.Removed = true
	for _, c := range []struct {
		name     string
		products []retail.Product
		listings []retail.Listing
		want     []rule.Matched
	}{
		{"equal", []retail.Product{stocked("p", "AO-1")}, []retail.Listing{listed("i", "AO-1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.Linked, ProductID: "p"}}},
		{"equal after trimming", []retail.Product{stocked("p", "\tAO-1 ")}, []retail.Listing{listed("i", " AO-1\n")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.Linked, ProductID: "p"}}},
		{"equal in NFC", []retail.Product{stocked("p", "ÁO ĐỎ")}, []retail.Listing{listed("i", "A\u0301O ĐO\u0309")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.Linked, ProductID: "p"}}},
		{"case differs", []retail.Product{stocked("p", "AO-1")}, []retail.Listing{listed("i", "ao-1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.NearMiss, Near: "AO-1"}}},
		{"inner blank", []retail.Product{stocked("p", "AO 1")}, []retail.Listing{listed("i", "AO1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.NearMiss, Near: "AO 1"}}},
		{"another accent is another code", []retail.Product{stocked("p", "ÁO")}, []retail.Listing{listed("i", "AO")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.OnlyThere}}},
		{"no such product", nil, []retail.Listing{listed("i", "AO-1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.OnlyThere}}},
		{"a deleted product is none", []retail.Product{removed}, []retail.Listing{listed("i", "CU")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.OnlyThere}}},
		{"no code on either side", []retail.Product{stocked("p", " ")}, []retail.Listing{listed("i", "")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.NoCode}}},
		{"two listings", []retail.Product{stocked("p", "AO-1")}, []retail.Listing{listed("j", "AO-1"), listed("i", "AO-1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.Ambiguous}, {Key: listed("j", "").Key, State: rule.Ambiguous}}},
		{"the second listing is gone", []retail.Product{stocked("p", "AO-1")}, []retail.Listing{listed("i", "AO-1"), gone},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.Linked, ProductID: "p"}}},
		{"two products", []retail.Product{stocked("p", "AO-1"), stocked("q", "AO-1")}, []retail.Listing{listed("i", "AO-1")},
			[]rule.Matched{{Key: listed("i", "").Key, State: rule.AmbiguousPOS}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, rule.Match(c.products, c.listings)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A listing is linked if and only if exactly one product and no other listing
// has its code.
//
// rule: LZD-10
func TestLZD10NothingIsGuessed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"A", "a", "A 1", "A1", " A1", "B", ""})
		var products []retail.Product
		for i, c := range rapid.SliceOfN(code, 0, 5).Draw(t, "products") {
			products = append(products, stocked(string(rune('p'+i)), c))
		}
		var listings []retail.Listing
		for i, c := range rapid.SliceOfN(code, 0, 5).Draw(t, "listings") {
			listings = append(listings, listed(string(rune('i'+i)), c))
		}
		got := rule.Match(products, listings)
		if len(got) != len(listings) {
			t.Fatalf("%d verdicts on %d listings", len(got), len(listings))
		}
		for i, m := range got {
			l := listings[i] // both are in order of item
			var ids []string
			for _, p := range products {
				if p.Code == l.Code && p.Code != "" {
					ids = append(ids, p.ID)
				}
			}
			twins := 0
			for _, o := range listings {
				if o.Code == l.Code {
					twins++
				}
			}
			linked := len(ids) == 1 && twins == 1
			if (m.State == rule.Linked) != linked || linked && m.ProductID != ids[0] || !linked && m.ProductID != "" {
				t.Fatalf("%q with products %v and %d listings: %+v", l.Code, ids, twins, m)
			}
		}
	})
}
