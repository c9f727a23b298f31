package lazada

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

const (
	// firstLook is how far back the first listing reaches (§16, 2): older
	// orders that nobody has touched since are finished or forgotten.
	firstLook = 28 * 24 * time.Hour
	// orderWindow is the longest span of one query (§7.2).
	orderWindow = 15 * 24 * time.Hour
	// overlap is listed again each time, for what becomes visible late (§16, 4).
	overlap = 10 * time.Minute
	// visible is how long a change may stay out of the listings; "all seen
	// until" stays that far behind (§15, 12).
	visible = 90 * time.Second

	orderPage = 100
	// offsetWall: offset + limit must stay below it (§7.2, code 97).
	offsetWall = 5000
	// cushion is how many rows an offset page shares with the one before it, for
	// rows that move away while paging (§15, 8).
	cushion = 10

	// readBatch is the cap of /orders/items/get (§7.4).
	readBatch = 50
)

// orderMark is the cursor of the order feed: what the next query asks.
type orderMark struct {
	From   int64 `json:"from"` // update_after, Unix seconds
	Offset int   `json:"offset,omitempty"`
}

// orders lists orders by their last change.
//
// Each page moves the watermark to one second before its last row instead of
// stepping an offset: a row that changes meanwhile moves to the end, and rows
// behind it would slide under an offset (§7.2, §15 quirks 7, 8). The second
// makes it irrelevant whether update_after includes its own moment. Offsets
// are used only while a whole page falls within that second. The last window
// has no end, so that nothing leaves it. An unreadable cursor begins anew.
func (s *seller) orders(ctx context.Context, after connector.Cursor) (connector.Page[retail.OrderKey], error) {
	none := connector.Page[retail.OrderKey]{}
	var mark orderMark
	now := s.account.Now()
	if json.Unmarshal([]byte(after), &mark) != nil || mark.From <= 0 {
		mark = orderMark{From: now.Add(-firstLook).Unix()}
	}
	from := time.Unix(mark.From, 0)
	until := from.Add(orderWindow)
	closed := until.Before(now)

	params := map[string]string{
		"sort_by": "updated_at", "sort_direction": "ASC", "update_after": iso(from),
		"offset": strconv.Itoa(mark.Offset), "limit": strconv.Itoa(orderPage),
	}
	if closed {
		params["update_before"] = iso(until)
	}
	env, err := s.do(ctx, call{method: http.MethodGet, path: "/orders/get", budget: readBudget, params: params})
	if err != nil {
		return none, err
	}
	var data struct {
		Total  amount `json:"countTotal"`
		Orders []struct {
			ID      text  `json:"order_id"`
			Updated stamp `json:"updated_at"`
		} `json:"orders"`
	}
	if err := env.data("/orders/get", &data); err != nil {
		return none, err
	}
	page := connector.Page[retail.OrderKey]{More: true}
	last := from
	for _, o := range data.Orders {
		page.Items = append(page.Items, retail.OrderKey{ID: string(o.ID), Updated: o.Updated.Time})
		if o.Updated.After(last) {
			last = o.Updated.Time
		}
	}
	rows := len(data.Orders)
	full := rows >= orderPage || (rows > 0 && int(data.Total.Money) > mark.Offset+rows)
	switch {
	case full && last.Unix()-1 > mark.From:
		mark = orderMark{From: last.Unix() - 1}
	case full && mark.Offset+rows+orderPage < offsetWall:
		mark.Offset += max(1, rows-cushion)
	case full && last.Unix() > mark.From:
		mark = orderMark{From: last.Unix()}
	case full:
		return none, connector.Errorf(connector.Rejected, "lazada.too_many_at_once", "more than %d orders changed in one second", offsetWall)
	case closed:
		mark = orderMark{From: until.Unix() - 1}
	default:
		page.More = false
		page.Until = env.at.Add(-visible)
		mark = orderMark{From: max(mark.From, page.Until.Add(-overlap).Unix())}
	}
	page.Next = cursor(mark)
	return page, nil
}

func cursor(mark any) connector.Cursor {
	b, _ := json.Marshal(mark)
	return connector.Cursor(b)
}

// read reads orders with their items. Orders come one by one (there is no call
// for several), items in blocks. An error of the account ends the batch: the
// orders after it get the same error.
func (s *seller) read(ctx context.Context, ids []string) []connector.OrderResult {
	results := make([]connector.OrderResult, len(ids))
	found := make([]wireOrder, len(ids))
	var want []int
	var halt error
	for i, id := range ids {
		if halt != nil {
			results[i].Err = halt
			continue
		}
		if found[i], results[i].Err = s.readOrder(ctx, id); results[i].Err == nil {
			want = append(want, i)
		} else if halts(results[i].Err) {
			halt = results[i].Err
		}
	}
	for part := range slices.Chunk(want, readBatch) {
		items, err := s.readItems(ctx, ids, part)
		for _, i := range part {
			switch {
			case err != nil:
				results[i].Err = err
			case len(items[ids[i]]) == 0:
				results[i].Err = nothing("/orders/items/get")
			default:
				results[i].Order = order(found[i], items[ids[i]])
			}
		}
	}
	return results
}

func (s *seller) readOrder(ctx context.Context, id string) (wireOrder, error) {
	const path = "/order/get"
	var o wireOrder
	env, err := s.do(ctx, call{method: http.MethodGet, path: path, budget: readBudget, params: map[string]string{"order_id": id}})
	if err != nil {
		return o, err
	}
	if err := env.data(path, &o); err != nil {
		return o, err
	}
	if string(o.OrderID) != id {
		return o, nothing(path)
	}
	return o, nil
}

// readItems returns items by order id. The call for several orders fails as a
// whole, or leaves orders out, where it does not know one (§7.4, codes 37 and
// 39); those are then read alone.
func (s *seller) readItems(ctx context.Context, ids []string, part []int) (map[string][]wireItem, error) {
	const path = "/orders/items/get"
	items := map[string][]wireItem{}
	var asked []int64
	for _, i := range part {
		if n, err := strconv.ParseInt(ids[i], 10, 64); err == nil {
			asked = append(asked, n)
		}
	}
	env, err := s.do(ctx, call{method: http.MethodGet, path: path, budget: readBudget, params: map[string]string{"order_ids": list(asked)}})
	if err == nil {
		var data []struct {
			OrderID text       `json:"order_id"`
			Items   []wireItem `json:"order_items"`
		}
		if err := env.data(path, &data); err == nil {
			for _, d := range data {
				items[string(d.OrderID)] = append(items[string(d.OrderID)], d.Items...)
			}
		}
	} else if connector.KindOf(err, false) != connector.NotFound {
		return nil, err
	}
	for _, i := range part {
		if len(items[ids[i]]) > 0 {
			continue
		}
		alone, err := s.readItemsOf(ctx, ids[i])
		if halts(err) {
			return nil, err
		}
		items[ids[i]] = alone
	}
	return items, nil
}

func (s *seller) readItemsOf(ctx context.Context, id string) ([]wireItem, error) {
	const path = "/order/items/get"
	env, err := s.do(ctx, call{method: http.MethodGet, path: path, budget: readBudget, params: map[string]string{"order_id": id}})
	if err != nil {
		return nil, err
	}
	var items []wireItem
	err = env.data(path, &items)
	return items, err
}
