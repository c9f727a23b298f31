package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector/all"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/engine/local"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/text"
	"github.com/dongbo/dongbo/internal/vault"
	"github.com/dongbo/dongbo/internal/web"
)

// node is one running hub: database, lanes, console and webhooks.
type node struct {
	db     *db.DB
	hub    *hub.Hub
	auth   *auth.Auth
	engine *local.Engine
	log    *slog.Logger
	pages  http.Handler

	transport *http.Transport // to the platforms
}

type nodeConfig struct {
	DSN        string
	Key        []byte // of the vault
	URL        string // where platforms and people reach it
	Polling    bool   // platforms do not
	SettleTime time.Duration
	Pace       float64
	Log        *slog.Logger
	Demo       *web.Demo
}

// openNode opens a hub without starting it.
func openNode(ctx context.Context, c nodeConfig) (*node, error) {
	v, err := vault.Open(c.Key)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, c.DSN)
	if err != nil {
		return nil, err
	}
	n := &node{db: d, log: c.Log, transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: time.Minute,
	}}
	drivers := all.Drivers()
	n.hub = hub.New(hub.Config{
		DB: d, Vault: v, Clock: clock.Real{}, Drivers: drivers, URL: c.URL, Polling: c.Polling, SettleTime: c.SettleTime, Pace: c.Pace, Log: c.Log, Random: rand.Reader,
		Transport: n.transport,
	})
	n.engine = local.New(clock.Real{}, n.hub.Rows(), c.Log)
	n.hub.Attach(n.engine)
	n.auth = auth.New(d, clock.Real{}, rand.Reader)
	var words []fs.FS
	for _, driver := range drivers {
		words = append(words, driver.Words)
	}
	texts, err := text.New(words...)
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	n.pages, err = web.New(web.Config{Hub: n.hub, Auth: n.auth, Text: texts, Clock: clock.Real{}, URL: c.URL, Log: c.Log, Demo: c.Demo})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return n, nil
}

// handler is everything that the hub answers over HTTP.
func (n *node) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/hooks/", n.hub.Hooks())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := n.hub.Rows().Due(r.Context()); err != nil {
			http.Error(w, "database: "+err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.Handle("/", n.pages)
	return mux
}

// run works the lanes and serves l until ctx ends.
func (n *node) run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.engine.Run(ctx, n.hub.Work) })
	g.Go(func() error { return n.hub.Tidy(ctx) })
	g.Go(func() error { return serve(ctx, l, n.handler()) })
	return g.Wait()
}

func (n *node) close() error {
	n.transport.CloseIdleConnections()
	return n.db.Close()
}

// serve answers l until ctx ends, then lets answers under way finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	stopped := context.AfterFunc(ctx, func() {
		ending, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if s.Shutdown(ending) != nil {
			_ = s.Close()
		}
	})
	defer stopped()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving %s: %w", l.Addr(), err)
	}
	return nil
}

// randomKey is a vault key that lives as long as the process.
func randomKey() []byte {
	key := make([]byte, vault.KeySize)
	_, _ = rand.Read(key)
	return key
}

// password is one that a person can type.
func password() string {
	b := make([]byte, 9)
	_, _ = rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}
