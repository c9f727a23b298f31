package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// reverse is a reverse order (§10): CANCEL, RETURN or ONLY_REFUND.
type reverse struct {
	seller  *seller
	order   *order
	id      int64
	kind    string
	rtm     bool // back to the merchant, else to Lazada's warehouse
	created time.Time
	lines   []*reverseLine
}

type reverseLine struct {
	reverse           *reverse
	id                int64
	item              *item
	status            string // vocabulary of §10.3
	pushed            string // key of §14.4
	pushedAt          time.Time
	reasonCode        int64
	reasonText        string
	qc                string
	tracking          string
	dispute           bool
	created, modified time.Time
	history           []reverseEvent
}

type reverseEvent struct {
	at               time.Time
	operator, status string
}

func (s *Server) newReverse(o *order, kind string) *reverse {
	r := &reverse{seller: o.seller, order: o, id: s.nextReverse, kind: kind, rtm: true, created: s.now()}
	s.nextReverse += 1_000_000
	o.seller.reverses = append(o.seller.reverses, r)
	return r
}

func (s *Server) addLine(r *reverse, it *item) *reverseLine {
	l := &reverseLine{
		reverse: r, id: r.id + 100_000 + int64(len(r.lines)), item: it, created: s.now(),
		tracking: fmt.Sprintf("RT%010dVNA", r.id%1e10),
	}
	if r.kind == "CANCEL" {
		l.tracking = ""
	}
	it.reverse = l
	r.lines = append(r.lines, l)
	s.reverseStep(l, "REQUEST_INITIATE", "Người mua")
	return l
}

func (r *reverse) lineOf(it *item) *reverseLine {
	for _, l := range r.lines {
		if l.item == it {
			return l
		}
	}
	return nil
}

func (s *Server) reverseStep(l *reverseLine, status, operator string) {
	l.status, l.modified = status, s.now()
	l.history = append(l.history, reverseEvent{s.now(), operator, status})
	if l.reverse.kind != "CANCEL" {
		l.item.returnStatus = status
		s.touch(l.item)
	}
}

func (v *seller) reverse(id int64) *reverse {
	for _, r := range v.reverses {
		if r.id == id {
			return r
		}
	}
	return nil
}

// requestReturn opens a return; the items stay delivered until it is complete
// (§10.3).
func (s *Server) requestReturn(o *order, items []*item, reason string, rtm bool) (*reverse, error) {
	if err := returnable(items); err != nil {
		return nil, err
	}
	r := s.newReverse(o, "RETURN")
	r.rtm = rtm
	for _, it := range items {
		l := s.addLine(r, it)
		l.reasonCode, l.reasonText = 10000052, reason
		s.pushReverse(l, returnKey(r, "INIT"))
	}
	return r, nil
}

func returnable(items []*item) error {
	for _, it := range items {
		if it.status != delivered && it.status != confirmed {
			return fmt.Errorf("order item %d is %s: only delivered goods can be returned (§7.7)", it.id, it.status)
		}
		if it.reverse != nil && it.reverse.open() {
			return fmt.Errorf("order item %d is being returned already", it.id)
		}
	}
	if len(items) == 0 {
		return fmt.Errorf("no item to return")
	}
	return nil
}

func returnKey(r *reverse, step string) string {
	if r.rtm {
		return "RTM_" + step
	}
	return "RTW_" + step
}

// over are the statuses in which nothing more happens to a line.
var over = []string{"REQUEST_REJECT", "REQUEST_CANCEL", "REQUEST_COMPLETE", "CANCEL_SUCCESS", "SELLER_REJECT_RETURN", "SELLER_REJECT_REFUND", "REFUND_SUCCESS", "REFUND_REJECT", "REJECT_CANCEL_ORDER"}

func (l *reverseLine) open() bool { return !slices.Contains(over, l.status) }

