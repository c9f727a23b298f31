package sandbox

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestPushVectors(t *testing.T) {
	for body, want := range map[string]string{
		`{"seller_id":"200177001","message_type":0,"data":{"order_status":"pending","trade_order_id":"411002003004005","trade_order_line_id":"411002003104005","status_update_time":1767225600},"timestamp":1767225601,"site":"lazada_vn"}`:                              "7b9a9d6dd58d2e6859f3c738d6d6bc8c27f98c30d109f80ad8d9936f49005094",
		`{"seller_id":"200177001","message_type":14,"data":{"trade_order_id":"411002003004005","buyer_id":"100200300","fulfillment_package_id":"FP040011223344005","status":"READY_TO_SHIP","status_update_time":1767229200},"timestamp":1767229201,"site":"lazada_vn"}`: "a7333f0ac1eb248a029c35ebf994605516dbc52e40cbb51fb9095e65382b0e1e",
	} {
		if got := pushSignature(firstAppKey, firstAppSecret, []byte(body)); got != want {
			t.Errorf("%s", got)
		}
	}
}

func pushBench(t *testing.T, types string) *bench {
	b := newBench(t)
	b.do("add_item", "sku", "A", "quantity", "1000")
	b.do("set_push", "url", "http://hub.test/push", "types", types)
	return b
}

func (b *bench) statuses() string {
	b.advance(0)
	var out []string
	for _, r := range b.hub.take() {
		if r.authorization != pushSignature(firstAppKey, firstAppSecret, []byte(r.body)) {
			b.Errorf("wrong signature of %s", r.body)
		}
		for _, name := range []string{"order_status", "reverse_status", "status"} {
			if s := r.msg.get("data." + name); s != "<none>" {
				out = append(out, s)
			}
		}
	}
	return strings.Join(out, " ")
}

func TestPushMessages(t *testing.T) {
	b := pushBench(t, "0,10,14")
	id, items := b.place("sku", "A", "quantity", "2", "payment", "MOMO_WALLET", "paid", "false")
	b.advance(0)
	got := b.hub.take()
	b.want("one per item", len(got), 2)
	b.want("like P1", got[0].body, fmt.Sprintf(`{"seller_id":"200177001","message_type":0,"data":{"order_status":"unpaid","trade_order_id":"%s","trade_order_line_id":"%s","status_update_time":1767225600},"timestamp":1767225600,"site":"lazada_vn"}`, id, items[0]))
	b.do("pay_order", "order_id", id)
	b.want("paid", b.statuses(), "pending pending")
	b.do("pack", "order_id", id)
	b.want("packed", b.statuses(), "packed packed")
	b.do("ready_to_ship", "order_id", id)
	b.want("rts", b.statuses(), "ready_to_ship ready_to_ship READY_TO_SHIP")
	b.do("ship", "order_id", id)
	b.want("shipped", b.statuses(), "shipped shipped TRANSIT_TO_SHIP")
	b.do("deliver", "order_id", id)
	b.want("delivered", b.statuses(), "delivered delivered DELIVERED")
	r := b.do("request_return", "order_id", id, "order_item_id", items[0]).get("out.reverse_order_id")
	b.do("agree_return", "reverse_order_id", r)
	b.do("send_return", "reverse_order_id", r)
	b.do("receive_return", "reverse_order_id", r)
	b.want("return", b.statuses(), "RTM_INIT RTM_SHIPPING_BACK returned RTM_RECEIVE_ITEM")
	b.set("push_packed", "off")
	id, _ = b.place("sku", "A")
	b.do("pack", "order_id", id)
	b.do("cancel_order", "order_id", id)
	b.want("canceled", b.statuses(), "pending canceled CANCEL_SUCCESS CANCELLED")
	b.want("rows", len(b.rows("pushes", "type", "14")), 4)
}

