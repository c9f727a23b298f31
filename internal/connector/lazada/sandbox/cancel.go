package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// cancellation says who canceled and why.
type cancellation struct {
	initiator      string // cancel_return_initiator, §7.6
	reasonID       int64
	reason, detail string
	byBuyer        bool     // pushes of type 10 are for buyers' cancellations (§14.4)
	request        *reverse // the buyer's request that this answers
}

// cancelReasons are those seen (§9).
var cancelReasons = map[int64]string{
	10000019: "Nguồn hàng bị chậm trễ", 10000021: "Hết hàng", 10000023: "Sai giá",
}

// zeroing are the reasons that set the SKU's stock to 0 (§9).
var zeroing = []int64{10000021, 10000023}

func reasonOptions() []map[string]any {
	var out []map[string]any
	for _, id := range []int64{10000019, 10000021, 10000023} {
		out = append(out, map[string]any{"reason_id": id, "reason_name": cancelReasons[id]})
	}
	return out
}

// cancel cancels items and the mates in their packages (§7.9).
func (s *Server) cancel(items []*item, why cancellation) error {
	all := slices.Clone(items)
	for _, it := range items {
		if !slices.Contains(cancellable, it.status) {
			return fmt.Errorf("order item %d is %s and cannot be canceled (§9)", it.id, it.status)
		}
		if it.pkg == nil || it.pkg.cancelled {
			continue
		}
		for _, mate := range it.pkg.live() {
			if !slices.Contains(all, mate) && slices.Contains(cancellable, mate.status) {
				all = append(all, mate)
			}
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("nothing to cancel")
	}
	r := why.request
	if r == nil {
		r = s.newReverse(all[0].order, "CANCEL")
	}
	paid := all[0].order.payment != "COD"
	var packages []*pkg
	for _, it := range all {
		line := r.lineOf(it)
		if line == nil {
			line = s.addLine(r, it)
		}
		line.reasonCode, line.reasonText = why.reasonID, why.reason
		it.reason, it.reasonDetail, it.initiator = why.reason, why.detail, why.initiator
		it.needConfirm, it.cancelPending = false, false
		before := it.status
		if p := it.pkg; p != nil && !slices.Contains(packages, p) {
			packages = append(packages, p)
		}
		if err := s.setStatus(it, canceled); err != nil {
			return err
		}
		if before == readyToShip {
			s.restockAfterRTS(it)
		}
		s.reverseStep(line, "CANCEL_SUCCESS", "Lazada")
		if why.byBuyer {
			s.pushReverse(line, "CANCEL_SUCCESS")
			if paid && before != unpaid {
				s.pushReverse(line, "CANCEL_REFUND_ISSUED")
			}
		}
	}
	for _, p := range packages {
		s.closeIfEmpty(p)
	}
	return nil
}

// closeIfEmpty cancels a package whose items are all canceled.
func (s *Server) closeIfEmpty(p *pkg) {
	if len(p.live()) == 0 && !p.cancelled {
		p.cancelled = true
		s.pushPackage(p, "CANCELLED")
	}
}

// cancelBySeller also zeroes the stock for the two reasons that say so.
func (s *Server) cancelBySeller(items []*item, reasonID int64, reason, detail string) error {
	if err := s.cancel(items, cancellation{initiator: "cancellation-seller", reasonID: reasonID, reason: reason, detail: detail}); err != nil {
		return err
	}
	if slices.Contains(zeroing, reasonID) {
		for _, it := range items {
			for _, w := range it.order.seller.warehouses {
				s.setSellable(it.sku, w, "canceled by seller: "+reason, 0)
			}
		}
	}
	return nil
}

// requestCancel is a buyer's wish that the seller must answer; silence is
// agreement once the trigger time has come (§9).
func (s *Server) requestCancel(o *order, items []*item) (*reverse, error) {
	for _, it := range items {
		if !slices.Contains(cancellable, it.status) {
			return nil, fmt.Errorf("order item %d is %s and cannot be canceled (§9)", it.id, it.status)
		}
		if it.needConfirm {
			return nil, fmt.Errorf("order item %d: the buyer asked already", it.id)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("order %d has nothing to cancel", o.id)
	}
	r := s.newReverse(o, "CANCEL")
	wait := s.duration("cancel_trigger")
	for _, it := range items {
		line := s.addLine(r, it)
		line.reasonText = "Người mua đổi ý"
		it.needConfirm, it.cancelAt = true, s.now().Add(wait)
		s.touch(it)
		s.pushReverse(line, "CANCEL_INIT")
	}
	s.world.After(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = s.decideCancel(r, true, 0)
	})
	return r, nil
}

// decideCancel answers a buyer's request. Items that were shipped meanwhile
// are past canceling.
func (s *Server) decideCancel(r *reverse, agree bool, reasonCode int64) error {
	var open []*item
	for _, l := range r.lines {
		if l.item.needConfirm && l.item.reverse == l {
			l.item.needConfirm = false
			s.touch(l.item)
			if slices.Contains(cancellable, l.item.status) {
				open = append(open, l.item)
			} else {
				s.reverseStep(l, "REQUEST_CANCEL", "Lazada")
			}
		}
	}
	if len(open) == 0 {
		return fmt.Errorf("reverse order %d: nothing to decide", r.id)
	}
	if !agree {
		for _, it := range open {
			it.reverse.reasonCode = reasonCode
			s.reverseStep(it.reverse, "REJECT_CANCEL_ORDER", "Người bán")
		}
		return nil
	}
	for _, it := range open {
		s.reverseStep(it.reverse, "AGREE_CANCEL_ORDER", "Người bán")
	}
	finish := func() error {
		var still []*item
		for _, it := range open {
			it.cancelPending = false
			if slices.Contains(cancellable, it.status) {
				still = append(still, it)
			}
		}
		if len(still) == 0 {
			return nil
		}
		return s.cancel(still, cancellation{initiator: "cancellation-customer", reason: "Người mua đổi ý", byBuyer: true, request: r})
	}
	wait := s.duration("cancel_pending_delay")
	if wait <= 0 {
		return finish()
	}
	// Agreed, logistics not done yet (§7.5 is_cancel_pending).
	for _, it := range open {
		it.cancelPending = true
	}
	s.world.After(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = finish()
	})
	return nil
}

