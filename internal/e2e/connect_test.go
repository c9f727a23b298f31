package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dongbo/dongbo/internal/clock"
)

// TestConnectFromNothing is the first evening of an operator and owner: an empty
// hub, the two platforms, "Lưu", and the number on Lazada is right.
//
// rule: LZD-01, LZD-02, LZD-03
func TestConnectFromNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	infos, console := startHubAndSandboxes(t)
	b := openBrowser(t)
	kv, lz := infos["kiotviet"], infos["lazada"]
	b.act(kv["actors_url"], "add_product", map[string]string{"code": "AO-DO-L", "name": "Áo đỏ L", "price": "259000", "on_hand": "7"})
	b.act(lz["actors_url"], "add_item", map[string]string{"sku": "AO-DO-L", "name": "Áo đỏ L", "price": "259000", "quantity": "20"})

	b.do(chromedp.Navigate(console))
	b.fill(`form[action="/setup"]`, map[string]string{"name": "Chị Lan", "login": "lan", "password": "mat-khau-dai-12", "password2": "mat-khau-dai-12", "shop": "Thời Trang A"})
	b.says(`document.querySelector('a[href="/account"]') ? "signed in" : ""`)
	shop := b.says(`[...document.querySelectorAll('a[href^="/s/"]')].map(a => a.getAttribute("href").split("/")[2])[0] ?? ""`)
	b.picture("empty")

	// KiotViet: a wrong secret is explained and nothing that was typed is lost.
	b.do(chromedp.Navigate(console + "/s/" + shop + "/connections/new"))
	b.press(`form[action$="/drafts/kiotviet"] button`)
	b.says(`document.querySelector('[name=client_secret]') ? "form" : ""`)
	b.fill(`form:has([name=client_secret])`, map[string]string{"retailer": kv["retailer"], "client_id": kv["client_id"], "client_secret": "SAI"})
	b.says(`document.body.innerText.includes("Mã bảo mật") && document.querySelector('.alert, [role=alert]')?.innerText || ""`)
	b.picture("wrong-secret")
	if kept := b.says(`document.querySelector('[name=client_id]').value`); kept != kv["client_id"] {
		t.Errorf("what was typed is lost: %q", kept)
	}
	b.fill(`form:has([name=client_secret])`, map[string]string{"client_secret": kv["client_secret"]})
	b.says(`document.body.innerText.includes("KiotViet · ` + kv["retailer"] + `") ? "connected" : ""`)

	// Lazada is off until the operator turns it on.
	b.do(chromedp.Navigate(console+"/s/"+shop+"/connections/new"), chromedp.WaitReady(chromedp.CSS(`main`)))
	b.picture("lazada-off")
	b.do(chromedp.Navigate(console + "/shops"))
	b.press(`form[action$="/features/lazada"] button`)
	b.says(`document.querySelector('form[action$="/features/lazada"] [name=on]')?.value == "false" ? "on" : ""`)
	b.do(chromedp.Navigate(console + "/s/" + shop + "/connections/new"))
	b.press(`form[action$="/drafts/lazada"] button`)
	b.says(`document.querySelector('a[href$="/signin"]') || location.href.includes("/oauth/authorize") ? "on" : ""`)
	if !strings.Contains(b.says(`location.href`), "/oauth/authorize") {
		b.press(`a[href$="/signin"]`)
	}
	b.says(`location.href.includes("/oauth/authorize") ? "at Lazada" : ""`)
	b.picture("lazada-sign-in")
	b.press(`button[value="200177001"], button[name=seller]`)
	b.says(`document.querySelector('select[name=branch]') ? "form" : ""`)
	b.picture("lazada-form")
	// The only branch is chosen already.
	b.press(`form:has(select[name=branch]) .btn-primary`)
	b.says(`document.body.innerText.includes("owner@example.vn") && location.pathname.endsWith("/connections") ? "saved" : ""`)
	b.picture("connected")

	// And the number is right.
	b.until(lz["actors_url"]+"?see=items", "\t7\t7\t0\t0\t")
}

// press clicks what a selector finds.
func (b *browser) press(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// fill types into the fields of a form and sends it.
func (b *browser) fill(form string, fields map[string]string) {
	b.Helper()
	for name, value := range fields {
		b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`%s [name=%q]`, form, name)), value))
	}
	b.press(form + ` .btn-primary`)
}

// startHubAndSandboxes runs `dongbo sandbox` and an empty `dongbo serve`.
func startHubAndSandboxes(t *testing.T) (infos map[string]map[string]string, console string) {
	t.Helper()
	dir := t.TempDir()
	binary, info := filepath.Join(dir, "dongbo"), filepath.Join(dir, "info.json")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/dongbo/dongbo/cmd/dongbo").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	child(t, binary, "sandbox", "--info", info)
	await(t, "the sandboxes", func() bool {
		b, err := os.ReadFile(info)
		return err == nil && json.Unmarshal(b, &infos) == nil
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	log := child(t, binary, "serve", "--db", "sqlite:"+filepath.Join(dir, "hub.db"), "--key", filepath.Join(dir, "key"),
		"--addr", addr, "--url", "http://"+addr, "--sandboxes", info)
	await(t, "the hub", func() bool {
		said, err := os.ReadFile(log)
		return err == nil && strings.Contains(string(said), "listening")
	})
	return infos, "http://" + addr
}

// child runs a program until the test ends, and returns the file of what it
// said.
func child(t *testing.T, binary string, args ...string) string {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), args[0]+".log"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(binary, args...)
	c.Stdout, c.Stderr = log, log
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			said, _ := os.ReadFile(log.Name())
			t.Errorf("dongbo %s did not stop cleanly: %v\n%s", args[0], err, said)
		}
		_ = log.Close()
	})
	return log.Name()
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		if (clock.Real{}).Sleep(ctx, 20*time.Millisecond) != nil {
			t.Fatalf("%s never came up", what)
		}
	}
}
