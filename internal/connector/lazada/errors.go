package lazada

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/rest"
	"github.com/dongbo/dongbo/internal/retail"
)

// meaning is what a code means for the hub.
type meaning struct {
	kind  connector.Kind
	key   string
	after time.Duration // of Throttled
}

// codes decides by code alone: the documentation mixes up the types ISV, ISP
// and SYSTEM (§5.1). Sections: §2.6, §5.2, §5.3, §7.2–7.4, §12.3.
var codes = map[string]meaning{
	"IllegalAccessToken":    {kind: connector.Unauthorised, key: "lazada.token_dead"},
	"InvalidAccessToken":    {kind: connector.Unauthorised, key: "lazada.token_dead"},
	"IllegalRefreshToken":   {kind: connector.Unauthorised, key: "lazada.refresh_expired"},
	"InvalidCode":           {kind: connector.Unauthorised, key: "lazada.code_expired"},
	"AUTH_TYPE_UNSUPPORTED": {kind: connector.Unauthorised, key: "lazada.refresh_unsupported"},

	"IncompleteSignature":    {kind: connector.Rejected, key: "lazada.wrong_secret"},
	"InvalidAppKey":          {kind: connector.Forbidden, key: "lazada.wrong_app_key"},
	"APP_KEY_INVALID":        {kind: connector.Forbidden, key: "lazada.wrong_app_key"},
	"IllegalTimestamp":       {kind: connector.Forbidden, key: "lazada.clock_wrong"},
	"InvalidTimestamp":       {kind: connector.Forbidden, key: "lazada.clock_wrong"},
	"InsufficientPermission": {kind: connector.Forbidden, key: "lazada.app_permission"},
	"AppWhiteIpLimit":        {kind: connector.Forbidden, key: "lazada.ip_not_allowed"},
	"AppNotSubscribed":       {kind: connector.Forbidden, key: "lazada.not_subscribed"},
	"SellerNotVerified":      {kind: connector.Forbidden, key: "lazada.seller_not_verified"},
	"SellerNotActive":        {kind: connector.Forbidden, key: "lazada.seller_not_active"},
	"Mp3SellerApiLimit":      {kind: connector.Forbidden, key: "lazada.ease_mode"},

	"MissingParameter":      {kind: connector.Rejected, key: "lazada.bad_request"},
	"InvalidApiPath":        {kind: connector.Rejected, key: "lazada.bad_request"},
	"InvalidApi":            {kind: connector.Rejected, key: "lazada.bad_request"},
	"UnsupportedHTTPMethod": {kind: connector.Rejected, key: "lazada.bad_request"},

	// Only ApiCallLimit tells how long; see throttled.
	"ApiCallLimit":            {connector.Throttled, "lazada.throttled", time.Second},
	"SellerCallLimit":         {connector.Throttled, "lazada.throttled", 3 * time.Second},
	"AppApiCallLimit":         {connector.Throttled, "lazada.throttled", 5 * time.Second},
	"HOT_KEY_BLOCK_EXCEPTION": {connector.Throttled, "lazada.throttled", 5 * time.Second},
	"IopSystemFlowlimit":      {connector.Throttled, "lazada.throttled", 5 * time.Second},
	"ServiceCurrentlimit":     {connector.Throttled, "lazada.throttled", 5 * time.Second},
	"1002":                    {connector.Throttled, "lazada.throttled", 5 * time.Second},
	"4154":                    {connector.Throttled, "lazada.throttled", time.Second},
	// The day's quota, or one API switched off for a campaign. Which of the two is
	// not told, and Throttled holds the whole account: longer than a poll would
	// keep orders from coming in on the busiest days.
	"AppCallLimit": {connector.Throttled, "lazada.app_quota", time.Minute},
	"998":          {connector.Throttled, "lazada.campaign_closed", 2 * time.Minute},

	// The backend did not answer the gateway in time; a write may have gone
	// through (§15, 19). The two below are its neighbours.
	"ServiceTimeout":          {kind: connector.Uncertain, key: "lazada.timeout"},
	"SystemError":             {kind: connector.Uncertain, key: "lazada.trouble"},
	"UnknownRuntimeException": {kind: connector.Uncertain, key: "lazada.trouble"},
	"ServiceUnavailable":      {kind: connector.Temporary, key: "lazada.trouble"},
	"6":                       {kind: connector.Temporary, key: "lazada.trouble"},
	"506":                     {kind: connector.Temporary, key: "lazada.trouble"},
	"513":                     {kind: connector.Temporary, key: "lazada.trouble"},
	"901":                     {kind: connector.Temporary, key: "lazada.trouble"},
	"1000":                    {kind: connector.Temporary, key: "lazada.trouble"},
	"4147":                    {kind: connector.Temporary, key: "lazada.trouble"},

	"16": {kind: connector.NotFound, key: "lazada.order_not_found"},
	"37": {kind: connector.NotFound, key: "lazada.order_not_found"},
	"39": {kind: connector.NotFound, key: "lazada.order_not_found"},
	"1":  {kind: connector.Rejected, key: "lazada.bad_request"},
	"5":  {kind: connector.Rejected, key: "lazada.bad_request"},
	"14": {kind: connector.Rejected, key: "lazada.bad_request"},
	"17": {kind: connector.Rejected, key: "lazada.bad_request"},
	"19": {kind: connector.Rejected, key: "lazada.bad_request"},
	"30": {kind: connector.Rejected, key: "lazada.bad_request"},
	"36": {kind: connector.Rejected, key: "lazada.bad_request"},
	"38": {kind: connector.Rejected, key: "lazada.bad_request"},
	"56": {kind: connector.Rejected, key: "lazada.bad_request"},
	"70": {kind: connector.Rejected, key: "lazada.bad_request"},
	"74": {kind: connector.Rejected, key: "lazada.bad_request"},
	"75": {kind: connector.Rejected, key: "lazada.bad_request"},
	"97": {kind: connector.Rejected, key: "lazada.bad_request"},

	"204":  {kind: connector.Rejected, key: "lazada.bad_request"},
	"4171": {kind: connector.Rejected, key: "lazada.bad_request"},
	"4193": {kind: connector.Rejected, key: "lazada.bad_request"},
	"4216": {kind: connector.Rejected, key: "lazada.bad_request"},
	"4136": {kind: connector.NotFound, key: "lazada.listing_gone"},
	"4137": {kind: connector.NotFound, key: "lazada.listing_gone"},
	"4104": {kind: connector.Rejected, key: "lazada.price_fraction"},
	"4121": {kind: connector.Rejected, key: "lazada.price_fraction"},
	"4118": {kind: connector.Rejected, key: "lazada.price_zero"},
	"4119": {kind: connector.Rejected, key: "lazada.discount_too_deep"},
	"4117": {kind: connector.Rejected, key: "lazada.sale_dates"},
	"4157": {kind: connector.Rejected, key: "lazada.special_above_price"},
	"4152": {kind: connector.Rejected, key: "lazada.stock_negative"},
	"212":  {kind: connector.Locked, key: "lazada.stock_below_orders"},
	"4170": {kind: connector.Locked, key: "lazada.campaign_stock"},
	"4155": {kind: connector.Locked, key: "lazada.product_locked"},
	"4218": {kind: connector.Locked, key: "lazada.product_locked"},
	"4225": {kind: connector.Forbidden, key: "lazada.semi_hosted"},
}

