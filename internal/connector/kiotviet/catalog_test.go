package kiotviet

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/retail"
)

// catalogue answers with n products, ids 1 to n; id 2 is a unit of 1.
func catalogue(n int) func(request) (int, string) {
	row := func(id int) string {
		master := ""
		if id == 2 {
			master = `"masterUnitId":1,"conversionValue":12,`
		}
		return fmt.Sprintf(`{"id":%d,%s"inventories":[{"branchId":8,"onHand":%d,"reserved":1}]}`, id, master, id)
	}
	return func(r request) (int, string) {
		var id int
		if k, _ := fmt.Sscanf(r.Path, "/products/%d", &id); k == 1 {
			if id > n {
				return 420, kv("KvValidateProductException", "Hàng hóa được chọn không tồn tại hoặc đã bị xóa")
			}
			return 200, row(id)
		}
		q, _ := url.ParseQuery(r.Query)
		var from int
		_, _ = fmt.Sscan(q.Get("currentItem"), &from)
		var rows []string
		for i := from + 1; i <= min(n, from+100); i++ {
			rows = append(rows, row(i))
		}
		return 200, fmt.Sprintf(`{"total":%d,"data":[%s]}`, n, strings.Join(rows, ","))
	}
}

func TestLevelsSpendFewGETs(t *testing.T) {
	for _, c := range []struct {
		name        string
		size        int
		ids         []string
		calls, rows int
	}{
		{"one", 10_000, []string{"9000"}, 1, 1},
		{"three", 10_000, []string{"1", "5000", "9000"}, 3, 3},
		{"none", 10_000, nil, 0, 0},
		{"twice the same", 10_000, []string{"9", "9", ""}, 1, 1},
		{"four on the first page", 10_000, []string{"1", "3", "4", "5"}, 1, 4},
		{"four spread over many pages", 10_000, []string{"5", "5000", "7000", "9000"}, 4, 4},
		{"a small shop at once", 150, []string{"1", "3", "101", "102", "103", "104"}, 2, 6},
		{"a unit has no stock of its own", 150, []string{"1", "2", "3", "4", "5"}, 1, 4},
		{"a unit alone", 150, []string{"2"}, 1, 0},
		{"a deleted product among others", 150, []string{"1", "3", "9999"}, 3, 2},
		{"a deleted product among many", 150, []string{"1", "3", "4", "5", "6", "9999"}, 2, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f := answering(t, catalogue(c.size))
			got, err := s.levels(t.Context(), c.ids)
			if err != nil || len(got) != c.rows || len(f.calls) != c.calls {
				t.Errorf("%d levels, %v, %d calls, want %d", len(got), err, len(f.calls), c.calls)
			}
			for _, l := range got {
				if !slices.Contains(c.ids, l.ProductID) || l.BranchID != "8" || l.Reserved != retail.One || !l.At.Equal(now) {
					t.Errorf("%+v", l)
				}
			}
		})
	}
}

func TestDeletedProductsComeAsRemoved(t *testing.T) {
	s, _ := answering(t, always(200, `{"total":1,"data":[{"id":5,"code":"A"}],"removedIds":[7]}`))
	page, err := s.products(t.Context(), "")
	if err != nil || len(page.Items) != 2 || !page.Items[1].Removed || page.Items[1].ID != "7" || page.More {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestPriceBooksBeginWithTheGeneralOne(t *testing.T) {
	s, f := answering(t, always(200, `{"total":1,"data":[{"id":9,"name":"Sale","isActive":true,"isGlobal":true,"startDate":"2026-02-01T00:00:00.0000000",
	  "endDate":"2026-02-28T23:59:59.0000000","priceBookBranches":[{"id":1,"priceBookId":9,"branchId":8}]}]}`))
	got, err := s.priceBooks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []retail.PriceBook{
		{ID: retail.GeneralBook, Name: "Bảng giá chung", Active: true},
		{ID: "9", Name: "Sale", Active: true, Branches: []string{"8"},
			From: time.Date(2026, 1, 31, 17, 0, 0, 0, time.UTC), To: time.Date(2026, 2, 28, 16, 59, 59, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(f.last().Query, "includePriceBookBranch=true") {
		t.Error(f.last().Query)
	}
}

func TestPricesOfABookAndOfTheGeneralOne(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		if r.Path == "/pricebooks/9" {
			return 200, `{"total":2,"data":[{"productId":5,"productCode":"A","price":99000.5},{"productId":6,"productCode":"B"}]}`
		}
		return 200, `{"total":1,"data":[{"id":5,"basePrice":125000}],"removeId":[7]}`
	})
	page, err := s.prices(t.Context(), "9", "")
	if diff := cmp.Diff([]retail.PriceLine{{BookID: "9", ProductID: "5", Price: 99001}}, page.Items); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	page, err = s.prices(t.Context(), retail.GeneralBook, "")
	if diff := cmp.Diff([]retail.PriceLine{{BookID: "0", ProductID: "5", Price: 125000}, {BookID: "0", ProductID: "7", Removed: true}}, page.Items); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if f.last().Path != "/products" || strings.Contains(f.last().Query, "includeInventory") {
		t.Errorf("%+v", f.last())
	}
}

func TestBranchesAndSurcharges(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		if r.Path == "/branches" {
			return 200, `{"total":1,"data":[{"id":1000000007,"branchName":"Chi nhánh trung tâm"}],"removedIds":[3]}`
		}
		return 200, `{"total":1,"data":[{"id":41,"surchargeCode":"THK000001","surchargeName":"Phí","value":0,"valueRatio":0}]}`
	})
	branches, err := s.branches(t.Context())
	if diff := cmp.Diff([]retail.Branch{{ID: "1000000007", Name: "Chi nhánh trung tâm"}}, branches); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	surcharges, err := s.surcharges(t.Context())
	if diff := cmp.Diff([]retail.Surcharge{{ID: "41", Code: "THK000001"}}, surcharges); err != nil || diff != "" || f.last().Path != "/surchages" {
		t.Errorf("%v %s %s", err, diff, f.last().Path)
	}
}
