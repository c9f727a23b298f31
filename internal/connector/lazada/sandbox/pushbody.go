package sandbox

import (
	"fmt"
	"time"
)

// envelope is §14.2, its members in the order of the samples.
type envelope struct {
	SellerID    string `json:"seller_id"`
	MessageType int64  `json:"message_type"`
	Data        any    `json:"data"`
	Timestamp   int64  `json:"timestamp"`
	Site        string `json:"site"`
}

const site = "lazada_vn"

func (s *Server) envelope(v *seller, typ int64, data any) envelope {
	return envelope{fmt.Sprint(v.id), typ, data, s.now().Unix(), site}
}

type tradeData struct {
	Status        string `json:"order_status"`
	OrderID       string `json:"trade_order_id"`
	LineID        string `json:"trade_order_line_id"`
	UpdateTime    int64  `json:"status_update_time"`
	ReverseID     string `json:"reverse_order_id,omitempty"`
	ReverseLineID string `json:"reverse_order_line_id,omitempty"`
}

// pushItem announces an item's status, type 0: one message per item.
func (s *Server) pushItem(it *item) {
	v := it.order.seller
	now := func() tradeData {
		d := tradeData{s.shownStatus(it.status), fmt.Sprint(it.order.id), fmt.Sprint(it.id), it.updated.Unix(), "", ""}
		if it.reverse != nil && (it.status == canceled || it.status == returned) {
			d.ReverseID, d.ReverseLineID = fmt.Sprint(it.reverse.reverse.id), fmt.Sprint(it.reverse.id)
		}
		return d
	}
	first := now()
	s.send(&push{typ: 0, seller: v, orderID: it.order.id, itemID: it.id, status: first.Status, body: func(fresh bool) any {
		d := first
		if fresh {
			d = now()
		}
		e := s.envelope(v, 0, d)
		if s.desk.Is("push_timestamp", "milliseconds") {
			e.Timestamp *= 1000
		}
		return e
	}})
}

type packageData struct {
	OrderID    string `json:"trade_order_id"`
	BuyerID    string `json:"buyer_id"`
	PackageID  string `json:"fulfillment_package_id"`
	Status     string `json:"status"`
	UpdateTime int64  `json:"status_update_time"`
}

// pushPackage announces what happened to a package, type 14 (§14.5), and
// keeps it for the trace of §8.3.
func (s *Server) pushPackage(p *pkg, status string) {
	p.events = append(p.events, traceEvent{s.now(), status, status})
	v := p.order.seller
	build := func(e traceEvent) packageData {
		return packageData{fmt.Sprint(p.order.id), fmt.Sprint(p.order.buyer.id), p.id, e.code, e.at.Unix()}
	}
	first := build(p.events[len(p.events)-1])
	s.send(&push{typ: 14, seller: v, orderID: p.order.id, pkg: p.id, status: status, body: func(fresh bool) any {
		d := first
		if fresh {
			d = build(p.events[len(p.events)-1])
		}
		return s.envelope(v, 14, d)
	}})
}

type reverseData struct {
	ReverseID     int64    `json:"reverse_order_id"`
	ReverseLineID int64    `json:"reverse_order_line_id"`
	OrderID       int64    `json:"trade_order_id"`
	LineID        int64    `json:"trade_order_line_id"`
	Status        string   `json:"reverse_status"`
	BuyerID       int64    `json:"buyer_id"`
	SellerID      int64    `json:"seller_id"`
	Extra         struct{} `json:"extraParams"`
	UpdateTime    int64    `json:"status_update_time"`
}

// pushReverse announces a reverse line, type 10, with the keys of §14.4.
func (s *Server) pushReverse(l *reverseLine, key string) {
	l.pushed, l.pushedAt = key, s.now()
	r := l.reverse
	now := func() reverseData {
		return reverseData{
			ReverseID: r.id, ReverseLineID: l.id, OrderID: r.order.id, LineID: l.item.id, Status: l.pushed,
			BuyerID: r.order.buyer.id, SellerID: r.seller.id, UpdateTime: l.pushedAt.Unix(),
		}
	}
	first := now()
	s.send(&push{typ: 10, seller: r.seller, orderID: r.order.id, itemID: l.item.id, reverse: r.id, status: key, body: func(fresh bool) any {
		d := first
		if fresh {
			d = now()
		}
		return s.envelope(r.seller, 10, d)
	}})
}

