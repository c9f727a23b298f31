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
)

func listing(t *testing.T, d *db.DB) store.Listing {
	t.Helper()
	var out store.Listing
	read(t, d, "a", func(r store.Reader) (err error) {
		out, _, err = r.Listing("c1", key)
		return err
	})
	return out
}

// A push that something overtook leaves the row dirty: the newest wins.
func TestAPushCleansOnlyWhatNobodyWantedAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, "a", func(w store.Writer) error { return w.SeeListing("c1", retail.Listing{Key: key, Code: "X"}) })
		if l := listing(t, d); l.StockDirty || l.PriceDirty || l.SentStock != -1 {
			t.Fatalf("a fresh listing: %+v", l)
		}
		want := func(sellable int64) {
			t.Helper()
			write(t, d, "a", func(w store.Writer) error {
				return each(w.WantStock(listing(t, d), sellable, 1, retail.Why{Key: "stock.tell"}, after(time.Minute), true),
					w.WantPrices(store.Listing{Connection: "c1", Key: key}, retail.Prices{List: retail.Money(sellable)}, retail.Why{}, true))
			})
		}
		want(5)
		pushed := listing(t, d)
		want(4)
		write(t, d, "a", func(w store.Writer) error {
			return each(w.SentStock(pushed, 6, after(time.Hour)), w.SentPrices(pushed, pushed.WantPrices))
		})
		l := listing(t, d)
		if !l.StockDirty || !l.PriceDirty || l.SentStock != 6 || l.WantSellable != 4 || l.SentPrices.List != 5 {
			t.Errorf("after an overtaken push: %+v", l)
		}
		write(t, d, "a", func(w store.Writer) error {
			return each(w.SentStock(l, 5, after(time.Hour)), w.SentPrices(l, l.WantPrices))
		})
		if l = listing(t, d); l.StockDirty || l.PriceDirty || l.SentStock != 5 || !l.SentAt.Equal(after(time.Hour)) || l.WantOwn != 1 || !l.WantAt.Equal(after(time.Minute)) {
			t.Errorf("after the push: %+v", l)
		}
		// Looking at the channel moves nothing that is wanted.
		write(t, d, "a", func(w store.Writer) error {
			return w.SeeListing("c1", retail.Listing{Key: key, Code: "Y", Sellable: 9})
		})
		if got := listing(t, d); got.Code != "Y" || got.Seen.Sellable != 9 || got.WantSellable != 4 || got.StockSeq != l.StockSeq || got.SentStock != 5 {
			t.Errorf("after a look: %+v", got)
		}
		// What nobody knows may have gone out; the row stays dirty.
		want(3)
		write(t, d, "a", func(w store.Writer) error { return w.DoubtStock(l, 2) })
		if got := listing(t, d); !got.StockDirty || got.SentStock != 2 {
			t.Errorf("after an unknown outcome: %+v", got)
		}
	})
}

func TestPushesArePutOffAndClaimedInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		at := func(item string) store.Listing {
			return store.Listing{Connection: "c1", Key: retail.ListingKey{ItemID: item}}
		}
		write(t, d, "a", func(w store.Writer) error {
			var errs []error
			for _, item := range []string{"1", "2", "3", "clean"} {
				errs = append(errs, w.SeeListing("c1", retail.Listing{Key: at(item).Key}),
					w.WantStock(at(item), 1, 0, retail.Why{}, start, item != "clean"), w.WantPrices(at(item), retail.Prices{List: 1}, retail.Why{}, item != "clean"))
			}
			return each(append(errs, w.DelayListing(at("1"), after(time.Minute)), w.DelayListingOnly(at("2"), after(time.Second)))...)
		})
		for now, want := range map[time.Time][]string{start: {"3"}, after(time.Second): {"3", "2"}, after(time.Hour): {"3", "2", "1"}} {
			read(t, d, "a", func(r store.Reader) error {
				stock, err := r.DirtyStock("c1", now, 9)
				prices, err2 := r.DirtyPrices("c1", now, 9)
				first, err3 := r.DirtyStock("c1", now, 1)
				for what, found := range map[string][]store.Listing{"stock": stock, "prices": prices} {
					var got []string
					for _, l := range found {
						got = append(got, l.Key.ItemID)
						if attempts := map[string]int64{"1": 1}[l.Key.ItemID]; l.Attempts != attempts {
							t.Errorf("%s failed %d times", l.Key.ItemID, l.Attempts)
						}
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s due at %s: %v, not %v", what, now, got, want)
					}
				}
				if len(first) != 1 || first[0].Key.ItemID != want[0] {
					t.Errorf("the first is %+v", first)
				}
				return errors.Join(err, err2, err3)
			})
		}
		// A new wish is due at once and begins anew.
		write(t, d, "a", func(w store.Writer) error {
			return each(w.WantStock(at("1"), 2, 0, retail.Why{}, start, true), w.DropListing("c1", at("3").Key))
		})
		read(t, d, "a", func(r store.Reader) error {
			due, err := r.DirtyStock("c1", start, 9)
			if len(due) != 1 || due[0].Key.ItemID != "1" || due[0].Attempts != 0 {
				t.Errorf("due: %+v", due)
			}
			return err
		})
	})
}

