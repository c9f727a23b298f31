package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// The fault kinds of this platform, beside those of the kit.
const (
	faultThrottled  = "throttled"     // 429
	faultBusiness   = "kv_420"        // a business error
	faultRevoked    = "token_revoked" // 401 before the token's end
	faultFlakyBulk  = "flaky_bulk"    // §4.2.6: nothing is written
	faultPermission = "permission"
)

// refuse answers a fault in the platform's own shape.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, kind string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch kind {
	case faultThrottled:
		respond(w, nil, s.throttled(w, time.Minute))
	case faultBusiness:
		respond(w, nil, business(anyException, "Có lỗi xảy ra trong quá trình xử lý"))
	case faultRevoked:
		w.Header().Set("WWW-Authenticate", "jwt")
		respond(w, nil, expiredToken())
	case faultFlakyBulk:
		respond(w, nil, emptyBulk())
	case faultPermission:
		name := "dữ liệu"
		if rt, _ := s.match(r.Method, r.URL.Path); rt != nil {
			name = rightNames[rt.right]
		}
		respond(w, nil, noPermission(r.Method, name))
	default:
		return false
	}
	return true
}

func emptyBulk() *refusal {
	return business(productException, "Danh sách sản phẩm cập nhật rỗng")
}

// switchFaults turns the fault switches of §10.2 into one rule for this very
// request, so that the journal tells about them as about any other fault.
func (s *Server) switchFaults(r *http.Request) {
	route := s.routeName(r)
	rt, _ := s.match(r.Method, r.URL.Path)
	if rt == nil {
		return
	}
	add := func(kind string, delay time.Duration) {
		// The pattern is a known route's name and always valid.
		_ = s.world.Faults.Add(kit.Rule{Route: route, Kind: kind, Times: 1, Delay: delay})
	}
	switch {
	case route == "PUT /listupdatedproducts" && s.strikes("flaky_bulk_update", route):
		add(faultFlakyBulk, 0)
	case route == "POST /invoices" && s.desk.Is("slow_invoice", "slow"):
		add(kit.FaultSlow, 35*time.Second)
	case route == "POST /invoices" && s.desk.Is("slow_invoice", "cut"):
		add(kit.FaultDropAfter, 0)
	case s.strikes("token_revoked_midway", route):
		add(faultRevoked, 0)
	case s.strikes("http_5xx", route):
		add(kit.Fault503, 0)
	case s.strikes("http_429_burst", route):
		add(faultThrottled, 0)
	}
}

// strikes decides whether a switch that holds a share ("0.2") hits this time.
func (s *Server) strikes(name, key string) bool {
	rate, err := strconv.ParseFloat(s.desk.Value(name), 64)
	if err != nil || rate <= 0 {
		return false
	}
	s.mu.Lock()
	s.attempts[name+key]++
	n := s.attempts[name+key]
	s.mu.Unlock()
	return kit.Chance(s.world.Seed, name, key, fmt.Sprint(n)) < rate
}
