package sandbox

import (
	"strings"

	kit "github.com/dongbo/dongbo/internal/sandbox"
	"github.com/shopspring/decimal"
)

// addSalesViews: customers, documents, money and the connection.
func (s *Server) addSalesViews() {
	s.view("customers", "Khách hàng", "id code name phone address email branch debt", []string{"edit_customer", "delete_customer"}, func(sh *shop) (rows []kit.Row) {
		for _, k := range sh.customers {
			if !k.gone {
				_, debt := sh.totals(k)
				rows = append(rows, kit.Row{"id": k.id, "code": k.code, "name": k.name, "phone": k.phone, "address": k.address,
					"email": k.email, "branch": sh.branchName(k.branchID), "debt": plain(debt)})
			}
		}
		return rows
	})
	head := "id code status status_value description total total_payment discount surcharges customer_name customer_phone customer_code " +
		"branch sold_by cashier channel lines notes created modified "
	s.view("orders", "Đặt hàng", head+"order_code price_book delivery_receiver delivery_phone delivery_address",
		[]string{"edit_order", "confirm_order", "invoice_order", "cancel_order"}, func(sh *shop) (rows []kit.Row) {
			for _, o := range sh.orders {
				r := sh.documentRow(&o.document, orderStatus[o.status])
				r["price_book"], r["order_code"] = o.priceBook, o.code
				rows = append(rows, r)
			}
			return rows
		})
	s.view("invoices", "Hóa đơn", head+"invoice_code order_code delivery_status delivery_status_value delivery_code cod cod_amount delivery_receiver delivery_phone delivery_address",
		[]string{"edit_invoice", "void_invoice", "set_delivery", "make_return"}, func(sh *shop) (rows []kit.Row) {
			for _, v := range sh.invoices {
				r := sh.documentRow(&v.document, invoiceStatus[v.status])
				r["invoice_code"], r["order_code"] = v.code, ""
				if o := sh.order(v.orderID); o != nil {
					r["order_code"] = o.code
				}
				d := v.delivery
				if d == nil {
					d = &delivery{}
				}
				r["delivery_status"], r["delivery_status_value"], r["delivery_code"] = d.status, deliveryStatus[d.status], d.code
				r["cod"], r["cod_amount"] = d.collect, plain(d.collectAmount)
				rows = append(rows, r)
			}
			return rows
		})
	s.view("returns", "Trả hàng", "id code invoice_code line_code quantity total created", nil, func(sh *shop) (rows []kit.Row) {
		for _, r := range sh.returns {
			rows = append(rows, kit.Row{"id": r.id, "code": r.code, "invoice_code": r.invoice.code, "line_code": r.line.product.code,
				"quantity": plain(r.line.quantity), "total": plain(r.total), "created": shownTime(r.created)})
		}
		return rows
	})
	s.view("payments", "Phiếu thu chi", "id code document method amount status status_value partner at", nil, func(sh *shop) (rows []kit.Row) {
		for _, p := range sh.payments {
			status, label := p.statusValue()
			rows = append(rows, kit.Row{"id": p.id, "code": p.code, "document": p.document, "method": p.method, "amount": plain(p.amount),
				"status": status, "status_value": label, "partner": p.partnerName, "at": shownTime(p.at)})
		}
		return rows
	})
	s.view("webhooks", "Webhook", "id type url active failures description foreign", []string{"deactivate_webhook", "register_webhook_elsewhere"}, func(sh *shop) (rows []kit.Row) {
		for _, h := range sh.hooks {
			rows = append(rows, kit.Row{"id": h.id, "type": h.kind, "url": h.url, "active": h.active, "failures": h.failures,
				"description": h.description, "foreign": h.foreign})
		}
		return rows
	})
	s.view("settings", "Thiết lập cửa hàng", "name label value", []string{"set_setting"}, func(sh *shop) (rows []kit.Row) {
		for _, set := range shopSettings {
			rows = append(rows, kit.Row{"name": set.name, "label": set.label, "value": onText(sh.settings[set.name])})
		}
		return rows
	})
	s.view("permissions", "Quyền của khóa API", "name value", []string{"set_permission"}, func(sh *shop) (rows []kit.Row) {
		for _, name := range permissions() {
			rows = append(rows, kit.Row{"name": name, "value": onText(!sh.denied[name])})
		}
		return rows
	})
	s.view("users", "Người dùng", "id name given_name owner", nil, func(sh *shop) (rows []kit.Row) {
		for _, u := range sh.users {
			rows = append(rows, kit.Row{"id": u.id, "name": u.userName, "given_name": u.givenName, "owner": u.superAdmin})
		}
		return rows
	})
	s.view("warnings", "Điều chưa rõ đã gặp", "at route text", nil, func(sh *shop) (rows []kit.Row) {
		for _, x := range s.warned {
			if x.retailer == sh.name || x.retailer == "" && sh == s.shops[0] {
				rows = append(rows, kit.Row{"at": shownTime(x.at), "route": x.route, "text": x.text})
			}
		}
		return rows
	})
}

func onText(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// documentRow has the columns that orders and invoices share.
func (s *shop) documentRow(d *document, statusValue string) kit.Row {
	k := s.anyCustomer(d.customerID)
	if k == nil {
		k = &customer{}
	}
	to := d.delivery
	if to == nil {
		to = &delivery{}
	}
	extra := decimal.Zero
	for _, x := range d.surcharges {
		extra = extra.Add(x.price)
	}
	var notes []string
	for _, l := range d.lines {
		if l.note != "" {
			notes = append(notes, l.product.code+": "+l.note)
		}
	}
	channelName := ""
	if ch := find(s.channels, func(ch *channel) bool { return ch.id == d.channelID }); ch != nil {
		channelName = ch.name
	}
	return kit.Row{
		"id": d.id, "code": d.code, "status": d.status, "status_value": statusValue, "description": d.description,
		"total": plain(d.total), "total_payment": plain(s.paid(d)), "discount": plain(d.discount), "surcharges": plain(extra),
		"customer_name": k.name, "customer_phone": k.phone, "customer_code": k.code, "branch": s.branchName(d.branchID),
		"sold_by": s.userName(d.soldBy), "cashier": s.userName(d.cashier), "channel": channelName, "lines": linesText(d),
		"notes": strings.Join(notes, "; "), "created": shownTime(d.created), "modified": shownTime(d.modified),
		"delivery_receiver": to.receiver, "delivery_phone": to.phone, "delivery_address": to.address,
	}
}
