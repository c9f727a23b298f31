package db_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

func TestGroupsShareACommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		before := d.Stats()
		release := holdWriter(t, d)
		var waiting []chan error
		for i := range 64 {
			waiting = append(waiting, queue(t.Context(), d, put(fmt.Sprintf("%02d", i), "")))
		}
		release()
		for _, done := range waiting {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		after := d.Stats()
		if commits := after.Commits - before.Commits; commits != 2 {
			t.Errorf("%d commits, want 2: the holder's and one for all 64", commits)
		}
		if members := after.Members - before.Members; members != 65 {
			t.Errorf("%d closures committed, want 65", members)
		}
		if n := len(keys(t, d)); n != 64 {
			t.Errorf("%d rows, want 64", n)
		}
	})
}

func TestAFailingClosureRollsBackAlone(t *testing.T) {
	errRefused := errors.New("refused by the closure")
	spoilers := map[string]func(*db.Tx) error{
		"error": func(tx *db.Tx) error {
			put("spoiled", "")(tx)
			return errRefused
		},
		"failed statement": func(tx *db.Tx) error {
			put("spoiled", "")(tx)
			return put("before", "")(tx)
		},
		"panic": func(tx *db.Tx) error {
			put("spoiled", "")(tx)
			panic("on purpose")
		},
		"goexit": func(tx *db.Tx) error {
			put("spoiled", "")(tx)
			runtime.Goexit() // what t.Fatal does
			return nil
		},
		"last but one": func(tx *db.Tx) error { return errRefused },
	}
	for name, spoil := range spoilers {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				for _, last := range []string{"after", ""} { // the spoiler in the middle, and at the end
					mustWrite(t, d, func(tx *db.Tx) error {
						_, err := tx.Exec("DELETE FROM hub_info")
						return err
					})
					want := []string{"before"}
					release := holdWriter(t, d)
					waiting := []chan error{queue(t.Context(), d, put("before", ""))}
					spoiled := queue(t.Context(), d, spoil)
					if last != "" {
						waiting = append(waiting, queue(t.Context(), d, put(last, "")))
						want = []string{last, "before"}
					}
					release()
					for _, done := range waiting {
						if err := <-done; err != nil {
							t.Errorf("a neighbour failed too: %v", err)
						}
					}
					if err := <-spoiled; err == nil {
						t.Error("the spoiler succeeded")
					}
					if diff := cmp.Diff(want, keys(t, d)); diff != "" {
						t.Error(diff)
					}
				}
			})
		})
	}
}

func TestAPanicReachesItsCaller(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, write := range map[string]func(context.Context, func(*db.Tx) error) error{"Write": d.Write, "Group": d.Group} {
			func() {
				defer func() {
					if got := recover(); got != "on purpose" {
						t.Errorf("%s: recovered %v", name, got)
					}
				}()
				write(t.Context(), func(tx *db.Tx) error {
					put(name, "")(tx)
					panic("on purpose")
				})
			}()
		}
		if got := keys(t, d); len(got) != 0 {
			t.Errorf("a panic was committed: %v", got)
		}
	})
}

