package sandbox

import (
	"fmt"
	"slices"
	"strconv"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

func (s *Server) buyerActions(d *kit.Desk) {
	d.AddActions(
		s.act("place_order", aBuyer, "Đặt hàng", s.doPlace,
			field("sku", "SKU (nhiều: A,B)", ""), field("quantity", "Số lượng (nhiều: 1,2)", "1"),
			field("payment", "Thanh toán", "COD", "COD", "PAYMENT_ACCOUNT", "MIXEDCARD", "NAPAS_ONLINE", "MOMO_WALLET", "ZALOPAY_WALLET"),
			field("paid", "Đã thanh toán", "true", "true", "false"),
			field("buyer", "Người mua", "Nguyễn Văn An"), field("phone", "Điện thoại", "0901234512"), field("name", "Tên người nhận (mặc định: người mua)", ""),
			field("address", "Địa chỉ", "12 Nguyễn Huệ"), field("ward", "Phường", "Phường Bến Nghé"),
			field("district", "Quận", "Quận 1"), field("province", "Tỉnh", "Hồ Chí Minh"),
			field("voucher_seller", "Voucher người bán", "0"), field("voucher_platform", "Voucher Lazada", "0"), field("shipping_fee", "Phí vận chuyển", "0"),
			field("note", "Ghi chú", ""), field("type", "Loại đơn", "Normal", "Normal", "PreSale"),
			field("fbl", "Kho Lazada giao", "false", "false", "true"), field("digital", "Hàng số", "false", "false", "true"),
			field("sof", "Người bán tự giao", "false", "false", "true")),
		s.act("pay_order", aBuyer, "Thanh toán đơn", func(a *kit.Args, v *seller) (any, error) {
			o, err := v.orderByText(a.Need("order_id"))
			if err != nil {
				return nil, err
			}
			return o.brief(), s.pay(o)
		}, fOrder),
		s.act("cancel_order", aBuyer, "Hủy đơn", s.doCancel, fOrder, fItems, field("initiator", "Ai hủy", "buyer", "buyer", "seller", "system")),
		s.act("request_cancel", aBuyer, "Xin hủy, chờ người bán", func(a *kit.Args, v *seller) (any, error) {
			o, err := v.orderByText(a.Need("order_id"))
			if err != nil {
				return nil, err
			}
			items, _ := o.itemsNamed(nil, func(it *item) bool { return slices.Contains(cancellable, it.status) })
			r, err := s.requestCancel(o, items)
			if err != nil {
				return nil, err
			}
			return r.brief(), nil
		}, fOrder),
		s.act("confirm_received", aBuyer, "Xác nhận đã nhận", func(a *kit.Args, v *seller) (any, error) {
			return s.movePackages(a, v, delivered, confirmed, "")
		}, fOrder, fPackage),
		s.act("request_return", aBuyer, "Yêu cầu trả hàng", func(a *kit.Args, v *seller) (any, error) {
			o, err := v.orderByText(a.Need("order_id"))
			if err != nil {
				return nil, err
			}
			items, err := o.itemsNamed(a.List("order_item_id"), wasDelivered)
			if err != nil {
				return nil, err
			}
			r, err := s.requestReturn(o, items, a.Text("reason"), a.Text("return_to") != "RTW")
			if err != nil {
				return nil, err
			}
			return r.brief(), nil
		}, fOrder, fItems, field("reason", "Lý do", "Sai kích cỡ"), field("return_to", "Trả về", "RTM", "RTM", "RTW")),
		s.act("send_return", aBuyer, "Gửi hàng trả", func(a *kit.Args, v *seller) (any, error) {
			r, lines, err := returnLines(a, v, "SELLER_AGREE_RETURN")
			if err != nil {
				return nil, err
			}
			s.sendReturn(lines)
			return r.brief(), nil
		}, fReverse),
		s.act("refund_only", aBuyer, "Chỉ xin hoàn tiền", func(a *kit.Args, v *seller) (any, error) {
			o, err := v.orderByText(a.Need("order_id"))
			if err != nil {
				return nil, err
			}
			items, err := o.itemsNamed(a.List("order_item_id"), wasDelivered)
			if err != nil {
				return nil, err
			}
			r, err := s.refundOnly(o, items)
			if err != nil {
				return nil, err
			}
			return r.brief(), nil
		}, fOrder, fItems),
	)
}

func wasDelivered(it *item) bool { return it.status == delivered || it.status == confirmed }

func (o *order) brief() map[string]any {
	return map[string]any{"order_id": o.id, "order_item_ids": itemIDs(o.items), "statuses": o.statuses(), "buyer_pays": o.buyerPays()}
}

func (r *reverse) brief() map[string]any {
	lines := []int64{}
	for _, l := range r.lines {
		lines = append(lines, l.id)
	}
	return map[string]any{"reverse_order_id": r.id, "reverse_order_line_ids": lines, "order_id": r.order.id}
}

func (s *Server) doPlace(a *kit.Args, v *seller) (any, error) {
	names, counts := a.List("sku"), a.List("quantity")
	if len(counts) == 1 {
		for len(counts) < len(names) {
			counts = append(counts, counts[0])
		}
	}
	if len(names) == 0 || len(names) != len(counts) {
		return nil, fmt.Errorf("sku and quantity must name equally many lines")
	}
	in := checkout{
		payment: a.Need("payment"), paid: a.Bool("paid"), note: a.Text("note"), orderType: a.Need("type"),
		voucherSeller: a.Int("voucher_seller"), voucherPlatform: a.Int("voucher_platform"), shippingFee: a.Int("shipping_fee"),
		fbl: a.Bool("fbl"), digital: a.Bool("digital"), sof: a.Bool("sof"),
	}
	for i, name := range names {
		k, err := v.skuByName(name)
		if err != nil {
			return nil, err
		}
		n, err := strconv.ParseInt(counts[i], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("quantity: %q is not a whole number", counts[i])
		}
		in.lines = append(in.lines, line{k, n})
	}
	b := s.buyerFrom(buyer{name: a.Text("buyer"), phone: a.Text("phone")})
	if name := a.Text("name"); name != "" {
		b.name = name // The recipient may be another person; the buyer_id stays.
	}
	b.street, b.ward, b.district, b.province = a.Text("address"), a.Text("ward"), a.Text("district"), a.Text("province")
	in.buyer = b
	if err := a.Err(); err != nil {
		return nil, err
	}
	o, err := s.place(v, in)
	if err != nil {
		return nil, err
	}
	return o.brief(), nil
}

func (s *Server) doCancel(a *kit.Args, v *seller) (any, error) {
	o, err := v.orderByText(a.Need("order_id"))
	if err != nil {
		return nil, err
	}
	items, err := o.itemsNamed(a.List("order_item_id"), func(it *item) bool { return it.status != canceled })
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("order %d has nothing left to cancel", o.id)
	}
	for _, it := range items {
		if !slices.Contains(cancellable, it.status) {
			return nil, fmt.Errorf("order item %d is %s and cannot be canceled (§9)", it.id, it.status)
		}
	}
	why := cancellation{initiator: "cancellation-customer", reason: "Người mua đổi ý", byBuyer: true}
	switch a.Text("initiator") {
	case "buyer":
	case "seller":
		why = cancellation{initiator: "cancellation-seller", reason: "Người bán hủy"}
	case "system":
		why = cancellation{initiator: "system-cancel", reason: "Hệ thống hủy"}
	default:
		return nil, fmt.Errorf("initiator: %q is not buyer, seller or system", a.Text("initiator"))
	}
	return o.brief(), s.cancel(items, why)
}
