package hub_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

var limits = connector.Limits{
	StockBatch: 20, PriceBatch: 20, ReadBatch: 3, ListingBatch: 20, Timeout: 10 * time.Second, Settle: time.Minute,
	Budgets: []connector.Budget{{Name: "calls", Rate: 5, Burst: 30}}, Concurrent: 1, Poll: time.Minute, Sweep: 10 * time.Minute,
}

var flow = retail.Flow{
	{Rule: "LZD-34", Stages: []retail.Stage{retail.Unpaid}},
	{Rule: "LZD-23", Stages: []retail.Stage{retail.Pending, retail.Packed, retail.Ready}, Order: retail.OrderExists},
	{Rule: "LZD-27", Stages: []retail.Stage{retail.Shipped}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryUnderway},
	{Rule: "LZD-25", Stages: []retail.Stage{retail.Cancelled}, Order: retail.OrderCancel},
}

// webhook takes a list of events signed with the secret itself.
func webhook(k connector.Keys, r *http.Request, body []byte) ([]connector.Event, connector.Reply, error) {
	reply := connector.Reply{Status: http.StatusAccepted, Body: []byte("kept alive")}
	if r.Header.Get("Sign") != cmp.Or(k.Hook, k.AppSecret) {
		return nil, reply, &connector.Error{Kind: connector.Forbidden}
	}
	var events []connector.Event
	if json.Unmarshal(body, &events) != nil {
		return nil, reply, &connector.Error{Kind: connector.Rejected}
	}
	return events, reply, nil
}

func grant(route string) func(context.Context, connector.Account, connector.Grant) (connector.Grant, error) {
	return func(ctx context.Context, a connector.Account, old connector.Grant) (connector.Grant, error) {
		return rpc[connector.Grant](ctx, a, route, false, map[string]string{"code": old.AccountID})
	}
}

// drivers returns the till and the bazaar.
func drivers(m *market) []connector.Driver {
	channel := func(a connector.Account) connector.Channel {
		c := bazaar(a)
		m.mu.Lock()
		defer m.mu.Unlock()
		m.channel = c
		return c
	}
	return []connector.Driver{
		{
			ID: "till", Name: "Till", Limits: limits, Webhook: webhook, POS: till, Auth: connector.Auth{Refresh: grant("refresh")},
			Form: []connector.Field{{Name: "client", Kind: connector.TextField, Required: true}, {Name: "secret", Kind: connector.SecretField, Required: true}},
		},
		{
			ID: "bazaar", Name: "Bazaar", Limits: limits, Webhook: webhook, Channel: channel, Flow: flow,
			Codes: retail.Codes{Order: "DH_", Invoice: "HD_", Customer: "KH_"},
			App:   []connector.Field{{Name: "app_key", Kind: connector.TextField}, {Name: "app_secret", Kind: connector.SecretField}},
			Form:  []connector.Field{{Name: connector.BranchName, Kind: connector.BranchField}},
			Auth: connector.Auth{
				URL: func(k connector.Keys, redirect, state string) string {
					return "http://bazaar/sign-in?" + url.Values{"app": {k.AppKey}, "redirect": {redirect}, "state": {state}}.Encode()
				},
				Exchange: func(ctx context.Context, a connector.Account, callback map[string]string) (connector.Grant, error) {
					return rpc[connector.Grant](ctx, a, "exchange", true, callback)
				},
				Refresh: grant("refresh"),
			},
		},
	}
}

// list asks for all of something and keeps what fits.
func list[T any](ctx context.Context, a connector.Account, route string, keep func(T) bool) ([]T, error) {
	all, err := rpc[[]T](ctx, a, route, false, nil)
	return slices.DeleteFunc(all, func(v T) bool { return !keep(v) }), err
}

func only[T any](all []T, err error) (v T, _ error) {
	if err == nil && len(all) == 0 {
		return v, &connector.Error{Kind: connector.NotFound}
	}
	if err != nil {
		return v, err
	}
	return all[0], nil
}

