package sandbox

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const callback = "http://localhost:9/back"

func (b *bench) signIn(params, form map[string]string) *http.Response {
	b.Helper()
	all := map[string]string{"response_type": "code", "client_id": firstAppKey, "redirect_uri": callback, "state": "s 1&2", "country": "vn", "force_auth": "true"}
	for k, v := range params {
		all[k] = v
	}
	target := "http://lazada.test/oauth/authorize?" + query(all)
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = b.client.Get(target)
	} else {
		resp, err = b.client.Post(target, "application/x-www-form-urlencoded", strings.NewReader(query(form)))
	}
	if err != nil {
		b.Fatal(err)
	}
	return resp
}

func (b *bench) redirected(resp *http.Response, name string) string {
	b.Helper()
	b.want("status", resp.StatusCode, 302)
	to, _ := url.Parse(resp.Header.Get("Location"))
	b.want("state", to.Query().Get("state"), "s 1&2")
	b.want("back to", to.Host+to.Path, "localhost:9/back")
	return to.Query().Get(name)
}

func (b *bench) code(seller string) string {
	b.Helper()
	return b.redirected(b.signIn(nil, map[string]string{"seller": seller}), "code")
}

func TestSignInPage(t *testing.T) {
	b := newBench(t)
	b.do("add_seller", "name", "Shop B")
	page, _ := io.ReadAll(b.signIn(nil, nil).Body)
	for _, text := range []string{"Shop Thời Trang A", "owner@example.vn", "Shop B", "200177002", "Từ chối"} {
		if !strings.Contains(string(page), text) {
			t.Errorf("the page lacks %s", text)
		}
	}
	page, _ = io.ReadAll(b.signIn(map[string]string{"country": "sg"}, nil).Body)
	b.want("sellers in Singapore", strings.Contains(string(page), "Shop B"), false)
	b.want("refused", b.redirected(b.signIn(nil, map[string]string{"refuse": "1"}), "error"), "access_denied")
	b.want("response_type", b.redirected(b.signIn(map[string]string{"response_type": "token"}, nil), "error"), "invalid_request")
	b.want("client_id", b.redirected(b.signIn(map[string]string{"client_id": "1"}, nil), "error"), "unauthorized_client")
	b.do("set_app", "redirect_uri", callback)
	b.want("same URI", b.signIn(nil, nil).StatusCode, 200)
	other := b.signIn(map[string]string{"redirect_uri": callback + "/"}, map[string]string{"seller": "200177001"})
	b.want("other URI", other.StatusCode, 400)
}

func TestTokens(t *testing.T) {
	b := newBench(t)
	create := func(code string) answer { return b.call("POST", "/auth/token/create", map[string]string{"code": code}) }
	refresh := func(token string) answer {
		return b.call("GET", "/auth/token/refresh", map[string]string{"refresh_token": token})
	}
	alive := func(token string) string {
		b.token = token
		b.advance(time.Second)
		return b.call("GET", "/seller/get", nil).code()
	}
	code := b.code("200177001")
	b.want("shape of the code", strings.HasPrefix(code, "0_900100_"), true)
	a := create(code)
	b.wantCode(a, "0")
	b.want("life", a.get("expires_in")+" "+a.get("refresh_expires_in"), "604800 2592000")
	b.want("seller", a.get("country_user_info.0.seller_id")+a.get("country_user_info.0.short_code")+a.get("account"), "200177001VN1ABCDEFowner@example.vn")
	b.wantCode(create(code), "InvalidCode")
	late := b.code("200177001")
	b.advance(codeLife + time.Second)
	b.wantCode(create(late), "InvalidCode")
	b.wantCode(create("nonsense"), "InvalidCode")
	b.wantCode(create(""), "MissingParameter")

	first, firstRefresh := a.get("access_token"), a.get("refresh_token")
	b.want("works", alive(first), "0")
	b.wantCode(refresh(first), "IllegalRefreshToken")
	a = refresh(firstRefresh)
	b.wantCode(a, "0")
	b.want("list name", a.get("country_user_info_list.0.seller_id"), "200177001")
	b.want("old name", a.get("country_user_info"), "<none>")
	b.want("old one", alive(first), "0")
	b.set("old_token_after_refresh", "dead")
	b.set("refresh_life", "fixed")
	b.set("country_user_info_shape", "object")
	second := a.get("access_token")
	b.advance(10 * 24 * time.Hour)
	b.want("expired", alive(second), "IllegalAccessToken")
	a = refresh(a.get("refresh_token"))
	b.want("shape", a.get("country_user_info_list.vn.seller_id"), "200177001")
	if a.get("refresh_expires_in") >= "2592000" {
		t.Errorf("fixed life: %s", a.get("refresh_expires_in"))
	}
	third := a.get("access_token")
	refresh(a.get("refresh_token"))
	b.want("dead after refresh", alive(third), "IllegalAccessToken")
	b.advance(31 * 24 * time.Hour)
	b.wantCode(refresh(a.get("refresh_token")), "IllegalRefreshToken")

	b.set("auth_kind", "market")
	a = create(b.code("200177001"))
	b.want("market", a.get("refresh_expires_in"), "0")
	b.wantCode(refresh(a.get("refresh_token")), "AUTH_TYPE_UNSUPPORTED")
	b.want("works", alive(a.get("access_token")), "0")
	b.do("revoke_token")
	b.want("revoked", alive(a.get("access_token")), "IllegalAccessToken")
	b.set("token_host", "auth_only")
	b.wantCode(create(b.code("200177001")), "InvalidCode")
}

func TestSellersAreApart(t *testing.T) {
	b := newBench(t)
	second := b.do("add_seller", "name", "Shop B").get("out.seller_id")
	b.do("add_item", "sku", "A")
	item := b.do("add_item", "sku", "A", "seller", second).get("out.item_id")
	id, _ := b.place("sku", "A")
	b.do("set_order_ids", "next", id)
	again, _ := b.place("sku", "A", "seller", second, "buyer", "Trần Thị Bích")
	b.want("same id in two shops", again, id)
	b.want("rows", len(b.rows("orders", "order_id", id)), 2)
	b.want("rows", len(b.rows("orders", "order_id", id, "seller", second)), 1)
	b.wantCode(b.call("GET", "/product/item/get", map[string]string{"item_id": item}), "EDIT_ITEM_NOT_BELONG_SELLER")
	b.want("buyer", b.call("GET", "/order/get", map[string]string{"order_id": id}).get("data.customer_first_name"), "N***********n")
	a := b.call("GET", "/auth/token/create", map[string]string{"code": b.code(second)})
	b.token = a.get("access_token")
	b.want("buyer", b.call("GET", "/order/get", map[string]string{"order_id": id}).get("data.customer_first_name"), "T***********h")

	b.do("set_seller", "seller", second, "status", "INACTIVE")
	b.wantCode(b.call("GET", "/order/get", map[string]string{"order_id": id}), "SellerNotActive")
	b.do("set_seller", "seller", second, "status", "UNVERIFIED")
	b.wantCode(b.call("GET", "/order/get", map[string]string{"order_id": id}), "SellerNotVerified")
	b.do("set_seller", "seller", second, "status", "ACTIVE", "marketplace_ease", "true")
	b.wantCode(b.call("GET", "/reverse/getreverseordersforseller", nil), "Mp3SellerApiLimit")
	b.want("ease", b.call("GET", "/seller/get", nil).get("data.marketplaceEaseMode"), "true")
}
