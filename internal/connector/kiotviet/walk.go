package kiotviet

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

// A walk reads a long list page by page without losing a row.
//
// KiotViet pages by offset over a set that moves meanwhile (kiotviet.md §3.1.5).
// Ordered by modifiedDate, a row that is modified during the walk jumps to the
// end and every later row slips one place forward, past the reader. Ordered by
// id, which never changes, the set {modified since T} can only gain rows: one
// that enters before the reader pushes others back (they are read twice) and is
// itself caught by the next walk, whose window begins where this one began. So:
// order by id, a fixed lower bound of the window, five minutes of overlap
// between windows.
//
// What is left is a row that vanishes (a product deleted) before the reader.
// Each page therefore begins at the last row of the page before; if that row
// has slipped away, the walk steps back a page.

const (
	pageSize = 100             // the documented maximum (§3.1)
	overlap  = 5 * time.Minute // between two windows
	maxBack  = 5               // steps back in one walk before the order is no longer trusted
)

// place is the content of a Cursor.
type place struct {
	Since time.Time `json:"since,omitzero"` // the window's lower bound; zero: everything
	Began time.Time `json:"began,omitzero"` // when the walk began; zero: it has not
	At    int       `json:"at,omitempty"`   // rows before the reader
	Last  string    `json:"last,omitempty"` // id of the row before the reader
	Back  int       `json:"back,omitempty"` // steps back so far
}

// placeOf reads a cursor. One that it cannot read begins anew: everything once
// more rather than something never.
func placeOf(c connector.Cursor) place {
	var p place
	if c == "" || json.Unmarshal([]byte(c), &p) != nil || p.At < 0 {
		return place{}
	}
	return p
}

func (p place) cursor() connector.Cursor {
	b, _ := json.Marshal(p) // times and numbers always marshal
	return connector.Cursor(b)
}

// source is a list that can be walked.
type source[T any] struct {
	route, path string
	query       url.Values
	key         string        // the field to order by, as the query names it
	id          func(T) ident // its value
	changed     bool          // takes lastModifiedFrom
}

// leaf is one page of a walk.
type leaf[T any] struct {
	rows    []T
	removed []string // on the last page only: what was deleted in the window
	total   int      // rows of the whole window
	next    place
	more    bool
	until   time.Time
}

// turn reads the page after p.
func turn[T any](ctx context.Context, s shop, src source[T], p place) (leaf[T], error) {
	if p.Began.IsZero() {
		p.Began = s.account.Now()
	}
	again := 1 // rows read once more, to see whether the walk still stands where it stood
	for {
		from := max(0, p.At-again)
		list, err := src.page(ctx, s, p.Since, from)
		if err != nil {
			return leaf[T]{}, err
		}
		rows := list.rows()
		if p.At == 0 {
			if t := list.Timestamp.Time; !t.IsZero() && t.Before(p.Began) {
				p.Began = t // KiotViet's clock is behind ours
			}
		} else if again > 0 && src.slipped(rows, p) {
			p.At, p.Back = max(0, p.At-pageSize), p.Back+1
			continue
		}
		end := from + len(rows)
		more := len(rows) >= pageSize
		total := end
		if list.Total != nil && *list.Total >= 0 {
			total = int(*list.Total)
			more = len(rows) > 0 && end < total
		}
		if more && end <= p.At {
			// Pages of a single row leave no room for the overlap.
			if again == 0 {
				return leaf[T]{}, connector.Errorf(connector.Temporary, "kiotviet.unreadable", "GET %s: %d rows at %d of %d lead nowhere", src.route, len(rows), from, total)
			}
			again = 0
			continue
		}
		out := leaf[T]{rows: rows, total: total, more: more, until: p.Began, next: place{Since: p.Began}}
		if more {
			out.next = place{Since: p.Since, Began: p.Began, At: end, Last: string(src.id(rows[len(rows)-1])), Back: p.Back}
		} else {
			out.removed = list.removed()
		}
		if p.At > 0 && len(rows) > 0 && string(src.id(rows[0])) == p.Last {
			out.rows = rows[1:]
		}
		return out, nil
	}
}

// page asks for one page of the window.
func (src source[T]) page(ctx context.Context, s shop, since time.Time, from int) (envelope[T], error) {
	q := url.Values{}
	for k, v := range src.query {
		q[k] = v
	}
	q.Set("pageSize", strconv.Itoa(pageSize))
	q.Set("currentItem", strconv.Itoa(from))
	if src.key != "" {
		q.Set("orderBy", src.key)
		q.Set("orderDirection", "Asc")
	}
	if src.changed && !since.IsZero() {
		q.Set("lastModifiedFrom", stamp(since.Add(-overlap)))
	}
	body, err := s.get(ctx, src.route, src.path, q)
	if err != nil {
		return envelope[T]{}, err
	}
	list, err := decodeList[T](body)
	if err != nil {
		return list, unreadable("GET "+src.route, false, err)
	}
	if from == 0 && len(list.rows()) == 0 && list.Total != nil && *list.Total > 0 {
		return list, connector.Errorf(connector.Temporary, "kiotviet.unreadable", "GET %s: %d rows announced, none sent", src.route, *list.Total)
	}
	return list, nil
}

// slipped tells whether rows before the reader have vanished: the page no
// longer begins at or before the last row read.
func (src source[T]) slipped(rows []T, p place) bool {
	if src.key == "" || p.Back >= maxBack {
		return false
	}
	return len(rows) == 0 || after(string(src.id(rows[0])), p.Last)
}

// after compares two ids as numbers of any length.
func after(a, b string) bool {
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

// feed turns a source into a Feed.
func feed[T, R any](s shop, src source[T], item func(T) (R, bool), gone func(id string) R) connector.Feed[R] {
	return func(ctx context.Context, cursor connector.Cursor) (connector.Page[R], error) {
		l, err := turn(ctx, s, src, placeOf(cursor))
		if err != nil {
			return connector.Page[R]{}, err
		}
		page := connector.Page[R]{Next: l.next.cursor(), More: l.more, Until: l.until}
		for _, row := range l.rows {
			if v, ok := item(row); ok {
				page.Items = append(page.Items, v)
			}
		}
		if gone != nil {
			for _, id := range l.removed {
				page.Items = append(page.Items, gone(id))
			}
		}
		return page, nil
	}
}

// all reads a whole list in one go.
func all[T any](ctx context.Context, s shop, src source[T]) ([]T, error) {
	var out []T
	var p place
	seen := map[ident]bool{}
	for {
		l, err := turn(ctx, s, src, p)
		if err != nil {
			return nil, err
		}
		for _, row := range l.rows {
			// A row read twice is not two documents.
			if id := src.id(row); !seen[id] {
				seen[id] = true
				out = append(out, row)
			}
		}
		if !l.more {
			return out, nil
		}
		p = l.next
	}
}
