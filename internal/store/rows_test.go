package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// same compares what was stored with what is read back.
func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-stored +read):\n%s", what, diff)
	}
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		read(t, d, "a", func(r store.Reader) error {
			c, _, err := r.Connection("c1")
			same(t, "connection", connection("c1"), c)
			p, _, err2 := r.Product("p1")
			same(t, "product", product, p)
			l, _, err3 := r.Level("p0", "b1")
			same(t, "level", level, l)
			b, _, err4 := r.PriceBook("k1")
			same(t, "price book", book, b)
			i, _, err5 := r.Intent("i1")
			same(t, "intent", intent("i1", store.IntentOpen), i)
			o, _, err6 := r.OrderByPOS("900")
			same(t, "order", store.Order{Connection: "c1", ID: "o1", Number: "N1", Stage: retail.Ready, Total: 7, Created: start, Updated: after(time.Second), Read: after(time.Minute), Stuck: true,
				Seen: retail.Order{ID: "o1", Note: "ghi chú"}, State: retail.OrderState{CustomerID: "k", POS: retail.POSDoc{ID: "900", Code: "DHLZD_o1"}}, Why: retail.Why{Key: "why"}}, o)
			return errors.Join(err, err2, err3, err4, err5, err6)
		})
	})
}

func TestSavingAConnection(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		c := connection("c1")
		c.State, c.Name, c.AccountID, c.AccountName, c.OwnerID, c.BranchID = store.Live, "n", "x", "X", "78", "b2"
		c.Settings, c.Sealed, c.StockWord, c.ActiveFrom, c.Updated = store.ConnectionSettings{}, []byte{8}, "sellable", after(time.Hour), after(time.Hour)
		c.Grant, c.GrantUntil, c.NotBefore, c.OrdersUntil = []byte{9}, wide, after(time.Minute), after(time.Minute)
		write(t, d, "a", func(w store.Writer) error {
			return each(w.SaveConnection(c), w.SaveGrant("c1", []byte{9}, wide, "x", "X", "78"), w.SetNotBefore("c1", after(time.Minute)),
				w.SetStockWord("c1", "sellable"), w.SetOrdersUntil("c1", after(time.Minute)), w.SetOrdersUntil("c1", start), // never back
				w.SetCursor("c1", "orders", ""), w.SetBudgets("c1", "b"))
		})
		read(t, d, "a", func(r store.Reader) error {
			got, _, err := r.Connection("c1")
			same(t, "connection", c, got)
			cursor, err2 := r.Cursor("c1", "orders")
			budgets, err3 := r.Budgets("c1")
			if cursor != "" || budgets != "b" {
				t.Errorf("cursor %q, budgets %q", cursor, budgets)
			}
			return errors.Join(err, err2, err3)
		})
	})
}

// rule: LZD-09
func TestLZD09ADeletedConnectionForgetsItsSecretsAndItsWork(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		calling := intent("i2", store.IntentCalling)
		calling.OrderID = "o2"
		write(t, d, "a", func(w store.Writer) error { return each(w.CreateIntent(calling), w.DeleteConnection("c1", wide)) })
		read(t, d, "a", func(r store.Reader) error {
			c, found, err := r.Connection("c1")
			if !found || c.State != store.Deleted || c.Sealed != nil || c.Grant != nil {
				t.Errorf("left: %+v", c)
			}
			left, err2 := r.LooksOf("c1")
			listings, err3 := r.Listings("c1")
			taken, err4 := r.Allocations("p0")
			cursor, err5 := r.Cursor("c1", "orders")
			if len(left)+len(listings)+len(taken) != 0 || cursor != "" {
				t.Errorf("left: looks %v, listings %v, allocations %v, cursor %q", left, listings, taken, cursor)
			}
			i1, _, err6 := r.Intent("i1")
			i2, _, err7 := r.Intent("i2")
			if i1.State != store.IntentSuperseded || i2.State != store.IntentCalling {
				t.Errorf("an open intent is %s, one under way %s", i1.State, i2.State)
			}
			all, err8 := r.Connections()
			if len(all) != 1 || all[0].ID != "c2" {
				t.Errorf("still listed: %+v", all)
			}
			history, err9 := r.History(store.HistoryFilter{Connection: "c1", Limit: 1})
			if len(history) != 1 {
				t.Error("its history is gone")
			}
			return errors.Join(err, err2, err3, err4, err5, err6, err7, err8, err9)
		})
	})
}

