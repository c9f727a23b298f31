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
)

func looks(t *testing.T, d *db.DB) []store.Look {
	t.Helper()
	var out []store.Look
	read(t, d, "a", func(r store.Reader) (err error) {
		out, err = r.LooksOf("c1")
		return err
	})
	return out
}

func mark(t *testing.T, d *db.DB, l store.Look) {
	t.Helper()
	l.Connection, l.Kind, l.Key = "c1", "order", "o1"
	write(t, d, "a", func(w store.Writer) error { return w.MarkLook(l) })
}

func TestARepeatNeverPutsALookOff(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mark(t, d, store.Look{Urgency: 20, Due: after(time.Minute), Since: start, Hint: "first"})
		mark(t, d, store.Look{Urgency: 20, Due: after(time.Hour), Since: after(time.Second)})
		want := store.Look{Connection: "c1", Kind: "order", Key: "o1", Urgency: 20, Seq: 2, Due: after(time.Minute), Since: start, Hint: "first"}
		if diff := cmp.Diff([]store.Look{want}, looks(t, d)); diff != "" {
			t.Errorf("a later repeat without a hint (-want +got):\n%s", diff)
		}
		mark(t, d, store.Look{Due: after(time.Second), Since: after(time.Second), Hint: "newest"})
		want.Seq, want.Due, want.Hint = 3, after(time.Second), "newest"
		if diff := cmp.Diff([]store.Look{want}, looks(t, d)); diff != "" {
			t.Errorf("an earlier repeat with a hint (-want +got):\n%s", diff)
		}
		// What failed before is tried at once when it is asked for again.
		write(t, d, "a", func(w store.Writer) error { return w.DelayLook(want, after(time.Hour), 4, "refused") })
		mark(t, d, store.Look{Due: start})
		if got := looks(t, d)[0]; got.Attempts != 0 || !got.Due.Equal(start) {
			t.Errorf("attempts %d, due %s", got.Attempts, got.Due)
		}
	})
}

func TestALookEndsOnlyIfNobodyAskedMeanwhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mark(t, d, store.Look{Due: start})
		at := looks(t, d)[0]
		mark(t, d, store.Look{Due: start})
		write(t, d, "a", func(w store.Writer) error {
			return each(w.DropLook(at), w.DelayLook(at, after(time.Hour), 1, "failed"))
		})
		if got := looks(t, d); len(got) != 1 || !got[0].Due.Equal(start) || got[0].Error != "" {
			t.Fatalf("the second wish is lost: %+v", got)
		}
		at = looks(t, d)[0]
		write(t, d, "a", func(w store.Writer) error { return w.DelayLook(at, after(time.Hour), 3, "failed") })
		if got := looks(t, d)[0]; !got.Due.Equal(after(time.Hour)) || got.Attempts != 3 || got.Error != "failed" {
			t.Errorf("put off as %+v", got)
		}
		write(t, d, "a", func(w store.Writer) error { return w.DropLook(at) })
		if got := looks(t, d); len(got) != 0 {
			t.Errorf("left: %+v", got)
		}
	})
}

func TestDueLooksComeMostUrgentFirst(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		write(t, d, "a", func(w store.Writer) error {
			var errs []error
			for _, l := range []store.Look{
				{Kind: "poll", Key: "", Urgency: 40, Due: start},
				{Kind: "order", Key: "2", Urgency: 20, Due: after(time.Second)},
				{Kind: "order", Key: "1", Urgency: 20, Due: after(time.Second)},
				{Kind: "order", Key: "0", Urgency: 20, Due: after(2 * time.Second)},
				{Kind: "command", Key: "later", Urgency: 0, Due: after(time.Hour)},
				{Kind: "invoice", Key: "9", Urgency: 20, Due: start},
			} {
				l.Connection = "c1"
				errs = append(errs, w.MarkLook(l))
			}
			return each(errs...)
		})
		read(t, d, "a", func(r store.Reader) error {
			due, err := r.DueLooks("c1", after(time.Minute), 4)
			var got []string
			for _, l := range due {
				got = append(got, l.Kind+l.Key)
			}
			if want := []string{"invoice9", "order1", "order2", "order0"}; !slices.Equal(got, want) {
				t.Errorf("due %v, not %v", got, want)
			}
			return err
		})
	})
}

