package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// flipped turns about half of the ids and amounts of an answer from numbers
// into strings and back, another half in every answer (§15 no. 2).
func flipped(text []byte, seed uint64, id string) []byte {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return text
	}
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				at := path + "/" + name
				if flips(name) && kit.Chance(seed, "type_flip", id, at) < 0.5 {
					v[name] = otherType(inner)
					continue
				}
				walk(inner, at)
			}
		case []any:
			for i, inner := range v {
				walk(inner, path+"/"+strconv.Itoa(i))
			}
		}
	}
	walk(v, "")
	return encode(v)
}

// flips tells whether a member is an id or an amount. Package ids are always
// strings (§6).
func flips(name string) bool {
	switch name {
	case "request_id", "package_id", "voucher_code", "short_code":
		return false
	case "price", "voucher", "order_number", "SkuId", "wallet_credits", "expires_in", "refresh_expires_in", "item_unit_price", "sellableQuantity", "Available", "quantity":
		return true
	}
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "_price") || strings.HasSuffix(name, "_amount") ||
		strings.HasPrefix(name, "shipping_fee") || strings.HasPrefix(name, "voucher_")
}

func otherType(v any) any {
	switch v := v.(type) {
	case json.Number:
		return v.String()
	case string:
		if _, err := strconv.ParseFloat(v, 64); err == nil && !strings.HasPrefix(v, "0") && fmt.Sprint(json.Number(v)) == v {
			return json.Number(v)
		}
	}
	return v
}
