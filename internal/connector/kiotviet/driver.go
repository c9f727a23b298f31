// Package kiotviet speaks KiotViet's public retail API, the shop's point of
// sale. Section numbers in comments are those of the reference kiotviet.md;
// what it marks as unknown is either never relied on or taken both ways.
package kiotviet

import (
	"embed"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

//go:embed words.vi.json words.en.json
var words embed.FS

//go:embed logo.svg
var logo []byte

// Budgets. KiotViet allows 5,000 GETs an hour and names no limit for writes
// (kiotviet.md §3.7). A bucket lets through at most burst + rate × 3600 in any
// hour: 400 + 1.25 × 3600 = 4,900. Two writes a second were measured to pass.
const (
	getBudget   = "get"
	writeBudget = "write"
	tokenBudget = "token"
)

// Driver returns the KiotViet driver.
func Driver() connector.Driver {
	return connector.Driver{
		ID:   "kiotviet",
		Name: "KiotViet",
		Form: []connector.Field{
			{Name: "retailer", Kind: connector.TextField, Required: true},
			{Name: "client_id", Kind: connector.TextField, Required: true},
			{Name: "client_secret", Kind: connector.SecretField, Required: true},
		},
		Limits: connector.Limits{
			Timeout: timeout,
			// A create may finish after its caller has gone (§4.6.6).
			Settle: 120 * time.Second,
			Budgets: []connector.Budget{
				{Name: getBudget, Rate: 1.25, Burst: 400},
				{Name: writeBudget, Rate: 2, Burst: 5},
				{Name: tokenBudget, Rate: 0.1, Burst: 5},
			},
			Concurrent: 4,
			Poll:       2 * time.Minute, // orders and invoices: 60 GETs an hour
			Sweep:      10 * time.Minute,
		},
		Auth:    connector.Auth{Refresh: refresh},
		Words:   words,
		Logo:    logo,
		POS:     pos,
		Webhook: webhook,
	}
}

// pos opens a shop.
func pos(a connector.Account) connector.POS {
	s := open(a)
	return connector.POS{
		Branches:   s.branches,
		PriceBooks: s.priceBooks,
		Surcharges: s.surcharges,
		Products:   s.products,
		Levels:     s.levels,
		Prices:     s.prices,

		FindCustomers:  s.findCustomers,
		CustomerByCode: s.customerByCode,
		CreateCustomer: s.createCustomer,

		Order:       s.order,
		FindOrders:  s.findOrders,
		CreateOrder: s.createOrder,
		UpdateOrder: s.updateOrder,
		CancelOrder: s.cancelOrder,

		Invoice:       s.invoice,
		Invoices:      s.invoices,
		CreateInvoice: s.createInvoice,
		SetDelivery:   s.setDelivery,

		ChangedOrders:   s.changedOrders,
		ChangedInvoices: s.changedInvoices,

		Hooks: connector.Hooks{Types: hookTypes, List: s.listHooks, Create: s.createHook, Delete: s.deleteHook},

		Check: s.check,
	}
}
