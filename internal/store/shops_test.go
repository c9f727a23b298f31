package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/google/go-cmp/cmp"
)

// wide is later than anything populate writes.
var wide = after(24 * time.Hour)

// questions asks a reader everything there is to ask about populate's rows, by
// the names of its methods.
var questions = map[string]func(r store.Reader) (any, error){
	"Allocations":       func(r store.Reader) (any, error) { return r.Allocations("p0") },
	"Attempts":          func(r store.Reader) (any, error) { return r.Attempts("i1") },
	"Branches":          func(r store.Reader) (any, error) { return r.Branches() },
	"Budgets":           func(r store.Reader) (any, error) { return r.Budgets("c1") },
	"Buyer":             func(r store.Reader) (any, error) { return r.Buyer("c1", "buyer") },
	"Command":           func(r store.Reader) (any, error) { return found(r.Command("m1")) },
	"Connection":        func(r store.Reader) (any, error) { return found(r.Connection("c1")) },
	"Connections":       func(r store.Reader) (any, error) { return r.Connections() },
	"Cursor":            func(r store.Reader) (any, error) { return r.Cursor("c1", "orders") },
	"Deliveries":        func(r store.Reader) (any, error) { return r.Deliveries(time.Time{}, 9) },
	"DirtyPrices":       func(r store.Reader) (any, error) { return r.DirtyPrices("c1", wide, 9) },
	"DirtyStock":        func(r store.Reader) (any, error) { return r.DirtyStock("c1", wide, 9) },
	"DueIntents":        func(r store.Reader) (any, error) { return r.DueIntents("c2", wide, 9) },
	"DueLooks":          func(r store.Reader) (any, error) { return r.DueLooks("c1", wide, 9) },
	"Entry":             func(r store.Reader) (any, error) { return found(r.Entry("h1")) },
	"Feature":           func(r store.Reader) (any, error) { return r.Feature("lazada") },
	"HasLooks":          func(r store.Reader) (any, error) { return r.HasLooks("c1", "order") },
	"History":           func(r store.Reader) (any, error) { return r.History(store.HistoryFilter{Limit: 9}) },
	"Intent":            func(r store.Reader) (any, error) { return found(r.Intent("i1")) },
	"IntentsOf":         func(r store.Reader) (any, error) { return r.IntentsOf("c1", "o1") },
	"Level":             func(r store.Reader) (any, error) { return found(r.Level("p0", "b1")) },
	"Levels":            func(r store.Reader) (any, error) { return r.Levels("p0") },
	"Listing":           func(r store.Reader) (any, error) { return found(r.Listing("c1", key)) },
	"Listings":          func(r store.Reader) (any, error) { return r.Listings("c1") },
	"ListingsOfProduct": func(r store.Reader) (any, error) { return r.ListingsOfProduct("p1") },
	"LiveIntents":       func(r store.Reader) (any, error) { return r.LiveIntents("c1", "o1") },
	"LooksOf":           func(r store.Reader) (any, error) { return r.LooksOf("c1") },
	"NextDue":           func(r store.Reader) (any, error) { return r.NextDue("c2") },
	"Order":             func(r store.Reader) (any, error) { return found(r.Order("c1", "o1")) },
	"OrderByPOSCode":    func(r store.Reader) (any, error) { return found(r.OrderByPOSCode("DHLZD_o1")) },
	"OrderByPOS":        func(r store.Reader) (any, error) { return found(r.OrderByPOS("900")) },
	"Orders":            func(r store.Reader) (any, error) { return r.Orders(time.Time{}, 9) },
	"Own":               func(r store.Reader) (any, error) { return r.Own("c1", key) },
	"Price":             func(r store.Reader) (any, error) { return found(r.Price("k1", "p1")) },
	"PriceBook":         func(r store.Reader) (any, error) { return found(r.PriceBook("k1")) },
	"PriceBooks":        func(r store.Reader) (any, error) { return r.PriceBooks() },
	"PricesOf":          func(r store.Reader) (any, error) { return r.PricesOf("k1") },
	"Problems":          func(r store.Reader) (any, error) { return r.Problems() },
	"Product":           func(r store.Reader) (any, error) { return found(r.Product("p1")) },
	"Products":          func(r store.Reader) (any, error) { return r.Products() },
	"ProductsByCode":    func(r store.Reader) (any, error) { return r.ProductsByCode("AO-DO-L") },
	"ReadShop":          func(r store.Reader) (any, error) { return found(r.ReadShop()) },
	"Siblings":          func(r store.Reader) (any, error) { return r.Siblings("p0") },
	"StuckOrders":       func(r store.Reader) (any, error) { return r.StuckOrders() },
}

