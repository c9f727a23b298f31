package connectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// Setup is what both harnesses need.
type Setup struct {
	Driver connector.Driver
	// Clock makes a clock that stands still until somebody sleeps on it.
	Clock func() sandbox.Clock
	// Server starts the platform.
	Server func(*sandbox.World) sandbox.Server
	// Prepare, if set, changes the platform before the account is connected.
	Prepare func(b *Bench)
	// Keys picks the account's keys out of what the simulator names in Info.
	Keys func(info map[string]string) connector.Keys
	// SignIn plays the owner on the sign-in page and returns what the page sends
	// back. Nil where Auth has no URL: then Refresh brings the first grant.
	SignIn func(b *Bench, page string) map[string]string
	// Kill makes the access token invalid, but not the right to a new one.
	Kill func(b *Bench)
	// TokenRoute is the pattern of the token calls in the journal.
	TokenRoute string
	// Private are strings that no error may hold besides keys and tokens: the
	// phone numbers and names that the harness uses.
	Private []string
	// Throttled tells whether the platform refused a call for its speed.
	Throttled func(sandbox.Entry) bool
}

const (
	platformHost = "platform.test"
	hubHost      = "hub.test"
	redirect     = "https://" + hubHost + "/callback"
	hook         = "https://" + hubHost + "/hook"
)

// Bench is one fresh platform with one connected account.
type Bench struct {
	*testing.T
	Setup  Setup
	World  *sandbox.World
	Server sandbox.Server
	Net    *sandbox.Transport
	Clock  sandbox.Clock
	Info   map[string]string
	// Account is what the driver gets, kept as the hub keeps it.
	Account connector.Account

	notes *notes
	// slowed: the case itself provokes refusals for speed.
	slowed bool
	// renewing makes twenty callers cause one refresh.
	renewing sync.Mutex

	mu        sync.Mutex
	grant     connector.Grant
	refreshes int
	secrets   []string
	buckets   map[string]*bucket
	left      []departure
	pushes    []pushed
}

// pushed is one delivery that the platform made to the hub.
type pushed struct {
	request *http.Request
	body    []byte
}

// notes gathers what all cases of one run saw.
type notes struct {
	mu       sync.Mutex
	problems map[string]bool
}

// NewBench stands a platform up and connects an account, for a driver's own
// tests. What the account's calls must observe is checked as in the suite.
func NewBench(t *testing.T, setup Setup) *Bench {
	t.Helper()
	return newBench(t, setup, &notes{problems: map[string]bool{}})
}

// Ctx is the context to call the driver with: the budget that a call spends is
// counted there. Each call of the driver takes a new one.
func (b *Bench) Ctx() context.Context { return b.ctx() }

func newBench(t *testing.T, setup Setup, seen *notes) *Bench {
	t.Helper()
	b := &Bench{T: t, Setup: setup, Clock: setup.Clock(), Net: &sandbox.Transport{}, notes: seen, buckets: map[string]*bucket{}}
	b.World = sandbox.NewWorld(1, b.Clock, &http.Client{Transport: b.Net})
	b.Server = setup.Server(b.World)
	b.Net.Serve(platformHost, b.Server)
	b.Net.Serve(hubHost, http.HandlerFunc(b.receive))
	b.Info = b.Server.Info("https://" + platformHost)
	for _, l := range setup.Driver.Limits.Budgets {
		b.buckets[l.Name] = &bucket{Budget: l, tokens: float64(l.Burst), at: b.Clock.Now()}
	}
	b.Account = connector.Account{
		Keys: setup.Keys(b.Info),
		Base: b.Info["base_url"], AuthBase: b.Info["auth_url"],
		HTTP:  &http.Client{Transport: departures{b}},
		Now:   b.Clock.Now,
		Spend: b.spend, Token: b.token, Renew: b.renew,
	}
	b.secrets = append(b.secrets, b.Account.AppSecret, b.Account.Hook)
	for _, f := range append(setup.Driver.App, setup.Driver.Form...) {
		if f.Kind == connector.SecretField {
			b.secrets = append(b.secrets, b.Account.Values[f.Name])
		}
	}
	b.Cleanup(b.settle)
	if setup.Prepare != nil {
		setup.Prepare(b)
	}
	b.connect()
	return b
}

// connect brings the first grant.
func (b *Bench) connect() {
	b.Helper()
	auth := b.Setup.Driver.Auth
	var err error
	switch {
	case auth.URL != nil && b.Setup.SignIn != nil:
		const state = "state-of-ours+/&"
		real, bad := url.Parse(auth.URL(b.Account.Keys, redirect, state))
		if bad != nil {
			b.Fatalf("the sign-in page's address: %v", bad)
		}
		// As the hub does where an address replaces the platform's own.
		back := b.Setup.SignIn(b, b.Account.AuthBase+"?"+real.RawQuery)
		if back["state"] != state {
			b.Errorf("state came back as %q", back["state"])
		}
		b.grant, err = auth.Exchange(b.ctx(), b.Account, back)
	case auth.Refresh != nil:
		b.grant, err = auth.Refresh(b.ctx(), b.Account, connector.Grant{})
	}
	if b.saw(err) != nil {
		b.Fatalf("connecting: %v", err)
	}
	b.keep(b.grant)
	b.Account.Grant = b.grant
	if b.grant.AccountID == "" {
		b.Error("the grant names no account")
	}
}

