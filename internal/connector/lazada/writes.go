package lazada

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// Lazada takes 50 SKUs a call and advises 20 (§12.1); larger calls end in
// ServiceTimeout.
const (
	stockBatch = 20
	priceBatch = 20
)

const (
	pricePath    = "/product/price_quantity/update"
	sellablePath = "/product/stock/sellable/update"
)

// element is one Sku of a payload (§12.2). An absent member leaves the value
// as it is; numbers travel as strings.
type element struct {
	ItemID    string     `json:"ItemId"`
	SKUID     string     `json:"SkuId"`
	SellerSKU retail.SKU `json:"SellerSku,omitempty"`
	Quantity  string     `json:",omitempty"` // total: sellable plus what Lazada's own orders hold
	Sellable  string     `json:"SellableQuantity,omitempty"`
	Price     string     `json:",omitempty"`
	SalePrice string     `json:",omitempty"`
	From      string     `json:"SaleStartDate,omitempty"`
	To        string     `json:"SaleEndDate,omitempty"`
}

// update sends elements in one call and tells how each ended. A reply that is
// lost makes every row Unknown.
func (s *seller) update(ctx context.Context, path string, what purpose, rows []target, elements []element) []connector.Result {
	var payload struct {
		Request struct {
			Product struct {
				Skus struct {
					Sku []element
				}
			}
		}
	}
	payload.Request.Product.Skus.Sku = elements
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(payload); err != nil {
		return fill(make([]connector.Result, len(rows)), connector.ResultOf(connector.Errorf(connector.Rejected, "lazada.bad_request", "encoding the payload: %w", err)))
	}
	env, err := s.do(ctx, call{
		method: http.MethodPost, path: path, budget: writeBudget, write: true,
		params: map[string]string{"payload": strings.TrimSpace(b.String())},
	})
	return settle(env, err, what, rows)
}

// setStock sends stock, total and sellable rows in calls of their own (§12.1).
//
// rule: LZD-04, LZD-12
func (s *seller) setStock(ctx context.Context, rows []connector.StockRow) []connector.Result {
	results := make([]connector.Result, len(rows))
	var halt error
	for _, w := range []struct {
		word connector.StockWord
		what purpose
		path string
	}{
		{connector.TotalStock, totalStock, pricePath},
		{connector.SellableStock, sellableStock, sellablePath},
	} {
		var at []int
		for i, r := range rows {
			if r.Word == w.word {
				at = append(at, i)
			}
		}
		for part := range slices.Chunk(at, stockBatch) {
			if halt != nil {
				scatter(results, part, fill(make([]connector.Result, len(part)), connector.ResultOf(halt)))
				continue
			}
			var who []target
			var elements []element
			for _, i := range part {
				r := rows[i]
				e := element{ItemID: r.Key.ItemID, SKUID: r.Key.SKUID, SellerSKU: r.Code}
				if w.what == totalStock {
					e.Quantity = strconv.FormatInt(r.Qty, 10)
				} else {
					e.Sellable = strconv.FormatInt(r.Qty, 10)
				}
				who, elements = append(who, target{r.Key, r.Code}), append(elements, e)
			}
			sent := s.update(ctx, w.path, w.what, who, elements)
			scatter(results, part, sent)
			halt = halting(sent)
		}
	}
	for i, r := range rows {
		if r.Word != connector.TotalStock && r.Word != connector.SellableStock {
			results[i] = connector.ResultOf(connector.Errorf(connector.Rejected, "lazada.bad_request", "stock word %q", r.Word))
		}
	}
	return results
}

// halting returns the error of a call after which the others wait.
func halting(sent []connector.Result) error {
	for _, r := range sent {
		if halts(r.Err) {
			return r.Err
		}
	}
	return nil
}

func scatter(results []connector.Result, at []int, from []connector.Result) {
	for n, i := range at {
		results[i] = from[n]
	}
}

