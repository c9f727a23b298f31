package rule

import (
	"sort"

	"github.com/dongbo/dongbo/internal/retail"
)

// LinkState is why a listing is linked or not.
type LinkState string

const (
	Linked       LinkState = "linked"
	OnlyThere    LinkState = "only_there"     // no product has this code
	Ambiguous    LinkState = "ambiguous"      // the code stands on several listings
	AmbiguousPOS LinkState = "ambiguous_here" // the code stands on several products
	NearMiss     LinkState = "near_miss"      // equal but for case or inner blanks
	NoCode       LinkState = "no_code"
)

// Matched is the verdict on one listing.
type Matched struct {
	Key       retail.ListingKey
	State     LinkState
	ProductID string     // Linked
	Near      retail.SKU // NearMiss: the product's code
}

// Match links listings to products by equal codes and by nothing else. A code
// that stands on several listings is ambiguous: shown, never guessed.
//
// rule: LZD-10
func Match(products []retail.Product, listings []retail.Listing) []Matched {
	byCode := map[retail.SKU][]string{}
	byFold := map[string]retail.SKU{}
	for _, p := range products {
		if p.Removed || p.Code == "" {
			continue
		}
		byCode[p.Code] = append(byCode[p.Code], p.ID)
		byFold[p.Code.Fold()] = p.Code
	}
	times := map[retail.SKU]int{}
	for _, l := range listings {
		if !l.Removed {
			times[l.Code]++
		}
	}
	out := make([]Matched, 0, len(listings))
	for _, l := range listings {
		m := Matched{Key: l.Key}
		switch ids := byCode[l.Code]; {
		case l.Removed:
			continue
		case l.Code == "":
			m.State = NoCode
		case len(ids) == 0 && byFold[l.Code.Fold()] != "":
			m.State, m.Near = NearMiss, byFold[l.Code.Fold()]
		case len(ids) == 0:
			m.State = OnlyThere
		case len(ids) > 1:
			m.State = AmbiguousPOS
		case times[l.Code] > 1:
			m.State = Ambiguous
		default:
			m.State, m.ProductID = Linked, ids[0]
		}
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Key.ItemID != out[j].Key.ItemID {
			return out[i].Key.ItemID < out[j].Key.ItemID
		}
		return out[i].Key.SKUID < out[j].Key.SKUID
	})
	return out
}
