package kiotviet

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// kv is KiotViet's error body.
func kv(code, message string) string {
	return `{"responseStatus":{"errorCode":"` + code + `","message":"` + message + `","errors":[]}}`
}

func TestErrorsAreClassified(t *testing.T) {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	for _, c := range []struct {
		name   string
		method string
		status int
		body   string
		kind   connector.Kind
		key    string
	}{
		{"unknown product", get, 420, kv("KvValidateProductException", "Hàng hóa được chọn không tồn tại hoặc đã bị xóa"), connector.NotFound, "kiotviet.not_found"},
		{"unknown order on cancel", del, 420, kv("KvValidateOrderException", "Phiếu đặt hàng không tồn tại"), connector.NotFound, "kiotviet.not_found"},
		{"unknown product in a new order", post, 420, kv("KvValidateProductException", "Hàng hóa được chọn không tồn tại hoặc đã bị xóa"), connector.Rejected, "kiotviet.part_missing"},
		{"bare message", get, 420, `{"message":"Khách hàng không tồn tại"}`, connector.NotFound, "kiotviet.not_found"},
		{"PascalCase", get, 420, `{"ResponseStatus":{"ErrorCode":"KvException","Message":"Không tồn tại"}}`, connector.NotFound, "kiotviet.not_found"},
		{"duplicate code", post, 420, kv("KvValidateCustomerException", "Mã khách hàng đã tồn tại"), connector.Exists, "kiotviet.exists"},
		{"second hook", post, 500, `{"message":"Type đã tồn tại"}`, connector.Exists, "kiotviet.exists"},
		{"no right", get, 420, kv("KvException", "Không có quyền đọc khách hàng"), connector.Forbidden, "kiotviet.permission"},
		{"ordering off", post, 420, kv("KvValidateOrderException", "Thiết lập “Cho phép đặt hàng” đang không được bật."), connector.Forbidden, "kiotviet.ordering_off"},
		{"delivery off", post, 420, kv("KvValidateInvoiceException", "Thiết lập “Sử dụng tính năng giao hàng” đang không được bật"), connector.Forbidden, "kiotviet.delivery_off"},
		{"cod off", put, 420, kv("KvValidateInvoiceException", "Thiết lập “Quản lý thu hộ tiền” đang không được bật"), connector.Forbidden, "kiotviet.cod_off"},
		{"selling off", post, 420, kv("KvValidateInvoiceException", "Thiết lập “Cho phép bán hàng khi hết tồn kho” đang không được bật"), connector.Forbidden, "kiotviet.selling_out_of_stock_off"},
		{"ordering out of stock off", post, 420, kv("KvValidateOrderException", "Thiết lập “Cho phép đặt hàng khi hết tồn kho” đang không được bật"), connector.Forbidden, "kiotviet.ordering_out_of_stock_off"},
		{"backdating", post, 420, kv("KvValidateInvoiceException", "Thiết lập “Không cho phép thay đổi thời gian bán hàng” đang không được bật"), connector.Forbidden, "kiotviet.backdating_off"},
		{"surcharges off", get, 420, kv("KvException", "Chưa bật thu khác trong thiết lập cửa hàng"), connector.Forbidden, "kiotviet.surcharge_off"},
		{"another setting", post, 420, kv("KvException", "Thiết lập “Quản lý lô” đang không được bật"), connector.Forbidden, "kiotviet.setting_off"},
		{"other refusal", post, 420, kv("KvValidateException", "Số lượng không hợp lệ"), connector.Rejected, "kiotviet.refused"},
		{"bad request", post, 400, `{"message":"bad"}`, connector.Rejected, "kiotviet.refused"},
		{"forbidden", get, 403, ``, connector.Forbidden, "connection.forbidden"},
		{"wrong retailer", get, 401, kv("KvUnauthorizedException", "x"), connector.Unauthorised, "kiotviet.wrong_retailer"},
		{"wrong retailer as 420", get, 420, kv("KvUnauthorizedException", "x"), connector.Unauthorised, "kiotviet.wrong_retailer"},
		{"no right under that name", get, 420, kv("KvUnauthorizedException", "Không có quyền đọc hóa đơn"), connector.Forbidden, "kiotviet.permission"},
		{"unknown route", get, 404, `<html>`, connector.Temporary, "kiotviet.wrong_address"},
		{"500 on a read", get, 500, `<html>`, connector.Temporary, "kiotviet.down"},
		{"502 on a write", post, 502, `<html>`, connector.Uncertain, "kiotviet.unclear"},
		{"500 with a refusal on a write", post, 500, kv("X", "Hàng hóa không tồn tại"), connector.Uncertain, "kiotviet.unclear"},
		{"408 on a write", put, 408, ``, connector.Uncertain, "kiotviet.unclear"},
		{"throttled", get, 429, ``, connector.Throttled, "kiotviet.throttled"},
		{"throttled write", post, 429, `{"message":"slow"}`, connector.Throttled, "kiotviet.throttled"},
		{"body is a string", get, 420, `"không"`, connector.Rejected, "kiotviet.refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := errorOf(t, fault(rest.Answer{Status: c.status, Header: http.Header{}, Body: []byte(c.body)}, c.method, nil))
			if e.Kind != c.kind || e.Problem.Key != c.key {
				t.Errorf("%s %s, want %s %s", e.Kind, e.Problem.Key, c.kind, c.key)
			}
		})
	}
}