// found turns "not found" into nil.
func found[T any](v T, ok bool, err error) (any, error) {
	if !ok {
		return nil, err
	}
	return v, err
}

// snapshot is every answer of a reader, as text.
func snapshot(t *testing.T, d *db.DB, shop retail.ShopID) map[string]string {
	t.Helper()
	out := map[string]string{}
	read(t, d, shop, func(r store.Reader) error {
		for name, ask := range questions {
			v, err := ask(r)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if empty(v) {
				continue
			}
			text, err := json.Marshal(v)
			must(t, err)
			out[name] = string(text)
		}
		return nil
	})
	return out
}

func empty(v any) bool {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.IsZero() {
		return true
	}
	return (rv.Kind() == reflect.Slice || rv.Kind() == reflect.Map) && rv.Len() == 0
}

// rule: SYN-05
func TestSYN05AnotherShopSeesNothing(t *testing.T) {
	// A question that nobody asks here would be a hole in the proof.
	for m := range reflect.TypeFor[store.Reader]().Methods() {
		if questions[m.Name] == nil && m.Name != "App" && m.Name != "Shop" { // the operator's keys; its own name
			t.Errorf("%s is not among the questions: it may see another shop", m.Name)
		}
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		mine := snapshot(t, d, "a")
		for name := range questions {
			if mine[name] == "" {
				t.Errorf("%s finds nothing of the shop's own", name)
			}
		}
		write(t, d, "b", func(w store.Writer) error { return w.CreateShop("B", start) })
		theirs := snapshot(t, d, "b")
		delete(theirs, "ReadShop")
		if len(theirs) != 0 {
			t.Errorf("shop b sees %v", theirs)
		}
	})
}

