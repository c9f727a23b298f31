package retail

import "time"

// ProductKind is what a product is made of.
type ProductKind string

const (
	Goods   ProductKind = "goods"
	Combo   ProductKind = "combo"   // its stock is that of its parts
	Service ProductKind = "service" // has no stock
)

// Product is one row of the POS's catalogue. A variant is a product; so is
// each unit of measure of a product.
type Product struct {
	ID       string
	Code     SKU
	Name     string // full name with attributes and unit
	Barcode  string
	Kind     ProductKind
	Unit     string
	Group    string // category name
	HeadID   string // the head of the variant family, "" for the head itself
	BaseID   string // the base unit that holds the stock, "" for itself
	Per      Qty    // base units in one of this; One for a base unit
	Parts    []Part // of a combo
	Price    Money  // the general price ("Bảng giá chung")
	Active   bool   // false: "ngừng kinh doanh"
	Removed  bool   // deleted in the POS
	Modified time.Time
	Levels   []Level // where the feed brings stock along
}

// Base is the product whose stock this one draws on.
func (p Product) Base() string {
	if p.BaseID != "" {
		return p.BaseID
	}
	return p.ID
}

// Part is one component of a combo.
type Part struct {
	ProductID string
	Qty       Qty // per one combo
}

// Level is the stock of one product at one branch, as the POS states it.
type Level struct {
	ProductID string
	BranchID  string
	OnHand    Qty // negative where the shop sells below zero
	Reserved  Qty // on open customer orders, ours included
	At        time.Time
}

// Branch is a stock location of the POS (chi nhánh).
type Branch struct{ ID, Name string }

// PriceBook is a named price list (bảng giá).
type PriceBook struct {
	ID       string
	Name     string
	Active   bool
	From     time.Time // zero: no beginning
	To       time.Time // zero: no end
	Branches []string  // empty: all
}

// GeneralBook is the ID of "Bảng giá chung", the product's base price.
const GeneralBook = "0"

// Applies tells whether the book counts at a branch at a moment (LZD-05).
func (b PriceBook) Applies(branch string, now time.Time) bool {
	if !b.Active || (!b.From.IsZero() && now.Before(b.From)) || (!b.To.IsZero() && !now.Before(b.To)) {
		return false
	}
	if len(b.Branches) == 0 {
		return true
	}
	for _, id := range b.Branches {
		if id == branch {
			return true
		}
	}
	return false
}

// PriceLine is one product's price in one book.
type PriceLine struct {
	BookID    string
	ProductID string
	Price     Money
	Removed   bool
}

// ListingKey identifies what a channel sells under one SKU. On Lazada: ItemId
// and SkuId, since a seller SKU may stand on several items.
type ListingKey struct{ ItemID, SKUID string }

// Listing is one SKU as the channel shows it.
type Listing struct {
	Key  ListingKey
	Code SKU // seller SKU
	// Raw is the seller SKU as the channel stores it, where that is not Code: the
	// channel itself compares characters.
	Raw     string
	Name    string
	Active  bool
	Removed bool
	Price   Money
	Special Money // 0: none
	// The channel's own stock words, in whole units. Total = Sellable +
	// Withheld + Occupied where the channel distinguishes them.
	Sellable, Withheld, Occupied int64
	Modified                     time.Time
}

// Total is sellable plus what the channel holds for its own open orders.
func (l Listing) Total() int64 { return l.Sellable + l.Withheld + l.Occupied }

// Link joins a product to what a channel sells.
type Link struct {
	ProductID string
	Key       ListingKey
}
