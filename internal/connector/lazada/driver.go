// Package lazada connects a Lazada Vietnam shop (a sales channel).
//
// Sections in comments ("§7.2") are those of shared/api/lazada.md, which says
// how sure each of its statements is.
//
// Three things are worth knowing before reading on:
//
//   - Lazada answers errors with HTTP 200; only the member "code" tells (§5.1).
//   - Status, package and money belong to an order's items, of which each is one
//     unit (§7.1).
//   - Total stock and sellable stock are different numbers that go through
//     different calls (§12.1).
package lazada

import (
	"embed"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// ID names the platform in rows, metrics and problem keys.
const ID = "lazada"

const (
	defaultBase     = "https://api.lazada.vn/rest"
	defaultAuthBase = "https://auth.lazada.com"
)

// Budgets are per seller (§5.4): order calls are refused at about one a second
// by some endpoints, stock and price writes at fifty.
const (
	readBudget  = "read"
	writeBudget = "write"
	tokenBudget = "token"
)

const timeout = 30 * time.Second

var (
	//go:embed words.vi.json words.en.json
	words embed.FS
	//go:embed logo.svg
	logo []byte
)

// Driver is Lazada.
//
// Account.Base replaces https://api.lazada.vn/rest and Account.AuthBase
// https://auth.lazada.com/oauth/authorize (with or without its path), beside
// which /rest/auth/token/… lies.
func Driver() connector.Driver {
	return connector.Driver{
		ID:   ID,
		Name: "Lazada",
		App: []connector.Field{
			{Name: "app_key", Kind: connector.TextField, Required: true},
			{Name: "app_secret", Kind: connector.SecretField, Required: true},
		},
		Form: []connector.Field{
			{Name: "branch", Kind: connector.BranchField, Required: true},                                     // rule: LZD-03, LZD-04
			{Name: "price_book", Kind: connector.PriceBookField, Required: true, Default: retail.GeneralBook}, // rule: LZD-05
			{Name: "promo_book", Kind: connector.PriceBookField},                                              // rule: LZD-13
			{Name: "shipping_surcharge", Kind: connector.SurchargeField},                                      // rule: LZD-21
			{Name: "prepaid_cod_zero", Kind: connector.BoolField, Default: "false"},                           // rule: LZD-27
		},
		Limits: connector.Limits{
			StockBatch: stockBatch, PriceBatch: priceBatch,
			ReadBatch: readBatch, ListingBatch: listingBatch,
			Timeout: timeout,
			// ServiceTimeout answers come although the write went through (§15, 19).
			Settle: time.Minute,
			Budgets: []connector.Budget{
				{Name: readBudget, Rate: 5, Burst: 5},
				{Name: writeBudget, Rate: 10, Burst: 10},
				{Name: tokenBudget, Rate: 1, Burst: 2},
			},
			Concurrent: 2,
			Poll:       time.Minute,
			Lag:        visible,
			Sweep:      30 * time.Minute,
		},
		Flow:    flow,
		Codes:   retail.Codes{Order: "DHLZD_", Invoice: "HDLZD_", Customer: "KHLZD"}, // rule: LZD-16
		Auth:    connector.Auth{URL: signInURL, Exchange: exchange, Refresh: refresh},
		Words:   words,
		Logo:    logo,
		Channel: channel,
		Webhook: webhook,
	}
}

func channel(a connector.Account) connector.Channel {
	s := newSeller(a)
	return connector.Channel{
		Orders:       s.orders,
		Listings:     s.listings,
		Read:         s.read,
		ReadListings: s.readListings,
		SetStock:     s.setStock,
		SetPrice:     s.setPrice,
		Check:        s.check,
	}
}

// seller is one account being called. It holds nothing that changes.
type seller struct {
	account connector.Account
	client  rest.Client
}

func newSeller(a connector.Account) *seller {
	return &seller{account: a, client: rest.Client{Account: a, Timeout: timeout}}
}
