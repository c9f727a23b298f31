package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dongbo/dongbo/internal/clock"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	status = Main(args, &o, &e)
	return status, o.String(), e.String()
}

func TestScenarioNamesTheFailingLine(t *testing.T) {
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.txt"), filepath.Join(dir, "bad.txt")
	write(t, good, "kiotviet add_product code=A name=A price=1000 on_hand=1\nexpect kiotviet products code=A\n")
	write(t, bad, "# Sai\nkiotviet add_product code=A name=A price=1000 on_hand=1\nexpect kiotviet products code=B\n")
	status, out, errs := run(t, "scenario", good)
	if status != 0 || !strings.HasSuffix(out, "1 passed, 0 failed\n") {
		t.Errorf("status %d, output %q, errors %q", status, out, errs)
	}
	status, out, _ = run(t, "scenario", good, bad)
	if status != 1 || !strings.HasSuffix(out, "1 passed, 1 failed\n") || !strings.Contains(out, "bad.txt:3") {
		t.Errorf("status %d, output %q", status, out)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestASecondInstanceIsToldWhatToDo(t *testing.T) {
	dsn := "sqlite:" + filepath.Join(t.TempDir(), "hub.db")
	c := nodeConfig{DSN: dsn, Key: randomKey(), Log: slog.New(slog.DiscardHandler)}
	n, err := openNode(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.close()
	_, err = openNode(t.Context(), c)
	if err == nil || !strings.Contains(explained(err), "--db") {
		t.Errorf("a second instance on the same file: %v", err)
	}
}

func TestWrongSettingsAreExplained(t *testing.T) {
	for name, args := range map[string][]string{
		"sandboxes beyond loopback": {"sandbox", "--addr", "0.0.0.0:0"},
		"no scenarios":              {"scenario", t.TempDir()},
		"unknown database":          {"serve", "--db", "mysql:x", "--addr", "127.0.0.1:0", "--key", filepath.Join(t.TempDir(), "k")},
		"demo in a used folder":     {"demo", "--addr", "127.0.0.1:0", "--data", "."},
		"pace without sandboxes":    {"serve", "--pace", "3", "--db", "sqlite::memory:", "--addr", "127.0.0.1:0", "--key", filepath.Join(t.TempDir(), "k")},
	} {
		t.Run(name, func(t *testing.T) {
			if status, _, errs := run(t, args...); status != 1 || !strings.HasPrefix(errs, "dongbo: ") {
				t.Errorf("status %d, errors %q", status, errs)
			}
		})
	}
}

// background runs a command until the test ends, and fails the test if it does
// not stop cleanly.
func background(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() {
		if err := f(ctx); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	t.Cleanup(func() { stop(); working.Wait() })
}

func await(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		if b, err := os.ReadFile(path); err == nil {
			var info map[string]map[string]string
			if err := json.Unmarshal(b, &info); err != nil {
				t.Fatal(err)
			}
			return info
		}
		if (clock.Real{}).Sleep(ctx, 10*time.Millisecond) != nil {
			t.Fatalf("%s was never written", path)
		}
	}
}

func TestSandboxTellsWhereItIs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info.json")
	background(t, func(ctx context.Context) error {
		return (&sandboxCommand{Addr: "127.0.0.1:0", Info: path, Seed: 1}).Run(ctx, &streams{io.Discard, io.Discard})
	})
	info := await(t, path)
	for platform, keys := range map[string][]string{
		"kiotviet": {"base_url", "auth_url", "client_id", "client_secret", "retailer", "actors_url"},
		"lazada":   {"base_url", "auth_url", "app_key", "app_secret", "access_token", "actors_url"},
	} {
		for _, key := range keys {
			if info[platform][key] == "" {
				t.Errorf("%s has no %s", platform, key)
			}
		}
	}
	get(t, info["kiotviet"]["actors_url"], "KiotViet")
	get(t, info["lazada"]["actors_url"], "Lazada")
}

// get reads a page and looks for a word in it.
func get(t *testing.T, url, word string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), word) {
		t.Errorf("%s: status %d, %v, no %q in %.200s", url, resp.StatusCode, err, word, body)
	}
}

func TestDemoIsReadyInOneCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "info.json")
	background(t, func(ctx context.Context) error {
		return (&demoCommand{Addr: "127.0.0.1:0", Info: path}).Run(ctx, &streams{io.Discard, io.Discard})
	})
	info := await(t, path)
	if info["console"]["login"] == "" || info["console"]["password"] == "" {
		t.Error("no sign-in is told")
	}
	get(t, info["console"]["url"]+"/signin", "Dongbo")
	get(t, info["kiotviet"]["actors_url"], "KiotViet")
}
