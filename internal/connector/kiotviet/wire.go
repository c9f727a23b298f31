package kiotviet

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/dongbo/dongbo/internal/retail"
)

// What travels on the wire differs from call to call in spelling and form, so
// every scalar has a type that takes each form that was seen (kiotviet.md §3.2,
// §3.3). encoding/json matches names in any letter case, which covers onhand /
// onHand and the PascalCase of webhooks and settings.

// vietnam is the zone of every date without one (§3.4). The country has no
// daylight saving.
var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// scalar returns the text of a JSON scalar; null is "".
func scalar(b []byte) (string, error) {
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0 || string(b) == "null":
		return "", nil
	case b[0] == '"':
		var s string
		err := json.Unmarshal(b, &s)
		return strings.TrimSpace(s), err
	case b[0] == '{' || b[0] == '[':
		return "", errors.New("an object or a list stands where a single value belongs")
	}
	return string(b), nil
}

// ident is an id: a number on the wire, sometimes in quotes; text with us.
type ident string

func (i *ident) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	*i = ident(strings.TrimSuffix(s, ".0"))
	return err
}

var digits = regexp.MustCompile(`^[1-9][0-9]{0,17}$|^0$`)

// MarshalJSON writes a number wherever it can, as the documentation types it.
func (i ident) MarshalJSON() ([]byte, error) {
	if digits.MatchString(string(i)) {
		return []byte(i), nil
	}
	return json.Marshal(string(i))
}

// some returns the id, "" where 0 stands for none.
func (i ident) some() string {
	if i == "0" {
		return ""
	}
	return string(i)
}

// real tells whether the id names a row; −1 marks a row of sums (§4.4).
func (i ident) real() bool { return i.some() != "" && !strings.HasPrefix(string(i), "-") }

// number parses a decimal and refuses sizes no shop has, so that 1e999999999
// costs nothing.
func number(b []byte) (decimal.Decimal, error) {
	s, err := scalar(b)
	if err != nil || s == "" {
		return decimal.Zero, err
	}
	if len(s) > 40 {
		return decimal.Zero, errors.New("a number of more than 40 characters")
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero, errors.New("a text stands where a number belongs")
	}
	switch digits := int64(d.NumDigits()) + int64(d.Exponent()); {
	case digits > 15:
		return decimal.Zero, errors.New("a number out of range")
	case digits < -15: // dust
		return decimal.Zero, nil
	}
	return d, nil
}

// amount is money, rounded half away from zero to whole đồng.
type amount retail.Money

func (a *amount) UnmarshalJSON(b []byte) error {
	d, err := number(b)
	*a = amount(d.Round(0).IntPart())
	return err
}

// quantity is a quantity in thousandths. KiotViet keeps doubles: what is finer
// than a thousandth is the dust of binary fractions and is rounded away.
type quantity retail.Qty

func (q *quantity) UnmarshalJSON(b []byte) error {
	d, err := number(b)
	*q = quantity(d.Shift(3).Round(0).IntPart())
	return err
}

// MarshalJSON writes 2 or 1.25.
func (q quantity) MarshalJSON() ([]byte, error) {
	return []byte(decimal.New(int64(q), -3).String()), nil
}

// ratio is a percentage.
type ratio struct{ decimal.Decimal }

func (r *ratio) UnmarshalJSON(b []byte) error {
	var err error
	r.Decimal, err = number(b)
	return err
}

// of returns r percent of m, in whole đồng.
func (r ratio) of(m retail.Money) retail.Money {
	return retail.Money(decimal.NewFromInt(int64(m)).Mul(r.Decimal).Shift(-2).Round(0).IntPart())
}

// code is a status number. One that cannot be read is unknown, never an error
// (§6).
type code int

func (c *code) UnmarshalJSON(b []byte) error {
	d, err := number(b)
	if err != nil {
		*c = -1
		return nil
	}
	*c = code(d.IntPart())
	return nil
}

// flag is a bool, also as 1 / 0 and in quotes.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	s, err := scalar(b)
	switch strings.ToLower(s) {
	case "true", "1":
		*f = true
	case "false", "0", "":
		*f = false
	default:
		return errors.Join(err, errors.New("neither true nor false"))
	}
	return err
}

// moment is a date, with or without a zone. One that cannot be read, and .NET's
// year 1, are the zero time: no decision hangs on a date alone.
type moment struct{ time.Time }

func (m *moment) UnmarshalJSON(b []byte) error {
	s, _ := scalar(b)
	m.Time = parseTime(s)
	return nil
}

func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, vietnam); err == nil {
			if t.Year() <= 1 {
				return time.Time{}
			}
			return t.UTC()
		}
	}
	return time.Time{}
}

// stamp writes a moment as requests want it: Vietnamese local time without
// offset, to the second, rounded down (§3.4).
func stamp(t time.Time) string { return t.In(vietnam).Format("2006-01-02T15:04:05") }

// list is an array; a single object, as parts of the documentation draw it,
// counts as one element (§8), null and absent as none.
type list[T any] []T

func (l *list[T]) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	*l = nil
	switch {
	case len(b) == 0 || string(b) == "null" || string(b) == `""`:
		return nil
	case b[0] == '[':
		return json.Unmarshal(b, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*l = list[T]{one}
	return nil
}

// envelope is what lists come in (§3.1). The ids of deleted rows have four
// spellings, and data may be missing when it is empty.
type envelope[T any] struct {
	Total      *code       `json:"total"`
	Data       *list[T]    `json:"data"`
	Timestamp  moment      `json:"timestamp"`
	RemoveID   list[ident] `json:"removeId"`
	RemoveIDs  list[ident] `json:"removeIds"`
	RemovedIDs list[ident] `json:"removedIds"`
	RemovedID  list[ident] `json:"removedId"`
}

// rows returns the data, nil where there is none.
func (e envelope[T]) rows() []T {
	if e.Data == nil {
		return nil
	}
	return *e.Data
}

// removed returns the ids of deleted rows, each once.
func (e envelope[T]) removed() []string {
	var out []string
	seen := map[string]bool{}
	for _, ids := range []list[ident]{e.RemoveID, e.RemoveIDs, e.RemovedIDs, e.RemovedID} {
		for _, id := range ids {
			if id.real() && !seen[string(id)] {
				seen[string(id)] = true
				out = append(out, string(id))
			}
		}
	}
	return out
}

// decodeList reads a list. An object that has neither total nor data is no list:
// taking it for an empty one would say "not there" of something that is.
func decodeList[T any](body []byte) (envelope[T], error) {
	var e envelope[T]
	if err := json.Unmarshal(body, &e); err != nil {
		return e, err
	}
	if e.Total == nil && e.Data == nil {
		return e, errors.New("neither total nor data")
	}
	return e, nil
}

// decodeObject reads a single object that has an id, flat or inside data
// (§3.3, §4.4).
func decodeObject(body []byte, into any) error {
	var outer struct {
		ID   ident
		Data json.RawMessage
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return err
	}
	var inner struct{ ID ident }
	if len(outer.Data) > 0 && outer.Data[0] == '{' && json.Unmarshal(outer.Data, &inner) == nil && inner.ID.real() {
		return json.Unmarshal(outer.Data, into)
	}
	if !outer.ID.real() {
		return errors.New("no id")
	}
	return json.Unmarshal(body, into)
}
