package db

import (
	"context"
	"errors"
	"fmt"
)

const (
	queueSize = 4096 // closures that may wait; a fuller queue is answered ErrBusy at once
	groupSize = 512  // closures that share a commit
)

// writer is the one goroutine that commits groups. It takes the first request,
// adds whatever is queued at that moment, and commits them together. There is
// no timer: alone, a request waits for nobody; under load, the next group grows
// while this one's fsync runs (27 webhooks a commit with 64 clients, four times
// the rate of one transaction each).
//
// The writer owns the transaction, but each closure runs on its caller's
// goroutine: the writer hands it the Tx (turn) and waits until the closure has
// ended. So a panic unwinds the stack it belongs to, and a caller that has left
// cannot be run behind its back.
type writer struct {
	d       *DB
	queue   chan *request
	quit    chan struct{} // closed to stop the loop
	stopped chan struct{} // closed when the loop has ended
}

// request is one closure on its way through the writer.
type request struct {
	ctx    context.Context // the caller's values without its cancellation
	turn   chan *Tx        // writer → caller: run your closure in this transaction
	ended  chan error      // caller → writer: how it ended
	gone   chan struct{}   // closed by a caller that has stopped waiting
	answer chan error      // writer → caller: what became of it; room for one, never blocks

	tx *Tx // of the current group, for its AfterCommit
}

var (
	errGone     = errors.New("caller stopped waiting")
	errNoReturn = errors.New("closure did not return")
)

func newWriter(d *DB) *writer {
	return &writer{
		d:       d,
		queue:   make(chan *request, queueSize),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
}

// do is the caller's side: queue, run the closure whenever it is its turn, and
// leave with the answer.
func (w *writer) do(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{
		// An interrupted statement makes SQLite roll the whole transaction
		// back, everybody's part of it: one caller's ctx must not reach it.
		ctx:    context.WithoutCancel(ctx),
		turn:   make(chan *Tx),
		ended:  make(chan error, 1),
		gone:   make(chan struct{}),
		answer: make(chan error, 1),
	}
	defer close(r.gone) // for a panic in f too
	select {
	case w.queue <- r:
	default:
		return fmt.Errorf("%w: %d writes are waiting already", ErrBusy, queueSize)
	}
	ran := false
	for {
		select {
		case tx := <-r.turn:
			ran = true
			r.run(tx, f)
		case err := <-r.answer:
			return err
		case <-w.stopped:
			return r.answered(errClosed)
		case <-ctx.Done():
			err := ctx.Err()
			if ran {
				err = fmt.Errorf("waiting for the commit, outcome unknown: %w", err)
			}
			return r.answered(err)
		}
	}
}

// run is one turn.
func (r *request) run(tx *Tx, f func(*Tx) error) {
	err := errNoReturn // what the writer hears when f panics or calls runtime.Goexit
	defer func() { r.ended <- err }()
	err = f(tx)
}

// answered prefers the true answer, should there be one by now.
func (r *request) answered(otherwise error) error {
	select {
	case err := <-r.answer:
		return err
	default:
		return otherwise
	}
}

// take is the writer's side of a turn.
func (r *request) take(tx *Tx) error {
	defer tx.end()
	r.tx = tx
	select {
	case r.turn <- tx:
		return <-r.ended
	case <-r.gone:
		return errGone
	}
}

func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case <-w.quit:
			return
		case first := <-w.queue:
			w.settle(w.gather(first))
		}
	}
}

// stop ends the loop after the group it is at. Whoever is queued sees stopped.
func (w *writer) stop() {
	close(w.quit)
	<-w.stopped
}

// gather collects the next group. Callers that have left drop out here, for
// nothing; those that leave later cost a savepoint.
func (w *writer) gather(first *request) (group []*request) {
	for r := first; ; {
		select {
		case <-r.gone:
		default:
			group = append(group, r)
		}
		if len(group) == groupSize {
			return group
		}
		select {
		case r = <-w.queue:
		default:
			return group
		}
	}
}

// settle answers every member of the group: together if that works, else one by
// one, so that whatever spoils the common transaction fails alone.
func (w *writer) settle(group []*request) {
	again := group
	if len(group) > 1 {
		again = w.together(group)
	}
	for i, r := range again {
		err := w.alone(r)
		r.answer <- err
		if errors.Is(err, ErrUnavailable) {
			// No database, or no room in it: the others need not each wait to
			// be told the same.
			for _, r := range again[i+1:] {
				r.answer <- err
			}
			return
		}
	}
}

func (w *writer) alone(r *request) error {
	return w.d.transact(r.ctx, r.take)
}

// together runs the group in one transaction, answers those whose fate is
// certain and returns the others, of whom nothing has been committed.
func (w *writer) together(group []*request) (again []*request) {
	ctx := context.Background()
	raw, err := w.d.begin(ctx)
	if err != nil {
		return answer(group, err)
	}
	defer raw.Rollback()

	good := make([]*request, 0, len(group))
	savepoint := "SAVEPOINT member"
	for i, r := range group {
		if _, err := raw.ExecContext(ctx, savepoint); err != nil {
			// The transaction is gone under our feet: SQLite ends it by itself
			// when the disk is full, PostgreSQL when the connection breaks.
			return append(append(good, again...), group[i:]...)
		}
		err := r.take(w.d.newTx(r.ctx, raw))
		switch {
		case err == nil:
			good = append(good, r)
			savepoint = "RELEASE SAVEPOINT member; SAVEPOINT member"
			continue
		case errors.Is(err, ErrBusy) && w.d.retries > 1, errors.Is(err, ErrUnavailable):
			again = append(again, r) // the others' locks, or the others' size, may be to blame
		default:
			r.answer <- err
		}
		savepoint = "ROLLBACK TO SAVEPOINT member" // which keeps the savepoint for the next
	}
	if len(good) == 0 {
		return again
	}
	if savepoint == "ROLLBACK TO SAVEPOINT member" {
		if _, err := raw.ExecContext(ctx, savepoint); err != nil {
			return append(good, again...)
		}
	}
	switch err := w.d.commit(ctx, raw, len(good)); {
	case err == nil:
		for _, r := range good {
			for _, f := range r.tx.after {
				f()
			}
		}
		answer(good, nil)
		return again
	case errors.Is(err, ErrUnavailable):
		answer(good, err) // it may have been committed: running it again could do it twice
		return answer(again, err)
	default:
		return append(good, again...)
	}
}

// answer tells all of them the same and returns none.
func answer(group []*request, err error) []*request {
	for _, r := range group {
		r.answer <- err
	}
	return nil
}
