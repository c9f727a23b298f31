package sandbox

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// object is a JSON object whose members keep their order: webhook data must
// begin with __type (§5.3), and answers are easier to read when they look like
// the captures.
type object []member

type member struct {
	name  string
	value any
}

// obj builds an object from name, value pairs. A nil value leaves the member
// out, because null properties are omitted from answers (§3.3).
func obj(pairs ...any) object {
	o := make(object, 0, len(pairs)/2)
	return o.with(pairs...)
}

func (o object) with(pairs ...any) object {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			o = append(o, member{pairs[i].(string), pairs[i+1]})
		}
	}
	return o
}

// The following turn zero values into "absent".

func ifText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func ifID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func ifNumber(d *decimal.Decimal) any {
	if d == nil {
		return nil
	}
	return *d
}

// encode writes compact JSON without escaping non-ASCII or <>&, and whole
// numbers without trailing zeros, so that a receiver which verifies a
// re-serialised body agrees with one that verifies the raw bytes (§5.5).
func encode(v any) []byte { return appendJSON(nil, v) }

func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case decimal.Decimal:
		return append(b, v.String()...)
	case string:
		return appendText(b, v)
	case object:
		b = append(b, '{')
		for i, m := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, m.name)
			b = append(b, ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case []object:
		return appendList(b, v)
	case []any:
		return appendList(b, v)
	case []string:
		return appendList(b, v)
	case []int64:
		return appendList(b, v)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		// Only values made in this package come here.
		panic("sandbox: " + err.Error())
	}
	return append(b, raw...)
}

func appendList[T any](b []byte, list []T) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, v)
	}
	return append(b, ']')
}

const hexDigits = "0123456789abcdef"

func appendText(b []byte, s string) []byte {
	s = strings.ToValidUTF8(s, "�")
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < 0x20:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// mapRows applies show to every row.
func mapRows[T any](rows []T, show func(T) object) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		out = append(out, show(r))
	}
	return out
}