// setPrice sends list and special price of each row together (rule: LZD-06):
// Lazada checks the pair after the change.
//
// Some sellers may be refused a special price equal to the list price, which
// is how "no promotion" is said (rule: LZD-13, LZD-14; §12.4). Such a row is
// sent a second time in another way, and ends Done with an Err of key
// lazada.equal_special_refused, so that the history shows it.
func (s *seller) setPrice(ctx context.Context, rows []connector.PriceRow) []connector.Result {
	results := make([]connector.Result, 0, len(rows))
	var halt error
	for part := range slices.Chunk(rows, priceBatch) {
		if halt != nil {
			results = append(results, fill(make([]connector.Result, len(part)), connector.ResultOf(halt))...)
			continue
		}
		who := make([]target, len(part))
		elements := make([]element, len(part))
		for i, r := range part {
			who[i] = target{r.Key, r.Code}
			elements[i] = priceElement(r)
		}
		sent := s.update(ctx, pricePath, prices, who, elements)
		s.withoutSpecial(ctx, part, sent)
		results = append(results, sent...)
		halt = halting(sent)
	}
	return results
}

func priceElement(r connector.PriceRow) element {
	special := r.Special
	if special == 0 {
		special = r.Price // an absent SalePrice would leave an old one in force
	}
	e := element{
		ItemID: r.Key.ItemID, SKUID: r.Key.SKUID, SellerSKU: r.Code,
		Price: dong(r.Price), SalePrice: dong(special),
	}
	if r.From.IsZero() && r.To.IsZero() {
		return e // permanent
	}
	// One bound alone would be paired with whatever is stored, so the open side
	// is written out: Lazada itself shows "permanent" as a hundred years (§11.1).
	from, to := r.From, r.To
	if from.IsZero() {
		from = to.AddDate(-1, 0, 0)
	}
	if to.IsZero() {
		to = from.AddDate(100, 0, 0)
	}
	e.From, e.To = saleTime(from), saleTime(to)
	return e
}

func dong(m retail.Money) string { return strconv.FormatInt(int64(m), 10) }

// saleTime writes a bound of a promotion, in site time (§12.2).
func saleTime(at time.Time) string { return at.In(site).Format("2006-01-02 15:04:05") }

// withoutSpecial sends rows again whose equal pair was refused with 4157
// (§12.4). Leaving SalePrice out keeps the stored one, and nothing removes it.
// So a row without a stored special price gets its list price alone, and any
// other a promotion that has ended. That an ended one is accepted is unproven
// (§18).
func (s *seller) withoutSpecial(ctx context.Context, rows []connector.PriceRow, results []connector.Result) {
	var again []int
	var codes []retail.SKU
	for i, r := range rows {
		if (r.Special == r.Price || r.Special == 0) && problemOf(results[i].Err) == "lazada.special_above_price" {
			again, codes = append(again, i), append(codes, r.Code)
		}
	}
	if len(again) == 0 {
		return
	}
	stored, err := s.skus(ctx, codes)
	if err != nil {
		// Nothing was done to these rows yet: Temporary and its like fit.
		for _, i := range again {
			results[i] = connector.Result{Outcome: connector.Refused, Err: err}
		}
		return
	}
	who := make([]target, len(again))
	elements := make([]element, len(again))
	for n, i := range again {
		r := rows[i]
		who[n] = target{r.Key, r.Code}
		elements[n] = element{ItemID: r.Key.ItemID, SKUID: r.Key.SKUID, SellerSKU: r.Code, Price: dong(r.Price)}
		old, ok := stored[r.Key]
		if !ok || old.Special.Money == 0 || (old.Special.Money < r.Price && !old.inForce(s.account.Now())) {
			continue
		}
		today := s.account.Now()
		elements[n].SalePrice = dong(min(old.Special.Money, r.Price-1))
		elements[n].From, elements[n].To = saleTime(today.AddDate(0, 0, -3)), saleTime(today.AddDate(0, 0, -2))
	}
	second := s.update(ctx, pricePath, prices, who, elements)
	for n := range second {
		if second[n].Outcome == connector.Done {
			second[n].Err = connector.Errorf(connector.Rejected, "lazada.equal_special_refused", "sent again without a special price")
		}
	}
	scatter(results, again, second)
}
