package db_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
)

func TestMain(m *testing.M) {
	if os.Getenv(childDSN) != "" {
		child() // never returns
	}
	dbtest.Main(m)
}

// put writes one row into the only table there is.
func put(key, value string) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		_, err := tx.Exec("INSERT INTO hub_info (key, value) VALUES ($1, $2)", key, value)
		return err
	}
}

func mustWrite(t *testing.T, d *db.DB, f func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// keys returns what has been committed, in order.
func keys(t *testing.T, d *db.DB) (keys []string) {
	t.Helper()
	if err := d.Read(t.Context(), func(v *db.View) (err error) {
		keys, err = scan(v.Query("SELECT key FROM hub_info ORDER BY key"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return keys
}

func scan(rows interface {
	Next() bool
	Scan(...any) error
	Err() error
	Close() error
}, err error) (all []string, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// holdWriter occupies the writer, so that what is queued meanwhile becomes one
// group, until release is called.
func holdWriter(t *testing.T, d *db.DB) (release func()) {
	t.Helper()
	holding, free, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- d.Group(context.Background(), func(*db.Tx) error {
			close(holding)
			<-free
			return nil
		})
	}()
	<-holding
	return func() {
		t.Helper()
		close(free)
		if err := <-done; err != nil {
			t.Errorf("holding the writer: %v", err)
		}
	}
}

// queue starts a Group and returns once it waits in the queue.
func queue(ctx context.Context, d *db.DB, f func(*db.Tx) error) (done chan error) {
	n := d.Stats().Queued
	done = make(chan error, 1)
	go func() {
		err := errors.New("panicked or left")
		defer func() {
			recover()
			done <- err
		}()
		err = d.Group(ctx, f)
	}()
	for d.Stats().Queued == n {
		runtime.Gosched()
	}
	return done
}
