package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/web"
)

// demoPace works through the trial shop's orders in a quarter of a minute instead
// of a whole one, so that a newcomer's own order is not at the end of a queue.
const demoPace = 3

type demoCommand struct {
	Addr string `default:"127.0.0.1:8080" help:"Loopback address of the console; with port 0 any free one."`
	Data string `type:"path" help:"Folder for the database; it must be empty (default: a temporary one, removed at the end)."`
	Info string `type:"path" help:"When ready, write all addresses and the sign-in to this file as JSON."`
	Log  string `type:"path" help:"Write the hub's log to this file instead of nowhere."`
}

// Run brings up sandboxes, hub and a seeded shop in one process.
func (c *demoCommand) Run(ctx context.Context, s *streams) (err error) {
	dir := c.Data
	if dir == "" {
		if dir, err = os.MkdirTemp("", "dongbo-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else if err := emptyFolder(dir); err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	if c.Log != "" {
		f, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer f.Close()
		log = slog.New(slog.NewTextHandler(f, nil))
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	boxes, err := openSandboxes("127.0.0.1:0", 1)
	if err != nil {
		return err
	}
	defer boxes.close()
	infos := boxes.info()

	login, pass := "demo", password()
	address := "http://" + l.Addr().String()
	n, err := openNode(ctx, nodeConfig{DSN: "sqlite:" + filepath.Join(dir, "hub.db"), Key: randomKey(), URL: address, Pace: demoPace, Log: log, Demo: &web.Demo{
		Shop: demoShop, Login: login, Password: pass, Actors: demoActors(infos),
	}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.close()) }()
	if _, err := n.auth.Create(ctx, auth.NewPerson{Login: login, Password: pass, Name: "Chủ cửa hàng thử", Role: auth.Operator}); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return boxes.run(ctx) })
	g.Go(func() error { return n.run(ctx, l) })
	g.Go(func() error {
		fmt.Fprintln(s.out, "Đang bày cửa hàng thử… / Setting up the trial shop…")
		if err := seedDemo(ctx, n, boxes); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("setting up the trial shop: %w", err)
		}
		all := map[string]map[string]string{"console": {"url": address, "login": login, "password": pass, "shop": demoShop}}
		for name, info := range infos {
			all[name] = info
		}
		if err := writeInfo(c.Info, all); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "\n  Dongbo     %s\n  Đăng nhập / sign in: %s   Mật khẩu / password: %s\n\n", address, login, pass)
		printSandboxes(s, infos)
		fmt.Fprintln(s.out, "\nCtrl-C dừng tất cả. / Ctrl-C stops everything.")
		return nil
	})
	return g.Wait()
}

// emptyFolder makes sure that a demo never touches a real shop's data. The
// sandboxes keep their ledgers in memory, so a demo cannot be continued.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	inside, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(inside) > 0 {
		return fmt.Errorf("the folder %s is not empty: a demo always begins anew. Give it an empty folder with --data, or none", dir)
	}
	return nil
}

// demoActors lists the pages on which a newcomer plays the other roles.
func demoActors(infos map[string]map[string]string) []web.Actor {
	var out []web.Actor
	for _, a := range []struct{ platform, role string }{{"lazada", "buyer"}, {"lazada", "seller"}, {"lazada", "courier"}, {"kiotviet", "staff"}} {
		out = append(out, web.Actor{Platform: a.platform, Role: a.role, URL: infos[a.platform]["actors_url"]})
	}
	return out
}