// A deferred constraint is checked by COMMIT, so its member fails after all
// closures have succeeded.
func TestAGroupWhoseCommitFailsIsRetriedOneByOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustWrite(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`CREATE TABLE child (
				parent TEXT NOT NULL REFERENCES hub_info (key) DEFERRABLE INITIALLY DEFERRED)`)
			return err
		})
		release := holdWriter(t, d)
		var runs, woken int
		one := queue(t.Context(), d, func(tx *db.Tx) error {
			runs++
			tx.AfterCommit(func() { woken++ })
			return put("one", "")(tx)
		})
		orphan := queue(t.Context(), d, func(tx *db.Tx) error {
			tx.AfterCommit(func() { t.Error("called after a rollback") })
			_, err := tx.Exec("INSERT INTO child (parent) VALUES ($1)", "nobody")
			return err
		})
		two := queue(t.Context(), d, put("two", ""))
		release()
		if err := errors.Join(<-one, <-two); err != nil {
			t.Errorf("a neighbour failed too: %v", err)
		}
		if err := <-orphan; err == nil || !strings.Contains(err.Error(), "committing: ") {
			t.Errorf("the orphan: %v", err)
		}
		if runs != 2 || woken != 1 {
			t.Errorf("ran %d times, want 2; woke %d times, want 1", runs, woken)
		}
		if diff := cmp.Diff([]string{"one", "two"}, keys(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

// SQLite answers some failures by ending the whole transaction, savepoints and
// all; the neighbours must not be lost with it.
func TestAMemberThatEndsTheTransactionFailsAlone(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	release := holdWriter(t, d)
	one := queue(t.Context(), d, put("one", ""))
	bad := queue(t.Context(), d, func(tx *db.Tx) error {
		if err := put("bad", "")(tx); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT OR ROLLBACK INTO hub_info (key, value) VALUES ('bad', '')")
		return err
	})
	two := queue(t.Context(), d, put("two", ""))
	release()
	if err := errors.Join(<-one, <-two); err != nil {
		t.Errorf("a neighbour failed too: %v", err)
	}
	if err := <-bad; !errors.Is(err, db.ErrExists) {
		t.Errorf("the bad one: %v", err)
	}
	if diff := cmp.Diff([]string{"one", "two"}, keys(t, d)); diff != "" {
		t.Error(diff)
	}
}

func TestAfterCommitRunsInOrderAndOnlyAfterACommit(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var calls []string // written by the writer, read after the answers: AfterCommit precedes them
		note := func(what string) func() { return func() { calls = append(calls, what) } }
		member := func(name string, result error) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				tx.AfterCommit(note(name + "1"))
				tx.AfterCommit(note(name + "2"))
				return result
			}
		}
		release := holdWriter(t, d)
		a := queue(t.Context(), d, member("a", nil))
		b := queue(t.Context(), d, member("b", errors.New("no")))
		c := queue(t.Context(), d, member("c", nil))
		release()
		<-a
		<-b
		<-c
		mustWrite(t, d, member("d", nil))
		d.Write(t.Context(), member("e", errors.New("no")))
		if diff := cmp.Diff([]string{"a1", "a2", "c1", "c2", "d1", "d2"}, calls); diff != "" {
			t.Error(diff)
		}
	})
}

func TestACallerThatLeavesTheQueueIsNeverRun(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		release := holdWriter(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		left := queue(ctx, d, func(tx *db.Tx) error {
			t.Error("the closure ran")
			return nil
		})
		cancel()
		if err := <-left; err != context.Canceled {
			t.Errorf("got %v, want plain context.Canceled: nothing was done", err)
		}
		release()
		mustWrite(t, d, put("later", ""))
	})
}

func TestACallerThatLeavesDuringTheCommitHearsOutcomeUnknown(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		release := holdWriter(t, d)
		ctx, cancel := context.WithCancel(t.Context())
		left := queue(ctx, d, put("left", ""))
		running, free := make(chan struct{}), make(chan struct{})
		neighbour := queue(t.Context(), d, func(tx *db.Tx) error {
			close(running)
			<-free
			return nil
		})
		release()
		<-running // so the first closure has ended and its commit is still to come
		cancel()
		err := <-left
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "outcome unknown") {
			t.Errorf("got %v", err)
		}
		close(free)
		if err := <-neighbour; err != nil {
			t.Error(err)
		}
		if !slices.Contains(keys(t, d), "left") {
			t.Error("one caller that left took the group down")
		}
	})
}

func TestAFullQueueIsBusyAtOnce(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	release := holdWriter(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	var waiting []chan error
	for range 4096 {
		waiting = append(waiting, queue(ctx, d, put("never", "")))
	}
	if err := d.Group(t.Context(), put("refused", "")); !errors.Is(err, db.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	cancel()
	for _, done := range waiting {
		<-done
	}
	release()
	mustWrite(t, d, put("accepted", ""))
	if diff := cmp.Diff([]string{"accepted"}, keys(t, d)); diff != "" {
		t.Error(diff)
	}
}

func TestUsingATxAfterItsClosurePanics(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var kept *db.Tx
		mustWrite(t, d, func(tx *db.Tx) error { kept = tx; return nil })
		defer func() {
			if recover() == nil {
				t.Error("it did not")
			}
		}()
		kept.Exec("DELETE FROM hub_info")
	})
}

// go test -bench Group -run '^$' ./internal/db
func BenchmarkGroup(b *testing.B) {
	for name, dsn := range dbtest.DSNs(b) {
		b.Run(name, func(b *testing.B) {
			d, err := db.Open(b.Context(), dsn)
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			before := d.Stats()
			b.SetParallelism(64 / runtime.GOMAXPROCS(0))
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					key := fmt.Sprint(i % 1000)
					if err := d.Group(b.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(`INSERT INTO hub_info (key, value) VALUES ($1, $2)
							ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, key)
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
			after := d.Stats()
			b.ReportMetric(float64(after.Members-before.Members)/float64(after.Commits-before.Commits), "members/commit")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
