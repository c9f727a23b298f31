package sandbox

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// listOptions says what the envelope carries beside the rows (§3.1).
type listOptions struct {
	removedKey  string  // the spelling the docs give
	removed     []int64 // nil: no such member
	omitEmpty   bool    // data is missing when empty, whatever the switch says
	noTimestamp bool
}

// page answers a list: orderBy, currentItem, pageSize and the envelope of
// §3.1. rows come in the default order. by gives a row's value for a lower-case
// field name, nil if the field does not exist.
func page[T any](c *call, rows []T, by func(T, string) any, show func(T) object, o listOptions) object {
	in := c.in
	if field := strings.ToLower(in.text("orderBy")); field != "" && len(rows) > 0 {
		if by(rows[0], field) == nil {
			c.warn("orderBy " + field)
		}
		rows = slices.Clone(rows)
		descending := strings.EqualFold(in.text("orderDirection"), "desc")
		slices.SortStableFunc(rows, func(a, b T) int {
			if descending {
				a, b = b, a
			}
			return compare(by(a, field), by(b, field))
		})
	}
	size := int64(20)
	if in.has("pageSize") {
		size = in.int("pageSize")
	}
	limit := int64(100)
	if c.srv.desk.Is("isMykiot_page_cap", "1000") && in.flag("isMykiot") {
		limit = 1000
	}
	if size > 100 {
		c.warn("pageSize over 100")
	}
	if size <= 0 {
		c.warn("pageSize not positive")
		size = 20
	}
	size = min(size, limit)
	from := max(0, min(in.int("currentItem"), int64(len(rows))))
	shown := mapRows(rows[from:min(from+size, int64(len(rows)))], show)

	env := obj("total", len(rows), "pageSize", size)
	if len(shown) > 0 || !o.omitEmpty && c.srv.desk.Is("empty_data_omitted", "false") {
		env = env.with("data", shown)
	}
	if o.removed != nil {
		// §3.1.4: the key is inconsistent.
		if o.removedKey != "removedIds" && !c.srv.desk.Is("removed_key", "removedIds") {
			env = env.with(o.removedKey, o.removed)
		}
		if o.removedKey == "removedIds" || !c.srv.desk.Is("removed_key", "documented") {
			env = env.with("removedIds", o.removed)
		}
	}
	if !o.noTimestamp {
		env = env.with("timestamp", zoned(c.now))
	}
	return env
}

func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	case decimal.Decimal:
		b, _ := b.(decimal.Decimal)
		return a.Cmp(b)
	}
	return 0
}

// modifiedSince is the filter lastModifiedFrom: at or after (§3.1).
func modifiedSince(from, created, modified time.Time) bool {
	return from.IsZero() || !later(created, modified).Before(from)
}

// holds is the search by part of a name or code, without regard to case.
func holds(text, part string) bool {
	return part == "" || strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// oneOf is a filter by a list; an empty list lets everything pass.
func oneOf[T comparable](list []T, v T) bool { return len(list) == 0 || slices.Contains(list, v) }
