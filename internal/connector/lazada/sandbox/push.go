package sandbox

import (
	"fmt"
	"net/http"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// pushSetup is the console's push page (§14.1): one URL per app.
type pushSetup struct {
	url       string
	types     map[int64]bool
	verified  string // outcome of the last "Verify"
	outcomes  []bool // of the newest attempts, true is a failure
	suspended bool
}

// push is one message and what became of it.
type push struct {
	seq      int
	typ      int64
	seller   *seller
	orderID  int64
	itemID   int64
	pkg      string
	reverse  int64
	status   string
	at       time.Time
	attempts int
	outcome  string
	test     bool // made by "Verify"
	// body builds the message; a retry asks for the state as it is then.
	body func(fresh bool) any
}

const (
	pushTimeout = 500 * time.Millisecond
	pushRetries = 12
	pushPause   = 30 * time.Minute
)

// send makes a message for a seller, if the app wants its type.
func (s *Server) send(p *push) {
	p.at = s.now()
	if !p.test && (s.app.push.url == "" || !s.app.push.types[p.typ]) {
		return
	}
	s.pushes = append(s.pushes, p)
	p.seq = len(s.pushes)
	s.attempt(p)
}

// attempt hands a message to the world, first time or again.
func (s *Server) attempt(p *push) {
	switch {
	case p.test:
	case s.app.push.suspended:
		p.outcome = "not sent: suspended"
		return
	case p.seller != nil && !s.authorized(p.seller):
		p.outcome = "not sent: no authorization"
		return
	}
	p.attempts++
	p.outcome = "sending"
	retry := p.attempts > 1
	url, key, secret := s.app.push.url, s.app.key, s.app.secret
	s.world.Deliver(kit.Delivery{
		Route: fmt.Sprintf("push %d", p.typ), Key: fmt.Sprint(p.seq), Timeout: pushTimeout,
		Build: func(forge bool) *http.Request {
			s.mu.Lock()
			body := encode(p.body(retry))
			s.mu.Unlock()
			with := secret
			if forge {
				with += "x"
			}
			r := kit.JSONRequest(url, body)
			r.Header.Set("Authorization", pushSignature(key, with, body))
			return r
		},
		Done: func(status int, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.pushDone(p, status, err)
		},
	})
}

func (s *Server) pushDone(p *push, status int, err error) {
	good := err == nil && status == http.StatusOK
	p.outcome = fmt.Sprintf("HTTP %d", status)
	if err != nil {
		p.outcome = "no answer in 500 ms"
	}
	if p.test {
		s.app.push.verified = p.outcome
		if good {
			s.app.push.verified, s.app.push.suspended, s.app.push.outcomes = "ok", false, nil
		}
		return
	}
	s.countOutcome(!good)
	if good {
		p.outcome = "ok"
		return
	}
	if p.attempts > pushRetries {
		p.outcome = "lost: " + p.outcome
		return
	}
	s.world.After(pushPause, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.attempt(p)
	})
}

// countOutcome stops sending when more than half of the newest attempts
// failed (§14.1); "Verify" or a new URL starts it again.
func (s *Server) countOutcome(failed bool) {
	window := int(s.number("push_failure_window"))
	if window <= 0 {
		return
	}
	setup := &s.app.push
	setup.outcomes = append(setup.outcomes, failed)
	if over := len(setup.outcomes) - window; over > 0 {
		setup.outcomes = setup.outcomes[over:]
	}
	failures := 0
	for _, f := range setup.outcomes {
		if f {
			failures++
		}
	}
	if len(setup.outcomes) == window && 2*failures > window {
		setup.suspended = true
	}
}
