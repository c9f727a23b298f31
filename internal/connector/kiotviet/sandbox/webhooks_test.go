package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

func TestWebhookContentAndSignature(t *testing.T) {
	l := newLab(t)
	secret := base64.StdEncoding.EncodeToString([]byte("s3cr3t-value"))
	l.hear("product.update", secret)
	l.hear("stock.update", secret)
	l.hear("pricebookdetail.update", "")
	got := l.call("POST", "/webhooks", `{"Webhook":{"Type":"stock.update","Url":"http://x.test","IsActive":true}}`)
	l.refused(got, 500, "", "Type đã tồn tại")
	if list := l.call("GET", "/webhooks", nil); strings.Contains(strings.ToLower(list.text), "secret") {
		t.Error(list.text)
	}

	l.do("add_product", "code", "A", "name", "Áo <&>", "price", "125000", "on_hand", "5")
	l.run(0)
	kinds := map[string]received{}
	for _, r := range l.got() {
		kinds[r.path] = r
	}
	r, ok := kinds["/stock.update"]
	if !ok || len(kinds) != 2 {
		t.Fatal(kinds)
	}
	if !strings.Contains(string(r.body), `"Data":[{"__type":`) || !strings.Contains(string(r.body), `"Action":"stock.update.500100"`) {
		t.Error(string(r.body))
	}
	if !strings.Contains(string(kinds["/product.update"].body), "Áo <&>") {
		t.Error("no HTML escaping is wanted:", string(kinds["/product.update"].body))
	}
	check := func(r received, prefix string, key []byte) {
		t.Helper()
		mac := hmac.New(sha256.New, key)
		mac.Write(r.body)
		if want := prefix + hex.EncodeToString(mac.Sum(nil)); r.signature != want {
			t.Errorf("signature %s, want %s", r.signature, want)
		}
	}
	check(r, "sha1=", []byte(secret))

	l.set("signature_prefix", "none")
	l.set("signature_key", "base64")
	l.set("action_suffix", "false")
	l.do("edit_product", "code", "A", "price", "130000")
	l.run(0)
	list := l.got()
	if len(list) != 2 {
		t.Fatal(len(list))
	}
	for _, r := range list {
		switch r.path {
		case "/product.update":
			check(r, "", []byte("s3cr3t-value"))
			if !strings.Contains(string(r.body), `"Action":"product.update"`) {
				t.Error(string(r.body))
			}
		case "/pricebookdetail.update":
			if r.signature != "" || !strings.Contains(string(r.body), `"PriceBookId":0,`) {
				t.Error(r.signature, string(r.body))
			}
		default:
			t.Error(r.path)
		}
	}
}

func TestWebhookMatrix(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "A", "name", "Áo", "price", "100", "on_hand", "5")
	for _, kind := range eventTypes {
		l.hear(kind, "")
	}
	events := func() string {
		l.run(0)
		var kinds []string
		for _, r := range l.got() {
			kinds = append(kinds, strings.TrimPrefix(r.path, "/"))
		}
		return strings.Join(kinds, " ")
	}
	o := l.ok("POST", "/orders", `{"branchId":1000000007,"orderDetails":[{"productCode":"A","quantity":1,"price":100}]}`)
	l.want(events(), "stock.update order.update")
	v := l.ok("POST", "/invoices", `{"branchId":1000000007,"soldById":20,"orderId":`+fmt.Sprint(o["id"])+`,"deliveryDetail":{"status":1},"status":3,"invoiceDetails":[{"productCode":"A","quantity":1,"price":100}]}`)
	l.want(events(), "stock.update invoice.update order.update")
	l.ok("PUT", "/invoices/"+fmt.Sprint(v["id"]), `{"soldById":20,"deliveryDetail":{"status":2}}`)
	l.want(events(), "invoice.update")
	l.ok("POST", "/payments", `{"amount":100,"method":"Cash","invoiceId":`+fmt.Sprint(v["id"])+`}`)
	l.want(events(), "invoice.update")
	l.do("edit_invoice", "code", fmt.Sprint(v["code"]), "line_code", "A", "quantity", "1", "price", "90")
	l.want(strings.Count(events(), "invoice.update"), "2")
	l.do("goods_in", "code", "A", "quantity", "3")
	l.want(events(), "stock.update")
	l.do("add_customer", "name", "K")
	l.want(events(), "customer.update")
	l.do("delete_product", "code", "A")
	l.run(0)
	list := l.got()
	if len(list) != 1 || !strings.HasPrefix(string(list[0].body), `{"RemoveId":[`) {
		t.Error(list)
	}
}

func TestWebhookFailures(t *testing.T) {
	l := newLab(t)
	h := l.hear("customer.update", "x")
	l.answer = 500
	l.do("add_customer", "name", "K1")
	l.run(10 * time.Second)
	list := l.got()
	if len(list) != 3 {
		t.Fatalf("%d attempts", len(list))
	}
	ids := map[string]bool{}
	for i, r := range list {
		var body struct {
			ID      string `json:"Id"`
			Attempt int
		}
		_ = json.Unmarshal(r.body, &body)
		ids[body.ID] = true
		if body.Attempt != i+1 {
			t.Error(body.Attempt, i)
		}
	}
	if len(ids) != 1 {
		t.Error("a re-delivery keeps its id", ids)
	}
	l.want(path(l.ok("GET", "/webhooks", nil), "data", 0, "isActive"), "false")
	l.answer = 200
	l.do("add_customer", "name", "K2")
	l.run(0)
	if len(l.got()) != 0 {
		t.Error("a deactivated webhook is silent")
	}
	l.ok("DELETE", "/webhooks/"+fmt.Sprint(h["id"]), nil)
	l.hear("customer.update", "x")
	l.answer = 401
	l.do("add_customer", "name", "K3")
	l.run(10 * time.Second)
	if len(l.got()) != 1 || l.see("webhooks")["active"] != false {
		t.Error("401 stops the sending at once")
	}
	l.do("register_webhook_elsewhere", "type", "customer.update")
	if l.see("webhooks")["foreign"] != true {
		t.Error(l.see("webhooks"))
	}
}

func TestWebhookFaults(t *testing.T) {
	l := newLab(t)
	l.hear("customer.update", "x")
	for i, x := range []struct {
		kind string
		want int
	}{{kit.FaultLost, 0}, {kit.FaultDouble, 2}, {kit.FaultDelay, 1}} {
		if err := l.world.Faults.Add(kit.Rule{Route: "webhook customer.update", Kind: x.kind, Times: 1, Delay: time.Minute}); err != nil {
			t.Fatal(err)
		}
		l.do("add_customer", "name", fmt.Sprint("K", i))
		l.run(2 * time.Minute)
		if n := len(l.got()); n != x.want {
			t.Errorf("%s: %d deliveries", x.kind, n)
		}
	}
	if err := l.world.Faults.Add(kit.Rule{Route: "webhook *", Kind: kit.FaultForge, Times: 1}); err != nil {
		t.Fatal(err)
	}
	l.do("add_customer", "name", "forged")
	l.run(0)
	r := l.got()[0]
	mac := hmac.New(sha256.New, []byte("x"))
	mac.Write(r.body)
	if r.signature == "sha1="+hex.EncodeToString(mac.Sum(nil)) {
		t.Error("a forged delivery must not verify")
	}
	l.set("webhook_drop", "1")
	l.do("add_customer", "name", "dropped")
	l.run(time.Minute)
	if len(l.got()) != 0 {
		t.Error("dropped")
	}
}
