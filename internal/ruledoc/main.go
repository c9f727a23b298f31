// Command ruledoc writes docs/rules.md: every rule of docs/rules.txt with the
// tests and scenarios that prove it.
//
// A test proves a rule if it says so in one of these places:
//
//	func TestLZD16OrderCode, TestLZD_16…       its name
//	t.Run("LZD-16 code begins with DHLZD", …)  the name of a subtest,
//	{name: "LZD-16 …"}                         also in a table of cases
//	// rule: LZD-16, LZD-17                    a comment in or above it
//
// and a scenario in its file name (lzd-16-code.txt), in a line "# rule: LZD-16",
// or in a comment that begins with the ID. An ID elsewhere proves nothing: a
// remark about a rule is no test of it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	check := flag.Bool("check", false, "fail if docs/rules.md is stale; write nothing")
	root := flag.String("root", ".", "the project's folder")
	flag.Parse()
	if err := run(*root, *check); err != nil {
		fmt.Fprintln(os.Stderr, "ruledoc:", err)
		os.Exit(1)
	}
}

func run(root string, check bool) error {
	text, err := os.ReadFile(filepath.Join(root, "docs", "rules.txt"))
	if err != nil {
		return err
	}
	sections, err := readRules(string(text))
	if err != nil {
		return fmt.Errorf("reading docs/rules.txt: %w", err)
	}
	proofs, err := findProofs(os.DirFS(root))
	if err != nil {
		return err
	}
	if err := knownOnly(sections, proofs); err != nil {
		return err
	}

	page := filepath.Join(root, "docs", "rules.md")
	want := render(sections, proofs)
	fmt.Fprintln(os.Stdout, "rules: "+summary(sections, proofs))
	have, err := os.ReadFile(page)
	switch {
	case err == nil && string(have) == want:
		return nil
	case err != nil && !os.IsNotExist(err):
		return err
	case check:
		return fmt.Errorf("docs/rules.md is stale: run `make gen` and commit it")
	}
	return os.WriteFile(page, []byte(want), 0o644)
}
