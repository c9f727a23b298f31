package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// historyData is "Lịch sử thao tác" (LZD-31).
type historyData struct {
	rows        []store.Entry
	kind        store.HistoryKind
	connection  string
	connections []store.Connection
	platforms   map[string]string
	more        string
}

// historyKinds are the filters, in order.
var historyKinds = []store.HistoryKind{"", store.GoodsHistory, store.OrderHistory, store.InvoiceHistory, store.ConnectionHistory}

func (d historyData) with(kind store.HistoryKind, before time.Time) string {
	q := url.Values{}
	if kind != "" {
		q.Set("kind", string(kind))
	}
	if d.connection != "" {
		q.Set("connection", d.connection)
	}
	if !before.IsZero() {
		q.Set("before", before.Format(time.RFC3339Nano))
	}
	return "?" + q.Encode()
}

func (c *console) history(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "history"
	q := r.URL.Query()
	before, _ := time.Parse(time.RFC3339Nano, q.Get("before"))
	d := historyData{kind: store.HistoryKind(q.Get("kind")), connection: q.Get("connection")}
	err := p.read(r.Context(), func(rd store.Reader) (err error) {
		d.platforms = map[string]string{}
		if d.connections, err = rd.Connections(); err != nil {
			return err
		}
		for _, o := range d.connections {
			d.platforms[o.ID] = o.Platform
		}
		d.rows, err = p.older(rd, store.HistoryFilter{Connection: d.connection, Kind: d.kind, Before: before}, q.Get("after"))
		return err
	})
	if err != nil {
		return err
	}
	if len(d.rows) == perPage {
		last := d.rows[perPage-1]
		d.more = d.with(d.kind, last.At) + "&after=" + last.ID
	}
	return p.render(w, r, http.StatusOK, historyView(p, d))
}

// older lists a page of history that follows the line with the id after. Lines
// of one moment are many (a batch writes them together), so the moment alone
// does not tell where to go on.
func (p *page) older(r store.Reader, f store.HistoryFilter, after string) ([]store.Entry, error) {
	f.Limit = perPage
	if after == "" {
		return r.History(f)
	}
	f.Before = f.Before.Add(time.Microsecond)
	for f.Limit = 4 * perPage; ; f.Limit *= 4 {
		found, err := r.History(f)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(found, func(e store.Entry) bool { return e.ID == after })
		if i >= 0 && len(found) >= i+1+perPage || len(found) < f.Limit || f.Limit > depth {
			return first(found[i+1:], perPage), nil
		}
	}
}

// entryData is one line of history with all that is known about it.
type entryData struct {
	store.Entry
	connection store.Connection
	driver     connector.Driver
	branches   map[string]string
	intent     *store.Intent
	attempts   []store.Attempt
}

func (c *console) entry(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "history"
	var d entryData
	err := p.read(r.Context(), func(rd store.Reader) error {
		e, found, err := rd.Entry(r.PathValue("id"))
		if err == nil && !found {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		d = entryData{Entry: e}
		if d.connection, _, err = rd.Connection(e.Connection); err != nil {
			return err
		}
		d.driver = p.driver(d.connection.Platform)
		if d.branches, err = branchNames(rd); err != nil || e.Cause == "" {
			return err
		}
		i, found, err := rd.Intent(e.Cause)
		if err != nil {
			return err
		}
		if found {
			d.intent = &i
		}
		d.attempts, err = rd.Attempts(e.Cause)
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, entryView(p, d))
}

// event says a line of history.
func (p *page) event(e store.Entry, platform string) string {
	args := p.named(e.Detail.Args)
	args["channel"] = p.driver(platform).Name
	if _, ok := args["order"]; !ok {
		args["order"] = strings.TrimPrefix(e.Object, "order ")
	}
	if _, ok := args["code"]; !ok {
		args["code"] = strings.TrimPrefix(e.Object, "sku ")
	}
	if !p.Has(e.Event) {
		return p.Say("history.unknown", "key", e.Event)
	}
	return p.T(e.Event, args)
}

// object is the page of what something is about; "" if it has none.
func (p *page) object(connection, object string) string {
	kind, id, ok := parts(object)
	switch {
	case ok && kind == "order":
		return p.to("orders", connection, id)
	case ok && kind == "sku":
		return p.to("goods") + "?" + url.Values{"connection": {connection}, "q": {id}}.Encode()
	case object == "connection", object == "check", object == "hook", object == "hooks", object == "price_book":
		return p.to("connections", connection)
	}
	return ""
}

// parts takes an object apart: "sku AO-DO-L stock." is a SKU, and which of its
// numbers is meant.
func parts(object string) (kind, id string, ok bool) {
	kind, id, ok = strings.Cut(object, " ")
	if kind == "sku" {
		id = strings.TrimSuffix(strings.TrimSuffix(id, " stock."), " price.")
	}
	return kind, id, ok
}

// objectName is what something is called.
func (p *page) objectName(object string) string {
	kind, id, _ := parts(object)
	if key := "object." + kind; p.Has(key) {
		return p.Say(key, "id", id)
	}
	return object
}

// outcomeColour is how an outcome looks.
func outcomeColour(outcome string) string {
	switch connector.Outcome(outcome) {
	case connector.Done, "answered": // a call that came back; what it said is the entry's outcome
		return "green"
	case connector.Refused:
		return "red"
	case connector.Unknown:
		return "yellow"
	}
	return "secondary"
}

// hasWhy tells whether there is anything to explain.
func hasWhy(x retail.Why) bool { return x.Key != "" }

// entryIcons are the pictures of the kinds of history.
var entryIcons = map[store.HistoryKind]string{
	store.GoodsHistory: "package", store.OrderHistory: "receipt", store.InvoiceHistory: "file-invoice", store.ConnectionHistory: "plug-connected",
}

func entryIcon(k store.HistoryKind) string {
	if name, ok := entryIcons[k]; ok {
		return name
	}
	return "info-circle"
}

// causeText says what set an entry off.
func causeText(p *page, d entryData) string {
	kind, _, _ := strings.Cut(d.Cause, " ")
	switch {
	case d.intent != nil:
		return p.Say("entry.cause.intent", "what", p.Say("intent."+string(d.intent.Want.Kind)), "when", p.Exact(d.intent.Created))
	case p.Has("entry.cause." + kind):
		return p.Say("entry.cause." + kind)
	}
	return p.Say("entry.cause.hub")
}

// problemPlatform is whose words a problem is in: documents are the POS's,
// goods and sign-ins the channel's.
func problemPlatform(p *page, d entryData) string {
	if d.intent != nil {
		return p.posDriver().ID
	}
	return d.connection.Platform
}
