package lazada

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// sign is the signature of a call (§4.1): upper-case hex of HMAC-SHA256 with
// the app secret over the API path (without /rest) and every parameter, sorted
// by name in byte order, name and value without separators. Values are plain
// text, never percent-encoded.
func sign(secret, path string, params map[string]string) string {
	names := make([]string, 0, len(params))
	for name := range params {
		if name != "sign" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var text strings.Builder
	text.WriteString(path)
	for _, name := range names {
		text.WriteString(name)
		text.WriteString(params[name])
	}
	return strings.ToUpper(hex.EncodeToString(mac(secret, []byte(text.String()))))
}

// signPush is the signature of a push (§14.1), as bytes: HMAC-SHA256 with the
// app secret over the app key and the raw body.
func signPush(appKey, secret string, body []byte) []byte {
	return mac(secret, append([]byte(appKey), body...))
}

func mac(secret string, text []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(text)
	return h.Sum(nil)
}
