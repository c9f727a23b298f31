package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
)

// Transport reaches handlers by host name inside one process, without sockets
// or goroutines. A host that nobody serves fails like a name that does not
// resolve. It is safe for concurrent use.
type Transport struct {
	mu    sync.RWMutex
	hosts map[string]http.Handler
}

// Serve makes h answer requests to host; nil takes the host away.
func (t *Transport) Serve(host string, h http.Handler) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.hosts == nil {
		t.hosts = map[string]http.Handler{}
	}
	if h == nil {
		delete(t.hosts, host)
		return
	}
	t.hosts[host] = h
}

var errCut = errors.New("connection reset by the other side")

// RoundTrip implements http.RoundTripper. A handler that panics with
// http.ErrAbortHandler cuts the connection.
func (t *Transport) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	t.mu.RLock()
	h := t.hosts[r.URL.Host]
	t.mu.RUnlock()
	if h == nil {
		return nil, fmt.Errorf("no such host %q", r.URL.Host)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	rec := httptest.NewRecorder()
	in := r.Clone(r.Context())
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	defer func() {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		switch cause := recover(); cause {
		case nil:
		case http.ErrAbortHandler:
			resp, err = cut(rec) //nolint:bodyclose // the caller of RoundTrip closes it
		default:
			panic(cause)
		}
	}()
	h.ServeHTTP(rec, in)
	resp = rec.Result()
	resp.Request = r
	return resp, nil
}

// cut gives what had been written before the connection broke.
func cut(rec *httptest.ResponseRecorder) (*http.Response, error) {
	if rec.Body.Len() == 0 {
		return nil, errCut
	}
	resp := rec.Result()
	resp.Body = io.NopCloser(io.MultiReader(rec.Body, brokenReader{}))
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
