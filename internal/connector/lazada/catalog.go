package lazada

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

const (
	productPage  = 50     // items of one /products/get (§11.1)
	productWall  = 10_000 // largest offset
	listingBatch = 100    // codes in sku_seller_list

	// skew is how far the platform's clock may be ahead of ours: calls with a
	// larger difference are refused (§3.1).
	skew = 2 * time.Hour
)

// Before Lazada came to Vietnam.
var firstListing = time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)

// listingMark is the cursor of the listing feed. A round lists what changed up
// to End, in windows From–To that hold no more items than offsets reach. Times
// are Unix seconds.
type listingMark struct {
	From   int64 `json:"from"`
	To     int64 `json:"to,omitempty"`
	End    int64 `json:"end,omitempty"` // 0: a new round
	Offset int   `json:"offset,omitempty"`
	Total  int   `json:"total,omitempty"` // items in the window when it was begun
}

// listings lists products by their last change, one Listing per SKU, inactive
// and deleted ones included (§15, 11).
//
// The order of rows is not documented and cannot be asked for, so windows end
// in the past: items can leave one, by being changed, and not enter. When the
// window's total falls, rows slid towards the front, and as many are read
// again.
func (s *seller) listings(ctx context.Context, after connector.Cursor) (connector.Page[retail.Listing], error) {
	none := connector.Page[retail.Listing]{}
	var mark listingMark
	if json.Unmarshal([]byte(after), &mark) != nil || mark.From <= 0 {
		mark = listingMark{From: firstListing.Unix()}
	}
	if mark.End == 0 {
		mark.End = s.account.Now().Add(skew).Unix()
		mark.To = mark.End
	}
	env, products, total, err := s.products(ctx, map[string]string{
		"update_after": iso(time.Unix(mark.From, 0)), "update_before": iso(time.Unix(mark.To, 0)),
	}, mark.Offset)
	if err != nil {
		return none, err
	}
	// What is changed after this answer belongs to the next round.
	mark.End = min(mark.End, env.at.Unix())
	mark.To = min(mark.To, mark.End)

	page := connector.Page[retail.Listing]{More: true}
	for _, p := range products {
		page.Items = append(page.Items, s.listing(p)...)
	}
	next := mark.Offset + len(products)
	switch {
	case total > productWall && mark.To-mark.From > 1:
		page.Items = nil // the halves bring them
		mark.To, mark.Offset, mark.Total = mark.From+(mark.To-mark.From)/2, 0, 0
	case total > productWall && next > productWall:
		return none, connector.Errorf(connector.Rejected, "lazada.too_many_at_once", "more than %d products changed in one second", productWall)
	case total < mark.Total:
		mark.Offset, mark.Total = max(0, mark.Offset-(mark.Total-total)), total
	case len(products) > 0 && next < total:
		mark.Offset, mark.Total = next, total
	case mark.To < mark.End:
		mark = listingMark{From: mark.To - 1, To: mark.End, End: mark.End}
	default:
		page.More = false
		page.Until = time.Unix(mark.End, 0).UTC().Add(-visible)
		mark = listingMark{From: max(mark.From, page.Until.Add(-overlap).Unix())}
	}
	page.Next = cursor(mark)
	return page, nil
}

// products is one page of /products/get and the number of items that match.
func (s *seller) products(ctx context.Context, params map[string]string, offset int) (envelope, []wireProduct, int, error) {
	const path = "/products/get"
	params = maps.Clone(params)
	params["filter"] = "all"
	params["limit"] = strconv.Itoa(productPage)
	params["offset"] = strconv.Itoa(offset)
	env, err := s.do(ctx, call{method: http.MethodGet, path: path, budget: readBudget, params: params})
	if err != nil {
		return env, nil, 0, err
	}
	var data struct {
		Total    amount        `json:"total_products"`
		Products []wireProduct `json:"products"`
	}
	if err := env.data(path, &data); err != nil {
		return env, nil, 0, err
	}
	return env, data.Products, int(data.Total.Money), nil
}

