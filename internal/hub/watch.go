package hub

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// watchHooks keeps the POS's webhooks pointed at this hub. One that was
// switched off in silence is made again, and what it missed is swept. A type
// that somebody else listens to is left alone and shown: polling goes on.
func (h *Hub) watchHooks(ctx context.Context, l *lane, c store.Connection) error {
	pos := l.driver.POS(l.account("hooks"))
	if h.URL == "" || h.Polling || pos.Hooks.List == nil {
		return nil
	}
	have, err := pos.Hooks.List(ctx)
	if err != nil {
		return err
	}
	var foreign []string
	mended := false
	for _, hookType := range pos.Hooks.Types {
		n := slices.IndexFunc(have, func(k connector.Hook) bool { return k.Type == hookType })
		want := connector.Hook{Type: hookType, URL: h.hookURL(c, hookType), Secret: l.keys.Hook, Active: true}
		switch {
		case n >= 0 && have[n].URL == want.URL && have[n].Active:
			continue
		case n >= 0 && !strings.HasPrefix(have[n].URL, h.URL+"/hooks/"):
			foreign = append(foreign, hookType)
			continue
		case n >= 0:
			if err := pos.Hooks.Delete(ctx, have[n].ID); err != nil {
				return err
			}
		}
		if _, err := pos.Hooks.Create(ctx, want); err != nil {
			if e, ok := errors.AsType[*connector.Error](err); ok && e.Kind == connector.Exists {
				foreign = append(foreign, hookType)
				continue
			}
			return err
		}
		mended = true
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		if mended {
			for _, k := range []lookKind{lookSweep, lookPOSOrders, lookBooks} {
				if err := h.look(w, c.ID, k, "", h.Clock.Now(), ""); err != nil {
					return err
				}
			}
		}
		if len(foreign) == 0 {
			return w.SolveObject(c.ID, "hooks", nil)
		}
		return h.raise(w, c.ID, retail.Problem{Key: "hook.foreign", Object: "hooks", Args: map[string]any{"types": strings.Join(foreign, ", "), "platform": l.driver.Name}}, "")
	})
}

// check asks the platform for permissions and settings that the hub needs.
func (h *Hub) check(ctx context.Context, l *lane, c store.Connection) error {
	var problems []retail.Problem
	var err error
	switch {
	case l.driver.POS != nil:
		problems, err = l.driver.POS(l.account("check")).Check(ctx)
	case l.driver.Channel != nil:
		problems, err = l.driver.Channel(l.account("check")).Check(ctx)
	}
	if err != nil {
		return err
	}
	return h.decide(ctx, c.Shop, func(w store.Writer) error {
		for i := range problems {
			problems[i].Object = "check"
		}
		if err := w.SolveObject(c.ID, "check", problems); err != nil {
			return err
		}
		for _, p := range problems {
			if err := h.raise(w, c.ID, p, "check"); err != nil {
				return err
			}
		}
		return nil
	})
}

// runCommand does what a person asked for. A mistake of the person's, or a
// refusal of the platform's, is the answer; it is not tried again.
func (h *Hub) runCommand(ctx context.Context, l *lane, c store.Connection, looks []store.Look) []error {
	var command store.Command
	if err := h.Read(ctx, c.Shop, func(r store.Reader) (err error) {
		command, _, err = r.Command(looks[0].Key)
		return err
	}); err != nil {
		return []error{err}
	}
	if command.State != "waiting" {
		return []error{nil}
	}
	args := map[string]string{}
	plain, err := h.Vault.Open("command", vault.Row(string(c.Shop), "commands", command.ID, "args"), command.Args)
	if err == nil {
		err = json.Unmarshal(plain, &args)
	}
	if err != nil {
		return []error{err}
	}
	switch command.Kind {
	case "exchange":
		err = h.exchange(ctx, l, args)
	case "connect":
		err = h.connect(ctx, l, c)
	case "check":
		err = h.check(ctx, l, c)
	default:
		err = trouble("command.unknown", "kind", command.Kind)
	}
	if ctx.Err() != nil {
		return []error{ctx.Err()}
	}
	state, answer := "done", "{}"
	if err != nil {
		state = "failed"
		answer = string(encode(problemOf(err)))
	}
	return []error{h.write(ctx, c.Shop, func(w store.Writer) error {
		w.AfterCommit(func() { h.answered(command.ID) })
		w.AfterCommit(h.notify)
		if state == "done" {
			if err := w.SetNotBefore(c.ID, h.Clock.Now()); err != nil {
				return err
			}
		}
		return w.AnswerCommand(command.ID, state, answer)
	})}
}

// problemOf puts any error into words for a person.
func problemOf(err error) retail.Problem {
	if t, ok := errors.AsType[*Trouble](err); ok {
		return t.Problem
	}
	if e, ok := errors.AsType[*connector.Error](err); ok && e.Problem.Key != "" {
		return e.Problem
	}
	return retail.Problem{Key: "connection.unreachable"}
}

// exchange turns what the sign-in page sent back into a grant (LZD-02).
func (h *Hub) exchange(ctx context.Context, l *lane, callback map[string]string) error {
	g, err := l.driver.Auth.Exchange(ctx, l.account("exchange"), callback)
	if err != nil {
		return err
	}
	if err := h.free(ctx, l, g.AccountID); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keep(ctx, g)
}

// free refuses an account that is connected already (SYN-08).
func (h *Hub) free(ctx context.Context, l *lane, account string) error {
	return h.DB.Read(ctx, func(v *db.View) error {
		other, found, err := store.ConnectionByAccount(v, l.driver.ID, account)
		if err == nil && found && other.ID != l.id {
			err = trouble("connection.account_taken")
		}
		return err
	})
}

// connect tries a POS's credentials and reads what forms offer: branches and
// price books.
func (h *Hub) connect(ctx context.Context, l *lane, c store.Connection) error {
	acc := l.account("connect")
	if _, err := acc.Token(ctx); err != nil {
		return err
	}
	l.mu.Lock()
	account := l.grant.AccountID
	l.mu.Unlock()
	if err := h.free(ctx, l, account); err != nil {
		return err
	}
	if l.driver.POS == nil {
		return nil
	}
	if err := h.readChoices(ctx, l.driver.POS(acc), c); err != nil {
		return err
	}
	return h.check(ctx, l, c)
}
