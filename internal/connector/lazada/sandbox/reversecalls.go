package sandbox

import "time"

// The other calls of §10.2; all are GET, some mutate.

// returnDetail is /order/reverse/return/detail/list: the lines of §10.1 with
// some members named otherwise.
func (s *Server) returnDetail(c *call) reply {
	r := c.seller.reverse(number(c.get("reverse_order_id")))
	if r == nil {
		return refused(isp, "105", "invalid reverse order id")
	}
	lines := []map[string]any{}
	for _, l := range r.lines {
		line := showLine(l)
		delete(line, "product")
		delete(line, "buyer")
		line["productDTO"] = map[string]any{"product_id": l.item.sku.product.id, "sku": l.item.sellerSKU}
		line["buyer"] = map[string]any{"user_id": l.item.order.buyer.id}
		line["is_need_refund"] = true
		lines = append(lines, line)
	}
	out := showReverse(r)
	out["reverseOrderLineDTOList"] = lines
	return data(out)
}

func (s *Server) lineByID(c *call) *reverseLine {
	id := number(c.get("reverse_order_line_id"))
	for _, r := range c.seller.reverses {
		for _, l := range r.lines {
			if l.id == id {
				return l
			}
		}
	}
	return nil
}

func (s *Server) returnHistory(c *call) reply {
	l := s.lineByID(c)
	if l == nil {
		return refused(isp, "107", "invalid reverse order line id")
	}
	page, size := max(1, number(c.get("page_number"))), number(c.get("page_size"))
	if size <= 0 {
		size = 10
	}
	entries := []map[string]any{}
	for _, e := range slice(l.history, int((page-1)*size), int(size)) {
		entries = append(entries, map[string]any{"operator": e.operator, "time": e.at.In(hanoi).Format(time.DateTime), "picture": []any{}})
	}
	return data(map[string]any{"list": entries, "page_info": map[string]any{"page_size": size, "current_page_number": page, "total": len(l.history)}})
}

func (s *Server) refusalReasons(c *call) reply {
	if s.lineByID(c) == nil {
		return refused(isp, "107", "invalid reverse order line id")
	}
	return data([]map[string]any{
		{"reason_id": 10000101, "text": "Hàng trả lại không đúng", "muti_language_text": "Wrong item returned"},
		{"reason_id": 10000102, "text": "Hàng trả lại bị hư hỏng", "muti_language_text": "Item returned damaged"},
	})
}

// decision reads what both decision calls need: the reverse order and lines.
func (s *Server) decision(c *call) (r *reverse, lines []*reverseLine, out reply, bad bool) {
	r = c.seller.reverse(number(c.get("reverse_order_id")))
	if r == nil || r.kind == "CANCEL" {
		return nil, nil, refused(isp, "105", "invalid reverse order id"), true
	}
	ids, err := idList(c.get("reverse_order_item_ids"))
	if err != nil || len(ids) == 0 {
		return nil, nil, refused(isp, "107", "invalid reverse order item ids"), true
	}
	for _, id := range ids {
		found := false
		for _, l := range r.lines {
			if l.id == number(id) {
				lines, found = append(lines, l), true
			}
		}
		if !found {
			return nil, nil, refused(isp, "107", "invalid reverse order item ids"), true
		}
	}
	return r, lines, reply{}, false
}

// returnUpdate is /order/reverse/return/update.
func (s *Server) returnUpdate(c *call) reply {
	r, lines, out, bad := s.decision(c)
	if bad {
		return out
	}
	action := c.get("action")
	allowed := map[string][]string{
		"agreeReturn": {"REQUEST_INITIATE"}, "refuseReturn": {"REQUEST_INITIATE"},
		"agreeRefund": {"SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM"}, "refuseRefund": {"BUYER_RETURN_ITEM"},
		"instantRefund": {"REQUEST_INITIATE", "SELLER_AGREE_RETURN"}, "confirmDelivery": {"SELLER_AGREE_RETURN", "BUYER_RETURN_ITEM"},
	}[action]
	if allowed == nil || r.kind != "RETURN" {
		return refused(isp, "106", "invalid action")
	}
	if action == "refuseReturn" || action == "refuseRefund" {
		switch {
		case c.get("reason_id") == "":
			return refused(isp, "108", "reason is mandatory when refusing")
		case c.get("comment") == "":
			return refused(isp, "109", "comment is mandatory when refusing")
		case c.get("image_info") == "":
			return refused(isp, "110", "image is mandatory when refusing")
		case len(lines) > 1:
			return refused(isp, "111", "only one line can be refused at a time")
		}
	}
	for _, l := range lines {
		if _, err := (&reverse{id: r.id, lines: []*reverseLine{l}}).openLines(allowed...); err != nil {
			return refused(isp, "131", "nothing to decide")
		}
	}
	switch action {
	case "agreeReturn":
		s.agreeReturn(lines)
	case "refuseReturn":
		s.reverseStep(lines[0], "SELLER_REJECT_RETURN", "Người bán")
		s.pushReverse(lines[0], returnKey(r, "CANCELED"))
	case "refuseRefund":
		s.reverseStep(lines[0], "SELLER_REJECT_REFUND", "Người bán")
	default:
		if err := s.receiveReturn(lines); err != nil {
			return refused(isp, "131", "%v", err)
		}
	}
	return data(map[string]any{})
}

// onlyRefundDecide is /order/reverse/onlyrefund/seller/decide.
func (s *Server) onlyRefundDecide(c *call) reply {
	r, lines, out, bad := s.decision(c)
	if bad {
		return out
	}
	if len(lines) > 1 {
		return refused(isp, "133", "only one line per call")
	}
	l := lines[0]
	if r.kind != "ONLY_REFUND" || l.status != "REQUEST_INITIATE" {
		return refused(isp, "131", "nothing to decide")
	}
	switch c.get("action") {
	case "agreeRefund":
		if err := s.refund(l); err != nil {
			return refused(isp, "131", "%v", err)
		}
	case "startDispute":
		if c.get("comment") == "" {
			return refused(isp, "109", "a dispute needs a comment")
		}
		if c.get("image_info_list") == "" {
			return refused(isp, "110", "a dispute needs an image")
		}
		l.dispute = true
		s.reverseStep(l, "CS_APPROVING", "Người bán")
	default:
		return refused(isp, "106", "invalid action")
	}
	return data(map[string]any{})
}