// rule: SYN-01
func TestSYN01OneChangeIsWantedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		create := func(id string, change func(*store.Intent)) error {
			i := intent(id, store.IntentOpen)
			if change != nil {
				change(&i)
			}
			return try(t, d, "a", func(w store.Writer) error { return w.CreateIntent(i) })
		}
		must(t, create("i1", nil))
		for _, state := range []store.IntentState{store.IntentOpen, store.IntentCalling, store.IntentUnknown, store.IntentHeld} {
			write(t, d, "a", func(w store.Writer) error { return w.SaveIntent(intent("i1", state)) })
			if err := create("i2", nil); !errors.Is(err, db.ErrExists) {
				t.Errorf("a second one beside one that is %s: %v", state, err)
			}
		}
		must(t, create("i3", func(i *store.Intent) { i.Want.Part = "another package" }))
		must(t, create("i4", func(i *store.Intent) { i.OrderID = "o2" }))
		must(t, create("i5", func(i *store.Intent) { i.Connection = "c9" }))
		for n, state := range []store.IntentState{store.IntentDone, store.IntentSuperseded} {
			write(t, d, "a", func(w store.Writer) error { return w.SaveIntent(intent([]string{"i1", "i6"}[n], state)) })
			must(t, create([]string{"i6", "i7"}[n], nil))
		}
		ids := func(all []store.Intent) (out []string) {
			for _, i := range all {
				out = append(out, i.ID)
			}
			return out
		}
		read(t, d, "a", func(r store.Reader) error {
			live, err := r.LiveIntents("c1", "o1")
			all, err2 := r.IntentsOf("c1", "o1")
			if !slices.Equal(ids(live), []string{"i3", "i7"}) || !slices.Equal(ids(all), []string{"i1", "i3", "i6", "i7"}) {
				t.Errorf("live %v of %v", ids(live), ids(all))
			}
			return errors.Join(err, err2)
		})
	})
}

func TestSYN01TwoDecidersWantOneChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		errs := make(chan error)
		for _, id := range []string{"i1", "i2"} {
			go func() {
				errs <- d.Write(t.Context(), func(tx *db.Tx) error {
					return store.Write(tx, "a").CreateIntent(intent(id, store.IntentOpen))
				})
			}()
		}
		first, second := <-errs, <-errs
		if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), db.ErrExists) {
			t.Errorf("one: %v; other: %v", first, second)
		}
	})
}

func TestWhatIsHeldIsReleased(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, "a", func(w store.Writer) error {
			var errs []error
			for id, state := range map[string]store.IntentState{"held": store.IntentHeld, "unknown": store.IntentUnknown} {
				i := intent(id, state)
				i.OrderID, i.Due = id, after(time.Hour)
				errs = append(errs, w.CreateIntent(i))
			}
			return each(append(errs, w.ReleaseHeld("c2", after(time.Minute)), w.ReleaseHeld("c1", start))...)
		})
		read(t, d, "a", func(r store.Reader) error {
			due, err := r.DueIntents("c2", after(time.Minute), 9)
			if len(due) != 1 || due[0].ID != "held" {
				t.Errorf("due: %+v", due)
			}
			all, err2 := r.DueIntents("c2", wide, 1)
			if len(all) != 1 || all[0].ID != "held" {
				t.Errorf("first of all: %+v", all)
			}
			return errors.Join(err, err2)
		})
	})
}

// rule: SYN-06
func TestSYN06AProblemIsShownOnceUntilItIsSolved(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, q := retail.Problem{Key: "k", Object: "order 1"}, retail.Problem{Key: "other", Object: "order 1"}
		expect := func(what string, want ...store.Problem) {
			t.Helper()
			read(t, d, "a", func(r store.Reader) error {
				got, err := r.Problems()
				same(t, what, want, got)
				return err
			})
		}
		write(t, d, "a", func(w store.Writer) error {
			return each(w.RaiseProblem("c1", p, start), w.RaiseProblem("c1", p, after(time.Minute)), w.RaiseProblem("c2", p, start), w.RaiseProblem("c1", q, start))
		})
		twice := store.Problem{Connection: "c1", Problem: p, First: start, Last: after(time.Minute), Count: 2}
		expect("newest first", twice, store.Problem{Connection: "c2", Problem: p, First: start, Last: start, Count: 1},
			store.Problem{Connection: "c1", Problem: q, First: start, Last: start, Count: 1})
		write(t, d, "a", func(w store.Writer) error {
			return each(w.SolveObject("c1", "order 1", []retail.Problem{p}), w.SolveProblem("c2", p.ID()))
		})
		expect("what still holds stays", twice)
		write(t, d, "a", func(w store.Writer) error { return w.SolveObject("c1", "order 1", nil) })
		expect("solved")
		write(t, d, "a", func(w store.Writer) error { return w.RaiseProblem("c1", p, after(time.Hour)) })
		expect("met again, it begins anew", store.Problem{Connection: "c1", Problem: p, First: after(time.Hour), Last: after(time.Hour), Count: 1})
	})
}

