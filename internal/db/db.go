// Package db opens the hub's database, SQLite or PostgreSQL, behind one small
// surface: a View to read, a Tx to write, one portable SQL text for both.
//
// # Promises
//
// When Write or Group returns nil, the transaction is on disk: SQLite runs with
// synchronous=FULL, PostgreSQL with its default synchronous_commit. A process
// killed at any instant loses nothing it has acknowledged.
//
// Every method of DB may be called from any goroutine. A View or Tx belongs to
// the closure that received it, and to one goroutine at a time.
//
// # Closures
//
// The closure given to Write or Group may run more than once (a deadlock, a
// group whose commit failed) and must therefore have no effect outside its Tx:
// assign results, never append to them; put wake-ups into Tx.AfterCommit. It
// runs on the caller's own goroutine, so panics and t.Fatal go where they
// belong, and never again once Write or Group has returned.
//
// A closure must return the error of a failed statement: after one, PostgreSQL
// refuses the rest of the transaction. It must read a row set to its end before
// the next statement, and must not call Read, Write, Group or Close of the same
// DB: on SQLite it would wait for itself. Network calls come before a
// transaction, never inside one; on SQLite everybody shares one writer.
//
// # Errors
//
// Driver errors never leave this package. What callers decide on are three
// sentinels (ErrExists, ErrBusy, ErrUnavailable), the context's own errors, and
// sql.ErrNoRows; they are recognisable everywhere an error appears, including
// Row.Scan and Rows.Err. Anything else is a mistake in the SQL or its
// arguments, and repeating it does not help.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// Dialect tells which database is open, for the few places where one SQL text
// cannot serve both.
type Dialect string

const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgres"
)

// DB is an open database with its schema up to date.
type DB struct {
	dialect Dialect
	address string // what Open was given, without a password

	read     *sql.DB
	write    *sql.DB // one connection on SQLite; the same pool as read on PostgreSQL
	snapshot sql.IsolationLevel
	retries  int // how often a transaction is tried before ErrBusy reaches the caller
	writer   *writer

	// ready is asked before each transaction that writes: on PostgreSQL,
	// whether this process still is the only one.
	ready    func(context.Context) error
	backup   func(ctx context.Context, path string) error
	releases []func() // what Close gives back, in order

	commits, members atomic.Int64

	mu     sync.Mutex
	closed bool
	users  sync.WaitGroup // calls in progress; Add only under mu while not closed
	close  func() error
}

// Option changes how Open opens.
type Option func(*options)

type options struct{ shared bool }

// Shared lets several processes use one PostgreSQL database at a time. Without
// it, Open refuses a database that another process holds. SQLite cannot be
// shared.
func Shared() Option { return func(o *options) { o.shared = true } }

// Open opens a database and migrates its schema. The forms of dsn are
//
//	sqlite:PATH        a file, created if missing; its folder must exist
//	sqlite::memory:    a database of its own that vanishes with Close
//	postgres://…       a URL as libpq understands it
//
// Errors: *InUseError if another process has the database open, *TooNewError if
// a newer program has migrated it, ErrUnavailable if it cannot be reached.
// Nobody retries for the caller.
func Open(ctx context.Context, dsn string, opts ...Option) (*DB, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	d, err := connect(ctx, dsn, o)
	if err != nil {
		return nil, fmt.Errorf("opening database: %w", err)
	}
	if err := d.migrate(ctx); err != nil {
		_ = d.release() // the migration's error is the one to show
		return nil, fmt.Errorf("opening database %s: %w", d.address, err)
	}
	d.writer = newWriter(d)
	d.close = sync.OnceValue(d.shutdown)
	go d.writer.loop()
	return d, nil
}

