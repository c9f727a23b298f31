package retail

import "time"

// Settings are what a shop's owner chose for one connection, as far as the
// rules ask.
type Settings struct {
	Platform   string // the channel's driver
	Channel    string // its name for people: "Lazada"
	AccountID  string
	BranchID   string
	SellerID   string // LZD-20
	Book       PriceBook
	ActiveFrom time.Time // orders placed before it belong to the first synchronisation
	Codes      Codes
	// ShippingCode is the surcharge that carries what the buyer pays for
	// shipping; "" leaves shipping out of the POS documents.
	Shipping       Surcharge
	PrepaidCODZero bool // LZD-27: "Đơn đã thanh toán trước: thu hộ 0"
}

// Codes begin the codes of documents that the hub makes for a channel's orders.
type Codes struct {
	Order    string // "DHLZD_" (LZD-16)
	Invoice  string // "HDLZD_"
	Customer string // "KHLZD"
}

// Mark is the hub's reference to an order or, with a package, to a package. It
// stands in the description of POS documents, so that they are found again
// after an unknown outcome. It is delimited: no mark is part of another.
func (s Settings) Mark(orderID, pkg string) string {
	mark := "DB:" + s.Platform + ":" + s.AccountID + ":" + orderID
	if pkg != "" {
		mark += "/" + pkg
	}
	return "[" + mark + "]"
}

// Seen is everything a decision about an order looks at besides its state.
type Seen struct {
	Order Order
	// CustomerID is the POS customer that the hub knows for this buyer.
	CustomerID string
	// Products maps a line's seller SKU to the product it is sold as. A code
	// that is missing here has no product.
	Products map[SKU]Product
	// ByID holds the products that the state's lines name.
	ByID map[string]Product
}

// OrderState is what the hub knows and has decided about one order of a
// channel.
type OrderState struct {
	// Skipped says why the order is not imported: "" or a message key.
	Skipped string `json:"skipped,omitempty"`
	// Settled: the owner has said that the units of a skipped order are no
	// longer inside the POS's on hand, or never were (LZD-32).
	Settled    bool           `json:"settled,omitempty"`
	CustomerID string         `json:"customer_id,omitempty"`
	POS        POSDoc         `json:"pos,omitzero"`
	Lines      []LineState    `json:"lines,omitempty"`
	Packages   []PackageState `json:"packages,omitempty"`
	Problems   []Problem      `json:"problems,omitempty"`
}

// POSDoc is a document of ours in the POS.
type POSDoc struct {
	ID     string      `json:"id,omitempty"`
	Code   string      `json:"code,omitempty"`
	Status OrderStatus `json:"status,omitempty"`
	// BranchID stays what it was when a connection changes its branch.
	BranchID string `json:"branch_id,omitempty"`
	// Lines are what the document holds, as the POS answered.
	Lines []DocLine `json:"lines,omitempty"`
	Total Money     `json:"total,omitempty"`
}

// LineState is one line through its life.
type LineState struct {
	ID   string `json:"id"`
	Code SKU    `json:"code"`
	// ProductID is the product that the line was imported as: from then on a new
	// code of the product changes nothing.
	ProductID string `json:"product_id,omitempty"`
	Qty       Qty    `json:"qty"`
	Stage     Stage  `json:"stage"`
	Raw       string `json:"raw,omitempty"`
	Package   string `json:"package,omitempty"`
	// First is the stage at which the hub met the line.
	First Stage `json:"first"`
	// Reached is the furthest stage, cancellation aside: a line cancelled at
	// Ready may be out of the house (stock-and-returns.md §1, row 9).
	Reached Stage      `json:"reached"`
	Key     ListingKey `json:"key,omitzero"`
	Foreign bool       `json:"foreign,omitempty"`
}

// PackageState is one package and its invoice.
type PackageState struct {
	ID       string     `json:"id"`
	Stage    Stage      `json:"stage"`
	Tracking string     `json:"tracking,omitempty"`
	Number   int        `json:"number"` // of the invoice code: 1 for the first package
	Invoice  InvoiceDoc `json:"invoice,omitzero"`
}

