package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Layouts of §6: what requests may send, and how orders show moments.
var isoLayouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"}

const orderTime = "2006-01-02 15:04:05 -0700"

func parseISO(text string) (time.Time, error) {
	for _, layout := range isoLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no ISO-8601 moment", text)
}

func shownTime(at time.Time) string { return at.In(hanoi).Format(orderTime) }

// window is a range of moments; zero ends are open, both are inclusive.
type window struct{ after, before time.Time }

func (w window) holds(at time.Time) bool {
	return (w.after.IsZero() || !at.Before(w.after)) && (w.before.IsZero() || !at.After(w.before))
}

// readWindow reads name_after and name_before; wrong is the text that is no
// date.
func (c *call) readWindow(name string) (w window, wrong string) {
	for suffix, into := range map[string]*time.Time{"_after": &w.after, "_before": &w.before} {
		text := c.get(name + suffix)
		if text == "" {
			continue
		}
		at, err := parseISO(text)
		if err != nil {
			return w, text
		}
		*into = at
	}
	return w, ""
}

// orderFilters maps every value of the union of §7.2 to item statuses; nil is
// all.
var orderFilters = map[string][]string{
	"": nil, "all": nil,
	"topack": {pending, repacked}, "toship": {packed, readyToShipPending, readyToShip}, "shipping": {shipped},
	"failed": {failedDelivery, shippedBack, shippedBackOK, shippedBackFailed}, "lost": {lostBy3PL, damagedBy3PL},
	unpaid: {unpaid}, pending: {pending}, packed: {packed}, canceled: {canceled}, readyToShip: {readyToShip},
	delivered: {delivered}, returned: {returned}, shipped: {shipped},
	lostBy3PL: {lostBy3PL}, damagedBy3PL: {damagedBy3PL}, failedDelivery: {failedDelivery}, shippedBack: {shippedBack},
	shippedBackOK: {shippedBackOK}, shippedBackFailed: {shippedBackFailed}, packageScrapped: {packageScrapped},
}

// offsetWall is where deep paging ends (§15 no. 7).
const offsetWall = 5000

// ordersGet is §7.2.
func (s *Server) ordersGet(c *call) reply {
	created, wrong := c.readWindow("created")
	if wrong != "" {
		return refused(isp, "17", "E017: \"%s\" Invalid Date Format", wrong)
	}
	updated, wrong := c.readWindow("update")
	if wrong != "" {
		return refused(isp, "17", "E017: \"%s\" Invalid Date Format", wrong)
	}
	if created.after.IsZero() && updated.after.IsZero() {
		return refused(isp, "17", "E017: \"\" Invalid Date Format. created_after or update_after is mandatory")
	}
	offset, limit, out, bad := c.paging(100, 100, offsetWall)
	if bad {
		return out
	}
	if offset+limit >= offsetWall {
		return refused(isp, "97", "E097: Offset and limit sum %d must be less than %d", offset+limit, offsetWall)
	}
	filter := c.get("status")
	wanted, known := orderFilters[filter]
	if !known || (filter == "packed" || filter == "topack") && s.desk.Is("packed_filter", "refused") {
		return refused(isp, "36", "E036: Invalid status filter")
	}
	descending := true
	switch strings.ToUpper(c.get("sort_direction")) {
	case "ASC":
		descending = false
	case "", "DESC":
	default:
		return refused(isp, "74", "E074: Invalid sort direction")
	}
	key := func(o *order) time.Time { return o.created }
	switch c.get("sort_by") {
	case "", "created_at":
	case "updated_at":
		key = func(o *order) time.Time { return o.updated }
	default:
		return refused(isp, "75", "E075: Invalid sort filter")
	}

	var found []*order
	for _, o := range c.seller.orders {
		if s.readable(o) && created.holds(o.created) && updated.holds(o.updated) && o.matches(wanted) {
			found = append(found, o)
		}
	}
	// Equal moments are ordered by id, so that pages are stable.
	slices.SortFunc(found, func(a, b *order) int {
		n := cmp.Or(key(a).Compare(key(b)), cmp.Compare(a.id, b.id))
		if descending {
			return -n
		}
		return n
	})
	page := []map[string]any{}
	for _, o := range slice(found, offset, limit) {
		page = append(page, s.showOrder(o, true))
	}
	return data(map[string]any{"count": len(page), "countTotal": len(found), "orders": page})
}

