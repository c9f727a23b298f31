package lazada

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// call is one request to the API.
type call struct {
	method string // as documented; POST carries everything in a form body (§3.2)
	path   string // "/order/get", as it is signed
	budget string
	write  bool
	params map[string]string // empty values are not sent (§4.1)
	token  bool              // of the token API: other host, no access token
}

// envelope is every answer (§5.1). Which of Data and Result is filled depends
// on the API; the token API is flat and is decoded from Body.
type envelope struct {
	Code      text            `json:"code"`
	Type      text            `json:"type"`
	Message   text            `json:"message"`
	RequestID text            `json:"request_id"`
	Detail    json.RawMessage `json:"detail"`
	Data      json.RawMessage `json:"data"`
	Result    json.RawMessage `json:"result"`

	body []byte
	// at is the platform's time when it answered, ours before the call where
	// it does not tell.
	at time.Time
}

const success = "0"

// do carries out a call. The error classifies whatever is not code 0; the
// envelope is filled besides where there was one, because product writes
// report rows under an error code (§12.3).
func (s *seller) do(ctx context.Context, c call) (envelope, error) {
	at := s.account.Now()
	answer, err := s.client.Do(ctx, rest.Call{
		Budget: c.budget, Write: c.write, Route: c.method + " " + c.path,
		Anonymous: c.token, Dead: deadToken,
		Build: func(token string) (*http.Request, error) { return s.request(c, token) },
	})
	if err != nil {
		return envelope{}, err
	}
	if e := rest.Status(answer, c.write); e != nil {
		return envelope{}, e
	}
	env := envelope{body: answer.Body, at: at}
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		env.at = date
	}
	if err := json.Unmarshal(answer.Body, &env); err != nil || env.Code == "" {
		return envelope{}, unreadable(c.path, c.write, err)
	}
	if env.Code != success {
		return env, classify(env, c)
	}
	return env, nil
}

func (s *seller) request(c call, token string) (*http.Request, error) {
	base := strings.TrimRight(s.account.Base, "/")
	if base == "" {
		base = defaultBase
	}
	if c.token {
		base = authBase(s.account.AuthBase) + "/rest"
	}
	params := map[string]string{
		"app_key":     s.account.AppKey,
		"timestamp":   strconv.FormatInt(s.account.Now().UnixMilli(), 10),
		"sign_method": "sha256",
	}
	if token != "" {
		params["access_token"] = token
	}
	maps.Copy(params, c.params)
	maps.DeleteFunc(params, func(_, value string) bool { return value == "" })
	// A secret pasted with a trailing blank is a classic (§4.3).
	params["sign"] = sign(strings.TrimSpace(s.account.AppSecret), c.path, params)

	// Encode turns the + of a time's offset into %2B, which would otherwise
	// arrive as a blank and break the signature (§15, 29).
	values := url.Values{}
	for name, value := range params {
		values.Set(name, value)
	}
	if c.method == http.MethodGet {
		return http.NewRequest(http.MethodGet, base+c.path+"?"+values.Encode(), nil)
	}
	r, err := http.NewRequest(c.method, base+c.path, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return r, nil
}

func authBase(base string) string {
	if base == "" {
		return defaultAuthBase
	}
	return strings.TrimRight(strings.TrimSuffix(strings.TrimRight(base, "/"), signInPath), "/")
}

// deadToken recognises the answer to a dead access token, which comes with
// HTTP 200 (§5.1).
func deadToken(a rest.Answer) bool {
	if a.Status == http.StatusUnauthorized {
		return true
	}
	var env struct {
		Code text `json:"code"`
	}
	return json.Unmarshal(a.Body, &env) == nil && (env.Code == "IllegalAccessToken" || env.Code == "InvalidAccessToken")
}

// data decodes the member "data" into v. Code 0 with nothing inside happens
// now and then (§15, 22) and is Temporary.
func (e envelope) data(path string, v any) error {
	switch strings.TrimSpace(string(e.Data)) {
	case "", "null", "{}", `""`:
		return nothing(path)
	}
	if err := json.Unmarshal(e.Data, v); err != nil {
		return unreadable(path, false, err)
	}
	return nil
}

// nothing is an answer without content.
func nothing(path string) *connector.Error {
	return connector.Errorf(connector.Temporary, "lazada.empty_answer", "the answer of %s is empty", path)
}

// unreadable is an answer that is no answer: after a write its outcome is
// unknown.
func unreadable(path string, write bool, err error) *connector.Error {
	kind := connector.Temporary
	if write {
		kind = connector.Uncertain
	}
	if err == nil {
		err = fmt.Errorf("no code")
	}
	return &connector.Error{Kind: kind, Problem: retail.Problem{Key: "lazada.bad_answer"}, Err: fmt.Errorf("decoding the answer of %s: %w", path, shape(err))}
}

// shape keeps what kind of decoding error it was and drops the value, which
// may be a buyer's.
func shape(err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s has the wrong type", t.Field)
	}
	return fmt.Errorf("%s", rest.Redact(err.Error()))
}

// list renders values as the JSON array that list parameters take (§3.2).
func list[T any](values []T) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(values)
	return strings.TrimSpace(b.String())
}
