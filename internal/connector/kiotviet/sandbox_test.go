package kiotviet

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/kiotviet/sandbox"
	"github.com/dongbo/dongbo/internal/retail"
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// stage is a simulated KiotViet with an account opened at it, in one process
// and on a virtual clock.
type stage struct {
	t      *testing.T
	world  *kit.World
	kv     *sandbox.Server
	clock  *clock.Virtual
	driver connector.Driver
	pos    connector.POS
	acc    connector.Account

	mu     sync.Mutex
	token  string
	events []connector.Event
	faults []error // of deliveries
}

func newStage(t *testing.T, switches ...string) *stage {
	t.Helper()
	st := &stage{t: t, clock: clock.NewVirtual(now), driver: Driver()}
	wire := &kit.Transport{}
	client := &http.Client{Transport: wire}
	st.world = kit.NewWorld(1, st.clock, client)
	st.kv = sandbox.New(st.world)
	wire.Serve("kv.test", st.kv)
	wire.Serve("hub.test", http.HandlerFunc(st.receive))
	for i := 0; i+1 < len(switches); i += 2 {
		st.set(switches[i], switches[i+1])
	}
	info := st.kv.Info("https://kv.test")
	st.acc = connector.Account{
		Keys: connector.Keys{Hook: hookSecret, Values: map[string]string{
			"retailer": info["retailer"], "client_id": info["client_id"], "client_secret": info["client_secret"],
		}},
		Base: info["base_url"], AuthBase: info["auth_url"], HTTP: client, Now: st.clock.Now,
		Spend: func(context.Context, string) error { return nil },
	}
	grant, err := st.driver.Auth.Refresh(t.Context(), st.acc, connector.Grant{})
	if err != nil {
		t.Fatal(err)
	}
	st.token = grant.Access
	st.acc.Grant = grant
	st.acc.Token = func(context.Context) (string, error) {
		st.mu.Lock()
		defer st.mu.Unlock()
		return st.token, nil
	}
	st.acc.Renew = func(ctx context.Context, stale string) (string, error) {
		st.mu.Lock()
		defer st.mu.Unlock()
		if st.token == stale {
			g, err := st.driver.Auth.Refresh(ctx, st.acc, grant)
			if err != nil {
				return "", err
			}
			st.token = g.Access
		}
		return st.token, nil
	}
	st.pos = st.driver.POS(st.acc)
	return st
}

// receive is the hub's webhook address.
func (st *stage) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	events, reply, err := st.driver.Webhook(st.acc.Keys, r, body)
	st.mu.Lock()
	st.events = append(st.events, events...)
	if err != nil {
		st.faults = append(st.faults, err)
	}
	st.mu.Unlock()
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body)
}

func (st *stage) set(name, value string) {
	st.t.Helper()
	if err := st.kv.Desk().Set(name, value); err != nil {
		st.t.Fatal(err)
	}
}

// do acts at the desk: name, then pairs of field and value.
func (st *stage) do(action string, pairs ...string) {
	st.t.Helper()
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	if _, err := st.kv.Desk().Do(action, fields); err != nil {
		st.t.Fatalf("%s: %v", action, err)
	}
}

// see returns one ledger row's column as text.
func (st *stage) see(view, column string, filter ...string) []string {
	st.t.Helper()
	want := map[string]string{}
	for i := 0; i+1 < len(filter); i += 2 {
		want[filter[i]] = filter[i+1]
	}
	rows, err := st.kv.Desk().See(view, want)
	if err != nil {
		st.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r[column]))
	}
	return out
}

// settle lets everything scheduled happen and checks the platform's truths.
func (st *stage) settle() {
	st.t.Helper()
	for range 200 {
		st.world.RunDue()
		at, ok := st.world.Next()
		if !ok {
			break
		}
		st.clock.Set(at)
	}
	if err := st.kv.Invariants(); err != nil {
		st.t.Errorf("the shop's truths: %v", err)
	}
}

