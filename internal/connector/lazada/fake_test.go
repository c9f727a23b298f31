package lazada

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

// noon is when tests happen.
var noon = time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC)

// fake answers calls and remembers them.
type fake struct {
	t      *testing.T
	answer func(path string, q url.Values) string // "" drops the connection; "502" is a gateway's page
	calls  []fakeCall
	spent  []string
	renews int
	date   time.Time
}

type fakeCall struct {
	method, path string
	query        url.Values // as received, wherever it travelled
	inURL        bool
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Helper()
	c := fakeCall{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/rest"), query: r.URL.Query(), inURL: r.URL.RawQuery != ""}
	if r.Body != nil {
		b, _ := io.ReadAll(r.Body)
		more, err := url.ParseQuery(string(b))
		if err != nil {
			f.t.Errorf("body of %s: %v", c.path, err)
		}
		for k, v := range more {
			c.query[k] = append(c.query[k], v...)
		}
	}
	f.calls = append(f.calls, c)
	params := map[string]string{}
	for k, v := range c.query {
		if len(v) != 1 || v[0] == "" {
			f.t.Errorf("%s sent %s as %q", c.path, k, v)
		}
		params[k] = v[0]
	}
	if got, want := params["sign"], sign(testApp.AppSecret, c.path, params); got != want {
		f.t.Errorf("%s is signed %s, want %s", c.path, got, want)
	}
	rec := httptest.NewRecorder()
	if !f.date.IsZero() {
		rec.Header().Set("Date", f.date.UTC().Format(http.TimeFormat))
	}
	switch body := f.answer(c.path, c.query); body {
	case "":
		return nil, io.ErrUnexpectedEOF
	case "502":
		rec.WriteHeader(http.StatusBadGateway)
		_, _ = rec.WriteString("<html>bad gateway</html>")
	default:
		_, _ = rec.WriteString(body)
	}
	return rec.Result(), nil
}

var testApp = connector.Keys{AppKey: "900100", AppSecret: "sbx_secret_0f3a9c7e51d24b68"}

func (f *fake) account() connector.Account {
	return connector.Account{
		Keys:  testApp,
		HTTP:  &http.Client{Transport: f},
		Now:   func() time.Time { return noon },
		Spend: func(_ context.Context, budget string) error { f.spent = append(f.spent, budget); return nil },
		Token: func(context.Context) (string, error) { return "token-1", nil },
		Renew: func(_ context.Context, stale string) (string, error) { f.renews++; return "token-2", nil },
		Grant: connector.Grant{AccountID: "200177001", Refresh: "r", RefreshUntil: noon.AddDate(0, 1, 0)},
	}
}

// answering makes an account whose every call is answered by answer.
func answering(t *testing.T, answer func(path string, q url.Values) string) (*fake, connector.Channel) {
	f := &fake{t: t, answer: answer}
	return f, Driver().Channel(f.account())
}

func file(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func ok(data string) string { return `{"code":"0","data":` + data + `,"request_id":"r"}` }

func refuse(code, message string) string {
	return `{"code":"` + code + `","type":"ISV","message":"` + message + `","request_id":"r"}`
}
