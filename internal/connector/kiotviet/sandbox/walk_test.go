package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// TestWalk does many things in an order chosen by seed and asks for the
// platform's own truths all the time.
func TestWalk(t *testing.T) {
	for seed := range uint64(4) {
		l := newLab(t)
		l.do("add_branch", "name", "Kho 2")
		l.do("seed_products", "count", "60")
		for _, kind := range eventTypes {
			l.hear(kind, "x")
		}
		if seed%2 == 1 {
			l.set("void_reopens_order", "false")
			l.set("repeated_lines", "merged")
			l.set("delivery_put_keeps_id", "false")
			l.set("page_drift", "true")
		}
		for step := range 150 {
			w := walker{l, seed, step}
			w.step()
			if err := l.server.Invariants(); err != nil {
				t.Fatalf("seed %d step %d: %v", seed, step, err)
			}
		}
		l.run(time.Minute)
		if len(l.got()) == 0 {
			t.Error("nothing was announced")
		}
	}
}

type walker struct {
	*lab
	seed   uint64
	number int
}

func (w walker) pick(n int, what string) int {
	return int(kit.Chance(w.seed, fmt.Sprint(w.number), what) * float64(n))
}

func (w walker) code() string {
	rows, _ := w.server.desk.See("products", nil)
	return fmt.Sprint(rows[w.pick(len(rows), "product"+fmt.Sprint(len(rows)))]["code"])
}

func (w walker) id(view string) string {
	rows, _ := w.server.desk.See(view, nil)
	if len(rows) == 0 {
		return "1"
	}
	return fmt.Sprint(rows[w.pick(len(rows), view)]["id"])
}

func (w walker) step() {
	code, quantity := w.code(), fmt.Sprint(1+w.pick(5, "quantity"))
	lines := fmt.Sprintf(`[{"productCode":%q,"quantity":%s,"price":12345.5,"discountRatio":10},{"productCode":%q,"quantity":1,"price":1000}]`, code, quantity, code)
	desk := func(action string, pairs ...string) { _, _ = w.server.desk.Do(action, fields(pairs)) }
	var got reply
	switch w.pick(14, "what") {
	case 0:
		desk("counter_sale", "code", code, "quantity", quantity)
	case 1, 2:
		got = w.call("POST", "/orders", `{"branchId":1000000007,"discountRatio":3,"orderDetails":`+lines+`}`)
	case 3, 4:
		got = w.call("POST", "/invoices", `{"branchId":1000000007,"soldById":20,"orderId":`+w.id("orders")+`,"status":3,"deliveryDetail":{"status":2},"invoiceDetails":`+lines+`}`)
	case 5:
		got = w.call("DELETE", "/invoices?id="+w.id("invoices")+"&isVoidPayment=true", nil)
	case 6:
		got = w.call("PUT", "/invoices/"+w.id("invoices"), `{"soldById":20,"invoiceDetails":`+lines+`}`)
	case 7:
		got = w.call("PUT", "/invoices/"+w.id("invoices"), `{"soldById":20,"deliveryDetail":{"status":3}}`)
	case 8:
		got = w.call("PUT", "/orders/"+w.id("orders"), `{"makeInvoice":`+fmt.Sprint(w.pick(2, "make") == 1)+`,"orderDetails":`+lines+`}`)
	case 9:
		got = w.call("DELETE", "/orders/"+w.id("orders"), nil)
	case 10:
		desk("goods_in", "code", code, "quantity", quantity, "branch", "Kho 2")
	case 11:
		got = w.call("POST", "/transfers", `{"fromBranchId":`+w.id("branches")+`,"toBranchId":1000000007,"status":3,"transferDetails":[{"productCode":"`+code+`","sendQuantity":`+quantity+`}]}`)
	case 12:
		rows, _ := w.server.desk.See("invoices", nil)
		if len(rows) > 0 {
			desk("make_return", "invoice_code", fmt.Sprint(rows[w.pick(len(rows), "return")]["code"]), "line_code", code, "quantity", "1")
		}
	case 13:
		if w.pick(3, "delete") == 0 {
			desk("delete_product", "code", code)
		} else {
			desk("edit_product", "code", code, "price", "7000"+quantity)
			got = w.call("GET", "/products?currentItem=5&includeInventory=true", nil)
		}
	}
	if got.status >= 500 {
		w.t.Fatal(got.status, got.text)
	}
	w.run(time.Second)
}

