package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Listing is one SKU of a channel with what the hub wants it to show.
type Listing struct {
	Connection string
	Key        retail.ListingKey
	Code       retail.SKU
	Name       string
	Link       string // rule.LinkState
	ProductID  string
	Near       retail.SKU
	Seen       retail.Listing

	// Stock: what may be sold, what the channel itself subtracts, the newest
	// fact behind it, and what was last accepted (-1: nothing yet).
	WantSellable, WantOwn int64
	WantAt                time.Time
	StockSeq              int64
	StockDirty            bool
	StockWhy              retail.Why
	SentStock             int64
	SentAt                time.Time

	WantPrices retail.Prices
	PriceSeq   int64
	PriceDirty bool
	PriceWhy   retail.Why
	SentPrices retail.Prices

	Attempts  int64
	NotBefore time.Time
}

const listingColumns = `connection_id, item_id, sku_id, code, name, link, product_id, near, seen,
	want_sellable, want_own, want_at, stock_seq, stock_dirty, stock_why, sent_stock, sent_at,
	want_prices, price_seq, price_dirty, price_why, sent_prices, attempts, not_before`

func scanListing(s scanner) (Listing, error) {
	var l Listing
	var seen, stockWhy, wantPrices, priceWhy, sentPrices string
	var wantAt, sentAt, notBefore, stockDirty, priceDirty int64
	err := s.Scan(&l.Connection, &l.Key.ItemID, &l.Key.SKUID, &l.Code, &l.Name, &l.Link, &l.ProductID, &l.Near, &seen,
		&l.WantSellable, &l.WantOwn, &wantAt, &l.StockSeq, &stockDirty, &stockWhy, &l.SentStock, &sentAt,
		&wantPrices, &l.PriceSeq, &priceDirty, &priceWhy, &sentPrices, &l.Attempts, &notBefore)
	if err != nil {
		return l, err
	}
	l.WantAt, l.SentAt, l.NotBefore = instant(wantAt), instant(sentAt), instant(notBefore)
	l.StockDirty, l.PriceDirty = stockDirty == 1, priceDirty == 1
	for _, d := range []struct {
		doc  string
		into any
	}{{seen, &l.Seen}, {stockWhy, &l.StockWhy}, {wantPrices, &l.WantPrices}, {priceWhy, &l.PriceWhy}, {sentPrices, &l.SentPrices}} {
		if err := parse(d.doc, d.into); err != nil {
			return l, err
		}
	}
	return l, nil
}

// SeeListing stores what the channel shows and leaves what the hub wants.
func (w Writer) SeeListing(connection string, seen retail.Listing) error {
	return w.exec("storing listing", `INSERT INTO listings (shop_id, `+listingColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', '', $7, 0, 0, 0, 0, 0, '', -1, 0, '', 0, 0, '', '', 0, 0)
		ON CONFLICT (shop_id, connection_id, item_id, sku_id) DO UPDATE SET code = excluded.code, name = excluded.name, seen = excluded.seen`,
		w.shop, connection, seen.Key.ItemID, seen.Key.SKUID, string(seen.Code), seen.Name, document(seen))
}

// DropListing forgets a listing that the channel no longer has.
func (w Writer) DropListing(connection string, key retail.ListingKey) error {
	return w.exec("forgetting listing", `DELETE FROM listings WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, connection, key.ItemID, key.SKUID)
}

// LinkListing stores the verdict of matching.
func (w Writer) LinkListing(connection string, key retail.ListingKey, link, productID string, near retail.SKU) error {
	return w.exec("linking listing", `UPDATE listings SET link = $5, product_id = $6, near = $7
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, connection, key.ItemID, key.SKUID, link, productID, string(near))
}

// WantStock stores what a listing should show and makes it due. The sequence
// moves, so that a push under way does not count for it.
func (w Writer) WantStock(l Listing, sellable, own int64, why retail.Why, at time.Time, dirty bool) error {
	return w.exec("wanting stock", `UPDATE listings SET want_sellable = $5, want_own = $6, stock_why = $7, want_at = $8,
		stock_seq = stock_seq + 1, stock_dirty = $9, attempts = 0, not_before = 0
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, sellable, own, document(why), micros(at), flag(dirty))
}

