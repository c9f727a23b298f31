package kiotviet

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// pager is a KiotViet list that changes while it is read.
type pager struct {
	ids     []int // in the order of the list
	removed []int
	clamp   int // largest page, 0: as asked
	noTotal bool
	stamp   string
	between func(call int) // runs before each call
	asked   []url.Values
}

func (p *pager) serve(r request) (int, string) {
	if p.between != nil {
		p.between(len(p.asked))
	}
	q, _ := url.ParseQuery(r.Query)
	p.asked = append(p.asked, q)
	size, _ := strconv.Atoi(q.Get("pageSize"))
	from, _ := strconv.Atoi(q.Get("currentItem"))
	if p.clamp > 0 {
		size = min(size, p.clamp)
	}
	answer := map[string]any{"pageSize": size, "removeId": p.removed}
	if !p.noTotal {
		answer["total"] = len(p.ids)
	}
	if p.stamp != "" {
		answer["timestamp"] = p.stamp
	}
	rows := []map[string]any{}
	for i := from; i < min(len(p.ids), from+size); i++ {
		rows = append(rows, map[string]any{"id": p.ids[i], "code": fmt.Sprint("SP", p.ids[i])})
	}
	if len(rows) > 0 || p.noTotal { // an empty page has no data (§3.1.2)
		answer["data"] = rows
	}
	b, _ := json.Marshal(answer)
	return 200, string(b)
}

func numbers(from, to int) []int {
	var out []int
	for i := from; i <= to; i++ {
		out = append(out, i)
	}
	return out
}

// walkAll reads the product feed to its end, the cursor passing through text
// as it does in the database.
func walkAll(t *testing.T, s shop, from connector.Cursor) (ids []string, removed []string, last connector.Page[retail.Product]) {
	t.Helper()
	for range 1000 {
		page, err := s.products(t.Context(), from)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Items {
			if p.Removed {
				removed = append(removed, p.ID)
			} else {
				ids = append(ids, p.ID)
			}
		}
		if !page.More {
			return ids, removed, page
		}
		from = page.Next
	}
	t.Fatal("the walk does not end")
	return
}

func TestAWalkReadsEveryRowOnce(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 199, 200, 201, 350} {
		for _, clamp := range []int{0, 1, 2, 20} {
			if clamp == 1 && n > 101 {
				continue
			}
			for _, noTotal := range []bool{false, true} {
				if noTotal && clamp > 0 {
					continue // nothing tells that there is more
				}
				p := &pager{ids: numbers(1, n), clamp: clamp, noTotal: noTotal}
				s, _ := answering(t, p.serve)
				ids, _, _ := walkAll(t, s, "")
				slices.Sort(ids)
				if len(ids) != n || len(slices.Compact(ids)) != n {
					t.Errorf("%d rows, clamp %d, no total %v: read %d", n, clamp, noTotal, len(ids))
				}
			}
		}
	}
}

func TestAWalkAsksForAFixedWindowOrderedByID(t *testing.T) {
	p := &pager{ids: numbers(1, 150), removed: []int{77}, stamp: "2026-02-03T10:59:50.0000000+07:00"}
	s, _ := answering(t, p.serve)
	_, removed, last := walkAll(t, s, "")
	if !slices.Equal(removed, []string{"77"}) {
		t.Errorf("removed %v: once, with the last page", removed)
	}
	if want := now.Add(-10 * time.Second); !last.Until.Equal(want) { // KiotViet's clock is behind
		t.Errorf("until %v, want %v", last.Until, want)
	}
	for i, q := range p.asked {
		if q.Get("orderBy") != "id" || q.Get("orderDirection") != "Asc" || q.Get("pageSize") != "100" || q.Has("lastModifiedFrom") ||
			q.Get("includeInventory") != "true" || q.Get("includeRemoveIds") != "true" || q.Get("includeMaterial") != "true" || q.Has("isActive") {
			t.Errorf("call %d: %v", i, q)
		}
	}
	p.asked = nil
	walkAll(t, s, last.Next)
	for i, q := range p.asked {
		if q.Get("lastModifiedFrom") != "2026-02-03T10:54:50" { // five minutes before the walk before began
			t.Errorf("call %d of the second walk: %v", i, q)
		}
	}
}

