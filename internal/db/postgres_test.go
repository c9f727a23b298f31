package db_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
)

// lockRow locks one row the way a decision locks its shop.
func lockRow(tx *db.Tx, key string) error {
	var value string
	return tx.QueryRow("SELECT value FROM hub_info WHERE key = $1"+tx.ForUpdate(), key).Scan(&value)
}

func TestADeadlockIsTriedAgain(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t)+"&deadlock_timeout=10ms")
	mustWrite(t, d, put("a", ""))
	mustWrite(t, d, put("b", ""))
	var runs atomic.Int64
	both := make(chan struct{})
	cross := func(first, second string) error {
		return d.Write(context.Background(), func(tx *db.Tx) error {
			if err := lockRow(tx, first); err != nil {
				return err
			}
			if runs.Add(1) == 2 {
				close(both)
			}
			<-both
			return lockRow(tx, second)
		})
	}
	other := make(chan error)
	go func() { other <- cross("b", "a") }()
	if err := errors.Join(cross("a", "b"), <-other); err != nil {
		t.Error(err)
	}
	if runs.Load() != 3 {
		t.Errorf("%d runs, want 3: two and the victim again", runs.Load())
	}
}

func TestALockHeldTooLongIsBusyAfterFiveTries(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t)+"&lock_timeout=5ms")
	mustWrite(t, d, put("a", ""))
	for name, write := range map[string]func(context.Context, func(*db.Tx) error) error{"Write": d.Write, "Group": d.Group} {
		tries := 0
		mustWrite(t, d, func(tx *db.Tx) error {
			if err := lockRow(tx, "a"); err != nil {
				return err
			}
			err := write(t.Context(), func(tx *db.Tx) error {
				tries++
				return lockRow(tx, "a")
			})
			if !errors.Is(err, db.ErrBusy) {
				t.Errorf("%s: %v", name, err)
			}
			return nil
		})
		if tries != 5 {
			t.Errorf("%s: %d tries, want 5", name, tries)
		}
	}
}

func TestALostConnectionIsUnavailableAndTheNextOneWorks(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	hangUp := func(tx *db.Tx) error {
		var ok bool
		return tx.QueryRow("SELECT pg_terminate_backend(pg_backend_pid())").Scan(&ok)
	}
	for name, err := range map[string]error{
		"Write": d.Write(t.Context(), hangUp),
		"Group": d.Group(t.Context(), hangUp),
		"commit": d.Write(t.Context(), func(tx *db.Tx) error {
			hangUp(tx)
			return nil
		}),
	} {
		if !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustWrite(t, d, put("x", ""))
	if err := d.Group(t.Context(), put("y", "")); err != nil {
		t.Error(err)
	}
}

// The claim on the database dies with its session, which a restart of the
// server ends although this process lives on.
func TestALostClaimIsNoticedBeforeTheNextWrite(t *testing.T) {
	dsn := dbtest.Postgres(t)
	first := dbtest.Open(t, dsn)
	mustWrite(t, first, func(tx *db.Tx) error {
		var ok bool
		return tx.QueryRow(`SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory'
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`).Scan(&ok)
	})
	second, err := db.Open(t.Context(), dsn)
	if err != nil { // the first claims it back only when it writes
		t.Fatal(err)
	}
	var inUse *db.InUseError
	for { // until the first has noticed
		err := first.Write(t.Context(), func(*db.Tx) error { return nil })
		if errors.As(err, &inUse) {
			break
		}
		if err != nil || t.Context().Err() != nil {
			t.Fatal(err)
		}
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	mustWrite(t, first, put("claimed again", ""))
}
