// Package cli is the program's commands and settings. It wires the rooms
// together; nothing else may.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/dongbo/dongbo/internal/db"
)

type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the hub."`
	Demo     demoCommand     `cmd:"" help:"Run the hub with simulated platforms and a lively shop, to try it out."`
	Sandbox  sandboxCommand  `cmd:"" help:"Run the simulated platforms alone."`
	Scenario scenarioCommand `cmd:"" help:"Run scenario files: the executable specification."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// streams is where commands write.
type streams struct{ out, err io.Writer }

// Main runs the program and returns its exit status.
func Main(args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	status := -1
	var c commands
	parser, err := kong.New(&c, kong.Name("dongbo"),
		kong.Description("Dongbo keeps a shop's KiotViet and its sales channels telling the same truth."),
		kong.UsageOnError(), kong.Writers(out, errs), kong.Exit(func(s int) { status = s }),
		kong.Bind(&streams{out, errs}), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(errs, "dongbo:", err)
		return 2
	}
	k, err := parser.Parse(args)
	if status >= 0 { // help was asked for
		return status
	}
	if err != nil {
		fmt.Fprintln(errs, "dongbo:", err)
		return 2
	}
	err = k.Run()
	if code, ok := errors.AsType[exitStatus](err); ok {
		return int(code)
	}
	if err != nil {
		fmt.Fprintln(errs, "dongbo:", explained(err))
		return 1
	}
	return 0
}

// exitStatus ends the program with a status and no further words.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("status %d", int(s)) }

// explained adds the remedy to errors that a newcomer meets.
func explained(err error) string {
	if inUse, ok := errors.AsType[*db.InUseError](err); ok {
		return fmt.Sprintf("%v\nAnother dongbo is working on this database. Stop it first, or give this one a database of its own with --db.", inUse)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Sprintf("%v\nSomething else listens there. Choose another address with --addr.", err)
	}
	return err.Error()
}

type versionCommand struct{}

func (versionCommand) Run(s *streams) error {
	version := "development"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	_, err := fmt.Fprintln(s.out, "dongbo", version)
	return err
}
