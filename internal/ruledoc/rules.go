package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// rule is one sentence that the product keeps.
type rule struct {
	ID, Sentence string
}

// section is a heading of docs/rules.txt with the rules under it.
type section struct {
	Heading string // with its leading #
	Rules   []rule
}

var wholeID = regexp.MustCompile(`^[A-Z]{3}-\d{2}$`)

// readRules reads docs/rules.txt: headings, comments that begin with one #, and
// lines of ID, tab, sentence.
func readRules(text string) ([]section, error) {
	var sections []section
	seen := map[string]bool{}
	for i, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "##"):
			sections = append(sections, section{Heading: line})
			continue
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case len(sections) == 0:
			return nil, fmt.Errorf("line %d: a rule before the first heading", i+1)
		}
		id, sentence, ok := strings.Cut(line, "\t")
		if !ok || !wholeID.MatchString(id) || strings.TrimSpace(sentence) == "" {
			return nil, fmt.Errorf("line %d: want ID, tab, sentence", i+1)
		}
		if seen[id] {
			return nil, fmt.Errorf("line %d: %s stands there twice", i+1, id)
		}
		seen[id] = true
		last := &sections[len(sections)-1]
		last.Rules = append(last.Rules, rule{ID: id, Sentence: sentence})
	}
	return sections, nil
}

// knownOnly fails if a test claims a rule that does not exist.
func knownOnly(sections []section, proofs map[string][]string) error {
	known := map[string]bool{}
	for _, s := range sections {
		for _, r := range s.Rules {
			known[r.ID] = true
		}
	}
	var wrong []string
	for id, where := range proofs {
		if !known[id] {
			wrong = append(wrong, fmt.Sprintf("%s (%s)", id, strings.Join(where, ", ")))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("no such rule in docs/rules.txt: %s", strings.Join(wrong, "; "))
}

// summary says how far we are, in all and for each family of rules.
func summary(sections []section, proofs map[string][]string) string {
	type count struct{ done, all int }
	var total count
	var families []string
	counts := map[string]count{}
	for _, s := range sections {
		for _, r := range s.Rules {
			family := r.ID[:3]
			if !slices.Contains(families, family) {
				families = append(families, family)
			}
			c := counts[family]
			c.all++
			total.all++
			if len(proofs[r.ID]) > 0 {
				c.done++
				total.done++
			}
			counts[family] = c
		}
	}
	parts := make([]string, len(families))
	for i, family := range families {
		parts[i] = fmt.Sprintf("%s %d/%d", family, counts[family].done, counts[family].all)
	}
	return fmt.Sprintf("%d of %d are named by a test (%s)", total.done, total.all, strings.Join(parts, ", "))
}

// render writes the page.
func render(sections []section, proofs map[string][]string) string {
	var b strings.Builder
	b.WriteString("<!-- Made from rules.txt by `make gen`. Do not edit. -->\n\n# The rules and their tests\n\n")
	fmt.Fprintf(&b, "%s.\n", summary(sections, proofs))
	b.WriteString("What we added ourselves is marked *(ours)*. How a test names its rule: [CONTRIBUTING](../CONTRIBUTING.md).\n")
	for _, s := range sections {
		fmt.Fprintf(&b, "\n%s\n", s.Heading)
		if len(s.Rules) == 0 {
			continue
		}
		b.WriteString("\n| rule | sentence | tests |\n|---|---|---|\n")
		for _, r := range s.Rules {
			tests := make([]string, len(proofs[r.ID]))
			for i, where := range proofs[r.ID] {
				tests[i] = "`" + where + "`"
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", r.ID, strings.ReplaceAll(r.Sentence, "|", `\|`), strings.Join(tests, "<br>"))
		}
	}
	return b.String()
}
