package web

import (
	"maps"
	"net/http"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// whyData explains one listing's numbers (SYN-07).
type whyData struct {
	goodsRow
	connection store.Connection
	driver     connector.Driver
	branches   map[string]string
	level      retail.Level // of the connection's branch
	counted    bool         // the point of sale has told a level
	entries    []store.Entry
}

func (c *console) why(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "goods"
	var d whyData
	err := p.read(r.Context(), func(rd store.Reader) error {
		connection, found, err := rd.Connection(r.PathValue("connection"))
		if err != nil {
			return err
		}
		l, there, err := rd.Listing(r.PathValue("connection"), retail.ListingKey{ItemID: r.PathValue("item"), SKUID: r.PathValue("sku")})
		if err == nil && (!found || !there) {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		d = whyData{connection: connection, driver: p.driver(connection.Platform), goodsRow: goodsRow{Listing: l, word: connector.StockWord(connection.StockWord)}}
		if l.ProductID != "" {
			if d.product, _, err = rd.Product(l.ProductID); err != nil {
				return err
			}
		}
		if d.branches, err = branchNames(rd); err != nil {
			return err
		}
		if d.level, d.counted, err = rd.Level(d.product.Base(), connection.BranchID); err != nil {
			return err
		}
		d.entries, err = rd.History(store.HistoryFilter{Connection: l.Connection, Object: "sku " + string(l.Code), Limit: 15})
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, whyView(p, d))
}

// whyText says one line of an explanation. names gives branches their names.
func (p *page) whyText(x retail.Why, names map[string]string) string {
	args := maps.Clone(x.Args)
	if args == nil {
		args = map[string]any{}
	}
	if id, ok := args["branch"].(string); ok && names[id] != "" {
		args["branch"] = names[id]
	}
	args["value"] = x.Value
	if p.Has("why." + x.Key) {
		return p.T("why."+x.Key, p.named(args))
	}
	return p.Say("why.unknown", "key", x.Key)
}

// levelText is what the point of sale says that it has.
func levelText(p *page, d whyData) string {
	if !d.counted {
		return ""
	}
	return p.qty(d.level.OnHand)
}

func levelUnder(p *page, d whyData) string {
	if !d.counted {
		return string(d.product.Code)
	}
	return p.Say("hop.level", "reserved", p.qty(d.level.Reserved), "when", p.since(d.level.At))
}

func wantedText(p *page, d whyData) string {
	if !d.linked() {
		return ""
	}
	return p.Number(d.wants())
}

func sentText(p *page, d whyData) string {
	if d.SentStock < 0 {
		return ""
	}
	return p.Number(d.SentStock)
}

func sentWhen(p *page, d whyData) string {
	if d.SentStock < 0 {
		return p.Say("sync.never")
	}
	return p.Say("hop.at", "when", p.since(d.SentAt))
}

// notLinked says why there is nothing to explain.
func notLinked(p *page, d whyData) string {
	if d.Link == "near_miss" {
		return p.Say("goods.rename", "near", string(d.Near), "channel", d.driver.Name)
	}
	return p.Say("why.none."+orUnknown(d.Link), "channel", d.driver.Name)
}
