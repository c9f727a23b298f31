package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"sort"

	"golang.org/x/sync/errgroup"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector/all"
	"github.com/dongbo/dongbo/internal/sandbox"
)

type sandboxCommand struct {
	Addr string `default:"127.0.0.1:0" help:"Loopback address to listen on; the platforms after the first take the ports that follow, or any if it is 0."`
	Info string `type:"path" help:"When ready, write the addresses and keys to this file as JSON."`
	Seed uint64 `default:"1" help:"Seed of faults and generated data."`
}

// sandboxes are all simulated platforms, each on a port of its own.
type sandboxes struct {
	world     *sandbox.World
	servers   map[string]sandbox.Server
	listeners map[string]net.Listener
}

func openSandboxes(addr string, seed uint64) (*sandboxes, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("the sandboxes hand their secrets to anybody: they listen on a loopback address only, not on %s", host)
	}
	b := &sandboxes{world: sandbox.NewWorld(seed, clock.Real{}, nil), servers: map[string]sandbox.Server{}, listeners: map[string]net.Listener{}}
	first, err := net.LookupPort("tcp", port)
	if err != nil {
		return nil, err
	}
	for i, p := range all.Platforms() {
		next := 0
		if first != 0 {
			next = first + i
		}
		l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(next)))
		if err != nil {
			b.close()
			return nil, err
		}
		b.listeners[p.Driver.ID] = l
		b.servers[p.Driver.ID] = p.Sandbox(b.world)
	}
	return b, nil
}

func (b *sandboxes) close() {
	for _, l := range b.listeners {
		_ = l.Close()
	}
	b.world.Client.CloseIdleConnections()
}

// info names what clients need, by platform.
func (b *sandboxes) info() map[string]map[string]string {
	out := map[string]map[string]string{}
	for name, s := range b.servers {
		out[name] = s.Info("http://" + b.listeners[name].Addr().String())
	}
	return out
}

func (b *sandboxes) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { b.world.Run(ctx); return nil })
	for name, s := range b.servers {
		g.Go(func() error { return serve(ctx, b.listeners[name], front(s)) })
	}
	return g.Wait()
}

// front leads a browser that opens a sandbox's bare address to its desk.
func front(s sandbox.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" && r.Method == http.MethodGet {
			http.Redirect(w, r, "/_desk/", http.StatusSeeOther)
			return
		}
		s.ServeHTTP(w, r)
	})
}

func (c *sandboxCommand) Run(ctx context.Context, s *streams) error {
	b, err := openSandboxes(c.Addr, c.Seed)
	if err != nil {
		return err
	}
	defer b.close()
	info := b.info()
	if err := writeInfo(c.Info, info); err != nil {
		return err
	}
	printSandboxes(s, info)
	return b.run(ctx)
}

func printSandboxes(s *streams, info map[string]map[string]string) {
	names := make([]string, 0, len(info))
	for name := range info {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(s.out, "%-10s %s\n", name, info[name]["actors_url"])
	}
}

func writeInfo(path string, info any) error {
	if path == "" {
		return nil
	}
	b, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(b, '\n'))
}

func readInfo(path string) (map[string]map[string]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var info map[string]map[string]string
	if err := json.Unmarshal(b, &info); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return info, nil
}
