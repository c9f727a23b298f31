package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// ordersData is a list of orders, newest first.
type ordersData struct {
	rows      []store.Order
	filter    ordersFilter
	platforms map[string]string
	more      bool // there is another page
	any       bool // the shop has orders at all
}

type ordersFilter struct {
	show, query string
	page        int
}

// ordersShown are the filters, in order; each is a set of stages.
var ordersShown = []string{"", "new", "packing", "moving", "done", "back", "cancelled", "stuck", "held"}

var shownStages = map[string][]retail.Stage{
	"new":       {retail.Unpaid, retail.Pending},
	"packing":   {retail.Packed, retail.ReadyPending, retail.Ready},
	"moving":    {retail.Shipped},
	"done":      {retail.Delivered},
	"back":      {retail.Failed, retail.BackAtSeller, retail.Returned, retail.Lost},
	"cancelled": {retail.Cancelled},
}

func (f ordersFilter) match(o store.Order) bool {
	switch {
	case f.show == "stuck" && !o.Stuck, f.show == "held" && !held(o):
		return false
	case shownStages[f.show] != nil && !slices.Contains(shownStages[f.show], o.Stage):
		return false
	}
	return f.query == "" || contains(f.query, o.ID, o.Number, o.State.POS.Code)
}

func (f ordersFilter) with(show string, page int) string {
	q := url.Values{}
	if show != "" {
		q.Set("show", show)
	}
	if f.query != "" {
		q.Set("q", f.query)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return "?" + q.Encode()
}

// depth bounds how many orders a page looks through, the newest first.
const depth = 5000

func (c *console) orders(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "orders"
	q := r.URL.Query()
	n, _ := strconv.Atoi(q.Get("page"))
	f := ordersFilter{show: q.Get("show"), query: strings.TrimSpace(q.Get("q")), page: max(1, n)}
	var d ordersData
	err := p.read(r.Context(), func(rd store.Reader) error {
		d = ordersData{filter: f, platforms: map[string]string{}}
		all, err := rd.Connections()
		if err != nil {
			return err
		}
		for _, o := range all {
			d.platforms[o.ID] = o.Platform
		}
		// One more than the page holds tells whether there is another.
		limit := min(depth, f.page*perPage+1)
		if f.show != "" || f.query != "" {
			limit = depth
		}
		var found []store.Order
		if f.show == "stuck" {
			found, err = rd.StuckOrders()
			slices.Reverse(found)
		} else {
			found, err = rd.Orders(time.Time{}, limit)
		}
		if err != nil {
			return err
		}
		d.any = len(found) > 0
		for _, o := range found {
			if f.match(o) {
				d.rows = append(d.rows, o)
			}
		}
		from := min((f.page-1)*perPage, len(d.rows))
		d.more = len(d.rows) > from+perPage
		d.rows = d.rows[from:min(from+perPage, len(d.rows))]
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, ordersView(p, d))
}

func orderNumber(o store.Order) string {
	if o.Number != "" {
		return o.Number
	}
	return o.ID
}

func invoices(o store.Order) int {
	n := 0
	for _, x := range o.State.Packages {
		if x.Invoice.ID != "" {
			n++
		}
	}
	return n
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
