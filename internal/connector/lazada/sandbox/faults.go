package sandbox

import "net/http"

// Fault kinds that need the call to be carried out; serveAPI and the write
// handlers act on them. The other kinds are answered by refuse.
const (
	faultTimeoutApplied = "service_timeout_applied"
	faultEmptyData      = "empty_data"
	faultPartial501     = "partial_501"
)

// refusals are faults in the platform's own shape, without carrying out.
var refusals = map[string]func() reply{
	"service_timeout":   func() reply { return refused(system, "ServiceTimeout", "Backend service timeout") },
	"api_call_limit":    apiCallLimit,
	"seller_call_limit": sellerCallLimit,
	"app_call_limit":    appCallLimit,
	"e901": func() reply {
		return refused(isp, "901", "E901: The request is too frequent, or the requested function is temporarily disabled")
	},
	"e513":          func() reply { return refused(isp, "513", "E513: Internal call exception") },
	"e506":          func() reply { return refused(isp, "506", "E506: Get product failed") },
	"e1000":         func() reply { return refused(isp, "1000", "Internal Application Error") },
	"token_revoked": illegalAccessToken,
	"permission":    insufficientPermission,
	"app_white_ip":  func() reply { return refused(isv, "AppWhiteIpLimit", "The source IP is not on the app's white list") },
}

// refuse answers a fault; the kit journals the call as not carried out.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, kind string) bool {
	if kind == "http_429" {
		// The Odoo module meets a real 429 from the gateway in front (§5.1).
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
		return true
	}
	refusal, ok := refusals[kind]
	if !ok {
		return false
	}
	s.mu.Lock()
	s.requests++
	id := requestID(s.requests)
	s.mu.Unlock()
	writeReply(w, refusal(), id, s.world.Seed, false)
	return true
}

// emptied is code 0 with nothing in it (§15 no. 22).
func emptied(out reply) reply {
	if out.code != "" {
		return out
	}
	members := map[string]any{}
	for name, v := range out.members {
		switch v.(type) {
		case []map[string]any:
			members[name] = []any{}
		default:
			members[name] = map[string]any{}
		}
	}
	return reply{members: members}
}
