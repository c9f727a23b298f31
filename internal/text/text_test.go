package text

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, extra ...fs.FS) *Texts {
	t.Helper()
	texts, err := New(extra...)
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestBothLanguagesHaveTheSameMessages(t *testing.T) {
	var folders []fs.FS
	drivers, _ := filepath.Glob("../connector/*/words.vi.json")
	for _, d := range drivers {
		folders = append(folders, os.DirFS(filepath.Dir(d)))
	}
	if len(folders) == 0 {
		t.Fatal("no driver has words")
	}
	for _, extra := range append([]fs.FS{nil}, folders...) {
		texts := load(t, extra)
		vi, en := texts.Printer(Vietnamese), texts.Printer(English)
		if diff := cmp.Diff(vi.Keys(), en.Keys()); diff != "" {
			t.Errorf("vi and en differ: %s", diff)
		}
	}
}

var value = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// A value that one language forgets is as bad as a message that it lacks.
func TestBothLanguagesUseTheSameValues(t *testing.T) {
	texts := load(t)
	names := map[string]any{}
	for _, b := range []string{"vi.json", "en.json"} {
		raw, err := fs.ReadFile(embedded, b)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range value.FindAllStringSubmatch(string(raw), -1) {
			names[m[1]] = "<" + m[1] + ">"
		}
	}
	used := func(s string) (out []string) {
		for n := range names {
			if strings.Contains(s, "<"+n+">") {
				out = append(out, n)
			}
		}
		slices.Sort(out)
		return out
	}
	for _, key := range texts.Printer(Vietnamese).Keys() {
		vi, en := texts.Printer(Vietnamese).T(key, names), texts.Printer(English).T(key, names)
		if diff := cmp.Diff(used(vi), used(en)); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
		if vi == "" || en == "" {
			t.Errorf("%s is empty", key)
		}
	}
}

func TestEveryProblemHasARemedy(t *testing.T) {
	p := load(t).Printer(Vietnamese)
	for _, key := range p.Keys() {
		if strings.HasPrefix(key, "problem.") && strings.Count(key, ".") > 1 && !strings.HasSuffix(key, ".remedy") && !p.Has(key+".remedy") {
			t.Errorf("%s has no remedy", key)
		}
	}
}

// The rooms say keys; every one of them must have words.
func TestEveryKeyInTheSourcesHasWords(t *testing.T) {
	p := load(t).Printer(Vietnamese)
	for _, scan := range []struct {
		files, pattern, prefix string
	}{
		{"../web/*.templ", `\b(?:Say|T)\("([a-z0-9_.]+)"[,)]`, ""},
		{"../web/*.go", `\b(?:Say|T)\("([a-z0-9_.]+)"[,)]`, ""},
		{"../web/*.go", `retail\.Problem\{Key: "([a-z0-9_.]+)"`, "problem."},
		{"../web/*.go", `problem\.Key = .*"([a-z0-9_.]+)"`, "problem."},
		{"../web/*.go", `(?:mistake|again)\("([a-z0-9_.]+)"\)`, "problem."},
		{"../web/*.go", `redirect\(w, r, .+, "([a-z_]+)"\)`, "flash."},
		{"../hub/*.go", `trouble\("([a-z0-9_.]+)"`, "problem."},
		{"../hub/*.go", `Problem\{Key: "([a-z0-9_.]+[a-z])"`, "problem."},
		{"../hub/*.go", `\bproblem\("([a-z0-9_.]+)"`, "problem."},
		{"../hub/*.go", `"(history\.[a-z0-9_.]+)"`, ""},
		{"../connector/rest/*.go", `"(connection\.[a-z0-9_.]+)"`, "problem."},
		{"../rule/*.go", `Problem\{Key: "([a-z0-9_.]+)"`, "problem."},
		{"../rule/*.go", `Why\{(?:Rule: "[^"]*", )?Key: "([a-z0-9_.]+)"`, "why."},
		{"../rule/*.go", `why\.Key, .*= "([a-z0-9_.]+)"`, "why."},
		{"../rule/*.go", `\bkey :?= "([a-z0-9_.]+)"`, "why."},
		{"../rule/*.go", `d\.want\(.*, "([a-z0-9_.]+)"\)`, "why."},
		{"../rule/*.go", `(?:Skipped|BeforeActivation) = "([a-z0-9_.]+)"`, "why."},
		{"../rule/*.go", `LinkState\s+= "([a-z0-9_]+)"`, "link."},
		{"../retail/*.go", `Stage\s+= "([a-z0-9_]+)"`, "stage."},
		{"../retail/*.go", `OrderStatus\s+= "([a-z0-9_]+)"`, "pos."},
		{"../retail/*.go", `InvoiceStatus\s+= "([a-z0-9_]+)"`, "invoice."},
		{"../retail/*.go", `Delivery\s+= "([a-z0-9_]+)"`, "delivery."},
		{"../retail/*.go", `IntentKind\s+= "([a-z0-9_.]+)"`, "intent."},
		{"../store/*.go", `HistoryKind\s+= "([a-z0-9_]+)"`, "history.kind."},
	} {
		files, err := filepath.Glob(scan.files)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", scan.files, err)
		}
		found := 0
		for _, f := range files {
			if strings.HasSuffix(f, "_templ.go") || strings.HasSuffix(f, "_test.go") {
				continue
			}
			source, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range regexp.MustCompile(scan.pattern).FindAllStringSubmatch(string(source), -1) {
				found++
				if key := scan.prefix + m[1]; !p.Has(key) {
					t.Errorf("%s says %q, which has no words", f, key)
				}
			}
		}
		if found == 0 {
			t.Errorf("nothing in %s matches %s: has it moved?", scan.files, scan.pattern)
		}
	}
}

