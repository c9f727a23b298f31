package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// priceQuantityUpdate is the call of §12 for prices, dates and total stock.
func (s *Server) priceQuantityUpdate(c *call) reply {
	switch s.desk.Value("campaign") {
	case "app_call_limit":
		return appCallLimit() // The first call to be switched off on campaign days (§0.15).
	case "901":
		return refused(isp, "901", "E901: The requested function is temporarily disabled")
	case "998":
		return refused(isp, "998", "E998: The API is disabled during the campaign")
	}
	return s.write(c, func(e element) (func(), *skuError) {
		setPrice, wrong := s.checkPrice(e.sku, priceFields{e.text("Price"), e.text("SalePrice"), e.text("SaleStartDate"), e.text("SaleEndDate")})
		if wrong != nil {
			return nil, wrong
		}
		totals, wrong := e.stockOf("Quantity", false)
		if wrong != nil {
			return nil, wrong
		}
		// SELLER_NOT_PERMITTED, per kind of write (§12.1).
		if len(totals) > 0 && s.desk.Is("seller_not_permitted", "on") || len(totals) == 0 && s.desk.Is("seller_not_permitted_price", "on") {
			return nil, &skuError{"Quantity", "", "SELLER_NOT_PERMITTED: the seller is not permitted to use this API"}
		}
		// Quantity is total: Lazada takes its own reservations off (§0.8).
		sellable := map[string]int64{}
		for warehouse, total := range totals {
			b := e.sku.bin(warehouse)
			sellable[warehouse] = total - b.withhold - b.occupy
			if sellable[warehouse] < 0 {
				return nil, &skuError{"Quantity", "", "negative sellable on channel inventory: the total is below what orders hold"}
			}
		}
		setStock, wrong := s.setStock(e.sku, sellable, "price_quantity/update")
		if wrong != nil {
			return nil, wrong
		}
		return func() { setPrice(); setStock() }, nil
	})
}

// priceFields are texts as they came; empty is unchanged (§12.2).
type priceFields struct{ price, special, from, to string }

// checkPrice applies §12.4. Both prices are compared after the change, so that
// a new list price is checked against the stored promotion too.
func (s *Server) checkPrice(k *sku, in priceFields) (apply func(), wrong *skuError) {
	price, special, from, to := k.price, k.special, k.from, k.to
	now := s.now()
	if in.price != "" {
		n, whole := wholeDong(in.price)
		switch {
		case !whole:
			return nil, &skuError{"Price", "4104", "PRICE_PRECISION_INVALID: The price must be a whole number"}
		case n <= 0:
			return nil, &skuError{"Price", "4118", "PRICE_IS_ZERO: The price must be greater than zero"}
		}
		price = n
	}
	if in.special != "" {
		n, whole := wholeDong(in.special)
		switch {
		case !whole:
			return nil, &skuError{"SalePrice", "4121", "SPECIAL_PRICE_PRECISION_INVALID: The special price must be a whole number"}
		case n <= 0:
			// Special prices cannot be removed by this call (§12.2).
			return nil, &skuError{"SalePrice", "4118", "PRICE_IS_ZERO: The special price must be greater than zero"}
		}
		special = n
		if in.from == "" && in.to == "" && (from.IsZero() || !to.After(now)) {
			from, to = now, permanent(now) // without dates: permanently valid
		}
	}
	for _, d := range []struct {
		text string
		into *time.Time
	}{{in.from, &from}, {in.to, &to}} {
		if d.text == "" {
			continue
		}
		at, err := siteDate(d.text)
		if err != nil {
			return nil, &skuError{"SaleStartDate", "17", "E017: \"" + d.text + "\" Invalid Date Format"}
		}
		*d.into = at
	}
	if special == 0 {
		from, to = k.from, k.to // dates alone make no promotion
	}
	if special > 0 && from.IsZero() {
		from = now
	}
	if special > 0 && to.IsZero() {
		to = permanent(from)
	}
	if special > 0 && from.After(to) {
		return nil, &skuError{"SaleStartDate", "4117", "SPECIAL_PRICE_FROM_DATE_AFTER_TO_DATE: The start date is after the end date"}
	}
	// A promotion whose end has passed limits nothing any more.
	if special > 0 && to.After(now) && in.price+in.special != "" {
		tooHigh := special > price || special == price && s.desk.Is("strict_special_price", "on")
		switch {
		case tooHigh:
			return nil, &skuError{"SalePrice", "4157", "BIZ_CHECK_SPECIAL_PRICE_GREATER_THAN_PRICE: The discount price must be cheaper than the regular price"}
		case special*5 < price && s.desk.Is("deep_discount_refused", "on"):
			return nil, &skuError{"SalePrice", "4119", "SPECIAL_PRICE_RATE_OUT_OF_RANGE: The discount must not exceed 80%"}
		}
	}
	if (price != k.price || special != k.special) && k.campaign.running(now) {
		return nil, &skuError{"Price", "", "THD_IC_ERR_F_IC_INFRA_PRODUCT_036: The product is under campaign participation and cannot be edited"}
	}
	return func() {
		if price != k.price || special != k.special || !from.Equal(k.from) || !to.Equal(k.to) {
			k.price, k.special, k.from, k.to = price, special, from, to
			k.product.updated = s.now()
		}
	}, nil
}

// wholeDong reads a price; decimals must be zero (§12.3 4104).
func wholeDong(text string) (n int64, whole bool) {
	number, decimals, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, err == nil && strings.Trim(decimals, "0") == ""
}

// siteDate reads the dates of §12.2 in site time.
func siteDate(text string) (time.Time, error) {
	if at, err := time.ParseInLocation(time.DateOnly, text, hanoi); err == nil {
		return at, nil
	}
	return time.ParseInLocation(time.DateTime, text, hanoi)
}
