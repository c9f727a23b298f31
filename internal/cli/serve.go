package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/vault"
)

type serveCommand struct {
	DB        string        `name:"db" default:"sqlite:dongbo.db" env:"DONGBO_DB" help:"Database: sqlite:PATH or postgres://…"`
	Addr      string        `default:"127.0.0.1:8080" env:"DONGBO_ADDR" help:"Address to listen on."`
	URL       string        `name:"url" env:"DONGBO_URL" help:"Address at which platforms and people reach this hub, for example https://dongbo.example.vn. Without it there are no webhooks and no sign-in pages; polling alone does the work."`
	Polling   bool          `env:"DONGBO_POLLING" help:"People reach this hub at --url, platforms do not (it stands behind a router): register no webhooks, ask instead."`
	Key       string        `default:"dongbo.key" env:"DONGBO_KEY" help:"File of the key that seals secrets; made if it is missing. Keep a copy apart from the database's."`
	Sandboxes string        `name:"sandboxes" type:"existingfile" help:"Use the simulated platforms of this info file instead of the real ones."`
	Settle    time.Duration `help:"Believe that a call which got no answer was not carried out only after this long (default: what each platform needs)." hidden:""`
	Pace      float64       `help:"Multiply the speed at which platforms are called; for simulated platforms with raised limits." default:"1" hidden:""`
	Verbose   bool          `short:"v" help:"Log more."`
}

func (c *serveCommand) Run(ctx context.Context, s *streams) error {
	if c.Pace != 1 && c.Sandboxes == "" {
		return errors.New("--pace is for simulated platforms only: give it together with --sandboxes")
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: level}))
	key, err := vault.KeyFile(c.Key)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	defer l.Close()
	n, err := openNode(ctx, nodeConfig{DSN: c.DB, Key: key, URL: strings.TrimRight(c.URL, "/"), Polling: c.Polling, SettleTime: c.Settle, Pace: c.Pace, Log: log})
	if err != nil {
		return err
	}
	if c.Sandboxes != "" {
		infos, err := readInfo(c.Sandboxes)
		if err == nil {
			err = n.useSandboxes(ctx, infos)
		}
		if err != nil {
			return errors.Join(err, n.close())
		}
	}
	log.Info("listening", "address", "http://"+l.Addr().String())
	return errors.Join(n.run(ctx, l), n.close())
}

// useSandboxes points every platform at its simulator.
func (n *node) useSandboxes(ctx context.Context, infos map[string]map[string]string) error {
	for platform, info := range infos {
		if _, ok := n.hub.Driver(platform); !ok {
			continue
		}
		if err := n.hub.SetApp(ctx, platform, info, info["base_url"], info["auth_url"]); err != nil {
			return fmt.Errorf("pointing %s at its sandbox: %w", platform, err)
		}
	}
	return nil
}

func writeFile(path string, content []byte) error {
	// Whole or not at all: whoever waits for the file may read it at once.
	part := path + ".part"
	if err := os.WriteFile(part, content, 0o600); err != nil {
		return err
	}
	return os.Rename(part, path)
}