func TestConcurrentCalls(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "A", "name", "Áo", "on_hand", "1000")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 10 {
				l.call("POST", "/invoices", `{"branchId":1000000007,"soldById":20,"invoiceDetails":[{"productCode":"A","quantity":1,"price":100}]}`)
				l.call("GET", "/productOnHands", nil)
				_, _ = l.server.desk.See("stock", nil)
			}
		})
	}
	wait.Wait()
	l.stock("A", "920", "0")
}

func TestDeskOverHTTP(t *testing.T) {
	l := newLab(t)
	resp, err := l.http.Get(l.info["actors_url"] + "desk")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var desk struct {
		Actions []kit.Action
		Views   []struct{ Name string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&desk); err != nil || len(desk.Actions) < 30 {
		t.Fatal(err, len(desk.Actions))
	}
	for _, v := range desk.Views {
		resp, err := l.http.Get(l.info["actors_url"] + "see/" + v.Name)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Error(v.Name, err)
			continue
		}
		_ = resp.Body.Close()
	}
	page, err := l.http.Get(l.info["actors_url"])
	if err != nil || page.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	_ = page.Body.Close()
}

func TestSeedIsRepeatable(t *testing.T) {
	show := func() string {
		l := newLab(t)
		l.do("seed_products", "count", "200")
		products, _ := l.server.desk.See("products", nil)
		stock, _ := l.server.desk.See("stock", nil)
		if len(products) != 200 {
			t.Fatal(len(products))
		}
		return fmt.Sprint(products, stock, l.info)
	}
	if first := show(); first != show() {
		t.Error("the same seed must give the same catalogue")
	}
}

func TestOnHandsFollowStock(t *testing.T) {
	l := newLab(t)
	l.do("add_product", "code", "A", "name", "Áo", "on_hand", "5")
	l.run(time.Hour)
	l.do("goods_in", "code", "A", "quantity", "1")
	const since = "?lastModifiedFrom=2026-02-03T10:00:00"
	list := l.ok("GET", "/productOnHands"+since, nil)
	l.want(path(list, "data", 0, "inventories", 0, "onhand"), "6")
	l.want(l.ok("GET", "/products"+since, nil)["total"], "0")
	l.set("onhands_follow_stock", "false")
	l.want(l.ok("GET", "/productOnHands"+since, nil)["total"], "0")
	l.set("modified_follows_stock", "true")
	l.do("goods_in", "code", "A", "quantity", "1")
	l.want(l.ok("GET", "/products"+since, nil)["total"], "1")
}

func TestDeleteShapes(t *testing.T) {
	l := newLab(t)
	l.hear("customer.delete", "")
	for shape, want := range map[string]string{
		"RemoveId": `{"RemoveId":[%d]}`, "Data": `"Data":[%d]}]}`, "DataRemoveId": `"Data":[{"RemoveId":[%d]}]}]}`,
	} {
		l.set("delete_event_shape", shape)
		k := l.do("add_customer", "name", shape)
		l.do("delete_customer", "code", k["code"].(string))
		l.run(0)
		list := l.got()
		want = fmt.Sprintf(want, k["id"])
		if len(list) != 1 || len(list[0].body) < len(want) || string(list[0].body[len(list[0].body)-len(want):]) != want {
			t.Errorf("%s: %s", shape, list[0].body)
		}
	}
}
