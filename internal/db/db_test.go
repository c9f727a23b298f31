package db_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

func TestReadersSeeOneCommittedMoment(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		count := func(v *db.View) (n int) {
			t.Helper()
			if err := v.QueryRow("SELECT COUNT(*) FROM hub_info").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		written, looked, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			done <- d.Write(context.Background(), func(tx *db.Tx) error {
				err := put("x", "")(tx)
				close(written)
				<-looked
				return err
			})
		}()
		<-written
		if err := d.Read(t.Context(), func(v *db.View) error {
			if n := count(v); n != 0 {
				t.Errorf("saw %d uncommitted rows", n)
			}
			close(looked)
			if err := <-done; err != nil {
				t.Error(err)
			}
			if n := count(v); n != 0 {
				t.Errorf("the snapshot moved: %d rows", n)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got := keys(t, d); len(got) != 1 {
			t.Errorf("the next reader sees %v", got)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	dsns := dbtest.DSNs(t)
	dsns["memory"] = "sqlite::memory:"
	for name, dsn := range dsns {
		t.Run(name, func(t *testing.T) {
			d := dbtest.Open(t, dsn)
			d.Read(t.Context(), func(v *db.View) error {
				var key string
				return v.QueryRow("INSERT INTO hub_info (key, value) VALUES ('x', '') RETURNING key").Scan(&key)
			})
			if got := keys(t, d); got != nil {
				t.Error(got)
			}
		})
	}
}

// The types and clauses that migrations and queries may rely on.
func TestOneSQLTextServesBoth(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		type row struct {
			Amount int64
			Flag   bool
			Data   []byte
		}
		want := row{Amount: 1<<62 + 1, Flag: true, Data: []byte("0123")} // digits: must stay bytes
		var got, empty row
		mustWrite(t, d, func(tx *db.Tx) error {
			if _, err := tx.Exec(`CREATE TABLE thing (id TEXT PRIMARY KEY, amount BIGINT NOT NULL, flag BOOLEAN NOT NULL, data BYTEA)`); err != nil {
				return err
			}
			if _, err := tx.Exec(`CREATE UNIQUE INDEX thing_flag ON thing (amount) WHERE flag`); err != nil {
				return err
			}
			upsert := `INSERT INTO thing (id, amount, flag, data) VALUES ($1, $3, $2, $4)
				ON CONFLICT (id) DO UPDATE SET amount = excluded.amount RETURNING amount, flag, data`
			if err := tx.QueryRow(upsert, "a", want.Flag, want.Amount, want.Data).Scan(&got.Amount, &got.Flag, &got.Data); err != nil {
				return err
			}
			if err := tx.QueryRow(upsert, "b", false, 0, []byte{}).Scan(&empty.Amount, &empty.Flag, &empty.Data); err != nil {
				return err
			}
			var id string
			if err := tx.QueryRow("SELECT id FROM thing WHERE flag = $1 AND (amount, id) > ($2, $3)"+tx.ForUpdate(), true, 5, "").Scan(&id); err != nil {
				return err
			}
			if id != "a" {
				return fmt.Errorf("found %q", id)
			}
			if err := tx.QueryRow("SELECT id FROM thing WHERE data IS NOT NULL AND NOT flag").Scan(&id); err != nil || id != "b" {
				return fmt.Errorf("no bytes are not NULL: found %q, %w", id, err)
			}
			return nil
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if len(empty.Data) != 0 { // SQLite gives nil back for it
			t.Errorf("no bytes became %q", empty.Data)
		}
	})
}

func TestBackupIsACopyThatOpens(t *testing.T) {
	for _, dsn := range []string{dbtest.SQLite(t), "sqlite::memory:"} {
		d := dbtest.Open(t, dsn)
		mustWrite(t, d, put("kept", ""))
		path := filepath.Join(t.TempDir(), "backup.db")
		if err := d.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		mustWrite(t, d, put("later", ""))
		if diff := cmp.Diff([]string{"kept"}, keys(t, dbtest.Open(t, "sqlite:"+path))); diff != "" {
			t.Error(diff)
		}
		if err := d.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("onto a file that exists: %v", err)
		}
	}
	err := dbtest.Open(t, dbtest.Postgres(t)).Backup(t.Context(), filepath.Join(t.TempDir(), "b"))
	if err == nil || !strings.Contains(err.Error(), "pg_dump") {
		t.Errorf("PostgreSQL: %v", err)
	}
}
