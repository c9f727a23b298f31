package sandbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
)

const maxRequest = 16 << 20

// Gate stands before a platform's API: it writes the journal and injects
// faults, so that a simulator holds nothing but its platform's truth.
type Gate struct {
	World    *World
	Platform string
	// Route names a request for rules and journal, without identifiers:
	// "GET /orders/{id}".
	Route func(*http.Request) string
	// Volatile lists parameters that differ between two sendings of one
	// request (timestamps, signatures, tokens); they do not count for its
	// identity.
	Volatile []string
	// Secret lists parameters and JSON members that the journal must not show.
	Secret []string
	// Refuse answers a fault of the platform's own kind in the platform's own
	// shape, without carrying the call out. False means that it does not know
	// the kind.
	Refuse func(w http.ResponseWriter, r *http.Request, kind string) bool
	Next   http.Handler

	mu   sync.Mutex
	seen map[string]int
}

type faultKey struct{}

// FaultOf returns the kind of a fault that neither the kit nor Gate.Refuse
// handles, for handlers that act on it themselves; "" if there is none.
func FaultOf(r *http.Request) string {
	f, _ := r.Context().Value(faultKey{}).(string)
	return f
}

type warnKey struct{}

// Warn notes in the journal that a call exercised undocumented behaviour.
func Warn(r *http.Request, text string) {
	if w, ok := r.Context().Value(warnKey{}).(*string); ok {
		*w = text
	}
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, "request too large or cut", http.StatusRequestEntityTooLarge)
		return
	}
	route := g.Route(r)
	identity := g.identity(r, body)
	g.mu.Lock()
	if g.seen == nil {
		g.seen = map[string]int{}
	}
	g.seen[identity]++
	attempt := g.seen[identity]
	g.mu.Unlock()

	fault := g.World.Faults.decide(route, identity, attempt)
	entry := &Entry{
		At: g.World.Now(), Platform: g.Platform, Route: route, Path: r.URL.Path,
		RequestID: r.Header.Get("X-Request-Id"), Identity: identity, Attempt: attempt,
		Request: g.shown(r, body), Fault: fault.Kind,
	}
	g.World.Journal.add(entry)
	finish := func(outcome string, rec *httptest.ResponseRecorder, warning string) {
		g.World.Journal.update(entry, func(e *Entry) {
			e.Outcome, e.Warning = outcome, warning
			if rec != nil {
				e.Applied, e.Status, e.Response = true, rec.Code, g.blackOut(rec.Body.Bytes())
			}
		})
	}

	switch fault.Kind {
	case FaultDropBefore:
		finish(Dropped, nil, "")
		panic(http.ErrAbortHandler)
	case FaultLate:
		again := request(context.Background(), r, body)
		g.World.After(fault.Delay, func() {
			rec := httptest.NewRecorder()
			g.Next.ServeHTTP(rec, again)
			finish(Dropped, rec, "")
		})
		finish(Dropped, nil, "")
		panic(http.ErrAbortHandler)
	case FaultHTML, Fault500, Fault503:
		rec := httptest.NewRecorder()
		status := map[string]int{FaultHTML: 502, Fault500: 500, Fault503: 503}[fault.Kind]
		rec.Header().Set("Content-Type", "text/html")
		rec.WriteHeader(status)
		_, _ = rec.WriteString("<html><body><h1>gateway trouble</h1></body></html>")
		finish(Answered, rec, "")
		g.World.Journal.update(entry, func(e *Entry) { e.Applied = false })
		copyAnswer(w, rec)
		return
	}
	if fault.Kind != "" && g.Refuse != nil {
		rec := httptest.NewRecorder()
		if g.Refuse(rec, request(r.Context(), r, body), fault.Kind) {
			finish(Answered, rec, "")
			g.World.Journal.update(entry, func(e *Entry) { e.Applied = false })
			copyAnswer(w, rec)
			return
		}
	}

	var warning string
	ctx := context.WithValue(r.Context(), faultKey{}, fault.Kind)
	ctx = context.WithValue(ctx, warnKey{}, &warning)
	rec := httptest.NewRecorder()
	g.Next.ServeHTTP(rec, request(ctx, r, body))
	// Noted before the wait: whoever is killed during it must find the call
	// carried out.
	finish(Abandoned, rec, warning)

	switch fault.Kind {
	case FaultSlow:
		if g.World.clock.Sleep(r.Context(), fault.Delay) != nil {
			panic(http.ErrAbortHandler)
		}
	case FaultDropAfter:
		finish(Dropped, rec, warning)
		panic(http.ErrAbortHandler)
	case FaultCutBody:
		finish(Dropped, rec, warning)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes()[:rec.Body.Len()/2])
		panic(http.ErrAbortHandler)
	}
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
	finish(Answered, rec, warning)
	copyAnswer(w, rec)
}

func request(ctx context.Context, r *http.Request, body []byte) *http.Request {
	again := r.Clone(ctx)
	again.Body = io.NopCloser(bytes.NewReader(body))
	again.ContentLength = int64(len(body))
	return again
}

func copyAnswer(w http.ResponseWriter, rec *httptest.ResponseRecorder) {
	for k, v := range rec.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

// identity hashes what makes two sendings the same request.
func (g *Gate) identity(r *http.Request, body []byte) string {
	h := sha256.New()
	h.Write([]byte(r.Method + " " + r.URL.Path))
	values, isForm := form(r, body)
	names := make([]string, 0, len(values))
	for name := range values {
		if !slices.Contains(g.Volatile, name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for _, name := range names {
		h.Write([]byte("\x00" + name + "=" + strings.Join(values[name], "\x01")))
	}
	if !isForm {
		h.Write(body)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func form(r *http.Request, body []byte) (values url.Values, isForm bool) {
	values = r.URL.Query()
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		return values, false
	}
	more, _ := url.ParseQuery(string(body))
	for k, v := range more {
		values[k] = append(values[k], v...)
	}
	return values, true
}

// shown renders the request for the journal, without secrets.
func (g *Gate) shown(r *http.Request, body []byte) string {
	values, isForm := form(r, body)
	for _, name := range g.Secret {
		if values.Has(name) {
			values.Set(name, "•••")
		}
	}
	text, _ := url.QueryUnescape(values.Encode())
	if isForm || len(body) == 0 {
		return text
	}
	if text != "" {
		text += " "
	}
	return text + g.blackOut(body)
}

const journalBody = 8 << 10

func (g *Gate) blackOut(body []byte) string {
	var v any
	if json.Unmarshal(body, &v) == nil {
		var walk func(any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for k, inner := range v {
					if slices.Contains(g.Secret, k) {
						v[k] = "•••"
					} else {
						walk(inner)
					}
				}
			case []any:
				for _, inner := range v {
					walk(inner)
				}
			}
		}
		if slices.ContainsFunc(g.Secret, func(s string) bool { return bytes.Contains(body, []byte(s)) }) {
			walk(v)
			if b, err := json.Marshal(v); err == nil {
				body = b
			}
		}
	}
	if len(body) > journalBody {
		return string(body[:journalBody]) + "…"
	}
	return string(body)
}
