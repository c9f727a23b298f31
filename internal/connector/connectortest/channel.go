package connectortest

import (
	"reflect"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// ChannelHarness is what the suite needs to know of a channel.
type ChannelHarness struct {
	Setup
	// AddListings puts n products on sale, at a price of 100,000 đồng and with
	// ten units each, and returns their codes.
	AddListings func(b *Bench, n int) []retail.SKU
	// PlaceOrders lets buyers order one unit of a product in n orders and
	// returns the orders' ids.
	PlaceOrders func(b *Bench, n int, code retail.SKU) []string
	// Many and ManyOrders are enough for three pages of the feeds.
	Many, ManyOrders int
	// Missing is a listing, and MissingOrder an order, that do not exist.
	Missing      retail.ListingKey
	MissingOrder string
	// Word is a stock word that the channel takes.
	Word connector.StockWord
	// StockRoute and PriceRoute are the patterns of the write calls.
	StockRoute, PriceRoute string
	// Rows counts the rows, or keys, that a call in the journal held, and names
	// the limit that counts for it.
	Rows     func(sandbox.Entry) (rows int, limit Limit)
	Refusals []Refusal
	// Subscribe points the platform's pushes at an address, and PushRoute is the
	// pattern of their routes in fault rules.
	Subscribe func(b *Bench, url string)
	PushRoute string
}

// Limit names one of connector.Limits.
type Limit string

const (
	NoLimit      Limit = ""
	StockLimit   Limit = "stock"
	PriceLimit   Limit = "price"
	ReadLimit    Limit = "read"
	ListingLimit Limit = "listing"
)

// Act is what a refusal answers.
type Act string

const (
	ListOrders   Act = "list orders"
	ListListings Act = "list listings"
	ReadOrder    Act = "read an order"
	ReadListing  Act = "read a listing"
	WriteStock   Act = "write stock"
	WritePrice   Act = "write a price"
)

// Refusal is one way in which the platform says no.
type Refusal struct {
	Name    string
	Arrange func(b *Bench) // a Fault, a switch or an act; the first listing is what is written
	Act     Act
	// Row replaces the listing that is written; zero: the first one.
	Row  retail.ListingKey
	Qty  int64        // of WriteStock
	Pair retail.Money // special price of WritePrice; 0: equal to the list price
	Word connector.StockWord
	// What must come of it. After Done no error may be of another kind.
	Outcome connector.Outcome // of a write; "" means Refused
	Kind    connector.Kind
	Problem string // "" any
}

const price retail.Money = 100_000

// Channel runs the suite on a sales channel.
func Channel(t *testing.T, h ChannelHarness) {
	seen := &notes{problems: map[string]bool{}}
	run := func(name string, f func(*Bench, connector.Channel)) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, h.Setup, seen)
			f(b, h.Driver.Channel(b.Account))
			h.batches(b)
		})
	}
	t.Run("driver", func(t *testing.T) {
		driver(t, h.Driver)
		if h.Driver.Channel == nil {
			t.Fatal("not a channel")
		}
	})
	run("a nil capability has no limit", h.capabilities)
	run("orders resume after a kill", h.orders)
	run("listings resume after a kill", h.listings)
	run("orders are read in order", h.read)
	run("stock is written", h.stock)
	run("prices are written", h.prices)
	run("one bad row spoils no other", h.badRow)
	run("a lost reply is unknown", h.lost)
	run("a lost read is temporary", h.lostRead)
	run("one refresh for twenty callers", func(b *Bench, c connector.Channel) {
		codes := h.AddListings(b, 1)
		oneRefresh(b, func() error { _, err := c.ReadListings(b.ctx(), codes); return err })
	})
	for _, r := range h.Refusals {
		run("refusal: "+r.Name, func(b *Bench, c connector.Channel) { h.refusal(b, c, r) })
	}
	run("pushes", h.pushes)
	run("check", func(b *Bench, c connector.Channel) {
		if c.Check == nil {
			b.Skip("not offered")
		}
		problems, err := c.Check(b.ctx())
		if b.saw(err) != nil || len(problems) > 0 {
			b.Errorf("a healthy account has problems %v, %v", problems, err)
		}
	})
	t.Run("words", func(t *testing.T) { words(t, h.Driver, seen) })
}

