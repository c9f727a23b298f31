// Package sim tries the whole system: the real hub on its real store against
// the sandboxes, judged by the sandboxes' own ledgers.
package sim

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector/all"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/engine/local"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/dongbo/dongbo/internal/scenario"
	"github.com/dongbo/dongbo/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// process is the built binary as a child on loopback, against sandboxes that
// live in the test and so survive it.
type process struct {
	t       *testing.T
	world   *sandbox.World
	servers map[string]sandbox.Server
	infos   map[string]map[string]string
	dsn     string
	dir     string
	addr    string
	binary  string
	child   *exec.Cmd
	exited  chan error
	client  *http.Client
	log     *os.File
}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "dongbo-sim-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "dongbo")
	out, err := exec.Command("go", "build", "-o", path, "github.com/dongbo/dongbo/cmd/dongbo").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building: %w: %s", err, out)
	}
	return path, nil
})

const shop = "shop"

// begin brings sandboxes up, connects a shop to them, and leaves the hub to the
// child.
func begin(t *testing.T, dsn string) *process {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, dsn: dsn, client: &http.Client{Transport: &http.Transport{}}, dir: t.TempDir(), binary: binary, servers: map[string]sandbox.Server{}, infos: map[string]map[string]string{}}
	p.addr = freeAddress(t)
	if p.log, err = os.Create(filepath.Join(p.dir, "hub.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.log.Close() })

	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	p.world = sandbox.NewWorld(1, clock.Real{}, nil)
	for _, platform := range all.Platforms() {
		s := platform.Sandbox(p.world)
		l := httptest.NewServer(s)
		t.Cleanup(l.Close)
		p.servers[platform.Driver.ID] = s
		p.infos[platform.Driver.ID] = s.Info(l.URL)
	}
	running.Go(func() { p.world.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait(); p.world.Client.CloseIdleConnections() })
	p.write("info.json", p.infos)

	for _, s := range []struct{ platform, name, value string }{
		{"lazada", "qps_default", "0"}, {"lazada", "qps_inventory", "0"}, {"lazada", "qps_api", "0"},
	} {
		if err := sandbox.Turn(p.servers[s.platform], s.name, s.value); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (p *process) write(name string, v any) string {
	p.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		p.t.Fatal(err)
	}
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// do has somebody act on a platform.
func (p *process) do(platform, action string, fields map[string]string, out any) {
	p.t.Helper()
	if err := sandbox.Do(p.servers[platform], action, fields, out); err != nil {
		p.t.Fatal(err)
	}
}

func (p *process) see(platform, view string) []map[string]any {
	p.t.Helper()
	rows, err := sandbox.See(p.servers[platform], view)
	if err != nil {
		p.t.Fatal(err)
	}
	return rows
}

// connect does what an owner does, in this process, before the child begins.
func (p *process) connect() {
	p.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	key, err := vault.KeyFile(filepath.Join(p.dir, "key"))
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := vault.Open(key)
	if err != nil {
		p.t.Fatal(err)
	}
	d, err := db.Open(ctx, p.dsn)
	if err != nil {
		p.t.Fatal(err)
	}
	transport := &http.Transport{}
	h := hub.New(hub.Config{DB: d, Vault: v, Clock: clock.Real{}, Drivers: all.Drivers(), Transport: transport, URL: "http://" + p.addr,
		Pace: 10, Log: slog.New(slog.DiscardHandler), Random: rand.Reader})
	e := local.New(clock.Real{}, h.Rows(), slog.New(slog.DiscardHandler))
	h.Attach(e)
	var working sync.WaitGroup
	working.Go(func() { _ = e.Run(ctx, h.Work) })
	for platform, info := range p.infos {
		if err := h.SetApp(ctx, platform, info, info["base_url"], info["auth_url"]); err != nil {
			p.t.Fatal(err)
		}
	}
	if err := h.CreateShop(ctx, shop, "Cửa hàng thử"); err != nil {
		p.t.Fatal(err)
	}
	owner := scenario.Owner{Hub: h, Shop: shop, Servers: p.servers, Client: transport,
		Info:  func(platform string) map[string]string { return p.infos[platform] },
		Await: func(ctx context.Context, command string) error { _, err := h.Wait(ctx, shop, command); return err }}
	for _, platform := range []string{"kiotviet", "lazada"} {
		if _, err := owner.Connect(ctx, platform, nil); err != nil {
			p.t.Fatal(err)
		}
	}
	p.do("lazada", "set_push", map[string]string{"url": "http://" + p.addr + "/hooks/lazada"}, nil)
	stop()
	working.Wait()
	transport.CloseIdleConnections()
	if err := d.Close(); err != nil {
		p.t.Fatal(err)
	}
}

// start runs the child; it is ready when its door answers.
func (p *process) start() {
	p.t.Helper()
	p.child = exec.Command(p.binary, "serve", "--db", p.dsn, "--addr", p.addr, "--url", "http://"+p.addr,
		"--key", filepath.Join(p.dir, "key"), "--sandboxes", filepath.Join(p.dir, "info.json"), "--settle", "2s", "--pace", "10")
	p.child.Stdout, p.child.Stderr = p.log, p.log
	p.child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.child.Start(); err != nil {
		p.t.Fatal(err)
	}
	child, exited := p.child, make(chan error, 1)
	p.exited = exited
	go func() { exited <- child.Wait(); close(exited) }()
	p.t.Cleanup(func() { _ = child.Process.Kill(); <-exited }) // before the sandboxes go
	p.until("the hub answers", 30*time.Second, func() bool {
		resp, err := p.client.Get("http://" + p.addr + "/healthz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	if err := p.child.Process.Signal(syscall.SIGKILL); err != nil {
		p.t.Fatalf("the hub had ended by itself: %v\n%s", err, p.tail())
	}
	<-p.exited
}

// until waits for something that other processes bring about.
func (p *process) until(what string, limit time.Duration, ok func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	for !ok() {
		if (clock.Real{}).Sleep(ctx, 5*time.Millisecond) != nil {
			p.t.Fatalf("not within %s: %s\n%s", limit, what, p.tail())
		}
	}
}

func (p *process) tail() string {
	said, err := os.ReadFile(p.log.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(string(said), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
