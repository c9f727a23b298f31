package retail

import "time"

// Stage is where a unit, a package or an order of a channel stands, in words
// that hold for every channel.
type Stage string

const (
	Unpaid       Stage = "unpaid"
	Pending      Stage = "pending"
	Packed       Stage = "packed"
	ReadyPending Stage = "ready_pending" // ready to ship asked for, not confirmed
	Ready        Stage = "ready"         // ready to ship: the goods leave the shelf
	Shipped      Stage = "shipped"
	Delivered    Stage = "delivered"
	Failed       Stage = "failed" // delivery failed, or on the way back
	BackAtSeller Stage = "back"   // the carrier says that the seller has it; nobody has confirmed it
	Returned     Stage = "returned"
	Lost         Stage = "lost" // lost, damaged or scrapped by the carrier
	Cancelled    Stage = "cancelled"
	Unknown      Stage = "unknown" // a word that the connector does not know
)

// rank orders the stages of one unit's life; see Stage.Before.
var rank = map[Stage]int{
	Unpaid: 1, Pending: 2, Packed: 3, ReadyPending: 4, Ready: 5, Shipped: 6,
	Delivered: 7, Failed: 8, BackAtSeller: 9, Lost: 9, Returned: 9, Cancelled: 10,
}

// Before tells whether a unit passes s before t. An unknown stage is before
// nothing and after nothing.
func (s Stage) Before(t Stage) bool { return rank[s] != 0 && rank[t] != 0 && rank[s] < rank[t] }

// OnShelf tells whether units at this stage still lie in the warehouse and
// will go out. After Ready they are on their way out.
func (s Stage) OnShelf() bool {
	switch s {
	case Unpaid, Pending, Packed, ReadyPending:
		return true
	default:
		return false
	}
}

// HasLeft tells whether the goods are in a carrier's hands or beyond.
func (s Stage) HasLeft() bool {
	switch s {
	case Shipped, Delivered, Failed, BackAtSeller, Returned, Lost:
		return true
	default:
		return false
	}
}

// OrderKey identifies an order within one channel account.
type OrderKey struct {
	ID      string
	Updated time.Time // as the feed tells; zero in a look-up
}

// Order is a channel's order as it was read.
type Order struct {
	ID      string
	Number  string
	Created time.Time // UTC
	Updated time.Time // UTC
	Buyer   Contact
	Note    string
	COD     bool // to be collected on delivery
	Payment string
	Lines   []OrderLine
	// What the buyer pays for the whole order, and what of it is shipping.
	Total    Money
	Shipping Money
}

// OrderLine is one line; on channels that give every unit its own row (Lazada)
// the quantity is One.
type OrderLine struct {
	ID       string
	Code     SKU // seller SKU
	Key      ListingKey
	Name     string
	Qty      Qty
	Price    Money // list price of one
	Discount Money // off one, vouchers included
	Shipping Money // the line's share
	Stage    Stage
	Raw      string // the channel's own word
	Package  string // "" until packed
	Tracking string
	Carrier  string
	Reason   string
	// Foreign marks a line that does not draw on the seller's stock (fulfilled
	// by the channel, digital).
	Foreign bool
}

// Contact is a buyer or a receiver.
type Contact struct {
	ID      string // the channel's stable id of the buyer, "" if it has none
	Name    string
	Phone   string
	Address string // street
	Ward    string
	Area    string // district and province
	Masked  bool   // phone or name are starred out: they identify nobody (LZD-18)
}

// Customer is a customer of the POS.
type Customer struct {
	ID       string
	Code     string
	Name     string
	Phone    string
	Address  string
	BranchID string
	Modified time.Time
}

// OrderStatus is the status of a POS order.
type OrderStatus string

const (
	OrderDraft      OrderStatus = "draft"      // Phiếu tạm
	OrderConfirmed  OrderStatus = "confirmed"  // Đã xác nhận
	OrderDelivering OrderStatus = "delivering" // Đang giao hàng
	OrderDone       OrderStatus = "done"       // Hoàn thành
	OrderCancelled  OrderStatus = "cancelled"  // Đã hủy
	OrderOther      OrderStatus = "other"      // a number that the connector does not know
)

// Open tells whether the order still reserves stock.
func (s OrderStatus) Open() bool {
	return s == OrderDraft || s == OrderConfirmed || s == OrderDelivering
}

// InvoiceStatus is the status of a POS invoice.
type InvoiceStatus string

const (
	InvoiceProcessing    InvoiceStatus = "processing"    // Đang xử lý
	InvoiceDone          InvoiceStatus = "done"          // Hoàn thành
	InvoiceCancelled     InvoiceStatus = "cancelled"     // Đã hủy
	InvoiceUndeliverable InvoiceStatus = "undeliverable" // Không giao được
	InvoiceOther         InvoiceStatus = "other"
)

// Delivery is the delivery status of a POS invoice.
type Delivery string

const (
	DeliveryNone      Delivery = ""          // no delivery
	DeliveryWaiting   Delivery = "waiting"   // Chờ xử lý, Chưa giao hàng
	DeliveryUnderway  Delivery = "underway"  // Đang giao hàng
	DeliveryDone      Delivery = "done"      // Giao thành công
	DeliveryReturning Delivery = "returning" // Đang chuyển hoàn
	DeliveryReturned  Delivery = "returned"  // Đã chuyển hoàn
	DeliveryCancelled Delivery = "cancelled" // Đã hủy
	DeliveryOther     Delivery = "other"     // a carrier's step in between
)

// POSOrder is an order in the POS (phiếu đặt hàng).
type POSOrder struct {
	ID         string
	Code       string // what the POS gave; what we ask for when creating
	Ref        string // our reference, found again in the description
	Status     OrderStatus
	BranchID   string
	CustomerID string
	SellerID   string
	Book       PriceBook // the price book shown on the order (LZD-21)
	Note       string    // description; a create puts Ref into it
	Lines      []DocLine
	Discount   Money // of the document
	Surcharges []Surcharge
	Total      Money // khách cần trả
	Paid       Money // khách đã trả
	Receiver   Contact
	Created    time.Time
	Modified   time.Time
}

// DocLine is a line of a POS order or invoice.
type DocLine struct {
	ProductID string
	Code      SKU
	Qty       Qty
	Price     Money
	Discount  Money // off one
	Note      string
}

// Total is (price − discount) × quantity.
func (l DocLine) Total() Money { return l.Qty.Times(l.Price - l.Discount) }

// Surcharge is an extra charge (thu khác).
type Surcharge struct {
	ID, Code string
	Amount   Money
}

// Invoice is an invoice in the POS (hóa đơn).
type Invoice struct {
	ID         string
	Code       string
	Ref        string // our reference: package and order
	OrderID    string
	OrderCode  string
	Status     InvoiceStatus
	Delivery   Delivery
	Tracking   string
	COD        bool
	CODAmount  Money
	BranchID   string
	CustomerID string
	SellerID   string
	Lines      []DocLine
	Discount   Money
	Surcharges []Surcharge
	Total      Money
	Paid       Money
	Receiver   Contact
	Created    time.Time
	Modified   time.Time
}

// Live tells whether the invoice still counts.
func (i Invoice) Live() bool { return i.Status != InvoiceCancelled }
