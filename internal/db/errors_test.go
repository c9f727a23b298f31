package db_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

func TestAUniqueViolationIsErrExists(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		mustWrite(t, d, put("x", ""))
		scanned := func(tx *db.Tx) error {
			var key string
			return tx.QueryRow("INSERT INTO hub_info (key, value) VALUES ('x', '') RETURNING key").Scan(&key)
		}
		for name, err := range map[string]error{
			"Write": d.Write(t.Context(), put("x", "")),
			"Group": d.Group(t.Context(), put("x", "")),
			"Scan":  d.Write(t.Context(), scanned),
		} {
			if !errors.Is(err, db.ErrExists) || errors.Is(err, db.ErrBusy) || errors.Is(err, db.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
			var pg *pgconn.PgError
			var lite *sqlite.Error
			if errors.As(err, &pg) || errors.As(err, &lite) {
				t.Errorf("%s: the driver's type shows", name)
			}
		}
	})
}

func TestOtherMistakesAreNoneOfTheSentinels(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for name, f := range map[string]func(*db.Tx) error{
			"syntax":   func(tx *db.Tx) error { _, err := tx.Exec("SELEKT"); return err },
			"not null": func(tx *db.Tx) error { _, err := tx.Exec("INSERT INTO hub_info (key) VALUES ('x')"); return err },
			"open rows": func(tx *db.Tx) error {
				rows, err := tx.Query("SELECT 1 UNION ALL SELECT 2")
				if err != nil {
					return err
				}
				defer rows.Close()
				_, err = tx.Exec("DELETE FROM hub_info")
				if d.Dialect() == db.SQLite && err == nil {
					return errors.New("SQLite does not mind")
				}
				return err
			},
		} {
			err := d.Write(t.Context(), f)
			if err == nil {
				t.Errorf("%s: no error", name)
			}
			for _, sentinel := range []error{db.ErrExists, db.ErrBusy, db.ErrUnavailable} {
				if errors.Is(err, sentinel) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		err := d.Read(t.Context(), func(v *db.View) error {
			var key string
			return v.QueryRow("SELECT key FROM hub_info").Scan(&key)
		})
		if err != sql.ErrNoRows {
			t.Errorf("no rows: %v", err)
		}
	})
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		release := holdWriter(t, d)
		queued := queue(t.Context(), d, put("queued", ""))
		closed := make(chan error)
		go func() { closed <- d.Close() }()
		for d.Read(t.Context(), func(*db.View) error { return nil }) == nil {
			// until Close has begun
		}
		release()
		if err := <-queued; !errors.Is(err, db.ErrUnavailable) && err != nil {
			t.Errorf("queued: %v", err)
		}
		if err := errors.Join(<-closed, d.Close()); err != nil {
			t.Errorf("closing: %v", err)
		}
		for name, err := range map[string]error{
			"Read":   d.Read(t.Context(), func(*db.View) error { return nil }),
			"Write":  d.Write(t.Context(), put("x", "")),
			"Group":  d.Group(t.Context(), put("x", "")),
			"Backup": d.Backup(t.Context(), filepath.Join(t.TempDir(), "b")),
		} {
			if !errors.Is(err, db.ErrUnavailable) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAFullDiskIsUnavailableToItsWriterOnly(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t))
	mustWrite(t, d, func(tx *db.Tx) error {
		_, err := tx.Exec("PRAGMA max_page_count = 64")
		return err
	})
	release := holdWriter(t, d)
	small := queue(t.Context(), d, put("small", ""))
	big := queue(t.Context(), d, put("big", strings.Repeat("x", 1<<20)))
	release()
	if err := <-small; err != nil {
		t.Errorf("small: %v", err)
	}
	if err := <-big; !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("big: %v", err)
	}
	if diff := cmp.Diff([]string{"small"}, keys(t, d)); diff != "" {
		t.Error(diff)
	}
}

func TestASlowReadEndsWithItsContext(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		for range 2 { // amid a query, and before one
			err := d.Read(ctx, func(v *db.View) error {
				var n int
				return v.QueryRow(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 1000000000)
					SELECT COUNT(*) FROM n`).Scan(&n)
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
		}
		keys(t, d) // the pool has recovered
	})
}

func TestAContextThatEndsInsideAWriteIsNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, write := range []func(context.Context, func(*db.Tx) error) error{d.Write, d.Group} {
			ctx, cancel := context.WithCancel(t.Context())
			err := write(ctx, func(tx *db.Tx) error {
				cancel()
				return put("x", "")(tx)
			})
			// On the writer the closure is not disturbed, so it may still succeed.
			if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, db.ErrExists) {
				t.Errorf("got %v", err)
			}
		}
		mustWrite(t, d, put("y", ""))
	})
}