// WantPrices stores which prices a listing should show.
func (w Writer) WantPrices(l Listing, p retail.Prices, why retail.Why, dirty bool) error {
	return w.exec("wanting prices", `UPDATE listings SET want_prices = $5, price_why = $6, price_seq = price_seq + 1, price_dirty = $7,
		attempts = 0, not_before = 0
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, document(p), document(why), flag(dirty))
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// SentStock notes an accepted push; the listing is clean if nothing was wanted
// anew meanwhile.
func (w Writer) SentStock(l Listing, n int64, now time.Time) error {
	return w.exec("noting stock sent", `UPDATE listings SET sent_stock = $5, sent_at = $6, attempts = 0, not_before = 0,
		stock_dirty = CASE WHEN stock_seq = $7 THEN 0 ELSE stock_dirty END
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, n, micros(now), l.StockSeq)
}

// DoubtStock notes the least that the channel may show after a push whose
// outcome is unknown; the listing stays dirty.
func (w Writer) DoubtStock(l Listing, least int64) error {
	return w.exec("noting doubtful stock", `UPDATE listings SET sent_stock = $5
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, least)
}

// SentPrices notes an accepted push of prices.
func (w Writer) SentPrices(l Listing, p retail.Prices) error {
	return w.exec("noting prices sent", `UPDATE listings SET sent_prices = $5, attempts = 0, not_before = 0,
		price_dirty = CASE WHEN price_seq = $6 THEN 0 ELSE price_dirty END
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, document(p), l.PriceSeq)
}

// DelayListing puts a failed push off; it stays dirty.
func (w Writer) DelayListing(l Listing, until time.Time) error {
	return w.exec("putting a push off", `UPDATE listings SET attempts = attempts + 1, not_before = $5
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, micros(until))
}

// DelayListingOnly puts a push off that has not failed: it waits for something.
func (w Writer) DelayListingOnly(l Listing, until time.Time) error {
	return w.exec("putting a push off", `UPDATE listings SET not_before = $5
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`,
		w.shop, l.Connection, l.Key.ItemID, l.Key.SKUID, micros(until))
}

// DirtyStock claims listings whose stock is due.
func (r Reader) DirtyStock(connection string, now time.Time, limit int) ([]Listing, error) {
	return rows(r.v, "listing due stock", scanListing, `SELECT `+listingColumns+` FROM listings
		WHERE shop_id = $1 AND connection_id = $2 AND not_before <= $3 AND stock_dirty = 1 ORDER BY not_before, item_id, sku_id LIMIT $4`,
		r.shop, connection, micros(now), limit)
}

// DirtyPrices claims listings whose prices are due.
func (r Reader) DirtyPrices(connection string, now time.Time, limit int) ([]Listing, error) {
	return rows(r.v, "listing due prices", scanListing, `SELECT `+listingColumns+` FROM listings
		WHERE shop_id = $1 AND connection_id = $2 AND not_before <= $3 AND price_dirty = 1 ORDER BY not_before, item_id, sku_id LIMIT $4`,
		r.shop, connection, micros(now), limit)
}

// Listings lists a connection's listings.
func (r Reader) Listings(connection string) ([]Listing, error) {
	return rows(r.v, "listing listings", scanListing, `SELECT `+listingColumns+` FROM listings
		WHERE shop_id = $1 AND connection_id = $2 ORDER BY code, item_id, sku_id`, r.shop, connection)
}

// ListingsOfProduct lists, over all channels, the listings linked to a product.
func (r Reader) ListingsOfProduct(productID string) ([]Listing, error) {
	return rows(r.v, "listing listings", scanListing, `SELECT `+listingColumns+` FROM listings
		WHERE shop_id = $1 AND product_id = $2 ORDER BY connection_id, item_id, sku_id`, r.shop, productID)
}

// Listing returns one listing.
func (r Reader) Listing(connection string, key retail.ListingKey) (Listing, bool, error) {
	return one(r.v, "reading listing", scanListing, `SELECT `+listingColumns+` FROM listings
		WHERE shop_id = $1 AND connection_id = $2 AND item_id = $3 AND sku_id = $4`, r.shop, connection, key.ItemID, key.SKUID)
}