// overview codes say that something is wrong with some rows and leave the rest
// to detail (§12.3, §5.3).
func overview(code text) bool { return code == "501" || code == "500" || code == "503" }

// plain drops what some answers put around a number: "E016" and "E0501" are
// 16 and 501 (§5.1, §5.3).
func plain(code text) string {
	if digits := strings.TrimPrefix(string(code), "E"); digits != string(code) || strings.HasPrefix(digits, "0") {
		if n, err := strconv.Atoi(digits); err == nil {
			return strconv.Itoa(n)
		}
	}
	return string(code)
}

// classify turns an answer with a code other than 0 into an error. A code
// that we do not know is Temporary for a read and Uncertain for a write.
func classify(env envelope, c call) *connector.Error {
	m, ok := codes[plain(env.Code)]
	switch {
	case !ok && c.write:
		m = meaning{kind: connector.Uncertain, key: "lazada.unknown_code"}
	case !ok:
		m = meaning{kind: connector.Temporary, key: "lazada.unknown_code"}
	case m.kind == connector.Uncertain && !c.write:
		m.kind = connector.Temporary
	}
	return &connector.Error{
		Kind:  m.kind,
		After: max(m.after, ban(env)),
		Problem: retail.Problem{
			Key:    m.key,
			Args:   map[string]any{"code": string(env.Code), "request_id": string(env.RequestID)},
			Detail: rest.Redact(string(env.Message)),
		},
		Err: fmt.Errorf("%s answered code %s", c.path, env.Code),
	}
}

var banned = regexp.MustCompile(`(?i)last (\d+) seconds?`)

// ban reads "this ban will last N seconds" (§5.2); N is sometimes 0, which the
// table's second outweighs.
func ban(env envelope) time.Duration {
	found := banned.FindStringSubmatch(string(env.Message))
	if found == nil || env.Code != "ApiCallLimit" {
		return 0
	}
	n, _ := strconv.Atoi(found[1])
	return min(time.Duration(n)*time.Second, 24*time.Hour)
}

// halts tells whether an error is about the account rather than about the
// object, so that the rest of a batch waits too.
func halts(err error) bool {
	switch connector.KindOf(err, false) {
	case connector.Throttled, connector.Unauthorised, connector.Forbidden:
		return err != nil
	default:
		return strings.HasPrefix(problemOf(err), "connection.")
	}
}

func problemOf(err error) string {
	if e, ok := errors.AsType[*connector.Error](err); ok {
		return e.Problem.Key
	}
	return ""
}
