package sandbox

import (
	"slices"
	"strings"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

func shownMoment(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return shownTime(at)
}

// view makes a ledger whose rows are read under the lock.
func (s *Server) view(name, label, columns string, rows func(add func(...any)), actions ...string) kit.View {
	names := strings.Fields(columns)
	return kit.View{Name: name, Label: label, Columns: names, Actions: actions, Rows: func() []kit.Row {
		s.mu.Lock()
		defer s.mu.Unlock()
		out := []kit.Row{}
		rows(func(values ...any) {
			r := kit.Row{}
			for i, n := range names {
				r[n] = values[i]
			}
			out = append(out, r)
		})
		return out
	}}
}

func (s *Server) addViews(d *kit.Desk) {
	d.AddViews(
		s.view("orders", "Đơn hàng", "seller order_id statuses label payment_method buyer_pays price voucher shipping_fee items_count created updated buyer phone note",
			s.orderRows, "pay_order", "pack", "ready_to_ship", "ship", "deliver", "confirm_received", "cancel_order", "request_cancel"),
		s.view("order_items", "Dòng hàng", "seller order_id order_item_id sku status package_id tracking_code item_price paid_price shipping_amount reason sku_id warehouse",
			s.itemRows, "cancel_order", "request_return"),
		s.view("packages", "Kiện hàng", "seller order_id package_id status tracking_code items cod",
			s.packageRows, "ready_to_ship", "repack", "ship", "deliver", "fail_delivery", "ship_back", "shipped_back", "lose", "damage"),
		s.view("items", "Hàng hóa", "seller item_id sku_id sku name price special_price special_from special_to sellable total withhold occupy status warehouses",
			s.skuRows, "place_order", "edit_item", "delete_item", "set_campaign"),
		s.view("stock_journal", "Sổ tồn kho", "seller at sku sku_id warehouse event order_id d_sellable d_total d_withhold d_occupy sellable total withhold occupy", s.movementRows),
		s.view("oversold", "Lượt mua bị từ chối vì hết hàng", "seller at sku sku_id wanted sellable order_id", s.refusalRows),
		s.view("reverse_orders", "Đơn trả, hủy", "seller reverse_order_id reverse_order_line_id request_type order_id order_item_id sku status pushed refund_amount reason return_to created modified",
			s.reverseRows, "agree_return", "send_return", "receive_return"),
		s.view("pushes", "Push", "seller type order_id status attempts outcome order_item_id package_id reverse_order_id at seq", s.pushRows),
		s.view("tokens", "Token", "seller kind token issued expires valid", s.tokenRows),
		s.view("sellers", "Gian hàng", "seller name account short_code status verified marketplace_ease warehouses authorized", s.sellerRows, "set_seller"),
		s.view("apps", "Ứng dụng", "app_key state redirect_uri permissions push_url push_types push_verified push_suspended calls_today seller", s.appRows),
	)
}

func (s *Server) eachOrder(do func(*seller, *order)) {
	for _, v := range s.sellers {
		for _, o := range v.orders {
			do(v, o)
		}
	}
}

func (s *Server) orderRows(add func(...any)) {
	s.eachOrder(func(v *seller, o *order) {
		var words []string
		for _, status := range o.statuses() {
			if w := labels[status]; !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
		add(v.id, o.id, strings.Join(o.statuses(), ","), strings.Join(words, ", "), o.payment, o.buyerPays(), o.price(),
			o.voucherSeller+o.voucherPlatform, o.shippingFee, len(o.items), shownMoment(o.created), shownMoment(o.updated),
			o.buyer.name, o.buyer.phone, o.note)
	})
}

func (s *Server) itemRows(add func(...any)) {
	s.eachOrder(func(v *seller, o *order) {
		for _, it := range o.items {
			id, tracking := "", ""
			if it.pkg != nil {
				id, tracking = it.pkg.id, it.pkg.tracking
			}
			add(v.id, o.id, it.id, it.sellerSKU, it.status, id, tracking, it.price, it.paid(), it.shipping, it.reason, it.sku.id, it.warehouse)
		}
	})
}

func (s *Server) packageRows(add func(...any)) {
	for _, v := range s.sellers {
		for _, id := range v.packageIDs {
			p := v.packages[id]
			status := p.status()
			if p.cancelled {
				status = "cancelled"
			}
			add(v.id, p.order.id, p.id, status, p.tracking, len(p.live()), p.toCollect())
		}
	}
}

func (s *Server) skuRows(add func(...any)) {
	for _, v := range s.sellers {
		for _, p := range v.products {
			for _, k := range p.skus {
				b := k.sum()
				from, to := time.Time{}, time.Time{}
				if k.special > 0 {
					from, to = k.from, k.to
				}
				var held []string
				for _, w := range v.warehouses {
					if k.bins[w] != nil {
						held = append(held, w)
					}
				}
				add(v.id, p.id, k.id, k.sellerSKU, p.name, k.price, k.special, shownMoment(from), shownMoment(to),
					b.sellable, b.total, b.withhold, b.occupy, k.status, strings.Join(held, ","))
			}
		}
	}
}

func (s *Server) movementRows(add func(...any)) {
	for _, m := range s.journal {
		add(m.sku.product.seller.id, shownMoment(m.at), m.sku.sellerSKU, m.sku.id, m.warehouse, m.event, m.orderID,
			m.change.sellable, m.change.total, m.change.withhold, m.change.occupy, m.after.sellable, m.after.total, m.after.withhold, m.after.occupy)
	}
}

func (s *Server) refusalRows(add func(...any)) {
	for _, r := range s.refused {
		add(r.sku.product.seller.id, shownMoment(r.at), r.sku.sellerSKU, r.sku.id, r.wanted, r.sellable, r.orderID)
	}
}

func (s *Server) reverseRows(add func(...any)) {
	for _, v := range s.sellers {
		for _, r := range v.reverses {
			to := "RTM"
			if !r.rtm {
				to = "RTW"
			}
			for _, l := range r.lines {
				add(v.id, r.id, l.id, r.kind, r.order.id, l.item.id, l.item.sellerSKU, l.status, l.pushed, l.item.paid(), l.reasonText, to,
					shownMoment(l.created), shownMoment(l.modified))
			}
		}
	}
}

func (s *Server) pushRows(add func(...any)) {
	for _, p := range s.pushes {
		var of int64
		if p.seller != nil {
			of = p.seller.id
		}
		add(of, p.typ, p.orderID, p.status, p.attempts, p.outcome, p.itemID, p.pkg, p.reverse, shownMoment(p.at), p.seq)
	}
}

func (s *Server) tokenRows(add func(...any)) {
	for _, t := range s.allGot {
		add(t.seller.id, t.kind, t.text[:8]+"…"+t.text[len(t.text)-4:], shownMoment(t.issued), shownMoment(t.expires), s.alive(t))
	}
}

func (s *Server) sellerRows(add func(...any)) {
	for _, v := range s.sellers {
		add(v.id, v.name, v.account, v.shortCode, v.status, v.verified, v.ease, strings.Join(v.warehouses, ","), s.authorized(v))
	}
}

// appRows has the column seller like every view: an app belongs to none.
func (s *Server) appRows(add func(...any)) {
	var types []int64
	for t, on := range s.app.push.types {
		if on {
			types = append(types, t)
		}
	}
	slices.Sort(types)
	add(s.app.key, s.app.state, s.app.redirectURI, strings.Join(s.app.permissions, ","), s.app.push.url, types,
		s.app.push.verified, s.app.push.suspended, s.today.n, "")
}
