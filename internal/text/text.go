// Package text holds the words that people read, in Vietnamese and English. A
// message is a key with values; the rooms below say keys, the pages say words.
//
// vi.json and en.json are flat: key → text with Go template values. A problem
// has two messages: "problem.KEY" says what happened, "problem.KEY.remedy" what
// to do about it.
package text

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

//go:embed vi.json en.json
var embedded embed.FS

// Lang is a language of the pages.
type Lang string

const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Langs lists the languages, the default first.
var Langs = []Lang{Vietnamese, English}

// Texts is every message in every language. It is immutable.
type Texts struct {
	printers map[Lang]*Printer
}

// New returns the messages of the hub and of the drivers, whose folders hold
// words.vi.json and words.en.json; nil folders are passed over.
func New(extra ...fs.FS) (*Texts, error) {
	bundle := i18n.NewBundle(language.Vietnamese)
	keys := map[Lang]map[string]bool{}
	for _, lang := range Langs {
		keys[lang] = map[string]bool{}
		load := func(f fs.FS, name string) error {
			b, err := fs.ReadFile(f, name)
			if err != nil {
				return fmt.Errorf("reading messages: %w", err)
			}
			file, err := bundle.ParseMessageFileBytes(b, "active."+string(lang)+".json")
			if err != nil {
				return fmt.Errorf("reading messages %s: %w", name, err)
			}
			for _, m := range file.Messages {
				keys[lang][m.ID] = true
			}
			return nil
		}
		if err := load(embedded, string(lang)+".json"); err != nil {
			return nil, err
		}
		for _, f := range extra {
			if f == nil {
				continue
			}
			if err := load(f, "words."+string(lang)+".json"); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	t := &Texts{printers: map[Lang]*Printer{}}
	for _, lang := range Langs {
		t.printers[lang] = &Printer{
			Lang: lang, keys: keys[lang],
			words:   i18n.NewLocalizer(bundle, string(lang)),
			numbers: message.NewPrinter(language.Make(string(lang))),
		}
	}
	return t, nil
}

// Printer returns the printer of a language; one that is unknown is Vietnamese.
func (t *Texts) Printer(lang Lang) *Printer {
	if p, ok := t.printers[lang]; ok {
		return p
	}
	return t.printers[Vietnamese]
}

// Printer prints in one language. It is immutable.
type Printer struct {
	Lang    Lang
	keys    map[string]bool
	words   *i18n.Localizer
	numbers *message.Printer
}

// Has tells whether a message exists in this language.
func (p *Printer) Has(key string) bool { return p.keys[key] }

// Keys lists the keys of this language.
func (p *Printer) Keys() []string { return slices.Sorted(maps.Keys(p.keys)) }

// T prints a message. One that is missing prints its key, so that somebody
// notices.
func (p *Printer) T(key string, args map[string]any) string {
	values := make(map[string]any, len(args))
	for k, v := range args {
		values[k] = p.value(v)
	}
	s, err := p.words.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: values})
	if s == "" && err != nil {
		return key
	}
	return strings.ReplaceAll(s, "<no value>", "…")
}

// Say is T with the values in pairs: name, value, name, value.
func (p *Printer) Say(key string, pairs ...any) string {
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return p.T(key, args)
}

// amount is what rules print into explanations: 1.234.567 ₫.
var amount = regexp.MustCompile(`^-?\d[\d.]*(?:,\d+)? ₫$`)

var stamp = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)

// value makes what was stored as JSON readable: whole numbers come back as
// floats, moments as text.
func (p *Printer) value(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return p.Number(int64(v))
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case int:
		return p.Number(int64(v))
	case int64:
		return p.Number(v)
	case time.Time:
		return p.Time(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = fmt.Sprint(p.value(x))
		}
		return strings.Join(parts, ", ")
	case []string:
		return strings.Join(v, ", ")
	case string:
		if amount.MatchString(v) {
			return p.Amount(v)
		}
		if stamp.MatchString(v) {
			if t, err := time.Parse(time.RFC3339, v); err == nil {
				return p.Time(t)
			}
		}
		return v
	}
	return v
}
