// Package dbtest gives tests real databases: a fresh SQLite file, and a fresh
// database on a PostgreSQL server that the test binary starts for itself.
//
// A package that uses it says
//
//	func TestMain(m *testing.M) { dbtest.Main(m) }
//
// and writes its tests once:
//
//	func TestThing(t *testing.T) {
//		dbtest.Each(t, func(t *testing.T, d *db.DB) { … })
//	}
package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"go.uber.org/goleak"
)

// Main runs the tests, stops the PostgreSQL server if one was started, looks for
// goroutines left behind, and exits. Without it the server still dies with the
// process, but its folder stays behind until a later run sweeps it.
func Main(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) (code int) {
	defer theServer.stop() // deferred for m.Run's panics
	code = m.Run()
	theServer.stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintf(os.Stderr, "dbtest: %v\n", err)
		code = 1
	}
	return code
}

// Each runs f as the subtests "sqlite" and "postgres", each with an empty,
// migrated database that is closed and removed afterwards.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	EachDSN(t, func(t *testing.T, dsn string) { f(t, Open(t, dsn)) })
}

// EachDSN is Each for tests that open the database themselves or leave it to a
// child process.
func EachDSN(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t)) })
}

// DSNs returns a fresh database of each kind, by the name of its dialect.
func DSNs(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{string(db.SQLite): SQLite(t), string(db.PostgreSQL): Postgres(t)}
}

// SQLite returns the address of a file that does not exist yet.
func SQLite(t testing.TB) (dsn string) {
	return "sqlite:" + filepath.Join(t.TempDir(), "hub.db")
}

// Postgres returns the URL of a fresh, migrated database of its own, dropped
// after the test, whoever may still be connected. Without a PostgreSQL server on
// the machine the test fails: the second database is not optional.
func Postgres(t testing.TB) (dsn string) {
	t.Helper()
	s, err := theServer.start()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	name, err := s.create(t.Context())
	if err != nil {
		t.Fatalf("dbtest: creating database: %v", err)
	}
	t.Cleanup(func() { s.drop(name) })
	return s.url(name)
}

// Open opens dsn for one test and closes it afterwards.
func Open(t testing.TB, dsn string, opts ...db.Option) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), dsn, opts...)
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("dbtest: closing database: %v", err)
		}
	})
	return d
}
