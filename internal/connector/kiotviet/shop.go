package kiotviet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
)

const (
	apiAddress = "https://public.kiotapi.com"
	// timeout is above the 30 s that a POST /invoices may take (§4.6.6).
	timeout = 35 * time.Second
)

// shop calls KiotViet for one account. It holds no state.
type shop struct {
	account connector.Account
	rest    *rest.Client
}

func open(a connector.Account) shop {
	return shop{account: a, rest: &rest.Client{Account: a, Timeout: timeout}}
}

// retailer returns the shop's name as the header wants it, from what an owner
// enters: "tenshop", "tenshop.kiotviet.vn" or the whole address.
func retailer(k connector.Keys) string {
	name := strings.ToLower(strings.TrimSpace(k.Values["retailer"]))
	name = strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://")
	name, _, _ = strings.Cut(name, "/")
	return strings.TrimSuffix(name, ".kiotviet.vn")
}

// call is one request to the public API.
type call struct {
	method string
	route  string // for attempts and metrics: "GET /orders/{id}"
	path   string // "/orders/660777"
	query  url.Values
	body   any      // JSON; nil for none
	hide   []string // what the body says about a person
}

// get reads path; see send.
func (s shop) get(ctx context.Context, route, path string, query url.Values) ([]byte, error) {
	return s.send(ctx, call{method: http.MethodGet, route: "GET " + route, path: path, query: query})
}

// send makes a call and returns the body of its 2xx answer. Errors are
// classified; see fault.
func (s shop) send(ctx context.Context, c call) ([]byte, error) {
	write := c.method != http.MethodGet
	budget := getBudget
	if write {
		budget = writeBudget
	}
	answer, err := s.rest.Do(ctx, rest.Call{
		Budget: budget, Write: write, Route: c.route, Dead: dead,
		Build: func(token string) (*http.Request, error) { return s.request(c, token) },
	})
	if err != nil {
		return nil, err
	}
	if err := fault(answer, c.method, c.hide); err != nil {
		return nil, err
	}
	return answer.Body, nil
}

func (s shop) request(c call, token string) (*http.Request, error) {
	base := s.account.Base
	if base == "" {
		base = apiAddress
	}
	address := strings.TrimSuffix(base, "/") + c.path
	if len(c.query) > 0 {
		address += "?" + c.query.Encode()
	}
	var body []byte
	if c.body != nil {
		var err error
		if body, err = json.Marshal(c.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequest(c.method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address cannot be called") // err would quote it
	}
	req.Header.Set("Retailer", retailer(s.account.Keys))
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if c.body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	return req, nil
}

// object reads one object.
func object[T any](ctx context.Context, s shop, route, path string) (T, error) {
	return write[T](ctx, s, call{method: http.MethodGet, route: "GET " + route, path: path})
}

// write makes a call that answers with one object.
func write[T any](ctx context.Context, s shop, c call) (T, error) {
	var v T
	body, err := s.send(ctx, c)
	if err != nil {
		return v, err
	}
	if err := decodeObject(body, &v); err != nil {
		return v, unreadable(c.route, c.method != http.MethodGet, err)
	}
	return v, nil
}
