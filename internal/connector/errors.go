package connector

import (
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Kind tells the hub what an error means for it; see the package comment.
type Kind string

const (
	Temporary    Kind = "temporary"
	Throttled    Kind = "throttled"
	Unauthorised Kind = "unauthorised"
	Forbidden    Kind = "forbidden"
	NotFound     Kind = "not_found"
	Exists       Kind = "exists"
	Rejected     Kind = "refused"
	Locked       Kind = "locked"
	Uncertain    Kind = "uncertain"
)

// Error is a platform's failure, classified.
type Error struct {
	Kind    Kind
	After   time.Duration // Throttled: not before
	Problem retail.Problem
	Err     error
}

func (e *Error) Error() string {
	text := string(e.Kind)
	if e.Problem.Key != "" {
		text += " (" + e.Problem.Key + ")"
	}
	if e.Problem.Detail != "" {
		text += ": " + e.Problem.Detail
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an Error of a kind with a problem key.
func Errorf(kind Kind, key, format string, args ...any) *Error {
	return &Error{Kind: kind, Problem: retail.Problem{Key: key}, Err: fmt.Errorf(format, args...)}
}

// KindOf classifies err after a read or a write.
func KindOf(err error, write bool) Kind {
	if e, ok := errors.AsType[*Error](err); ok && e.Kind != "" {
		return e.Kind
	}
	if write {
		return Uncertain
	}
	return Temporary
}

// ResultOf turns the error of a write into a Result.
func ResultOf(err error) Result {
	switch {
	case err == nil:
		return Result{Outcome: Done}
	case KindOf(err, true) == Uncertain:
		return Result{Outcome: Unknown, Err: err}
	default:
		return Result{Outcome: Refused, Err: err}
	}
}
