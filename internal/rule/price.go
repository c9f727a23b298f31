package rule

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Price decides the pair of prices of one product. list is the price of the
// list book, nil where the product is not in it, and general the product's
// base price; promo is the price of the promotion book, nil where there is
// none.
//
//   - LZD-05: a product that the list book lacks takes the general price.
//   - LZD-06: a promotion above the list price is never sent.
//   - LZD-13, LZD-14: without a promotion, promotion price = list price.
//
// The guard holds back a price of zero and a change that looks like a typing
// mistake; ok is false then and a problem says why.
func Price(code retail.SKU, general retail.Money, list, promo *retail.Money, from, to time.Time, g retail.Guard) (p retail.Prices, why retail.Why, problems []retail.Problem, ok bool) {
	why = retail.Why{Rule: "LZD-12", Key: "price.pair"}
	p.List = general
	if list != nil {
		p.List = *list
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-05", Key: "price.list", Value: p.List.String()})
	} else {
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-05", Key: "price.general", Value: p.List.String()})
	}
	p.Special = p.List
	switch {
	case promo == nil:
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-14", Key: "price.no_promotion", Value: p.Special.String()})
	case *promo > p.List:
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-06", Key: "price.promotion_above_list", Value: promo.String()})
		problems = append(problems, retail.Problem{Key: "price.promotion_above_list", Object: "sku " + string(code), Args: map[string]any{"promotion": promo.String(), "list": p.List.String(), "code": string(code)}})
	default:
		p.Special, p.From, p.To = *promo, from, to
		why.Inputs = append(why.Inputs, retail.Why{Rule: "LZD-05", Key: "price.promotion", Value: p.Special.String()})
	}
	why.Value = p.Special.String()

	limit := g.Change
	if limit == 0 {
		limit = 50
	}
	switch {
	case p.List <= 0 || p.Special <= 0:
		return p, why, append(problems, retail.Problem{Key: "price.zero", Object: "sku " + string(code), Args: map[string]any{"code": string(code)}}), false
	case !g.Confirmed && g.Last.List > 0 && (changed(g.Last.List, p.List) > limit || changed(g.Last.Special, p.Special) > limit):
		return p, why, append(problems, retail.Problem{Key: "price.big_change", Object: "sku " + string(code), Args: map[string]any{
			"code": string(code), "from": g.Last.Special.String(), "to": p.Special.String()}}), false
	}
	return p, why, problems, true
}

// changed is the change from a to b in percent of a, rounded up: 50.1 % is more
// than 50 %.
func changed(a, b retail.Money) int64 {
	if a <= 0 {
		return 0
	}
	d := int64(b - a)
	if d < 0 {
		d = -d
	}
	return (d*100 + int64(a) - 1) / int64(a)
}
