package kiotviet

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

const hookSecret = "QUJDREVGR0g=" // base64 of ABCDEFGH

// Computed with openssl dgst -sha256 -hmac over testdata/order.update.json.
const (
	verbatimDigest = "34335d91c3209c30e2f335ef12f70d4a71cebd4566f4f864191980c906d91890"
	decodedDigest  = "37461bd90683e4a5771981b0abaf07c1042bec6c8a35f6141885438bedbb596a"
	base64Digest   = "NDNdkcMgnDDi8zXvEvcNSnHOvUVm9PhkGRmAyQbZGJA="
	realSHA1Digest = "48a408581b48e95e302bf5becadc214a8523c24d"
)

// deliver sends a body to the receiver.
func deliver(secret, path, signature string, body []byte) ([]connector.Event, connector.Reply, error) {
	r := httptest.NewRequest(http.MethodPost, "https://hub.example.test"+path, nil)
	if signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	return webhook(connector.Keys{Hook: secret}, r, body)
}

func TestSignatures(t *testing.T) {
	body, err := os.ReadFile("testdata/order.update.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		secret, header string
		good           bool
	}{
		"as seen live":        {hookSecret, "sha1=" + verbatimDigest, true},
		"upper case":          {hookSecret, "SHA1=" + strings.ToUpper(verbatimDigest), true},
		"sha256":              {hookSecret, "sha256=" + verbatimDigest, true},
		"no prefix":           {hookSecret, verbatimDigest, true},
		"decoded key":         {hookSecret, "sha1=" + decodedDigest, true},
		"plain key":           {"ABCDEFGH", "sha1=" + decodedDigest, true},
		"base64 digest":       {hookSecret, "sha1=" + base64Digest, true},
		"base64, no prefix":   {hookSecret, base64Digest, true},
		"missing":             {hookSecret, "", false},
		"empty digest":        {hookSecret, "sha1=", false},
		"really SHA-1":        {hookSecret, "sha1=" + realSHA1Digest, false},
		"another secret":      {"QUJDREVGR0k=", "sha1=" + verbatimDigest, false},
		"one digit off":       {hookSecret, "sha1=" + verbatimDigest[:63] + "1", false},
		"cut":                 {hookSecret, "sha1=" + verbatimDigest[:62], false},
		"we have no secret":   {"", "sha1=" + verbatimDigest, false},
		"nonsense":            {hookSecret, "sha1=zz", false},
		"another prefix":      {hookSecret, "md5=" + verbatimDigest, false},
		"key of base64 empty": {"====", "sha1=" + verbatimDigest, false},
	} {
		events, reply, err := deliver(c.secret, "/in/1/order.update", c.header, body)
		if reply.Status != 200 {
			t.Errorf("%s: answered %d; anything but 200 may end the feed", name, reply.Status)
		}
		if c.good && (err != nil || len(events) != 1) {
			t.Errorf("%s: %v, %v", name, events, err)
		}
		if !c.good {
			if e := errorOf(t, err); e.Kind != connector.Forbidden || e.Problem.Key != "kiotviet.wrong_signature" || events != nil {
				t.Errorf("%s: %v, %v", name, events, err)
			}
		}
	}
	if _, _, err := deliver(hookSecret, "/", "sha1="+verbatimDigest, append(body, ' ')); err == nil {
		t.Error("one more byte still fits")
	}
}

// signedDelivery delivers body with the signature that fits.
func signedDelivery(path, body string) ([]connector.Event, connector.Reply, error) {
	mac := hmac.New(sha256.New, []byte(hookSecret))
	mac.Write([]byte(body))
	return deliver(hookSecret, path, "sha1="+hex.EncodeToString(mac.Sum(nil)), []byte(body))
}

