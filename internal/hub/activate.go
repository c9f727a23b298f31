package hub

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// Trouble is a mistake of the caller: a message key with its values, which the
// page says in the user's language.
type Trouble struct{ retail.Problem }

func (t *Trouble) Error() string { return fmt.Sprintf("%s %v", t.Key, t.Args) }

func trouble(key string, args ...any) error {
	t := &Trouble{retail.Problem{Key: key, Args: map[string]any{}}}
	for i := 0; i+1 < len(args); i += 2 {
		t.Args[fmt.Sprint(args[i])] = args[i+1]
	}
	return t
}

// CreateShop adds a tenant.
func (h *Hub) CreateShop(ctx context.Context, shop retail.ShopID, name string) error {
	err := h.write(ctx, shop, func(w store.Writer) error { return w.CreateShop(name, h.Clock.Now()) })
	if errors.Is(err, db.ErrExists) {
		return trouble("shop.exists", "shop", shop)
	}
	return err
}

// Activate switches a platform on or off for a shop. Only the operator of the
// hub may.
//
// rule: LZD-01
func (h *Hub) Activate(ctx context.Context, shop retail.ShopID, platform string, on bool) error {
	if _, ok := h.drivers[platform]; !ok {
		return trouble("platform.unknown", "platform", platform)
	}
	return h.decide(ctx, shop, func(w store.Writer) error {
		was, err := w.Feature(platform)
		if err != nil || was == on {
			return err
		}
		if err := w.SetFeature(platform, on, h.Clock.Now()); err != nil {
			return err
		}
		return h.halt(w, platform, !on)
	})
}

// never is when a lane that was switched off wants to be worked.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// halt stops the lanes of a platform's connections of a shop, or lets them
// catch up.
func (h *Hub) halt(w store.Writer, platform string, stop bool) error {
	all, err := w.Connections()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Platform != platform {
			continue
		}
		if stop {
			err = w.SetNotBefore(c.ID, never)
		} else if err = w.SetNotBefore(c.ID, h.Clock.Now()); err == nil && c.State == store.Live {
			err = h.schedule(w, c, h.drivers[platform].Channel != nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// allowed refuses what a shop does with a platform that is off for it. A POS
// needs no activation: without it there is no shop.
func (h *Hub) allowed(r store.Reader, platform string) error {
	d, ok := h.drivers[platform]
	if !ok {
		return trouble("platform.unknown", "platform", platform)
	}
	if d.Channel == nil {
		return nil
	}
	on, err := r.Feature(platform)
	if err == nil && !on {
		err = trouble("platform.not_activated", "platform", d.Name)
	}
	return err
}

// SetApp stores what the operator got from a platform for this hub: the values
// of Driver.App. base and authBase replace the platform's addresses, for
// sandboxes; empty keeps them.
func (h *Hub) SetApp(ctx context.Context, platform string, values map[string]string, base, authBase string) error {
	d, ok := h.drivers[platform]
	if !ok {
		return trouble("platform.unknown", "platform", platform)
	}
	for _, f := range d.App {
		if strings.TrimSpace(values[f.Name]) == "" {
			return trouble("form.missing", "field", f.Name)
		}
	}
	sealed, err := h.Vault.Seal("app", vault.Row("", "apps", platform, "sealed"), encode(values))
	if err != nil {
		return err
	}
	defer h.forget(platform)
	return h.write(ctx, "", func(w store.Writer) error {
		return w.SaveApp(store.App{Platform: platform, Key: values["app_key"], Sealed: sealed, Base: base, AuthBase: authBase})
	})
}
