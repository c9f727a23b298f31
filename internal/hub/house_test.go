package hub_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/engine/step"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const shop retail.ShopID = "shop"

var begin = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

// house is a hub with its platforms, worked step by step in virtual time.
type house struct {
	*hub.Hub
	t      *testing.T
	db     *db.DB
	clock  *clock.Virtual
	market *market
	engine *step.Engine
	errors []error // of lanes

	till, bazaar string // connections
}

// each runs a test on both databases, in a house with one shop and nothing
// connected.
func each(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := clock.NewVirtual(begin)
		h := restart(t, d, c, newMarket(c))
		must(t, h.CreateShop(t.Context(), shop, "Gian hàng"))
		must(t, h.SetApp(t.Context(), "bazaar", map[string]string{"app_key": "k", "app_secret": "app secret"}, "", ""))
		f(t, h)
	})
}

// eachConnected is each with the till and the bazaar connected and at rest.
func eachConnected(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	each(t, func(t *testing.T, h *house) {
		h.till = h.connectTill()
		h.bazaar = h.connectBazaar("seller", "b1")
		h.pass(time.Minute)
		if got := h.market.listed[0].Sellable; got != 10 {
			t.Fatalf("the bazaar shows %d, not 10; lanes: %v", got, h.errors)
		}
		h.market.calls = nil
		f(t, h)
	})
}

// restart starts a hub on a database, as a new process does.
func restart(t *testing.T, d *db.DB, c *clock.Virtual, m *market) *house {
	t.Helper()
	v, err := vault.Open(bytes.Repeat([]byte{7}, vault.KeySize))
	must(t, err)
	seed := [32]byte{}
	copy(seed[:], c.Now().String())
	h := &house{t: t, db: d, clock: c, market: m, Hub: hub.New(hub.Config{
		DB: d, Vault: v, Clock: c, Drivers: drivers(m), Transport: m, URL: "http://hub", Random: rand.NewChaCha8(seed),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})}
	h.engine = step.New(c, h.Rows())
	h.Attach(h.engine)
	return h
}