func TestDeliveries(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 2, 7, 340_000_000, time.UTC)
	level := func(product, branch string, onHand, reserved retail.Qty) connector.Event {
		return connector.Event{Object: connector.LevelObject, ID: product, Level: &retail.Level{ProductID: product, BranchID: branch, OnHand: onHand, Reserved: reserved}}
	}
	line := func(book, product string, price retail.Money, removed bool) connector.Event {
		return connector.Event{Object: connector.PriceObject, ID: product, Price: &retail.PriceLine{BookID: book, ProductID: product, Price: price, Removed: removed}}
	}
	of := func(o connector.Object, ids ...string) (out []connector.Event) {
		for _, id := range ids {
			out = append(out, connector.Event{Object: o, ID: id})
		}
		return out
	}
	for _, c := range []struct {
		name, path, body string
		want             []connector.Event
	}{
		{"stock with suffix, two items", "/h", `{"Id":"x","Attempt":1,"Notifications":[{"Action":"stock.update.500100","Data":[
			{"__type":"A.WebhookProductStockRes, A","ProductId":900123,"BranchId":1000000007,"OnHand":-1.5,"Reserved":2,"isActive":true},
			{"ProductId":"5","BranchId":8,"OnHand":0,"Reserved":0}]}]}`,
			[]connector.Event{level("900123", "1000000007", -1500, 2000), level("5", "8", 0, 0)}},
		{"stock without suffix", "/h", `{"Notifications":[{"Action":"stock.update","Data":[{"ProductId":5,"BranchId":8,"OnHand":3,"Reserved":1}]}]}`,
			[]connector.Event{level("5", "8", 3000, 1000)}},
		{"stock without a number", "/h", `{"Notifications":[{"Action":"stock.update","Data":[{"ProductId":5,"BranchId":8,"Reserved":1}]}]}`,
			of(connector.LevelObject, "5")},
		{"two notifications", "/h", `{"Notifications":[{"Action":"order.update.1","Data":[{"Id":660777,"ModifiedDate":"2026-02-03T11:02:07.3400000+07:00"}]},
			{"Action":"invoice.update.1","Data":[{"Id":771001},{"Id":771002}]}]}`,
			append([]connector.Event{{Object: connector.POSOrderObject, ID: "660777", At: at}}, of(connector.InvoiceObject, "771001", "771002")...)},
		{"product", "/h", `{"Notifications":[{"Action":"product.update","Data":[{"Id":5,"masterProductId":4}]}]}`, of(connector.ProductObject, "5")},
		{"deleted, ids", "/h", `{"Notifications":[{"Action":"product.delete.500100","Data":[5,6]}]}`, of(connector.ProductObject, "5", "6")},
		{"deleted, RemoveId in data", "/h", `{"Notifications":[{"Action":"product.delete","Data":[{"RemoveId":[5,6]}]}]}`, of(connector.ProductObject, "5", "6")},
		{"deleted, bare", "/in/7/product.delete", `{"RemoveId":[5,6]}`, of(connector.ProductObject, "5", "6")},
		{"deleted, bare, not a list", "/in/7/product.delete", `{"RemoveId":5}`, of(connector.ProductObject, "5")},
		{"customer deleted, bare", "/in/7/customer.delete/", `{"RemoveId":[5]}`, of(connector.CustomerObject, "5")},
		{"bare at an address without type", "/in/7", `{"RemoveId":[5]}`, of(connector.NothingObject, "5")},
		{"no action", "/in/7/order.update", `{"Notifications":[{"Data":[{"Id":5}]}]}`, of(connector.POSOrderObject, "5")},
		{"book", "/h", `{"Notifications":[{"Action":"pricebook.update.1","Data":[{"Id":9,"Name":"Sale"}]}]}`, of(connector.BookObject, "9")},
		{"book deleted", "/h", `{"Notifications":[{"Action":"pricebook.delete.1","Data":[9]}]}`, of(connector.BookObject, "9")},
		{"price", "/h", `{"Notifications":[{"Action":"pricebookdetail.update.1","Data":[{"PriceBookId":9,"ProductId":5,"Price":99000}]}]}`,
			[]connector.Event{line("9", "5", 99000, false)}},
		{"general price", "/h", `{"Notifications":[{"Action":"pricebookdetail.update.1","Data":[{"PriceBookId":0,"ProductId":5,"Price":99000}]}]}`,
			[]connector.Event{line("0", "5", 99000, false)}},
		{"prices removed", "/h", `{"Notifications":[{"Action":"pricebookdetail.delete.1","Data":[{"PricebookId":9,"ProductIds":[5,6]}]}]}`,
			[]connector.Event{line("9", "5", 0, true), line("9", "6", 0, true)}},
		{"prices removed, unclear", "/h", `{"Notifications":[{"Action":"pricebookdetail.delete.1","Data":[5]}]}`, of(connector.PriceObject, "")},
		{"unknown action", "/h", `{"Notifications":[{"Action":"voucher.update.1","Data":[{"Id":9}]}]}`, of(connector.NothingObject, "9")},
		{"category", "/h", `{"Notifications":[{"Action":"category.update.1","Data":[{"Id":9}]}]}`, of(connector.NothingObject, "9")},
		{"customer", "/h", `{"Notifications":[{"Action":"customer.update.1","Data":[{"Id":9}]}]}`, of(connector.CustomerObject, "9")},
		{"one bad item", "/h", `{"Notifications":[{"Action":"stock.update.1","Data":["?",{"ProductId":5,"BranchId":8,"OnHand":3,"Reserved":1}]}]}`,
			[]connector.Event{{Object: connector.LevelObject}, level("5", "8", 3000, 1000)}},
		{"nothing in it", "/h", `{"Id":"x","Attempt":1,"Notifications":[]}`, of(connector.NothingObject, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, reply, err := signedDelivery(c.path, c.body)
			if err != nil || reply.Status != 200 {
				t.Fatalf("%v, reply %d", err, reply.Status)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// rule: SYN-04
func TestAMalformedDeliveryIsRefusedAndAnswered200(t *testing.T) {
	for _, body := range []string{"", "nothing", "[", `{"Notifications":"x"}`, `[1]`} {
		events, reply, err := signedDelivery("/h", body)
		if e := errorOf(t, err); e.Kind != connector.Rejected || reply.Status != 200 || events != nil {
			t.Errorf("%q: %v, %d, %v", body, events, reply.Status, err)
		}
	}
}

func FuzzWebhook(f *testing.F) {
	f.Add([]byte(`{"Notifications":[{"Action":"stock.update.1","Data":[{"ProductId":5}]}]}`))
	f.Add([]byte(`{"RemoveId":[1]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, reply, _ := signedDelivery("/in/product.delete", string(body))
		if reply.Status != 200 {
			t.Fatal("the feed would end")
		}
	})
}
