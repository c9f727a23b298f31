package db_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/google/go-cmp/cmp"
)

func TestOpeningTwiceMigratesOnce(t *testing.T) {
	dbtest.EachDSN(t, func(t *testing.T, dsn string) {
		for _, key := range []string{"first", "second"} {
			d, err := db.Open(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			mustWrite(t, d, put(key, ""))
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff([]string{"first", "second"}, keys(t, dbtest.Open(t, dsn))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestADatabaseFromTheFutureIsRefused(t *testing.T) {
	dbtest.EachDSN(t, func(t *testing.T, dsn string) {
		d, err := db.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec("INSERT INTO schema_version (version_id, is_applied) VALUES ($1, $2)", 9999, true)
			return err
		})
		d.Close()
		_, err = db.Open(t.Context(), dsn)
		var tooNew *db.TooNewError
		if !errors.As(err, &tooNew) || tooNew.Database != 9999 {
			t.Errorf("got %v", err)
		}
	})
}

func TestASecondInstanceIsRefused(t *testing.T) {
	dbtest.EachDSN(t, func(t *testing.T, dsn string) {
		d := dbtest.Open(t, dsn)
		_, err := db.Open(t.Context(), dsn)
		var inUse *db.InUseError
		if !errors.As(err, &inUse) {
			t.Fatalf("got %v, want *InUseError", err)
		}
		mustWrite(t, d, put("undisturbed", ""))
		d.Close()
		dbtest.Open(t, dsn)
	})
}

func TestOnlyPostgresCanBeShared(t *testing.T) {
	if _, err := db.Open(t.Context(), dbtest.SQLite(t), db.Shared()); err == nil {
		t.Error("SQLite was shared")
	}
	dsn := dbtest.Postgres(t)
	one, two := dbtest.Open(t, dsn, db.Shared()), dbtest.Open(t, dsn, db.Shared())
	mustWrite(t, one, put("one", ""))
	mustWrite(t, two, put("two", ""))
	if diff := cmp.Diff([]string{"one", "two"}, keys(t, one)); diff != "" {
		t.Error(diff)
	}
}

func TestTheFileIsPrivateWhateverItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c=d#e%20f.db")
	mustWrite(t, dbtest.Open(t, "sqlite:"+path), put("x", ""))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}

	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	var inUse *db.InUseError
	if _, err := db.Open(t.Context(), "sqlite:"+link); !errors.As(err, &inUse) {
		t.Errorf("through a link: %v", err)
	}
}

func TestEachMemoryIsItsOwn(t *testing.T) {
	one, two := dbtest.Open(t, "sqlite::memory:"), dbtest.Open(t, "sqlite::memory:")
	mustWrite(t, one, put("one", ""))
	if diff := cmp.Diff([]string{"one"}, keys(t, one)); diff != "" {
		t.Error(diff)
	}
	if got := keys(t, two); got != nil {
		t.Error(got)
	}
}

// Simulations run the hub on virtual time, database included.
func TestAMemoryRunsInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.Open(t, "sqlite::memory:")
		var waiting []chan error
		for i := range 10 {
			done := make(chan error, 1)
			waiting = append(waiting, done)
			go func() { done <- d.Group(t.Context(), put(fmt.Sprint(i), "")) }()
		}
		synctest.Wait()
		for _, done := range waiting {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if n := len(keys(t, d)); n != 10 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestAWrongAddressIsExplainedWithoutRepeatingIt(t *testing.T) {
	for _, dsn := range []string{"", "sqlite:", "hub.db", "mysql://u:secret@h/d", "postgres://u:secret@127.0.0.1:notaport/d"} {
		_, err := db.Open(t.Context(), dsn)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", dsn, err)
		}
	}
	if _, err := db.Open(t.Context(), "postgres://u@127.0.0.1:1/d"); !errors.Is(err, db.ErrUnavailable) {
		t.Errorf("nobody listens: %v", err)
	}
}
