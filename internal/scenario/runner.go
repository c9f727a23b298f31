package scenario

import (
	"fmt"
	"io"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dongbo/dongbo/internal/connector/all"
)

func drivers() []string {
	var ids []string
	for _, p := range all.Platforms() {
		ids = append(ids, p.Driver.ID)
	}
	return ids
}

// runner is what testscript needs of *testing.T.
type runner struct {
	out    io.Writer
	failed bool
}

type stopped struct{}

func (r *runner) run(f func()) {
	defer func() {
		if cause := recover(); cause != nil {
			if _, mine := cause.(stopped); !mine {
				panic(cause)
			}
		}
	}()
	f()
}

func (r *runner) Skip(args ...any)  { panic(stopped{}) }
func (r *runner) Fatal(args ...any) { r.Log(args...); r.FailNow() }
func (r *runner) Parallel()         {}
func (r *runner) FailNow()          { r.failed = true; panic(stopped{}) }
func (r *runner) Verbose() bool     { return false }

func (r *runner) Log(args ...any) {
	text := strings.TrimRight(fmt.Sprint(args...), "\n")
	fmt.Fprintf(r.out, "%s\n", text)
}

// Run implements testscript.T: a script that fails ends alone.
func (r *runner) Run(name string, f func(t testscript.T)) { r.run(func() { f(r) }) }
