// Package hub is the loop that keeps a shop's POS and its channels telling the
// same truth:
//
//	ingest   a webhook is verified, stored raw and marks an object dirty
//	observe  a lane reads what is dirty into rows
//	decide   under the shop's lock a pure rule compares wanted with seen
//	act      intents are carried out in the POS, each committed before its call
//	push     stock and prices go to the channels in batches
//
// Everything that is to be done is a row; a lane is one connection's line of
// work. See docs/architecture.md.
package hub

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/engine"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// Config is what a hub is made of.
type Config struct {
	DB      *db.DB
	Vault   *vault.Vault
	Clock   clock.Clock
	Drivers []connector.Driver
	// Transport carries calls to the platforms.
	Transport http.RoundTripper
	Log       *slog.Logger
	// URL is where the owner's browser and platforms reach this hub, for sign-in
	// and webhooks. Empty: no sign-in, polling alone.
	URL string
	// Polling: platforms cannot reach URL, so no webhooks are asked for.
	Polling bool
	// SettleTime replaces the platforms' own settle times, for tests that shorten
	// it together with the sandbox's longest late finish; 0 keeps them.
	SettleTime time.Duration
	// Pace multiplies the speed of all budgets, for tests against sandboxes whose
	// limits are raised as well; 0 keeps the platforms' own.
	Pace float64
	// Random makes identifiers and tokens.
	Random io.Reader
}

// Hub is one hub. Its methods are safe for concurrent use.
type Hub struct {
	Config
	drivers map[string]connector.Driver
	started time.Time
	engine  engine.Engine

	mu      sync.Mutex
	lanes   map[string]*lane
	waiting map[string][]chan struct{} // commands by id
	keys    map[string]hookKeys        // of webhooks, by connection or platform
	changed map[chan struct{}]struct{} // pages that want to hear of changes
}

// New returns a hub. Attach gives it the engine that works its lanes.
func New(c Config) *Hub {
	h := &Hub{
		Config: c, drivers: map[string]connector.Driver{}, started: c.Clock.Now(),
		lanes: map[string]*lane{}, waiting: map[string][]chan struct{}{}, keys: map[string]hookKeys{}, changed: map[chan struct{}]struct{}{},
	}
	for _, d := range c.Drivers {
		h.drivers[d.ID] = d
	}
	return h
}

// Attach says which engine is woken.
func (h *Hub) Attach(e engine.Engine) { h.engine = e }

// Rows is what the engine asks the database.
func (h *Hub) Rows() engine.Rows {
	return engine.Rows{
		Due: func(ctx context.Context) (due []string, err error) {
			err = h.DB.Read(ctx, func(v *db.View) error {
				due, err = store.Due(v, h.Clock.Now())
				return err
			})
			return due, err
		},
		Claim: func(ctx context.Context, lane string) (epoch int64, err error) {
			err = h.DB.Write(ctx, func(tx *db.Tx) error {
				epoch, err = store.ClaimLane(tx, lane)
				return err
			})
			return epoch, err
		},
	}
}

// Driver returns a platform.
func (h *Hub) Driver(platform string) (connector.Driver, bool) {
	d, ok := h.drivers[platform]
	return d, ok
}

// Read runs f on one shop's rows.
func (h *Hub) Read(ctx context.Context, shop retail.ShopID, f func(store.Reader) error) error {
	return h.DB.Read(ctx, func(v *db.View) error { return f(store.Read(v, shop)) })
}

func (h *Hub) write(ctx context.Context, shop retail.ShopID, f func(store.Writer) error) error {
	return h.DB.Write(ctx, func(tx *db.Tx) error { return f(store.Write(tx, shop)) })
}

// decide runs f alone among all decisions about the shop.
func (h *Hub) decide(ctx context.Context, shop retail.ShopID, f func(store.Writer) error) error {
	return h.write(ctx, shop, func(w store.Writer) error {
		if err := w.Lock(); err != nil {
			return err
		}
		w.AfterCommit(h.notify)
		return f(w)
	})
}

// Changes returns a channel that is closed the next time anything that a page
// shows may have changed, and a function that gives it up.
func (h *Hub) Changes() (<-chan struct{}, func()) {
	c := make(chan struct{})
	h.mu.Lock()
	h.changed[c] = struct{}{}
	h.mu.Unlock()
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.changed, c)
	}
}

func (h *Hub) notify() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.changed {
		close(c)
		delete(h.changed, c)
	}
}

// newID returns an identifier that sorts by time.
func (h *Hub) newID() string {
	return fmt.Sprintf("%013x", h.Clock.Now().UnixMicro()) + h.token(6)
}

// token returns n random bytes as hex.
func (h *Hub) token(n int) string {
	b := make([]byte, n)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, err := io.ReadFull(h.Random, b); err != nil {
		panic("hub: no randomness: " + err.Error())
	}
	return hex.EncodeToString(b)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("hub: %T does not encode: %v", v, err))
	}
	return b
}

// look asks a connection's lane to look at something and wakes it.
func (h *Hub) look(w store.Writer, connection string, k lookKind, key string, due time.Time, hint string) error {
	now := h.Clock.Now()
	err := w.MarkLook(store.Look{Connection: connection, Kind: string(k), Key: key, Urgency: kinds[k].urgency, Due: due, Since: now, Hint: hint})
	if err == nil && !due.After(now) {
		w.AfterCommit(func() { h.engine.Wake(connection) })
	}
	return err
}
