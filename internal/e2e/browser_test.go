// Package e2e walks through the product in headless Chromium as a newcomer
// does.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
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

// demo is `dongbo demo` as a child, ready.
type demo struct {
	console, login, password, shop string
	desks                          map[string]string
}

func startDemo(t *testing.T) demo {
	t.Helper()
	dir := t.TempDir()
	binary, info := filepath.Join(dir, "dongbo"), filepath.Join(dir, "info.json")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/dongbo/dongbo/cmd/dongbo").CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	child := exec.Command(binary, "demo", "--addr", "127.0.0.1:0", "--info", info)
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said strings.Builder
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = child.Process.Signal(syscall.SIGTERM)
		if err := child.Wait(); err != nil {
			t.Errorf("the demo did not stop cleanly: %v\n%s", err, said.String())
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if b, err := os.ReadFile(info); err == nil {
			var all map[string]map[string]string
			if err := json.Unmarshal(b, &all); err != nil {
				t.Fatal(err)
			}
			c := all["console"]
			return demo{console: c["url"], login: c["login"], password: c["password"], shop: c["url"] + "/s/" + c["shop"],
				desks: map[string]string{"kiotviet": all["kiotviet"]["actors_url"], "lazada": all["lazada"]["actors_url"]}}
		}
		if (clock.Real{}).Sleep(ctx, 20*time.Millisecond) != nil {
			t.Fatal("the demo was never ready")
		}
	}
}

// browser is one Chromium with one tab.
type browser struct {
	*testing.T
	ctx context.Context
	dir string
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: run `make test`, which installs it, or apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, stop := chromedp.NewContext(alloc)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(func() { cancel(); stop(); stopAlloc() })
	// The browser lives as long as the context of its first step.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	return &browser{T: t, ctx: ctx, dir: t.ArtifactDir()}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.picture("failure")
		b.Fatal(err)
	}
}

// text is what a person reads on the page.
func (b *browser) text() string {
	b.Helper()
	s, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// until opens a page again and again until its text holds a word.
func (b *browser) until(url, word string) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Minute)
	defer cancel()
	for {
		b.do(chromedp.Navigate(url))
		if s := b.text(); strings.Contains(s, word) {
			return s
		}
		if (clock.Real{}).Sleep(ctx, 200*time.Millisecond) != nil {
			b.picture("failure")
			b.Fatalf("%s never shows %q; it shows:\n%.2000s", url, word, b.text())
		}
	}
}

// picture keeps a screenshot among the test's artifacts.
func (b *browser) picture(name string) {
	b.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(b.dir, name+".png"), png, 0o600)
	}
	if err != nil {
		b.Errorf("taking a picture of %s: %v", name, err)
	}
}

// fits reports a page that is wider than the window: an owner on a phone would
// have to push it about.
func (b *browser) fits(what string) {
	b.Helper()
	over, err := chromedp.Run(b.ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - window.innerWidth`))
	if err != nil {
		b.Fatal(err)
	}
	if over > 0 {
		b.Errorf("%s is %d px wider than the window", what, over)
	}
}

// act carries out an action on a platform's desk through its page.
func (b *browser) act(desk, action string, fields map[string]string) string {
	b.Helper()
	b.do(chromedp.Navigate(desk + "?do=" + action))
	for name, value := range fields {
		b.do(chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`form.open [name=%q]`, name)), value))
	}
	b.do(chromedp.Click(chromedp.CSS(`form.open button`)))
	said := b.says(`document.querySelector('.ok, .bad')?.innerText ?? ""`)
	if !strings.HasPrefix(said, "Đã làm") {
		b.Fatalf("%s %s: %s", action, fields, said)
	}
	return said
}

// says waits until an expression on the page, which may still be changing
// places, is a text, and returns it.
func (b *browser) says(expression string) string {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	for {
		if s, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression)); err == nil && s != "" {
			return s
		}
		if (clock.Real{}).Sleep(ctx, 20*time.Millisecond) != nil {
			b.picture("failure")
			b.Fatalf("the page never says %s", expression)
		}
	}
}
