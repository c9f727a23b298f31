package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// Replay takes a shop's stored deliveries since a moment once more, as if the
// platforms had sent them again, and returns how many. An event only says
// "look again", so a replay changes nothing that is right already; it is for
// after a mistake of the hub's own.
func (h *Hub) Replay(ctx context.Context, shop retail.ShopID, since time.Time) (int, error) {
	var stored []store.Delivery
	if err := h.Read(ctx, shop, func(r store.Reader) (err error) {
		stored, err = r.Deliveries(since, 100_000)
		return err
	}); err != nil {
		return 0, err
	}
	n := 0
	for _, d := range stored {
		if d.Verdict != "accepted" {
			continue
		}
		if err := h.replay(ctx, d); err != nil {
			return n, fmt.Errorf("replaying delivery %s: %w", d.ID, err)
		}
		n++
	}
	return n, nil
}

func (h *Hub) replay(ctx context.Context, d store.Delivery) error {
	plain, err := h.Vault.Open("delivery", vault.Row("", "deliveries", d.ID, "sealed"), d.Sealed)
	if err != nil {
		return err
	}
	var r raw
	if err := json.Unmarshal(plain, &r); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://replay"+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return err
	}
	for k, v := range r.Header {
		req.Header.Set(k, v)
	}
	driver, ok := h.drivers[d.Platform]
	if !ok || driver.Webhook == nil {
		return fmt.Errorf("no platform %q", d.Platform)
	}
	owner := d.Platform // an address of the whole app, or of one connection
	if parts := strings.Split(r.Path, "/"); len(parts) > 3 {
		owner = parts[3]
	}
	keys, found, err := h.hookKeys(ctx, d.Platform, owner)
	if err != nil || !found {
		return err // the connection is gone
	}
	events, _, err := driver.Webhook(keys.keys, req, r.Body)
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *db.Tx) error {
		for _, e := range events {
			c, err := h.ownerOf(tx, d.Platform, keys, e)
			if err != nil {
				return err
			}
			if c.ID == "" {
				continue
			}
			if err := h.event(store.Write(tx, c.Shop), c.ID, e); err != nil {
				return err
			}
		}
		return nil
	})
}
