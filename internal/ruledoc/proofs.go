package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const families = `LZD|ABH|HRV|RET|SYN`

var (
	inText     = regexp.MustCompile(`\b(` + families + `)-(\d{2})\b`)
	atStart    = regexp.MustCompile(`^(` + families + `)-(\d{2})\b`)
	inFuncName = regexp.MustCompile(`(` + families + `)_?(\d{2})(?:\D|$)`)
	inFileName = regexp.MustCompile(`(?i)\b(` + families + `)[-_]?(\d{2})(?:\D|$)`)
	ruleMark   = regexp.MustCompile(`^rules?:`)
)

// findProofs returns, for each rule ID, the places that prove it, sorted:
// path:TestName, or the path alone where a mark stands outside every test and
// for scenarios.
func findProofs(root fs.FS) (map[string][]string, error) {
	proofs := map[string][]string{}
	add := func(where string, ids []string) {
		for _, id := range ids {
			if !slices.Contains(proofs[id], where) {
				proofs[id] = append(proofs[id], where)
			}
		}
	}
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := path.Base(name)
		if d.IsDir() {
			hidden := name != "." && strings.HasPrefix(base, ".")
			if hidden || base == "testdata" || base == "node_modules" || name == "bin" || name == "artifacts" || name == "tmp" || name == "scenarios/wip" {
				return fs.SkipDir
			}
			return nil
		}
		ext := path.Ext(name)
		test := strings.HasSuffix(name, "_test.go")
		scenario := strings.HasPrefix(name, "scenarios/") && (ext == ".txt" || ext == ".txtar")
		if !test && !scenario {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if scenario {
			add(name, idsOfScenario(base, string(text)))
			return nil
		}
		return idsOfTests(name, text, add)
	})
	for _, where := range proofs {
		slices.Sort(where)
	}
	return proofs, err
}

// idsOfScenario looks at the file's name and at its comments.
func idsOfScenario(base, text string) []string {
	ids := matches(inFileName, base)
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "#") {
			ids = append(ids, idsOfComment(line, true)...)
		}
	}
	return ids
}

// idsOfComment returns the IDs after "rule:", or, if start is set, the one that
// the comment begins with.
func idsOfComment(line string, start bool) []string {
	line = strings.TrimSpace(strings.Trim(line, "/#*- \t"))
	if ruleMark.MatchString(line) {
		return matches(inText, line)
	}
	if start {
		return matches(atStart, line)
	}
	return nil
}

// idsOfTests parses a test file and tells add what each of its tests proves.
func idsOfTests(name string, text []byte, add func(where string, ids []string)) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments)
	if err != nil {
		return fmt.Errorf("reading tests: %w", err)
	}
	var tests []*ast.FuncDecl
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !isTest(f) {
			continue
		}
		tests = append(tests, f)
		where := name + ":" + f.Name.Name
		add(where, matches(inFuncName, f.Name.Name))
		ast.Inspect(f, func(n ast.Node) bool {
			if lit := nameOfCase(n); lit != nil {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					add(where, matches(inText, s))
				}
			}
			return true
		})
	}
	for _, group := range file.Comments {
		where := name
		for _, f := range tests {
			begin := f.Pos()
			if f.Doc != nil {
				begin = f.Doc.Pos()
			}
			if begin <= group.Pos() && group.End() <= f.End() {
				where = name + ":" + f.Name.Name
			}
		}
		for _, c := range group.List {
			for line := range strings.Lines(c.Text) {
				add(where, idsOfComment(line, false))
			}
		}
	}
	return nil
}

func isTest(f *ast.FuncDecl) bool {
	if f.Recv != nil {
		return false
	}
	for _, kind := range []string{"Test", "Fuzz", "Example", "Benchmark"} {
		if strings.HasPrefix(f.Name.Name, kind) && f.Name.Name != "TestMain" {
			return true
		}
	}
	return false
}

// nameOfCase returns the literal that names a subtest: the first argument of
// x.Run, or a field called name.
func nameOfCase(n ast.Node) *ast.BasicLit {
	var value ast.Expr
	switch n := n.(type) {
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Run" && len(n.Args) == 2 {
			value = n.Args[0]
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "name") {
			value = n.Value
		}
	}
	if lit, ok := value.(*ast.BasicLit); ok && lit.Kind == token.STRING {
		return lit
	}
	return nil
}

// matches returns the IDs that a pattern finds, in their one spelling.
func matches(pattern *regexp.Regexp, s string) []string {
	var ids []string
	for _, m := range pattern.FindAllStringSubmatch(s, -1) {
		ids = append(ids, strings.ToUpper(m[1])+"-"+m[2])
	}
	return ids
}