func TestPushRetriesWithFreshContent(t *testing.T) {
	b := pushBench(t, "0")
	b.hub.answer(500)
	id, _ := b.place("sku", "A")
	b.advance(0)
	b.want("first", b.hub.take()[0].msg.get("data.order_status"), "pending")
	b.do("cancel_order", "order_id", id)
	b.advance(0)
	b.hub.take()
	b.advance(30 * time.Minute)
	b.want("fresh", b.hub.take()[0].msg.get("data.order_status"), "canceled")
	b.advance(24 * time.Hour)
	b.want("12 retries", fmt.Sprint(b.rows("pushes")[0]["attempts"], " ", b.rows("pushes")[0]["outcome"]), "13 lost: HTTP 500")
	b.want("sent", len(b.hub.take()), 2*11)
}

func TestPushStopsAndStartsAgain(t *testing.T) {
	b := pushBench(t, "0")
	b.set("push_failure_window", "10")
	b.hub.answer(401)
	for range 10 {
		b.place("sku", "A")
	}
	b.advance(0)
	b.want("suspended", b.rows("apps")[0]["push_suspended"], true)
	b.hub.take()
	b.place("sku", "A")
	b.advance(time.Hour)
	b.want("nothing more", len(b.hub.take()), 0)
	b.want("said so", b.rows("pushes")[10]["outcome"], "not sent: suspended")
	b.hub.answer(200)
	b.do("verify_push")
	b.want("a signed message", b.statuses(), "unpaid")
	b.want("verified", b.rows("apps")[0]["push_verified"], "ok")
	b.place("sku", "A")
	b.want("again", b.statuses(), "pending")
}

func TestPushNeedsAuthorization(t *testing.T) {
	b := pushBench(t, "0,8")
	second := b.do("add_seller", "name", "Shop B").get("out.seller_id")
	b.do("add_item", "sku", "A", "seller", second)
	b.place("sku", "A", "seller", second)
	b.want("not yet", b.statuses(), "")
	a := b.call("GET", "/auth/token/create", map[string]string{"code": b.code(second)})
	b.place("sku", "A", "seller", second)
	b.want("now", b.statuses(), "pending")
	b.advance(5*24*time.Hour - time.Minute)
	b.want("no warning yet", len(b.hub.take()), 0)
	b.advance(time.Minute)
	warn := b.hub.take()
	b.want("48 h before", len(warn), 1)
	b.want("of the app", warn[0].msg.get("seller_id")+" "+warn[0].msg.get("data.seller_id"), "null "+second)
	b.call("GET", "/auth/token/refresh", map[string]string{"refresh_token": a.get("refresh_token")})
	b.advance(2 * 24 * time.Hour)
	b.want("refreshed", len(b.hub.take()), 0)
	b.do("revoke_token", "seller", second)
	b.place("sku", "A", "seller", second)
	b.want("revoked", b.statuses(), "")
}

func TestPushFaults(t *testing.T) {
	b := pushBench(t, "0")
	b.fault("push 0", "double", 1)
	b.fault("push 0", "forge", 1)
	b.fault("push 0", "lost", 1)
	b.place("sku", "A")
	b.want("twice", b.statuses(), "pending pending")
	b.place("sku", "A")
	b.advance(0)
	forged := b.hub.take()[0]
	b.want("forged", forged.authorization == pushSignature(firstAppKey, firstAppSecret, []byte(forged.body)), false)
	b.place("sku", "A")
	b.want("lost", b.statuses(), "")
	b.want("believed", b.rows("pushes")[2]["outcome"], "ok")
}

func TestDeskPages(t *testing.T) {
	b := newBench(t)
	b.do("add_item", "sku", "A")
	id, _ := b.place("sku", "A")
	for _, path := range []string{"/_desk/", "/_desk/desk", "/_desk/see/orders?order_id=" + id} {
		rec := httptest.NewRecorder()
		b.server.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		b.want(path, fmt.Sprint(rec.Code, strings.Contains(rec.Body.String(), id) || path == "/_desk/desk"), "200 true")
	}
	b.want("info", b.server.Info("http://x")["actors_url"], "http://x/_desk/")
}
