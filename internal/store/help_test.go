package store_test

import (
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var start = time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// read runs f on one shop's rows.
func read(t *testing.T, d *db.DB, shop retail.ShopID, f func(store.Reader) error) {
	t.Helper()
	must(t, d.Read(t.Context(), func(v *db.View) error { return f(store.Read(v, shop)) }))
}

// try is write for what may be refused.
func try(t *testing.T, d *db.DB, shop retail.ShopID, f func(store.Writer) error) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *db.Tx) error { return f(store.Write(tx, shop)) })
}

func write(t *testing.T, d *db.DB, shop retail.ShopID, f func(store.Writer) error) {
	t.Helper()
	must(t, try(t, d, shop, f))
}

// each runs several statements that return an error alone.
func each(steps ...error) error {
	for _, err := range steps {
		if err != nil {
			return err
		}
	}
	return nil
}

var (
	key     = retail.ListingKey{ItemID: "item", SKUID: "sku"}
	product = retail.Product{ID: "p1", Code: "AO-DO-L", Name: "Áo đỏ", Kind: retail.Combo, BaseID: "p0", Per: retail.Units(24), Price: 99_000, Active: true,
		Parts: []retail.Part{{ProductID: "p7", Qty: retail.One}}, Modified: after(time.Minute)}
	level = retail.Level{ProductID: "p0", BranchID: "b1", OnHand: -1500, Reserved: 2000, At: after(time.Second)}
	book  = retail.PriceBook{ID: "k1", Name: "Khuyến mại", Active: true, From: start, To: after(time.Hour), Branches: []string{"b1"}}
)

func connection(id string) store.Connection {
	return store.Connection{
		Shop: "a", ID: id, Platform: "lazada", State: store.Draft, Name: "Lazada · Thử", AccountID: "acc-" + id, AccountName: "Thử", OwnerID: "77", BranchID: "b1",
		Settings: store.ConnectionSettings{Values: map[string]string{"branch": "b1"}, Paused: map[string]bool{"stock": true}, Rule: retail.Formula{Percent: 50}},
		Sealed:   []byte{1}, Grant: []byte{2}, GrantUntil: after(time.Hour), HookToken: "tok", StockWord: "total", OrdersUntil: after(time.Second), NotBefore: after(time.Minute),
		ActiveFrom: after(time.Hour), Created: start, Updated: start,
	}
}

func intent(id string, state store.IntentState) store.Intent {
	return store.Intent{ID: id, Lane: "c2", Connection: "c1", OrderID: "o1", State: state, Due: after(time.Minute), Deadline: after(time.Second), Attempts: 1, Misses: 1,
		Want:  retail.Intent{Kind: retail.CreateInvoice, Part: "pkg", Rule: "LZD-27", Invoice: &retail.Invoice{Code: "HDLZD_1.1"}},
		Error: retail.Problem{Key: "x.y"}, Created: start, Updated: start}
}

// populate writes at least one row of everything into shop a.
func populate(t *testing.T, d *db.DB) {
	t.Helper()
	write(t, d, "a", func(w store.Writer) error {
		c1, c2 := connection("c1"), connection("c2")
		c2.Platform, c2.BranchID = "kiotviet", ""
		return each(
			w.CreateShop("Gian hàng A", start), w.SetFeature("lazada", true, start),
			w.CreateConnection(c1), w.CreateConnection(c2),
			w.SetCursor("c1", "orders", "17"), w.SetBudgets("c1", `{"qps":{}}`),
			w.PutBranches([]retail.Branch{{ID: "b1", Name: "Kho chính"}}), w.PutPriceBooks([]retail.PriceBook{book}),
			w.PutPrice(retail.PriceLine{BookID: "k1", ProductID: "p1", Price: 88_000}), w.PutProduct(product), putLevel(w, level),
			w.SeeListing("c1", retail.Listing{Key: key, Code: "AO-DO-L", Name: "Áo", Sellable: 4, Withheld: 1}),
			w.LinkListing("c1", key, "linked", "p1", ""),
			w.WantStock(store.Listing{Connection: "c1", Key: key}, 5, 1, retail.Why{Key: "w", Value: "5"}, start, true),
			w.WantPrices(store.Listing{Connection: "c1", Key: key}, retail.Prices{List: 9, Special: 8, From: start}, retail.Why{Key: "p"}, true),
			w.PutOrder(store.Order{Connection: "c1", ID: "o1", Number: "N1", Stage: retail.Ready, Total: 7, Created: start, Updated: after(time.Second), Read: after(time.Minute), Stuck: true,
				Seen: retail.Order{ID: "o1", Note: "ghi chú"}, State: retail.OrderState{CustomerID: "k", POS: retail.POSDoc{ID: "900", Code: "DHLZD_o1"}}, Why: retail.Why{Key: "why"}}),
			setAllocations(w, "c1", "o1", []retail.Allocation{{LineID: "l1", ProductID: "p0", BranchID: "b1", Promised: retail.Units(24), Reserved: retail.Units(24), Key: key, Own: 1}}),
			w.SetBuyer("c1", "buyer", "cust"),
			w.CreateIntent(intent("i1", store.IntentOpen)),
			w.MarkLook(store.Look{Connection: "c1", Kind: "order", Key: "o1", Urgency: 20, Due: start, Since: start, Hint: "h"}),
			w.AddDelivery(store.Delivery{ID: "d1", Connection: "c1", Platform: "lazada", Verdict: "accepted", At: start, Sealed: []byte{3}}),
			w.AddCommand(store.Command{ID: "m1", Connection: "c1", Kind: "check", Args: []byte{4}, At: start}),
			w.AddHistory(store.Entry{ID: "h1", Connection: "c1", Kind: store.OrderHistory, Object: "order o1", Event: "history.x", Outcome: "done", Cause: "i1", Attempt: "t1",
				Detail: store.Detail{Args: map[string]any{"code": "DH"}, Why: retail.Why{Key: "k"}, Problem: &retail.Problem{Key: "q"}}, At: start}),
			w.BeginAttempt(store.Attempt{ID: "t1", Connection: "c1", Route: "POST /orders", Cause: "i1", At: start}),
			w.RaiseProblem("c1", retail.Problem{Key: "k", Object: "order o1", Args: map[string]any{"order": "N1"}}, start),
		)
	})
}

func putLevel(w store.Writer, l retail.Level) error {
	_, err := w.PutLevel(l)
	return err
}

func setAllocations(w store.Writer, connection, order string, now []retail.Allocation) error {
	_, err := w.SetAllocations(connection, order, now)
	return err
}
