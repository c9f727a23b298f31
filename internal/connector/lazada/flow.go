package lazada

import (
	"strings"

	"github.com/dongbo/dongbo/internal/retail"
)

// flow is what a package's stage asks of the POS. A stage may be the first one
// seen (§7.7: pending → shipped is normal when polling), so every row that
// needs an invoice needs the order too. A word that we do not know has no row:
// nothing changes, and it is shown.
var flow = retail.Flow{
	// rule: LZD-34: an unpaid order is not imported.
	{Rule: "LZD-34", Stages: []retail.Stage{retail.Unpaid}},
	// rule: LZD-15, LZD-16, LZD-23: pending orders are imported as Phiếu tạm.
	{Rule: "LZD-23", Stages: []retail.Stage{retail.Pending}, Order: retail.OrderExists},
	// rule: LZD-26: "Sẵn sàng giao đi" leaves the order as it is.
	{Rule: "LZD-26", Stages: []retail.Stage{retail.Packed, retail.ReadyPending, retail.Ready}, Order: retail.OrderExists},
	// rule: LZD-27
	{Rule: "LZD-27", Stages: []retail.Stage{retail.Shipped}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryUnderway},
	// rule: LZD-28
	{Rule: "LZD-28", Stages: []retail.Stage{retail.Delivered}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryDone},
	// rule: LZD-30: that the carrier says "back" proves nothing about the shelf
	// (RET-03), so it stays "Đang chuyển hoàn".
	{Rule: "LZD-30", Stages: []retail.Stage{retail.Failed, retail.BackAtSeller}, Order: retail.OrderExists, Invoice: retail.InvoiceExists, Delivery: retail.DeliveryReturning},
	// rule: LZD-29: returned goods are the returns inbox's.
	{Rule: "LZD-29", Stages: []retail.Stage{retail.Returned}},
	// rule: RET-02: so are lost, damaged and scrapped ones; the source is silent.
	{Rule: "RET-02", Stages: []retail.Stage{retail.Lost}},
	// rule: LZD-25, LZD-33
	{Rule: "LZD-25", Stages: []retail.Stage{retail.Cancelled}, Order: retail.OrderCancel},
}

// stages are the words of an item's status (§7.7), in lower case. The last
// block is raw carrier words: none of them proves that the goods are in the
// seller's hands, so all of them are "Giao hàng thất bại".
var stages = map[string]retail.Stage{
	"unpaid":                retail.Unpaid,
	"pending":               retail.Pending,
	"repacked":              retail.Pending, // its package is dissolved
	"packed":                retail.Packed,
	"ready_to_ship_pending": retail.ReadyPending,
	"ready_to_ship":         retail.Ready,
	"shipped":               retail.Shipped,
	"delivered":             retail.Delivered,
	"confirmed":             retail.Delivered,
	"failed_delivery":       retail.Failed,
	"failed":                retail.Failed,
	"shipped_back":          retail.Failed,
	"shipped_back_failed":   retail.Failed,
	"shipped_back_success":  retail.BackAtSeller,
	"returned":              retail.Returned,
	"canceled":              retail.Cancelled,
	"cancelled":             retail.Cancelled, // two l's in packages (§15, 23)
	"lost_by_3pl":           retail.Lost,
	"damaged_by_3pl":        retail.Lost,
	"damage_by_3pl":         retail.Lost,
	"package_scrapped":      retail.Lost,

	"info_st_domestic_return_with_last_mile_3pl": retail.Failed,
	"info_st_domestic_return_at_transit_hub":     retail.Failed,
	"info_st_domestic_back_to_shipper":           retail.Failed,
	"info_st_domestic_delivery_failed":           retail.Failed,
	"info_st_domestic_package_returned":          retail.Failed,
	"info_st_domestic_package_returned_failed":   retail.Failed,
	"info_st_domestic_shipper_received":          retail.Failed,
}

// stageOf reads an item's status whatever its letter case.
func stageOf(raw string) retail.Stage {
	if s, ok := stages[strings.ToLower(strings.TrimSpace(raw))]; ok {
		return s
	}
	return retail.Unknown
}
