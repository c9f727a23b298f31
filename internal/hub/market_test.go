package hub_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// market is the platforms of these tests in memory, behind one transport: a
// point of sale, "till", and a channel, "bazaar". It is the judge of what the
// hub did. The platforms' own habits are proved where their drivers are.
type market struct {
	clock *clock.Virtual

	mu    sync.Mutex
	calls []call
	// fault, if set, is asked about every call before it is carried out.
	fault     func(route string) fault
	later     []func() // calls that were cut off and are carried out late
	refreshed int
	tokens    map[string]bool

	products  []retail.Product
	levels    map[string]retail.Level
	customers []retail.Customer
	orders    []retail.POSOrder
	invoices  []retail.Invoice
	hooks     []connector.Hook

	sold    map[string]retail.Order
	listed  []retail.Listing
	channel connector.Channel // as the hub opened it last
}

type call struct {
	route string
	at    time.Time
}

// fault is what happens to one call; the zero value is nothing.
type fault struct {
	status int    // answered so, and not carried out
	cut    string // "before", "after" or "late"
	run    func() // after it was carried out, before the answer
}

func newMarket(c *clock.Virtual) *market {
	shirt := retail.Product{ID: "p1", Code: "AO-DO-L", Name: "Áo đỏ", Kind: retail.Goods, Per: retail.One, Price: 100_000, Active: true}
	return &market{
		clock: c, products: []retail.Product{shirt}, sold: map[string]retail.Order{}, tokens: map[string]bool{},
		levels: map[string]retail.Level{"p1": {ProductID: "p1", BranchID: "b1", OnHand: retail.Units(10), At: c.Now()}},
		listed: []retail.Listing{{Key: key, Code: "AO-DO-L", Name: "Áo đỏ", Active: true}},
	}
}

var key = retail.ListingKey{ItemID: "1", SKUID: "1"}

// RoundTrip carries a call to one of the platforms.
func (m *market) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	m.mu.Lock()
	route := r.URL.Path[1:]
	m.calls = append(m.calls, call{route, m.clock.Now()})
	var f fault
	if m.fault != nil {
		f = m.fault(route)
	}
	anonymous := route == "exchange" || route == "refresh"
	status, out := f.status, any(nil)
	switch {
	case f.cut == "before" || status != 0:
	case !anonymous && !m.tokens[r.Header.Get("Authorization")]:
		status = http.StatusUnauthorized
	case f.cut == "late":
		m.later = append(m.later, func() { m.answer(route, body) })
	default:
		status, out = m.answer(route, body)
	}
	m.mu.Unlock()
	if f.run != nil {
		f.run()
	}
	if f.cut != "" {
		return nil, errors.New("connection reset by the other side")
	}
	text, _ := json.Marshal(out)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(text)), Request: r}, nil
}

// finish carries out what was cut off.
func (m *market) finish() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.later {
		f()
	}
	m.later = nil
}

// count counts the calls of a route.
func (m *market) count(route string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, c := range m.calls {
		if c.route == route {
			n++
		}
	}
	return n
}

// restock sets what the till has on hand.
func (m *market) restock(units int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.levels["p1"]
	l.OnHand, l.At = retail.Units(units), m.clock.Now()
	m.levels["p1"] = l
}

func read[T any](body []byte) (in T) {
	if err := json.Unmarshal(body, &in); err != nil {
		panic(err)
	}
	return in
}

func (m *market) answer(route string, body []byte) (int, any) {
	const ok = http.StatusOK
	switch route {
	case "exchange", "refresh":
		m.refreshed++
		token := fmt.Sprint("token-", m.refreshed)
		m.tokens[token] = true
		account := cmp.Or(read[map[string]string](body)["code"], "till-account")
		return ok, connector.Grant{Access: token, Refresh: "again", AccessUntil: m.clock.Now().Add(time.Hour), AccountID: account, AccountName: account}
	case "branches":
		return ok, []retail.Branch{{ID: "b1", Name: "Kho chính"}, {ID: "b2", Name: "Kho phụ"}}
	case "products":
		all := slices.Clone(m.products)
		for i, p := range all {
			all[i].Levels = []retail.Level{m.levels[p.ID]}
		}
		return ok, all
	case "levels":
		return ok, m.levels
	case "customers":
		return ok, m.customers
	case "customer.create":
		c := read[retail.Customer](body)
		c.ID = fmt.Sprint("c", len(m.customers)+1)
		m.customers = append(m.customers, c)
		return ok, c
	case "orders":
		return ok, m.orders
	case "order.create":
		o := read[retail.POSOrder](body)
		if slices.ContainsFunc(m.orders, func(old retail.POSOrder) bool { return old.Code == o.Code }) {
			return http.StatusConflict, nil
		}
		o.ID = fmt.Sprint(1000 + len(m.orders))
		m.orders = append(m.orders, o)
		return ok, o
	case "order.update", "order.cancel":
		o := read[retail.POSOrder](body)
		for i := range m.orders {
			if m.orders[i].ID != o.ID {
				continue
			}
			if route == "order.cancel" {
				m.orders[i].Status = retail.OrderCancelled
			} else {
				m.orders[i] = o
			}
			return ok, m.orders[i]
		}
		return http.StatusNotFound, nil
	case "invoices":
		return ok, m.invoices
	case "invoice.create", "invoice.update":
		inv := read[retail.Invoice](body)
		if route == "invoice.create" {
			inv.ID = fmt.Sprint(2000 + len(m.invoices))
			m.invoices = append(m.invoices, inv)
			for _, l := range inv.Lines {
				level := m.levels[l.ProductID]
				level.OnHand -= l.Qty
				m.levels[l.ProductID] = level
			}
		}
		return ok, inv
	case "hooks":
		return ok, m.hooks
	case "hook.create":
		m.hooks = append(m.hooks, read[connector.Hook](body))
		return ok, nil
	case "sold":
		return ok, m.sold
	case "listed":
		return ok, m.listed
	case "stock":
		for _, row := range read[[]connector.StockRow](body) {
			for i := range m.listed {
				if l := &m.listed[i]; l.Key == row.Key {
					l.Sellable = row.Qty - l.Withheld - l.Occupied
				}
			}
		}
		return ok, nil
	case "prices":
		for _, row := range read[[]connector.PriceRow](body) {
			for i := range m.listed {
				if l := &m.listed[i]; l.Key == row.Key {
					l.Price, l.Special = row.Price, row.Special
				}
			}
		}
		return ok, nil
	}
	return http.StatusNotFound, nil
}

// rpc is one call as a driver makes it.
func rpc[T any](ctx context.Context, a connector.Account, route string, write bool, in any) (out T, err error) {
	body, _ := json.Marshal(in)
	c := rest.Client{Account: a, Timeout: limits.Timeout}
	answer, err := c.Do(ctx, rest.Call{Budget: "calls", Write: write, Route: route, Anonymous: route == "exchange" || route == "refresh",
		Build: func(token string) (*http.Request, error) {
			r, err := http.NewRequest(http.MethodPost, "http://market/"+route, bytes.NewReader(body))
			r.Header.Set("Authorization", token)
			return r, err
		}})
	if err != nil {
		return out, err
	}
	if e := rest.Status(answer, write); e != nil {
		if answer.Status == http.StatusConflict {
			e.Kind = connector.Exists
		}
		return out, e
	}
	return out, json.Unmarshal(answer.Body, &out)
}
