package sandbox

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// tree reads a JSON parameter of the fulfilment APIs, whose parser takes
// Python-style dictionaries too (§3.2).
func tree(text string) (map[string]any, error) {
	parse := func(text string) (out map[string]any, err error) {
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber()
		err = dec.Decode(&out)
		return out, err
	}
	out, err := parse(text)
	if err != nil {
		out, err = parse(strings.NewReplacer("'", "\"", "True", "true", "False", "false", "None", "null").Replace(text))
	}
	return out, err
}

// list reads a member that is an array, or the one thing that stands for it.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

// text renders a member, "" if it is absent.
func text(v any) string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(fmt.Sprint(v))
}

// number reads an id that came as number or string, 0 if it is neither.
func number(v any) int64 {
	n, _ := strconv.ParseInt(text(v), 10, 64)
	return n
}

func members(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
