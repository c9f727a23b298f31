package web

import (
	"net/http"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/text"
)

// overviewData is what the first page shows.
type overviewData struct {
	connections      []connectionRow
	today            []store.Order
	sum              retail.Money
	waits, intents   int
	looks            int
	stock, prices    int
	linked, listings int
	problems         []store.Problem
	entries          []store.Entry
	platforms        map[string]string // by connection
	hasPOS           bool
	hasChannel       bool
}

func (c *console) overview(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "overview"
	var d overviewData
	err := p.read(r.Context(), func(rd store.Reader) (err error) {
		d = overviewData{platforms: map[string]string{}}
		if d.connections, err = p.readConnections(rd); err != nil {
			return err
		}
		for _, row := range d.connections {
			d.platforms[row.ID] = row.Platform
			d.looks, d.intents, d.stock, d.prices = d.looks+row.looks, d.intents+row.intents, d.stock+row.stock, d.prices+row.prices
			d.linked, d.listings = d.linked+row.linked, d.listings+row.listings
			d.hasPOS = d.hasPOS || row.isPOS() && row.State == store.Live
			d.hasChannel = d.hasChannel || !row.isPOS() && row.State == store.Live
		}
		d.waits = d.looks + d.intents + d.stock + d.prices
		orders, err := rd.Orders(p.now.AddDate(1, 0, 0), 500)
		if err != nil {
			return err
		}
		for _, o := range orders {
			if !o.Created.Before(text.Day(p.now)) {
				d.today = append(d.today, o)
				if o.Stage != retail.Cancelled {
					d.sum += o.Total
				}
			}
		}
		if d.problems, err = rd.Problems(); err != nil {
			return err
		}
		d.entries, err = rd.History(store.HistoryFilter{Limit: 8})
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, overviewView(p, d))
}

// first returns at most n of a list.
func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

// waitsText says what it is that waits.
func waitsText(p *page, d overviewData) string {
	if d.waits == 0 {
		return p.Say("overview.waits.none")
	}
	return p.Say("overview.waits.of", "stock", d.stock, "prices", d.prices, "intents", d.intents, "looks", d.looks)
}
