package lazada

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// signInSoon is how long before the end of a sign-in the owner is told.
const signInSoon = 7 * 24 * time.Hour

// check looks at what keeps a shop from being served (§13): its status, Ease
// Mode, warehouses, and how long the sign-in lasts.
func (s *seller) check(ctx context.Context) ([]retail.Problem, error) {
	var problems []retail.Problem
	report := func(key string, args map[string]any) {
		problems = append(problems, retail.Problem{Key: key, Args: args})
	}
	var shop struct {
		ID       text  `json:"seller_id"`
		Status   text  `json:"status"`
		Verified *flag `json:"verified"`
		EaseMode flag  `json:"marketplaceEaseMode"`
	}
	env, err := s.do(ctx, call{method: http.MethodGet, path: "/seller/get", budget: readBudget})
	if err != nil {
		return nil, err
	}
	if err := env.data("/seller/get", &shop); err != nil {
		return nil, err
	}
	if want := s.account.Grant.AccountID; want != "" && string(shop.ID) != want {
		report("lazada.other_account", nil)
	}
	if shop.Status != "" && !strings.EqualFold(string(shop.Status), "active") {
		report("lazada.seller_not_active", map[string]any{"status": string(shop.Status)})
	}
	if shop.Verified != nil && !bool(*shop.Verified) {
		report("lazada.seller_not_verified", nil)
	}
	if shop.EaseMode {
		report("lazada.ease_mode", nil)
	}
	warehouses, err := s.warehouses(ctx)
	if err != nil {
		return nil, err
	}
	if warehouses > 1 {
		report("lazada.many_warehouses", map[string]any{"count": warehouses})
	}
	return append(problems, s.signIn()...), nil
}

// warehouses counts the shop's warehouses. The call is known from guides only
// (§19), so that its absence is no problem.
func (s *seller) warehouses(ctx context.Context) (int, error) {
	env, err := s.do(ctx, call{
		method: http.MethodGet, path: "/seller/warehouse/get", budget: readBudget,
		params: map[string]string{"addressTypes": `["warehouse"]`},
	})
	if kind := connector.KindOf(err, false); err != nil && kind != connector.Rejected && kind != connector.Forbidden {
		return 0, err
	}
	var result struct {
		Module []struct {
			Code text `json:"code"`
		} `json:"module"`
	}
	if json.Unmarshal(env.Result, &result) != nil {
		return 0, nil
	}
	codes := map[text]bool{}
	for _, w := range result.Module {
		codes[w.Code] = true
	}
	return len(codes), nil
}

// signIn tells when the owner has to sign in again: when the refresh token
// ends, or the access token where there is none (§2.5).
func (s *seller) signIn() []retail.Problem {
	g := s.account.Grant
	end := g.RefreshUntil
	if g.Refresh == "" {
		end = g.AccessUntil
	}
	left := end.Sub(s.account.Now())
	switch {
	case end.IsZero() || left > signInSoon:
		return nil
	case left <= 0:
		return []retail.Problem{{Key: "lazada.refresh_expired"}}
	default:
		return []retail.Problem{{Key: "lazada.sign_in_soon", Args: map[string]any{"days": days(left), "until": end.UTC().Format(time.RFC3339)}}}
	}
}