// Every write that shop b makes about shop a's ids leaves a's rows alone.
//
// rule: SYN-05
func TestSYN05AnotherShopTouchesNothing(t *testing.T) {
	l := store.Listing{Connection: "c1", Key: key, StockSeq: 1, PriceSeq: 1}
	look := store.Look{Connection: "c1", Kind: "order", Key: "o1", Seq: 1, Due: wide, Since: wide, Hint: "other"}
	writes := map[string]func(w store.Writer) error{
		"AddCommand": func(w store.Writer) error {
			return w.AddCommand(store.Command{ID: "m1", Connection: "c1", Args: []byte{9}})
		},
		"AddDelivery":      func(w store.Writer) error { return w.AddDelivery(store.Delivery{ID: "d1", Sealed: []byte{9}}) },
		"AddHistory":       func(w store.Writer) error { return w.AddHistory(store.Entry{ID: "h1"}) },
		"AnswerCommand":    func(w store.Writer) error { return w.AnswerCommand("m1", "done", "{}") },
		"BeginAttempt":     func(w store.Writer) error { return w.BeginAttempt(store.Attempt{ID: "t1", Cause: "i1"}) },
		"CreateConnection": func(w store.Writer) error { return w.CreateConnection(connection("c9")) },
		"CreateIntent":     func(w store.Writer) error { return w.CreateIntent(intent("i1", store.IntentOpen)) },
		"CreateShop":       func(w store.Writer) error { return w.CreateShop("B", start) },
		"DelayListing":     func(w store.Writer) error { return w.DelayListing(l, wide) },
		"DelayListingOnly": func(w store.Writer) error { return w.DelayListingOnly(l, wide) },
		"DelayLook":        func(w store.Writer) error { return w.DelayLook(look, wide, 5, "x") },
		"DeleteConnection": func(w store.Writer) error { return w.DeleteConnection("c1", wide) },
		"DoubtStock":       func(w store.Writer) error { return w.DoubtStock(l, 0) },
		"DropListing":      func(w store.Writer) error { return w.DropListing("c1", key) },
		"DropLook":         func(w store.Writer) error { return w.DropLook(look) },
		"EndAttempt":       func(w store.Writer) error { return w.EndAttempt(store.Attempt{ID: "t1", Outcome: "x", Ended: wide}) },
		"LinkListing":      func(w store.Writer) error { return w.LinkListing("c1", key, "x", "x", "x") },
		"Lock":             func(w store.Writer) error { return w.Lock() },
		"MarkLook":         func(w store.Writer) error { return w.MarkLook(look) },
		"PutBranches":      func(w store.Writer) error { return w.PutBranches(nil) },
		"PutLevel": func(w store.Writer) error {
			return putLevel(w, retail.Level{ProductID: "p0", BranchID: "b1", OnHand: 9})
		},
		"PutOrder": func(w store.Writer) error { return w.PutOrder(store.Order{Connection: "c1", ID: "o1"}) },
		"PutPrice": func(w store.Writer) error {
			return w.PutPrice(retail.PriceLine{BookID: "k1", ProductID: "p1", Removed: true})
		},
		"PutPriceBooks": func(w store.Writer) error { return w.PutPriceBooks(nil) },
		"PutProduct":    func(w store.Writer) error { return w.PutProduct(retail.Product{ID: "p1", Name: "other"}) },
		"RaiseProblem": func(w store.Writer) error {
			return w.RaiseProblem("c1", retail.Problem{Key: "k", Object: "order o1"}, wide)
		},
		"ReleaseHeld":    func(w store.Writer) error { return w.ReleaseHeld("c2", start) },
		"SaveConnection": func(w store.Writer) error { return w.SaveConnection(store.Connection{ID: "c1", State: store.Live}) },
		"SaveGrant":      func(w store.Writer) error { return w.SaveGrant("c1", []byte{9}, wide, "x", "x", "x") },
		"SaveIntent":     func(w store.Writer) error { return w.SaveIntent(intent("i1", store.IntentDone)) },
		"SeeListing":     func(w store.Writer) error { return w.SeeListing("c1", retail.Listing{Key: key, Code: "x"}) },
		"SentPrices":     func(w store.Writer) error { return w.SentPrices(l, retail.Prices{List: 1}) },
		"SentStock":      func(w store.Writer) error { return w.SentStock(l, 1, wide) },
		"SetAllocations": func(w store.Writer) error { return setAllocations(w, "c1", "o1", nil) },
		"SetBudgets":     func(w store.Writer) error { return w.SetBudgets("c1", "x") },
		"SetBuyer":       func(w store.Writer) error { return w.SetBuyer("c1", "buyer", "x") },
		"SetCursor":      func(w store.Writer) error { return w.SetCursor("c1", "orders", "x") },
		"SetFeature":     func(w store.Writer) error { return w.SetFeature("lazada", false, wide) },
		"SetNotBefore":   func(w store.Writer) error { return w.SetNotBefore("c1", wide) },
		"SetOrdersUntil": func(w store.Writer) error { return w.SetOrdersUntil("c1", wide) },
		"SetStockWord":   func(w store.Writer) error { return w.SetStockWord("c1", "x") },
		"SolveObject":    func(w store.Writer) error { return w.SolveObject("c1", "order o1", nil) },
		"SolveProblem":   func(w store.Writer) error { return w.SolveProblem("c1", "k|order o1") },
		"WantPrices":     func(w store.Writer) error { return w.WantPrices(l, retail.Prices{List: 1}, retail.Why{}, false) },
		"WantStock":      func(w store.Writer) error { return w.WantStock(l, 0, 0, retail.Why{}, wide, false) },
	}
	for m := range reflect.TypeFor[store.Writer]().Methods() {
		_, reads := reflect.TypeFor[store.Reader]().MethodByName(m.Name)
		if writes[m.Name] == nil && !reads && m.Name != "AfterCommit" && m.Name != "SaveApp" {
			t.Errorf("%s is not among the writes: it may touch another shop", m.Name)
		}
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		before := snapshot(t, d, "a")
		for name, f := range writes {
			if name == "Lock" {
				continue // of a shop that is not there yet
			}
			if err := try(t, d, "b", f); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		write(t, d, "b", writes["Lock"])
		if diff := cmp.Diff(before, snapshot(t, d, "a")); diff != "" {
			t.Errorf("shop a's rows moved (-before +after):\n%s", diff)
		}
		// An id of a connection is one lane in the whole hub.
		if err := try(t, d, "b", func(w store.Writer) error { return w.CreateConnection(connection("c1")) }); !errors.Is(err, db.ErrExists) {
			t.Errorf("shop b made a connection with the id of shop a's: %v", err)
		}
	})
}

