package kiotviet

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
)

// tokenAddress is where tokens come from; Account.AuthBase replaces it, with or
// without its path.
const (
	tokenAddress = "https://id.kiotviet.vn"
	tokenPath    = "/connect/token"
)

// defaultLife is the documented life of a token, for an answer that names none
// (kiotviet.md §2.3).
const defaultLife = 24 * time.Hour

// refresh gets a new token by client credentials (§2.1). There is no refresh
// token and no sign-in page, so the old grant plays no part. What a token says
// about the shop comes from its claims, which one client relies on (§2.2); a
// token that cannot be read is good all the same.
//
// Unauthorised if KiotViet does not know the pair.
func refresh(ctx context.Context, a connector.Account, _ connector.Grant) (connector.Grant, error) {
	address := strings.TrimSuffix(a.AuthBase, "/")
	if address == "" {
		address = tokenAddress
	}
	if !strings.HasSuffix(address, tokenPath) {
		address += tokenPath
	}
	form := url.Values{
		"scopes":        {"PublicApi.Access"},
		"grant_type":    {"client_credentials"},
		"client_id":     {strings.TrimSpace(a.Values["client_id"])},
		"client_secret": {strings.TrimSpace(a.Values["client_secret"])},
	}
	asked := a.Now()
	const route = "POST /connect/token"
	answer, err := open(a).rest.Do(ctx, rest.Call{
		Budget: tokenBudget, Route: route, Anonymous: true,
		Build: func(string) (*http.Request, error) {
			req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
			if err != nil {
				return nil, err
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set("Accept", "application/json")
			return req, nil
		},
	})
	if err != nil {
		return connector.Grant{}, err
	}
	var got struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   ident  `json:"expires_in"`
		Error       string `json:"error"`
	}
	bad := json.Unmarshal(answer.Body, &got)
	if answer.Status >= 400 && answer.Status < 500 && got.Error != "" {
		key := "kiotviet.token_refused"
		if got.Error == "invalid_client" {
			key = "kiotviet.wrong_credentials"
		}
		return connector.Grant{}, connector.Errorf(connector.Unauthorised, key, "%s: status %d %s", route, answer.Status, errorName(got.Error))
	}
	// A token that was made and lost does no harm: reads and writes of tokens
	// are alike.
	if err := fault(answer, http.MethodGet, nil); err != nil {
		return connector.Grant{}, err
	}
	if bad != nil || got.AccessToken == "" {
		return connector.Grant{}, connector.Errorf(connector.Temporary, "kiotviet.unreadable", "%s: no access token in the answer", route)
	}
	said := claimsOf(got.AccessToken)
	g := connector.Grant{
		Access: got.AccessToken, AccountID: said.RetailerID.some(), AccountName: said.RetailerCode,
		OwnerID: said.UserID.some(), AccessUntil: asked.Add(defaultLife),
	}
	if seconds, err := strconv.ParseInt(string(got.ExpiresIn), 10, 32); err == nil && seconds > 0 {
		g.AccessUntil = asked.Add(time.Duration(seconds) * time.Second)
	}
	if g.AccountName == "" {
		g.AccountName = retailer(a.Keys)
	}
	if g.AccountID == "" {
		g.AccountID = retailer(a.Keys)
	}
	return g, nil
}

// errorName keeps OAuth's words, which are lower-case names, and nothing else.
func errorName(s string) string {
	for _, r := range s {
		if r != '_' && (r < 'a' || r > 'z') {
			return ""
		}
	}
	return s
}

// claims are what a token says about the shop (§2.2).
type claims struct {
	RetailerCode string `json:"client_RetailerCode"`
	RetailerID   ident  `json:"client_RetailerId"`
	UserID       ident  `json:"client_UserId"`
}

// claimsOf reads a JWT without verifying it: it came from the issuer, and
// nothing is decided by it.
func claimsOf(token string) claims {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return claims{}
	}
	return c
}
