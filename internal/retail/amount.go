package retail

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Money is an amount in whole đồng. The currency has no minor unit; platforms
// that send fractions are rounded at the wire, where the difference is
// reported.
type Money int64

// String writes 1.234.567 ₫.
func (m Money) String() string { return group(int64(m)) + " ₫" }

// Qty is a quantity in thousandths of a unit: half a kilo is 500.
type Qty int64

// One is a quantity of one.
const One Qty = 1000

// Units returns the quantity of n whole units.
func Units(n int64) Qty { return Qty(n) * One }

// Floor returns the whole units in q, rounded down, also below zero.
func (q Qty) Floor() int64 {
	n := int64(q / One)
	if q%One < 0 {
		n--
	}
	return n
}

// Times returns the price of q units, rounded half away from zero to whole
// đồng.
func (q Qty) Times(price Money) Money {
	product := int64(q) * int64(price)
	half := int64(One) / 2
	if product < 0 {
		half = -half
	}
	return Money((product + half) / int64(One))
}

// String writes 3 or 1,25: a decimal comma, no trailing zeros.
func (q Qty) String() string {
	sign, n := "", int64(q)
	if n < 0 {
		sign, n = "-", -n
	}
	whole, part := n/int64(One), n%int64(One)
	if part == 0 {
		return sign + group(whole)
	}
	return sign + group(whole) + "," + strings.TrimRight(fmt.Sprintf("%03d", part), "0")
}

func group(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "." + digits[i:]
	}
	return sign + digits
}

// SKU is a product code (mã hàng) or a channel's seller SKU, trimmed and in
// Unicode NFC, so that equal codes are equal strings (LZD-10).
type SKU string

// NewSKU normalises a code as it came from a platform.
func NewSKU(code string) SKU { return SKU(norm.NFC.String(strings.TrimSpace(code))) }

// Fold returns the form in which two codes that differ only in case or inner
// blanks are equal: a near miss, to be shown and never linked (LZD-10).
func (s SKU) Fold() string {
	return strings.ToLower(strings.Join(strings.Fields(string(s)), ""))
}