// What the engine asks: which lanes are due, and when a lane is due next.
func TestWhatIsDueAndWhen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c1, c2 := connection("c1"), connection("c2")
		c2.Platform = "kiotviet"
		write(t, d, "a", func(w store.Writer) error {
			return each(w.CreateShop("A", start), w.CreateConnection(c1), w.CreateConnection(c2),
				w.SeeListing("c1", retail.Listing{Key: key, Code: "X"}))
		})
		expect := func(what string, now time.Time, lanes []string, next map[string]time.Time) {
			t.Helper()
			must(t, d.Read(t.Context(), func(v *db.View) error {
				due, err := store.Due(v, now)
				if !slices.Equal(due, lanes) {
					t.Errorf("%s: due at %s are %v, not %v", what, now, due, lanes)
				}
				for lane, want := range next {
					at, err := store.Read(v, "a").NextDue(lane)
					if err != nil || !at.Equal(want) {
						t.Errorf("%s: %s is due next at %s, not %s (%v)", what, lane, at, want, err)
					}
				}
				return err
			}))
		}
		never := time.Time{}
		expect("nothing", wide, nil, map[string]time.Time{"c1": never, "c2": never})

		write(t, d, "a", func(w store.Writer) error {
			return each(w.MarkLook(store.Look{Connection: "c1", Kind: "poll", Due: after(time.Hour)}),
				w.CreateIntent(intent("i1", store.IntentOpen))) // of lane c2, due in a minute
		})
		expect("a look and an intent", after(30*time.Minute), []string{"c2"}, map[string]time.Time{"c1": after(time.Hour), "c2": after(time.Minute)})
		expect("both", after(time.Hour), []string{"c1", "c2"}, nil)

		for _, state := range []store.IntentState{store.IntentCalling, store.IntentUnknown, store.IntentHeld} {
			write(t, d, "a", func(w store.Writer) error { return w.SaveIntent(intent("i1", state)) })
			expect(string(state), after(time.Minute), []string{"c2"}, nil)
		}
		write(t, d, "a", func(w store.Writer) error { return w.SaveIntent(intent("i1", store.IntentDone)) })
		expect("the intent is done", after(30*time.Minute), nil, map[string]time.Time{"c2": never})

		l := store.Listing{Connection: "c1", Key: key}
		write(t, d, "a", func(w store.Writer) error { return w.WantStock(l, 1, 0, retail.Why{}, start, true) })
		expect("fresh stock is due since ever", start, []string{"c1"}, map[string]time.Time{"c1": time.UnixMicro(1)})
		write(t, d, "a", func(w store.Writer) error { return w.DelayListing(l, after(20*time.Minute)) })
		expect("stock put off", start, nil, map[string]time.Time{"c1": after(20 * time.Minute)})
		write(t, d, "a", func(w store.Writer) error {
			return w.SentStock(store.Listing{Connection: "c1", Key: key, StockSeq: 1}, 1, start)
		})
		write(t, d, "a", func(w store.Writer) error { return w.WantPrices(l, retail.Prices{List: 1}, retail.Why{}, true) })
		expect("fresh prices", start, []string{"c1"}, nil)
		write(t, d, "a", func(w store.Writer) error { return w.DeleteConnection("c1", start) })
		expect("a deleted lane has nothing to do", wide, nil, nil)

		must(t, d.Read(t.Context(), func(v *db.View) error {
			lanes, err := store.Lanes(v)
			if !slices.Equal(lanes, []string{"c2"}) {
				t.Errorf("lanes %v", lanes)
			}
			return err
		}))
	})
}