// cancelTarget reads what validate and create have in common.
func (s *Server) cancelTarget(c *call) (items []*item, out reply, bad bool) {
	if c.get("order_id") == "" {
		return nil, refused(isp, "115", "order id is null"), true
	}
	o := s.orderOf(c, c.get("order_id"))
	if o == nil {
		return nil, refused(isp, "122", "invalid order"), true
	}
	ids, err := idList(c.get("order_item_id_list"))
	if err != nil || len(ids) == 0 {
		return nil, refused(isp, "102", "order item id list is invalid"), true
	}
	for _, id := range ids {
		it := o.item(number(id))
		if it == nil {
			return nil, refused(isp, "123", "invalid order lines"), true
		}
		if !slices.Contains(items, it) {
			items = append(items, it)
		}
	}
	return items, reply{}, false
}

func tip(kind, content string) map[string]any {
	return map[string]any{"tip_type": kind, "tip_content": content}
}

// notCancellable is the tip for items that are past canceling, "" if none is.
func notCancellable(items []*item) string {
	for _, it := range items {
		if !slices.Contains(cancellable, it.status) {
			return fmt.Sprintf("Order item %d can not be cancelled in its current status", it.id)
		}
	}
	return ""
}

func (s *Server) cancelValidate(c *call) reply {
	items, out, bad := s.cancelTarget(c)
	if bad {
		return out
	}
	answer := tip("warning", "Cancelling orders affects the performance of your shop")
	answer["reason_options"] = reasonOptions()
	if text := notCancellable(items); text != "" {
		answer = tip("error", text)
		answer["reason_options"] = []map[string]any{}
	}
	return data(answer)
}

// cancelCreate mutates by GET. A refusal is a tip under code 0 (§9).
func (s *Server) cancelCreate(c *call) reply {
	items, out, bad := s.cancelTarget(c)
	if bad {
		return out
	}
	reason, known := cancelReasons[number(c.get("reason_id"))]
	if !known {
		return refused(isp, "104", "invalid reason")
	}
	if text := notCancellable(items); text != "" {
		return data(tip("error", text))
	}
	if err := s.cancelBySeller(items, number(c.get("reason_id")), reason, ""); err != nil {
		return data(tip("error", err.Error()))
	}
	return data(tip("success", "Cancelled successfully"))
}

func (s *Server) cancelDecide(c *call) reply {
	r := c.seller.reverse(number(c.get("reverse_order_id")))
	if r == nil || r.kind != "CANCEL" {
		return refused(isp, "105", "invalid reverse order id")
	}
	agree, err := strconv.ParseBool(strings.ToLower(c.get("agree_cancel")))
	if err != nil {
		return missing("agree_cancel")
	}
	code := number(c.get("reason_code"))
	if !agree && code == 0 {
		return refused(isp, "104", "invalid reason")
	}
	if err := s.decideCancel(r, agree, code); err != nil {
		return refused(isp, "131", "nothing to decide")
	}
	return data(nil)
}
