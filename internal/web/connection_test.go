package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// draft begins a connection and returns its address.
func (b *browser) draft(shop, platform string) string {
	b.t.Helper()
	r, _ := b.post("/s/" + shop + "/drafts/" + platform)
	to := r.Header.Get("Location")
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/s/"+shop+"/connections/") {
		b.t.Fatalf("drafting: %s, leads to %q", r.Status, to)
	}
	return to
}

// till connects the shop's point of sale.
func (b *browser) till(shop, retailer string) string {
	b.t.Helper()
	form := b.draft(shop, "till")
	if r, body := b.post(form, "retailer", retailer, "client_secret", secret); r.Header.Get("Location") != "/s/"+shop+"/connections?done=saved" {
		b.t.Fatalf("saving: %s, leads to %q: %s", r.Status, r.Header.Get("Location"), regexp.MustCompile(`note-title">[^<]*`).FindString(body))
	}
	return form
}

// rule: ABH-14, SYN-04
func TestConnectingAPointOfSale(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.signedIn(t, "chu-a")
	want(t, b.page("/s/a/", http.StatusOK), "Ba bước")
	want(t, b.page("/s/a/connections/new", http.StatusOK), "Kết nối KiotViet trước")
	form := b.draft("a", "till")
	want(t, b.page(form, http.StatusOK), "Tên kết nối", "Gợi ý", `type="password"`)
	if again := b.draft("a", "till"); again != form {
		t.Error("a draft that lies there is not taken up again")
	}

	r, body := b.post(form, "retailer", "sai", "client_secret", secret)
	b.check(form, r, body)
	want(t, body, `value="sai"`, "Sai tên kết nối.", "Xem lại tên.")
	if r.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("refused credentials: %s", r.Status)
	}
	r, body = b.post(form, "client_secret", secret)
	b.check(form, r, body)
	want(t, body, "Chưa điền “Tên kết nối”.")

	if r, _ = b.post(form, "retailer", "cua-hang", "client_secret", secret); r.Header.Get("Location") != "/s/a/connections?done=saved" {
		t.Fatalf("%s, leads to %q", r.Status, r.Header.Get("Location"))
	}
	want(t, b.page("/s/a/connections?done=saved", http.StatusOK), "cua-hang", "Đã lưu kết nối")
	want(t, b.page(form, http.StatusOK), "Đã lưu. Chỉ nhập khi muốn đổi", `value="cua-hang"`)
	if r, _ = b.post(form, "retailer", "cua-hang", "client_secret", ""); r.StatusCode != http.StatusSeeOther {
		t.Errorf("an empty secret did not keep the stored one: %s", r.Status)
	}
	if r, _ = b.post(form + "/sync"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("synchronising: %s", r.Status)
	}
	if strings.Contains(h.log.String(), secret) {
		t.Error("the secret is in the log")
	}
}

// rule: LZD-01
func TestAPlatformThatIsOffSaysHowToAsk(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	op := h.signedIn(t, "op")
	if r, _ := op.post("/shops/a/features/market", "on", "false"); r.Header.Get("Location") != "/shops?done=deactivated" {
		t.Fatalf("%s", r.Status)
	}
	b := h.signedIn(t, "chu-a")
	want(t, b.page("/s/a/connections/new", http.StatusOK), "nhờ người vận hành", "Chưa kích hoạt")
	r, body := b.post("/s/a/drafts/market")
	b.check("/s/a/drafts/market", r, body)
	want(t, body, "Market chưa được kích hoạt")
}

