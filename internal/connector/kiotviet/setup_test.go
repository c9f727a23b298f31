package kiotviet

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
)

func jwt(claims string) string {
	enc := base64.RawURLEncoding.EncodeToString
	return enc([]byte(`{"alg":"RS256","typ":"at+jwt"}`)) + "." + enc([]byte(claims)) + ".c2ln"
}

func TestRefreshAsksWithClientCredentials(t *testing.T) {
	token := jwt(`{"client_RetailerCode":"sandboxshop","client_RetailerId":500100,"client_UserId":"22","exp":1}`)
	f := &fake{t: t, answer: always(200, `{"access_token":"`+token+`","expires_in":86400,"token_type":"Bearer","scope":"PublicApi.Access"}`)}
	got, err := refresh(t.Context(), f.account(), connector.Grant{})
	want := connector.Grant{Access: token, AccessUntil: now.Add(24 * time.Hour), AccountID: "500100", AccountName: "sandboxshop", OwnerID: "22"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	c := f.last()
	form, _ := url.ParseQuery(c.Body)
	wantForm := url.Values{"scopes": {"PublicApi.Access"}, "grant_type": {"client_credentials"},
		"client_id": {"0f0e0d0c-0000-4000-8000-000000000001"}, "client_secret": {testSecret}}
	if diff := cmp.Diff(wantForm, form); diff != "" || c.Host != "id.kiotviet.vn" || c.Path != "/connect/token" || c.Header.Get("Authorization") != "" {
		t.Errorf("%+v %s", c, diff)
	}
	if f.spent["token"] != 1 || f.spent["get"] != 0 {
		t.Errorf("spent %v", f.spent)
	}
}

func TestATokenThatCannotBeReadIsGoodAllTheSame(t *testing.T) {
	for _, token := range []string{"opaque", "a.b.c", jwt(`[]`)} {
		f := &fake{t: t, answer: always(200, `{"access_token":"`+token+`","expires_in":"3600"}`)}
		a := f.account()
		a.AuthBase = "https://sandbox.test/auth/"
		got, err := refresh(t.Context(), a, connector.Grant{})
		want := connector.Grant{Access: token, AccessUntil: now.Add(time.Hour), AccountID: "sandboxshop", AccountName: "sandboxshop"}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if c := f.last(); c.Host != "sandbox.test" || c.Path != "/auth/connect/token" {
			t.Errorf("%s%s", c.Host, c.Path)
		}
	}
}

func TestRefreshFailures(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   connector.Kind
		key    string
	}{
		{400, `{"error":"invalid_client"}`, connector.Unauthorised, "kiotviet.wrong_credentials"},
		{400, `{"error":"invalid_scope"}`, connector.Unauthorised, "kiotviet.token_refused"},
		{400, `{"error":"` + testSecret + `"}`, connector.Unauthorised, "kiotviet.token_refused"},
		{500, `<html>`, connector.Temporary, "kiotviet.down"},
		{429, ``, connector.Throttled, "kiotviet.throttled"},
		{200, `<html>`, connector.Temporary, "kiotviet.unreadable"},
		{200, `{}`, connector.Temporary, "kiotviet.unreadable"},
		{0, ``, connector.Temporary, "connection.unreachable"},
	} {
		f := &fake{t: t, answer: always(c.status, c.body)}
		_, err := refresh(t.Context(), f.account(), connector.Grant{})
		clean(t, err)
		if e := errorOf(t, err); e.Kind != c.kind || e.Problem.Key != c.key {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
	}
}

// rule: ABH-09 ABH-14 HRV-17
func TestCheckNamesWhatIsMissing(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		switch r.Path {
		case "/customers":
			return 420, kv("KvException", "Không có quyền đọc khách hàng")
		case "/orders":
			return 420, kv("KvException", "Thiết lập “Cho phép đặt hàng” đang không được bật.")
		case "/settings":
			return 200, `{"ManagerCustomerByBranch":true,"AllowOrderWhenOutStock":false,"AllowSellWhenOrderOutStock":true,"AllowSellWhenOutStock":false}`
		}
		return 200, `{"total":0}`
	})
	got, err := s.check(t.Context())
	var have []string
	for _, p := range got {
		have = append(have, p.ID())
	}
	want := []string{"kiotviet.permission|customers", "kiotviet.ordering_off|orders", "kiotviet.ordering_out_of_stock_off|", "kiotviet.selling_out_of_stock_off|", "kiotviet.customers_by_branch|"}
	if diff := cmp.Diff(want, have); err != nil || diff != "" || len(f.calls) != 5 {
		t.Errorf("%v %s, %d calls", err, diff, len(f.calls))
	}
	if f.calls[0].Query != "pageSize=1" {
		t.Error(f.calls[0].Query)
	}
}

