package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// input is what a call carries, bound as ServiceStack binds it (§3.2): path,
// query and body alike, names without regard to case, unknown names ignored,
// scalars coerced.
type input struct {
	c      *call
	values map[string]any // by lower-case name; objects inside are maps too
}

// indexSuffix is what PHP clients append to the names of arrays.
var indexSuffix = regexp.MustCompile(`\[\d*\]$`)

// bind reads a request. vars come from the path and win.
func bind(c *call, r *http.Request, vars map[string]string) (input, error) {
	in := input{c: c, values: map[string]any{}}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return in, err
	}
	in.addForm(r.URL.Query())
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case len(bytes.TrimSpace(body)) == 0:
	case kind == "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return in, err
		}
		in.addForm(values)
	default:
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		var tree any
		if err := dec.Decode(&tree); err != nil {
			return in, err
		}
		object, ok := lower(tree).(map[string]any)
		if !ok {
			return in, errors.New("the body is not an object")
		}
		for name, v := range object {
			in.values[name] = v
		}
	}
	for name, v := range vars {
		in.values[name] = v
	}
	return in, nil
}

func (in input) addForm(values url.Values) {
	for name, list := range values {
		name = strings.ToLower(indexSuffix.ReplaceAllString(name, ""))
		for _, v := range list {
			switch old := in.values[name].(type) {
			case nil:
				in.values[name] = v
			case []any:
				in.values[name] = append(old, v)
			default:
				in.values[name] = []any{old, v}
			}
		}
	}
}

// lower makes all names of a JSON tree lower-case.
func lower(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			out[strings.ToLower(name)] = lower(inner)
		}
		return out
	case []any:
		for i := range v {
			v[i] = lower(v[i])
		}
	}
	return v
}

func (in input) raw(name string) any { return in.values[strings.ToLower(name)] }

// has tells whether a member was sent and is not null.
func (in input) has(name string) bool { return in.raw(name) != nil }

func (in input) fail(name string, v any, want string) {
	in.c.bad = append(in.c.bad, fmt.Sprintf("%s: %v is not %s", name, v, want))
}

func (in input) text(name string) string {
	switch v := in.raw(name).(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		if len(v) > 0 {
			return input{c: in.c, values: map[string]any{"v": v[len(v)-1]}}.text("v")
		}
		return ""
	default:
		in.fail(name, v, "a text")
		return ""
	}
}

// number returns 0 for what is absent or empty.
func (in input) number(name string) decimal.Decimal {
	s := in.text(name)
	switch strings.ToLower(s) {
	case "", "false":
		return decimal.Zero
	case "true":
		return decimal.NewFromInt(1)
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		in.fail(name, s, "a number")
	}
	return d
}

// maybe returns nil for what is absent.
func (in input) maybe(name string) *decimal.Decimal {
	if !in.has(name) || in.text(name) == "" {
		return nil
	}
	d := in.number(name)
	return &d
}

func (in input) int(name string) int64 {
	d := in.number(name)
	if !d.IsInteger() {
		in.fail(name, d, "a whole number")
	}
	return d.IntPart()
}

// flag takes true, false, 1 and 0 (§3.2).
func (in input) flag(name string) bool {
	switch s := strings.ToLower(in.text(name)); s {
	case "true", "1", "on", "yes":
		return true
	case "", "false", "0", "off", "no":
	default:
		in.fail(name, s, "a boolean")
	}
	return false
}

// flagOr is flag with a default for what is absent.
func (in input) flagOr(name string, or bool) bool {
	if !in.has(name) {
		return or
	}
	return in.flag(name)
}

// list takes repeated names, names with [] and comma lists (§3.2).
func (in input) list(name string) []string {
	var out []string
	add := func(s string) {
		for part := range strings.SplitSeq(strings.Trim(s, "[]"), ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	if many, ok := in.raw(name).([]any); ok {
		for _, v := range many {
			add(fmt.Sprint(v))
		}
		return out
	}
	add(in.text(name))
	return out
}

func (in input) ints(name string) []int64 {
	var out []int64
	for _, s := range in.list(name) {
		d, err := decimal.NewFromString(s)
		if err != nil || !d.IsInteger() {
			in.fail(name, s, "a whole number")
			continue
		}
		out = append(out, d.IntPart())
	}
	return out
}

// child returns an object inside; ok is false if there is none.
func (in input) child(name string) (inner input, ok bool) {
	v := in.nested(name)
	m, ok := v.(map[string]any)
	if !ok && v != nil && v != "" {
		in.fail(name, v, "an object")
	}
	return input{c: in.c, values: m}, ok
}

// children returns the objects of an array. A single object counts as one: the
// docs draw detail arrays as objects.
func (in input) children(name string) []input {
	var out []input
	switch v := in.nested(name).(type) {
	case nil:
	case map[string]any:
		out = append(out, input{c: in.c, values: v})
	case []any:
		for _, e := range v {
			if m, ok := e.(map[string]any); ok {
				out = append(out, input{c: in.c, values: m})
			} else {
				in.fail(name, e, "an object")
			}
		}
	default:
		in.fail(name, v, "an array")
	}
	return out
}

// nested also unpacks JSON inside a text, which is how form bodies carry
// objects.
func (in input) nested(name string) any {
	v := in.raw(name)
	s, ok := v.(string)
	if !ok || !strings.HasPrefix(s, "{") && !strings.HasPrefix(s, "[") {
		return v
	}
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var tree any
	if dec.Decode(&tree) != nil {
		return v
	}
	return lower(tree)
}

// date returns the zero time for what is absent.
func (in input) date(name string) time.Time {
	s := in.text(name)
	if s == "" {
		return time.Time{}
	}
	t, hasZone, err := parseDate(s)
	if err != nil {
		in.fail(name, s, "a date")
		return t
	}
	if hasZone {
		// §3.4: nobody says which moment the server understands.
		in.c.warn(name + " was sent with an offset")
		if in.c.srv.desk.Is("zulu_dates", "local") {
			t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), vietnam)
		}
	}
	return t
}