// InvoiceDoc is the POS invoice of a package.
type InvoiceDoc struct {
	ID        string        `json:"id,omitempty"`
	Code      string        `json:"code,omitempty"`
	Status    InvoiceStatus `json:"status,omitempty"`
	Delivery  Delivery      `json:"delivery,omitempty"`
	COD       bool          `json:"cod,omitempty"`
	CODAmount Money         `json:"cod_amount,omitempty"`
	Lines     []DocLine     `json:"lines,omitempty"`
	Total     Money         `json:"total,omitempty"`
	// WantCOD is what should be collected.
	WantCOD Money `json:"want_cod,omitempty"`
	// Asked is what was last written and accepted, so that a POS that accepts
	// a write and ignores it is asked once, not for ever.
	Asked DeliveryAsk `json:"asked,omitzero"`
}

// DeliveryAsk is what one write of an invoice's delivery asks for.
type DeliveryAsk struct {
	Delivery Delivery `json:"delivery,omitempty"`
	COD      Money    `json:"cod,omitempty"`
}

// Live tells whether an invoice exists and counts.
func (d InvoiceDoc) Live() bool { return d.ID != "" && d.Status != InvoiceCancelled }

// Package returns the state of a package.
func (s OrderState) Package(id string) (PackageState, bool) {
	for _, p := range s.Packages {
		if p.ID == id {
			return p, true
		}
	}
	return PackageState{}, false
}

// IntentKind is a change that is to be made in the POS.
type IntentKind string

const (
	CreateCustomer IntentKind = "customer.create"
	CreateOrder    IntentKind = "order.create"
	UpdateOrder    IntentKind = "order.update"
	CancelOrder    IntentKind = "order.cancel"
	CreateInvoice  IntentKind = "invoice.create"
	SetDelivery    IntentKind = "invoice.delivery"
)

// Intent is one change that a decision wants. It is committed before it is
// carried out (stock-and-returns.md §2).
type Intent struct {
	Kind IntentKind `json:"kind"`
	// Part tells intents of one kind apart within an order: the package.
	Part string `json:"part,omitempty"`
	Rule string `json:"rule,omitempty"`
	// One of these is what is wanted.
	Customer *Customer `json:"customer,omitempty"`
	Order    *POSOrder `json:"order,omitempty"`
	Invoice  *Invoice  `json:"invoice,omitempty"`
	// Before is what the hub knew of the stock that the change will move, taken
	// right before the call: with it the echo of our own document is known from
	// somebody else's sale.
	Before []Level `json:"before,omitempty"`
}

// Key is unique among the open intents of one order.
func (i Intent) Key() string {
	if i.Part == "" {
		return string(i.Kind)
	}
	return string(i.Kind) + ":" + i.Part
}

// Formula is how a connection's stock number is made.
type Formula struct {
	// Main branches count on hand, Secondary ones available (on hand less what
	// people reserved): LZD-12, HRV-15.
	Main      []string
	Secondary []string
	Percent   int64 // of what is there; 0 means 100
	Buffer    int64 // whole units kept back
	Cap       int64 // at most so many; 0 means no cap
}

// Allocation is what one order line takes from the stock of a base product.
type Allocation struct {
	LineID    string
	ProductID string // base product
	BranchID  string
	// Promised units still lie inside the POS's on hand and are promised or out
	// of the house.
	Promised Qty
	// Reserved units are inside the POS's own reserved number because the hub
	// imported their order.
	Reserved Qty
	// Own is how many whole units of the listing the channel itself subtracts.
	Key ListingKey
	Own int64
}

// Guard keeps a typing mistake from reaching buyers (stock-and-returns.md §5).
type Guard struct {
	Last      Prices // what was last sent; zero if nothing was
	Change    int64  // percent of change that waits for a click; 0 means 50
	Confirmed bool   // somebody clicked
}

// Prices travel together.
type Prices struct {
	List    Money     `json:"list"`
	Special Money     `json:"special"`
	From    time.Time `json:"from,omitzero"`
	To      time.Time `json:"to,omitzero"`
}
