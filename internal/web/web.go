// Package web is the console: pages for owners and operators, with what
// changes shown as it changes. It reads rows through store and asks the hub for
// everything else; it never writes a row of the domain.
//
// One page is one file: what it loads and does in NAME.go, what it looks like
// in NAME.templ. Every page works without script; htmx only refreshes what has
// changed.
package web

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/text"
)

// Config is what the console is made of.
type Config struct {
	Hub   *hub.Hub
	Auth  *auth.Auth
	Text  *text.Texts
	Clock clock.Clock
	// URL is where people reach the console. With https, cookies are sent over
	// https only.
	URL  string
	Log  *slog.Logger
	Demo *Demo
}

// Demo makes the console lead a newcomer through simulated platforms; nil
// outside the demo.
type Demo struct {
	// Shop is where the guide's links lead, for example "demo".
	Shop string
	// Login and Password are shown on the sign-in page.
	Login, Password string
	// Actors are the pages on which one plays buyer, courier and staff.
	Actors []Actor
}

// Actor is a page of a simulated platform on which one acts.
type Actor struct {
	Platform string // "lazada"
	Role     string // "buyer", "seller", "courier", "staff": what it is called is in text
	URL      string
}

// console is the handler's state; it is immutable.
type console struct {
	Config
	assets *assets
	words  map[string]*text.Texts // with one platform's own words, by platform
	secure bool
}

// New returns the console. It serves everything but the platforms' webhooks,
// which are the hub's. It fails only if the words of a driver cannot be read.
func New(c Config) (http.Handler, error) {
	co := &console{Config: c, words: map[string]*text.Texts{}, secure: strings.HasPrefix(c.URL, "https:")}
	var err error
	if co.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	for _, d := range c.Hub.Drivers {
		if co.words[d.ID], err = text.New(d.Words); err != nil {
			return nil, err
		}
	}
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(co.refused))
	return co.headers(guard.Handler(co.routes())), nil
}

// routes lists every page.
func (c *console) routes() http.Handler {
	m := http.NewServeMux()
	m.Handle("GET /assets/{version}/{file}", c.assets)

	m.Handle("GET /signin", c.open(c.signInPage))
	m.Handle("POST /signin", c.open(c.signIn))
	m.Handle("GET /setup", c.open(c.setupPage))
	m.Handle("POST /setup", c.open(c.setup))
	m.Handle("POST /preferences", c.open(c.preferences))
	m.Handle("POST /signout", c.signed(c.signOut))

	m.Handle("GET /{$}", c.signed(c.home))
	m.Handle("GET /live", c.signed(c.live))
	m.Handle("GET /logo/{platform}", c.signed(c.logo))
	m.Handle("GET /account", c.signed(c.accountPage))
	m.Handle("POST /account/sessions/{id}/revoke", c.signed(c.revoke))
	m.Handle("GET /callback/{platform}", c.signed(c.callback))
	if c.Demo != nil {
		m.Handle("GET /guide", c.signed(c.guide))
	}

	m.Handle("GET /shops", c.operator(c.shopsPage))
	m.Handle("POST /shops", c.operator(c.createShop))
	m.Handle("POST /shops/{shop}/features/{platform}", c.operator(c.activate))
	m.Handle("POST /shops/{shop}/people", c.operator(c.createOwner))
	m.Handle("GET /apps", c.operator(c.appsPage))
	m.Handle("POST /apps/{platform}", c.operator(c.saveApp))

	m.Handle("GET /s/{shop}/{$}", c.shop(c.overview))
	m.Handle("GET /s/{shop}/connections", c.shop(c.connections))
	m.Handle("GET /s/{shop}/connections/new", c.shop(c.newConnection))
	m.Handle("POST /s/{shop}/drafts/{platform}", c.shop(c.draft))
	m.Handle("GET /s/{shop}/connections/{id}", c.shop(c.connectionPage))
	m.Handle("POST /s/{shop}/connections/{id}", c.shop(c.saveConnection))
	m.Handle("GET /s/{shop}/connections/{id}/signin", c.shop(c.platformSignIn))
	m.Handle("POST /s/{shop}/connections/{id}/pause/{direction}", c.shop(c.pause))
	m.Handle("POST /s/{shop}/connections/{id}/sync", c.shop(c.sync))
	m.Handle("GET /s/{shop}/connections/{id}/delete", c.shop(c.deletePage))
	m.Handle("POST /s/{shop}/connections/{id}/delete", c.shop(c.deleteConnection))
	m.Handle("GET /s/{shop}/goods", c.shop(c.goods))
	m.Handle("GET /s/{shop}/goods/{connection}/{item}/{sku}", c.shop(c.why))
	m.Handle("GET /s/{shop}/orders", c.shop(c.orders))
	m.Handle("GET /s/{shop}/orders/{connection}/{id}", c.shop(c.order))
	m.Handle("POST /s/{shop}/orders/{connection}/{id}/settle", c.shop(c.settle))
	m.Handle("GET /s/{shop}/history", c.shop(c.history))
	m.Handle("GET /s/{shop}/history/{id}", c.shop(c.entry))
	m.Handle("GET /s/{shop}/problems", c.shop(c.problems))

	m.Handle("/", c.signed(func(http.ResponseWriter, *http.Request, *page) error { return errNotFound }))
	return m
}