func TestTheCatalogue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		gone := retail.Product{ID: "p9", Code: "AO-DO-L", Removed: true}
		unit := retail.Product{ID: "p2", Code: "AO-DO-L", BaseID: "p0", Per: retail.One}
		combo := product
		combo.Parts = []retail.Part{{ProductID: "p8", Qty: retail.One}, {ProductID: "p8", Qty: retail.One}}
		write(t, d, "a", func(w store.Writer) error {
			return each(w.PutProduct(gone), w.PutProduct(unit), w.PutProduct(combo), w.PutProduct(retail.Product{ID: "p0", Code: "AO-0"}))
		})
		read(t, d, "a", func(r store.Reader) error {
			byCode, err := r.ProductsByCode("AO-DO-L")
			if len(byCode) != 2 || byCode[0].ID != "p1" || byCode[1].ID != "p2" {
				t.Errorf("with the code: %+v", byCode)
			}
			all, err2 := r.Products()
			if len(all) != 4 {
				t.Errorf("%d products", len(all))
			}
			units, err3 := r.Siblings("p0")
			if !slices.Equal(units, []string{"p0", "p1", "p2"}) {
				t.Errorf("units of p0: %v", units)
			}
			old, err4 := r.Siblings("p7")
			combos, err5 := r.Siblings("p8")
			if len(old) != 0 || !slices.Equal(combos, []string{"p1"}) {
				t.Errorf("combos of the old part %v, of the new one %v", old, combos)
			}
			return errors.Join(err, err2, err3, err4, err5)
		})
		for _, c := range []struct {
			l       retail.Level
			changed bool
		}{
			{retail.Level{ProductID: "p0", BranchID: "b1", OnHand: -1500, Reserved: 2000, At: wide}, false},
			{retail.Level{ProductID: "p0", BranchID: "b1", OnHand: -1500, Reserved: 1000, At: wide}, true},
			{retail.Level{ProductID: "p0", BranchID: "b0", OnHand: 0, At: wide}, true},
		} {
			write(t, d, "a", func(w store.Writer) error {
				changed, err := w.PutLevel(c.l)
				if changed != c.changed {
					t.Errorf("%+v changed: %t", c.l, changed)
				}
				return err
			})
		}
		read(t, d, "a", func(r store.Reader) error {
			levels, err := r.Levels("p0")
			if len(levels) != 2 || levels[0].BranchID != "b0" || !levels[1].At.Equal(wide) {
				t.Errorf("levels %+v", levels)
			}
			return err
		})
	})
}

func TestPriceBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		write(t, d, "a", func(w store.Writer) error {
			return each(w.PutPriceBooks([]retail.PriceBook{book, {ID: "k2"}}),
				w.PutPrice(retail.PriceLine{BookID: "k2", ProductID: "p1", Price: 1}), w.PutPrice(retail.PriceLine{BookID: "k1", ProductID: "p1", Price: 77_000}),
				w.PutPrice(retail.PriceLine{BookID: "k1", ProductID: "p2", Price: 5}), w.PutPrice(retail.PriceLine{BookID: "k1", ProductID: "p2", Removed: true}))
		})
		read(t, d, "a", func(r store.Reader) error {
			prices, err := r.PricesOf("k1")
			same(t, "prices", map[string]retail.Money{"p1": 77_000}, prices)
			return err
		})
		// A book that is gone takes its prices with it.
		write(t, d, "a", func(w store.Writer) error { return w.PutPriceBooks([]retail.PriceBook{book}) })
		write(t, d, "a", func(w store.Writer) error { return w.PutPriceBooks([]retail.PriceBook{book, {ID: "k2"}}) })
		read(t, d, "a", func(r store.Reader) error {
			_, there, err := r.Price("k2", "p1")
			kept, _, err2 := r.Price("k1", "p1")
			if there || kept != 77_000 {
				t.Errorf("of the book that came back: %t; of the other: %d", there, kept)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestAllocationsAreReplacedWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		was := retail.Allocation{LineID: "l1", ProductID: "p0", BranchID: "b1", Promised: retail.Units(24), Reserved: retail.Units(24), Key: key, Own: 1}
		moved := was
		moved.ProductID = "p5"
		for _, c := range []struct {
			name    string
			now     []retail.Allocation
			touched []string
		}{
			{"nothing moved", []retail.Allocation{was}, nil},
			{"another product: both are touched", []retail.Allocation{moved}, []string{"p0", "p5"}},
			{"a second line", []retail.Allocation{moved, {LineID: "l2", ProductID: "p6", BranchID: "b1", Promised: 1, Key: key, Own: 3}}, []string{"p5", "p6"}},
			{"none", nil, []string{"p5", "p6"}},
		} {
			write(t, d, "a", func(w store.Writer) error {
				touched, err := w.SetAllocations("c1", "o1", c.now)
				slices.Sort(touched)
				same(t, c.name+": touched", c.touched, touched)
				return err
			})
			read(t, d, "a", func(r store.Reader) error {
				var want, got int64
				for _, a := range c.now {
					want += a.Own
				}
				got, err := r.Own("c1", key)
				if got != want {
					t.Errorf("%s: the channel subtracts %d, not %d", c.name, got, want)
				}
				return err
			})
		}
	})
}

func TestOrdersNewestFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, "a", func(w store.Writer) error {
			var errs []error
			for i, id := range []string{"o1", "o2", "o3"} {
				errs = append(errs, w.PutOrder(store.Order{Connection: "c1", ID: id, Created: after(time.Duration(i) * time.Minute), Stuck: id == "o2"}))
			}
			return each(errs...)
		})
		ids := func(all []store.Order) (out []string) {
			for _, o := range all {
				out = append(out, o.ID)
			}
			return out
		}
		read(t, d, "a", func(r store.Reader) error {
			newest, err := r.Orders(time.Time{}, 2)
			older, err2 := r.Orders(after(time.Minute), 9)
			stuck, err3 := r.StuckOrders()
			if !slices.Equal(ids(newest), []string{"o3", "o2"}) || !slices.Equal(ids(older), []string{"o1"}) || !slices.Equal(ids(stuck), []string{"o2"}) {
				t.Errorf("newest %v, older %v, stuck %v", ids(newest), ids(older), ids(stuck))
			}
			// An order that is not in the POS has no POS order, not every one.
			_, found, err4 := r.OrderByPOS("")
			if found {
				t.Error("an order without a POS order was found by none")
			}
			return errors.Join(err, err2, err3, err4)
		})
	})
}
