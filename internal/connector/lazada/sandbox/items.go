package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// orderItemsGet is §7.4, one order.
func (s *Server) orderItemsGet(c *call) reply {
	id, _ := strconv.ParseInt(c.get("order_id"), 10, 64)
	o := c.seller.byOrder[id]
	if o == nil {
		return invalidOrderID(c.get("order_id"))
	}
	items := []map[string]any{}
	if s.readable(o) { // Not yet: no error, but nothing in it (§15 no. 12).
		for _, it := range o.items {
			items = append(items, s.showItem(it, true))
		}
	}
	return data(items)
}

// maxOrderIDs is §7.4's cap.
const maxOrderIDs = 50

// ordersItemsGet is §7.4, several orders.
func (s *Server) ordersItemsGet(c *call) reply {
	ids, err := idList(c.get("order_ids"))
	switch {
	case err != nil:
		return refused(isp, "56", "E056: Invalid OrdersIdList format. Must use array format [1,2]")
	case len(ids) > maxOrderIDs:
		return refused(isp, "38", "E038: Too many orders were requested")
	}
	out := []map[string]any{}
	var unknown []string
	for _, id := range ids {
		o := s.orderOf(c, id)
		if o == nil {
			unknown = append(unknown, id)
			continue
		}
		items := []map[string]any{}
		for _, it := range o.items {
			items = append(items, s.showItem(it, false))
		}
		out = append(out, map[string]any{"order_id": o.id, "order_number": o.id, "order_items": items})
	}
	if len(unknown) > 0 && s.desk.Is("unknown_orders", "fail37") {
		return refused(isp, "37", "E037: One or more order id in the list are incorrect: %s", strings.Join(unknown, ", "))
	}
	if len(out) == 0 {
		return refused(isp, "39", "E039: No orders were found")
	}
	return data(out)
}

// idList reads a JSON array of ids, numbers or strings, also with single
// quotes (§3.2).
func idList(text string) ([]string, error) {
	dec := json.NewDecoder(strings.NewReader(strings.ReplaceAll(text, "'", "\"")))
	dec.UseNumber()
	var list []any
	if err := dec.Decode(&list); err != nil {
		return nil, err
	}
	var out []string
	for _, v := range list {
		id := fmt.Sprint(v)
		if _, err := strconv.ParseInt(id, 10, 64); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// showItem is the object of §7.6; product_id stands in the single call only.
func (s *Server) showItem(it *item, single bool) map[string]any {
	out := map[string]any{
		"order_item_id": it.id, "order_id": it.order.id, "purchase_order_id": "", "purchase_order_number": "",
		"sku": it.sellerSKU, "shop_sku": it.sku.shopSKU(), "sku_id": fmt.Sprint(it.sku.id),
		"name": it.name, "variation": it.variation, "status": s.shownStatus(it.status),
		"item_price": it.price, "paid_price": it.paid(), "voucher_amount": it.voucherSeller + it.voucherPlatform,
		"voucher_seller": it.voucherSeller, "voucher_platform": it.voucherPlatform, "voucher_seller_lpi": 0, "voucher_platform_lpi": 0,
		"voucher_code": "", "voucher_code_seller": "", "voucher_code_platform": "",
		"shipping_amount": it.shipping, "shipping_fee_original": it.shipping,
		"shipping_fee_discount_seller": 0, "shipping_fee_discount_platform": 0, "shipping_service_cost": 0,
		"tax_amount": 0, "wallet_credits": 0, "currency": "VND",
		"package_id": "", "tracking_code": "", "tracking_code_pre": "", "shipment_provider": "",
		"shipping_type": it.shippingType(), "shipping_provider_type": "standard", "warehouse_code": it.warehouse,
		"is_digital": bit(it.digital), "is_fbl": bit(it.fbl), "is_reroute": 0, "delivery_option_sof": bit(it.sof),
		"order_type": it.orderType, "order_flag": "NORMAL", "stage_pay_status": nil,
		"reason": it.reason, "reason_detail": it.reasonDetail, "cancel_return_initiator": it.initiator, "return_status": it.returnStatus,
		"need_cancel_confirm": it.needConfirm, "is_cancel_pending": it.cancelPending,
		"buyer_id": it.order.buyer.id, "shop_id": it.order.seller.name,
		"created_at": shownTime(it.order.created), "updated_at": shownTime(it.updated),
		"sla_time_stamp":         sla(it.order.created),
		"promised_shipping_time": "", "invoice_number": "", "digital_delivery_info": "", "extra_attributes": "",
		"product_main_image": "https://img.example/1.jpg", "product_detail_url": it.sku.url(),
	}
	if single {
		out["product_id"] = fmt.Sprint(it.sku.product.id)
	}
	if it.pkg != nil {
		out["package_id"], out["tracking_code"], out["shipment_provider"] = it.pkg.id, it.pkg.tracking, it.pkg.provider
	}
	switch {
	case it.status == unpaid && it.orderType == "PreSale":
		out["stage_pay_status"] = "unpaid"
	case it.finalPaymentOpen:
		out["stage_pay_status"] = "unpaid final payment"
	}
	if it.needConfirm {
		out["cancel_trigger_time"] = it.cancelAt.UnixMilli()
	}
	if it.reverse != nil {
		out["reverse_order_id"] = it.reverse.reverse.id
	}
	return out
}

// sla is the end of the next day in site time.
func sla(created time.Time) string {
	day := created.In(hanoi).AddDate(0, 0, 1)
	return time.Date(day.Year(), day.Month(), day.Day(), 23, 59, 59, 0, hanoi).Format(time.RFC3339)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// invoiceNumberSet is §8.2.
func (s *Server) invoiceNumberSet(c *call) reply {
	if c.get("invoice_number") == "" {
		return missing("invoice_number")
	}
	id, _ := strconv.ParseInt(c.get("order_item_id"), 10, 64)
	if c.seller.items[id] == nil {
		return refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", c.get("order_item_id"))
	}
	return data(map[string]any{"order_item_id": id, "invoice_number": c.get("invoice_number")})
}
