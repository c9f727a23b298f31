package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrExists is a unique constraint that refused a row.
	ErrExists = errors.New("already exists")
	// ErrBusy is a lock, a deadlock or a full queue that outlasted the retries
	// made here. Nothing was written; the caller may try again later.
	ErrBusy = errors.New("database is busy")
	// ErrUnavailable is a full disk, a lost connection or a closed DB. Trying
	// again at once is pointless; coming back later is not.
	ErrUnavailable = errors.New("database is unavailable")

	errInterrupted = errors.New("statement interrupted") // SQLite's word for a context that ended
	errClosed      = fmt.Errorf("%w: it is closed", ErrUnavailable)
)

// InUseError tells that another process has the database open.
type InUseError struct{ Path string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("%s is in use by another process: stop that one first", e.Path)
}

// TooNewError tells that a newer program has migrated the database.
type TooNewError struct {
	Database int64 // schema version found
	Program  int64 // newest schema version this program knows
}

func (e *TooNewError) Error() string {
	return fmt.Sprintf("its schema has version %d and this program knows only up to %d: "+
		"start the newer program, or restore the backup made before the upgrade", e.Database, e.Program)
}

// fault is a driver's error with the driver taken out: its text and what it
// means here.
type fault struct {
	text  string
	means []error
}

func (f *fault) Error() string   { return f.text }
func (f *fault) Unwrap() []error { return f.means }

// translate turns a driver's error into ours. It sits in the driver wrapper, so
// database/sql sees its result: what steers that package (ErrBadConn, ErrSkip)
// must stay recognisable.
func translate(err error) error {
	var known *fault
	switch {
	case err == nil, errors.As(err, &known), errors.Is(err, driver.ErrSkip), errors.Is(err, driver.ErrRemoveArgument):
		return err
	case errors.Is(err, driver.ErrBadConn):
		return &fault{ErrUnavailable.Error() + ": connection lost", []error{ErrUnavailable, driver.ErrBadConn}}
	case errors.Is(err, context.Canceled):
		return &fault{err.Error(), []error{context.Canceled}}
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{err.Error(), []error{context.DeadlineExceeded}}
	}
	if kind := classify(err); kind != nil {
		return &fault{kind.Error() + ": " + err.Error(), []error{kind}}
	}
	return &fault{err.Error(), nil}
}

// ended gives the context its due when a transaction failed because ctx ended:
// depending on the instant, what arrives may only be that it is gone.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, sql.ErrTxDone) || errors.Is(err, errInterrupted)) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	return err
}

func classify(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return classifySQLite(e.Code())
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return classifyPostgres(e.Code)
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return ErrUnavailable
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return ErrUnavailable
	}
	for _, lost := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, pgconn.ErrConnClosed, sql.ErrConnDone} {
		if errors.Is(err, lost) {
			return ErrUnavailable
		}
	}
	return nil
}

func classifySQLite(code int) error {
	switch code {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return ErrExists
	}
	switch code & 0xff { // the primary code; the rest is detail
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_NOMEM:
		return ErrUnavailable
	case sqlite3.SQLITE_INTERRUPT:
		return errInterrupted
	}
	return nil
}

func classifyPostgres(code string) error {
	switch code {
	case "23505": // unique_violation
		return ErrExists
	case "40001", "40P01", "55P03": // serialization_failure, deadlock_detected, lock_not_available
		return ErrBusy
	case "57P01", "57P02", "57P03", "57P05": // shut down, crashed, starting up, idle too long
		return ErrUnavailable
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "58": // connection, resources (disk, memory, connections), the server's own system
		return ErrUnavailable
	}
	return nil
}
