package scenario_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/dongbo/dongbo/internal/scenario"
)

// TestScenarios runs every file of scenarios/, the executable specification.
func TestScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine, so nothing to race; runs without -short")
	}
	files, err := scenario.Files([]string{"../../scenarios"})
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, scenario.Params(files, scenario.Options{Seed: 1}))
}