func (b *Bench) keep(g connector.Grant) {
	b.grant = g
	b.secrets = append(b.secrets, g.Access, g.Refresh)
}

// settle looks back at a case when it is over.
func (b *Bench) settle() {
	b.overdrawn()
	if err := b.Server.Invariants(); err != nil {
		b.Errorf("the platform's own truths: %v", err)
	}
	if b.Setup.Throttled == nil || b.slowed {
		return
	}
	for _, e := range b.World.Journal.Since(0) {
		if e.Fault == "" && b.Setup.Throttled(e) {
			b.Errorf("the platform refused call %d (%s) for its speed", e.Seq, e.Route)
		}
	}
}

// Pass lets time pass and the platform do what is due meanwhile.
func (b *Bench) Pass(d time.Duration) {
	_ = b.Clock.Sleep(context.Background(), d)
	b.World.RunDue()
}

// Do carries out an action at the platform's desk and returns its result.
func (b *Bench) Do(action string, fields map[string]string) map[string]any {
	b.Helper()
	var out any
	b.desk(http.MethodPost, "/do/"+action, fields, &out)
	m, _ := out.(map[string]any)
	return m
}

// Switch turns a switch of the desk.
func (b *Bench) Switch(name, value string) {
	b.Helper()
	b.desk(http.MethodPost, "/switch/"+name, map[string]string{"value": value}, nil)
}

// See returns the rows of a view of the desk that match the filter.
func (b *Bench) See(view string, filter map[string]string) []map[string]any {
	b.Helper()
	q := url.Values{}
	for k, v := range filter {
		q.Set(k, v)
	}
	var out []map[string]any
	b.desk(http.MethodGet, "/see/"+view+"?"+q.Encode(), nil, &out)
	return out
}

func (b *Bench) desk(method, where string, in, out any) {
	b.Helper()
	body, _ := json.Marshal(in)
	rec := httptest.NewRecorder()
	b.Server.Actors().ServeHTTP(rec, httptest.NewRequest(method, where, bytes.NewReader(body)))
	if rec.Code != http.StatusOK {
		b.Fatalf("%s: %s", where, rec.Body)
	}
	if out != nil {
		d := json.NewDecoder(rec.Body)
		d.UseNumber()
		if err := d.Decode(out); err != nil {
			b.Fatalf("%s: %v", where, err)
		}
	}
}

// Fault returns what arranges a fault for the calls whose route matches.
func Fault(route, kind string) func(*Bench) {
	return func(b *Bench) {
		b.Helper()
		if err := b.World.Faults.Add(sandbox.Rule{Route: route, Kind: kind}); err != nil {
			b.Fatal(err)
		}
	}
}

// once arranges a fault for one call.
func (b *Bench) once(route, kind string) {
	b.Helper()
	if err := b.World.Faults.Add(sandbox.Rule{Route: route, Kind: kind, Times: 1}); err != nil {
		b.Fatal(err)
	}
}

// calls counts the journal's entries after seq whose route matches.
func (b *Bench) calls(seq int64, route string) int {
	n := 0
	for _, e := range b.World.Journal.Since(seq) {
		if ok, _ := path.Match(route, e.Route); ok {
			n++
		}
	}
	return n
}

func (b *Bench) seq() int64 { return int64(len(b.World.Journal.Since(0))) }

// saw checks an error's text and remembers its problem.
func (b *Bench) saw(err error) error {
	b.Helper()
	if err == nil {
		return nil
	}
	e, classified := asError(err)
	text := err.Error()
	if classified {
		text += " " + e.Problem.Detail + fmt.Sprint(e.Problem.Args, e.Problem.Object)
		b.notes.mu.Lock()
		b.notes.problems[e.Problem.Key] = true
		b.notes.mu.Unlock()
	}
	b.mu.Lock()
	hidden := append(append([]string{}, b.secrets...), b.Setup.Private...)
	b.mu.Unlock()
	for _, s := range hidden {
		if len(s) > 3 && strings.Contains(text, s) {
			b.Errorf("an error holds %q: %s", s, text)
		}
	}
	return err
}

// wants checks an error's kind.
func (b *Bench) wants(what string, err error, write bool, kind connector.Kind) {
	b.Helper()
	if b.saw(err) == nil {
		b.Errorf("%s: no error, want %s", what, kind)
	} else if got := connector.KindOf(err, write); got != kind {
		b.Errorf("%s is %s, want %s: %v", what, got, kind, err)
	}
}

func (b *Bench) receive(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pushes = append(b.pushes, pushed{r.Clone(context.Background()), body.Bytes()})
}

// received takes what the platform has pushed so far.
func (b *Bench) received() []pushed {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.pushes
	b.pushes = nil
	return p
}