func TestShopsAndFeatures(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i, id := range []retail.ShopID{"a", "b"} {
			write(t, d, id, func(w store.Writer) error {
				return w.CreateShop("Gian hàng "+string(id), after(time.Duration(i)*time.Second))
			})
		}
		if err := try(t, d, "a", func(w store.Writer) error { return w.CreateShop("x", start) }); !errors.Is(err, db.ErrExists) {
			t.Errorf("a second shop a: %v", err)
		}
		if err := try(t, d, "z", func(w store.Writer) error { return w.Lock() }); err == nil {
			t.Error("a shop that is not there was locked")
		}
		must(t, d.Read(t.Context(), func(v *db.View) error {
			all, err := store.Shops(v)
			if diff := cmp.Diff([]store.Shop{{ID: "a", Name: "Gian hàng a", Created: start}, {ID: "b", Name: "Gian hàng b", Created: after(time.Second)}}, all); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return err
		}))
		// rule: LZD-01
		for _, on := range []bool{true, false, true} {
			write(t, d, "a", func(w store.Writer) error { return w.SetFeature("lazada", on, start) })
			read(t, d, "a", func(r store.Reader) error {
				got, err := r.Feature("lazada")
				if got != on {
					t.Errorf("the feature is %t", got)
				}
				return err
			})
		}
		write(t, d, "", func(w store.Writer) error {
			return each(w.SaveApp(store.App{Platform: "lazada", Key: "1", Sealed: []byte{1}}), w.SaveApp(store.App{Platform: "lazada", Key: "2", Sealed: []byte{2}, Base: "http://x"}))
		})
		read(t, d, "a", func(r store.Reader) error {
			if r.Shop() != "a" {
				t.Errorf("reading shop %q", r.Shop())
			}
			app, ok, err := r.App("lazada")
			if diff := cmp.Diff(store.App{Platform: "lazada", Key: "2", Sealed: []byte{2}, Base: "http://x"}, app); diff != "" || !ok {
				t.Errorf("app found %t (-want +got):\n%s", ok, diff)
			}
			return err
		})
	})
}

// Two decisions about one shop never overlap, so neither loses the other's.
func TestDecisionsAboutOneShopTakeTurns(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		const deciders, turns = 4, 10
		errs := make(chan error)
		for range deciders {
			go func() {
				var failed error
				for range turns {
					failed = errors.Join(failed, d.Write(t.Context(), func(tx *db.Tx) error {
						w := store.Write(tx, "a")
						if err := w.Lock(); err != nil {
							return err
						}
						l, _, err := w.Level("p0", "b1")
						if err != nil {
							return err
						}
						l.OnHand += retail.One
						return putLevel(w, l)
					}))
				}
				errs <- failed
			}()
		}
		for range deciders {
			must(t, <-errs)
		}
		read(t, d, "a", func(r store.Reader) error {
			l, _, err := r.Level("p0", "b1")
			if want := level.OnHand + deciders*turns*retail.One; l.OnHand != want {
				t.Errorf("%s, not %s: decisions overlapped", l.OnHand, want)
			}
			return err
		})
	})
}

func TestAfterCommitRunsOnceTheRowsAreThere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var ran []string
		write(t, d, "a", func(w store.Writer) error {
			w.AfterCommit(func() { ran = append(ran, "committed") })
			return w.CreateShop("A", start)
		})
		_ = try(t, d, "a", func(w store.Writer) error {
			w.AfterCommit(func() { ran = append(ran, "rolled back") })
			return errors.New("no")
		})
		if !slices.Equal(ran, []string{"committed"}) {
			t.Errorf("ran %v", ran)
		}
	})
}
