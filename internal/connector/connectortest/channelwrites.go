package connectortest

import (
	"slices"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// stockRows asks for qty, qty+1, … of listings in order.
func (h ChannelHarness) stockRows(b *Bench, c connector.Channel, codes []retail.SKU, qty int64) []connector.StockRow {
	b.Helper()
	var rows []connector.StockRow
	for part := range slices.Chunk(codes, h.Driver.Limits.ListingBatch) {
		on := h.listed(b, c, part...)
		for _, code := range part {
			rows = append(rows, connector.StockRow{Key: on[code].Key, Code: code, Word: h.Word, Qty: qty + int64(len(rows))})
		}
	}
	return rows
}

func (h ChannelHarness) stock(b *Bench, c connector.Channel) {
	if c.SetStock == nil {
		b.Skip("not offered")
	}
	codes := h.AddListings(b, h.Driver.Limits.StockBatch)
	rows := h.stockRows(b, c, codes, 20)
	b.outcomes(c.SetStock(b.ctx(), rows), len(rows), nil)
	h.stockIs(b, c, rows)
	// Absolute: the same again changes nothing.
	b.outcomes(c.SetStock(b.ctx(), rows), len(rows), nil)
	h.stockIs(b, c, rows)
	if got := c.SetStock(b.ctx(), nil); len(got) != 0 {
		b.Errorf("%d results for no rows", len(got))
	}
}

func (h ChannelHarness) stockIs(b *Bench, c connector.Channel, rows []connector.StockRow) {
	b.Helper()
	for part := range slices.Chunk(rows, h.Driver.Limits.ListingBatch) {
		var codes []retail.SKU
		for _, r := range part {
			codes = append(codes, r.Code)
		}
		on := h.listed(b, c, codes...)
		for _, r := range part {
			got := on[r.Code].Sellable
			if r.Word == connector.TotalStock {
				got = on[r.Code].Total()
			}
			if got != r.Qty {
				b.Errorf("%s shows %d, sent %d", r.Code, got, r.Qty)
			}
		}
	}
}

// outcomes checks that all rows but some were done.
func (b *Bench) outcomes(got []connector.Result, rows int, refused map[int]bool) {
	b.Helper()
	if len(got) != rows {
		b.Fatalf("%d results for %d rows", len(got), rows)
	}
	for i, r := range got {
		_ = b.saw(r.Err)
		want := connector.Done
		if refused[i] {
			want = connector.Refused
		}
		if r.Outcome != want {
			b.Errorf("row %d is %s (%v), want %s", i, r.Outcome, r.Err, want)
		}
	}
}

func (h ChannelHarness) prices(b *Bench, c connector.Channel) {
	if c.SetPrice == nil {
		b.Skip("not offered")
	}
	codes := h.AddListings(b, h.Driver.Limits.PriceBatch)
	var rows []connector.PriceRow
	for i, r := range h.stockRows(b, c, codes, 0) {
		up := price + retail.Money(1000*i)
		rows = append(rows, connector.PriceRow{Key: r.Key, Code: r.Code, Price: up, Special: up - 5000})
	}
	check := func(when string) {
		b.Helper()
		b.outcomes(c.SetPrice(b.ctx(), rows), len(rows), nil)
		on := h.listed(b, c, codes...)
		for _, r := range rows {
			l := on[r.Code]
			special := l.Special
			if special == 0 {
				special = l.Price
			}
			if l.Price != r.Price || special != r.Special {
				b.Errorf("%s: %s shows %d and %d, sent %d and %d", when, r.Code, l.Price, l.Special, r.Price, r.Special)
			}
		}
	}
	check("a promotion")
	for i := range rows {
		rows[i].Price -= 20_000 // below the special price that is stored
		rows[i].Special = rows[i].Price
	}
	check("no promotion, and a list price below the old special price")
	now := b.World.Now()
	for i := range rows {
		rows[i].Price += 50_000
		rows[i].From, rows[i].To = now.AddDate(0, 0, -1), now.AddDate(0, 0, 1)
	}
	check("a promotion with a period")
}

// goodRows are three listings to write with a bad one between them.
func (h ChannelHarness) badRow(b *Bench, c connector.Channel) {
	codes := h.AddListings(b, 3)
	rows := h.stockRows(b, c, codes, 30)
	if c.SetStock != nil {
		with := slices.Insert(slices.Clone(rows), 1, connector.StockRow{Key: h.Missing, Code: "NO-SUCH-CODE", Word: h.Word, Qty: 5})
		got := c.SetStock(b.ctx(), with)
		b.outcomes(got, len(with), map[int]bool{1: true})
		b.wants("a listing that does not exist", got[1].Err, true, connector.NotFound)
		h.stockIs(b, c, rows)
	}
	if c.SetPrice != nil {
		var with []connector.PriceRow
		for _, r := range rows {
			with = append(with, connector.PriceRow{Key: r.Key, Code: r.Code, Price: 90_000, Special: 80_000})
		}
		with = slices.Insert(with, 2, connector.PriceRow{Key: h.Missing, Code: "NO-SUCH-CODE", Price: 90_000, Special: 80_000})
		got := c.SetPrice(b.ctx(), with)
		b.outcomes(got, len(with), map[int]bool{2: true})
		for code, l := range h.listed(b, c, codes...) {
			if l.Price != 90_000 {
				b.Errorf("%s was not written beside the bad row", code)
			}
		}
	}
}

// lost loses the reply of a write that was carried out (rule: SYN-01).
func (h ChannelHarness) lost(b *Bench, c connector.Channel) {
	if c.SetStock == nil || h.StockRoute == "" {
		b.Skip("not offered")
	}
	codes := h.AddListings(b, 3)
	for i, kind := range []string{sandbox.FaultDropAfter, sandbox.FaultCutBody, sandbox.FaultHTML, sandbox.FaultDropBefore} {
		rows := h.stockRows(b, c, codes, int64(40+10*i))
		since := b.seq()
		b.once(h.StockRoute, kind)
		for n, r := range c.SetStock(b.ctx(), rows) {
			_ = b.saw(r.Err)
			if r.Outcome != connector.Unknown || connector.KindOf(r.Err, true) != connector.Uncertain {
				b.Errorf("%s: row %d is %s, %v", kind, n, r.Outcome, r.Err)
			}
		}
		if n := b.calls(since, h.StockRoute); n != 1 {
			b.Errorf("%s: the write was sent %d times", kind, n)
		}
		if kind == sandbox.FaultDropAfter || kind == sandbox.FaultCutBody {
			h.stockIs(b, c, rows)
		}
	}
}

func (h ChannelHarness) lostRead(b *Bench, c connector.Channel) {
	codes := h.AddListings(b, 1)
	for _, kind := range []string{sandbox.FaultDropBefore, sandbox.FaultDropAfter, sandbox.FaultCutBody, sandbox.FaultHTML} {
		b.once("*", kind)
		_, err := c.ReadListings(b.ctx(), codes)
		b.wants(kind, err, false, connector.Temporary)
	}
}

func (h ChannelHarness) refusal(b *Bench, c connector.Channel, r Refusal) {
	codes := h.AddListings(b, 1)
	row := h.stockRows(b, c, codes, r.Qty)[0]
	var id string
	if r.Act == ReadOrder {
		id = h.PlaceOrders(b, 1, codes[0])[0]
		b.Pass(1)
	}
	if r.Row != (retail.ListingKey{}) {
		row.Key = r.Row
	}
	if r.Word != "" {
		row.Word = r.Word
	}
	b.slowed = r.Kind == connector.Throttled
	if r.Arrange != nil {
		r.Arrange(b)
	}
	var err error
	outcome := connector.Refused
	write := func(got []connector.Result) {
		if len(got) != 1 {
			b.Fatalf("%d results for one row", len(got))
		}
		outcome, err = got[0].Outcome, got[0].Err
		want := r.Outcome
		if want == "" {
			want = connector.Refused
		}
		if outcome != want {
			b.Errorf("the row is %s (%v), want %s", outcome, err, want)
		}
	}
	switch r.Act {
	case ListOrders:
		_, err = c.Orders(b.ctx(), "")
	case ListListings:
		_, err = c.Listings(b.ctx(), "")
	case ReadOrder:
		err = c.Read(b.ctx(), []string{id})[0].Err
	case ReadListing:
		_, err = c.ReadListings(b.ctx(), codes)
	case WriteStock:
		write(c.SetStock(b.ctx(), []connector.StockRow{row}))
	case WritePrice:
		pair := r.Pair
		if pair == 0 {
			pair = price
		}
		write(c.SetPrice(b.ctx(), []connector.PriceRow{{Key: row.Key, Code: row.Code, Price: price, Special: pair}}))
	}
	if r.Kind == "" {
		_ = b.saw(err)
		return
	}
	b.wants(r.Name, err, r.Act == WriteStock || r.Act == WritePrice, r.Kind)
	if e, ok := asError(err); ok && r.Problem != "" && e.Problem.Key != r.Problem {
		b.Errorf("the problem is %s, want %s", e.Problem.Key, r.Problem)
	}
	if e, ok := asError(err); ok && e.Kind == connector.Throttled && e.After <= 0 {
		b.Log("throttled without saying for how long")
	}
}