func TestCheckOfAGoodShopAndOfNoShop(t *testing.T) {
	good := func(r request) (int, string) { return 200, `{"total":0}` }
	s, _ := answering(t, good)
	if got, err := s.check(t.Context()); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	s.account.Grant.AccountName = "othershop"
	if got, err := s.check(t.Context()); err != nil || len(got) != 1 || got[0].Key != "kiotviet.other_retailer" {
		t.Errorf("%v, %v", got, err)
	}
	for _, body := range []string{kv("KvUnauthorizedException", "x"), ``} {
		s, _ := answering(t, always(401, body))
		if got, err := s.check(t.Context()); err != nil || len(got) != 1 || got[0].Key != "kiotviet.wrong_retailer" {
			t.Errorf("%v, %v", got, err)
		}
	}
	s, _ = answering(t, always(429, ``))
	if got, err := s.check(t.Context()); connector.KindOf(err, false) != connector.Throttled || got != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestHooks(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		switch r.Method {
		case "GET":
			return 200, `{"total":1,"pageSize":100,"data":[{"id":3,"type":"stock.update","url":"https://other.test/x","isActive":false}]}`
		case "POST":
			return 200, `{"id":4,"type":"order.update","url":"https://hub.test/h/order.update","isActive":true,"retailerId":500100}`
		}
		return 200, `{"message":"Hủy đăng ký webhook thành công"}`
	})
	hooks, err := s.listHooks(t.Context())
	if diff := cmp.Diff([]connector.Hook{{ID: "3", Type: "stock.update", URL: "https://other.test/x"}}, hooks); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	made, err := s.createHook(t.Context(), connector.Hook{Type: "order.update", URL: "https://hub.test/h/order.update", Secret: hookSecret})
	if err != nil || made.ID != "4" || !made.Active || made.Secret != hookSecret {
		t.Errorf("%+v, %v", made, err)
	}
	golden(t, "create_hook.json", f.last().Body)
	if err := s.deleteHook(t.Context(), "4"); err != nil || f.last().Method != "DELETE" || f.last().Path != "/webhooks/4" {
		t.Errorf("%v", err)
	}
	f.answer = always(200, `{"total":0,"pageSize":100,"timestamp":"2026-02-03T09:15:30.1234567+07:00"}`)
	if hooks, err = s.listHooks(t.Context()); err != nil || hooks != nil {
		t.Errorf("%v, %v", hooks, err)
	}
	f.answer = always(500, `{"message":"Type đã tồn tại"}`)
	_, err = s.createHook(t.Context(), connector.Hook{Type: "order.update", Secret: hookSecret})
	clean(t, err)
	if e := errorOf(t, err); e.Kind != connector.Exists || e.Problem.Key != "kiotviet.hook_taken" || e.Problem.Args["type"] != "order.update" {
		t.Errorf("%v", err)
	}
}

// rule: SYN-03
func TestTheBudgetKeepsTheHourlyLimit(t *testing.T) {
	for _, b := range Driver().Limits.Budgets {
		if hour := float64(b.Burst) + b.Rate*3600; b.Name == getBudget && hour > 5000 {
			t.Errorf("up to %v GETs in an hour", hour)
		}
	}
}

func TestTheDriverIsAPOSWithEveryPart(t *testing.T) {
	d := Driver()
	if d.ID != "kiotviet" || d.POS == nil || d.Channel != nil || d.Webhook == nil || d.Auth.Refresh == nil || !strings.HasPrefix(string(d.Logo), "<svg") {
		t.Errorf("%+v", d)
	}
	p := d.POS((&fake{t: t}).account())
	for name, missing := range map[string]bool{
		"Branches": p.Branches == nil, "PriceBooks": p.PriceBooks == nil, "Surcharges": p.Surcharges == nil, "Products": p.Products == nil,
		"Levels": p.Levels == nil, "Prices": p.Prices == nil, "FindCustomers": p.FindCustomers == nil, "CustomerByCode": p.CustomerByCode == nil,
		"CreateCustomer": p.CreateCustomer == nil, "Order": p.Order == nil, "FindOrders": p.FindOrders == nil, "CreateOrder": p.CreateOrder == nil,
		"UpdateOrder": p.UpdateOrder == nil, "CancelOrder": p.CancelOrder == nil, "Invoice": p.Invoice == nil, "Invoices": p.Invoices == nil,
		"CreateInvoice": p.CreateInvoice == nil, "SetDelivery": p.SetDelivery == nil, "ChangedOrders": p.ChangedOrders == nil,
		"ChangedInvoices": p.ChangedInvoices == nil, "Hooks.List": p.Hooks.List == nil, "Hooks.Create": p.Hooks.Create == nil,
		"Hooks.Delete": p.Hooks.Delete == nil, "Check": p.Check == nil,
	} {
		if missing {
			t.Errorf("%s is missing", name)
		}
	}
	if len(p.Hooks.Types) != 9 {
		t.Errorf("hooks %v", p.Hooks.Types)
	}
}

// rule: SYN-06
func TestEveryWordIsInBothLanguages(t *testing.T) {
	texts := map[string]map[string]string{}
	for _, lang := range []string{"vi", "en"} {
		b, err := Driver().Words.(interface{ ReadFile(string) ([]byte, error) }).ReadFile("words." + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		texts[lang] = m
	}
	wanted := map[string]bool{}
	for _, f := range Driver().Form {
		wanted["field."+f.Name], wanted["field."+f.Name+".hint"] = true, true
	}
	files, _ := os.ReadDir(".")
	key := regexp.MustCompile(`"(kiotviet\.[a-z_]+)"`)
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(source), -1) {
			wanted["problem."+m[1]], wanted["problem."+m[1]+".remedy"] = true, true
		}
	}
	hole := regexp.MustCompile(`{{[^}]*}}`)
	for lang, m := range texts {
		for k := range wanted {
			if m[k] == "" {
				t.Errorf("%s: %s is missing", lang, k)
			}
		}
		for k := range m {
			if !wanted[k] {
				t.Errorf("%s: %s is used nowhere", lang, k)
			}
			a, b := hole.FindAllString(m[k], -1), hole.FindAllString(texts["vi"][k], -1)
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				t.Errorf("%s has other values in %s than in vi", k, lang)
			}
		}
	}
}