// rule: LZD-31, SYN-07
func TestLZD31HistoryIsNarrowed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		entry := func(id, connection string, kind store.HistoryKind, object string, at time.Time) store.Entry {
			return store.Entry{ID: id, Connection: connection, Kind: kind, Object: object, Event: "history.x", Outcome: "done", At: at,
				Detail: store.Detail{Args: map[string]any{"code": id}, Why: retail.Why{Rule: "LZD-12", Key: "stock.tell", Value: "5"}}}
		}
		all := []store.Entry{
			entry("4", "c1", store.InvoiceHistory, "order 1", after(2*time.Second)),
			entry("3", "c2", store.GoodsHistory, "sku X", after(time.Second)),
			entry("2", "c1", store.OrderHistory, "order 2", after(time.Second)),
			entry("1", "c1", store.OrderHistory, "order 1", start),
		}
		write(t, d, "a", func(w store.Writer) error {
			return each(w.AddHistory(all[3]), w.AddHistory(all[0]), w.AddHistory(all[2]), w.AddHistory(all[1]))
		})
		for _, c := range []struct {
			name string
			f    store.HistoryFilter
			want []store.Entry
		}{
			{"all, newest first", store.HistoryFilter{Limit: 9}, all},
			{"the newest", store.HistoryFilter{Limit: 1}, all[:1]},
			{"a connection's", store.HistoryFilter{Connection: "c2", Limit: 9}, all[1:2]},
			{"of a kind", store.HistoryFilter{Kind: store.OrderHistory, Limit: 9}, all[2:]},
			{"of an object", store.HistoryFilter{Object: "order 1", Limit: 9}, []store.Entry{all[0], all[3]}},
			{"before a moment", store.HistoryFilter{Before: after(time.Second), Limit: 9}, all[3:]},
		} {
			read(t, d, "a", func(r store.Reader) error {
				got, err := r.History(c.f)
				same(t, c.name, c.want, got)
				return err
			})
		}
	})
}

func TestDeliveriesCommandsAndCalls(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		delivery := func(id string, at time.Time) store.Delivery {
			return store.Delivery{ID: id, Connection: "c1", Platform: "lazada", Verdict: "accepted", At: at, Sealed: []byte(id)}
		}
		command := store.Command{ID: "m1", Connection: "c1", Kind: "check", Args: []byte{1}, State: "waiting", At: start}
		call := store.Attempt{ID: "t1", Connection: "c1", Route: "POST /orders", Cause: "i1", At: start}
		write(t, d, "a", func(w store.Writer) error {
			return each(w.AddDelivery(delivery("d2", after(time.Hour))), w.AddDelivery(delivery("d1", start)), w.AddDelivery(delivery("d3", wide)),
				w.AddCommand(command), w.BeginAttempt(call), w.BeginAttempt(store.Attempt{ID: "t2", Cause: "other", At: start}))
		})
		read(t, d, "a", func(r store.Reader) error {
			got, err := r.Deliveries(after(time.Second), 1)
			same(t, "deliveries", []store.Delivery{delivery("d2", after(time.Hour))}, got)
			c, _, err2 := r.Command("m1")
			same(t, "command", command, c)
			calls, err3 := r.Attempts("i1")
			same(t, "calls", []store.Attempt{call}, calls)
			return errors.Join(err, err2, err3)
		})
		call.Outcome, call.Status, call.Ended = "answered", 200, after(time.Second)
		command.State, command.Answer, command.Args = "done", `{"ok":true}`, nil
		write(t, d, "a", func(w store.Writer) error {
			return each(w.EndAttempt(call), w.AnswerCommand("m1", "done", command.Answer))
		})
		must(t, d.Write(t.Context(), func(tx *db.Tx) error { return store.DeleteOldDeliveries(tx, after(time.Minute)) }))
		read(t, d, "a", func(r store.Reader) error {
			left, err := r.Deliveries(time.Time{}, 9)
			same(t, "deliveries that are left", []store.Delivery{delivery("d2", after(time.Hour)), delivery("d3", wide)}, left)
			c, _, err2 := r.Command("m1")
			same(t, "answered command", command, c) // its arguments, which may be secret, are forgotten
			calls, err3 := r.Attempts("i1")
			same(t, "ended call", []store.Attempt{call}, calls)
			return errors.Join(err, err2, err3)
		})
	})
}