func (h ChannelHarness) capabilities(b *Bench, c connector.Channel) {
	l := h.Driver.Limits
	for name, differ := range map[string]bool{
		"SetStock":     (c.SetStock == nil) != (l.StockBatch == 0),
		"SetPrice":     (c.SetPrice == nil) != (l.PriceBatch == 0),
		"Read":         (c.Read == nil) != (l.ReadBatch == 0),
		"ReadListings": (c.ReadListings == nil) != (l.ListingBatch == 0),
		"Orders":       (c.Orders == nil) != (c.Read == nil),
	} {
		if differ {
			b.Errorf("%s and its limit do not agree", name)
		}
	}
	if c.SetPrice == nil {
		for _, f := range h.Driver.Form {
			if f.Kind == connector.PriceBookField {
				b.Errorf("the form asks for %s, but prices are not offered", f.Name)
			}
		}
	}
	if len(h.Driver.Flow) == 0 && c.Orders != nil {
		b.Error("orders without a flow")
	}
}

// batches checks the journal against Limits.
func (h ChannelHarness) batches(b *Bench) {
	if h.Rows == nil {
		return
	}
	l := h.Driver.Limits
	most := map[Limit]int{StockLimit: l.StockBatch, PriceLimit: l.PriceBatch, ReadLimit: l.ReadBatch, ListingLimit: l.ListingBatch}
	for _, e := range b.World.Journal.Since(0) {
		if rows, limit := h.Rows(e); limit != NoLimit && rows > most[limit] {
			b.Errorf("call %d (%s) holds %d rows, the %s limit is %d", e.Seq, e.Route, rows, limit, most[limit])
		}
	}
}

func (h ChannelHarness) orders(b *Bench, c connector.Channel) {
	if c.Orders == nil {
		b.Skip("not offered")
	}
	code := h.AddListings(b, 1)[0]
	var want []string
	for len(want) < h.ManyOrders {
		want = append(want, h.PlaceOrders(b, min(10, h.ManyOrders-len(want)), code)...)
		b.Pass(7 * time.Second)
	}
	b.Pass(time.Minute)
	id := func(k retail.OrderKey) string { return k.ID }
	last := feedResumes(b, func() connector.Feed[retail.OrderKey] { return h.Driver.Channel(b.Account).Orders }, id, want, 3)
	b.Pass(time.Hour)
	more := h.PlaceOrders(b, 1, code)[0]
	b.Pass(time.Minute)
	if !brings(b, h.Driver.Channel(b.Account).Orders, last, id, more) {
		b.Error("an order placed later is not listed after the last cursor")
	}
}

func (h ChannelHarness) listings(b *Bench, c connector.Channel) {
	if c.Listings == nil {
		b.Skip("not offered")
	}
	var want []string
	for _, code := range h.AddListings(b, h.Many) {
		want = append(want, string(code))
	}
	b.Pass(time.Minute)
	id := func(l retail.Listing) string { return string(l.Code) }
	last := feedResumes(b, func() connector.Feed[retail.Listing] { return h.Driver.Channel(b.Account).Listings }, id, want, 3)
	b.Pass(time.Hour)
	more := h.AddListings(b, 1)[0]
	b.Pass(time.Minute)
	if !brings(b, h.Driver.Channel(b.Account).Listings, last, id, string(more)) {
		b.Error("a product added later is not listed after the last cursor")
	}
}