// readListings reads the listings of some seller SKUs; one SKU may stand on
// several items (§0 fact 9). Lazada compares the stored text as a whole, and
// what comes back is compared again (rule: LZD-10).
func (s *seller) readListings(ctx context.Context, codes []retail.SKU) ([]retail.Listing, error) {
	var out []retail.Listing
	err := s.bySKU(ctx, codes, func(p wireProduct) { out = append(out, s.listing(p)...) })
	return out, err
}

// skus reads the wire form of the SKUs with some codes.
func (s *seller) skus(ctx context.Context, codes []retail.SKU) (map[retail.ListingKey]wireSKU, error) {
	out := map[retail.ListingKey]wireSKU{}
	err := s.bySKU(ctx, codes, func(p wireProduct) {
		for _, k := range p.SKUs {
			out[retail.ListingKey{ItemID: string(p.ItemID), SKUID: string(k.SKUID)}] = k
		}
	})
	return out, err
}

// asks tells whether a stored seller SKU is one of the codes, however each of
// them is written.
func asks(codes []retail.SKU, stored string) bool {
	return slices.ContainsFunc(codes, func(c retail.SKU) bool { return retail.NewSKU(string(c)) == retail.NewSKU(stored) })
}

// raw is the stored seller SKU where it is not the code that it means.
func raw(stored string) string {
	if stored == string(retail.NewSKU(stored)) {
		return ""
	}
	return stored
}

// bySKU calls use with the products that have some of the codes, less the SKUs
// that do not.
func (s *seller) bySKU(ctx context.Context, codes []retail.SKU, use func(wireProduct)) error {
	for part := range slices.Chunk(codes, listingBatch) {
		asked := list(part)
		for offset := 0; ; {
			_, products, total, err := s.products(ctx, map[string]string{"sku_seller_list": asked}, offset)
			if err != nil {
				return err
			}
			for _, p := range products {
				p.SKUs = slices.DeleteFunc(p.SKUs, func(k wireSKU) bool { return !asks(part, string(k.SellerSKU)) })
				use(p)
			}
			if offset += len(products); len(products) == 0 || offset >= total {
				break
			}
		}
	}
	return nil
}

func (s *seller) listing(p wireProduct) []retail.Listing {
	now := s.account.Now()
	var out []retail.Listing
	for _, k := range p.SKUs {
		l := retail.Listing{
			Key:      retail.ListingKey{ItemID: string(p.ItemID), SKUID: string(k.SKUID)},
			Code:     retail.NewSKU(string(k.SellerSKU)),
			Raw:      raw(string(k.SellerSKU)),
			Name:     join(" · ", p.Attributes.Name, variation(k.SaleProp)),
			Active:   strings.EqualFold(string(p.Status), "active") && strings.EqualFold(string(k.Status), "active"),
			Removed:  strings.EqualFold(string(p.Status), "deleted") || strings.EqualFold(string(k.Status), "deleted"),
			Price:    k.Price.Money,
			Modified: p.Updated.Time,
		}
		if k.inForce(now) {
			l.Special = k.Special.Money
		}
		l.Sellable = int64(k.Quantity.Money)
		if k.Available.known {
			l.Sellable = int64(k.Available.Money)
		}
		if len(k.Warehouses) > 0 {
			// "quantity" is described as total and shows sellable (§11.1).
			l.Sellable = 0
		}
		for _, w := range k.Warehouses {
			l.Sellable += int64(w.Sellable.Money)
			l.Withheld += int64(w.Withheld.Money)
			l.Occupied += int64(w.Occupied.Money)
		}
		out = append(out, l)
	}
	return out
}

// inForce tells whether buyers pay the special price at a moment: 0 means that
// there is none, and absent bounds that it has none (§11.1, §15 quirk 25).
func (k wireSKU) inForce(now time.Time) bool {
	from, to := moment(string(k.From)), moment(string(k.To))
	return k.Special.Money > 0 && (from.IsZero() || !now.Before(from)) && (to.IsZero() || now.Before(to))
}

// variation is what tells a SKU from its sisters, in a fixed order.
func variation(props map[string]text) text {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(props)) {
		if props[name] != "" {
			parts = append(parts, string(props[name]))
		}
	}
	return text(strings.Join(parts, ", "))
}
