package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// Draft begins a connection. It has a lane from now on, and nothing is sent or
// imported for it before Save.
func (h *Hub) Draft(ctx context.Context, shop retail.ShopID, platform string) (id string, err error) {
	now := h.Clock.Now()
	id = h.newID()
	err = h.decide(ctx, shop, func(w store.Writer) error {
		if err := h.allowed(w.Reader, platform); err != nil {
			return err
		}
		d := h.drivers[platform]
		values := map[string]string{}
		for _, f := range d.Form {
			values[f.Name] = f.Default
		}
		return w.CreateConnection(store.Connection{
			ID: id, Platform: platform, State: store.Draft, Name: d.Name, Settings: store.ConnectionSettings{Values: values},
			HookToken: h.token(16), StockWord: string(connector.TotalStock), Created: now, Updated: now,
		})
	})
	return id, err
}

// SignInURL is where the owner signs in to the platform (LZD-02). What comes
// back goes to SignedIn.
func (h *Hub) SignInURL(ctx context.Context, shop retail.ShopID, id string) (string, error) {
	var out string
	err := h.Read(ctx, shop, func(r store.Reader) error {
		c, found, err := r.Connection(id)
		if err != nil {
			return err
		}
		if !found || c.State == store.Deleted {
			return trouble("connection.gone")
		}
		if err := h.allowed(r, c.Platform); err != nil {
			return err
		}
		d := h.drivers[c.Platform]
		if d.Auth.URL == nil {
			return trouble("platform.no_sign_in", "platform", d.Name)
		}
		keys, app, err := h.appKeys(r, c.Platform)
		if err != nil {
			return err
		}
		out = d.Auth.URL(keys, h.callback(c.Platform), h.state(c))
		if app.AuthBase != "" {
			real, err := url.Parse(out)
			if err != nil {
				return fmt.Errorf("building the sign-in address: %w", err)
			}
			out = app.AuthBase + "?" + real.RawQuery
		}
		return nil
	})
	return out, err
}

func (h *Hub) callback(platform string) string { return h.URL + "/callback/" + platform }

// state ties a sign-in to the connection that began it. The token makes it
// unguessable; it never leaves the owner's browser but to the platform.
func (h *Hub) state(c store.Connection) string { return c.ID + "." + c.HookToken }

// SignedIn takes what a platform sent the owner back with. A state that this
// shop did not give is refused before anything is called.
func (h *Hub) SignedIn(ctx context.Context, shop retail.ShopID, platform string, callback url.Values) (id, command string, err error) {
	id, _, _ = strings.Cut(callback.Get("state"), ".")
	err = h.Read(ctx, shop, func(r store.Reader) error {
		c, found, err := r.Connection(id)
		if err != nil {
			return err
		}
		if !found || c.Platform != platform || c.State == store.Deleted || h.state(c) != callback.Get("state") {
			return trouble("sign_in.foreign_state")
		}
		return h.allowed(r, platform)
	})
	if err != nil {
		return "", "", err
	}
	if callback.Get("error") != "" || callback.Get("code") == "" {
		return id, "", trouble("sign_in.refused", "platform", h.drivers[platform].Name)
	}
	args := map[string]string{}
	for k := range callback {
		args[k] = callback.Get(k)
	}
	command, err = h.Ask(ctx, shop, id, "exchange", args)
	return id, command, err
}

// Fill stores the values of a connection's form, secrets sealed, without making
// it live. An empty secret keeps the stored one.
func (h *Hub) Fill(ctx context.Context, shop retail.ShopID, id string, values map[string]string) error {
	defer h.forget(id)
	return h.decide(ctx, shop, func(w store.Writer) error {
		c, err := h.editable(w.Reader, id)
		if err != nil {
			return err
		}
		if err := h.fill(&c, values); err != nil {
			return err
		}
		return w.SaveConnection(c)
	})
}