// openLines are the lines of r in one of the statuses.
func (r *reverse) openLines(statuses ...string) ([]*reverseLine, error) {
	var out []*reverseLine
	for _, l := range r.lines {
		if slices.Contains(statuses, l.status) {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("reverse order %d has no line that is %s", r.id, strings.Join(statuses, " or "))
	}
	return out, nil
}

func (s *Server) agreeReturn(lines []*reverseLine) {
	for _, l := range lines {
		s.reverseStep(l, "SELLER_AGREE_RETURN", "Người bán")
	}
}

// sendReturn is the buyer giving the goods to the carrier.
func (s *Server) sendReturn(lines []*reverseLine) {
	for _, l := range lines {
		s.reverseStep(l, "BUYER_RETURN_ITEM", "Người mua")
		s.pushReverse(l, returnKey(l.reverse, "SHIPPING_BACK"))
	}
}

// receiveReturn completes a return: the goods are physically back and the
// item is returned. Stock stays as it is (§11.3).
func (s *Server) receiveReturn(lines []*reverseLine) error {
	for _, l := range lines {
		s.reverseStep(l, "SELLER_AGREE_REFUND", "Người bán")
		l.item.reason, l.item.initiator = l.reasonText, "return-customer"
		if err := s.setStatus(l.item, returned); err != nil {
			return err
		}
		s.reverseStep(l, "REQUEST_COMPLETE", "Lazada")
		if l.reverse.rtm {
			// A merchant return never pushes REFUND_SUCCESS (§14.4).
			s.pushReverse(l, "RTM_RECEIVE_ITEM")
		} else {
			s.pushReverse(l, "RTW_REFUND_PENDING")
		}
	}
	return nil
}

// refundOnly opens a refund without goods.
func (s *Server) refundOnly(o *order, items []*item) (*reverse, error) {
	if err := returnable(items); err != nil {
		return nil, err
	}
	r := s.newReverse(o, "ONLY_REFUND")
	for _, it := range items {
		l := s.addLine(r, it)
		l.reasonCode, l.reasonText = 10000053, "Chỉ hoàn tiền"
		s.pushReverse(l, "REFUND_INIT")
	}
	return r, nil
}

func (s *Server) refund(l *reverseLine) error {
	s.reverseStep(l, "REFUND_SUCCESS", "Lazada")
	if s.desk.Is("refund_only_status", "returned") {
		l.item.reason, l.item.initiator = l.reasonText, "refund-internal"
		if err := s.setStatus(l.item, returned); err != nil {
			return err
		}
	}
	s.pushReverse(l, "REFUND_SUCCESS")
	return nil
}

// reverseOrders is §10.1 with all its filters.
func (s *Server) reverseOrders(c *call) reply {
	if c.seller.ease {
		return refused(isp, "Mp3SellerApiLimit", "Marketplace Ease Mode sellers cannot use this API")
	}
	page, size := int64(1), int64(10)
	if c.get("page_no") != "" {
		page = number(c.get("page_no"))
	}
	if c.get("page_size") != "" {
		size = min(100, number(c.get("page_size")))
	}
	if page < 1 || size < 1 {
		return refused(isp, "100", "page_no and page_size must be positive")
	}
	var found []map[string]any
	for _, r := range c.seller.reverses {
		var lines []map[string]any
		for _, l := range r.lines {
			if c.wantsLine(l) {
				lines = append(lines, showLine(l))
			}
		}
		if len(lines) == 0 {
			continue
		}
		shown := showReverse(r)
		shown["reverse_order_lines"] = lines
		found = append(found, shown)
	}
	items := slice(found, int((page-1)*size), int(size))
	if items == nil {
		items = []map[string]any{}
	}
	return result(map[string]any{"success": true, "page_no": page, "page_size": size, "total": len(found), "items": items})
}

// wantsLine applies the filters of §10.1 to a line.
func (c *call) wantsLine(l *reverseLine) bool {
	r := l.reverse
	oneOf := func(name, value string) bool {
		want := strings.ReplaceAll(c.get(name), "'", "\"")
		if want == "" {
			return true
		}
		m, err := tree(`{"list":` + want + `}`)
		if err != nil {
			return want == value
		}
		return slices.ContainsFunc(list(m["list"]), func(v any) bool { return text(v) == value })
	}
	same := func(name, value string) bool { return c.get(name) == "" || c.get(name) == value }
	within := func(name string, at time.Time) bool {
		start, end := number(c.get(name+"Start")), number(c.get(name+"End"))
		return (start == 0 || at.UnixMilli() >= start) && (end == 0 || at.UnixMilli() <= end)
	}
	to := "RTW"
	if r.rtm {
		to = "RTM"
	}
	return same("reverse_order_id", fmt.Sprint(r.id)) && same("trade_order_id", fmt.Sprint(r.order.id)) &&
		oneOf("request_type_list", r.kind) && oneOf("reverse_status_list", l.status) && oneOf("ofc_status_list", "") &&
		same("return_to_type", to) && same("dispute_in_progress", strconv.FormatBool(l.dispute)) && same("QC_Decision", l.qc) &&
		within("TradeOrderLineCreatedTimeRange", r.order.created) && within("ReverseOrderLineTimeRange", l.created) &&
		within("ReverseOrderLineModifiedTimeRange", l.modified)
}

func showReverse(r *reverse) map[string]any {
	return map[string]any{
		"reverse_order_id": r.id, "trade_order_id": r.order.id, "request_type": r.kind, "is_rtm": r.rtm, "shipping_type": "PICK_UP",
	}
}

// showLine is a line of §10.1; money is whole đồng in Vietnam (§6).
func showLine(l *reverseLine) map[string]any {
	it := l.item
	return map[string]any{
		"reverse_order_line_id": l.id, "trade_order_line_id": it.id, "reverse_status": l.status, "ofc_status": "",
		"product":       map[string]any{"product_id": it.sku.product.id, "product_sku": it.sellerSKU},
		"buyer":         map[string]any{"buyer_id": it.order.buyer.id},
		"seller_sku_id": it.sellerSKU, "platform_sku_id": fmt.Sprint(it.sku.id),
		"refund_amount": it.paid(), "item_unit_price": it.price, "refund_payment_method": it.order.payment,
		"reason_code": l.reasonCode, "reason_text": l.reasonText, "whqc_decision": l.qc, "tracking_number": l.tracking,
		"is_need_refund": "true", "is_dispute": l.dispute, "sla": l.created.Add(48 * time.Hour).UnixMilli(),
		"trade_order_gmt_create": it.order.created.UnixMilli(), "return_order_line_gmt_create": l.created.UnixMilli(),
		"return_order_line_gmt_modified": l.modified.UnixMilli(),
	}
}