func (h ChannelHarness) read(b *Bench, c connector.Channel) {
	if c.Read == nil {
		b.Skip("not offered")
	}
	code := h.AddListings(b, 1)[0]
	ids := h.PlaceOrders(b, 3, code)
	b.Pass(time.Minute)
	asked := []string{ids[0], h.MissingOrder, ids[1], ids[2]}
	got := c.Read(b.ctx(), asked)
	if len(got) != len(asked) {
		b.Fatalf("%d results for %d orders", len(got), len(asked))
	}
	for i, r := range got {
		if asked[i] == h.MissingOrder {
			b.wants("an order that does not exist", r.Err, false, connector.NotFound)
			continue
		}
		if b.saw(r.Err) != nil {
			b.Fatal(r.Err)
		}
		o := r.Order
		var sum retail.Money
		for _, l := range o.Lines {
			sum += l.Qty.Times(l.Price-l.Discount) + l.Shipping
			if l.Code != code || l.ID == "" || l.Stage == "" || l.Stage == retail.Unknown {
				b.Errorf("line %+v", l)
			}
		}
		if o.ID != asked[i] || len(o.Lines) != 1 || o.Total != sum || o.Created.IsZero() || o.Updated.IsZero() {
			b.Errorf("asked for %s, got %+v", asked[i], o)
		}
	}
}

// listed reads listings by code.
func (h ChannelHarness) listed(b *Bench, c connector.Channel, codes ...retail.SKU) map[retail.SKU]retail.Listing {
	b.Helper()
	all, err := c.ReadListings(b.ctx(), codes)
	if b.saw(err) != nil {
		b.Fatalf("reading listings: %v", err)
	}
	out := map[retail.SKU]retail.Listing{}
	for _, l := range all {
		out[l.Code] = l
	}
	for _, code := range codes {
		if _, ok := out[code]; !ok {
			b.Fatalf("%s is not listed", code)
		}
	}
	return out
}

func (h ChannelHarness) pushes(b *Bench, c connector.Channel) {
	if h.Subscribe == nil || h.Driver.Webhook == nil {
		b.Skip("not offered")
	}
	h.Subscribe(b, hook)
	b.Pass(time.Minute)
	b.received()
	code := h.AddListings(b, 1)[0]
	id := h.PlaceOrders(b, 1, code)[0]
	b.Pass(time.Minute)
	webhooks(b, b.received(), func(e connector.Event) bool { return e.Object == connector.OrderObject && e.ID == id })
	Fault(h.PushRoute, sandbox.FaultForge)(b)
	h.PlaceOrders(b, 1, code)
	b.Pass(time.Minute)
	forged := b.received()
	if len(forged) == 0 {
		b.Error("nothing was forged")
	}
	for _, p := range forged {
		refused(b, "a forged push", b.Account.Keys, p, p.body)
	}
}

// webhooks checks deliveries that the platform signed.
func webhooks(b *Bench, got []pushed, wanted func(connector.Event) bool) {
	b.Helper()
	found := false
	for _, p := range got {
		first, reply, err := b.Setup.Driver.Webhook(b.Account.Keys, p.request, p.body)
		if b.saw(err) != nil || reply.Status != 200 {
			b.Errorf("a good push: %d, %v", reply.Status, err)
		}
		again, _, err := b.Setup.Driver.Webhook(b.Account.Keys, p.request, p.body)
		if err != nil || !reflect.DeepEqual(again, first) {
			b.Errorf("repeated, a push means %+v instead of %+v (%v)", again, first, err)
		}
		for _, e := range first {
			found = found || wanted(e)
			if e.Account != "" && e.Account != b.Account.Grant.AccountID {
				b.Errorf("a push for account %s", e.Account)
			}
		}
		refused(b, "a changed body", b.Account.Keys, p, append([]byte(" "), p.body...))
		keys := b.Account.Keys
		keys.AppSecret, keys.Hook = keys.AppSecret+"x", keys.Hook+"x"
		refused(b, "another secret", keys, p, p.body)
	}
	if !found {
		b.Errorf("%d pushes, none about what happened", len(got))
	}
}

func refused(b *Bench, what string, keys connector.Keys, p pushed, body []byte) {
	b.Helper()
	events, reply, err := b.Setup.Driver.Webhook(keys, p.request, body)
	b.wants(what, err, false, connector.Forbidden)
	if len(events) > 0 || reply.Status == 0 {
		b.Errorf("%s: %d events, reply %d", what, len(events), reply.Status)
	}
}
