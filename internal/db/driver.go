package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5/stdlib"
)

// The types of this file stand between database/sql and a driver and do one
// thing: translate errors. Done here, it holds for every error whatever way it
// takes, Row.Scan and Rows.Err included, and no caller can forget it.

type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	raw, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, translate(err)
	}
	return &conn{raw.(rawConn)}, nil
}

// rawConn is what both drivers' connections can do.
type rawConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
}

type conn struct{ rawConn }

func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	raw, err := c.rawConn.BeginTx(ctx, opts)
	if err != nil {
		return nil, translate(err)
	}
	return tx{raw}, nil
}

func (c *conn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	result, err := c.rawConn.ExecContext(ctx, q, args)
	return result, c.translate(err)
}

func (c *conn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	raw, err := c.rawConn.QueryContext(ctx, q, args)
	if err != nil {
		return nil, c.translate(err)
	}
	return rows{raw}, nil
}

func (c *conn) Ping(ctx context.Context) error         { return translate(c.rawConn.Ping(ctx)) }
func (c *conn) ResetSession(ctx context.Context) error { return translate(c.rawConn.ResetSession(ctx)) }

func (c *conn) IsValid() bool {
	v, ok := c.rawConn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.rawConn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// translate tells an open row set, which the PostgreSQL driver reports as a bad
// connection, from a connection that is really lost.
func (c *conn) translate(err error) error {
	if errors.Is(err, driver.ErrBadConn) {
		if pg, ok := c.rawConn.(*stdlib.Conn); ok && !pg.Conn().IsClosed() && pg.Conn().PgConn().IsBusy() {
			return &fault{"a row set is still open: read it to its end or close it before the next statement", nil}
		}
	}
	return translate(err)
}

type tx struct{ driver.Tx }

func (t tx) Commit() error   { return translate(t.Tx.Commit()) }
func (t tx) Rollback() error { return translate(t.Tx.Rollback()) }

type rows struct{ driver.Rows }

func (r rows) Close() error { return translate(r.Rows.Close()) }

func (r rows) Next(dest []driver.Value) error {
	err := r.Rows.Next(dest)
	if err == io.EOF { //nolint:errorlint // exactly so: the end, not a lost connection: that one comes wrapped or unexpected
		return err
	}
	return translate(err)
}
