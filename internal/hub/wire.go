package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/store"
)

// wire is the last stretch before bytes leave: it gives every call a request
// id, notes a write before it leaves and what became of it afterwards, and lets
// nobody write whose lane has changed hands.
type wire struct {
	lane   *lane
	cause  string
	locked bool // the caller holds the lane's lock
}

var errFenced = errors.New("this lane has changed hands")

func (t *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	h := t.lane.hub
	name, write := connector.RouteOf(r.Context())
	id := h.newID()
	r = r.Clone(r.Context())
	r.Header.Set("X-Request-Id", id)
	if !write {
		return t.send(r)
	}
	attempt := store.Attempt{ID: id, Connection: t.lane.id, Route: name, Cause: t.cause, At: h.Clock.Now()}
	if err := t.begin(r.Context(), attempt); err != nil {
		// Nothing has left: the call may be made again.
		return nil, &connector.Error{Kind: connector.Temporary, Err: fmt.Errorf("noting the call: %w", err)}
	}
	resp, err := t.send(r)
	attempt.Ended, attempt.Outcome = h.Clock.Now(), string(connector.Unknown)
	if err == nil {
		// Whether the answer means done or refused is the driver's to say; the
		// intent and the history hold its verdict.
		attempt.Status, attempt.Outcome = resp.StatusCode, "answered"
	}
	// Not with the caller's context: a call that ran out of time is noted too.
	if noteErr := h.write(context.WithoutCancel(r.Context()), t.lane.shop, func(w store.Writer) error { return w.EndAttempt(attempt) }); noteErr != nil {
		h.Log.Error("noting the end of a call", "connection", t.lane.id, "route", name, "error", noteErr)
	}
	return resp, err
}

func (t *wire) begin(ctx context.Context, a store.Attempt) error {
	epoch := t.lane.epoch
	if !t.locked {
		t.lane.mu.Lock()
		epoch = t.lane.epoch
		t.lane.mu.Unlock()
	}
	return t.lane.hub.DB.Write(ctx, func(tx *db.Tx) error {
		c, _, err := store.ConnectionByID(&tx.View, t.lane.id)
		if err != nil {
			return err
		}
		if c.Epoch != epoch {
			return errFenced
		}
		return store.Write(tx, t.lane.shop).BeginAttempt(a)
	})
}

// send carries the call and holds it to its deadline by the hub's clock too,
// which under virtual time the context does not know.
func (t *wire) send(r *http.Request) (*http.Response, error) {
	started := t.lane.hub.Clock.Now()
	resp, err := t.lane.hub.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if limit := t.lane.driver.Limits.Timeout; limit > 0 && t.lane.hub.Clock.Now().Sub(started) > limit {
		_ = resp.Body.Close()
		return nil, context.DeadlineExceeded
	}
	return resp, nil
}
