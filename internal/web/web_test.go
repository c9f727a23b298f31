package web

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// browser is somebody with a cookie jar. It does not follow redirects.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
	origin string // what the browser says that a form came from
}

func (h *house) browser(t *testing.T) *browser {
	t.Helper()
	s := httptest.NewServer(h.handler)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return &browser{t: t, base: s.URL, origin: s.URL, client: &http.Client{Transport: transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a browser whose person has signed in.
func (h *house) signedIn(t *testing.T, login string) *browser {
	t.Helper()
	b := h.browser(t)
	if r, _ := b.post("/signin", "login", login, "password", password); r.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", r.Status)
	}
	return b
}

func (b *browser) do(method, path string, body io.Reader) (*http.Response, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.origin)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer, string(text)
}

func (b *browser) get(path string) (*http.Response, string) {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

func (b *browser) post(path string, pairs ...string) (*http.Response, string) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

// rawKey is a message key where a reader expects words.
var rawKey = regexp.MustCompile(`>\s*(?:nav|time|signin|setup|account|person|shop|shops|feature|apps|form|flash|connections?|offer|direction|health|delete|overview|first|goods|link|sync|pager|hop|price|why|stage|pos|invoice|delivery|orders?|money|intent|history|outcome|entry|call|object|problems?|guide|stock|theme|role)\.[a-z_.]+`)

// page fetches a page and checks what holds for every page.
func (b *browser) page(path string, status int) string {
	b.t.Helper()
	r, body := b.get(path)
	if r.StatusCode != status {
		b.t.Fatalf("GET %s: %s, want %d; leads to %q", path, r.Status, status, r.Header.Get("Location"))
	}
	b.check(path, r, body)
	return body
}

func (b *browser) check(path string, r *http.Response, body string) {
	b.t.Helper()
	if found := rawKey.FindString(body); found != "" {
		b.t.Errorf("%s shows the key %q", path, found)
	}
	for what, bad := range map[string]string{
		"an empty icon": `aria-hidden="true"></svg>`, "a format error": "%!", "an unknown value": "no value", "a secret": secret, "an inline script": "<script>", "an inline style": "style=",
	} {
		if strings.Contains(body, bad) {
			b.t.Errorf("%s holds %s", path, what)
		}
	}
	if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
		b.t.Errorf("%s: policy %q", path, csp)
	}
	if !strings.Contains(body, "</html>") {
		b.t.Errorf("%s is cut short", path)
	}
}

func want(t *testing.T, body string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			t.Errorf("the page lacks %q", p)
		}
	}
}

func TestTheFirstRunMakesAnOperatorAndAShop(t *testing.T) {
	h := open(t, nil)
	b := h.browser(t)
	if r, _ := b.get("/"); r.Header.Get("Location") != "/setup" {
		t.Fatalf("leads to %q", r.Header.Get("Location"))
	}
	b.page("/setup", http.StatusOK)
	r, body := b.post("/setup", "login", "op", "password", "ngắn", "password2", "ngắn", "shop", "Áo Đẹp")
	b.check("/setup", r, body)
	want(t, body, "Áo Đẹp", "quá ngắn")
	if r, _ := b.post("/setup", "login", "op", "password", password, "password2", password, "shop", "Áo Đẹp Hoa"); r.Header.Get("Location") != "/shops?done=setup" {
		t.Fatalf("%s, leads to %q", r.Status, r.Header.Get("Location"))
	}
	want(t, b.page("/shops?done=setup", http.StatusOK), "Áo Đẹp Hoa", "/s/ao-dep-hoa/", "Kích hoạt")
	b.page("/s/ao-dep-hoa/", http.StatusOK)

	other := h.browser(t)
	if r, _ := other.post("/setup", "login", "x", "password", password, "password2", password, "shop", "X"); r.Header.Get("Location") != "/signin" {
		t.Errorf("a second set-up: %s", r.Status)
	}
}