func (h *Hub) editable(r store.Reader, id string) (store.Connection, error) {
	c, found, err := r.Connection(id)
	if err != nil {
		return c, err
	}
	if !found || c.State == store.Deleted {
		return c, trouble("connection.gone")
	}
	return c, h.allowed(r, c.Platform)
}

func (h *Hub) fill(c *store.Connection, values map[string]string) error {
	d := h.drivers[c.Platform]
	secrets, err := h.secrets(*c)
	if err != nil {
		return err
	}
	c.Settings.Values = maps.Clone(c.Settings.Values)
	if c.Settings.Values == nil {
		c.Settings.Values = map[string]string{}
	}
	for _, f := range d.Form {
		v, given := values[f.Name]
		v = strings.TrimSpace(v)
		switch {
		case !given:
		case f.Kind == connector.SecretField && v != "":
			secrets[f.Name] = v
		case f.Kind == connector.SecretField:
		default:
			c.Settings.Values[f.Name] = v
		}
		if f.Required && c.Settings.Values[f.Name] == "" && secrets[f.Name] == "" {
			return trouble("form.missing", "field", f.Name)
		}
	}
	if secrets[hookSecret] == "" {
		secrets[hookSecret] = h.token(24)
	}
	c.Updated = h.Clock.Now()
	c.Sealed, err = h.Vault.Seal("connection", vault.Row(string(c.Shop), "connections", c.ID, "sealed"), encode(secrets))
	return err
}

// hookSecret is the name, beside the owner's own secrets, of what signs the
// connection's webhooks.
const hookSecret = "_hook"

func (h *Hub) secrets(c store.Connection) (map[string]string, error) {
	secrets := map[string]string{}
	if len(c.Sealed) == 0 {
		return secrets, nil
	}
	plain, err := h.Vault.Open("connection", vault.Row(string(c.Shop), "connections", c.ID, "sealed"), c.Sealed)
	if err != nil {
		return nil, fmt.Errorf("opening the secrets of connection %s: %w", c.ID, err)
	}
	return secrets, json.Unmarshal(plain, &secrets)
}

// Save stores the form and makes the connection live ("Lưu"). What changed
// takes effect at once (LZD-08): a new branch or price book decides the whole
// catalogue anew.
//
// rule: LZD-03, LZD-07, LZD-08, SYN-08
func (h *Hub) Save(ctx context.Context, shop retail.ShopID, id string, values map[string]string) error {
	defer h.forget(id)
	now := h.Clock.Now()
	err := h.decide(ctx, shop, func(w store.Writer) error {
		c, err := h.editable(w.Reader, id)
		if err != nil {
			return err
		}
		was := c
		if err := h.fill(&c, values); err != nil {
			return err
		}
		d := h.drivers[c.Platform]
		if len(c.Grant) == 0 {
			return trouble("connection.not_signed_in", "platform", d.Name)
		}
		if d.Channel != nil {
			if c.BranchID = c.Settings.Values[connector.BranchName]; c.BranchID == "" {
				return trouble("form.missing", "field", connector.BranchName)
			}
			if _, err := h.shopPOS(w.Reader); err != nil {
				return err
			}
		}
		if c.AccountName != "" {
			c.Name = d.Name + " · " + c.AccountName
		}
		c.State = store.Live
		if was.State != store.Live {
			c.ActiveFrom = now
		}
		if err := w.SaveConnection(c); err != nil {
			return err
		}
		if err := h.record(w, store.Entry{Connection: id, Kind: store.ConnectionHistory, Object: "connection", Event: "history.connection_saved", Outcome: string(connector.Done)}); err != nil {
			return err
		}
		return h.schedule(w, c, was.State != store.Live || was.BranchID != c.BranchID || !maps.Equal(was.Settings.Values, c.Settings.Values))
	})
	if errors.Is(err, db.ErrExists) {
		return h.whoseIsIt(ctx, shop, id, values)
	}
	return err
}

