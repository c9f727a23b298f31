package store

import (
	"errors"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Order is one order of a channel with what the hub has done about it.
type Order struct {
	Connection string
	ID         string
	Number     string
	Stage      retail.Stage
	Total      retail.Money
	Created    time.Time
	Updated    time.Time
	Read       time.Time // when the hub last read it
	Stuck      bool      // it waits for something that a person must mend
	Seen       retail.Order
	State      retail.OrderState
	Why        retail.Why
}

const orderColumns = `connection_id, id, number, stage, total, created_at, updated_at, read_at, stuck, seen, state, why`

func scanOrder(s scanner) (Order, error) {
	var o Order
	var created, updated, read int64
	var seen, state, why string
	err := s.Scan(&o.Connection, &o.ID, &o.Number, &o.Stage, &o.Total, &created, &updated, &read, &o.Stuck, &seen, &state, &why)
	if err != nil {
		return o, err
	}
	o.Created, o.Updated, o.Read = instant(created), instant(updated), instant(read)
	return o, errors.Join(parse(seen, &o.Seen), parse(state, &o.State), parse(why, &o.Why))
}

// PutOrder stores an order whole.
func (w Writer) PutOrder(o Order) error {
	return w.exec("storing order", `INSERT INTO orders (shop_id, `+orderColumns+`, pos_id, pos_code)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (shop_id, connection_id, id) DO UPDATE SET number = excluded.number, stage = excluded.stage, total = excluded.total,
			created_at = excluded.created_at, updated_at = excluded.updated_at, read_at = excluded.read_at, stuck = excluded.stuck,
			seen = excluded.seen, state = excluded.state, why = excluded.why, pos_id = excluded.pos_id, pos_code = excluded.pos_code`,
		w.shop, o.Connection, o.ID, o.Number, o.Stage, int64(o.Total), micros(o.Created), micros(o.Updated), micros(o.Read), o.Stuck,
		document(o.Seen), document(o.State), document(o.Why), o.State.POS.ID, o.State.POS.Code)
}

// Order returns one order.
func (r Reader) Order(connection, id string) (Order, bool, error) {
	return one(r.v, "reading order", scanOrder, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND connection_id = $2 AND id = $3`, r.shop, connection, id)
}

// OrderByPOS finds the channel order that a POS order was made for.
func (r Reader) OrderByPOS(posID string) (Order, bool, error) {
	return one(r.v, "reading order", scanOrder, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND pos_id = $2 AND pos_id <> ''`, r.shop, posID)
}

// OrderByPOSCode finds it by the POS order's code.
func (r Reader) OrderByPOSCode(code string) (Order, bool, error) {
	return one(r.v, "reading order", scanOrder, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND pos_code = $2 AND pos_code <> ''`, r.shop, code)
}

// Orders lists the newest orders, before a moment if one is given.
func (r Reader) Orders(before time.Time, limit int) ([]Order, error) {
	us := micros(before)
	if us == 0 {
		us = 1 << 62
	}
	return rows(r.v, "listing orders", scanOrder, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND created_at < $2
		ORDER BY created_at DESC, id LIMIT $3`, r.shop, us, limit)
}

// StuckOrders lists the orders of a shop that wait for something to be mended.
func (r Reader) StuckOrders() ([]Order, error) {
	return rows(r.v, "listing stuck orders", scanOrder, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND stuck = $2 ORDER BY created_at, id`, r.shop, true)
}

// SetAllocations replaces what an order takes from stock and returns the base
// products touched, before and after.
func (w Writer) SetAllocations(connection, order string, now []retail.Allocation) (touched []string, err error) {
	was, err := w.allocations(`connection_id = $2 AND order_id = $3`, connection, order)
	if err != nil {
		return nil, err
	}
	if same(was, now) {
		return nil, nil
	}
	if err := w.exec("storing allocations", `DELETE FROM allocations WHERE shop_id = $1 AND connection_id = $2 AND order_id = $3`, w.shop, connection, order); err != nil {
		return nil, err
	}
	for _, a := range now {
		if err := w.exec("storing allocations", `INSERT INTO allocations
			(shop_id, connection_id, order_id, line_id, product_id, branch_id, promised, reserved, item_id, sku_id, own)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			w.shop, connection, order, a.LineID, a.ProductID, a.BranchID, int64(a.Promised), int64(a.Reserved), a.Key.ItemID, a.Key.SKUID, a.Own); err != nil {
			return nil, err
		}
	}
	seen := map[string]bool{}
	for _, a := range append(was, now...) {
		if !seen[a.ProductID] {
			seen[a.ProductID] = true
			touched = append(touched, a.ProductID)
		}
	}
	return touched, nil
}

func same(a, b []retail.Allocation) bool {
	if len(a) != len(b) {
		return false
	}
	type at struct{ line, product string }
	have := map[at]retail.Allocation{}
	for _, x := range a {
		have[at{x.LineID, x.ProductID}] = x
	}
	for _, x := range b {
		if have[at{x.LineID, x.ProductID}] != x {
			return false
		}
	}
	return true
}

func (r Reader) allocations(where string, args ...any) ([]retail.Allocation, error) {
	return rows(r.v, "reading allocations", func(s scanner) (retail.Allocation, error) {
		var a retail.Allocation
		err := s.Scan(&a.LineID, &a.ProductID, &a.BranchID, &a.Promised, &a.Reserved, &a.Key.ItemID, &a.Key.SKUID, &a.Own)
		return a, err
	}, `SELECT line_id, product_id, branch_id, promised, reserved, item_id, sku_id, own FROM allocations
		WHERE shop_id = $1 AND `+where+` ORDER BY connection_id, order_id, line_id, product_id`, append([]any{r.shop}, args...)...)
}

// Allocations returns what all orders take from a base product.
func (r Reader) Allocations(productID string) ([]retail.Allocation, error) {
	return r.allocations(`product_id = $2`, productID)
}

// Own is how many units of a listing its channel itself subtracts.
func (r Reader) Own(connection string, key retail.ListingKey) (int64, error) {
	n, _, err := one(r.v, "reading own units", number, `SELECT COALESCE(SUM(own), 0) FROM allocations
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`, r.shop, connection, key.ItemID, key.SKUID)
	return n, err
}

// Buyer returns the POS customer known for a channel's buyer.
func (r Reader) Buyer(connection, buyer string) (string, error) {
	c, _, err := one(r.v, "reading buyer", text, `SELECT customer_id FROM buyers WHERE shop_id = $1 AND connection_id = $2 AND buyer_id = $3`, r.shop, connection, buyer)
	return c, err
}

// SetBuyer notes the POS customer of a channel's buyer.
func (w Writer) SetBuyer(connection, buyer, customer string) error {
	return w.exec("storing buyer", `INSERT INTO buyers (shop_id, connection_id, buyer_id, customer_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, connection_id, buyer_id) DO UPDATE SET customer_id = excluded.customer_id`, w.shop, connection, buyer, customer)
}
