package lazada

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dongbo/dongbo/internal/retail"
)

// site is the time of Vietnam, which has no summer time. Order times carry
// their offset, promotion times do not (§6).
var site = time.FixedZone("+07", 7*3600)

// text is an id or a word, written as a string or as a number, also between
// two calls about the same order (§6, §15 quirk 2).
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	switch {
	case len(b) == 0 || string(b) == "null" || b[0] == '{' || b[0] == '[':
		*t = ""
	case b[0] == '"':
		return json.Unmarshal(b, (*string)(t))
	default:
		*t = text(b)
	}
	return nil
}

// amount is money or a count, written as a string or as a number. Fractions,
// which VND does not have, are rounded half away from zero.
type amount struct {
	retail.Money
	known bool // false: absent, null, empty or unreadable
}

func (a *amount) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	*a = amount{}
	if len(t) > 40 { // guards against an exponent bomb, as the bounds below do
		return nil
	}
	d, err := decimal.NewFromString(strings.TrimSpace(string(t)))
	if err != nil || d.Exponent() > 15 || d.Exponent() < -15 {
		return nil
	}
	if d = d.Round(0); d.Abs().GreaterThan(decimal.New(1, 15)) {
		return nil
	}
	*a = amount{Money: retail.Money(d.IntPart()), known: true}
	return nil
}

// flag is yes or no, written as 0/1, a boolean or either as a string (§6).
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	*f = flag(t == "1" || strings.EqualFold(string(t), "true"))
	return nil
}

// stamp is a moment in any of Lazada's notations (§6): with an offset, in site
// time, or Unix seconds or milliseconds. What is unreadable is zero.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(b []byte) error {
	var t text
	if err := t.UnmarshalJSON(b); err != nil {
		return err
	}
	s.Time = moment(string(t))
	return nil
}

// Above this a number of Unix time is milliseconds (§6).
const milliseconds = 100_000_000_000

func moment(s string) time.Time {
	s = strings.TrimSpace(s)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch {
		case n <= 0:
			return time.Time{}
		case n > milliseconds:
			return time.UnixMilli(n).UTC()
		default:
			return time.Unix(n, 0).UTC()
		}
	}
	for _, layout := range []string{"2006-01-02 15:04:05 -0700", time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, s, site); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// iso writes a moment as order and product queries take it.
func iso(at time.Time) string { return at.In(site).Format("2006-01-02T15:04:05-07:00") }

// wireOrder is §7.5, the part that we use.
type wireOrder struct {
	OrderID   text        `json:"order_id"`
	Number    text        `json:"order_number"`
	Created   stamp       `json:"created_at"`
	Updated   stamp       `json:"updated_at"`
	Price     amount      `json:"price"`
	Shipping  amount      `json:"shipping_fee"`
	Voucher   amount      `json:"voucher"`
	Payment   text        `json:"payment_method"`
	FirstName text        `json:"customer_first_name"`
	LastName  text        `json:"customer_last_name"`
	BuyerNote text        `json:"buyer_note"`
	Remarks   text        `json:"remarks"`
	ShipTo    wireAddress `json:"address_shipping"`
}

// wireAddress is part of §7.5. The district's name is misspelt in lists and
// right in the single order (§15 quirk 3).
type wireAddress struct {
	FirstName  text `json:"first_name"`
	LastName   text `json:"last_name"`
	Phone      text `json:"phone"`
	Phone2     text `json:"phone2"`
	Address1   text `json:"address1"`
	Address2   text `json:"address2"`
	Address3   text `json:"address3"`
	Address4   text `json:"address4"`
	Address5   text `json:"address5"`
	City       text `json:"city"`
	District   text `json:"addressDistrict"`
	DistrictSi text `json:"addressDsitrict"`
}

// UnmarshalJSON lets an address be absent in any way: null, "" or an array.
func (a *wireAddress) UnmarshalJSON(b []byte) error {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	type plain wireAddress
	return json.Unmarshal(b, (*plain)(a))
}

// wireItem is §7.6, the part that we use: one unit.
type wireItem struct {
	ID           text   `json:"order_item_id"`
	OrderID      text   `json:"order_id"`
	SKU          text   `json:"sku"`
	ShopSKU      text   `json:"shop_sku"`
	SKUID        text   `json:"sku_id"`
	ProductID    text   `json:"product_id"`
	Name         text   `json:"name"`
	Variation    text   `json:"variation"`
	Status       text   `json:"status"`
	Package      text   `json:"package_id"`
	Tracking     text   `json:"tracking_code"`
	Carrier      text   `json:"shipment_provider"`
	ShippingType text   `json:"shipping_type"`
	Price        amount `json:"item_price"`
	Paid         amount `json:"paid_price"`
	Voucher      amount `json:"voucher_amount"`
	Shipping     amount `json:"shipping_amount"`
	Reason       text   `json:"reason"`
	ReasonDetail text   `json:"reason_detail"`
	BuyerID      text   `json:"buyer_id"`
	IsFBL        flag   `json:"is_fbl"`
	IsDigital    flag   `json:"is_digital"`
}

// wireProduct is §11.1, the part that we use. Go matches member names without
// case, which suits their irregular case.
type wireProduct struct {
	ItemID     text           `json:"item_id"`
	Status     text           `json:"status"`
	Updated    stamp          `json:"updated_time"`
	Attributes wireAttributes `json:"attributes"`
	SKUs       []wireSKU      `json:"skus"`
}

type wireAttributes struct {
	Name text `json:"name"`
}

// wireSKU is one SKU of a product.
type wireSKU struct {
	SKUID      text            `json:"SkuId"`
	SellerSKU  text            `json:"SellerSku"`
	Status     text            `json:"Status"`
	Price      amount          `json:"price"`
	Special    amount          `json:"special_price"`
	From       text            `json:"special_from_time"`
	To         text            `json:"special_to_time"`
	Quantity   amount          `json:"quantity"`
	Available  amount          `json:"Available"`
	Warehouses []wireInventory `json:"multiWarehouseInventories"`
	SaleProp   map[string]text `json:"saleProp"`
}

type wireInventory struct {
	Sellable amount `json:"sellableQuantity"`
	Withheld amount `json:"withholdQuantity"`
	Occupied amount `json:"occupyQuantity"`
}
