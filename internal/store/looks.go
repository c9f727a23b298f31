package store

import (
	"time"
)

// Look is something that a lane must look at again.
type Look struct {
	Connection string
	Kind       string
	Key        string
	// Urgency sorts what is due: small first.
	Urgency  int64
	Seq      int64
	Due      time.Time
	Since    time.Time // first asked for
	Attempts int64
	Hint     string // what the caller knew, as JSON; the newest wins
	Error    string
}

// MarkLook asks for a look. A repeat moves the sequence, so that a worker that
// is at it now will look once more, and never puts the look off.
func (w Writer) MarkLook(l Look) error {
	return w.exec("asking for a look", `INSERT INTO looks (shop_id, connection_id, kind, key, urgency, seq, due_at, since, attempts, hint, error)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $7, 0, $8, '')
		ON CONFLICT (shop_id, connection_id, kind, key) DO UPDATE SET seq = looks.seq + 1, attempts = 0,
			due_at = CASE WHEN excluded.due_at < looks.due_at THEN excluded.due_at ELSE looks.due_at END,
			hint = CASE WHEN excluded.hint = '' THEN looks.hint ELSE excluded.hint END`,
		w.shop, l.Connection, l.Kind, l.Key, l.Urgency, micros(l.Due), micros(l.Since), l.Hint)
}

// DueLooks lists what is due of a lane, most urgent first.
func (r Reader) DueLooks(connection string, now time.Time, limit int) ([]Look, error) {
	return rows(r.v, "listing looks", scanLook, `SELECT connection_id, kind, key, urgency, seq, due_at, since, attempts, hint, error FROM looks
		WHERE shop_id = $1 AND connection_id = $2 AND due_at <= $3 ORDER BY urgency, due_at, kind, key LIMIT $4`,
		r.shop, connection, micros(now), limit)
}

func scanLook(s scanner) (Look, error) {
	var l Look
	var due, since int64
	err := s.Scan(&l.Connection, &l.Kind, &l.Key, &l.Urgency, &l.Seq, &due, &since, &l.Attempts, &l.Hint, &l.Error)
	l.Due, l.Since = instant(due), instant(since)
	return l, err
}

// LooksOf lists all looks of a connection, for the page.
func (r Reader) LooksOf(connection string) ([]Look, error) {
	return rows(r.v, "listing looks", scanLook, `SELECT connection_id, kind, key, urgency, seq, due_at, since, attempts, hint, error FROM looks
		WHERE shop_id = $1 AND connection_id = $2 ORDER BY due_at, kind, key`, r.shop, connection)
}

// HasLooks tells whether a connection has looks of a kind that have not been
// done yet. One that has failed many times over no longer counts: it is shown
// as a problem.
func (r Reader) HasLooks(connection, kind string) (bool, error) {
	n, _, err := one(r.v, "counting looks", number, `SELECT COUNT(*) FROM looks
		WHERE shop_id = $1 AND connection_id = $2 AND kind = $3 AND attempts < 8`, r.shop, connection, kind)
	return n > 0, err
}

// DropLook ends a look, unless it was asked for again meanwhile.
func (w Writer) DropLook(l Look) error {
	return w.exec("ending a look", `DELETE FROM looks WHERE shop_id = $1 AND connection_id = $2 AND kind = $3 AND key = $4 AND seq = $5`,
		w.shop, l.Connection, l.Kind, l.Key, l.Seq)
}

// DelayLook puts a look off: a recurring one to its next turn, a failed one
// until it is tried again. Asked for again meanwhile, it stays due.
func (w Writer) DelayLook(l Look, due time.Time, attempts int64, failure string) error {
	return w.exec("putting a look off", `UPDATE looks SET due_at = $6, attempts = $7, error = $8
		WHERE shop_id = $1 AND connection_id = $2 AND kind = $3 AND key = $4 AND seq = $5`,
		w.shop, l.Connection, l.Kind, l.Key, l.Seq, micros(due), attempts, failure)
}

// NextDue is the earliest moment at which a lane has something to do; the zero
// time if it has nothing.
func (r Reader) NextDue(connection string) (time.Time, error) {
	n, _, err := one(r.v, "finding what is due next", number, `SELECT COALESCE(MIN(at), 0) FROM (
		SELECT MIN(due_at) AS at FROM looks WHERE shop_id = $1 AND connection_id = $2
		UNION ALL SELECT MIN(due_at) FROM intents WHERE shop_id = $1 AND lane = $2 AND state IN ('open', 'calling', 'unknown', 'held')
		UNION ALL SELECT MIN(not_before) FROM listings WHERE shop_id = $1 AND connection_id = $2 AND stock_dirty = 1
		UNION ALL SELECT MIN(not_before) FROM listings WHERE shop_id = $1 AND connection_id = $2 AND price_dirty = 1) AS due
		WHERE at IS NOT NULL`, r.shop, connection)
	if n == 0 && err == nil {
		// A fresh dirty row may be due since ever (0), which is now.
		return r.anythingDirty(connection)
	}
	return instant(n), err
}

func (r Reader) anythingDirty(connection string) (time.Time, error) {
	n, _, err := one(r.v, "finding what is due next", number, `SELECT COUNT(*) FROM listings WHERE shop_id = $1 AND connection_id = $2
		AND not_before = 0 AND (stock_dirty = 1 OR price_dirty = 1)`, r.shop, connection)
	if n > 0 {
		return time.UnixMicro(1).UTC(), err
	}
	return time.Time{}, err
}
