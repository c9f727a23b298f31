package scenario

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/sandbox"
)

type worldKey struct{}

// Params runs the files with the commands of docs/scenarios.md. Each file has a
// world of its own.
func Params(files []string, o Options) testscript.Params {
	return testscript.Params{
		Files: files,
		Setup: func(env *testscript.Env) error {
			o := o
			dir, err := Scratch()
			if err != nil {
				return err
			}
			env.Defer(func() { _ = os.RemoveAll(dir) })
			o.Dir = dir
			w, err := Start(context.Background(), o)
			if err != nil {
				return err
			}
			env.Values[worldKey{}] = w
			env.Defer(func() {
				if err := w.Close(); err != nil {
					env.T().Fatal("at the end: ", err)
				}
				if len(w.Errors) > 0 {
					env.T().Fatal("a lane failed: ", w.Errors[0])
				}
			})
			return nil
		},
		Cmds: commands(),
	}
}

func commands() map[string]func(*testscript.TestScript, bool, []string) {
	cmds := map[string]func(*testscript.TestScript, bool, []string){
		"hub": cmdHub, "later": cmdLater, "fault": cmdFault, "switch": cmdSwitch, "expect": cmdExpect, "value": cmdValue, "refused": cmdRefused,
	}
	for _, platform := range drivers() {
		cmds[platform] = func(ts *testscript.TestScript, neg bool, args []string) { cmdActor(ts, neg, platform, args) }
	}
	return cmds
}

func world(ts *testscript.TestScript) *World { return ts.Value(worldKey{}).(*World) }

// check ends a command: neg wants a failure, shown as "refused".
func check(ts *testscript.TestScript, neg bool, err error) {
	switch {
	case neg && err == nil:
		ts.Fatalf("this should have been refused")
	case neg:
		ts.Setenv("refused", said(err))
		ts.Logf("refused: %s", said(err))
	case err != nil:
		ts.Fatalf("%s", said(err))
	}
}

func said(err error) string {
	if t, ok := errors.AsType[*hub.Trouble](err); ok {
		return t.Key
	}
	return err.Error()
}

// fields splits name=value arguments.
func fields(ts *testscript.TestScript, args []string) map[string]string {
	out := map[string]string{}
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is not name=value", a)
		}
		out[name] = value
	}
	return out
}

// cmdActor: PLATFORM ACTION name=value …
func cmdActor(ts *testscript.TestScript, neg bool, platform string, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: %s ACTION [name=value …]", platform)
	}
	out, err := world(ts).Do(platform, args[0], fields(ts, args[1:]))
	check(ts, neg, err)
	for k, v := range out {
		switch v := v.(type) {
		case string:
			ts.Setenv(k, v)
		case json.Number:
			ts.Setenv(k, v.String())
		case []any:
			for i, one := range v {
				ts.Setenv(k+"_"+strconv.Itoa(i+1), fmt.Sprint(one))
			}
		}
	}
}

// cmdHub: hub VERB …
func cmdHub(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: hub activate|deactivate|draft|connect|save|pause|resume|delete|sync|settle|polling|crash|stop|start|restart …")
	}
	w, ctx := world(ts), context.Background()
	need := func(n int) {
		if len(args) < n+1 {
			ts.Fatalf("hub %s wants %d more words", args[0], n)
		}
	}
	// connection finds one by the name that the script gave it.
	connection := func() string {
		need(1)
		id, ok := w.connections[args[1]]
		if !ok {
			ts.Fatalf("nothing is connected as %q", args[1])
		}
		return id
	}
	var err error
	switch args[0] {
	case "activate", "deactivate":
		need(1)
		err = w.Hub.Activate(ctx, Shop, args[1], args[0] == "activate")
	case "draft":
		need(1)
		_, err = w.Hub.Draft(ctx, Shop, args[1])
	case "connect":
		need(1)
		var id string
		values := fields(ts, args[2:])
		name := cmp.Or(values["as"], args[1])
		delete(values, "as")
		id, err = w.Connect(ctx, args[1], name, values)
		ts.Setenv("connection", id)
	case "sign-in":
		need(1)
		err = w.owner().SignIn(ctx, args[1], w.connections[args[1]])
	case "save":
		err = w.Save(ctx, connection(), fields(ts, args[2:]))
	case "pause", "resume":
		need(2)
		err = w.Hub.Pause(ctx, Shop, connection(), args[2], args[0] == "pause")
	case "delete":
		err = w.Hub.Delete(ctx, Shop, connection())
	case "settle":
		need(2)
		err = w.Hub.Settle(ctx, Shop, connection(), args[2])
	case "sync":
		err = w.Hub.Sync(ctx, Shop, connection())
	case "polling":
		err = w.Poll(ctx)
	case "crash":
		if len(args) > 1 {
			w.CrashAt(args[1])
			break
		}
		err = w.StopHub()
	case "stop":
		err = w.StopHub()
	case "start":
		err = w.StartHub(ctx)
	case "restart":
		if err = w.StopHub(); err == nil {
			err = w.StartHub(ctx)
		}
	default:
		ts.Fatalf("hub does not know %q", args[0])
	}
	check(ts, neg, err)
}

// cmdRefused: refused KEY, after a command with "!"
func cmdRefused(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: refused KEY, after a command that was refused")
	}
	if got := ts.Getenv("refused"); !like(ts, args[0], got) {
		ts.Fatalf("it was refused with %q", got)
	}
}

