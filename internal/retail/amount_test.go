package retail_test

import (
	"math/big"
	"testing"

	"github.com/dongbo/dongbo/internal/retail"
	"pgregory.net/rapid"
)

func TestMoneyIsWrittenAsPeopleReadIt(t *testing.T) {
	for m, want := range map[retail.Money]string{
		0: "0 ₫", 7: "7 ₫", 999: "999 ₫", 1_000: "1.000 ₫", 12_345: "12.345 ₫", 123_456: "123.456 ₫", 1_234_567: "1.234.567 ₫",
		-1: "-1 ₫", -999: "-999 ₫", -1_000: "-1.000 ₫", -123_456: "-123.456 ₫", 9_223_372_036_854_775_807: "9.223.372.036.854.775.807 ₫",
	} {
		if got := m.String(); got != want {
			t.Errorf("%d is written %q, not %q", int64(m), got, want)
		}
	}
}

func TestQuantitiesAreWrittenWithADecimalComma(t *testing.T) {
	for q, want := range map[retail.Qty]string{
		0: "0", retail.One: "1", retail.Units(12): "12", retail.Units(1_234): "1.234", 500: "0,5", 1_250: "1,25", 1_005: "1,005", 1: "0,001",
		-500: "-0,5", -1_250: "-1,25", retail.Units(-3): "-3", 1_234_500: "1.234,5",
	} {
		if got := q.String(); got != want {
			t.Errorf("%d thousandths are written %q, not %q", int64(q), got, want)
		}
	}
}

func TestWholeUnitsAreRoundedDownAlsoBelowZero(t *testing.T) {
	for q, want := range map[retail.Qty]int64{0: 0, 1: 0, 999: 0, 1_000: 1, 1_999: 1, -1: -1, -999: -1, -1_000: -1, -1_001: -2} {
		if got := q.Floor(); got != want {
			t.Errorf("%s has %d whole units, not %d", q, got, want)
		}
	}
}

func TestPricesOfPartsAreRoundedHalfAwayFromZero(t *testing.T) {
	for _, c := range []struct {
		q     retail.Qty
		price retail.Money
		want  retail.Money
	}{
		{retail.One, 99_999, 99_999}, {retail.Units(3), 33_333, 99_999}, {500, 3, 2}, {500, 1, 1}, {499, 1, 0}, {250, 3, 1}, {1_500, 33_333, 50_000},
		{500, -3, -2}, {-500, 3, -2}, {-500, -3, 2}, {0, 5, 0},
	} {
		if got := c.q.Times(c.price); got != c.want {
			t.Errorf("%s × %s = %s, not %s", c.q, c.price, got, c.want)
		}
	}
}

func TestRoundingIsNeverOffByMoreThanHalf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := retail.Qty(rapid.Int64Range(-1_000_000, 1_000_000).Draw(t, "quantity"))
		price := retail.Money(rapid.Int64Range(-100_000_000, 100_000_000).Draw(t, "price"))
		exact := big.NewRat(int64(q)*int64(price), 1000)
		off := new(big.Rat).Sub(exact, big.NewRat(int64(q.Times(price)), 1))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 {
			t.Fatalf("%s × %s = %s", q, price, q.Times(price))
		}
		if f := q.Floor(); retail.Units(f) > q || retail.Units(f+1) <= q {
			t.Fatalf("%s has %d whole units", q, f)
		}
		if retail.Units(5).Times(price) != 5*price {
			t.Fatalf("five times %s", price)
		}
	})
}

// rule: LZD-10
func TestLZD10CodesAreTrimmedAndInNFC(t *testing.T) {
	for code, want := range map[string]retail.SKU{
		"AO-1": "AO-1", "  AO-1\t\n": "AO-1", "\u00a0AO": "AO", "ao-1": "ao-1", "AO  1": "AO  1", " ": "",
		"A\u0301o": "Áo", "Áo": "Áo", "ĐO\u0309": "ĐỎ", "e\u0323\u0302": "ệ",
	} {
		if got := retail.NewSKU(code); got != want {
			t.Errorf("%q becomes %q, not %q", code, got, want)
		}
	}
	for _, near := range []string{"áo đỏ", "ÁO  ĐỎ", "Áođỏ", " áo\tđỏ"} {
		if got, want := retail.NewSKU(near).Fold(), retail.NewSKU("Áo Đỏ").Fold(); got != want {
			t.Errorf("%q folds to %q, not %q", near, got, want)
		}
	}
	if retail.NewSKU("AO").Fold() == retail.NewSKU("ÁO").Fold() {
		t.Error("an accent is not case")
	}
	rapid.Check(t, func(t *rapid.T) {
		once := retail.NewSKU(rapid.String().Draw(t, "code"))
		if twice := retail.NewSKU(string(once)); once != twice {
			t.Fatalf("%q is not stable: %q", once, twice)
		}
	})
}
