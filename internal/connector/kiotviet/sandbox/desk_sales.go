package sandbox

import (
	"fmt"
	"strconv"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// addSalesActions: what staff does with orders, invoices and customers.
func (s *Server) addSalesActions() {
	s.act(staffActor, "counter_sale", "Bán tại quầy", []string{
		"code:Mã hàng (A,B)", "quantity:Số lượng (1,2)#1", "price:Giá (trống: giá niêm yết)", "branch:Chi nhánh", "customer_phone:Điện thoại khách",
	}, deskCounterSale)
	s.act(staffActor, "void_invoice", "Hủy hóa đơn", []string{"code:Mã hóa đơn", "void_payment:Hủy cả phiếu thu"}, func(sh *shop, a *kit.Args) (any, error) {
		v, err := sh.needInvoice(a.Text("code"))
		if err != nil {
			return nil, err
		}
		if err := sh.canVoid(v); err != nil {
			return nil, err
		}
		sh.endInvoice(v, a.Bool("void_payment"))
		return result(v.code, v.id), nil
	})
	s.act(staffActor, "edit_invoice", "Sửa hóa đơn", []string{"code:Mã hóa đơn", "line_code:Mã hàng", "quantity:Số lượng", "price:Giá"}, deskEditInvoice)
	s.act(staffActor, "set_delivery", "Cập nhật giao hàng", []string{"code:Mã hóa đơn", "status:Trạng thái giao hàng (1–12)"}, func(sh *shop, a *kit.Args) (any, error) {
		v, err := sh.needInvoice(a.Text("code"))
		if err != nil {
			return nil, err
		}
		status, err := strconv.Atoi(a.Text("status"))
		if err != nil || deliveryStatus[status] == "" || v.delivery == nil || v.status == invoiceVoided {
			return nil, fmt.Errorf("status %q does not fit invoice %s", a.Text("status"), v.code)
		}
		next := *v.delivery
		next.status = status
		v.delivery = &next
		sh.touchInvoice(v)
		return result(v.code, v.id), nil
	})
	s.act(staffActor, "staff_order", "Đặt hàng hộ khách", []string{
		"code:Mã hàng (A,B)", "quantity:Số lượng (1,2)#1", "price:Giá (trống: giá niêm yết)", "customer_phone:Điện thoại khách", "customer_name:Tên khách",
		"branch:Chi nhánh", "description:Ghi chú",
	}, deskStaffOrder)
	byCode := []string{"order_code:Mã đặt hàng"}
	s.act(staffActor, "edit_order", "Sửa đặt hàng", append(byCode, "line_code:Mã hàng", "quantity:Số lượng (0: bỏ dòng)", "price:Giá",
		"description:Ghi chú", "discount:Giảm giá"), deskEditOrder)
	onOrder := func(name, label string, do func(sh *shop, o *order) (any, error)) {
		s.act(staffActor, name, label, byCode[:1:1], func(sh *shop, a *kit.Args) (any, error) {
			o, err := sh.needOrder(a.Text("order_code"))
			if err != nil {
				return nil, err
			}
			if !o.open() {
				return nil, fmt.Errorf("order %s is %s", o.code, orderStatus[o.status])
			}
			return do(sh, o)
		})
	}
	onOrder("cancel_order", "Hủy đặt hàng", func(sh *shop, o *order) (any, error) {
		sh.endOrder(o, false)
		return result(o.code, o.id), nil
	})
	onOrder("confirm_order", "Xác nhận đặt hàng", func(sh *shop, o *order) (any, error) {
		sh.confirm(o)
		return result(o.code, o.id), nil
	})
	onOrder("invoice_order", "Lập hóa đơn cho cả đơn", func(sh *shop, o *order) (any, error) {
		if err := sh.canSell(invoiceException, sh.outstanding(o), o.held); err != nil {
			return nil, err
		}
		v := sh.invoiceWhole(o, false)
		return result(v.code, v.id), nil
	})
	s.act(staffActor, "make_return", "Trả hàng", []string{"invoice_code:Mã hóa đơn", "line_code:Mã hàng", "quantity:Số lượng"}, deskReturn)
	who := []string{"code:Mã khách", "name:Tên khách", "phone:Điện thoại"}
	s.act(staffActor, "add_customer", "Thêm khách hàng", append(who, "branch:Chi nhánh"), func(sh *shop, a *kit.Args) (any, error) {
		name := a.Need("name")
		if err := a.Err(); err != nil {
			return nil, err
		}
		b, err := sh.branchOf(a.Text("branch"))
		if err != nil {
			return nil, err
		}
		if code := a.Text("code"); code != "" && sh.customerByCode(code) != nil {
			return nil, fmt.Errorf("customer %q exists", code)
		}
		k := sh.newCustomer(&customer{name: name, phone: a.Text("phone"), code: a.Text("code"), branchID: b.id})
		return result(k.code, k.id), nil
	})
	s.act(staffActor, "edit_customer", "Sửa khách hàng", who[:3:3], func(sh *shop, a *kit.Args) (any, error) {
		k := sh.customerByCode(a.Text("code"))
		if k == nil {
			return nil, fmt.Errorf("no customer %q", a.Text("code"))
		}
		if a.Text("name") != "" {
			k.name = a.Text("name")
		}
		if a.Text("phone") != "" {
			k.phone = a.Text("phone")
		}
		k.modified = sh.now()
		sh.announceCustomer(k)
		return result(k.code, k.id), nil
	})
	s.act(staffActor, "delete_customer", "Xóa khách hàng", who[:1:1], func(sh *shop, a *kit.Args) (any, error) {
		k := sh.customerByCode(a.Text("code"))
		if k == nil {
			return nil, fmt.Errorf("no customer %q", a.Text("code"))
		}
		sh.removeCustomer(k)
		return result(k.code, k.id), nil
	})
}

// staffDocument begins a document that staff writes.
func (s *shop) staffDocument(a *kit.Args) (document, error) {
	lines, err := s.linesOf(a)
	if err != nil {
		return document{}, err
	}
	b, err := s.branchOf(a.Text("branch"))
	if err != nil {
		return document{}, err
	}
	d := document{
		branchID: b.id, soldBy: s.staff().id, cashier: s.staff().id, lines: lines, purchase: s.now(),
		channelID: s.channels[0].id, description: a.Text("description"), method: "Cash",
	}
	if phone := a.Text("customer_phone"); phone != "" {
		k := s.samePhone(phone, b.id)
		if k == nil {
			name := a.Text("customer_name")
			if name == "" {
				name = "Khách " + phone
			}
			k = s.newCustomer(&customer{name: name, phone: phone, branchID: b.id})
		}
		d.customerID = k.id
	}
	d.total = d.sum()
	return d, nil
}

// deskCounterSale is paid in cash at once.
func deskCounterSale(sh *shop, a *kit.Args) (any, error) {
	d, err := sh.staffDocument(a)
	if err != nil {
		return nil, err
	}
	if err := sh.canSell(invoiceException, sh.needs(&d), nil); err != nil {
		return nil, err
	}
	d.status = invoiceDone
	v := &invoice{document: d, counter: true}
	sh.openInvoice(v, "")
	sh.receive(&v.document, "TTHD", "Cash", 0, v.total)
	return result(v.code, v.id), nil
}

func deskStaffOrder(sh *shop, a *kit.Args) (any, error) {
	if !sh.settings[setOrdering] {
		return nil, off(orderException, setOrdering)
	}
	d, err := sh.staffDocument(a)
	if err != nil {
		return nil, err
	}
	if err := sh.canOrder(sh.needs(&d), nil); err != nil {
		return nil, err
	}
	o := &order{document: d}
	sh.openOrder(o, "")
	return result(o.code, o.id), nil
}

func deskEditInvoice(sh *shop, a *kit.Args) (any, error) {
	v, err := sh.needInvoice(a.Text("code"))
	if err != nil {
		return nil, err
	}
	if err := sh.canVoid(v); err != nil {
		return nil, err
	}
	next := v.document
	if next.lines, err = sh.changeLine(v.lines, a); err != nil {
		return nil, err
	}
	if err := sh.canSell(invoiceException, sh.difference(&v.document, &next), nil); err != nil {
		return nil, err
	}
	v = sh.replaceInvoice(v, next)
	return result(v.code, v.id), nil
}

func deskEditOrder(sh *shop, a *kit.Args) (any, error) {
	o, err := sh.needOrder(a.Text("order_code"))
	if err != nil {
		return nil, err
	}
	if !o.open() {
		return nil, fmt.Errorf("order %s is %s", o.code, orderStatus[o.status])
	}
	lines, err := sh.changeLine(o.lines, a)
	if err != nil {
		return nil, err
	}
	discount, hasDiscount, err := number(a, "discount")
	if err != nil {
		return nil, err
	}
	o.lines = lines
	if hasDiscount {
		o.discount, o.ratio = discount, nil
	}
	if a.Text("description") != "" {
		o.description = a.Text("description")
	}
	o.total = o.sum()
	sh.reserve(o)
	sh.touchOrder(o)
	return result(o.code, o.id), nil
}

func deskReturn(sh *shop, a *kit.Args) (any, error) {
	v, err := sh.needInvoice(a.Text("invoice_code"))
	if err != nil {
		return nil, err
	}
	quantity, ok, err := number(a, "quantity")
	if err != nil {
		return nil, err
	}
	if v.status == invoiceVoided {
		return nil, fmt.Errorf("invoice %s is voided", v.code)
	}
	p, err := sh.needProduct(a.Text("line_code"))
	if err != nil {
		return nil, err
	}
	for i := range v.lines {
		l := &v.lines[i]
		left := l.quantity.Sub(l.returned)
		if l.product != p || left.Sign() <= 0 {
			continue
		}
		if !ok {
			quantity = left
		}
		if quantity.Sign() <= 0 || quantity.GreaterThan(left) {
			return nil, fmt.Errorf("quantity: %s of %s can come back", left, p.code)
		}
		r := sh.makeReturn(v, l, quantity)
		return result(r.code, r.id), nil
	}
	return nil, fmt.Errorf("invoice %s has no %s to return", v.code, p.code)
}
