package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"strings"
	"time"
)

const (
	accessToken  = "access"
	refreshToken = "refresh"
)

// token is an access or a refresh token of one seller for the app.
type token struct {
	text, kind      string
	seller          *seller
	issued, expires time.Time
	dead            bool
	byHand          bool // the one of Info, for tests by hand
}

// code is an authorization code on its way from the sign-in page.
type code struct {
	seller *seller
	issued time.Time
	used   bool
}

// codeLife is §2.2.
const codeLife = 30 * time.Minute

func (s *Server) alive(t *token) bool { return !t.dead && s.world.Now().Before(t.expires) }

func (s *Server) keep(t *token) {
	s.tokens[t.text] = t
	s.allGot = append(s.allGot, t)
	if t.kind == accessToken {
		t.seller.grant = t
	}
}

func (s *Server) validToken(text string) *token {
	if t := s.tokens[text]; t != nil && t.kind == accessToken && s.alive(t) {
		return t
	}
	return nil
}

// authorized tells whether a seller has a valid authorization, which pushes
// need (§14.1). The token for tests by hand counts until somebody signs in.
func (s *Server) authorized(v *seller) bool { return v.grant != nil && s.alive(v.grant) }

// secretText makes texts that nobody guesses and every run repeats.
func (s *Server) secretText(kind string) string {
	s.nextToken++
	h := sha256.Sum256(fmt.Appendf(nil, "%d %s %d", s.world.Seed, kind, s.nextToken))
	return hex.EncodeToString(h[:16])
}

func (s *Server) issueCode(v *seller) string {
	text := fmt.Sprintf("0_%s_%s", s.app.key, s.secretText("code"))
	s.codes[text] = &code{seller: v, issued: s.world.Now()}
	return text
}

// tokenCreate is §2.3.
func (s *Server) tokenCreate(c *call) reply {
	if out, wrong := s.wrongHost(c); wrong {
		return out
	}
	if c.get("code") == "" {
		return missing("code")
	}
	got := s.codes[c.get("code")]
	if got == nil || got.used || s.world.Now().Sub(got.issued) > codeLife {
		return refused(isp, "InvalidCode", "Invalid authorization code")
	}
	got.used = true
	life := time.Duration(s.number("refresh_life_seconds")) * time.Second
	return s.issue(got.seller, s.now().Add(life), "country_user_info")
}

// tokenRefresh is §2.4.
func (s *Server) tokenRefresh(c *call) reply {
	if out, wrong := s.wrongHost(c); wrong {
		return out
	}
	if c.get("refresh_token") == "" {
		return missing("refresh_token")
	}
	old := s.tokens[c.get("refresh_token")]
	if old == nil || old.kind != refreshToken || !s.alive(old) {
		return refused(isv, "IllegalRefreshToken", "The specified refresh token is invalid or expired")
	}
	if s.desk.Is("auth_kind", "market") {
		return refused(isp, "AUTH_TYPE_UNSUPPORTED", "The app can only be authorized by market, not support refresh")
	}
	if s.desk.Is("old_token_after_refresh", "dead") {
		for _, t := range s.allGot {
			t.dead = t.dead || t.kind == accessToken && t.seller == old.seller && !t.byHand
		}
	}
	old.dead = s.desk.Is("old_refresh_after_refresh", "dead")
	expires := s.now().Add(time.Duration(s.number("refresh_life_seconds")) * time.Second)
	if s.desk.Is("refresh_life", "fixed") {
		expires = old.expires
	}
	return s.issue(old.seller, expires, "country_user_info_list")
}

// issue makes a new pair and the flat answer of §2.3.
func (s *Server) issue(v *seller, refreshExpires time.Time, listName string) reply {
	now := s.now()
	life := time.Duration(s.number("access_life")) * time.Second
	access := &token{text: "50000" + s.secretText("access"), kind: accessToken, seller: v, issued: now, expires: now.Add(life)}
	refresh := &token{text: "50001" + s.secretText("refresh"), kind: refreshToken, seller: v, issued: now, expires: refreshExpires}
	s.keep(access)
	s.keep(refresh)
	s.warnOfExpiry(access)
	refreshIn := int64(refreshExpires.Sub(now).Seconds())
	if s.desk.Is("auth_kind", "market") {
		refreshIn = 0 // This token cannot be refreshed (§2.5).
	}
	info := map[string]any{"country": "vn", "user_id": "200100300400", "seller_id": fmt.Sprint(v.id), "short_code": v.shortCode}
	var countries any = []map[string]any{info}
	if s.desk.Is("country_user_info_shape", "object") {
		countries = map[string]any{"vn": info}
	}
	return reply{members: map[string]any{
		"access_token": access.text, "refresh_token": refresh.text,
		"expires_in": int64(life.Seconds()), "refresh_expires_in": refreshIn,
		"country": "vn", "account": v.account, "account_id": nil, "account_platform": "seller_center", listName: countries,
	}}
}

// wrongHost refuses token calls that did not go to the auth host, with the
// switch token_host: the documentation knows no other, clients do (§1).
func (s *Server) wrongHost(c *call) (reply, bool) {
	host := c.r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if s.desk.Is("token_host", "any") || strings.HasPrefix(host, "auth.") {
		return reply{}, false
	}
	return refused(isp, "InvalidCode", "Invalid authorization code"), true
}