// got returns what the error is not allowed to hide: nothing failed.
func got[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// product makes goods and returns them as the feed shows them.
func (st *stage) product(code string, pairs ...string) retail.Product {
	st.t.Helper()
	st.do("add_product", append([]string{"code", code, "name", "Hàng " + code}, pairs...)...)
	return st.find(code)
}

func (st *stage) find(code string) retail.Product {
	st.t.Helper()
	for _, p := range st.catalogue() {
		if string(p.Code) == code && !p.Removed {
			return p
		}
	}
	st.t.Fatalf("no product %s in the feed", code)
	return retail.Product{}
}

func (st *stage) catalogue() []retail.Product {
	st.t.Helper()
	var out []retail.Product
	var cursor connector.Cursor
	for {
		page := got(st.pos.Products(st.t.Context(), cursor))(st.t)
		out = append(out, page.Items...)
		if cursor = page.Next; !page.More {
			return out
		}
	}
}

func (st *stage) branch() string {
	st.t.Helper()
	return got(st.pos.Branches(st.t.Context()))(st.t)[0].ID
}

func TestSandboxConnecting(t *testing.T) {
	st := newStage(t)
	g := st.acc.Grant
	if g.AccountID == "" || g.AccountName != sandbox.DefaultRetailer || g.OwnerID == "" || !g.AccessUntil.Equal(now.Add(24*time.Hour)) {
		t.Errorf("%+v", connector.Grant{AccountID: g.AccountID, AccountName: g.AccountName, OwnerID: g.OwnerID, AccessUntil: g.AccessUntil})
	}
	st.do("revoke_tokens")
	if _, err := st.pos.Branches(t.Context()); err != nil {
		t.Errorf("after the tokens were revoked: %v", err)
	}
	wrong := st.acc
	wrong.Values = map[string]string{"retailer": "othershop", "client_id": st.acc.Values["client_id"], "client_secret": "0" + st.acc.Values["client_secret"][1:]}
	_, err := st.driver.Auth.Refresh(t.Context(), wrong, connector.Grant{})
	if e := errorOf(t, err); e.Kind != connector.Unauthorised || e.Problem.Key != "kiotviet.wrong_credentials" {
		t.Errorf("%v", err)
	}
	for _, status := range []string{"401", "420"} {
		st.set("wrong_retailer", status)
		_, err := st.driver.POS(wrong).Branches(t.Context())
		if e := errorOf(t, err); e.Kind != connector.Unauthorised || e.Problem.Key != "kiotviet.wrong_retailer" {
			t.Errorf("wrong retailer as %s: %v", status, err)
		}
	}
}

func TestSandboxCheck(t *testing.T) {
	st := newStage(t)
	for _, p := range got(st.pos.Check(t.Context()))(t) {
		if !strings.Contains(p.Key, "out_of_stock") && p.Key != "kiotviet.selling_reserved_off" {
			t.Errorf("a fresh shop has %+v", p)
		}
	}
}

func TestSandboxCatalogue(t *testing.T) {
	for _, switches := range [][]string{
		{},
		{"removed_key", "documented", "empty_data_omitted", "true", "list_images", "objects"},
		{"removed_key", "removedIds", "combo_on_hand", "computed"},
	} {
		st := newStage(t, switches...)
		branch := st.branch()
		shirt := st.product("AO-DO-L", "price", "125000", "on_hand", "10", "unit", "cái")
		box := st.product("AO-DO-L-T", "unit", "thùng", "conversion", "12", "master_unit_code", "AO-DO-L", "price", "1400000")
		combo := st.product("BO-AO", "type", "combo", "materials", "AO-DO-L×2", "price", "240000")
		if shirt.Per != retail.One || shirt.Price != 125000 || shirt.Kind != retail.Goods || !shirt.Active || shirt.Unit != "cái" {
			t.Errorf("%+v", shirt)
		}
		if len(shirt.Levels) == 0 || shirt.Levels[0].BranchID != branch || shirt.Levels[0].OnHand != retail.Units(10) {
			t.Errorf("levels %+v", shirt.Levels)
		}
		if box.BaseID != shirt.ID || box.Per != retail.Units(12) || box.Levels != nil {
			t.Errorf("%+v", box)
		}
		if combo.Kind != retail.Combo || len(combo.Parts) != 1 || combo.Parts[0] != (retail.Part{ProductID: shirt.ID, Qty: retail.Units(2)}) || combo.Levels != nil {
			t.Errorf("%+v", combo)
		}
		st.do("goods_in", "code", "AO-DO-L", "quantity", "5")
		for _, ids := range [][]string{{shirt.ID}, {shirt.ID, box.ID, combo.ID, "999999999"}} {
			levels := got(st.pos.Levels(t.Context(), ids))(t)
			if !slices.ContainsFunc(levels, func(l retail.Level) bool {
				return l.ProductID == shirt.ID && l.BranchID == branch && l.OnHand == retail.Units(15)
			}) || slices.ContainsFunc(levels, func(l retail.Level) bool { return l.ProductID != shirt.ID }) {
				t.Errorf("%v: %+v", ids, levels)
			}
		}
		page := got(st.pos.Products(t.Context(), ""))(t)
		st.clock.Set(st.clock.Now().Add(time.Hour))
		st.do("edit_product", "code", "AO-DO-L", "price", "130000", "active", "false")
		st.do("delete_product", "code", "BO-AO")
		page = got(st.pos.Products(t.Context(), page.Next))(t)
		var removed, changed bool
		for _, p := range page.Items {
			removed = removed || p.Removed && p.ID == combo.ID
			changed = changed || p.ID == shirt.ID && p.Price == 130000 && !p.Active
		}
		if !removed || !changed {
			t.Errorf("%v: %+v", switches, page.Items)
		}
		st.settle()
	}
}

func TestSandboxCatalogueWhilePagesDrift(t *testing.T) {
	st := newStage(t, "page_drift", "true")
	st.do("seed_products", "count", "350")
	want := st.see("products", "id")
	var have []string
	for _, p := range st.catalogue() {
		have = append(have, p.ID)
	}
	for _, id := range want {
		if !slices.Contains(have, id) {
			t.Errorf("product %s was never read", id)
		}
	}
}

func TestSandboxPriceBooks(t *testing.T) {
	st := newStage(t)
	shirt := st.product("AO", "price", "125000")
	st.do("add_price_book", "name", "Lazada", "active", "true")
	st.do("set_price", "book", "Lazada", "code", "AO", "price", "99000")
	books := got(st.pos.PriceBooks(t.Context()))(t)
	i := slices.IndexFunc(books, func(b retail.PriceBook) bool { return b.Name == "Lazada" })
	if i < 0 || books[0].ID != retail.GeneralBook || !books[i].Active {
		t.Fatalf("%+v", books)
	}
	lines := got(st.pos.Prices(t.Context(), books[i].ID, ""))(t)
	if len(lines.Items) != 1 || lines.Items[0] != (retail.PriceLine{BookID: books[i].ID, ProductID: shirt.ID, Price: 99000}) {
		t.Errorf("%+v", lines.Items)
	}
	general := got(st.pos.Prices(t.Context(), retail.GeneralBook, ""))(t)
	if !slices.Contains(general.Items, retail.PriceLine{BookID: "0", ProductID: shirt.ID, Price: 125000}) {
		t.Errorf("%+v", general.Items)
	}
}

func TestSandboxLongPriceBook(t *testing.T) {
	st := newStage(t)
	st.do("seed_products", "count", "250")
	st.do("add_price_book", "name", "Lazada", "active", "true")
	codes := st.see("products", "code")
	for _, code := range codes {
		st.do("set_price", "book", "Lazada", "code", code, "price", "99000")
	}
	book := got(st.pos.PriceBooks(t.Context()))(t)[1].ID
	seen := map[string]bool{}
	var cursor connector.Cursor
	for pages := 1; ; pages++ {
		page := got(st.pos.Prices(t.Context(), book, cursor))(t)
		for _, l := range page.Items {
			seen[l.ProductID] = true
		}
		if cursor = page.Next; !page.More {
			if len(seen) != len(codes) || pages != 3 {
				t.Errorf("%d of %d lines in %d pages", len(seen), len(codes), pages)
			}
			return
		}
	}
}

// rule: LZD-18
func TestSandboxCustomers(t *testing.T) {
	for _, search := range []string{"loose", "normalised", "exact"} {
		for _, envelope := range []string{"wrapped", "flat"} {
			for _, stored := range []string{"0900000001", "84900000001", "+84900000001"} {
				st := newStage(t, "phone_search", search, "customer_write_envelope", envelope)
				if found := got(st.pos.FindCustomers(t.Context(), "+84900000001"))(t); len(found) != 0 {
					t.Fatalf("%+v", found)
				}
				made := got(st.pos.CreateCustomer(t.Context(), retail.Customer{Code: "KHLZD1", Name: "Trần Thử", Phone: "+84900000001", BranchID: st.branch()}))(t)
				if have := st.see("customers", "phone", "code", "KHLZD1"); !slices.Equal(have, []string{"0900000001"}) {
					t.Errorf("stored as %v", have)
				}
				st.do("edit_customer", "code", "KHLZD1", "phone", stored)
				found := got(st.pos.FindCustomers(t.Context(), "+84900000001"))(t)
				if len(found) != 1 || found[0].ID != made.ID {
					t.Errorf("%s, stored as %s: %+v", search, stored, found)
				}
				if c := got(st.pos.CustomerByCode(t.Context(), "KHLZD1"))(t); c.ID != made.ID {
					t.Errorf("%+v", c)
				}
				_, err := st.pos.CreateCustomer(t.Context(), retail.Customer{Code: "KHLZD1", Name: "Trần Thử", Phone: "+84900000002"})
				if connector.KindOf(err, true) != connector.Exists {
					t.Errorf("the same code again: %v", err)
				}
				_, err = st.pos.CustomerByCode(t.Context(), "KHLZD2")
				if connector.KindOf(err, false) != connector.NotFound {
					t.Errorf("an unknown code: %v", err)
				}
				st.settle()
			}
		}
	}
	st := newStage(t, "customer_row_without_phone", "true")
	st.do("add_customer", "code", "KH1", "name", "A", "phone", "0900000001")
	if found := got(st.pos.FindCustomers(t.Context(), "+84900000001"))(t); len(found) != 1 {
		t.Errorf("a sole row without its number: %+v", found)
	}
	st = newStage(t, "masked_customers", "masked")
	st.do("add_customer", "code", "KH1", "name", "Nguyễn Văn A", "phone", "0900000001")
	if found := got(st.pos.FindCustomers(t.Context(), "+84900000001"))(t); len(found) != 0 {
		t.Errorf("a masked row: %+v", found)
	}
}
