package lazada

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// table is a platform's list of rows with a time of change each, as strict as
// §7.2 and §11.1 about sizes.
type table struct {
	t    *testing.T
	rows map[int]time.Time
	// exclusive: update_after does not include its own moment. That is not
	// documented.
	exclusive bool
	scrambled bool // rows come in an order of their own (§11.1)
}

func (l *table) match(q url.Values) (page []int, total int) {
	after, before := moment(q.Get("update_after")), moment(q.Get("update_before"))
	for id, at := range l.rows {
		if at.Before(after) || (l.exclusive && at.Equal(after)) || (!before.IsZero() && at.After(before)) {
			continue
		}
		page = append(page, id)
	}
	slices.SortFunc(page, func(a, b int) int {
		if c := l.rows[a].Compare(l.rows[b]); c != 0 && !l.scrambled {
			return c
		}
		return a - b
	})
	offset, _ := strconv.Atoi(q.Get("offset"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	total = len(page)
	return page[min(offset, total):min(offset+limit, total)], total
}

func (l *table) orders(path string, q url.Values) string {
	if path != "/orders/get" || q.Get("sort_by") != "updated_at" || q.Get("sort_direction") != "ASC" {
		l.t.Errorf("asked %s %v", path, q)
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	limit, _ := strconv.Atoi(q.Get("limit"))
	if limit < 1 || limit > 100 || offset+limit >= 5000 {
		return refuse("97", "Offset and limit sum must be less than 5000")
	}
	if before := moment(q.Get("update_before")); !before.IsZero() && before.Sub(moment(q.Get("update_after"))) > 15*24*time.Hour {
		l.t.Error("window longer than 15 days")
	}
	page, total := l.match(q)
	orders := []map[string]any{}
	for _, id := range page {
		orders = append(orders, map[string]any{"order_id": id, "updated_at": l.rows[id].In(site).Format("2006-01-02 15:04:05 -0700")})
	}
	b, _ := json.Marshal(map[string]any{"count": len(page), "countTotal": total, "orders": orders})
	return ok(string(b))
}

func (l *table) products(path string, q url.Values) string {
	if path != "/products/get" || q.Get("filter") != "all" {
		l.t.Errorf("asked %s %v", path, q)
	}
	offset, _ := strconv.Atoi(q.Get("offset"))
	if limit, _ := strconv.Atoi(q.Get("limit")); limit < 1 || limit > 50 || offset > 10_000 {
		return refuse("14", "Invalid Offset")
	}
	page, total := l.match(q)
	products := []map[string]any{}
	for _, id := range page {
		products = append(products, map[string]any{"item_id": id, "status": "Active", "skus": []map[string]any{{"SkuId": id, "SellerSku": fmt.Sprint(id), "Status": "active"}}})
	}
	b, _ := json.Marshal(map[string]any{"total_products": total, "products": products})
	return ok(string(b))
}

// drain follows a feed to the end of one round, counting what it brought.
func drain[T any](t *testing.T, feed connector.Feed[T], from connector.Cursor, id func(T) string, between func()) (map[string]int, connector.Page[T], int) {
	t.Helper()
	seen := map[string]int{}
	for pages := 1; ; pages++ {
		p, err := feed(t.Context(), from)
		if err != nil {
			t.Fatalf("page %d after %s: %v", pages, from, err)
		}
		for _, item := range p.Items {
			seen[id(item)]++
		}
		if !p.More {
			return seen, p, pages
		}
		if p.Next == from || pages > 2000 {
			t.Fatalf("page %d does not advance past %s", pages, from)
		}
		from = p.Next
		if between != nil {
			between()
		}
	}
}

func orderID(k retail.OrderKey) string  { return k.ID }
func listingID(l retail.Listing) string { return l.Key.ItemID }

func TestOrdersMissesNothingWhileRowsMove(t *testing.T) {
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		l := &table{t: t, rows: map[int]time.Time{}, exclusive: seed%2 == 0}
		for id := range 700 {
			// Crowded seconds, and a span that needs two windows.
			at := noon.Add(-time.Duration(rnd.IntN(27*24)) * time.Hour)
			if id%3 == 0 {
				at = noon.Add(-20 * 24 * time.Hour)
			}
			l.rows[id+1] = at
		}
		_, shop := answering(t, l.orders)
		seen, last, _ := drain(t, shop.Orders, "", orderID, func() {
			for range 3 {
				l.rows[1+rnd.IntN(700)] = noon.Add(-time.Duration(rnd.IntN(5)) * time.Second)
			}
		})
		for id := range l.rows {
			if seen[strconv.Itoa(id)] == 0 {
				t.Fatalf("seed %d: order %d (%s) was missed", seed, id, l.rows[id])
			}
		}
		if want := noon.Add(-visible); !last.Until.Equal(want) {
			t.Errorf("seen until %s, want %s", last.Until, want)
		}
	}
}

func TestOrdersBeginsWeeksBackAndOverlaps(t *testing.T) {
	l := &table{t: t, rows: map[int]time.Time{1: noon.Add(-firstLook - time.Hour), 2: noon.Add(-firstLook + time.Hour), 3: noon.Add(-time.Minute)}}
	f, shop := answering(t, l.orders)
	seen, last, _ := drain(t, shop.Orders, "", orderID, nil)
	if seen["1"] != 0 || seen["2"] == 0 || seen["3"] == 0 {
		t.Errorf("saw %v", seen)
	}
	l.rows[4] = noon.Add(-5 * time.Minute) // becomes visible late
	f.calls = nil
	seen, _, pages := drain(t, shop.Orders, last.Next, orderID, nil)
	if seen["4"] == 0 || seen["2"] != 0 || pages != 1 {
		t.Errorf("saw %v on %d pages", seen, pages)
	}
	if q := f.calls[0].query; q.Get("update_after") != iso(noon.Add(-visible-overlap)) || q.Has("update_before") {
		t.Errorf("asked %v", q)
	}
}

// The server's clock counts, where it tells: ours may be off by two hours.
func TestSeenUntilIsTheServersTime(t *testing.T) {
	f, shop := answering(t, (&table{t: t, rows: map[int]time.Time{}}).orders)
	f.date = noon.Add(-time.Hour)
	_, last, _ := drain(t, shop.Orders, "", orderID, nil)
	if want := f.date.Add(-visible); !last.Until.Equal(want) {
		t.Errorf("seen until %s, want %s", last.Until, want)
	}
}

func TestOrdersPassesTheOffsetWall(t *testing.T) {
	l := &table{t: t, rows: map[int]time.Time{}}
	for id := range 4700 {
		l.rows[id+1] = noon.Add(-time.Hour) // all in one second
	}
	l.rows[9000] = noon.Add(-time.Minute)
	_, shop := answering(t, l.orders)
	seen, _, _ := drain(t, shop.Orders, "", orderID, nil)
	if len(seen) != len(l.rows) {
		t.Errorf("saw %d of %d", len(seen), len(l.rows))
	}
	for id := range 5200 {
		l.rows[id+1] = noon.Add(-time.Hour)
	}
	var cur connector.Cursor
	var err error
	for err == nil {
		var p connector.Page[retail.OrderKey]
		if p, err = shop.Orders(t.Context(), cur); err == nil && !p.More {
			t.Fatal("5,200 orders of one second were listed as complete")
		}
		cur = p.Next
	}
	if problemOf(err) != "lazada.too_many_at_once" {
		t.Error(err)
	}
}

func TestListingsMissesNothingWhileRowsLeave(t *testing.T) {
	for seed := range uint64(8) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		l := &table{t: t, rows: map[int]time.Time{}, exclusive: seed%2 == 0, scrambled: seed%3 > 0}
		for id := range 400 {
			l.rows[id+1] = noon.Add(-time.Duration(1+rnd.IntN(90*24)) * time.Hour)
		}
		f, shop := answering(t, l.products)
		f.date = noon
		changed := map[int]bool{}
		seen, last, _ := drain(t, shop.Listings, "", listingID, func() {
			if len(changed) < 60 {
				id := 1 + rnd.IntN(400)
				l.rows[id], changed[id] = noon.Add(time.Minute), true
			}
		})
		for id := range l.rows {
			if seen[strconv.Itoa(id)] == 0 && !changed[id] {
				t.Fatalf("seed %d: product %d was missed", seed, id)
			}
		}
		f.date = noon.Add(2 * time.Minute)
		again, _, _ := drain(t, shop.Listings, last.Next, listingID, nil)
		for id := range changed {
			if again[strconv.Itoa(id)] == 0 {
				t.Fatalf("seed %d: the change of product %d was missed", seed, id)
			}
		}
	}
}

func TestListingsHalvesWindowsThatAreTooLarge(t *testing.T) {
	l := &table{t: t, rows: map[int]time.Time{}}
	for id := range 10_200 {
		l.rows[id+1] = noon.Add(-time.Duration(id) * time.Hour)
	}
	_, shop := answering(t, l.products)
	seen, _, _ := drain(t, shop.Listings, "", listingID, nil)
	if len(seen) != len(l.rows) {
		t.Errorf("saw %d of %d", len(seen), len(l.rows))
	}
}

// rule: LZD-10
func TestListingAsDocumented(t *testing.T) {
	_, shop := answering(t, func(string, url.Values) string { return ok(file(t, "products.json")) })
	page, err := shop.Listings(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	at := time.UnixMilli(1767225600000).UTC()
	want := []retail.Listing{
		{Key: retail.ListingKey{ItemID: "2180011223", SKUID: "10440099887"}, Code: "AO-THUN-DO-L", Raw: " AO-THUN-DO-L ", Name: "Áo thun cotton · Đỏ, L", Active: true, Price: 259_000, Special: 199_000, Sellable: 12, Withheld: 1, Occupied: 2, Modified: at},
		{Key: retail.ListingKey{ItemID: "2180011223", SKUID: "10440099888"}, Code: "AO-THUN-DO-M", Name: "Áo thun cotton", Price: 259_000, Sellable: 2, Modified: at}, // its promotion is over
		{Key: retail.ListingKey{ItemID: "2180011223", SKUID: "10440099889"}, Code: "AO-THUN-DO-S", Name: "Áo thun cotton", Removed: true, Price: 259_000, Sellable: 1, Modified: at},
	}
	if diff := cmp.Diff(want, page.Items); diff != "" {
		t.Error(diff)
	}
}

// rule: LZD-10
func TestReadListingsComparesCodesExactly(t *testing.T) {
	f, shop := answering(t, func(string, url.Values) string { return ok(file(t, "products.json")) })
	got, err := shop.ReadListings(t.Context(), []retail.SKU{"AO-THUN-DO-L", "ao-thun-do-m", `"quoted" & <đỏ>`})
	if err != nil || len(got) != 1 || got[0].Code != "AO-THUN-DO-L" {
		t.Errorf("%v %v", got, err)
	}
	if q := f.calls[0].query.Get("sku_seller_list"); q != `["AO-THUN-DO-L","ao-thun-do-m","\"quoted\" & <đỏ>"]` {
		t.Errorf("asked for %s", q)
	}
	codes := make([]retail.SKU, 101)
	f.calls = nil
	if _, err := shop.ReadListings(t.Context(), codes); err != nil || len(f.calls) != 2 {
		t.Errorf("%d calls, %v", len(f.calls), err)
	}
}

// §15 quirk 22
func TestEmptyDataIsNotTheEnd(t *testing.T) {
	for _, body := range []string{`{"code":"0","request_id":"r"}`, ok(`{}`), ok(`null`), ok(`""`)} {
		_, shop := answering(t, func(string, url.Values) string { return body })
		if _, err := shop.Orders(t.Context(), ""); problemOf(err) != "lazada.empty_answer" || connector.KindOf(err, false) != connector.Temporary {
			t.Errorf("%s: %v", body, err)
		}
		if _, err := shop.Listings(t.Context(), ""); problemOf(err) != "lazada.empty_answer" {
			t.Errorf("%s: %v", body, err)
		}
	}
}