// rule: LZD-02, LZD-03, LZD-07, LZD-09
func TestConnectingAChannel(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	op, b := h.signedIn(t, "op"), h.signedIn(t, "chu-a")
	b.till("a", "cua-hang")
	form := b.draft("a", "market")
	body := b.page(form, http.StatusOK)
	want(t, body, "Chọn tài khoản Market kết nối")
	if strings.Contains(body, `name="branch"`) {
		t.Error("the form shows before an account was chosen")
	}

	r, body := b.get(form + "/signin")
	b.check(form+"/signin", r, body)
	want(t, body, "chưa có mã ứng dụng")
	r, body = op.post("/apps/market", "app_key", "k1", "app_secret", "")
	op.check("/apps/market", r, body)
	want(t, body, "Chưa điền", `value="k1"`)
	if r, _ = op.post("/apps/market", "app_key", "k1", "app_secret", secret); r.Header.Get("Location") != "/apps?done=app" {
		t.Fatalf("entering the app: %s", r.Status)
	}
	want(t, op.page("/apps", http.StatusOK), "Đã có mã", "http://dongbo.test/callback/market")

	r, _ = b.get(form + "/signin")
	to, err := url.Parse(r.Header.Get("Location"))
	if err != nil || to.Host != "market.test" {
		t.Fatalf("leads to %q", to)
	}
	state := to.Query().Get("state")

	// Somebody else's sign-in, or an old one, changes nothing.
	for name, who := range map[string]*browser{"another shop": h.signedIn(t, "chu-b"), "another state": b} {
		s := state
		if who == b {
			s = strings.Split(state, ".")[0] + ".00"
		}
		r, body = who.get("/callback/market?code=c1&state=" + s)
		who.check("/callback", r, body)
		if r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "không bắt đầu từ gian hàng của bạn") {
			t.Errorf("%s: %s", name, r.Status)
		}
	}
	r, body = b.get("/callback/market?error=denied&state=" + state)
	b.check("/callback", r, body)
	want(t, body, "Market chưa cấp quyền")

	if r, _ = b.get("/callback/market?code=c1&state=" + state); r.Header.Get("Location") != form+"?done=signed_in" {
		t.Fatalf("%s, leads to %q", r.Status, r.Header.Get("Location"))
	}
	want(t, b.page(form, http.StatusOK), "Cửa hàng trên Market", "Chi nhánh trung tâm", "Bảng giá chung", "Bảng giá sàn", "Bảng giá khuyến mại", "thu hộ 0")
	r, body = b.post(form, "price_book", "7", "prepaid_cod_zero", "true")
	b.check(form, r, body)
	want(t, body, "Chưa điền “Chi nhánh”", `value="7" selected`, `value="true" checked`)
	if r, _ = b.post(form, "branch", "1", "price_book", "7", "promo_book", ""); r.Header.Get("Location") != "/s/a/connections?done=saved" {
		t.Fatalf("saving: %s", r.Status)
	}
	want(t, b.page("/s/a/connections", http.StatusOK), "Cửa hàng trên Market", "Chi nhánh trung tâm", "Tồn kho")

	// LZD-07: the branch is taken; the message stands at the field.
	second := b.draft("a", "market")
	r, _ = b.get(second + "/signin")
	to, _ = url.Parse(r.Header.Get("Location"))
	b.get("/callback/market?code=c2&state=" + to.Query().Get("state"))
	r, body = b.post(second, "branch", "1", "price_book", "0")
	b.check(second, r, body)
	want(t, body, "field-wrong", "Chi nhánh này đã dùng", `value="1" selected`)

	if r, _ = b.post(form+"/pause/stock", "on", "true"); r.Header.Get("Location") != "/s/a/connections?done=paused" {
		t.Errorf("pausing: %s", r.Status)
	}
	want(t, b.page("/s/a/connections", http.StatusOK), "Chạy lại đồng bộ Tồn kho")
	want(t, b.page(form+"/delete", http.StatusOK), "Đồng ý", "Cửa hàng trên Market")
	if r, _ = b.post(form + "/delete"); r.Header.Get("Location") != "/s/a/connections?done=deleted" {
		t.Fatalf("deleting: %s", r.Status)
	}
	if body = b.page("/s/a/connections?done=deleted", http.StatusOK); !strings.Contains(body, "Dữ liệu kết nối đã được xóa") {
		t.Error("nothing says that the data was deleted")
	}
	b.page(form, http.StatusNotFound)
}

func TestOwnersAreMadeByTheOperator(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	op := h.signedIn(t, "op")
	r, body := op.post("/shops/a/people", "login", "chu-b", "name", "Chị Lan", "password", password)
	op.check("/shops", r, body)
	want(t, body, "đã có người dùng", `value="Chị Lan"`)
	if r, _ = op.post("/shops/a/people", "login", "lan", "name", "Chị Lan", "password", password); r.Header.Get("Location") != "/shops?done=owner" {
		t.Fatalf("%s", r.Status)
	}
	want(t, op.page("/shops", http.StatusOK), "Chị Lan")
	lan := h.signedIn(t, "lan")
	body = lan.page("/account", http.StatusOK)
	revoke := regexp.MustCompile(`/account/sessions/[^"]+`).FindString(body)
	if r, _ = lan.post(revoke); r.StatusCode != http.StatusSeeOther {
		t.Errorf("revoking: %s", r.Status)
	}
	if r, _ = lan.get("/s/a/"); !strings.HasPrefix(r.Header.Get("Location"), "/signin") {
		t.Error("a revoked session goes on")
	}
}
