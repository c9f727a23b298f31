package sandbox

import (
	"slices"
	"time"
)

// hanoi is the site time of Lazada Vietnam.
var hanoi = time.FixedZone("ICT", 7*3600)

// defaultWarehouse is what one-warehouse sellers have (§7.5, §12.2).
const defaultWarehouse = "dropshipping"

// app is the one registered application (§2.1).
type app struct {
	key, secret string
	redirectURI string // "" until set_app: every URI is accepted
	state       string // "online" or "test"
	permissions []string

	push pushSetup
}

type seller struct {
	id        int64
	name      string
	account   string
	shortCode string
	status    string // ACTIVE, INACTIVE, DELETED (§13)
	verified  bool
	ease      bool // Marketplace Ease Mode (§5.2 Mp3SellerApiLimit)

	warehouses []string // the first is the default
	products   []*product
	skus       map[int64]*sku
	orders     []*order
	byOrder    map[int64]*order
	items      map[int64]*item
	packages   map[string]*pkg
	packageIDs []string // in order of creation
	reverses   []*reverse
	grant      *token // newest access token, §14.1 "valid authorization"
}

// product is an "item" of Lazada's catalogue: one page with one or more SKUs.
type product struct {
	seller           *seller
	id               int64
	name             string
	status           string // Active, InActive, Deleted
	created, updated time.Time
	skus             []*sku
}

type sku struct {
	product   *product
	id        int64
	sellerSKU string
	variation string
	status    string // active, inactive, deleted
	price     int64
	special   int64 // 0: none
	from, to  time.Time
	bins      map[string]*bin // by warehouse
	campaign  campaign
}

// campaign is stock locked for a promotion of the platform (§11.3 channel
// inventory).
type campaign struct {
	locked   int64
	from, to time.Time
}

// running tells whether the campaign is under way, which forbids lower stock
// and other prices (§12.3 4170).
func (c campaign) running(now time.Time) bool {
	return c.locked > 0 && !now.Before(c.from) && (c.to.IsZero() || now.Before(c.to))
}

// lockedAt is the channel inventory at a moment: from the booking to the end.
func (c campaign) lockedAt(now time.Time) int64 {
	if !c.to.IsZero() && !now.Before(c.to) {
		return 0
	}
	return c.locked
}

// specialLive tells whether there is a promotion whose period has not ended.
func (k *sku) specialLive(now time.Time) bool {
	return k.special > 0 && (k.to.IsZero() || now.Before(k.to))
}

// sellingPrice is what a buyer pays (§12.4).
func (k *sku) sellingPrice(now time.Time) int64 {
	if k.specialLive(now) && !now.Before(k.from) {
		return k.special
	}
	return k.price
}

type buyer struct {
	id                               int64
	name, phone                      string
	street, ward, district, province string
}

// order is one checkout at one shop. It has no status of its own (§0.1).
type order struct {
	seller           *seller
	id               int64
	created, updated time.Time
	visible          time.Time // readable from then on (§15 no. 12)
	buyer            buyer
	payment          string
	note             string
	shippingFee      int64
	voucherSeller    int64
	voucherPlatform  int64
	items            []*item
}

func (o *order) price() int64 {
	var sum int64
	for _, it := range o.items {
		sum += it.price
	}
	return sum
}

// buyerPays is §7.10's first formula.
func (o *order) buyerPays() int64 {
	return o.price() - o.voucherSeller - o.voucherPlatform + o.shippingFee
}

// statuses are the distinct item statuses in order of first appearance.
func (o *order) statuses() []string {
	var out []string
	for _, it := range o.items {
		if !slices.Contains(out, it.status) {
			out = append(out, it.status)
		}
	}
	return out
}

func (o *order) item(id int64) *item {
	for _, it := range o.items {
		if it.id == id {
			return it
		}
	}
	return nil
}

// item is one unit of one SKU (§0.2).
type item struct {
	order *order
	id    int64
	sku   *sku

	// As they were when the buyer bought: a later rename changes nothing.
	sellerSKU, name, variation string
	warehouse                  string

	price                          int64
	voucherSeller, voucherPlatform int64
	shipping                       int64

	status  string
	history []string // every status so far, for Invariants
	updated time.Time
	holds   hold

	pkg *pkg // current package, nil when none is shown

	fbl, digital, sof bool
	orderType         string // Normal, PreSale
	finalPaymentOpen  bool   // pre-sale before its final payment (§15 no. 27)

	reason, reasonDetail, initiator string
	returnStatus                    string
	needConfirm, cancelPending      bool
	cancelAt                        time.Time
	reverse                         *reverseLine
}

func (it *item) paid() int64 { return it.price - it.voucherSeller - it.voucherPlatform }

// shippingType follows §7.6.
func (it *item) shippingType() string {
	if it.fbl {
		return "Warehouse"
	}
	return "Dropshipping"
}

// pkg is one package: a group of items of one order (§7.9).
type pkg struct {
	order     *order
	id        string
	tracking  string
	provider  string
	items     []*item // also those that have left it since
	cancelled bool
	packedAt  time.Time
	events    []traceEvent
}

// live are the items that are in the package now and are not canceled.
func (p *pkg) live() []*item {
	var out []*item
	for _, it := range p.items {
		if it.pkg == p && it.status != canceled && it.status != repacked {
			out = append(out, it)
		}
	}
	return out
}

// status is the least advanced status of its items that are not canceled
// (§7.9).
func (p *pkg) status() string {
	live := p.live()
	if len(live) == 0 {
		return canceled
	}
	least := live[0].status
	for _, it := range live[1:] {
		if advance[it.status] < advance[least] {
			least = it.status
		}
	}
	return least
}

// toCollect is §7.10's amount for a package.
func (p *pkg) toCollect() int64 {
	if p.order.payment != "COD" {
		return 0
	}
	var sum int64
	for _, it := range p.live() {
		sum += it.paid() + it.shipping
	}
	return sum
}

type traceEvent struct {
	at           time.Time
	code, detail string
}
