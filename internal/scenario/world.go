// Package scenario runs readable scripts against a hub and the sandboxes in one
// process: in-process transport, virtual time, one goroutine. The grammar is in
// docs/scenarios.md.
package scenario

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector/all"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/engine/step"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/dongbo/dongbo/internal/vault"
)

// Shop is the one shop of a scenario.
const Shop retail.ShopID = "shop"

const hubHost = "hub.example"

// World is a hub and all sandboxes under one virtual clock.
type World struct {
	Clock     *clock.Virtual
	Sandbox   *sandbox.World
	Hub       *hub.Hub
	Sandboxes map[string]sandbox.Server
	// Problems with the hub's own machinery, such as a lane that failed.
	Errors []error

	dsn         string
	opts        Options
	transport   *sandbox.Transport
	db          *db.DB
	engine      *step.Engine
	connections map[string]string // by the name that the script gave, else the platform's
	crashAt     string            // "POST /orders": the hub dies while this call is out
	random      *stream
}

// Options change how a world begins.
type Options struct {
	Seed    uint64
	DSN     string // "" means a file in Dir
	Dir     string
	Polling bool // no webhooks: the platforms cannot reach the hub
	Log     io.Writer
}

// Scratch makes a folder for a world's database, in memory where the machine has
// such a disk: a crash here loses what was not committed, not what the disk had
// not written.
func Scratch() (string, error) {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err == nil && info.IsDir() {
		if dir, err := os.MkdirTemp(memory, "dongbo-"); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", "dongbo-")
}

// Start brings the sandboxes and a hub with one shop up.
func Start(ctx context.Context, o Options) (*World, error) {
	w := &World{
		Clock: clock.NewVirtual(time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)), Sandboxes: map[string]sandbox.Server{},
		opts: o, dsn: o.DSN, transport: &sandbox.Transport{}, connections: map[string]string{}, random: &stream{seed: o.Seed},
	}
	if w.dsn == "" {
		w.dsn = "sqlite:" + filepath.Join(o.Dir, "hub.db")
	}
	w.Clock.OnSleep = func(d time.Duration) { w.sleep(d) }
	w.Sandbox = sandbox.NewWorld(o.Seed, w.Clock, &http.Client{Transport: w.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
	for _, p := range all.Platforms() {
		s := p.Sandbox(w.Sandbox)
		w.Sandboxes[p.Driver.ID] = s
		w.transport.Serve(p.Driver.ID+".example", s)
	}
	if err := w.StartHub(ctx); err != nil {
		return nil, err
	}
	if err := w.Hub.CreateShop(ctx, Shop, "Cửa hàng thử"); err != nil {
		return nil, err
	}
	for platform := range w.Sandboxes {
		info := w.Info(platform)
		if err := w.Hub.SetApp(ctx, platform, info, info["base_url"], info["auth_url"]); err != nil {
			return nil, err
		}
	}
	return w, w.registerPush()
}

// registerPush is the operator at the platforms' consoles: where an app has one
// address for pushes, it is the hub's.
func (w *World) registerPush() error {
	address := ""
	if !w.opts.Polling {
		address = "http://" + hubHost + "/hooks/"
	}
	for _, platform := range w.platforms() {
		if !w.has(platform, "set_push") {
			continue
		}
		to := address
		if to != "" {
			to += platform
		}
		if _, err := w.Do(platform, "set_push", map[string]string{"url": to}); err != nil {
			return err
		}
	}
	return nil
}

// has tells whether people can do something on a platform.
func (w *World) has(platform, action string) bool {
	actions, err := sandbox.Actions(w.Sandboxes[platform])
	return err == nil && slices.Contains(actions, action)
}

// Poll takes the hub's public address away: from now on no platform reaches it,
// and it has to ask.
func (w *World) Poll(ctx context.Context) error {
	w.opts.Polling = true
	if err := w.registerPush(); err != nil {
		return err
	}
	if err := w.StopHub(); err != nil {
		return err
	}
	return w.StartHub(ctx)
}

// CrashAt makes the hub die during the next call of a route, "POST /orders":
// the platform carries it out and the hub never hears the answer.
func (w *World) CrashAt(route string) { w.crashAt = route }

// RoundTrip carries the hub's calls.
func (w *World) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := w.transport.RoundTrip(r)
	if hit, _ := path.Match(w.crashAt, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/rest")); !hit {
		return resp, err
	}
	w.crashAt = ""
	if err == nil {
		_ = resp.Body.Close()
	}
	// Without a database a hub can do nothing more, whatever it still tries.
	return nil, errors.Join(errors.New("the hub has crashed"), w.StopHub())
}

// Info is what a sandbox tells its clients.
func (w *World) Info(platform string) map[string]string {
	return w.Sandboxes[platform].Info("http://" + platform + ".example")
}

// StartHub starts a hub on the world's database.
func (w *World) StartHub(ctx context.Context) error {
	d, err := db.Open(ctx, w.dsn)
	if err != nil {
		return err
	}
	v, err := vault.Open(bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		return err
	}
	logs := w.opts.Log
	if logs == nil {
		logs = io.Discard
	}
	w.db = d
	w.Hub = hub.New(hub.Config{
		DB: d, Vault: v, Clock: w.Clock, Drivers: all.Drivers(), Transport: w, URL: "http://" + hubHost, Polling: w.opts.Polling,
		Random: w.random, Log: slog.New(slog.NewTextHandler(logs, nil)),
	})
	w.engine = step.New(w.Clock, w.Hub.Rows())
	w.Hub.Attach(w.engine)
	if !w.opts.Polling {
		w.transport.Serve(hubHost, w.Hub.Hooks())
	}
	return nil
}

// StopHub takes the hub away. What was not committed is lost, as in a crash.
func (w *World) StopHub() error {
	if w.Hub == nil {
		return nil
	}
	w.transport.Serve(hubHost, nil)
	w.Hub = nil
	return w.db.Close()
}

// Close ends the world and reports the first platform truth that does not hold.
func (w *World) Close() error {
	if err := w.StopHub(); err != nil {
		return err
	}
	for _, name := range w.platforms() {
		if err := w.Sandboxes[name].Invariants(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (w *World) platforms() []string {
	var names []string
	for name := range w.Sandboxes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Run lets d pass: whatever falls due on the platforms and in the hub happens
// in order.
func (w *World) Run(ctx context.Context, d time.Duration) error {
	until := w.Clock.Now().Add(d)
	for {
		if err := w.Now(ctx); err != nil {
			return err
		}
		next := until
		if at, ok := w.Sandbox.Next(); ok && at.Before(next) {
			next = at
		}
		if w.Hub != nil {
			if at, ok := w.engine.Next(); ok && at.Before(next) {
				next = at
			}
		}
		if !next.Before(until) {
			w.Clock.Set(until)
			return w.Now(ctx)
		}
		if !next.After(w.Clock.Now()) {
			next = w.Clock.Now().Add(time.Millisecond) // never stand still
		}
		w.Clock.Set(next)
	}
}

// Now does everything that is due at this moment.
func (w *World) Now(ctx context.Context) error {
	for {
		did := w.Sandbox.RunDue() > 0
		if w.Hub != nil {
			worked, err := w.engine.Step(ctx, w.Hub.Work)
			if err != nil && w.Hub != nil { // a hub that has just crashed fails at everything
				w.Errors = append(w.Errors, err)
			}
			did = did || worked
		}
		if !did {
			return ctx.Err()
		}
	}
}

// sleep is somebody inside the run waiting: the platforms go on meanwhile.
func (w *World) sleep(d time.Duration) {
	until := w.Clock.Now().Add(d)
	for {
		at, ok := w.Sandbox.Next()
		if !ok || at.After(until) {
			break
		}
		w.Clock.Set(at)
		w.Sandbox.RunDue()
	}
	w.Clock.Set(until)
}

// Do has somebody act on a platform.
func (w *World) Do(platform, action string, fields map[string]string) (map[string]any, error) {
	s, err := w.sandbox(platform)
	if err != nil {
		return nil, err
	}
	var out any // an action may answer a list or a number
	err = sandbox.Do(s, action, fields, &out)
	named, _ := out.(map[string]any)
	return named, err
}

// See reads a platform's ledger.
func (w *World) See(platform, view string) ([]map[string]any, error) {
	s, err := w.sandbox(platform)
	if err != nil {
		return nil, err
	}
	return sandbox.See(s, view)
}

// Switch changes an undocumented behaviour of a platform.
func (w *World) Switch(platform, name, value string) error {
	s, err := w.sandbox(platform)
	if err != nil {
		return err
	}
	return sandbox.Turn(s, name, value)
}

func (w *World) sandbox(platform string) (sandbox.Server, error) {
	s, ok := w.Sandboxes[platform]
	if !ok {
		return nil, fmt.Errorf("no platform %q", platform)
	}
	return s, nil
}

// Connect connects a platform as an owner does: activation, sign-in or keys,
// form, "Lưu".
//
// Values are those of the form; "account" chooses whom to sign in as.
func (w *World) Connect(ctx context.Context, platform, name string, values map[string]string) (string, error) {
	id, err := w.owner().Connect(ctx, platform, values)
	if err == nil {
		w.connections[name] = id
	}
	return id, err
}

// Save is "Lưu".
func (w *World) Save(ctx context.Context, id string, values map[string]string) error {
	return w.owner().Save(ctx, id, values)
}

func (w *World) owner() Owner {
	return Owner{Hub: w.Hub, Shop: Shop, Servers: w.Sandboxes, Info: w.Info, Client: w.transport, Await: w.answer}
}

// answer lets the hub work until a command is answered.
func (w *World) answer(ctx context.Context, command string) error {
	for range 100 {
		if err := w.Now(ctx); err != nil {
			return err
		}
		if _, done, err := w.Hub.Answer(ctx, Shop, command); done || err != nil {
			return err
		}
		if err := w.Run(ctx, time.Second); err != nil {
			return err
		}
	}
	return fmt.Errorf("the hub never answered the command; %v", w.Errors)
}

// stream is a source of identifiers that is the same in every run of a seed.
type stream struct{ seed, n uint64 }

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		s.n++
		p[i] = byte(256 * sandbox.Chance(s.seed, "random", fmt.Sprint(s.n)))
	}
	return len(p), nil
}
