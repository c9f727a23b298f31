package retail

import "time"

// Why explains a number or a state: which rule made which value out of which
// inputs. It is stored as values and message keys, never as text, and drawn
// later in the reader's language.
type Why struct {
	Rule   string         `json:"rule,omitempty"` // "LZD-12"
	Key    string         `json:"key"`            // message: "stock.available"
	Value  string         `json:"value,omitempty"`
	Args   map[string]any `json:"args,omitempty"`
	At     time.Time      `json:"at,omitzero"`
	Inputs []Why          `json:"inputs,omitempty"`
}

// Problem is something that a person has to know or to do, as a message key
// with its values; text holds the words and the remedy.
type Problem struct {
	// Key names the message, for example "lazada.sku_ambiguous".
	Key string `json:"key"`
	// Object is what it is about: "order 4110…", "sku AO-DO-L".
	Object string         `json:"object,omitempty"`
	Args   map[string]any `json:"args,omitempty"`
	// Detail is the other side's own words, already free of secrets and
	// phones.
	Detail string `json:"detail,omitempty"`
}

// ID is equal for two reports of one problem, so that it is shown once.
func (p Problem) ID() string { return p.Key + "|" + p.Object }
