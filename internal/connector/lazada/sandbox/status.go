package sandbox

import (
	"fmt"
	"slices"
)

// Item statuses (§7.7).
const (
	unpaid             = "unpaid"
	pending            = "pending"
	repacked           = "repacked"
	packed             = "packed"
	readyToShipPending = "ready_to_ship_pending"
	readyToShip        = "ready_to_ship"
	shipped            = "shipped"
	delivered          = "delivered"
	confirmed          = "confirmed"
	failedDelivery     = "failed_delivery"
	shippedBack        = "shipped_back"
	shippedBackOK      = "shipped_back_success"
	shippedBackFailed  = "shipped_back_failed"
	returned           = "returned"
	canceled           = "canceled"
	lostBy3PL          = "lost_by_3pl"
	damagedBy3PL       = "damaged_by_3pl"
	packageScrapped    = "package_scrapped"
)

// transitions is the table of §7.7; "" is an order being placed.
var transitions = map[string][]string{
	"":                 {unpaid, pending},
	unpaid:             {pending, canceled},
	pending:            {packed, canceled},
	repacked:           {packed, canceled},
	packed:             {readyToShipPending, readyToShip, repacked, canceled},
	readyToShipPending: {readyToShip, canceled},
	readyToShip:        {shipped, canceled},
	shipped:            {delivered, failedDelivery, lostBy3PL, damagedBy3PL},
	delivered:          {confirmed, returned},
	confirmed:          {returned},
	failedDelivery:     {shippedBack},
	shippedBack:        {shippedBackOK, shippedBackFailed, lostBy3PL},
	shippedBackFailed:  {packageScrapped},
}

// advance orders statuses for the status of a package (§7.9).
var advance = map[string]int{
	unpaid: 0, pending: 1, repacked: 2, packed: 3, readyToShipPending: 4, readyToShip: 5, shipped: 6,
	failedDelivery: 7, shippedBack: 8, shippedBackFailed: 9, shippedBackOK: 10,
	lostBy3PL: 11, damagedBy3PL: 12, packageScrapped: 13, delivered: 14, confirmed: 15, returned: 16, canceled: 17,
}

// cancellable are the statuses in which an item can be canceled: §9 names
// pending, packed and ready_to_ship, the table of §7.7 those between them too.
var cancellable = []string{unpaid, pending, repacked, packed, readyToShipPending, readyToShip}

// carrierWords are the raw forms of §7.7, shown with the switch carrier_words.
var carrierWords = map[string]string{
	failedDelivery:    "INFO_ST_DOMESTIC_DELIVERY_FAILED",
	shippedBack:       "INFO_ST_DOMESTIC_BACK_TO_SHIPPER",
	shippedBackOK:     "INFO_ST_DOMESTIC_PACKAGE_RETURNED",
	shippedBackFailed: "INFO_ST_DOMESTIC_PACKAGE_RETURNED_FAILED",
	lostBy3PL:         "LOST_BY_3PL",
	damagedBy3PL:      "DAMAGE_BY_3PL",
	packageScrapped:   "PACKAGE_SCRAPPED",
}

// shownStatus is a status as answers and pushes spell it.
func (s *Server) shownStatus(status string) string {
	if word, ok := carrierWords[status]; ok && s.desk.Is("carrier_words", "on") {
		return word
	}
	return status
}

// labels are the words of Seller Center (§7.8).
var labels = map[string]string{
	unpaid: "Chờ thanh toán", pending: "Đang xử lý", repacked: "Đang xử lý",
	packed: "Sẵn sàng giao đi", readyToShipPending: "Sẵn sàng giao đi", readyToShip: "Sẵn sàng giao đi",
	shipped: "Đang giao hàng", delivered: "Đã giao hàng", confirmed: "Đã giao hàng", returned: "Trả lại",
	failedDelivery: "Giao hàng thất bại", shippedBack: "Giao hàng thất bại",
	shippedBackOK: "Giao hàng thất bại", shippedBackFailed: "Giao hàng thất bại",
	canceled: "Đã hủy", lostBy3PL: "Mất / hỏng hàng", damagedBy3PL: "Mất / hỏng hàng", packageScrapped: "Mất / hỏng hàng",
}

// mayBecome tells whether an item can go to a status now.
func (it *item) mayBecome(next string) bool {
	return slices.Contains(transitions[it.status], next)
}

// setStatus moves an item along the machine, moves its stock and announces it.
func (s *Server) setStatus(it *item, next string) error {
	if !it.mayBecome(next) {
		return fmt.Errorf("order item %d is %s and cannot become %s (§7.7)", it.id, it.status, next)
	}
	if err := s.settle(it, next); err != nil {
		return err
	}
	it.status = next
	it.history = append(it.history, next)
	s.touch(it)
	if next == shipped {
		s.dropRequest(it)
	}
	if next == canceled && it.pkg != nil && s.desk.Is("package_id_after_cancel", "cleared") {
		it.pkg = nil
	}
	if (next == packed || next == repacked) && s.desk.Is("push_packed", "off") {
		return nil
	}
	s.pushItem(it)
	return nil
}

// dropRequest ends a buyer's wish to cancel once the carrier has the goods.
func (s *Server) dropRequest(it *item) {
	if it.needConfirm || it.cancelPending {
		it.needConfirm, it.cancelPending = false, false
		s.reverseStep(it.reverse, "REQUEST_CANCEL", "Lazada")
	}
}

// setAll moves several items or none.
func (s *Server) setAll(items []*item, next string) error {
	if len(items) == 0 {
		return fmt.Errorf("no item that could become %s", next)
	}
	for _, it := range items {
		if !it.mayBecome(next) {
			return fmt.Errorf("order item %d is %s and cannot become %s (§7.7)", it.id, it.status, next)
		}
	}
	for _, it := range items {
		if err := s.setStatus(it, next); err != nil {
			return err
		}
	}
	return nil
}

// touch renews updated_at, which polling follows.
func (s *Server) touch(it *item) {
	it.updated = s.now()
	it.order.updated = it.updated
}
