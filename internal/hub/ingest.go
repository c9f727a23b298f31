package hub

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

const (
	maxDelivery  = 1 << 20
	keepDelivery = 7 * 24 * time.Hour
)

// Hooks receives webhooks and pushes:
//
//	POST /hooks/{platform}                            one address per app
//	POST /hooks/{platform}/{connection}/{token}/{type} one per account
//
// A delivery is answered once it and the looks that it asks for are durable.
// Nothing else happens before the answer (one platform allows 500 ms).
func (h *Hub) Hooks() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hooks/{platform}", func(w http.ResponseWriter, r *http.Request) {
		h.receive(w, r, r.PathValue("platform"), r.PathValue("platform"), "")
	})
	mux.HandleFunc("POST /hooks/{platform}/{connection}/{token}/{type}", func(w http.ResponseWriter, r *http.Request) {
		h.receive(w, r, r.PathValue("platform"), r.PathValue("connection"), r.PathValue("token"))
	})
	return mux
}

// hookKeys is what verifying needs, kept in memory so that a burst of webhooks
// reads no row.
type hookKeys struct {
	keys       connector.Keys
	token      string
	shop       retail.ShopID
	connection string
}

func (h *Hub) receive(w http.ResponseWriter, r *http.Request, platform, owner, token string) {
	d, ok := h.drivers[platform]
	if !ok || d.Webhook == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxDelivery))
	if err != nil {
		if _, big := errors.AsType[*http.MaxBytesError](err); big {
			http.Error(w, "delivery larger than 1 MiB", http.StatusRequestEntityTooLarge)
			return
		}
		http.Error(w, "delivery cut short", http.StatusBadRequest)
		return
	}
	k, found, err := h.hookKeys(r.Context(), platform, owner)
	if err != nil {
		h.unavailable(w, err)
		return
	}
	if !found || k.token != token {
		http.NotFound(w, r)
		return
	}
	events, reply, verdict := d.Webhook(k.keys, r, body)
	delivery := store.Delivery{ID: h.newID(), Connection: k.connection, Platform: platform, At: h.Clock.Now(), Verdict: "accepted"}
	if verdict != nil {
		delivery.Verdict = "unreadable"
		if connector.KindOf(verdict, false) == connector.Forbidden {
			delivery.Verdict = "wrong_signature"
		}
		events = nil
	}
	delivery.Sealed, err = h.Vault.Seal("delivery", vault.Row("", "deliveries", delivery.ID, "sealed"),
		encode(raw{Path: r.URL.Path, Header: headers(r.Header), Body: body}))
	if err != nil {
		h.unavailable(w, err)
		return
	}
	if err := h.DB.Group(r.Context(), func(tx *db.Tx) error { return h.accept(tx, d, k, delivery, events, verdict) }); err != nil {
		h.unavailable(w, err)
		return
	}
	w.WriteHeader(reply.Status)
	_, _ = w.Write(reply.Body)
}

// unavailable makes the platform send again.
func (h *Hub) unavailable(w http.ResponseWriter, err error) {
	h.Log.Error("receiving a delivery", "error", err)
	w.Header().Set("Retry-After", "5")
	http.Error(w, "try again", http.StatusServiceUnavailable)
}

// raw is a delivery as it arrived.
type raw struct {
	Path   string
	Header map[string]string
	Body   []byte
}

func headers(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for k := range h {
		out[k] = h.Get(k)
	}
	return out
}

// accept stores a delivery together with the looks that it asks for.
func (h *Hub) accept(tx *db.Tx, d connector.Driver, k hookKeys, delivery store.Delivery, events []connector.Event, verdict error) error {
	first := true
	for _, e := range events {
		c, err := h.ownerOf(tx, d.ID, k, e)
		if err != nil {
			return err
		}
		if c.ID == "" {
			delivery.Verdict = "unknown_account" // signed by the platform, for a shop that is not here
			continue
		}
		if first {
			delivery.Connection, first = c.ID, false
			k.shop = c.Shop
		}
		if err := h.event(store.Write(tx, c.Shop), c.ID, e); err != nil {
			return err
		}
	}
	w := store.Write(tx, k.shop)
	if err := w.AddDelivery(delivery); err != nil {
		return err
	}
	if verdict == nil {
		return nil
	}
	// rule: SYN-04: counted and shown, never processed.
	p := retail.Problem{Key: "hook." + delivery.Verdict, Object: "hook", Args: map[string]any{"platform": d.Name}}
	if e, ok := errors.AsType[*connector.Error](verdict); ok && e.Problem.Key != "" {
		p.Key = e.Problem.Key
	}
	if k.shop == "" {
		return nil // an address of the whole hub: counted by its verdict
	}
	return w.RaiseProblem(k.connection, p, h.Clock.Now())
}