func TestSigningIn(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.browser(t)
	if r, _ := b.get("/s/a/orders?show=new"); r.Header.Get("Location") != "/signin?next=%2Fs%2Fa%2Forders%3Fshow%3Dnew" {
		t.Fatalf("leads to %q", r.Header.Get("Location"))
	}
	want(t, b.page("/signin?next=/s/a/orders", http.StatusOK), `value="/s/a/orders"`)
	r, body := b.post("/signin", "login", "chu-a", "password", "sai")
	b.check("/signin", r, body)
	want(t, body, `value="chu-a"`, "không đúng")
	if r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong password: %s", r.Status)
	}
	for next, to := range map[string]string{"/s/a/orders": "/s/a/orders", "//evil.test": "/", "https://evil.test": "/", `/\evil.test`: "/"} {
		r, _ = b.post("/signin", "login", "chu-a", "password", password, "next", next)
		if r.Header.Get("Location") != to {
			t.Errorf("next %q leads to %q", next, r.Header.Get("Location"))
		}
	}
	c := r.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %+v", c)
	}
	if r, _ := b.post("/signout"); r.Header.Get("Location") != "/signin" {
		t.Error("not signed out")
	}
	if r, _ := b.get("/s/a/"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("after signing out: %s", r.Status)
	}
	if strings.Contains(h.log.String(), "chu-a") || strings.Contains(h.log.String(), password) {
		t.Error("the log holds who signed in")
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.signedIn(t, "op")
	b.origin = "https://evil.test"
	r, body := b.post("/shops", "name", "Gian hàng lạ")
	b.check("/shops", r, body)
	if r.StatusCode != http.StatusForbidden {
		t.Errorf("%s", r.Status)
	}
	if strings.Contains(b.page("/shops", http.StatusOK), "Gian hàng lạ") {
		t.Error("the shop was created")
	}
}

// rule: SYN-05
func TestAnOwnerSeesNoOtherShop(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.signedIn(t, "chu-a")
	b.page("/s/a/", http.StatusOK)
	id, err := h.Draft(t.Context(), "b", "till")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/s/b/", "/s/b/orders", "/s/b/connections/" + id, "/s/a/connections/" + id, "/s/c/", "/shops", "/apps", "/s/b/history/x", "/guide", "/nowhere"} {
		if body := b.page(path, http.StatusNotFound); strings.Contains(body, "Gian hàng b") {
			t.Errorf("%s names the other shop", path)
		}
	}
	for _, path := range []string{"/s/b/connections/" + id + "/delete", "/s/b/connections/" + id + "/sync", "/s/b/drafts/till", "/shops", "/shops/a/features/market"} {
		if r, _ := b.post(path); r.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: %s", path, r.Status)
		}
	}
}

func TestLanguageAndColours(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.signedIn(t, "chu-a")
	want(t, b.page("/s/a/", http.StatusOK), `lang="vi"`, "Tổng quan")
	if r, _ := b.post("/preferences", "lang", "en", "back", "/s/a/"); r.Header.Get("Location") != "/s/a/" {
		t.Errorf("leads to %q", r.Header.Get("Location"))
	}
	want(t, b.page("/s/a/", http.StatusOK), `lang="en"`, "Overview")
	b.post("/preferences", "theme", "dark", "back", "/s/a/")
	want(t, b.page("/s/a/", http.StatusOK), `data-bs-theme="dark"`, `lang="en"`)
	b.post("/preferences", "theme", "system", "lang", "vi", "back", "/s/a/")
	if body := b.page("/s/a/", http.StatusOK); strings.Contains(body, "data-bs-theme") {
		t.Error("the theme stays")
	}
}

func TestAssetsAreKept(t *testing.T) {
	h := open(t, nil)
	b := h.browser(t)
	h.people(t)
	body := b.page("/signin", http.StatusOK)
	found := regexp.MustCompile(`/assets/[^"]+`).FindAllString(body, -1)
	if len(found) < 5 {
		t.Fatalf("%v", found)
	}
	for _, path := range found {
		r, _ := b.get(path)
		if r.StatusCode != http.StatusOK || !strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %s, %q", path, r.Status, r.Header.Get("Cache-Control"))
		}
	}
	if r, _ := b.get(regexp.MustCompile(`/assets/[^/]+/`).ReplaceAllString(found[0], "/assets/old/")); r.StatusCode != http.StatusNotFound {
		t.Errorf("an old address: %s", r.Status)
	}
}

// all is what a pattern captures, each time it matches.
func all(pattern, text string) (out []string) {
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}
