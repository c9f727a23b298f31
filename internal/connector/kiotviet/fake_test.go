package kiotviet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	stdflag "flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
)

var update = stdflag.Bool("update", false, "accept what golden files differ in")

// now is the hub's clock in these tests.
var now = time.Date(2026, 2, 3, 4, 0, 0, 0, time.UTC)

const (
	testSecret = "0123456789ABCDEF0123456789ABCDEF01234567"
	testToken  = "tok-SEKRET-1"
)

// request is one call that the fake received.
type request struct {
	Method, Path, Query, Body string
	Header                    http.Header
	Host                      string
}

// fake is a KiotViet that answers as a test tells it.
type fake struct {
	t      *testing.T
	mu     sync.Mutex
	calls  []request
	spent  map[string]int
	answer func(request) (int, string)
	header http.Header
}

func (f *fake) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	query := r.URL.Query().Encode()
	c := request{r.Method, r.URL.Path, query, string(body), r.Header, r.URL.Host}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	status, text := f.answer(c)
	if status == 0 {
		return nil, errors.New("connection reset by peer")
	}
	h := f.header
	if h == nil {
		h = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

// account opens an account at the fake.
func (f *fake) account() connector.Account {
	f.spent = map[string]int{}
	return connector.Account{
		Keys: connector.Keys{Hook: "QUJDREVGR0g=", Values: map[string]string{
			"retailer": " https://SandboxShop.kiotviet.vn/man ", "client_id": "0f0e0d0c-0000-4000-8000-000000000001", "client_secret": testSecret,
		}},
		HTTP: &http.Client{Transport: f},
		Now:  func() time.Time { return now },
		Spend: func(_ context.Context, budget string) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.spent[budget]++
			return nil
		},
		Token: func(context.Context) (string, error) { return testToken, nil },
		Renew: func(context.Context, string) (string, error) { return "tok-SEKRET-2", nil },
	}
}

// answering opens a shop whose every call is answered by answer.
func answering(t *testing.T, answer func(request) (int, string)) (shop, *fake) {
	t.Helper()
	f := &fake{t: t, answer: answer}
	return open(f.account()), f
}

// always answers every call alike.
func always(status int, body string) func(request) (int, string) {
	return func(request) (int, string) { return status, body }
}

// errorOf returns err as the connector's error.
func errorOf(t *testing.T, err error) *connector.Error {
	t.Helper()
	e, ok := errors.AsType[*connector.Error](err)
	if !ok {
		t.Fatalf("error %v is not classified", err)
	}
	return e
}

func (f *fake) last() request { return f.calls[len(f.calls)-1] }

// fields decodes a request's body.
func (r request) fields(t *testing.T) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(r.Body), &m); err != nil {
		t.Fatalf("body %q: %v", r.Body, err)
	}
	return m
}

// golden compares JSON with testdata/name, whose indentation does not count.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(got), "", "  "); err != nil {
		t.Fatalf("%q: %v", got, err)
	}
	pretty.WriteByte('\n')
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if pretty.String() != string(want) {
		t.Errorf("%s differs (-update accepts it):\n%s", name, pretty.String())
	}
}
