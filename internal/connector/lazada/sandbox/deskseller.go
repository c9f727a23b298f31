package sandbox

import (
	"fmt"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

func (s *Server) sellerActions(d *kit.Desk) {
	d.AddActions(
		s.act("pack", aSeller, "Đóng gói", s.doPack, fOrder, field("order_item_ids", "Mã dòng hàng (trống: tất cả)", "")),
		s.act("ready_to_ship", aSeller, "Sẵn sàng giao", func(a *kit.Args, v *seller) (any, error) {
			packages, err := packagesOf(a, v, packed, readyToShipPending)
			if err != nil {
				return nil, err
			}
			for _, p := range packages {
				if err := s.rts(p, a.Bool("pending")); err != nil {
					return nil, err
				}
			}
			return packageIDs(packages), nil
		}, fOrder, fPackage, field("pending", "Chờ hãng vận chuyển xác nhận", "false", "false", "true")),
		s.act("repack", aSeller, "Đóng gói lại", func(a *kit.Args, v *seller) (any, error) {
			packages, err := packagesOf(a, v, packed)
			if err != nil {
				return nil, err
			}
			for _, p := range packages {
				if err := s.dissolve(p); err != nil {
					return nil, err
				}
			}
			return packageIDs(packages), nil
		}, fPackage, fOrder),
		s.act("decide_cancel", aSeller, "Trả lời yêu cầu hủy", func(a *kit.Args, v *seller) (any, error) {
			o, err := v.orderByText(a.Need("order_id"))
			if err != nil {
				return nil, err
			}
			for _, r := range v.reverses {
				if r.order == o && r.kind == "CANCEL" && r.waiting() {
					return r.brief(), s.decideCancel(r, a.Bool("agree"), 0)
				}
			}
			return nil, fmt.Errorf("order %d has no cancellation to decide", o.id)
		}, fOrder, field("agree", "Đồng ý", "true", "true", "false")),
		s.act("agree_return", aSeller, "Đồng ý trả hàng", func(a *kit.Args, v *seller) (any, error) {
			r, lines, err := returnLines(a, v, "REQUEST_INITIATE")
			if err != nil {
				return nil, err
			}
			if r.kind == "ONLY_REFUND" {
				for _, l := range lines {
					if err := s.refund(l); err != nil {
						return nil, err
					}
				}
				return r.brief(), nil
			}
			s.agreeReturn(lines)
			return r.brief(), nil
		}, fReverse),
		s.act("receive_return", aSeller, "Đã nhận hàng trả", func(a *kit.Args, v *seller) (any, error) {
			r, lines, err := returnLines(a, v, "SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM")
			if err != nil {
				return nil, err
			}
			if r.kind != "RETURN" {
				return nil, fmt.Errorf("reverse order %d brings no goods back", r.id)
			}
			return r.brief(), s.receiveReturn(lines)
		}, fReverse),
		s.act("revoke_token", aSeller, "Thu hồi quyền của ứng dụng", func(_ *kit.Args, v *seller) (any, error) {
			n := 0
			for _, t := range s.allGot {
				if t.seller == v && !t.dead {
					t.dead = true
					n++
				}
			}
			return map[string]int{"revoked": n}, nil
		}),
	)
}

// waiting tells whether a buyer's request is still to be answered.
func (r *reverse) waiting() bool {
	for _, l := range r.lines {
		if l.item.needConfirm && l.item.reverse == l {
			return true
		}
	}
	return false
}

func returnLines(a *kit.Args, v *seller, statuses ...string) (*reverse, []*reverseLine, error) {
	r := v.reverse(number(a.Text("reverse_order_id")))
	if r == nil || r.kind == "CANCEL" {
		return nil, nil, fmt.Errorf("seller %d has no return %q", v.id, a.Text("reverse_order_id"))
	}
	lines, err := r.openLines(statuses...)
	return r, lines, err
}

func packageIDs(packages []*pkg) map[string]any {
	ids := []string{}
	for _, p := range packages {
		ids = append(ids, p.id)
	}
	return map[string]any{"package_id": ids[0], "package_ids": ids}
}

// doPack packs like the API; goods in Lazada's own warehouse are packed there,
// so here too.
func (s *Server) doPack(a *kit.Args, v *seller) (any, error) {
	o, err := v.orderByText(a.Need("order_id"))
	if err != nil {
		return nil, err
	}
	items, err := o.itemsNamed(a.List("order_item_ids"), func(it *item) bool { return it.mayBecome(packed) && !it.digital })
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if verdict := packVerdict(o, it.id); verdict != itemOK && verdict != packedByLazada {
			return nil, fmt.Errorf("order item %d: %s %s", it.id, verdict.code, verdict.msg)
		}
	}
	packages, err := s.packItems(items)
	if err != nil {
		return nil, err
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("order %d has nothing to pack", o.id)
	}
	return packageIDs(packages), nil
}