func TestAClockOfKiotVietThatIsAheadIsNotBelieved(t *testing.T) {
	p := &pager{ids: numbers(1, 1), stamp: "2026-02-03T12:00:00.0000000+07:00"}
	s, _ := answering(t, p.serve)
	if _, _, last := walkAll(t, s, ""); !last.Until.Equal(now) {
		t.Errorf("until %v", last.Until)
	}
}

func TestRowsThatEnterDuringAWalkHideNoOther(t *testing.T) {
	p := &pager{ids: numbers(100, 400)}
	p.between = func(call int) {
		if call == 1 || call == 3 { // two rows with smaller ids are modified
			p.ids = append([]int{50 - call}, p.ids...)
		}
	}
	s, _ := answering(t, p.serve)
	ids, _, _ := walkAll(t, s, "")
	missing(t, ids, numbers(100, 400))
}

func TestRowsThatVanishDuringAWalkHideNoOther(t *testing.T) {
	for _, gone := range [][]int{{1}, {100}, {99, 100}, {1, 2, 3, 4, 5}, numbers(1, 100), numbers(50, 150), numbers(1, 150)} {
		p := &pager{ids: numbers(1, 350)}
		p.between = func(call int) {
			if call == 1 {
				p.ids = slices.DeleteFunc(p.ids, func(id int) bool { return slices.Contains(gone, id) })
			}
		}
		s, _ := answering(t, p.serve)
		ids, _, _ := walkAll(t, s, "")
		missing(t, ids, p.ids)
	}
}

func missing(t *testing.T, ids []string, want []int) {
	t.Helper()
	for _, id := range want {
		if !slices.Contains(ids, strconv.Itoa(id)) {
			t.Errorf("row %d was never read", id)
		}
	}
}

func TestAListThatIsNotOrderedEndsAllTheSame(t *testing.T) {
	p := &pager{ids: numbers(1, 350)}
	slices.Reverse(p.ids)
	s, _ := answering(t, p.serve)
	ids, _, _ := walkAll(t, s, "")
	missing(t, ids, p.ids)
	if len(p.asked) > 20 {
		t.Errorf("%d calls", len(p.asked))
	}
}

func TestAnUnreadableCursorBeginsAnew(t *testing.T) {
	p := &pager{ids: numbers(1, 3)}
	s, _ := answering(t, p.serve)
	for _, c := range []connector.Cursor{"nonsense", `{"at":-5}`, `{"since":1}`} {
		if ids, _, _ := walkAll(t, s, c); len(ids) != 3 {
			t.Errorf("%s: %v", c, ids)
		}
	}
}

func TestAListThatAnnouncesRowsAndSendsNoneIsNoAnswer(t *testing.T) {
	s, _ := answering(t, always(200, `{"total":5,"pageSize":100}`))
	_, err := s.findOrders(t.Context(), connector.Reference{Mark: "[DB:x]"})
	if e := errorOf(t, err); e.Kind != connector.Temporary || e.Problem.Key != "kiotviet.unreadable" {
		t.Errorf("%v", err)
	}
}

func TestFindingNeverNamesOneDocumentTwice(t *testing.T) {
	// A row that enters before the reader pushes the last one of the page back
	// onto the next.
	var ids []int
	p := &pager{ids: numbers(10, 150)}
	p.between = func(call int) {
		if call == 1 {
			p.ids = append([]int{1, 2, 3}, p.ids...)
		}
	}
	s, _ := answering(t, p.serve)
	rows, err := all(t.Context(), s, orderList(url.Values{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range rows {
		n, _ := strconv.Atoi(string(o.ID))
		ids = append(ids, n)
	}
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) != len(ids) {
		t.Error("a row came twice")
	}
}