// restarted is the same house after its process has ended.
func (h *house) restarted() *house {
	next := restart(h.t, h.db, h.clock, h.market)
	next.till, next.bazaar = h.till, h.bazaar
	return next
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// now does everything that is due at this moment.
func (h *house) now() {
	h.t.Helper()
	for range 10_000 {
		did, err := h.engine.Step(h.t.Context(), h.Work)
		if err != nil {
			h.errors = append(h.errors, err)
		}
		if !did {
			return
		}
	}
	h.t.Fatal("the hub never comes to rest")
}

// pass lets time pass. Like a real engine it looks every five seconds for rows
// that nobody woke it for.
func (h *house) pass(d time.Duration) {
	h.t.Helper()
	until := h.clock.Now().Add(d)
	for h.now(); h.clock.Now().Before(until); h.now() {
		next := h.clock.Now().Add(5 * time.Second)
		if at, ok := h.engine.Next(); ok && at.Before(next) {
			next = at
		}
		if next.After(until) {
			next = until
		}
		h.clock.Set(next)
	}
}

// poll makes the bazaar's orders known at once.
func (h *house) poll() {
	h.t.Helper()
	must(h.t, h.Sync(h.t.Context(), shop, h.bazaar))
	h.now()
}

func (h *house) read(f func(store.Reader) error) {
	h.t.Helper()
	must(h.t, h.Read(context.Background(), shop, f))
}

func (h *house) write(f func(store.Writer) error) error {
	return h.db.Write(context.Background(), func(tx *db.Tx) error { return f(store.Write(tx, shop)) })
}

// ask has a lane do something and gives its answer.
func (h *house) ask(command string, err error) error {
	h.t.Helper()
	must(h.t, err)
	h.now()
	_, done, err := h.Answer(h.t.Context(), shop, command)
	if !done && err == nil {
		h.t.Fatalf("the lane did not answer; lanes: %v", h.errors)
	}
	return err
}

func (h *house) connectTill() string {
	h.t.Helper()
	ctx := h.t.Context()
	id, err := h.Draft(ctx, shop, "till")
	must(h.t, err)
	must(h.t, h.Fill(ctx, shop, id, map[string]string{"client": "me", "secret": "till secret"}))
	must(h.t, h.ask(h.Ask(ctx, shop, id, "connect", nil)))
	must(h.t, h.Save(ctx, shop, id, nil))
	h.now()
	return id
}

// signIn makes a draft of the bazaar and signs an account in.
func (h *house) signIn(account string) string {
	h.t.Helper()
	ctx := h.t.Context()
	must(h.t, h.Activate(ctx, shop, "bazaar", true))
	id, err := h.Draft(ctx, shop, "bazaar")
	must(h.t, err)
	_, command, err := h.SignedIn(ctx, shop, "bazaar", h.callback(id, account))
	must(h.t, h.ask(command, err))
	return id
}

// callback is what the bazaar sends the owner back with.
func (h *house) callback(id, account string) url.Values {
	h.t.Helper()
	page, err := h.SignInURL(h.t.Context(), shop, id)
	must(h.t, err)
	u, err := url.Parse(page)
	must(h.t, err)
	return url.Values{"state": {u.Query().Get("state")}, "code": {account}}
}

func (h *house) connectBazaar(account, branch string) string {
	h.t.Helper()
	id := h.signIn(account)
	must(h.t, h.Save(h.t.Context(), shop, id, map[string]string{"branch": branch}))
	h.now()
	return id
}

// sell puts an order of n shirts on the bazaar, at a stage.
func (h *house) sell(id string, n int, stage retail.Stage) {
	h.market.mu.Lock()
	defer h.market.mu.Unlock()
	o, known := h.market.sold[id]
	if !known {
		o = retail.Order{ID: id, Number: id, Created: h.clock.Now(), COD: true, Buyer: retail.Contact{ID: "buyer-" + id, Name: "Người mua", Phone: "0900000001"}}
	}
	// What the bazaar shows moves by itself, as on every channel.
	withheld := func(o retail.Order) (units int64) {
		for _, l := range o.Lines {
			if l.Stage.OnShelf() {
				units++
			}
		}
		return units
	}
	l := &h.market.listed[0]
	l.Withheld -= withheld(o)
	if stage == retail.Cancelled {
		l.Sellable += withheld(o)
	}
	if !known {
		l.Sellable -= int64(n)
	}
	if stage.OnShelf() {
		l.Withheld += int64(n)
	}
	o.Updated, o.Lines, o.Total = h.clock.Now(), nil, 0
	for i := range n {
		l := retail.OrderLine{ID: id + string(rune('a'+i)), Code: "AO-DO-L", Key: key, Qty: retail.One, Price: 100_000, Stage: stage, Raw: string(stage)}
		if stage != retail.Pending && stage != retail.Unpaid {
			l.Package = "pk-" + id
		}
		o.Lines, o.Total = append(o.Lines, l), o.Total+l.Price
	}
	h.market.sold[id] = o
}

// problems lists what stands in "Cần xử lý".
func (h *house) problems() (keys []string) {
	h.t.Helper()
	h.read(func(r store.Reader) error {
		all, err := r.Problems()
		for _, p := range all {
			keys = append(keys, p.Problem.Key)
		}
		return err
	})
	return keys
}

// intent returns the newest intent of a kind.
func (h *house) intent(order string, kind retail.IntentKind) (newest store.Intent) {
	h.t.Helper()
	h.read(func(r store.Reader) error {
		all, err := r.IntentsOf(h.bazaar, order)
		for _, i := range all {
			if i.Want.Kind == kind {
				newest = i
			}
		}
		return err
	})
	return newest
}

// once returns a fault that happens to the first call of a route.
func once(route string, f fault) func(string) fault {
	happened := false
	return func(called string) fault {
		if happened || called != route {
			return fault{}
		}
		happened = true
		return f
	}
}
