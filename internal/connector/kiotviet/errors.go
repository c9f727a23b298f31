package kiotviet

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// refusal is the body of an error: ServiceStack's envelope or a bare message
// (kiotviet.md §3.6).
type refusal struct {
	Message        string
	ResponseStatus struct {
		ErrorCode string
		Message   string
		Errors    list[struct{ ErrorCode, FieldName, Message string }]
	}
}

// code is the name of the exception, "" if there is none.
func (r refusal) code() string { return r.ResponseStatus.ErrorCode }

// text is KiotViet's own sentence.
func (r refusal) text() string {
	for _, s := range []string{r.ResponseStatus.Message, r.Message} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	for _, e := range r.ResponseStatus.Errors {
		if e.Message != "" {
			return e.Message
		}
	}
	return ""
}

func refusalOf(body []byte) refusal {
	var r refusal
	_ = json.Unmarshal(body, &r) // what is not JSON has no message
	return r
}

// wrongRetailer is the exception for a Retailer header that does not belong to
// the token. §2.5 marks status and name as unknown; the name is the family's.
const wrongRetailer = "KvUnauthorizedException"

// dead tells whether an answer says that the token is no longer valid. A wrong
// retailer is not cured by another token.
func dead(a rest.Answer) bool {
	if a.Status < 400 {
		return false
	}
	r := refusalOf(a.Body)
	return r.code() == "TokenException" || a.Status == http.StatusUnauthorized && r.code() != wrongRetailer
}

// gates are the shop settings whose absence refuses a call (§3.8), by the words
// of the refusal. The longer names come first.
var gates = []struct{ words, key string }{
	{"cho phép bán hàng khi hết tồn kho", "kiotviet.selling_out_of_stock_off"},
	{"cho phép đặt hàng khi hết tồn kho", "kiotviet.ordering_out_of_stock_off"},
	{"cho phép đặt hàng", "kiotviet.ordering_off"},
	{"sử dụng tính năng giao hàng", "kiotviet.delivery_off"},
	{"quản lý thu hộ tiền", "kiotviet.cod_off"},
	{"thay đổi thời gian bán hàng", "kiotviet.backdating_off"},
	{"chưa bật thu khác", "kiotviet.surcharge_off"},
}

var (
	settingOff = regexp.MustCompile(`(?i)thiết lập\s*[“"'«](.+?)[”"'»].*không được bật`)
	noRight    = regexp.MustCompile(`(?i)không có quyền\s*(.*)`)
)

// defaultPause is how long a 429 without Retry-After is obeyed. No such answer
// was ever captured (§3.7); the budget is by the hour, so a minute frees 75
// calls of ours.
const defaultPause = time.Minute

// fault classifies an answer that is not 2xx; nil for 2xx. private lists what
// the call sent about a person: KiotViet's words are quoted without it.
func fault(a rest.Answer, method string, private []string) error {
	write := method != http.MethodGet
	base := rest.Status(a, write)
	if base == nil {
		return nil
	}
	r := refusalOf(a.Body)
	e := &connector.Error{
		Kind:    base.Kind,
		After:   base.After,
		Problem: retail.Problem{Key: base.Problem.Key, Args: base.Problem.Args, Detail: quote(r.text(), private)},
		Err:     fmt.Errorf("status %d %s", a.Status, word(r.code())),
	}
	switch {
	case a.Status == http.StatusTooManyRequests:
		e.Problem.Key = "kiotviet.throttled"
		if e.After == 0 {
			e.After = defaultPause
		}
	case r.code() == wrongRetailer && !noRight.MatchString(r.text()):
		e.Kind, e.Problem.Key = connector.Unauthorised, "kiotviet.wrong_retailer"
	case strings.Contains(strings.ToLower(r.text()), "đã tồn tại"):
		// 420 or 500 (§3.6): the one refusal that is believed of a 500, since
		// KiotViet says it of a second webhook.
		e.Kind, e.Problem.Key = connector.Exists, "kiotviet.exists"
	case a.Status >= 500 || a.Status == http.StatusRequestTimeout:
		e.Kind, e.Problem.Key = connector.Temporary, "kiotviet.down"
		if write {
			e.Kind, e.Problem.Key = connector.Uncertain, "kiotviet.unclear"
		}
	case a.Status == http.StatusNotFound:
		// An unknown route, never an unknown object (§3.6).
		e.Kind, e.Problem.Key = connector.Temporary, "kiotviet.wrong_address"
	default:
		business(e, r.text(), method, private)
	}
	return e
}

// business sorts the refusals of KiotViet's own rules, mostly status 420.
func business(e *connector.Error, text, method string, private []string) {
	folded := strings.ToLower(text)
	for _, g := range gates {
		if strings.Contains(folded, g.words) && (strings.Contains(folded, "không được bật") || strings.HasPrefix(g.words, "chưa bật")) {
			e.Kind, e.Problem.Key = connector.Forbidden, g.key
			return
		}
	}
	switch {
	case settingOff.MatchString(text):
		e.Kind, e.Problem.Key = connector.Forbidden, "kiotviet.setting_off"
		e.Problem.Args = map[string]any{"setting": quote(settingOff.FindStringSubmatch(text)[1], private)}
	case noRight.MatchString(text):
		right := strings.Trim(noRight.FindStringSubmatch(text)[1], " .")
		e.Kind, e.Problem.Key = connector.Forbidden, "kiotviet.permission"
		e.Problem.Args = map[string]any{"permission": quote(right, private)}
	case strings.Contains(folded, "không tồn tại") && method == http.MethodPost:
		// What does not exist is not the document to be made but something
		// that it names: a deleted product, customer or order.
		e.Kind, e.Problem.Key = connector.Rejected, "kiotviet.part_missing"
	case strings.Contains(folded, "không tồn tại"):
		e.Kind, e.Problem.Key = connector.NotFound, "kiotviet.not_found"
	case e.Kind == connector.Rejected:
		e.Problem.Key = "kiotviet.refused"
		e.Problem.Args = nil
	}
}

// unreadable reports a 2xx answer that is not what the documentation says:
// nothing is known from it.
func unreadable(route string, write bool, err error) error {
	kind := connector.Temporary
	if write {
		kind = connector.Uncertain
	}
	return connector.Errorf(kind, "kiotviet.unreadable", "reading the answer of %s: %w", route, withoutValues(err))
}

// withoutValues drops what a JSON error quotes, which may be personal.
func withoutValues(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: a %s is not a %s", e.Field, firstWord(e.Value), e.Type)
	}
	return errors.New(rest.Redact(err.Error()))
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

var exceptionName = regexp.MustCompile(`^[A-Za-z]{1,60}$`)

// word returns an exception's name, "" if it is none.
func word(s string) string {
	if exceptionName.MatchString(s) {
		return s
	}
	return ""
}

const longestQuote = 300 // characters

// quote prepares KiotViet's words for errors and history: without phone
// numbers and secrets, without what we sent about a person, and short.
func quote(text string, private []string) string {
	for _, p := range private {
		if p = strings.TrimSpace(p); utf8.RuneCountInString(p) > 1 {
			text = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(p)).ReplaceAllString(text, "•••")
		}
	}
	text = rest.Redact(text)
	if runes := []rune(text); len(runes) > longestQuote {
		text = string(runes[:longestQuote]) + "…"
	}
	return text
}
