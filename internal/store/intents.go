package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// IntentState is where a change that is to be made in the POS stands.
type IntentState string

const (
	IntentOpen       IntentState = "open"
	IntentCalling    IntentState = "calling" // a call was about to leave; after a crash its outcome is unknown
	IntentUnknown    IntentState = "unknown"
	IntentHeld       IntentState = "held" // refused; tried again when its cause may be gone
	IntentDone       IntentState = "done"
	IntentSuperseded IntentState = "superseded" // no longer wanted
)

// Intent is one change that is to be made in the POS for a channel's order.
type Intent struct {
	ID         string
	Lane       string // the POS connection
	Connection string // the channel's
	OrderID    string
	State      IntentState
	Want       retail.Intent
	Answer     retail.Intent
	Due        time.Time
	Deadline   time.Time // of the last call
	Attempts   int64
	Misses     int64 // look-ups that found nothing since the last call
	Error      retail.Problem
	Created    time.Time
	Updated    time.Time
}

const intentColumns = `id, lane, connection_id, order_id, state, intent, answer, due_at, deadline, attempts, misses, error, created_at, updated_at`

func scanIntent(s scanner) (Intent, error) {
	var i Intent
	var want, answer, failure string
	var due, deadline, created, updated int64
	err := s.Scan(&i.ID, &i.Lane, &i.Connection, &i.OrderID, &i.State, &want, &answer, &due, &deadline, &i.Attempts, &i.Misses, &failure, &created, &updated)
	if err != nil {
		return i, err
	}
	i.Due, i.Deadline, i.Created, i.Updated = instant(due), instant(deadline), instant(created), instant(updated)
	for _, d := range []struct {
		doc  string
		into any
	}{{want, &i.Want}, {answer, &i.Answer}, {failure, &i.Error}} {
		if err := parse(d.doc, d.into); err != nil {
			return i, err
		}
	}
	return i, nil
}

// CreateIntent commits to a change; db.ErrExists if the same one is open.
func (w Writer) CreateIntent(i Intent) error {
	return w.exec("storing intent", `INSERT INTO intents (shop_id, `+intentColumns+`, key)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		w.shop, i.ID, i.Lane, i.Connection, i.OrderID, i.State, document(i.Want), document(i.Answer), micros(i.Due), micros(i.Deadline),
		i.Attempts, i.Misses, document(i.Error), micros(i.Created), micros(i.Updated), i.Want.Key())
}

// SaveIntent stores how an intent goes on.
func (w Writer) SaveIntent(i Intent) error {
	return w.exec("storing intent", `UPDATE intents SET state = $3, intent = $4, answer = $5, due_at = $6, deadline = $7, attempts = $8,
		misses = $9, error = $10, updated_at = $11 WHERE shop_id = $1 AND id = $2`,
		w.shop, i.ID, i.State, document(i.Want), document(i.Answer), micros(i.Due), micros(i.Deadline), i.Attempts, i.Misses, document(i.Error), micros(i.Updated))
}

const liveIntents = `state IN ('open', 'calling', 'unknown', 'held')`

// Intent returns one intent.
func (r Reader) Intent(id string) (Intent, bool, error) {
	return one(r.v, "reading intent", scanIntent, `SELECT `+intentColumns+` FROM intents WHERE shop_id = $1 AND id = $2`, r.shop, id)
}

// LiveIntents lists what is still to be done for an order.
func (r Reader) LiveIntents(connection, order string) ([]Intent, error) {
	return rows(r.v, "listing intents", scanIntent, `SELECT `+intentColumns+` FROM intents
		WHERE shop_id = $1 AND connection_id = $2 AND order_id = $3 AND `+liveIntents+` ORDER BY created_at, id`, r.shop, connection, order)
}

// IntentsOf lists everything that was ever wanted for an order.
func (r Reader) IntentsOf(connection, order string) ([]Intent, error) {
	return rows(r.v, "listing intents", scanIntent, `SELECT `+intentColumns+` FROM intents
		WHERE shop_id = $1 AND connection_id = $2 AND order_id = $3 ORDER BY created_at, id`, r.shop, connection, order)
}

// DueIntents lists what a POS lane has to do now.
func (r Reader) DueIntents(lane string, now time.Time, limit int) ([]Intent, error) {
	return rows(r.v, "listing due intents", scanIntent, `SELECT `+intentColumns+` FROM intents
		WHERE shop_id = $1 AND lane = $2 AND due_at <= $3 AND `+liveIntents+` ORDER BY due_at, created_at, id LIMIT $4`, r.shop, lane, micros(now), limit)
}

// ReleaseHeld makes everything that a lane holds due now: its cause may be
// gone.
func (w Writer) ReleaseHeld(lane string, now time.Time) error {
	return w.exec("releasing what was held", `UPDATE intents SET due_at = $3 WHERE shop_id = $1 AND lane = $2 AND state = 'held' AND due_at > $3`,
		w.shop, lane, micros(now))
}
