package lazada

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
)

// pushData is what a push is about (§14.3–14.5). Some samples have its members
// beside data.
type pushData struct {
	Seller    text      `json:"seller_id"`
	OrderID   text      `json:"trade_order_id"`
	SellerSKU text      `json:"seller_sku"`
	SKUs      []pushSKU `json:"sku_list"`
	Changed   stamp     `json:"status_update_time"`
}

type pushSKU struct {
	SellerSKU text `json:"seller_sku"`
}

// UnmarshalJSON lets data be anything.
func (d *pushData) UnmarshalJSON(b []byte) error {
	type plain pushData
	_ = json.Unmarshal(b, (*plain)(d))
	return nil
}

// webhook verifies a push over the raw body (§14.1) and names what to look at.
// Pushes say nothing that could be believed beyond that: they come late, twice
// and out of order.
//
// A wrong signature answers 401, upon which Lazada tries again later (§14.1);
// everything signed answers 200, unknown types too. A ListingObject's ID is a
// seller SKU, as ReadListings takes it; "" where the push has none.
//
// rule: SYN-04
func webhook(keys connector.Keys, r *http.Request, body []byte) ([]connector.Event, connector.Reply, error) {
	given, err := hex.DecodeString(strings.TrimSpace(r.Header.Get("Authorization")))
	if err != nil || !hmac.Equal(given, signPush(keys.AppKey, strings.TrimSpace(keys.AppSecret), body)) {
		return nil, connector.Reply{Status: http.StatusUnauthorized},
			connector.Errorf(connector.Forbidden, "lazada.wrong_signature", "the push is not signed with the app's secret")
	}
	return events(body), connector.Reply{Status: http.StatusOK}, nil
}

func events(body []byte) []connector.Event {
	var p struct { // §14.2
		SellerID  text     `json:"seller_id"`
		Type      text     `json:"message_type"`
		Timestamp stamp    `json:"timestamp"`
		Data      pushData `json:"data"`
	}
	if json.Unmarshal(body, &p) != nil {
		return []connector.Event{{Object: connector.NothingObject}}
	}
	var beside pushData
	_ = json.Unmarshal(body, &beside)
	account := p.SellerID
	if account == "null" || account == "" {
		account = p.Data.Seller
	}
	at := p.Timestamp.Time
	for _, changed := range []stamp{p.Data.Changed, beside.Changed} {
		if !changed.IsZero() {
			at = changed.Time
			break
		}
	}
	event := func(object connector.Object, id text) connector.Event {
		return connector.Event{Account: string(account), Object: object, ID: string(id), At: at}
	}
	switch p.Type {
	case "0", "10", "14": // order, reverse order, package
		if p.Data.OrderID != "" {
			return []connector.Event{event(connector.OrderObject, p.Data.OrderID)}
		}
	case "3", "4", "5", "6": // product added, edited, deleted; low stock
		var out []connector.Event
		for _, k := range append(p.Data.SKUs, beside.SKUs...) {
			if k.SellerSKU != "" {
				out = append(out, event(connector.ListingObject, k.SellerSKU))
			}
		}
		if out == nil {
			out = append(out, event(connector.ListingObject, first(p.Data.SellerSKU, beside.SellerSKU)))
		}
		return out
	case "8":
		return []connector.Event{event(connector.TokenObject, "")}
	}
	// The rest, 13 (shop opened or closed) among it: the check looks at the shop.
	return []connector.Event{event(connector.NothingObject, "")}
}
