//nolint:depguard,forbidigo // a real hub needs an engine, a vault and platforms: these are the tests' own
package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/engine/local"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/text"
	"github.com/dongbo/dongbo/internal/vault"
)

// house is a hub with two platforms that live in memory, and its console.
type house struct {
	*hub.Hub
	auth    *auth.Auth
	handler http.Handler
	log     *bytes.Buffer
}

const password = "một mật khẩu dài"

func open(t *testing.T, demo *Demo) *house {
	t.Helper()
	d, err := db.Open(t.Context(), "sqlite::memory:")
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(make([]byte, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{log: &bytes.Buffer{}}
	quiet := slog.New(slog.NewTextHandler(h.log, nil))
	h.Hub = hub.New(hub.Config{DB: d, Vault: v, Clock: clock.Real{}, Drivers: []connector.Driver{till(), market()}, Log: slog.New(slog.DiscardHandler), URL: "http://dongbo.test", Polling: true, Random: rand.Reader})
	e := local.New(clock.Real{}, h.Rows(), slog.New(slog.DiscardHandler))
	h.Attach(e)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = e.Run(ctx, h.Work)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		d.Close()
	})
	h.auth = auth.New(d, clock.Real{}, rand.Reader)
	texts, err := text.New(till().Words, market().Words)
	if err != nil {
		t.Fatal(err)
	}
	h.handler, err = New(Config{Hub: h.Hub, Auth: h.auth, Text: texts, Clock: clock.Real{}, URL: "http://dongbo.test", Log: quiet, Demo: demo})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// people makes an operator and the owners of two shops.
func (h *house) people(t *testing.T) {
	t.Helper()
	for _, shop := range []string{"a", "b"} {
		if err := h.CreateShop(t.Context(), retail.ShopID(shop), "Gian hàng "+shop); err != nil {
			t.Fatal(err)
		}
		if err := h.Activate(t.Context(), retail.ShopID(shop), "market", true); err != nil {
			t.Fatal(err)
		}
		if _, err := h.auth.Create(t.Context(), auth.NewPerson{Login: "chu-" + shop, Name: "Chủ " + shop, Password: password, Role: auth.Owner, Shop: shop}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.auth.Create(t.Context(), auth.NewPerson{Login: "op", Password: password, Role: auth.Operator}); err != nil {
		t.Fatal(err)
	}
}

// write puts rows where the hub would.
func (h *house) write(t *testing.T, shop retail.ShopID, f func(store.Writer) error) {
	t.Helper()
	if err := h.DB.Write(t.Context(), func(tx *db.Tx) error { return f(store.Write(tx, shop)) }); err != nil {
		t.Fatal(err)
	}
}

func words(vi, en string) fstest.MapFS {
	return fstest.MapFS{"words.vi.json": {Data: []byte(vi)}, "words.en.json": {Data: []byte(en)}}
}

const secret = "mã-bảo-mật-không-được-hiện"

// till is a point of sale. The name "sai" is refused.
func till() connector.Driver {
	return connector.Driver{
		ID: "till", Name: "Till", Limits: limits,
		Form: []connector.Field{
			{Name: "retailer", Kind: connector.TextField, Required: true},
			{Name: "client_secret", Kind: connector.SecretField, Required: true},
		},
		Words: words(`{"field.retailer": "Tên kết nối", "field.retailer.hint": "Gợi ý", "field.client_secret": "Mã bảo mật",
			"problem.till.wrong": "Sai tên kết nối.", "problem.till.wrong.remedy": "Xem lại tên."}`,
			`{"field.retailer": "Name", "field.retailer.hint": "Hint", "field.client_secret": "Secret",
			"problem.till.wrong": "Wrong name.", "problem.till.wrong.remedy": "Look again."}`),
		Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		Auth: connector.Auth{Refresh: func(_ context.Context, a connector.Account, _ connector.Grant) (connector.Grant, error) {
			if a.Values["retailer"] == "sai" {
				return connector.Grant{}, connector.Errorf(connector.Unauthorised, "till.wrong", "refused")
			}
			return connector.Grant{Access: "t", AccessUntil: a.Now().Add(time.Hour), AccountID: a.Values["retailer"], AccountName: a.Values["retailer"]}, nil
		}},
		POS: func(connector.Account) connector.POS {
			return connector.POS{
				Branches: func(context.Context) ([]retail.Branch, error) {
					return []retail.Branch{{ID: "1", Name: "Chi nhánh trung tâm"}, {ID: "2", Name: "Kho sỉ"}}, nil
				},
				PriceBooks: func(context.Context) ([]retail.PriceBook, error) {
					return []retail.PriceBook{{ID: "7", Name: "Bảng giá sàn", Active: true}}, nil
				},
				Products: nothingNew[retail.Product],
				Prices: func(context.Context, string, connector.Cursor) (connector.Page[retail.PriceLine], error) {
					return connector.Page[retail.PriceLine]{}, nil
				},
				ChangedOrders: nothingNew[retail.POSOrder], ChangedInvoices: nothingNew[retail.Invoice],
				Check: fine,
			}
		},
	}
}

// market is a channel with a sign-in page.
func market() connector.Driver {
	return connector.Driver{
		ID: "market", Name: "Market", Limits: limits,
		App: []connector.Field{{Name: "app_key", Kind: connector.TextField, Required: true}, {Name: "app_secret", Kind: connector.SecretField, Required: true}},
		Form: []connector.Field{
			{Name: connector.BranchName, Kind: connector.BranchField, Required: true},
			{Name: connector.ListBookName, Kind: connector.PriceBookField, Required: true, Default: retail.GeneralBook},
			{Name: connector.PromoBookName, Kind: connector.PriceBookField},
			{Name: connector.PrepaidName, Kind: connector.BoolField},
		},
		Words: words(`{"field.app_key": "App Key", "field.app_secret": "App Secret"}`, `{"field.app_key": "App key", "field.app_secret": "App secret"}`),
		Auth: connector.Auth{
			URL: func(k connector.Keys, redirect, state string) string {
				return "https://market.test/signin?key=" + k.AppKey + "&redirect=" + redirect + "&state=" + state
			},
			Exchange: func(_ context.Context, a connector.Account, back map[string]string) (connector.Grant, error) {
				return connector.Grant{Access: "t", Refresh: "r", AccessUntil: a.Now().Add(time.Hour), AccountID: back["code"], AccountName: "Cửa hàng trên Market"}, nil
			},
			Refresh: func(_ context.Context, _ connector.Account, old connector.Grant) (connector.Grant, error) {
				return old, nil
			},
		},
		Channel: func(connector.Account) connector.Channel {
			return connector.Channel{Orders: nothingNew[retail.OrderKey], Listings: nothingNew[retail.Listing], Check: fine}
		},
	}
}

var limits = connector.Limits{StockBatch: 10, PriceBatch: 10, ReadBatch: 10, ListingBatch: 10, Concurrent: 1, Timeout: time.Second, Settle: time.Second, Poll: time.Hour, Sweep: time.Hour}

func nothingNew[T any](context.Context, connector.Cursor) (connector.Page[T], error) {
	return connector.Page[T]{}, nil
}

func fine(context.Context) ([]retail.Problem, error) { return nil, nil }
