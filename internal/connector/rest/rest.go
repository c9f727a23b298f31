// Package rest is what drivers share for speaking HTTP: spending the budget,
// a deadline, bounded bodies, one renewal of a dead token, status → Kind, and
// keeping secrets and phone numbers out of errors.
package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// Call is one request to a platform.
type Call struct {
	Budget string // of the driver's Limits
	Write  bool   // changes something: never repeated, an unclear end is Uncertain
	// Route names the call in attempts and metrics, without identifiers:
	// "POST /orders".
	Route string
	// Build makes the request with the given access token; it is called again
	// after a renewal. Where the platform needs no token it is "".
	Build func(token string) (*http.Request, error)
	// Anonymous calls carry no token.
	Anonymous bool
	// Dead tells whether an answer says that the token is no longer valid;
	// nil means status 401.
	Dead func(Answer) bool
}

// Answer is a complete response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Client makes calls for one account.
type Client struct {
	Account connector.Account
	Timeout time.Duration
	MaxBody int64
}

const defaultMaxBody = 16 << 20

// Do carries out a call. Answers with any status are returned; the caller
// classifies them with its platform's knowledge, falling back on Status. Only
// what prevented a complete answer is an error here: Throttled from the
// budget, Temporary or Uncertain from the network.
//
// A dead token is renewed once and the call made again: the platform said that
// it did nothing.
func (c *Client) Do(ctx context.Context, call Call) (Answer, error) {
	dead := call.Dead
	if dead == nil {
		dead = func(a Answer) bool { return a.Status == http.StatusUnauthorized }
	}
	token := ""
	if !call.Anonymous {
		var err error
		if token, err = c.Account.Token(ctx); err != nil {
			return Answer{}, err
		}
	}
	answer, err := c.once(ctx, call, token)
	if err != nil || call.Anonymous || !dead(answer) {
		return answer, err
	}
	if token, err = c.Account.Renew(ctx, token); err != nil {
		return Answer{}, err
	}
	answer, err = c.once(ctx, call, token)
	if err == nil && dead(answer) {
		return Answer{}, &connector.Error{Kind: connector.Unauthorised, Problem: retail.Problem{Key: "connection.unauthorised"}}
	}
	return answer, err
}

func (c *Client) once(ctx context.Context, call Call, token string) (Answer, error) {
	if err := c.Account.Spend(ctx, call.Budget); err != nil {
		return Answer{}, err
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	ctx, cancel := context.WithTimeout(connector.WithRoute(ctx, call.Route, call.Write), timeout)
	defer cancel()
	req, err := call.Build(token)
	if err != nil {
		return Answer{}, &connector.Error{Kind: connector.Rejected, Problem: retail.Problem{Key: "connection.bad_request"}, Err: fmt.Errorf("building %s: %w", call.Route, err)}
	}
	lost := connector.Temporary
	if call.Write {
		lost = connector.Uncertain
	}
	resp, err := c.Account.HTTP.Do(req.WithContext(ctx))
	if err != nil {
		// The hub's own chain refuses with a classified error before bytes leave.
		if e, ok := errors.AsType[*connector.Error](err); ok {
			return Answer{}, e
		}
		return Answer{}, &connector.Error{Kind: lost, Problem: retail.Problem{Key: "connection.unreachable"}, Err: fmt.Errorf("calling %s: %w", call.Route, scrub(err))}
	}
	defer resp.Body.Close()
	limit := c.MaxBody
	if limit == 0 {
		limit = defaultMaxBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return Answer{}, &connector.Error{Kind: lost, Problem: retail.Problem{Key: "connection.cut"}, Err: fmt.Errorf("reading the answer of %s: %w", call.Route, scrub(err))}
	}
	if int64(len(body)) > limit {
		return Answer{}, &connector.Error{Kind: lost, Problem: retail.Problem{Key: "connection.too_large"}, Err: fmt.Errorf("the answer of %s is larger than %d bytes", call.Route, limit)}
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: bytes.TrimSpace(body)}, nil
}

// Status classifies an answer by its HTTP status alone; nil for 2xx.
func Status(a Answer, write bool) *connector.Error {
	e := &connector.Error{Err: fmt.Errorf("status %d", a.Status), Problem: retail.Problem{Key: "connection.status", Args: map[string]any{"status": a.Status}}}
	switch {
	case a.Status >= 200 && a.Status < 300:
		return nil
	case a.Status == http.StatusTooManyRequests:
		e.Kind, e.After, e.Problem.Key = connector.Throttled, RetryAfter(a), "connection.throttled"
	case a.Status == http.StatusUnauthorized:
		e.Kind, e.Problem.Key = connector.Unauthorised, "connection.unauthorised"
	case a.Status == http.StatusForbidden:
		e.Kind, e.Problem.Key = connector.Forbidden, "connection.forbidden"
	case a.Status == http.StatusNotFound:
		e.Kind = connector.NotFound
	case a.Status >= 500 && write:
		e.Kind = connector.Uncertain
	case a.Status >= 500:
		e.Kind = connector.Temporary
	default:
		e.Kind = connector.Rejected
	}
	return e
}

// RetryAfter reads the header in seconds; 0 if it is absent or unreadable.
func RetryAfter(a Answer) time.Duration {
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// scrub keeps the kind of a transport error and drops its URL, whose query
// may hold a token.
func scrub(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			break
		}
		err = inner
	}
	return errors.New(Redact(err.Error()))
}

var (
	phones  = regexp.MustCompile(`(\+?84|0)([\s.-]?\d){8,10}\b`)
	secrets = regexp.MustCompile(`(?i)((?:access_token|refresh_token|client_secret|app_secret|sign|authorization|secret)["']?\s*[=:]\s*["']?)(bearer\s+)?[^\s"'&,}]+`)
)

// Redact blacks out secrets and phone numbers in a platform's words, for
// errors, logs and history.
func Redact(text string) string {
	text = secrets.ReplaceAllString(text, "$1•••")
	return phones.ReplaceAllStringFunc(text, func(s string) string {
		return s[:2] + "•••" + s[len(s)-2:]
	})
}