func connect(ctx context.Context, dsn string, o options) (*DB, error) {
	path, isSQLite := strings.CutPrefix(dsn, "sqlite:")
	switch {
	case isSQLite && o.shared:
		return nil, errors.New("SQLite serves one process: for several, use PostgreSQL")
	case isSQLite && path == ":memory:":
		return openMemory(ctx)
	case isSQLite && path != "":
		return openFile(path)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgres(ctx, dsn, o)
	}
	// The text itself stays out of the message: it may hold a password.
	return nil, errors.New("the address must be sqlite:PATH, sqlite::memory: or postgres://USER@HOST/NAME")
}

// Close ends the database: what runs is finished, what is queued is answered
// with ErrUnavailable, and so is every later call. It returns when nothing of
// the database is left, and may be called again.
func (d *DB) Close() error { return d.close() }

func (d *DB) shutdown() error {
	d.mu.Lock()
	d.closed = true
	d.mu.Unlock()
	d.writer.stop()
	d.users.Wait()
	return d.release()
}

func (d *DB) release() error {
	// Readers first: the last connection to leave an SQLite file folds the
	// write-ahead log back into it, and a query_only one could not.
	err := d.read.Close()
	if d.write != d.read {
		err = errors.Join(err, d.write.Close())
	}
	for _, release := range d.releases {
		release()
	}
	return err
}

// Dialect tells which database is open.
func (d *DB) Dialect() Dialect { return d.dialect }

// Read runs f on a consistent snapshot: everything f sees was committed before
// its first query, and nothing committed later shows up. Writers do not block
// it nor it them, except in a "sqlite::memory:" database, which has one
// connection for all. Whatever f might write is undone.
func (d *DB) Read(ctx context.Context, f func(*View) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.users.Done()
	raw, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: d.snapshot})
	if err != nil {
		return fmt.Errorf("beginning read: %w", err)
	}
	defer raw.Rollback()
	v := &View{ctx: ctx, raw: raw, dialect: d.dialect}
	defer v.end()
	return ended(ctx, f(v))
}

// Write runs f in a transaction of its own and returns once that is durable; an
// error from f rolls it back and is returned as it is. Decisions go through
// Write. On SQLite it takes its turn with the one writer and shares the fsync
// like Group; a full queue answers ErrBusy at once.
//
// Deadlocks and serialisation failures are tried again here, up to five times
// in all; ErrBusy afterwards means that the caller may come back later.
//
// When ctx ends, Write stops waiting, and says "outcome unknown" if f had
// already run, since its commit may still succeed. The same goes for
// ErrUnavailable while committing. Callers settle it by looking.
func (d *DB) Write(ctx context.Context, f func(*Tx) error) error {
	if d.dialect == SQLite {
		return d.Group(ctx, f)
	}
	if err := d.enter(); err != nil {
		return err
	}
	defer d.users.Done()
	return d.transact(ctx, f)
}

// Group runs f in a transaction that it shares, with its fsync, with whatever
// else is queued: it is for ingest, where many small facts arrive at once. f
// fails alone, panics alone and is retried alone; otherwise Group is Write,
// with the same errors. f should not lock rows that decisions lock, for it
// keeps them until the whole group is committed.
func (d *DB) Group(ctx context.Context, f func(*Tx) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.users.Done()
	return d.writer.do(ctx, f)
}

// Backup writes a consistent copy of an SQLite database to a new file, readable
// by its owner only, while the hub goes on working. A file that exists is left
// alone (fs.ErrExist). On PostgreSQL it returns an error that names pg_dump.
func (d *DB) Backup(ctx context.Context, path string) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.users.Done()
	return d.backup(ctx, path)
}

// Stats counts since Open.
type Stats struct {
	Commits int64 // transactions committed
	Members int64 // closures inside them; more than Commits when groups form
	Queued  int   // closures waiting for the writer right now
}

// Stats returns the counters for metrics and tests.
func (d *DB) Stats() Stats {
	return Stats{Commits: d.commits.Load(), Members: d.members.Load(), Queued: len(d.writer.queue)}
}

// enter lets a call in and makes Close wait for it.
func (d *DB) enter() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errClosed
	}
	d.users.Add(1)
	return nil
}