// ownerOf is the connection that an event is about; the zero one if the
// platform's account is not connected here.
func (h *Hub) ownerOf(tx *db.Tx, platform string, k hookKeys, e connector.Event) (store.Connection, error) {
	if k.connection != "" {
		return store.Connection{ID: k.connection, Shop: k.shop}, nil
	}
	c, _, err := store.ConnectionByAccount(&tx.View, platform, e.Account)
	return c, err
}

// event turns what a platform says into a look.
func (h *Hub) event(w store.Writer, connection string, e connector.Event) error {
	now := h.Clock.Now()
	switch e.Object {
	case connector.OrderObject:
		return h.look(w, connection, lookOrder, e.ID, now, "")
	case connector.LevelObject:
		if e.Level == nil {
			return h.look(w, connection, lookLevel, e.ID, now, "")
		}
		return h.look(w, connection, lookLevel, e.Level.ProductID+"|"+e.Level.BranchID, now, string(encode(e.Level)))
	case connector.POSOrderObject:
		return h.look(w, connection, lookPOSOrder, e.ID, now, "")
	case connector.InvoiceObject:
		// Listed together, a moment later: reads are scarce, and most of these are
		// echoes of our own invoices and sales at the counter.
		return h.look(w, connection, lookPOSOrders, "", now.Add(2*time.Second), "")
	case connector.PriceObject:
		if e.Price == nil {
			return h.look(w, connection, lookBooks, "", now, "")
		}
		return h.look(w, connection, lookPrice, e.Price.BookID+"|"+e.Price.ProductID, now, string(encode(e.Price)))
	case connector.ProductObject:
		return h.look(w, connection, lookProducts, "", now, "")
	case connector.BookObject:
		return h.look(w, connection, lookBooks, "", now, "")
	case connector.ListingObject:
		return h.look(w, connection, lookListings, "", now, "")
	default: // news about things that the hub does not keep
	}
	return nil
}

// hookKeys finds what a delivery is verified with. owner is a connection, or a
// platform where all its accounts share one address.
func (h *Hub) hookKeys(ctx context.Context, platform, owner string) (hookKeys, bool, error) {
	h.mu.Lock()
	k, ok := h.keys[owner]
	h.mu.Unlock()
	if ok {
		return k, true, nil
	}
	err := h.DB.Read(ctx, func(v *db.View) error {
		var err error
		if k.keys, _, err = h.appKeys(store.Read(v, ""), platform); err != nil {
			if _, mine := errors.AsType[*Trouble](err); mine {
				return nil
			}
			return err
		}
		if owner == platform {
			ok = k.keys.AppKey != ""
			return nil
		}
		c, found, err := store.ConnectionByID(v, owner)
		if err != nil || !found || c.Platform != platform || c.State == store.Deleted {
			return err
		}
		secrets, err := h.secrets(c)
		if err != nil {
			return err
		}
		ok = true
		k.keys.Hook, k.token, k.shop, k.connection = secrets[hookSecret], c.HookToken, c.Shop, c.ID
		return nil
	})
	if ok && err == nil {
		h.mu.Lock()
		h.keys[owner] = k
		h.mu.Unlock()
	}
	return k, ok, err
}

// hookURL is the address to register for one type of webhook.
func (h *Hub) hookURL(c store.Connection, hookType string) string {
	return strings.Join([]string{h.URL, "hooks", c.Platform, c.ID, c.HookToken, hookType}, "/")
}