// matches is the loose filter: any item counts.
func (o *order) matches(wanted []string) bool {
	return wanted == nil || slices.ContainsFunc(o.items, func(it *item) bool { return slices.Contains(wanted, it.status) })
}

// readable tells whether an order has become visible (§15 no. 12).
func (s *Server) readable(o *order) bool { return !s.world.Now().Before(o.visible) }

// paging reads offset and limit, with the errors 14 and 19.
func (c *call) paging(standard, most, deepest int) (offset, limit int, out reply, bad bool) {
	offset, limit = 0, standard
	var err error
	if text := c.get("offset"); text != "" {
		if offset, err = strconv.Atoi(text); err != nil || offset < 0 || offset > deepest {
			return 0, 0, refused(isp, "14", "E014: \"%s\" Invalid Offset", text), true
		}
	}
	if text := c.get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > most {
			return 0, 0, refused(isp, "19", "E019: \"%s\" Invalid Limit", text), true
		}
	}
	return offset, limit, reply{}, false
}

func slice[T any](all []T, offset, limit int) []T {
	from := min(offset, len(all))
	return all[from:min(from+limit, len(all))]
}

// orderOf finds a readable order of the calling seller.
func (s *Server) orderOf(c *call, text string) *order {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil
	}
	o := c.seller.byOrder[id]
	if o == nil || !s.readable(o) {
		return nil
	}
	return o
}

// orderGet is §7.3.
func (s *Server) orderGet(c *call) reply {
	o := s.orderOf(c, c.get("order_id"))
	if o == nil {
		return invalidOrderID(c.get("order_id"))
	}
	return data(s.showOrder(o, false))
}

func invalidOrderID(id string) reply {
	return refused(isp, "16", "E016: \"%s\" Invalid Order ID", id)
}

// showOrder is the object of §7.5.
func (s *Server) showOrder(o *order, inList bool) map[string]any {
	name := o.buyer.name
	if s.desk.Is("mask", "on") {
		name = masked(name)
	}
	district := "addressDistrict"
	if inList {
		district = "addressDsitrict"
	}
	var statuses []string
	needConfirm, cancelPending := false, false
	for _, it := range o.items {
		if shown := s.shownStatus(it.status); !slices.Contains(statuses, shown) {
			statuses = append(statuses, shown)
		}
		needConfirm = needConfirm || it.needConfirm
		cancelPending = cancelPending || it.cancelPending
	}
	voucherCode := ""
	if o.voucherSeller+o.voucherPlatform > 0 {
		voucherCode = fmt.Sprint(91471122334455 + o.id%1000)
	}
	out := map[string]any{
		"order_id": o.id, "order_number": o.id,
		"created_at": shownTime(o.created), "updated_at": shownTime(o.updated),
		"statuses": statuses, "items_count": len(o.items),
		"price":        fmt.Sprintf("%d.00", o.price()), // a string with two decimals (§6)
		"shipping_fee": o.shippingFee, "shipping_fee_original": o.shippingFee,
		"shipping_fee_discount_seller": 0, "shipping_fee_discount_platform": 0,
		"voucher": o.voucherSeller + o.voucherPlatform, "voucher_seller": o.voucherSeller, "voucher_platform": o.voucherPlatform,
		"voucher_code": voucherCode, "payment_method": o.payment,
		"customer_first_name": name, "customer_last_name": "", "buyer_note": o.note,
		"gift_option": false, "gift_message": "", "remarks": "", "delivery_info": "", "promised_shipping_times": "",
		"national_registration_number": "", "tax_code": "", "branch_number": "", "extra_attributes": "",
		"warehouse_code":      o.items[0].warehouse,
		"need_cancel_confirm": needConfirm, "is_cancel_pending": cancelPending,
		"address_shipping": s.address(o.buyer, district), "address_billing": s.address(o.buyer, district),
	}
	if inList {
		out["address_updated_at"] = shownTime(o.created)
	}
	return out
}