// warnOfExpiry schedules type 8: daily from 48 h before a token ends, as long
// as nobody refreshed it.
func (s *Server) warnOfExpiry(t *token) {
	for _, before := range []time.Duration{48 * time.Hour, 24 * time.Hour} {
		wait := t.expires.Add(-before).Sub(s.world.Now())
		if wait < 0 {
			continue
		}
		s.world.After(wait, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			if t.seller.grant != t || !s.alive(t) {
				return
			}
			s.send(&push{typ: 8, seller: t.seller, status: "expiring", body: func(bool) any {
				e := s.envelope(t.seller, 8, struct {
					AppKey   string `json:"app_key"`
					SellerID string `json:"seller_id"`
					Expiry   int64  `json:"auth_expiry_time"`
				}{s.app.key, fmt.Sprint(t.seller.id), t.expires.Unix()})
				e.SellerID = "null" // As in the sample: the message is the app's (§14.3).
				return e
			}})
		})
	}
}

// pushLowStock is type 6: a buyer left fewer than five to sell.
func (s *Server) pushLowStock(k *sku, warehouse string) {
	b := *k.bin(warehouse)
	v := k.product.seller
	s.send(&push{typ: 6, seller: v, status: k.sellerSKU, body: func(bool) any {
		return s.envelope(v, 6, map[string]any{
			"seller_sku": k.sellerSKU, "sku_id": k.id, "warehouse": warehouse, "real_quantity": b.total,
			"withhold_quantity": b.withhold, "occupy_quantity": b.occupy, "pre_order_quantity": 0,
		})
	}})
}

// pushProduct is type 3 (added), 4 (edited) or 5 (deleted). In type 3 the
// action stands outside data and the ids are strings (§14.3).
func (s *Server) pushProduct(typ int64, action string, p *product, skus ...*sku) {
	now := s.now()
	s.send(&push{typ: typ, seller: p.seller, status: action, body: func(bool) any {
		list := []map[string]any{}
		for _, k := range skus {
			entry := map[string]any{"shop_sku": k.shopSKU(), "seller_sku": k.sellerSKU, "sku_id": any(k.id)}
			if typ == 3 {
				entry["sku_id"] = fmt.Sprint(k.id)
			}
			list = append(list, entry)
		}
		if typ == 3 {
			return map[string]any{
				"seller_id": fmt.Sprint(p.seller.id), "message_type": typ, "timestamp": s.now().Unix(), "site": site,
				"action": action, "status_update_time": now.Unix(),
				"data": map[string]any{"item_id": fmt.Sprint(p.id), "sku_list": list},
			}
		}
		return s.envelope(p.seller, typ, map[string]any{
			"item_id": p.id, "sku_list": list, "action": action, "status_update_time": now.Unix(),
		})
	}})
}

// pushSellerStatus is type 13.
func (s *Server) pushSellerStatus(v *seller) {
	status := "normal"
	if v.status != "ACTIVE" {
		status = "close"
	}
	s.send(&push{typ: 13, seller: v, status: status, body: func(bool) any {
		return s.envelope(v, 13, map[string]any{"status": status})
	}})
}

// pushTest is the console's "Verify": a really signed message about an order
// that does not exist.
func (s *Server) pushTest(v *seller) {
	s.app.push.verified = "sending"
	s.send(&push{typ: 0, seller: v, status: "verify", test: true, body: func(bool) any {
		return s.envelope(v, 0, tradeData{Status: unpaid, OrderID: "260422900198363", LineID: "260422900298363", UpdateTime: s.now().Unix()})
	}})
}