// cmdLater: later DURATION
func cmdLater(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 || neg {
		ts.Fatalf("usage: later DURATION, for example: later 10s")
	}
	d, err := time.ParseDuration(args[0])
	ts.Check(err)
	ts.Check(world(ts).Run(context.Background(), d))
}

// cmdFault: fault clear | fault ROUTE KIND [times=N] [rate=R] [delay=D]
func cmdFault(ts *testscript.TestScript, neg bool, args []string) {
	faults := world(ts).Sandbox.Faults
	if len(args) == 1 && args[0] == "clear" {
		faults.Clear()
		return
	}
	if len(args) < 2 {
		ts.Fatalf("usage: fault clear, or fault 'POST /orders' drop_after times=1")
	}
	r := sandbox.Rule{Route: args[0], Kind: args[1]}
	for name, value := range fields(ts, args[2:]) {
		var err error
		switch name {
		case "times":
			r.Times, err = strconv.Atoi(value)
		case "rate":
			r.Rate, err = strconv.ParseFloat(value, 64)
		case "delay":
			r.Delay, err = time.ParseDuration(value)
		default:
			err = fmt.Errorf("fault has no %q", name)
		}
		ts.Check(err)
	}
	check(ts, neg, faults.Add(r))
}

// cmdSwitch: switch PLATFORM NAME VALUE
func cmdSwitch(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: switch PLATFORM NAME VALUE")
	}
	check(ts, neg, world(ts).Switch(args[0], args[1], args[2]))
}

// cmdExpect: expect [N] PLATFORM VIEW [column=pattern …]
func cmdExpect(ts *testscript.TestScript, neg bool, args []string) {
	want := -1
	if len(args) > 0 {
		if n, err := strconv.Atoi(args[0]); err == nil {
			want, args = n, args[1:]
		}
	}
	if len(args) < 2 {
		ts.Fatalf("usage: expect [N] PLATFORM VIEW [column=pattern …]")
	}
	rows, err := see(world(ts), args[0], args[1])
	ts.Check(err)
	patterns := fields(ts, args[2:])
	n := 0
	for _, r := range rows {
		if matches(ts, r, patterns) {
			n++
		}
	}
	switch {
	case neg && n > 0:
		ts.Fatalf("%d rows of %s %s are like that, none should be%s", n, args[0], args[1], listing(rows))
	case neg:
	case want >= 0 && n != want:
		ts.Fatalf("%d rows of %s %s are like that, not %d%s", n, args[0], args[1], want, listing(rows))
	case want < 0 && n == 0:
		ts.Fatalf("no row of %s %s is like that%s", args[0], args[1], listing(rows))
	}
}

// cmdValue: value NAME PLATFORM VIEW COLUMN [column=pattern …]
func cmdValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 4 || neg {
		ts.Fatalf("usage: value NAME PLATFORM VIEW COLUMN [column=pattern …]")
	}
	rows, err := see(world(ts), args[1], args[2])
	ts.Check(err)
	for _, r := range rows {
		if matches(ts, r, fields(ts, args[4:])) {
			ts.Setenv(args[0], fmt.Sprint(r[args[3]]))
			return
		}
	}
	ts.Fatalf("no row of %s %s is like that%s", args[1], args[2], listing(rows))
}

func matches(ts *testscript.TestScript, row map[string]any, patterns map[string]string) bool {
	for column, pattern := range patterns {
		v, there := row[column]
		if !there {
			ts.Fatalf("no column %q", column)
		}
		text := fmt.Sprint(v)
		if v == nil {
			text = ""
		}
		if !like(ts, pattern, text) {
			return false
		}
	}
	return true
}

// like tells whether a text equals a pattern or is matched by it.
func like(ts *testscript.TestScript, pattern, text string) bool {
	// path.Match's * stops at slashes, which codes may hold.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x01"), strings.ReplaceAll(text, "/", "\x01"))
	ts.Check(err)
	return ok || text == pattern
}

func listing(rows []map[string]any) string {
	var b strings.Builder
	for i, r := range rows {
		if i == 12 {
			fmt.Fprintf(&b, "\n  … and %d more", len(rows)-i)
			break
		}
		line, _ := json.Marshal(r)
		fmt.Fprintf(&b, "\n  %s", line)
	}
	if len(rows) == 0 {
		return "; it is empty"
	}
	return "; it holds:" + b.String()
}

// wip is a folder of scenarios that fail because of an open defect. It runs only
// when it is named.
const wip = "wip"

// Files expands the arguments of dongbo scenario: files as they are, folders
// with all scripts below them.
func Files(args []string) ([]string, error) {
	var out []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, arg)
			continue
		}
		err = filepath.WalkDir(arg, func(p string, d os.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == wip && p != arg {
				return filepath.SkipDir
			}
			if err == nil && !d.IsDir() && filepath.Ext(p) == ".txt" {
				out = append(out, p)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Run runs scenario files outside go test. The last line is "N passed, N
// failed".
func Run(out io.Writer, files []string, o Options) (failed int) {
	passed := 0
	for _, file := range files {
		r := &runner{out: out}
		r.run(func() { testscript.RunT(r, Params([]string{file}, o)) })
		if r.failed {
			failed++
		} else {
			passed++
			fmt.Fprintf(out, "ok   %s\n", file)
		}
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", passed, failed)
	return failed
}