func till(a connector.Account) connector.POS {
	return connector.POS{
		Branches: func(ctx context.Context) ([]retail.Branch, error) {
			return rpc[[]retail.Branch](ctx, a, "branches", false, nil)
		},
		PriceBooks: func(context.Context) ([]retail.PriceBook, error) { return nil, nil },
		Products: func(ctx context.Context, _ connector.Cursor) (connector.Page[retail.Product], error) {
			all, err := rpc[[]retail.Product](ctx, a, "products", false, nil)
			return connector.Page[retail.Product]{Items: all, Until: a.Now()}, err
		},
		Levels: func(ctx context.Context, ids []string) (out []retail.Level, err error) {
			all, err := rpc[map[string]retail.Level](ctx, a, "levels", false, nil)
			for _, id := range ids {
				out = append(out, all[id])
			}
			return out, err
		},
		FindCustomers: func(ctx context.Context, phone string) ([]retail.Customer, error) {
			return list(ctx, a, "customers", func(c retail.Customer) bool { return c.Phone == phone })
		},
		CustomerByCode: func(ctx context.Context, code string) (retail.Customer, error) {
			return only(list(ctx, a, "customers", func(c retail.Customer) bool { return c.Code == code }))
		},
		CreateCustomer: func(ctx context.Context, c retail.Customer) (retail.Customer, error) {
			return rpc[retail.Customer](ctx, a, "customer.create", true, c)
		},
		Order: func(ctx context.Context, id string) (retail.POSOrder, error) {
			return only(list(ctx, a, "orders", func(o retail.POSOrder) bool { return o.ID == id }))
		},
		FindOrders: func(ctx context.Context, ref connector.Reference) ([]retail.POSOrder, error) {
			return list(ctx, a, "orders", func(o retail.POSOrder) bool {
				return ref.Code == "" && ref.Mark == "" || o.Code == ref.Code || o.Ref == ref.Mark
			})
		},
		CreateOrder: func(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error) {
			return rpc[retail.POSOrder](ctx, a, "order.create", true, o)
		},
		UpdateOrder: func(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error) {
			return rpc[retail.POSOrder](ctx, a, "order.update", true, o)
		},
		CancelOrder: func(ctx context.Context, id string) error {
			_, err := rpc[retail.POSOrder](ctx, a, "order.cancel", true, retail.POSOrder{ID: id})
			return err
		},
		Invoice: func(ctx context.Context, id string) (retail.Invoice, error) {
			return only(list(ctx, a, "invoices", func(i retail.Invoice) bool { return i.ID == id }))
		},
		Invoices: func(ctx context.Context, order string) ([]retail.Invoice, error) {
			return list(ctx, a, "invoices", func(i retail.Invoice) bool { return i.OrderID == order })
		},
		CreateInvoice: func(ctx context.Context, i retail.Invoice) (retail.Invoice, error) {
			return rpc[retail.Invoice](ctx, a, "invoice.create", true, i)
		},
		SetDelivery: func(ctx context.Context, i retail.Invoice) (retail.Invoice, error) {
			return rpc[retail.Invoice](ctx, a, "invoice.update", true, i)
		},
		Hooks: connector.Hooks{
			Types: []string{"level"},
			List: func(ctx context.Context) ([]connector.Hook, error) {
				return rpc[[]connector.Hook](ctx, a, "hooks", false, nil)
			},
			Create: func(ctx context.Context, h connector.Hook) (connector.Hook, error) {
				return rpc[connector.Hook](ctx, a, "hook.create", true, h)
			},
		},
		Check: func(context.Context) ([]retail.Problem, error) { return nil, nil },
	}
}

func bazaar(a connector.Account) connector.Channel {
	return connector.Channel{
		Orders: func(ctx context.Context, _ connector.Cursor) (connector.Page[retail.OrderKey], error) {
			now := a.Now()
			all, err := rpc[map[string]retail.Order](ctx, a, "sold", false, nil)
			page := connector.Page[retail.OrderKey]{Until: now}
			for _, o := range all {
				page.Items = append(page.Items, retail.OrderKey{ID: o.ID, Updated: o.Updated})
			}
			return page, err
		},
		// Each order is a call of its own, and all are made at once.
		Read: func(ctx context.Context, ids []string) []connector.OrderResult {
			out := make([]connector.OrderResult, len(ids))
			var reading sync.WaitGroup
			for i, id := range ids {
				reading.Go(func() {
					all, err := rpc[map[string]retail.Order](ctx, a, "sold", false, nil)
					o, found := all[id]
					if err == nil && !found {
						err = &connector.Error{Kind: connector.NotFound}
					}
					out[i] = connector.OrderResult{Order: o, Err: err}
				})
			}
			reading.Wait()
			return out
		},
		Listings: func(ctx context.Context, _ connector.Cursor) (connector.Page[retail.Listing], error) {
			all, err := rpc[[]retail.Listing](ctx, a, "listed", false, nil)
			return connector.Page[retail.Listing]{Items: all, Until: a.Now()}, err
		},
		ReadListings: func(ctx context.Context, codes []retail.SKU) ([]retail.Listing, error) {
			return list(ctx, a, "listed", func(l retail.Listing) bool { return slices.Contains(codes, l.Code) })
		},
		SetStock: func(ctx context.Context, rows []connector.StockRow) []connector.Result {
			_, err := rpc[any](ctx, a, "stock", true, rows)
			return slices.Repeat([]connector.Result{connector.ResultOf(err)}, len(rows))
		},
		SetPrice: func(ctx context.Context, rows []connector.PriceRow) []connector.Result {
			_, err := rpc[any](ctx, a, "prices", true, rows)
			return slices.Repeat([]connector.Result{connector.ResultOf(err)}, len(rows))
		},
		Check: func(context.Context) ([]retail.Problem, error) { return nil, nil },
	}
}
