package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// View reads inside one transaction. It ends with the closure that received it;
// using it later panics.
type View struct {
	ctx     context.Context
	raw     *sql.Tx
	dialect Dialect
	lock    string
}

// Query runs a query with $n placeholders. The rows must be closed or read to
// their end before the next statement: PostgreSQL carries one result at a time.
func (v *View) Query(q string, args ...any) (*sql.Rows, error) {
	return v.live().QueryContext(v.ctx, q, args...)
}

// QueryRow runs a query for at most one row; Scan of none gives sql.ErrNoRows.
func (v *View) QueryRow(q string, args ...any) *sql.Row {
	return v.live().QueryRowContext(v.ctx, q, args...)
}

// Dialect tells which database is open.
func (v *View) Dialect() Dialect { return v.dialect }

// ForUpdate is what a SELECT ends with to lock its rows until the transaction
// does: " FOR UPDATE" in a Tx on PostgreSQL, nothing on SQLite, whose one
// writer is lock enough, and nothing in Read. A decision locks its shop's row
// first, before it reads anything it decides on: under READ COMMITTED each
// later statement then sees what the previous holder committed.
func (v *View) ForUpdate() string { return v.lock }

func (v *View) live() *sql.Tx {
	if v.raw == nil {
		panic("db: View or Tx used after its closure returned")
	}
	return v.raw
}

func (v *View) end() { v.raw = nil }

// Tx writes. What it wrote is visible to itself at once and to others after
// the commit.
type Tx struct {
	View
	after []func()
}

// Exec runs a statement with $n placeholders that returns no rows.
func (t *Tx) Exec(q string, args ...any) (sql.Result, error) {
	return t.live().ExecContext(t.ctx, q, args...)
}

// AfterCommit has f called once the transaction is durable, in the order of the
// calls, outside any transaction and before Write or Group returns; never after
// a rollback. f is a hint such as a wake-up: it may be lost in a crash, must not
// block, must not use the DB, and must not panic.
func (t *Tx) AfterCommit(f func()) {
	t.live()
	t.after = append(t.after, f)
}

func (d *DB) newTx(ctx context.Context, raw *sql.Tx) *Tx {
	t := &Tx{View: View{ctx: ctx, raw: raw, dialect: d.dialect}}
	if d.dialect == PostgreSQL {
		t.lock = " FOR UPDATE"
	}
	return t
}

// begin starts a transaction that writes; ctx rolls it back when it ends.
func (d *DB) begin(ctx context.Context) (*sql.Tx, error) {
	if err := d.ready(ctx); err != nil {
		return nil, err
	}
	raw, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("beginning transaction: %w", err)
	}
	return raw, nil
}

// commit makes raw durable, which holds that many closures.
func (d *DB) commit(ctx context.Context, raw *sql.Tx, members int) error {
	err := ended(ctx, raw.Commit())
	switch {
	case err == nil:
		d.commits.Add(1)
		d.members.Add(int64(members))
		return nil
	case errors.Is(err, ErrUnavailable), ctx.Err() != nil:
		// The word may have reached the server and only its answer been lost.
		return fmt.Errorf("committing, outcome unknown: %w", err)
	default:
		return fmt.Errorf("committing: %w", err)
	}
}

// transact runs f in a transaction of its own, again while the database is busy.
func (d *DB) transact(ctx context.Context, f func(*Tx) error) error {
	for try := 1; ; try++ {
		err := d.once(ctx, f)
		if try >= d.retries || !errors.Is(err, ErrBusy) || ctx.Err() != nil {
			return err
		}
	}
}

func (d *DB) once(ctx context.Context, f func(*Tx) error) error {
	raw, err := d.begin(ctx)
	if err != nil {
		return err
	}
	defer raw.Rollback() // also when f panics; harmless after the commit
	t := d.newTx(ctx, raw)
	defer t.end()
	if err := f(t); err != nil {
		return ended(ctx, err)
	}
	if err := d.commit(ctx, raw, 1); err != nil {
		return err
	}
	t.end()
	for _, f := range t.after {
		f()
	}
	return nil
}
