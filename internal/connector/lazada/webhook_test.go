package lazada

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
)

func push(body, signature string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hook", bytes.NewReader([]byte(body)))
	r.Header.Set("Authorization", signature)
	return r
}

func TestPushesNameWhatToLookAt(t *testing.T) {
	one := func(account string, object connector.Object, id string, at int64) []connector.Event {
		e := connector.Event{Account: account, Object: object, ID: id}
		if at > 0 {
			e.At = time.Unix(at, 0).UTC()
		}
		return []connector.Event{e}
	}
	for _, c := range []struct {
		body string
		want []connector.Event
	}{
		{pushP1, one("200177001", connector.OrderObject, "411002003004005", 1767225600)},
		{pushP2, one("200177001", connector.OrderObject, "411002003004005", 1767229200)},
		{`{"seller_id":200177001,"message_type":"10","data":{"reverse_order_id":658900600104005,"trade_order_id":411002003004005,"seller_id":200177001,"status_update_time":1767312000},"timestamp":1767312001,"site":"LAZADA_VN"}`, one("200177001", connector.OrderObject, "411002003004005", 1767312000)},
		{`{"seller_id":"1","message_type":0,"data":{"trade_order_id":"9"},"timestamp":1767225601000}`, one("1", connector.OrderObject, "9", 1767225601)},
		{`{"seller_id":"1","message_type":4,"data":{"action":"EDITED_UPDATED","item_id":7,"sku_list":[{"seller_sku":"A","sku_id":1},{"seller_sku":"B"}]},"timestamp":1767225601}`, append(one("1", connector.ListingObject, "A", 1767225601), one("1", connector.ListingObject, "B", 1767225601)...)},
		{`{"seller_id":"1","message_type":3,"data":{"item_id":"7","sku_list":[]},"status_update_time":"1767225600","timestamp":1767225601}`, one("1", connector.ListingObject, "", 1767225600)},
		{`{"seller_id":"1","message_type":6,"data":{"seller_sku":"A","sku_id":"5"},"timestamp":1767225601}`, one("1", connector.ListingObject, "A", 1767225601)},
		{`{"seller_id":"null","message_type":8,"data":{"app_key":"900100","seller_id":"200177001","auth_expiry_time":1767398400},"timestamp":1767225601}`, one("200177001", connector.TokenObject, "", 1767225601)},
		{`{"seller_id":"1","message_type":13,"data":{"status":"close"},"timestamp":1767225601}`, one("1", connector.NothingObject, "", 1767225601)},
		{`{"message_type":12,"data":[],"timestamp":1767225601}`, one("", connector.NothingObject, "", 1767225601)},
		{`{"promotionId":1,"sellerId":2}`, one("", connector.NothingObject, "", 0)},
		{`not json at all`, one("", connector.NothingObject, "", 0)},
		{`{"seller_id":"1","message_type":0,"data":{}}`, one("1", connector.NothingObject, "", 0)},
	} {
		signature := hex.EncodeToString(signPush(testApp.AppKey, testApp.AppSecret, []byte(c.body)))
		for range 2 { // a repeat gives the same
			got, reply, err := webhook(testApp, push(c.body, signature), []byte(c.body))
			if diff := cmp.Diff(c.want, got); err != nil || reply.Status != 200 || diff != "" {
				t.Errorf("%s: %v %d\n%s", c.body, err, reply.Status, diff)
			}
		}
	}
}

// rule: SYN-04
func TestWrongSignaturesAreRefused(t *testing.T) {
	other := testApp
	other.AppSecret = "other"
	for name, c := range map[string]struct {
		keys connector.Keys
		r    *http.Request
		body string
	}{
		"of another body": {testApp, push(pushP1, signP2), pushP1},
		"a byte more":     {testApp, push(pushP1, signP1), pushP1 + "\n"},
		"missing":         {testApp, push(pushP1, ""), pushP1},
		"not hex":         {testApp, push(pushP1, "zz"), pushP1},
		"half":            {testApp, push(pushP1, signP1[:32]), pushP1},
		"another secret":  {other, push(pushP1, signP1), pushP1},
	} {
		got, reply, err := webhook(c.keys, c.r, []byte(c.body))
		if got != nil || reply.Status != http.StatusUnauthorized || connector.KindOf(err, false) != connector.Forbidden || problemOf(err) != "lazada.wrong_signature" {
			t.Errorf("%s: %v %d %v", name, got, reply.Status, err)
		}
	}
	if _, _, err := webhook(testApp, push(pushP1, strings.ToUpper(signP1)), []byte(pushP1)); err != nil {
		t.Error(err)
	}
}
