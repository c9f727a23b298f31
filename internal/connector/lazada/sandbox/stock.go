package sandbox

import (
	"fmt"
	"time"
)

// bin is the stock of one SKU in one warehouse, in the words of §11.3. The
// four numbers are kept apart, so that their sum is something to check.
type bin struct {
	sellable, total, withhold, occupy int64
}

func (b bin) plus(d bin) bin {
	return bin{b.sellable + d.sellable, b.total + d.total, b.withhold + d.withhold, b.occupy + d.occupy}
}

// movement is one line of the stock journal.
type movement struct {
	at        time.Time
	sku       *sku
	warehouse string
	event     string
	orderID   int64
	change    bin
	after     bin
}

// refusal is an order that Lazada itself did not take because nothing was
// left to buy.
type refusal struct {
	at               time.Time
	sku              *sku
	wanted, sellable int64
	orderID          int64
}

// bin returns the stock in a warehouse, an empty one if there is none yet.
func (k *sku) bin(warehouse string) *bin {
	b := k.bins[warehouse]
	if b == nil {
		b = &bin{}
		k.bins[warehouse] = b
	}
	return b
}

func (k *sku) sum() bin {
	var sum bin
	for _, b := range k.bins {
		sum = sum.plus(*b)
	}
	return sum
}

// move changes stock and writes the journal.
func (s *Server) move(k *sku, warehouse, event string, orderID int64, d bin) {
	if d == (bin{}) {
		return
	}
	b := k.bin(warehouse)
	*b = b.plus(d)
	s.journal = append(s.journal, movement{s.now(), k, warehouse, event, orderID, d, *b})
	if d.sellable < 0 && b.sellable < 5 {
		s.pushLowStock(k, warehouse)
	}
}

// setSellable makes the sellable number absolute; total follows.
func (s *Server) setSellable(k *sku, warehouse, event string, n int64) {
	d := n - k.bin(warehouse).sellable
	s.move(k, warehouse, event, 0, bin{sellable: d, total: d})
}

// hold is what an item keeps back from sale.
type hold int

const (
	holdNone     hold = iota // never took stock, or has left total at ready_to_ship
	holdReleased             // unpaid for more than 30 minutes
	holdWithhold
	holdOccupy
)

// holdFor is the hold that belongs to a status: §11.3's table.
func holdFor(status string) hold {
	switch status {
	case unpaid:
		return holdWithhold
	case pending, repacked, packed, readyToShipPending:
		return holdOccupy
	}
	return holdNone
}

var holdChange = map[hold]bin{
	holdNone: {}, holdReleased: {}, // Both keep nothing; they differ in where the unit is.
	holdWithhold: {sellable: -1, withhold: 1},
	holdOccupy:   {sellable: -1, occupy: 1},
}

// settle moves the unit of an item that is about to take a status. Units
// fulfilled by Lazada and digital goods use none of the seller's stock (§15
// no. 28).
func (s *Server) settle(it *item, next string) error {
	if it.fbl || it.digital {
		return nil
	}
	want := holdFor(next)
	if want == it.holds {
		return nil
	}
	before, after := holdChange[it.holds], holdChange[want]
	d := bin{after.sellable - before.sellable, 0, after.withhold - before.withhold, after.occupy - before.occupy}
	switch {
	case next == readyToShip:
		// The unit leaves total and does not become sellable (§11.3).
		d.sellable, d.total = 0, -1
	case d.sellable < 0 && it.sku.bin(it.warehouse).sellable < 1:
		s.refused = append(s.refused, refusal{s.now(), it.sku, 1, it.sku.bin(it.warehouse).sellable, it.order.id})
		return fmt.Errorf("%s: nothing left to sell; Lazada refuses the order (§11.3)", it.sku.sellerSKU)
	}
	s.move(it.sku, it.warehouse, next, it.order.id, d)
	it.holds = want
	return nil
}

// restockAfterRTS gives a unit back that was canceled between ready_to_ship
// and shipped, if the switch says that Lazada does so (§11.3 leaves it open).
func (s *Server) restockAfterRTS(it *item) {
	if it.fbl || it.digital || s.desk.Is("cancel_after_rts_restock", "no") {
		return
	}
	s.move(it.sku, it.warehouse, "canceled after ready_to_ship", it.order.id, bin{sellable: 1, total: 1})
}

// unpaidHold is how long an unpaid order keeps its stock (§11.3).
const unpaidHold = 30 * time.Minute

// releaseUnpaid ends the hold of an order that nobody paid.
func (s *Server) releaseUnpaid(o *order) {
	for _, it := range o.items {
		if it.status != unpaid || it.holds == holdReleased {
			continue
		}
		if s.desk.Is("unpaid_release", "cancel") {
			_ = s.cancel([]*item{it}, cancellation{initiator: "system-cancel", reason: "Quá hạn thanh toán"})
			continue
		}
		if it.holds == holdWithhold {
			s.move(it.sku, it.warehouse, "hold released after 30 minutes", o.id, bin{sellable: 1, withhold: -1})
			it.holds = holdReleased
		}
	}
}
