package lazada

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

const (
	country    = "vn"
	signInPath = "/oauth/authorize"
)

// signInURL is the page on which an owner chooses the account (§2.2, rule:
// LZD-02). force_auth makes it forget whom the browser signed in before.
func signInURL(app connector.Keys, redirect, state string) string {
	q := url.Values{
		"response_type": {"code"},
		"client_id":     {app.AppKey},
		"redirect_uri":  {redirect},
		"force_auth":    {"true"},
		"country":       {country},
		"state":         {state},
	}
	return defaultAuthBase + signInPath + "?" + q.Encode()
}

// wireToken is the answer of the token API (§2.3), which has no data member.
type wireToken struct {
	Access      text            `json:"access_token"`
	Refresh     text            `json:"refresh_token"`
	Expires     amount          `json:"expires_in"`
	RefreshEnds amount          `json:"refresh_expires_in"`
	Country     text            `json:"country"`
	Account     text            `json:"account"`
	Users       json.RawMessage `json:"country_user_info"`
	UserList    json.RawMessage `json:"country_user_info_list"` // the same in a refresh (§2.4)
}

type wireUser struct {
	Country   text `json:"country"`
	UserID    text `json:"user_id"`
	SellerID  text `json:"seller_id"`
	ShortCode text `json:"short_code"`
}

// exchange turns the code of the redirect into a grant (§2.3). It fails with
// Unauthorised where the owner has to sign in again: the code is single-use
// and lives 30 minutes.
func exchange(ctx context.Context, a connector.Account, callback map[string]string) (connector.Grant, error) {
	code := callback["code"]
	if code == "" {
		return connector.Grant{}, connector.Errorf(connector.Unauthorised, "lazada.sign_in_refused", "the sign-in page returned no code")
	}
	return token(ctx, a, "/auth/token/create", map[string]string{"code": code}, connector.Grant{})
}

// refresh brings a new pair of tokens (§2.4); whatever comes back is to be
// stored. It fails with Unauthorised, and without a call, where Lazada said
// that this grant cannot be refreshed (then Grant.Refresh is empty) or where
// the refresh token has run out.
func refresh(ctx context.Context, a connector.Account, old connector.Grant) (connector.Grant, error) {
	if old.Refresh == "" {
		return connector.Grant{}, connector.Errorf(connector.Unauthorised, "lazada.refresh_unsupported", "the grant has no refresh token")
	}
	if !old.RefreshUntil.IsZero() && !a.Now().Before(old.RefreshUntil) {
		return connector.Grant{}, connector.Errorf(connector.Unauthorised, "lazada.refresh_expired", "the refresh token ended at %s", old.RefreshUntil.UTC().Format(time.RFC3339))
	}
	return token(ctx, a, "/auth/token/refresh", map[string]string{"refresh_token": old.Refresh}, old)
}

func token(ctx context.Context, a connector.Account, path string, params map[string]string, old connector.Grant) (connector.Grant, error) {
	none := connector.Grant{}
	s := newSeller(a)
	asked := a.Now() // life is counted from before the call, to be on the safe side
	env, err := s.do(ctx, call{method: http.MethodPost, path: path, budget: tokenBudget, params: params, token: true})
	if err != nil {
		return none, err
	}
	var t wireToken
	if err := json.Unmarshal(env.body, &t); err != nil {
		return none, unreadable(path, false, err)
	}
	if t.Access == "" {
		return none, nothing(path)
	}
	g := connector.Grant{
		Access: string(t.Access), Refresh: string(t.Refresh),
		AccessUntil: asked.Add(seconds(t.Expires)),
		AccountID:   old.AccountID, AccountName: old.AccountName, OwnerID: old.OwnerID,
	}
	switch {
	case t.RefreshEnds.Money > 0:
		g.RefreshUntil = asked.Add(seconds(t.RefreshEnds))
	case t.RefreshEnds.known:
		g.Refresh = "" // 0: this one cannot be refreshed (§2.5)
	}
	users := t.users()
	if len(users) == 0 && old.AccountID != "" {
		return g, nil // a refresh may leave the list out
	}
	for _, u := range users {
		if !strings.EqualFold(string(u.Country), country) || u.SellerID == "" {
			continue
		}
		if old.AccountID != "" && old.AccountID != string(u.SellerID) {
			return none, connector.Errorf(connector.Unauthorised, "lazada.other_account", "the token belongs to another seller")
		}
		g.AccountID, g.OwnerID = string(u.SellerID), string(u.UserID)
		g.AccountName = string(first(t.Account, u.ShortCode, u.SellerID))
		return g, nil
	}
	return none, connector.Errorf(connector.Rejected, "lazada.wrong_country", "the account has no shop in Vietnam")
}

func seconds(a amount) time.Duration {
	return time.Duration(min(int64(a.Money), 100*366*86400)) * time.Second
}

// users reads the countries of an account under both names and in both shapes:
// an array, or an object by country (§2.3, ≠).
func (t wireToken) users() []wireUser {
	for _, raw := range []json.RawMessage{t.Users, t.UserList} {
		var many []wireUser
		if json.Unmarshal(raw, &many) == nil && len(many) > 0 {
			return many
		}
		var by map[string]wireUser
		if json.Unmarshal(raw, &by) == nil && len(by) > 0 {
			for code, u := range by {
				if u.Country == "" {
					u.Country = text(code)
				}
				many = append(many, u)
			}
			return many
		}
	}
	return nil
}

// days writes a duration for a message's arguments.
func days(d time.Duration) string { return strconv.Itoa(int(d / (24 * time.Hour))) }
