package lazada

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// purpose is what a product write changes. The same refusal means different
// things for each (§12.1).
type purpose string

const (
	totalStock    purpose = "total"
	sellableStock purpose = "sellable"
	prices        purpose = "prices"
)

// target is whom one row of a write is about.
type target struct {
	key  retail.ListingKey
	code retail.SKU
}

// settle tells per row how a product write ended (§12.3): rows that detail
// names are refused, the others were done. Detail counts beside code 0 too
// (§15, 32). Where it names nobody, a single row is meant; of several, none is
// known.
func settle(env envelope, err error, what purpose, rows []target) []connector.Result {
	results := slices.Repeat([]connector.Result{{Outcome: connector.Done}}, len(rows))
	if err != nil && !overview(env.Code) {
		return fill(results, connector.ResultOf(err))
	}
	entries := details(env.Detail)
	if err != nil && len(entries) == 0 {
		entries = []detail{{message: string(env.Message)}}
	}
	var lost *connector.Error
	for _, d := range entries {
		refusal := d.refusal(what)
		named := d.named(rows)
		if len(named) == 0 && (len(rows) == 1 || strings.Contains(refusal.Problem.Detail, "SELLER_NOT_PERMITTED")) {
			// A permission is the seller's, not a row's.
			return fill(results, connector.ResultOf(refusal))
		}
		if len(named) == 0 {
			lost = &connector.Error{
				Kind:    connector.Uncertain,
				Problem: retail.Problem{Key: "lazada.unnamed_row", Detail: refusal.Problem.Detail},
				Err:     fmt.Errorf("a refusal names none of %d rows", len(rows)),
			}
		}
		for _, i := range named {
			if results[i].Outcome == connector.Done {
				results[i] = connector.ResultOf(refusal)
			}
		}
	}
	if lost != nil {
		for i := range results {
			if results[i].Outcome == connector.Done {
				results[i] = connector.ResultOf(lost)
			}
		}
	}
	return results
}

func fill(results []connector.Result, r connector.Result) []connector.Result {
	for i := range results {
		results[i] = r
	}
	return results
}

// detail is one entry of "detail", whose members differ between clients' logs
// (§5.1).
type detail struct {
	skuIDs, itemIDs []string
	codes           []retail.SKU // seller SKUs
	code            text
	field           string
	message         string
}

// details reads entries tolerantly; those that report success are left out.
func details(raw json.RawMessage) []detail {
	var many []map[string]text
	if json.Unmarshal(raw, &many) != nil {
		var one map[string]text
		if json.Unmarshal(raw, &one) != nil || len(one) == 0 {
			return nil
		}
		many = []map[string]text{one}
	}
	var out []detail
	for _, members := range many {
		var d detail
		for name, value := range members {
			if value == "" {
				continue
			}
			switch strings.ToLower(name) {
			case "skuid", "sku_id":
				d.skuIDs = append(d.skuIDs, string(value))
			case "itemid", "item_id":
				d.itemIDs = append(d.itemIDs, string(value))
			case "sku": // one client's logs have the seller SKU here, another's an id
				d.skuIDs = append(d.skuIDs, string(value))
				d.codes = append(d.codes, retail.NewSKU(string(value)))
			case "sellersku", "seller_sku":
				d.codes = append(d.codes, retail.NewSKU(string(value)))
			case "code":
				d.code = value
			case "field":
				d.field = string(value)
			case "message", "msg":
				d.message = string(value)
			}
		}
		if len(members) > 0 && d.code != success {
			out = append(out, d)
		}
	}
	return out
}

// named returns the rows that an entry is about: by SKU id, else by seller SKU
// (which may stand on several items, §0 fact 9), else by item.
func (d detail) named(rows []target) []int {
	find := func(match func(target) bool) []int {
		var found []int
		for i, r := range rows {
			inItem := len(d.itemIDs) == 0 || slices.Contains(d.itemIDs, r.key.ItemID)
			if match(r) && inItem {
				found = append(found, i)
			}
		}
		return found
	}
	if found := find(func(r target) bool { return slices.Contains(d.skuIDs, r.key.SKUID) }); found != nil {
		return found
	}
	if found := find(func(r target) bool { return slices.Contains(d.codes, r.code) }); found != nil {
		return found
	}
	if len(d.skuIDs) == 0 && len(d.codes) == 0 && len(d.itemIDs) > 0 {
		return find(func(target) bool { return true })
	}
	return nil
}

// names are refusals known by words inside the message rather than by number
// (§12.3): some have none, and numbers differ between countries (4157).
var names = []struct {
	word string
	code string
}{
	{"SELLER_NOT_PERMITTED", "SELLER_NOT_PERMITTED"},
	{"THD_IC", "campaign_price"},
	{"CAMPAIGN PARTICIPATION", "campaign_price"},
	{"CHANNEL INVENTORY", "4170"},
	{"SPECIAL_PRICE_GREATER_THAN_PRICE", "4157"},
	{"SPECIAL_PRICE_FROM_DATE_AFTER_TO_DATE", "4117"},
	{"SPECIAL_PRICE_RATE_OUT_OF_RANGE", "4119"},
	{"PRICE_PRECISION_INVALID", "4104"},
	{"PRICE_IS_ZERO", "4118"},
	{"SELLER_SKU_NOT_FOUND", "4136"},
	{"ITEM_NOT_FOUND", "4137"},
	{"INV_NEGATIVE_SELLABLE", "212"},
	{"SYS_REQUEST_TOO_FAST", "4154"},
}

// refusal classifies an entry.
func (d detail) refusal(what purpose) *connector.Error {
	code := plain(d.code)
	upper := strings.ToUpper(d.message)
	for _, n := range names {
		if strings.Contains(upper, n.word) || strings.EqualFold(code, n.word) {
			code = n.code
			break
		}
	}
	m, ok := codes[code]
	if !ok {
		m = meaning{kind: connector.Rejected, key: "lazada.row_refused"}
	}
	switch {
	case code == "campaign_price":
		m = meaning{kind: connector.Locked, key: "lazada.campaign_price"}
	case code == "SELLER_NOT_PERMITTED" && what == prices:
		m = meaning{kind: connector.Forbidden, key: "lazada.price_not_permitted"}
	case code == "SELLER_NOT_PERMITTED" && what == sellableStock:
		m = meaning{kind: connector.Forbidden, key: "lazada.stock_not_permitted"}
	case what == totalStock && (code == "SELLER_NOT_PERMITTED" || code == "4225"):
		// Both leave the sellable call open (§12.1, §12.3). 4225 is one product's,
		// but the hub has one word for a connection, and a number that can be sent
		// is better than one that cannot.
		m = meaning{kind: connector.Forbidden, key: "stock.total_refused"}
	case m.kind == connector.Uncertain:
		// An entry says what became of its row.
		m.kind = connector.Temporary
	}
	return &connector.Error{
		Kind: m.kind, After: m.after,
		Problem: retail.Problem{
			Key:    m.key,
			Args:   map[string]any{"code": string(d.code), "field": d.field},
			Detail: rest.Redact(d.message),
		},
	}
}
