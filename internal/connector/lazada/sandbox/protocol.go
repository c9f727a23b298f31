package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// call is one request that has passed the checks of §17.1.
type call struct {
	r      *http.Request
	params map[string]string
	seller *seller // nil at the token API
	token  *token
}

func (c *call) get(name string) string { return c.params[name] }

// reply is an answer before it is written. Its members stand beside code and
// request_id: data, result or the flat members of the token API (§5.1).
type reply struct {
	code, kind, message string
	members             map[string]any
	detail              []map[string]any
}

func data(v any) reply   { return reply{members: map[string]any{"data": v}} }
func result(v any) reply { return reply{members: map[string]any{"result": v}} }

// Kinds of refusal (§5.1).
const (
	isv    = "ISV"
	isp    = "ISP"
	system = "SYSTEM"
)

func refused(kind, code, format string, args ...any) reply {
	return reply{code: code, kind: kind, message: fmt.Sprintf(format, args...)}
}

func missing(name string) reply {
	return refused(isv, "MissingParameter", "The input parameter \"%s\" that is mandatory for processing this request is not supplied", name)
}

// serveAPI carries out one API call: the check order of §17.1, then the
// handler of §19.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	out := s.handle(r)
	switch kit.FaultOf(r) {
	case faultTimeoutApplied:
		// The change was made; only the answer says otherwise (§15 no. 19).
		out = refused(system, "ServiceTimeout", "Backend service timeout")
	case faultEmptyData:
		out = emptied(out)
	}
	s.requests++
	id := requestID(s.requests)
	flip := s.desk.Is("type_flip", "on")
	s.mu.Unlock()
	writeReply(w, out, id, s.world.Seed, flip)
}

func (s *Server) handle(r *http.Request) reply {
	path := apiPath(r)
	end, ok := endpoints[path]
	if !ok || end.legacy && s.desk.Is("legacy_fulfilment", "off") {
		return refused(isv, "InvalidApiPath", "The specified api path is invalid: %s", path)
	}
	if !end.takes(r.Method) {
		return refused(isv, "UnsupportedHTTPMethod", "The request method %s is not supported by %s", r.Method, path)
	}
	params, err := merged(r)
	if err != nil {
		return refused(isv, "MissingParameter", "The request cannot be read: %v", err)
	}
	needed := []string{"app_key", "timestamp", "sign_method", "sign", "access_token"}
	if end.tokenless {
		needed = needed[:4]
	}
	for _, name := range needed {
		if params[name] == "" {
			return missing(name)
		}
	}
	if params["app_key"] != s.app.key {
		return refused(isv, "InvalidAppKey", "The specified App Key is invalid")
	}
	if !s.timely(params["timestamp"]) {
		return refused(isv, "IllegalTimestamp", "The request timestamp is not within 7200 seconds of the server's")
	}
	// The MD5 form of 2018 is refused (§3.1).
	if params["sign_method"] != "sha256" || !signed(s.app.secret, path, params) {
		return refused(isv, "IncompleteSignature", "The request signature does not conform to lazop standards")
	}
	c := &call{r: r, params: params}
	if !end.tokenless {
		if c.token = s.validToken(params["access_token"]); c.token == nil {
			return illegalAccessToken()
		}
		c.seller = c.token.seller
		if !s.app.permits(end.group) {
			return insufficientPermission()
		}
	}
	if out, limited := s.limit(path, end, c.seller); limited {
		return out
	}
	if c.seller != nil && path != "/seller/get" {
		// Onboarding and closed shops: §5.2.
		if !c.seller.verified {
			return refused(isp, "SellerNotVerified", "Seller is not verified")
		}
		if c.seller.status != "ACTIVE" {
			return refused(isp, "SellerNotActive", "Seller is not active")
		}
	}
	return end.run(s, c)
}

// requestID is unique in one run.
func requestID(n int64) string { return fmt.Sprintf("0ba28873%018d", n) }

func illegalAccessToken() reply {
	return refused(isv, "IllegalAccessToken", "The specified access token is invalid or expired")
}

func insufficientPermission() reply {
	return refused(isv, "InsufficientPermission", "The app does not have permission to access this API")
}

// timely checks the timestamp, digits in milliseconds or ISO-8601 (§3.1).
func (s *Server) timely(text string) bool {
	at, err := parseISO(text)
	if ms, digits := strconv.ParseInt(text, 10, 64); digits == nil {
		at, err = time.UnixMilli(ms), nil
	}
	return err == nil && s.world.Now().Sub(at).Abs() <= 7200*time.Second
}

// merged is the one map of §3.2: the query, then form fields, then text parts
// of a multipart body, then top-level members of a JSON body whose names are
// not present yet.
func merged(r *http.Request) (map[string]string, error) {
	params := map[string]string{}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	add := func(values url.Values) {
		for name, v := range values {
			if len(v) > 0 {
				params[name] = v[0]
			}
		}
	}
	add(query)
	if r.Method != http.MethodPost {
		return params, nil
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		add(form)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(16 << 20); err != nil {
			return nil, err
		}
		add(r.MultipartForm.Value)
	case "application/json":
		var members map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&members); err != nil {
			return params, nil // Clients that put everything in the query send any body.
		}
		for name, raw := range members {
			if _, present := params[name]; present {
				continue
			}
			var text string
			if json.Unmarshal(raw, &text) != nil {
				var compact bytes.Buffer
				_ = json.Compact(&compact, raw)
				text = compact.String()
			}
			params[name] = text
		}
	}
	return params, nil
}

// writeReply writes the envelope of §5.1. The status is 200 whatever
// happened.
func writeReply(w http.ResponseWriter, out reply, id string, seed uint64, flip bool) {
	body := map[string]any{}
	for k, v := range out.members {
		body[k] = v
	}
	body["code"], body["request_id"] = "0", id
	if out.code != "" {
		body["code"], body["type"], body["message"] = out.code, out.kind, out.message
	}
	if len(out.detail) > 0 {
		body["detail"] = out.detail
	}
	text := encode(body)
	if flip {
		text = flipped(text, seed, id)
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = w.Write(text)
}

func encode(v any) []byte {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n")
}