func TestValuesThatWereStoredAsJSONReadWell(t *testing.T) {
	texts := load(t, fstest.MapFS{
		"words.vi.json": {Data: []byte(`{"x": "{{.n}} và {{.at}} và {{.list}} và {{.gone}}"}`)},
		"words.en.json": {Data: []byte(`{"x": "{{.n}}"}`)},
	})
	got := texts.Printer(Vietnamese).Say("x", "n", float64(1234567), "at", "2026-11-20T20:30:00Z", "list", []any{"a", float64(2)})
	if want := "1.234.567 và 21/11/2026 03:30 và a, 2 và …"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := texts.Printer("fr").Say("no.such.key"); got != "no.such.key" {
		t.Errorf("a missing message prints %q", got)
	}
}

func TestAmountsAndTimes(t *testing.T) {
	vi, en := load(t).Printer(Vietnamese), load(t).Printer(English)
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC) // 17:00 in Vietnam
	for got, want := range map[string]string{
		vi.Money(1234567):                     "1.234.567\u00a0₫",
		en.Money(-5000):                       "-5,000\u00a0₫",
		en.Amount("1.234,5 ₫"):                "1,234.5\u00a0₫",
		vi.Amount("1.234 ₫"):                  "1.234\u00a0₫",
		vi.Exact(now):                         "20/11/2026 17:00:00",
		vi.Ago(now.Add(-3*time.Second), now):  "vừa xong",
		vi.Ago(now.Add(-5*time.Minute), now):  "5 phút trước",
		en.Ago(now.Add(-5*time.Hour), now):    "today 12:00",
		vi.Ago(now.Add(-20*time.Hour), now):   "21:00 hôm qua",
		vi.Ago(now.Add(-72*time.Hour), now):   "17/11/2026 17:00",
		vi.Ago(now.Add(90*time.Second), now):  "sau 2 phút",
		en.Ago(now.Add(30*time.Second), now):  "in 30 s",
		vi.Ago(time.Time{}, now):              "chưa lần nào",
		vi.Date(now.Add(8 * time.Hour)):       "21/11/2026",
		vi.Clock(Day(now).Add(9 * time.Hour)): "09:00",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
