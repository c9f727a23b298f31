package lazada

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

func TestCodesDecideTheKind(t *testing.T) {
	for _, c := range []struct {
		code, message string
		want          connector.Kind
		after         time.Duration
	}{
		{"ApiCallLimit", "Api access frequency exceeds the limit. this ban will last 0 seconds", connector.Throttled, time.Second},
		{"ApiCallLimit", "this ban will last 12 seconds", connector.Throttled, 12 * time.Second},
		{"SellerCallLimit", "", connector.Throttled, 3 * time.Second},
		{"AppCallLimit", "this ban will last 1 seconds", connector.Throttled, time.Minute},
		{"998", "", connector.Throttled, 2 * time.Minute},
		{"E1002", "", connector.Throttled, 5 * time.Second},
		{"IllegalTimestamp", "", connector.Forbidden, 0},
		{"IncompleteSignature", "", connector.Rejected, 0},
		{"InsufficientPermission", "", connector.Forbidden, 0},
		{"SellerNotVerified", "", connector.Forbidden, 0},
		{"16", "E016", connector.NotFound, 0},
		{"E016", "", connector.NotFound, 0},
		{"6", "", connector.Temporary, 0},
		{"901", "", connector.Temporary, 0},
		{"ServiceTimeout", "", connector.Temporary, 0}, // of a read
		{"NeverSeenBefore", "", connector.Temporary, 0},
	} {
		_, shop := answering(t, func(string, url.Values) string { return refuse(c.code, c.message) })
		_, err := shop.Orders(t.Context(), "")
		e, found := errors.AsType[*connector.Error](err)
		if !found || e.Kind != c.want || e.After != c.after {
			t.Errorf("%s %q: %#v", c.code, c.message, e)
		}
	}
	for name, answer := range map[string]string{"html": "502", "malformed": "{", "no code": "{}", "lost": ""} {
		_, shop := answering(t, func(string, url.Values) string { return answer })
		if _, err := shop.Orders(t.Context(), ""); err == nil || connector.KindOf(err, false) != connector.Temporary {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErrorsHoldNoSecretsOrPhones(t *testing.T) {
	for _, answer := range []string{
		refuse("6", "bad access_token=token-1 for 0912345678"),
		`{"code":"0","data":{"orders":"84912345678"}}`,
		`{"code":"0","data":84912345678`,
		"502", "",
	} {
		_, shop := answering(t, func(string, url.Values) string { return answer })
		_, err := shop.Orders(t.Context(), "")
		for _, secret := range []string{"token-1", "12345678", testApp.AppSecret} {
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%s: %v", answer, err)
			}
		}
	}
}

// rule: SYN-06
func TestWordsCoverTheCodeAndNothingElse(t *testing.T) {
	want := map[string]bool{}
	for _, f := range append(Driver().App, Driver().Form...) {
		want["field."+f.Name], want["field."+f.Name+".hint"] = true, true
	}
	files, _ := filepath.Glob("*.go")
	keys := regexp.MustCompile(`"((?:lazada|stock)\.[a-z_]+)"`)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range keys.FindAllStringSubmatch(string(b), -1) {
			want["problem."+k[1]], want["problem."+k[1]+".remedy"] = true, true
		}
	}
	for _, name := range []string{"words.vi.json", "words.en.json"} {
		b, err := fs.ReadFile(Driver().Words, name)
		if err != nil {
			t.Fatal(err)
		}
		var have map[string]string
		if err := json.Unmarshal(b, &have); err != nil {
			t.Fatal(name, err)
		}
		for k := range want {
			if strings.TrimSpace(have[k]) == "" {
				t.Errorf("%s lacks %s", name, k)
			}
		}
		for k := range have {
			if !want[k] {
				t.Errorf("%s has %s, which nothing uses", name, k)
			}
		}
	}
}
