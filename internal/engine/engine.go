// Package engine says who works a lane and when. Rows say what there is to do;
// a wake-up is only a hint.
//
// The contract every engine keeps: at most one Work per lane at a time, in the
// whole cluster; a lane that has due rows is worked eventually, even if every
// Wake was lost.
package engine

import (
	"context"
	"time"
)

// Lane is one connection's line of work.
type Lane struct {
	Name string
	// Epoch rises whenever the lane changes hands; whoever commits for the lane
	// checks it, so that a worker that lost its lane cannot write.
	Epoch int64
}

// Work runs one lane until nothing of it is due and says when to come back; the
// zero time means when woken. A Wake for a running lane arrives on woken. An
// error makes the engine come back after a pause.
type Work func(ctx context.Context, lane Lane, woken <-chan struct{}) (next time.Time, err error)

// Engine works lanes.
type Engine interface {
	// Wake asks for a lane to be worked. It is called after a commit, never
	// blocks, and may be lost.
	Wake(lane string)
	// Run works lanes until ctx ends, then waits for those at work.
	Run(ctx context.Context, work Work) error
}

// Rows is what an engine asks the database.
type Rows struct {
	// Due lists the lanes that have due rows.
	Due func(ctx context.Context) ([]string, error)
	// Claim takes a lane over and returns its new epoch.
	Claim func(ctx context.Context, lane string) (epoch int64, err error)
}
