package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
)

// signature computes §4.1: path, then every parameter but sign, sorted by the
// bytes of its name. withEmpty tells whether empty values take part.
func signature(secret, path string, params map[string]string, withEmpty bool) string {
	names := make([]string, 0, len(params))
	for name, value := range params {
		if name == "sign" || !withEmpty && (name == "" || value == "") {
			continue
		}
		names = append(names, name)
	}
	sort.Strings(names)
	var text strings.Builder
	text.WriteString(path)
	for _, name := range names {
		text.WriteString(name)
		text.WriteString(params[name])
	}
	return strings.ToUpper(sum(secret, text.String()))
}

// signed accepts both treatments of empty values, and lower case (§4.1).
func signed(secret, path string, params map[string]string) bool {
	given := []byte(strings.ToUpper(params["sign"]))
	without := hmac.Equal(given, []byte(signature(secret, path, params, false)))
	with := hmac.Equal(given, []byte(signature(secret, path, params, true)))
	return with || without
}

// pushSignature computes §14.1: App Key and the raw body, in lower case.
func pushSignature(key, secret string, body []byte) string {
	return sum(secret, key+string(body))
}

func sum(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
