package web

import (
	"bufio"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

const phone = "0912345678"

// lively fills a shop with one of everything that pages draw.
func (h *house) lively(t *testing.T) {
	t.Helper()
	now := clock.Real{}.Now()
	line := retail.OrderLine{ID: "1", Code: "AO-1", Name: "Áo thun", Qty: retail.One, Price: 100000, Discount: 10000, Shipping: 15000, Stage: retail.Shipped, Package: "P1", Reason: "đổi ý"}
	invoice := retail.InvoiceDoc{ID: "9", Code: "HD_1", Status: retail.InvoiceProcessing, Delivery: retail.DeliveryUnderway, COD: true, CODAmount: 90000, Total: 90000}
	whyStock := retail.Why{Key: "stock.tell", Value: "12", Inputs: []retail.Why{
		{Rule: "LZD-12", Key: "stock.sellable", Value: "12", Inputs: []retail.Why{{Key: "stock.on_hand", Value: "12", At: now, Args: map[string]any{"branch": "1"}}}},
		{Key: "stock.own", Value: "0"}, {Key: "stock.of_the_future", Value: "1"}}}
	whyPrice := retail.Why{Rule: "LZD-12", Key: "price.pair", Value: "90.000 ₫", Inputs: []retail.Why{{Rule: "LZD-14", Key: "price.no_promotion", Value: "90.000 ₫"}}}
	h.write(t, "a", func(w store.Writer) error {
		var err error
		do := func(e error) {
			if err == nil {
				err = e
			}
		}
		do(w.CreateConnection(store.Connection{ID: "pos1", Platform: "till", State: store.Live, Name: "Till · hoa", AccountID: "hoa", StockWord: "total", Created: now, NotBefore: now.Add(time.Hour)}))
		do(w.CreateConnection(store.Connection{ID: "ch1", Platform: "market", State: store.Live, Name: "Market · Hoa", AccountID: "m1", BranchID: "1", Grant: []byte("x"), StockWord: string(connector.TotalStock), Created: now, NotBefore: now.Add(time.Hour),
			Settings: store.ConnectionSettings{Values: map[string]string{"branch": "1", "price_book": "404"}}}))
		do(w.PutBranches([]retail.Branch{{ID: "1", Name: "Kho chính"}}))
		do(w.PutProduct(retail.Product{ID: "5", Code: "AO-1", Name: "Áo thun KV", Active: true, Per: retail.One}))
		for i, link := range []string{"linked", "only_there", "near_miss", "ambiguous", "ambiguous_here", "no_code", ""} {
			key := retail.ListingKey{ItemID: fmt.Sprint("i/", i), SKUID: "s"}
			do(w.SeeListing("ch1", retail.Listing{Key: key, Code: retail.SKU(fmt.Sprint("AO-", i+1)), Name: "Hàng " + link, Price: 100000, Sellable: 11, Occupied: 2}))
			product := ""
			if link == "linked" {
				product = "5"
			}
			do(w.LinkListing("ch1", key, link, product, "AO-x"))
		}
		l := store.Listing{Connection: "ch1", Key: retail.ListingKey{ItemID: "i/0", SKUID: "s"}}
		do(w.WantStock(l, 12, 0, whyStock, now, true))
		do(w.WantPrices(l, retail.Prices{List: 100000, Special: 90000}, whyPrice, false))
		for i, stage := range []retail.Stage{retail.Shipped, retail.Pending, retail.Unpaid, retail.Cancelled, retail.Failed, retail.Unknown, retail.Packed} {
			o := store.Order{Connection: "ch1", ID: fmt.Sprint("41/", i), Number: fmt.Sprint("Đ-", i), Stage: stage, Total: 105000, Created: now, Updated: now, Read: now,
				Seen:  retail.Order{ID: fmt.Sprint("41/", i), Number: fmt.Sprint("Đ-", i), Total: 105000, Shipping: 15000, COD: i%2 == 0, Note: "Gọi trước", Buyer: retail.Contact{Name: "Chị Mai", Phone: phone}, Lines: []retail.OrderLine{line, {ID: "2", Code: "X", Stage: retail.Cancelled, Qty: retail.One, Foreign: true}}},
				State: retail.OrderState{Lines: []retail.LineState{{ID: "1", Code: "AO-1", Qty: retail.One, Stage: stage, First: retail.Pending, Package: "P1"}, {ID: "2", Code: "X", Qty: retail.One, Stage: retail.Cancelled, Foreign: true}}},
				Why:   retail.Why{Key: "order.decided", Inputs: []retail.Why{{Rule: "LZD-27", Key: "order.wants_invoice", Value: "P1"}}}}
			if stage == retail.Shipped {
				o.State.POS = retail.POSDoc{ID: "8", Code: "DH_1", Status: retail.OrderDelivering, Total: 90000}
				o.State.Packages = []retail.PackageState{{ID: "P1", Stage: retail.Shipped, Number: 1, Invoice: invoice}, {Stage: retail.Packed, Number: 2}}
			}
			o.State.Skipped = map[retail.Stage]string{retail.Packed: beforeActivation, retail.Unpaid: "order.unpaid"}[stage]
			o.Stuck = stage == retail.Pending
			do(w.PutOrder(o))
		}
		do(w.CreateIntent(store.Intent{ID: "in1", Lane: "pos1", Connection: "ch1", OrderID: "41/1", State: store.IntentHeld, Want: retail.Intent{Kind: retail.CreateOrder, Order: &retail.POSOrder{}},
			Due: now.Add(time.Hour), Attempts: 2, Error: retail.Problem{Key: "till.wrong"}, Created: now, Updated: now}))
		do(w.BeginAttempt(store.Attempt{ID: "at1", Connection: "pos1", Route: "POST /orders", Cause: "in1", At: now}))
		do(w.EndAttempt(store.Attempt{ID: "at1", Outcome: "answered", Status: 420, Ended: now.Add(time.Second)}))
		refused := &retail.Problem{Key: "till.wrong", Detail: "không cho"}
		for i, e := range []store.Entry{
			{Kind: store.GoodsHistory, Object: "sku AO-1", Event: "history.stock_sent", Outcome: "done", Cause: "push 1", Detail: store.Detail{Why: whyStock, Args: map[string]any{"code": "AO-1", "from": 3, "to": 12}}},
			{Kind: store.OrderHistory, Object: "order 41/1", Event: "history.refused", Outcome: "refused", Cause: "in1", Detail: store.Detail{Problem: refused, Args: map[string]any{"order": "Đ-1", "what": "order.create"}}},
			{Kind: store.InvoiceHistory, Object: "order 41/0", Event: "history.delivery_set", Outcome: "done", Detail: store.Detail{Args: map[string]any{"code": "HD_1", "delivery": "underway", "package": "P1"}}},
			{Kind: store.GoodsHistory, Object: "sku AO-1", Event: "history.stock_refused", Outcome: "unknown"},
			{Kind: store.ConnectionHistory, Object: "connection", Event: "history.connection_saved", Outcome: "done"},
			{Kind: store.ConnectionHistory, Object: "connection", Event: "history.of_the_future"},
		} {
			e.ID, e.Connection, e.At = fmt.Sprint("h", i), "ch1", now.Add(time.Duration(i)*time.Millisecond)
			do(w.AddHistory(e))
		}
		for _, x := range []retail.Problem{
			{Key: "order.no_product", Object: "order 41/1", Args: map[string]any{"code": "AO-9", "order": "Đ-1", "channel": "Market"}},
			{Key: "connection.unauthorised", Object: "connection"}, {Key: "price.zero", Object: "sku AO-1 price.", Args: map[string]any{"code": "AO-1"}, Detail: "price must be positive"},
			{Key: "of.the_future", Object: "hooks"},
		} {
			do(w.RaiseProblem("ch1", x, now))
		}
		return err
	})
}

// rule: LZD-31, SYN-06, SYN-07
func TestEveryPageReadsWellInBothLanguages(t *testing.T) {
	h := open(t, &Demo{Shop: "a", Login: "op", Password: "thử", Actors: []Actor{{"market", "buyer", "http://127.0.0.1:1/"}, {"till", "staff", "http://127.0.0.1:2/"}}})
	h.people(t)
	h.lively(t)
	op := h.signedIn(t, "op")
	for _, lang := range []string{"en", "vi"} {
		op.post("/preferences", "lang", lang)
		pages := map[string]string{}
		for _, path := range []string{
			"/signin", "/guide", "/shops", "/apps", "/account", "/s/a/", "/s/a/connections", "/s/a/connections/new", "/s/a/connections/ch1", "/s/a/connections/pos1", "/s/a/connections/ch1/delete",
			"/s/a/goods", "/s/a/goods?state=near_miss", "/s/a/goods?q=kh%C3%B4ng+c%C3%B3", "/s/a/goods/ch1/i%2F0/s", "/s/a/goods/ch1/i%2F2/s", "/s/a/goods/ch1/i%2F6/s",
			"/s/a/orders", "/s/a/orders?show=stuck", "/s/a/orders?show=held", "/s/a/orders?q=dh_1", "/s/a/orders?page=9",
			"/s/a/orders/ch1/41%2F0", "/s/a/orders/ch1/41%2F1", "/s/a/orders/ch1/41%2F2", "/s/a/orders/ch1/41%2F3", "/s/a/orders/ch1/41%2F6",
			"/s/a/history", "/s/a/history?kind=goods", "/s/a/history?connection=ch1", "/s/a/history/h0", "/s/a/history/h1", "/s/a/history/h2", "/s/a/history/h3", "/s/a/history/h4", "/s/a/problems",
			"/s/b/", "/s/b/goods", "/s/b/orders", "/s/b/history", "/s/b/problems", "/s/b/connections",
		} {
			pages[path] = op.page(path, http.StatusOK)
			if strings.Contains(pages[path], phone) && !strings.HasPrefix(path, "/s/a/orders/") {
				t.Errorf("%s shows a full phone number", path)
			}
		}
		for _, path := range []string{"/s/a/goods/ch1/x/y", "/s/a/orders/ch1/x", "/s/a/orders/x/41%2F0", "/s/a/history/x", "/s/a/connections/x", "/logo/market", "/logo/x"} {
			op.page(path, http.StatusNotFound)
		}
		if lang == "en" {
			continue
		}
		want(t, pages["/s/a/goods/ch1/i%2F0/s"], "Tồn kho KiotViet tại “Kho chính”", "LZD-12", "stock.of_the_future")
		want(t, pages["/s/a/orders/ch1/41%2F0"], phone, "DH_1", "HD_1", "Đang giao hàng", "Khớp đến từng đồng", "90.000", "Tạo khi kiện hàng")
		want(t, pages["/s/a/orders/ch1/41%2F1"], "AO-9", "Tạo phiếu đặt hàng", "2 lần gọi", "POST /orders", "Bị từ chối")
		want(t, pages["/s/a/orders/ch1/41%2F6"], "/s/a/orders/ch1/41%2F6/settle")
		want(t, pages["/s/a/history/h1"], "Sai tên kết nối.", "không cho", "420", "Đồng bộ Market", "Đồng bộ đặt hàng")
		want(t, pages["/s/a/problems"], "price must be positive", "AO-9", "Cách khắc phục", "of.the_future", "/s/a/connections/ch1")
		want(t, pages["/s/a/connections/ch1"], "Không còn trong KiotViet (404)")
		want(t, pages["/guide"], `href="http://127.0.0.1:2/"`, `target="_blank"`)
		want(t, pages["/s/a/goods"], "AO-x", "Vì sao?", "Chờ gửi")
		if n := strings.Count(pages["/s/a/orders?show=held"], "/s/a/orders/ch1/"); n != 1 {
			t.Errorf("%d orders wait to be settled, want 1", n)
		}
	}
	if h.log.Len() > 0 {
		t.Errorf("the log says %s", h.log)
	}
}

func TestALongListHasPagesAndLosesNothing(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	now := clock.Real{}.Now()
	h.write(t, "a", func(w store.Writer) error {
		if err := w.CreateConnection(store.Connection{ID: "ch1", Platform: "market", State: store.Live, AccountID: "m1", Created: now, NotBefore: now.Add(time.Hour)}); err != nil {
			return err
		}
		for i := range 130 {
			if err := w.PutOrder(store.Order{Connection: "ch1", ID: fmt.Sprintf("o%03d", i), Created: now, Stage: retail.Pending}); err != nil {
				return err
			}
			if err := w.AddHistory(store.Entry{ID: fmt.Sprintf("h%03d", i), Connection: "ch1", Kind: store.GoodsHistory, Event: "history.connection_saved", Outcome: "done", At: now}); err != nil {
				return err
			}
		}
		return nil
	})
	b := h.signedIn(t, "chu-a")
	for _, list := range []struct{ path, row, next string }{
		{"/s/a/orders", `href="/s/a/orders/ch1/(o\d+)"`, `href="(\?page=\d+)"`},
		{"/s/a/orders?show=new", `href="/s/a/orders/ch1/(o\d+)"`, `href="(\?page=\d+&amp;show=new)"`},
		{"/s/a/history", `href="/s/a/history/(h\d+)"`, `href="(\?before=[^"]+)"`},
	} {
		seen := map[string]bool{}
		at := list.path
		for range 5 {
			body := b.page(at, http.StatusOK)
			for _, id := range all(list.row, body) {
				seen[id] = true
			}
			next := all(list.next, body)
			if len(next) == 0 || at == "/s/a/orders"+next[len(next)-1] {
				break
			}
			at = strings.Split(list.path, "?")[0] + strings.ReplaceAll(next[len(next)-1], "&amp;", "&")
		}
		if len(seen) != 130 {
			t.Errorf("%s shows %d of 130", list.path, len(seen))
		}
	}
}

func TestAPageHearsOfChanges(t *testing.T) {
	h := open(t, nil)
	h.people(t)
	b := h.signedIn(t, "chu-a")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	await := func(want string) {
		t.Helper()
		for lines.Scan() {
			if lines.Text() == want {
				return
			}
		}
		t.Fatalf("the stream ended before %q: %v", want, lines.Err())
	}
	await("event: changed") // what happened before the stream began
	if err := h.Activate(t.Context(), "a", "market", false); err != nil {
		t.Fatal(err)
	}
	await("event: changed")
}
