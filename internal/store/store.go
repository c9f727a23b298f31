// Package store holds every query of the domain. A query goes through one
// shop: Read and Write take it, so a query without a shop cannot be written
// (SYN-05). What must look across shops, the lanes and the sign-in of
// webhooks, is in across.go and nowhere else.
package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
)

// Reader reads one shop's rows inside a transaction.
type Reader struct {
	v    *db.View
	shop retail.ShopID
}

// Writer reads and writes one shop's rows inside a transaction.
type Writer struct {
	Reader
	tx *db.Tx
}

// Read returns the reader of one shop.
func Read(v *db.View, shop retail.ShopID) Reader { return Reader{v, shop} }

// Write returns the writer of one shop.
func Write(tx *db.Tx, shop retail.ShopID) Writer { return Writer{Reader{&tx.View, shop}, tx} }

// Shop is the shop that the reader reads.
func (r Reader) Shop() retail.ShopID { return r.shop }

// AfterCommit has f called once the transaction is durable.
func (w Writer) AfterCommit(f func()) { w.tx.AfterCommit(f) }

func (w Writer) exec(doing, query string, args ...any) error {
	if _, err := w.tx.Exec(query, args...); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// rows runs a query and scans every row before it returns.
func rows[T any](v *db.View, doing string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	found, err := v.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	defer found.Close()
	var out []T
	for found.Next() {
		t, err := scan(found)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", doing, err)
		}
		out = append(out, t)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return out, nil
}

// one runs a query for at most one row.
func one[T any](v *db.View, doing string, scan func(scanner) (T, error), query string, args ...any) (T, bool, error) {
	t, err := scan(v.QueryRow(query, args...))
	switch {
	case err == nil:
		return t, true, nil
	case errors.Is(err, sql.ErrNoRows):
		var zero T
		return zero, false, nil
	}
	return t, false, fmt.Errorf("%s: %w", doing, err)
}

type scanner interface{ Scan(...any) error }

func text(s scanner) (string, error) {
	var t string
	err := s.Scan(&t)
	return t, err
}

func number(s scanner) (int64, error) {
	var n int64
	err := s.Scan(&n)
	return n, err
}

// micros and instant convert between times and microseconds UTC; the zero time
// is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// document encodes a value for a column that is never queried.
func document(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: %T does not encode: %v", v, err))
	}
	return string(b)
}

func parse(doc string, into any) error {
	if doc == "" {
		return nil
	}
	return json.Unmarshal([]byte(doc), into)
}
