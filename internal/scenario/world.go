// Package scenario runs readable scripts against a hub and the sandboxes in one
// process: in-process transport, virtual time, one goroutine. The grammar is in
// docs/scenarios.md.
package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	"github.com/dongbo/dongbo/internal/store"
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
	connections map[string]string // platform → connection
	random      *stream
}

// Options change how a world begins.
type Options struct {
	Seed    uint64
	DSN     string // "" means a file in Dir
	Dir     string
	Polling bool // no webhooks: the hub has no address
	Log     io.Writer
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
	return w, nil
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
	address := "http://" + hubHost
	if w.opts.Polling {
		address = ""
	}
	w.db = d
	w.Hub = hub.New(hub.Config{
		DB: d, Vault: v, Clock: w.Clock, Drivers: all.Drivers(), Transport: w.transport, URL: address, Random: w.random,
		Log: slog.New(slog.NewTextHandler(logs, nil)),
	})
	w.engine = step.New(w.Clock, w.Hub.Rows())
	w.Hub.Attach(w.engine)
	w.transport.Serve(hubHost, w.Hub.Hooks())
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
			if err != nil {
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
	var out map[string]any
	return out, w.desk(platform, http.MethodPost, "/do/"+action, fields, &out)
}

// See reads a platform's ledger.
func (w *World) See(platform, view string) (rows []map[string]any, err error) {
	return rows, w.desk(platform, http.MethodGet, "/see/"+view, nil, &rows)
}

// Switch changes an undocumented behaviour of a platform.
func (w *World) Switch(platform, name, value string) error {
	return w.desk(platform, http.MethodPost, "/switch/"+name, map[string]string{"value": value}, nil)
}

func (w *World) desk(platform, method, path string, in, out any) error {
	s, ok := w.Sandboxes[platform]
	if !ok {
		return fmt.Errorf("no platform %q", platform)
	}
	body := []byte(nil)
	if in != nil {
		body, _ = json.Marshal(in)
	}
	rec := httptest.NewRecorder()
	s.Actors().ServeHTTP(rec, httptest.NewRequest(method, path, bytes.NewReader(body)))
	if rec.Code != http.StatusOK {
		var failed struct{ Error string }
		_ = json.Unmarshal(rec.Body.Bytes(), &failed)
		return fmt.Errorf("%s %s: %s", platform, path, failed.Error)
	}
	if out == nil {
		return nil
	}
	dec := json.NewDecoder(rec.Body)
	dec.UseNumber()
	err := dec.Decode(out)
	if _, scalar := err.(*json.UnmarshalTypeError); scalar {
		return nil // an action that answers a list or a number
	}
	return err
}

// Connect connects a platform as an owner does: activation, sign-in or keys,
// form, "Lưu".
func (w *World) Connect(ctx context.Context, platform string, values map[string]string) (string, error) {
	if err := w.Hub.Activate(ctx, Shop, platform, true); err != nil {
		return "", err
	}
	id, err := w.Hub.Draft(ctx, Shop, platform)
	if err != nil {
		return "", err
	}
	d, _ := w.Hub.Driver(platform)
	var command string
	if d.Auth.URL != nil {
		command, err = w.signIn(ctx, platform, id, values["account"])
	} else {
		info := w.Info(platform)
		for _, f := range d.Form {
			if _, given := values[f.Name]; !given && info[f.Name] != "" {
				values[f.Name] = info[f.Name]
			}
		}
		if err = w.Hub.Fill(ctx, Shop, id, values); err == nil {
			command, err = w.Hub.Ask(ctx, Shop, id, "connect", nil)
		}
	}
	if err != nil {
		return id, err
	}
	if err := w.answer(ctx, command); err != nil {
		return id, err
	}
	if err := w.Save(ctx, id, values); err != nil {
		return id, err
	}
	w.connections[platform] = id
	return id, nil
}

// Save is "Lưu": names of branches and price books are turned into their ids.
func (w *World) Save(ctx context.Context, id string, values map[string]string) error {
	resolved := map[string]string{}
	err := w.Hub.Read(ctx, Shop, func(r store.Reader) error {
		branches, err := r.Branches()
		if err != nil {
			return err
		}
		books, err := r.PriceBooks()
		if err != nil {
			return err
		}
		for k, v := range values {
			resolved[k] = v
			for _, b := range branches {
				if k == "branch" && (b.Name == v || v == "") {
					resolved[k] = b.ID
				}
			}
			for _, b := range books {
				if strings.HasSuffix(k, "_book") && b.Name == v {
					resolved[k] = b.ID
				}
			}
		}
		if _, given := values["branch"]; !given && len(branches) > 0 {
			resolved["branch"] = branches[0].ID
		}
		return nil
	})
	if err != nil {
		return err
	}
	return w.Hub.Save(ctx, Shop, id, resolved)
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

// signIn goes through the platform's sign-in page as the owner does.
func (w *World) signIn(ctx context.Context, platform, id, account string) (string, error) {
	page, err := w.Hub.SignInURL(ctx, Shop, id)
	if err != nil {
		return "", err
	}
	if account == "" {
		rows, err := w.See(platform, "sellers")
		if err != nil || len(rows) == 0 {
			return "", fmt.Errorf("no account to sign in with: %v", err)
		}
		account = fmt.Sprint(rows[0]["seller"])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(url.Values{"seller": {account}}.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		return "", fmt.Errorf("signing in at %s: status %d", platform, resp.StatusCode)
	}
	_, command, err := w.Hub.SignedIn(ctx, Shop, platform, back.Query())
	return command, err
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
