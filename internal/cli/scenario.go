package cli

import (
	"fmt"
	"io"

	"github.com/dongbo/dongbo/internal/scenario"
)

type scenarioCommand struct {
	Files   []string `arg:"" help:"Scenario files, or folders of them."`
	Seed    uint64   `default:"1" help:"Seed of faults and identifiers."`
	Verbose bool     `short:"v" help:"Show the hub's log."`
}

func (c *scenarioCommand) Run(s *streams) error {
	files, err := scenario.Files(c.Files)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no scenario files in %v", c.Files)
	}
	log := io.Discard
	if c.Verbose {
		log = s.err
	}
	if scenario.Run(s.out, files, scenario.Options{Seed: c.Seed, Log: log}) > 0 {
		return exitStatus(1)
	}
	return nil
}