func TestAPermissionAndASettingAreNamed(t *testing.T) {
	e := errorOf(t, fault(rest.Answer{Status: 420, Body: []byte(kv("KvException", "Không có quyền đọc khách hàng."))}, "GET", nil))
	if e.Problem.Args["permission"] != "đọc khách hàng" || e.Problem.Detail != "Không có quyền đọc khách hàng." {
		t.Errorf("%+v", e.Problem)
	}
	e = errorOf(t, fault(rest.Answer{Status: 420, Body: []byte(kv("KvException", `Thiết lập \"Quản lý lô\" đang không được bật`))}, "GET", nil))
	if e.Problem.Args["setting"] != "Quản lý lô" {
		t.Errorf("%+v", e.Problem)
	}
}

func TestThrottlingIsObeyedWithAndWithoutRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{"": time.Minute, "7": 7 * time.Second, "soon": time.Minute} {
		e := errorOf(t, fault(rest.Answer{Status: 429, Header: http.Header{"Retry-After": {header}}}, "GET", nil))
		if e.After != want {
			t.Errorf("Retry-After %q: %v, want %v", header, e.After, want)
		}
	}
}

// rule: SYN-04
func TestErrorsHoldNoSecretPhoneOrName(t *testing.T) {
	said := kv("KvValidateCustomerException", "Khách hàng TRẦN THỬ (0900000001, 1 Phố Mẫu) client_secret="+testSecret+" đã tồn tại")
	s, f := answering(t, always(420, said))
	_, err := s.createCustomer(t.Context(), retail.Customer{Code: "KHX", Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu"})
	clean(t, err)
	if e := errorOf(t, err); e.Kind != connector.Exists || !strings.Contains(e.Problem.Detail, "đã tồn tại") {
		t.Errorf("%v", err)
	}
	f.answer = func(request) (int, string) { return 0, "" }
	_, err = s.findCustomers(t.Context(), "+84900000001")
	clean(t, err)
	f.answer = always(200, `{"data":"Trần Thử 0900000001"}`)
	_, err = s.findCustomers(t.Context(), "+84900000001")
	clean(t, err)
	f.answer = always(200, `{"total":1,"data":[{"id":1,"contactNumber":["0900000001"],"name":"Trần Thử"}]}`)
	_, err = s.findCustomers(t.Context(), "+84900000001")
	clean(t, err)
	f.answer = always(500, `Trần Thử 0900000001`)
	_, err = s.createOrder(t.Context(), retail.POSOrder{Receiver: retail.Contact{Name: "Trần Thử"}})
	clean(t, err)
}

// clean fails if an error tells what it must not.
func clean(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	e := errorOf(t, err)
	text := strings.ToLower(err.Error() + e.Problem.Detail)
	for _, v := range e.Problem.Args {
		if s, ok := v.(string); ok {
			text += strings.ToLower(s)
		}
	}
	for _, secret := range []string{testSecret, testToken, "tok-SEKRET", "0900000001", "900000001", "Trần Thử", "1 Phố Mẫu", "QUJDREVGR0g="} {
		if strings.Contains(text, strings.ToLower(secret)) {
			t.Errorf("the error tells %q: %s", secret, text)
		}
	}
}

func TestADeadTokenIsRenewedOnceAndTheWrongRetailerIsNot(t *testing.T) {
	s, f := answering(t, func(r request) (int, string) {
		if r.Header.Get("Authorization") == "Bearer tok-SEKRET-2" {
			return 200, `{"total":0}`
		}
		return 401, kv("TokenException", "expired")
	})
	if _, err := s.branches(t.Context()); err != nil || len(f.calls) != 2 || f.spent["get"] != 2 {
		t.Errorf("%v, %d calls, spent %v", err, len(f.calls), f.spent)
	}
	f.calls, f.answer = nil, always(401, kv("KvUnauthorizedException", "x"))
	_, err := s.branches(t.Context())
	if e := errorOf(t, err); e.Problem.Key != "kiotviet.wrong_retailer" || len(f.calls) != 1 {
		t.Errorf("%v after %d calls", err, len(f.calls))
	}
	f.calls, f.answer = nil, always(401, ``)
	_, err = s.branches(t.Context())
	if e := errorOf(t, err); e.Kind != connector.Unauthorised || len(f.calls) != 2 {
		t.Errorf("%v after %d calls", err, len(f.calls))
	}
}

func TestHeadersOfACall(t *testing.T) {
	s, f := answering(t, always(200, `{"total":0}`))
	if _, err := s.branches(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := f.last()
	if c.Host != "public.kiotapi.com" || c.Header.Get("Retailer") != "sandboxshop" || c.Header.Get("Authorization") != "Bearer "+testToken ||
		c.Header.Get("Accept") != "application/json" || c.Header.Get("X-Request-Id") != "" || c.Header.Get("Content-Type") != "" {
		t.Errorf("%+v", c)
	}
}

func TestALostWriteIsUncertainAndALostReadTemporary(t *testing.T) {
	s, _ := answering(t, func(request) (int, string) { return 0, "" })
	_, err := s.createOrder(t.Context(), retail.POSOrder{})
	if k := connector.KindOf(err, true); k != connector.Uncertain {
		t.Errorf("order: %s", k)
	}
	_, err = s.setDelivery(t.Context(), retail.Invoice{ID: "1"})
	if k := connector.KindOf(err, true); k != connector.Temporary {
		t.Errorf("reading before the write: %s", k)
	}
	s, _ = answering(t, always(200, `<html>`))
	_, err = s.createInvoice(t.Context(), retail.Invoice{})
	if k := connector.KindOf(err, true); k != connector.Uncertain {
		t.Errorf("unreadable answer: %s", k)
	}
}