// whoseIsIt finds out which of the two unique indexes refused. It takes its turn
// among the decisions: the one that came first may not be committed yet.
func (h *Hub) whoseIsIt(ctx context.Context, shop retail.ShopID, id string, values map[string]string) error {
	out := trouble("connection.account_taken")
	err := h.decide(ctx, shop, func(r store.Writer) error {
		c, _, err := r.Connection(id)
		if err != nil {
			return err
		}
		others, err := r.Connections()
		for _, o := range others {
			if o.ID != id && o.State == store.Live && o.Platform == c.Platform && o.BranchID != "" && o.BranchID == values[connector.BranchName] {
				out = trouble("connection.branch_taken", "other", o.AccountName, "platform", h.drivers[c.Platform].Name)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return out
}

// schedule asks for everything that a live connection does by itself.
func (h *Hub) schedule(w store.Writer, c store.Connection, afresh bool) error {
	now := h.Clock.Now()
	d := h.drivers[c.Platform]
	recurring := []lookKind{lookCheck}
	if d.POS != nil {
		recurring = append(recurring, lookBooks, lookSweep, lookHooks, lookPOSOrders)
	}
	if d.Channel != nil {
		recurring = append(recurring, lookListings, lookPoll)
	}
	for _, k := range recurring {
		if err := h.look(w, c.ID, k, "", now, ""); err != nil {
			return err
		}
	}
	if d.Channel != nil && afresh {
		// LZD-08: all of it again, with what is known already.
		pos, err := h.shopPOS(w.Reader)
		if err != nil {
			return err
		}
		if err := h.look(w, pos.ID, lookBooks, "", now, ""); err != nil {
			return err
		}
		return h.look(w, c.ID, lookDecide, "", now, "")
	}
	return nil
}

// Pause stops or resumes one direction of a connection: "stock", "prices" or
// "orders".
func (h *Hub) Pause(ctx context.Context, shop retail.ShopID, id, direction string, on bool) error {
	if !slices.Contains([]string{"stock", "prices", "orders"}, direction) {
		return trouble("connection.no_direction", "direction", direction)
	}
	return h.decide(ctx, shop, func(w store.Writer) error {
		c, err := h.editable(w.Reader, id)
		if err != nil {
			return err
		}
		c.Settings.Paused = maps.Clone(c.Settings.Paused)
		if c.Settings.Paused == nil {
			c.Settings.Paused = map[string]bool{}
		}
		c.Settings.Paused[direction], c.Updated = on, h.Clock.Now()
		if err := w.SaveConnection(c); err != nil {
			return err
		}
		return h.schedule(w, c, true)
	})
}

// Delete ends a connection after the owner has confirmed: nothing is sent or
// imported for it any more.
//
// rule: LZD-09
func (h *Hub) Delete(ctx context.Context, shop retail.ShopID, id string) error {
	defer h.forget(id)
	return h.decide(ctx, shop, func(w store.Writer) error {
		if _, err := h.editable(w.Reader, id); err != nil {
			return err
		}
		if err := w.DeleteConnection(id, h.Clock.Now()); err != nil {
			return err
		}
		return h.record(w, store.Entry{Connection: id, Kind: store.ConnectionHistory, Object: "connection", Event: "history.connection_deleted", Outcome: string(connector.Done)})
	})
}

// Sync makes a connection look at everything now.
func (h *Hub) Sync(ctx context.Context, shop retail.ShopID, id string) error {
	return h.decide(ctx, shop, func(w store.Writer) error {
		c, err := h.editable(w.Reader, id)
		if err != nil {
			return err
		}
		return h.schedule(w, c, true)
	})
}

// shopPOS returns the shop's point of sale.
func (h *Hub) shopPOS(r store.Reader) (store.Connection, error) {
	all, err := r.Connections()
	if err != nil {
		return store.Connection{}, err
	}
	for _, c := range all {
		if h.drivers[c.Platform].POS != nil && c.State == store.Live {
			return c, nil
		}
	}
	return store.Connection{}, trouble("shop.no_pos")
}
