package lazada

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
)

// rule: LZD-02
func TestSignInPage(t *testing.T) {
	u, err := url.Parse(signInURL(testApp, "https://hub.example/callback?a=1", "st&te"))
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"response_type": {"code"}, "client_id": {"900100"}, "redirect_uri": {"https://hub.example/callback?a=1"}, "force_auth": {"true"}, "country": {"vn"}, "state": {"st&te"}}
	if diff := cmp.Diff(want, u.Query()); diff != "" || u.Host != "auth.lazada.com" || u.Path != "/oauth/authorize" {
		t.Errorf("%s\n%s", u, diff)
	}
}

func tokenAnswer(users, life string) string {
	return `{"access_token":"a2","refresh_token":"r2","expires_in":"604800","refresh_expires_in":` + life + `,"country":"vn","account":"owner@example.vn","account_id":null,"account_platform":"seller_center",` + users + `"code":"0","request_id":"r"}`
}

func TestExchangeReadsEveryShape(t *testing.T) {
	for name, users := range map[string]string{
		"array":        `"country_user_info":[{"country":"sg","user_id":"1","seller_id":"2"},{"country":"vn","user_id":"200100300400","seller_id":"200177001","short_code":"VN1"}],`,
		"object":       `"country_user_info":{"vn":{"user_id":200100300400,"seller_id":200177001}},`,
		"the new name": `"country_user_info_list":[{"country":"VN","user_id":"200100300400","seller_id":"200177001"}],`,
	} {
		f := &fake{t: t, answer: func(path string, q url.Values) string {
			if path != "/auth/token/create" || q.Get("code") != "0_900100_x" || q.Has("access_token") {
				t.Errorf("asked %s %v", path, q)
			}
			return tokenAnswer(users, "2592000")
		}}
		got, err := exchange(t.Context(), f.account(), map[string]string{"code": "0_900100_x", "state": "s"})
		want := connector.Grant{
			Access: "a2", Refresh: "r2", AccessUntil: noon.Add(7 * 24 * time.Hour), RefreshUntil: noon.Add(30 * 24 * time.Hour),
			AccountID: "200177001", AccountName: "owner@example.vn", OwnerID: "200100300400",
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		if f.calls[0].method != "POST" || f.calls[0].inURL || f.spent[0] != tokenBudget {
			t.Errorf("%s: %+v %v", name, f.calls[0], f.spent)
		}
	}
}

func TestRefresh(t *testing.T) {
	old := connector.Grant{Access: "a1", Refresh: "r1", RefreshUntil: noon.Add(time.Hour), AccountID: "200177001", AccountName: "Shop", OwnerID: "7"}
	f := &fake{t: t, answer: func(path string, q url.Values) string {
		if path != "/auth/token/refresh" || q.Get("refresh_token") != "r1" {
			t.Errorf("asked %s %v", path, q)
		}
		return tokenAnswer("", "0")
	}}
	got, err := refresh(t.Context(), f.account(), old)
	want := connector.Grant{Access: "a2", AccessUntil: noon.Add(7 * 24 * time.Hour), AccountID: "200177001", AccountName: "Shop", OwnerID: "7"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("a life of 0 must leave no refresh token: %v\n%s", err, diff)
	}
	for name, c := range map[string]struct {
		old     connector.Grant
		answer  string
		kind    connector.Kind
		problem string
		calls   int
	}{
		"cannot be refreshed": {connector.Grant{}, "", connector.Unauthorised, "lazada.refresh_unsupported", 0},
		"has run out":         {connector.Grant{Refresh: "r", RefreshUntil: noon}, "", connector.Unauthorised, "lazada.refresh_expired", 0},
		"is refused":          {old, refuse("IllegalRefreshToken", "expired"), connector.Unauthorised, "lazada.refresh_expired", 1},
		"by the market":       {old, refuse("AUTH_TYPE_UNSUPPORTED", "market"), connector.Unauthorised, "lazada.refresh_unsupported", 1},
		"wrong secret":        {old, refuse("IncompleteSignature", "no"), connector.Rejected, "lazada.wrong_secret", 1},
		"another seller":      {old, tokenAnswer(`"country_user_info_list":[{"country":"vn","seller_id":"666"}],`, "9"), connector.Unauthorised, "lazada.other_account", 1},
		"no Vietnam":          {connector.Grant{Refresh: "r"}, tokenAnswer(`"country_user_info":[{"country":"sg","seller_id":"666"}],`, "9"), connector.Rejected, "lazada.wrong_country", 1},
		"lost":                {old, "", connector.Temporary, "connection.unreachable", 1},
	} {
		f := &fake{t: t, answer: func(string, url.Values) string { return c.answer }}
		_, err := refresh(t.Context(), f.account(), c.old)
		if connector.KindOf(err, true) != c.kind || problemOf(err) != c.problem || len(f.calls) != c.calls {
			t.Errorf("%s: %v after %d calls", name, err, len(f.calls))
		}
	}
	if _, err := exchange(t.Context(), f.account(), map[string]string{"error": "access_denied"}); problemOf(err) != "lazada.sign_in_refused" {
		t.Error(err)
	}
	bad := &fake{t: t, answer: func(string, url.Values) string { return refuse("InvalidCode", "used") }}
	if _, err := exchange(t.Context(), bad.account(), map[string]string{"code": "x"}); problemOf(err) != "lazada.code_expired" {
		t.Error(err)
	}
}

// The answer to a dead token has HTTP 200.
func TestDeadTokenIsRenewedOnce(t *testing.T) {
	f, shop := answering(t, func(_ string, q url.Values) string {
		if q.Get("access_token") == "token-1" {
			return refuse("IllegalAccessToken", "expired")
		}
		return ok(`{"count":0,"countTotal":0,"orders":[]}`)
	})
	if _, err := shop.Orders(t.Context(), ""); err != nil || f.renews != 1 || len(f.calls) != 2 {
		t.Errorf("%v after %d renewals and %d calls", err, f.renews, len(f.calls))
	}
	f, shop = answering(t, func(string, url.Values) string { return refuse("InvalidAccessToken", "expired") })
	if _, err := shop.Orders(t.Context(), ""); connector.KindOf(err, false) != connector.Unauthorised || f.renews != 1 || len(f.calls) != 2 {
		t.Errorf("%v after %d renewals and %d calls", err, f.renews, len(f.calls))
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		shop, warehouses, want string
		grant                  connector.Grant
	}{
		"all is well":  {`{"seller_id":200177001,"status":"ACTIVE","verified":true,"marketplaceEaseMode":false}`, `{"code":"0","result":{"module":[{"code":"dropshipping"}]}}`, "", connector.Grant{AccountID: "200177001", Refresh: "r", RefreshUntil: noon.AddDate(0, 0, 20)}},
		"all is wrong": {`{"seller_id":1,"status":"INACTIVE","verified":false,"marketplaceEaseMode":true}`, `{"code":"0","result":{"module":[{"code":"a"},{"code":"b"},{"code":"a"}]}}`, "lazada.other_account lazada.seller_not_active lazada.seller_not_verified lazada.ease_mode lazada.many_warehouses lazada.sign_in_soon ", connector.Grant{AccountID: "200177001", Refresh: "r", RefreshUntil: noon.AddDate(0, 0, 2)}},
		"guides only":  {`{"seller_id":"200177001","status":"ACTIVE"}`, refuse("InvalidApiPath", "?"), "lazada.refresh_expired ", connector.Grant{AccessUntil: noon.Add(-time.Minute)}},
	} {
		f := &fake{t: t, answer: func(path string, _ url.Values) string {
			if path == "/seller/get" {
				return ok(c.shop)
			}
			return c.warehouses
		}}
		a := f.account()
		a.Grant = c.grant
		problems, err := Driver().Channel(a).Check(t.Context())
		got := ""
		for _, p := range problems {
			got += p.Key + " "
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
}
