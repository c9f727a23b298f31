package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheStory is what the README promises a newcomer: place an order on the
// simulated Lazada and watch it become a KiotViet order; sell at the KiotViet
// counter and watch the number on Lazada fall.
func TestTheStory(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	d := startDemo(t)
	b := openBrowser(t)

	b.do(chromedp.Navigate(d.console))
	b.picture("sign-in")
	b.do(chromedp.SetValue(chromedp.CSS(`[name=login]`), d.login), chromedp.SetValue(chromedp.CSS(`[name=password]`), d.password),
		chromedp.Click(chromedp.CSS(`main form button`)))
	b.says(`document.querySelector('a[href="/account"]') ? "signed in" : ""`)
	b.picture("first-page")

	// An order flows in.
	sku := sellable(t, d)
	said := b.act(d.desks["lazada"], "place_order", map[string]string{"sku": sku.code, "quantity": "1"})
	order := regexp.MustCompile(`"order_id":"?(\d+)`).FindStringSubmatch(said)
	if order == nil {
		t.Fatalf("no order in %q", said)
	}
	b.until(d.desks["kiotviet"]+"?see=orders", "DHLZD_"+order[1])
	b.until(d.shop+"/orders", "DHLZD_"+order[1])
	b.do(chromedp.Click(chromedp.CSS(fmt.Sprintf(`main a[href$="/%s"]`, order[1]))))
	b.says(`location.pathname.endsWith("/` + order[1] + `") && document.querySelector("main") ? "there" : ""`)
	b.picture("order")

	// A sale at the counter flows out.
	before := sellableOf(t, d, sku.code)
	b.act(d.desks["kiotviet"], "counter_sale", map[string]string{"code": sku.code, "quantity": "2"})
	b.until(d.desks["lazada"]+"?see=items", sku.code)
	for range 400 {
		if sellableOf(t, d, sku.code) == before-2 {
			break
		}
		b.do(chromedp.Navigate(d.desks["lazada"] + "?see=items"))
	}
	if now := sellableOf(t, d, sku.code); now != before-2 {
		t.Errorf("Lazada sells %d of %s after a counter sale of 2; it sold %d before", now, sku.code, before)
	}

	// Every page, in both languages, on a desk and in a hand.
	for _, lang := range []string{"vi", "en"} {
		for _, width := range []int64{1280, 390} {
			b.do(chromedp.EmulateViewport(1280, 844))
			b.speak(d, lang)
			b.do(chromedp.EmulateViewport(width, 844))
			for _, page := range []string{"/guide", "/s/demo/", "/s/demo/connections", "/s/demo/connections/new", "/s/demo/goods", "/s/demo/orders", "/s/demo/history", "/s/demo/problems", "/shops", "/apps", "/account"} {
				b.do(chromedp.Navigate(d.console+page), chromedp.WaitReady(chromedp.CSS(`main`)))
				name := fmt.Sprintf("%s-%d%s", lang, width, regexp.MustCompile(`[^a-z]+`).ReplaceAllString(page, "-"))
				b.picture(name)
				b.fits(name)
			}
		}
	}
}

// speak chooses a language through the page's own switch.
func (b *browser) speak(d demo, lang string) {
	b.Helper()
	b.do(chromedp.Navigate(d.shop + "/"))
	if b.says(`document.documentElement.lang`) != lang {
		b.do(chromedp.Click(chromedp.JSPath(fmt.Sprintf(`[...document.querySelectorAll('button[name=lang][value=%s]')].find(e => e.checkVisibility())`, lang))))
	}
	b.says(fmt.Sprintf(`document.documentElement.lang == %q ? "yes" : ""`, lang))
}

type item struct {
	code     string
	sellable int64
}

func items(t *testing.T, d demo) []item {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(d.desks["lazada"] + "see/items")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		SKU      string `json:"sku"`
		Sellable int64  `json:"sellable"`
	}
	if err := json.Unmarshal(body, &rows); err != nil {
		t.Fatalf("%v: %.300s", err, body)
	}
	out := make([]item, len(rows))
	for i, r := range rows {
		out[i] = item{r.SKU, r.Sellable}
	}
	return out
}

// sellable is a linked product with enough on the shelf.
func sellable(t *testing.T, d demo) item {
	t.Helper()
	list := items(t, d)
	for _, i := range list[len(list)/2:] { // the page shows the newest
		if i.sellable >= 10 && i.sellable < 200 {
			return i
		}
	}
	t.Fatal("nothing is for sale")
	return item{}
}

func sellableOf(t *testing.T, d demo, code string) int64 {
	t.Helper()
	for _, i := range items(t, d) {
		if i.code == code {
			return i.sellable
		}
	}
	t.Fatalf("no item %s", code)
	return 0
}
