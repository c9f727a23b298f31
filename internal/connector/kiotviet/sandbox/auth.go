package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// token is one access token. Several may be valid at once (§2.3).
type token struct {
	expires time.Time
	revoked bool
}

// serveToken is POST /connect/token (§2.1). The scope parameter is ignored
// whatever it is called: clients send scopes, scope or neither.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	invalid := func(what string) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write(encode(obj("error", what)))
	}
	if r.ParseForm() != nil {
		invalid("invalid_request")
		return
	}
	form := r.PostForm
	sh := find(s.shops, func(sh *shop) bool {
		return sh.clientID == form.Get("client_id") && sh.clientSecret == form.Get("client_secret")
	})
	switch {
	case sh == nil:
		invalid("invalid_client")
		return
	case form.Get("grant_type") != "client_credentials":
		invalid("unsupported_grant_type")
		return
	}
	lifetime, err := strconv.ParseInt(s.desk.Value("token_lifetime"), 10, 64)
	if err != nil {
		lifetime = 86400
	}
	now := s.world.Now()
	if s.desk.Is("token_invalidates_previous", "true") {
		for _, t := range sh.tokens {
			t.revoked = true
		}
	}
	text := sh.jwt(now, now.Add(time.Duration(lifetime)*time.Second))
	sh.tokens[text] = &token{expires: now.Add(time.Duration(lifetime) * time.Second)}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(encode(obj("access_token", text, "expires_in", lifetime, "token_type", "Bearer", "scope", "PublicApi.Access")))
}

// jwt carries the claims of §2.2. The real service signs with RS256; clients
// only decode, so a keyed hash is enough here and keeps runs repeatable.
func (s *shop) jwt(issued, expires time.Time) string {
	s.last["token"]++
	part := func(o object) string { return base64.RawURLEncoding.EncodeToString(encode(o)) }
	text := part(obj("alg", "HS256", "typ", "at+jwt")) + "." + part(obj(
		"iss", "https://id.kiotviet.vn", "nbf", issued.Unix(), "iat", issued.Unix(), "exp", expires.Unix(),
		"scope", []string{"PublicApi.Access"}, "client_id", s.clientID,
		"client_RetailerCode", s.name, "client_RetailerId", fmt.Sprint(s.id),
		// §2.2: presumably the super admin who made the key.
		"client_UserId", fmt.Sprint(s.owner().id), "client_SensitiveApi", "True", "client_GroupId", "1",
		"jti", s.random("jti", s.last["token"])[:32]))
	mac := hmac.New(sha256.New, []byte(s.random("jwt key")))
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// authorise answers §2.5 and sets the call's shop.
func (s *Server) authorise(c *call, w http.ResponseWriter, rt *route) error {
	unauthorised := func(e *refusal) error {
		w.Header().Set("WWW-Authenticate", "jwt")
		e.status = http.StatusUnauthorized
		return e
	}
	scheme, text, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	var t *token
	for _, sh := range s.shops {
		if found, ok := sh.tokens[text]; ok && strings.EqualFold(scheme, "Bearer") {
			t, c.shop = found, sh
		}
	}
	if t == nil {
		return unauthorised(&refusal{empty: true})
	}
	if t.revoked || !c.now.Before(t.expires) {
		return unauthorised(expiredToken())
	}
	if !strings.EqualFold(c.r.Header.Get("Retailer"), c.shop.name) {
		c.warn("header Retailer missing or of another shop")
		e := business("KvUnauthorizedException", "Retailer không hợp lệ")
		if s.desk.Is("wrong_retailer", "401") {
			return unauthorised(e)
		}
		return e
	}
	if c.r.Method == http.MethodGet {
		if err := s.spendQuota(c, w); err != nil {
			return err
		}
	}
	return c.shop.permitted(rt)
}

func expiredToken() *refusal {
	return &refusal{status: http.StatusUnauthorized, code: tokenException, message: "Token has expired"}
}

// spendQuota limits GETs to 5000 per hour; writes are not counted (§3.7).
func (s *Server) spendQuota(c *call, w http.ResponseWriter) error {
	quota, err := strconv.Atoi(s.desk.Value("get_quota"))
	if err != nil {
		quota = 5000
	}
	sh := c.shop
	if s.desk.Is("quota_window", "fixed") {
		if start := c.now.Truncate(time.Hour); !start.Equal(sh.quotaStart) {
			sh.quotaStart, sh.quotaUsed = start, nil
		}
	} else {
		for len(sh.quotaUsed) > 0 && !sh.quotaUsed[0].Add(time.Hour).After(c.now) {
			sh.quotaUsed = sh.quotaUsed[1:]
		}
	}
	if len(sh.quotaUsed) < quota {
		sh.quotaUsed = append(sh.quotaUsed, c.now)
		return nil
	}
	free := c.now.Truncate(time.Hour).Add(time.Hour)
	if s.desk.Is("quota_window", "rolling") && len(sh.quotaUsed) > 0 {
		free = sh.quotaUsed[0].Add(time.Hour)
	}
	c.warn("the form of the refusal over the GET quota")
	return s.throttled(w, free.Sub(c.now))
}

// throttled is the refusal that nobody has captured (§3.7).
func (s *Server) throttled(w http.ResponseWriter, wait time.Duration) *refusal {
	if s.desk.Is("retry_after", "on") {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	e := &refusal{status: http.StatusTooManyRequests, message: "API calls quota exceeded"}
	switch s.desk.Value("throttle_body") {
	case "response_status":
		e.code = "TooManyRequests"
	case "empty":
		e.empty = true
	}
	return e
}
