package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const someRules = "# a remark\n\n## Lazada\n\n### Orders\n\nLZD-15\tFirst.\nLZD-16\tCode | note.\nSYN-01\tOnce.\n"

const someTests = `package x

import "testing"

// rule: LZD-01
var shared = 1

func TestLZD16OrderCode(t *testing.T) {}
func TestLZD_17(t *testing.T)         {}
func TestSYN018(t *testing.T)         {} // no rule has three digits

// TestPlain is about something that HRV-01 says, which proves nothing.
//
// rule: ABH-01, ABH-02
func TestPlain(t *testing.T) {
	t.Run("RET-03 confirmed once", func(t *testing.T) {})
	for _, tt := range []struct{ name, want string }{
		{name: "HRV-10: all three hold", want: "HRV-11"},
	} {
		t.Log(tt)
	}
	helper(t) // rule: SYN-02
}

func helper(t *testing.T) {}
`

func TestTestsAndScenariosNameTheirRules(t *testing.T) {
	tree := fstest.MapFS{
		"internal/x/x_test.go":          {Data: []byte(someTests)},
		"internal/x/x.go":               {Data: []byte("package x // rule: LZD-30\n")},
		"internal/x/testdata/y_test.go": {Data: []byte("not Go, rule: LZD-31")},
		"scenarios/lzd-16-code.txt":     {Data: []byte("hub on\n")},
		"scenarios/ret/late.txtar":      {Data: []byte("# RET-06: never too high\n# rule: RET-03\n# unlike RET-05\nRET-04\n")},
		"scenarios/readme.md":           {Data: []byte("# RET-01\n")},
	}
	got, err := findProofs(tree)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"LZD-01": {"internal/x/x_test.go"},
		"LZD-16": {"internal/x/x_test.go:TestLZD16OrderCode", "scenarios/lzd-16-code.txt"},
		"LZD-17": {"internal/x/x_test.go:TestLZD_17"},
		"ABH-01": {"internal/x/x_test.go:TestPlain"},
		"ABH-02": {"internal/x/x_test.go:TestPlain"},
		"RET-03": {"internal/x/x_test.go:TestPlain", "scenarios/ret/late.txtar"},
		"HRV-10": {"internal/x/x_test.go:TestPlain"},
		"SYN-02": {"internal/x/x_test.go:TestPlain"},
		"RET-06": {"scenarios/ret/late.txtar"},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestRulesAreReadOnce(t *testing.T) {
	for name, text := range map[string]string{
		"twice":      "## A\nLZD-01\tx\nLZD-01\ty\n",
		"no tab":     "## A\nLZD-01 x\n",
		"no text":    "## A\nLZD-01\t \n",
		"wrong ID":   "## A\nLZD-1\tx\n",
		"no heading": "LZD-01\tx\n",
	} {
		if _, err := readRules(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestPageListsWhatIsDone(t *testing.T) {
	sections, err := readRules(someRules)
	if err != nil {
		t.Fatal(err)
	}
	proofs := map[string][]string{"LZD-16": {"a_test.go:TestA", "b_test.go:TestB"}}
	page := render(sections, proofs)
	for _, want := range []string{
		"1 of 3 are named by a test (LZD 1/2, SYN 0/1).",
		"## Lazada", "### Orders",
		"| LZD-15 | First. |  |",
		`| LZD-16 | Code \| note. | ` + "`a_test.go:TestA`<br>`b_test.go:TestB` |",
	} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("missing %q in\n%s", want, page)
		}
	}
	proofs["LZD-99"] = []string{"c_test.go:TestC"}
	if err := knownOnly(sections, proofs); err == nil || !strings.Contains(err.Error(), "LZD-99 (c_test.go:TestC)") {
		t.Errorf("an unknown rule: %v", err)
	}
}

func TestCheckFailsOnAStalePage(t *testing.T) {
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("docs/rules.txt", someRules)
	if err := run(root, true); err == nil {
		t.Error("a missing page passed the check")
	}
	if err := run(root, false); err != nil {
		t.Fatal(err)
	}
	if err := run(root, true); err != nil {
		t.Errorf("a fresh page failed the check: %v", err)
	}
	write("x_test.go", "package x\n\nfunc TestLZD15() {}\n")
	if err := run(root, true); err == nil {
		t.Error("a new test left the page fresh")
	}
}

// The rules themselves: every line is well-formed and each family is complete.
func TestOurRulesHaveNoGaps(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	sections, err := readRules(string(text))
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, s := range sections {
		for _, r := range s.Rules {
			count[r.ID[:3]]++
		}
	}
	want := map[string]int{"LZD": 34, "ABH": 18, "HRV": 19, "RET": 6, "SYN": 8}
	if !maps.Equal(count, want) {
		t.Errorf("rules by family: %v, want %v", count, want)
	}
}
