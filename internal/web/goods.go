package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

const perPage = 50

// goodsData is one page of a channel's listings.
type goodsData struct {
	channels []connectionRow
	chosen   store.Connection
	driver   connector.Driver
	filter   goodsFilter
	counts   map[string]int
	rows     []goodsRow
	total    int
}

// goodsFilter is what the address says.
type goodsFilter struct {
	connection, state, query string
	page                     int
}

func (f goodsFilter) with(state string, page int) string {
	q := url.Values{}
	for k, v := range map[string]string{"connection": f.connection, "state": state, "q": f.query} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return "?" + q.Encode()
}

// goodsRow is one listing beside its product.
type goodsRow struct {
	store.Listing
	product retail.Product
	word    connector.StockWord
}

// wants is the number that the channel should show, in its own word.
func (r goodsRow) wants() int64 {
	if r.word == connector.SellableStock {
		return r.WantSellable
	}
	return r.WantSellable + r.WantOwn
}

// shows is the number that the channel showed when it was last read.
func (r goodsRow) shows() int64 {
	if r.word == connector.SellableStock {
		return r.Seen.Sellable
	}
	return r.Seen.Total()
}

func (r goodsRow) linked() bool { return r.Link == "linked" }

// state is where the synchronisation of the listing stands.
func (r goodsRow) state() string {
	switch {
	case !r.linked():
		return "off"
	case r.Attempts > 0 && (r.StockDirty || r.PriceDirty):
		return "retry"
	case r.StockDirty || r.PriceDirty:
		return "due"
	case r.SentStock < 0:
		return "never"
	case r.shows() != r.wants():
		return "differs"
	}
	return "same"
}

// goodsStates are the filters of the page, in order.
var goodsStates = []string{"", "linked", "due", "only_there", "near_miss", "ambiguous", "ambiguous_here", "no_code"}

func (f goodsFilter) match(r goodsRow) bool {
	switch f.state {
	case "":
	case "due":
		if !r.StockDirty && !r.PriceDirty {
			return false
		}
	default:
		if r.Link != f.state {
			return false
		}
	}
	return f.query == "" || contains(f.query, string(r.Code), r.Name, string(r.Near), r.Key.ItemID, r.Key.SKUID)
}

// contains tells whether any of the texts holds what was searched for, whatever
// the letter case.
func contains(query string, texts ...string) bool {
	query = strings.ToLower(query)
	for _, t := range texts {
		if strings.Contains(strings.ToLower(t), query) {
			return true
		}
	}
	return false
}

func (c *console) goods(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "goods"
	q := r.URL.Query()
	n, _ := strconv.Atoi(q.Get("page"))
	f := goodsFilter{connection: q.Get("connection"), state: q.Get("state"), query: strings.TrimSpace(q.Get("q")), page: max(1, n)}
	var d goodsData
	err := p.read(r.Context(), func(rd store.Reader) error {
		d = goodsData{filter: f, counts: map[string]int{}}
		all, err := rd.Connections()
		if err != nil {
			return err
		}
		for _, o := range all {
			if driver := p.driver(o.Platform); isChannel(driver) {
				d.channels = append(d.channels, connectionRow{Connection: o, driver: driver})
				if d.chosen.ID == "" || o.ID == f.connection {
					d.chosen, d.driver = o, driver
				}
			}
		}
		if d.chosen.ID == "" {
			return nil
		}
		listings, err := rd.Listings(d.chosen.ID)
		if err != nil {
			return err
		}
		for _, l := range listings {
			row := goodsRow{Listing: l, word: connector.StockWord(d.chosen.StockWord)}
			d.counts[""]++
			d.counts[l.Link]++
			if l.StockDirty || l.PriceDirty {
				d.counts["due"]++
			}
			if f.match(row) {
				d.rows = append(d.rows, row)
			}
		}
		d.total = len(d.rows)
		from := min((f.page-1)*perPage, d.total)
		d.rows = d.rows[from:min(from+perPage, d.total)]
		for i := range d.rows {
			if d.rows[i].ProductID == "" {
				continue
			}
			if d.rows[i].product, _, err = rd.Product(d.rows[i].ProductID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, goodsView(p, d))
}

// pages is how many pages n rows fill.
func pages(n int) int { return max(1, (n+perPage-1)/perPage) }

// orAll names the filter that filters nothing.
func orAll(state string) string {
	if state == "" {
		return "all"
	}
	return state
}

func orUnknown(link string) string {
	if link == "" {
		return "unknown"
	}
	return link
}

func goodsName(r goodsRow) string {
	switch {
	case r.Name != "":
		return r.Name
	case r.product.Name != "":
		return r.product.Name
	}
	return string(r.Code)
}

// linkColour is how a verdict of matching looks.
func linkColour(link string) string {
	switch link {
	case "linked":
		return "green"
	case "near_miss", "ambiguous", "ambiguous_here":
		return "orange"
	}
	return "secondary"
}

// syncColour is how the state of a listing's synchronisation looks.
func syncColour(state string) string {
	switch state {
	case "same":
		return "green"
	case "due":
		return "blue"
	case "retry", "differs":
		return "orange"
	}
	return "secondary"
}

// moneyOr prints the wanted price of a linked listing, else the one seen.
func moneyOr(p *page, linked bool, want, seen retail.Money) string {
	switch {
	case linked && want > 0:
		return p.money(want)
	case seen > 0:
		return p.money(seen)
	}
	return "–"
}