// rule: LZD-07, SYN-08
func TestSYN08OneAccountAndOneBranchOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		live := func(id, account, branch string) store.Connection {
			c := connection(id)
			c.State, c.AccountID, c.BranchID = store.Live, account, branch
			return c
		}
		save := func(shop retail.ShopID, c store.Connection) error {
			return try(t, d, shop, func(w store.Writer) error {
				if _, found, _ := w.Connection(c.ID); !found {
					draft := c
					draft.State = store.Draft
					if err := w.CreateConnection(draft); err != nil {
						return err
					}
				}
				return w.SaveConnection(c)
			})
		}
		must(t, save("a", live("c1", "acc", "b1")))
		must(t, save("a", live("c3", "acc-3", "b3")))
		for name, err := range map[string]error{
			"the same account in the same shop": save("a", live("c4", "acc", "b4")),
			"the same account in another shop":  save("b", live("c5", "acc", "b1")),
			"the same branch":                   save("a", live("c6", "acc-6", "b1")),
		} {
			if !errors.Is(err, db.ErrExists) {
				t.Errorf("%s: %v", name, err)
			}
		}
		other := live("c7", "acc", "b1")
		other.Platform = "haravan"
		for name, err := range map[string]error{
			"another shop's branch of the same id":        save("b", live("c8", "acc-8", "b1")),
			"another platform, same account and branch":   save("a", other),
			"the point of sale has no branch, nor needs":  save("a", live("c9", "acc-9", "")),
			"two without a branch":                        save("a", live("c10", "acc-10", "")),
			"the same connection again, with another one": save("a", live("c1", "acc", "b9")),
		} {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Once deleted, account and branch are free.
		write(t, d, "a", func(w store.Writer) error { return w.DeleteConnection("c1", start) })
		must(t, save("b", live("c11", "acc", "b11")))
		must(t, save("a", live("c12", "acc-12", "b9")))
		must(t, d.Read(t.Context(), func(v *db.View) error {
			c, found, err := store.ConnectionByAccount(v, "lazada", "acc")
			if !found || c.ID != "c11" || c.Shop != "b" {
				t.Errorf("the account is connection %s of shop %s", c.ID, c.Shop)
			}
			return err
		}))
	})
}

// rule: LZD-07, SYN-08
func TestLZD07TwoSavesAtTheSameMoment(t *testing.T) {
	for name, pair := range map[string][2][2]string{ // account, branch
		"one branch":  {{"x1", "b1"}, {"x2", "b1"}},
		"one account": {{"x1", "b1"}, {"x1", "b2"}},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				write(t, d, "a", func(w store.Writer) error { return w.CreateShop("A", start) })
				errs := make(chan error)
				for i, id := range []string{"c1", "c2"} {
					c := connection(id)
					write(t, d, "a", func(w store.Writer) error { return w.CreateConnection(c) })
					c.State, c.AccountID, c.BranchID = store.Live, pair[i][0], pair[i][1]
					go func() {
						errs <- d.Write(t.Context(), func(tx *db.Tx) error { return store.Write(tx, "a").SaveConnection(c) })
					}()
				}
				first, second := <-errs, <-errs
				if (first == nil) == (second == nil) || !errors.Is(errors.Join(first, second), db.ErrExists) {
					t.Errorf("one: %v; other: %v", first, second)
				}
			})
		})
	}
}

func TestALaneChangesHandsOnceForEveryClaim(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		populate(t, d)
		claims := make(chan int64)
		for range 4 {
			go func() {
				var n int64
				err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
					n, err = store.ClaimLane(tx, "c1")
					return err
				})
				if err != nil {
					n = -1
				}
				claims <- n
			}()
		}
		var got []int64
		for range 4 {
			got = append(got, <-claims)
		}
		slices.Sort(got)
		if !slices.Equal(got, []int64{1, 2, 3, 4}) {
			t.Errorf("epochs %v", got)
		}
		must(t, d.Read(t.Context(), func(v *db.View) error {
			c, found, err := store.ConnectionByID(v, "c1")
			if !found || c.Epoch != 4 {
				t.Errorf("the lane is at epoch %d", c.Epoch)
			}
			return err
		}))
	})
}
