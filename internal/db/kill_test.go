package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
)

// childDSN in the environment turns this test binary into a hub that writes
// until it is killed.
const childDSN = "DONGBO_DB_TEST_CHILD"

func child() {
	d, err := db.Open(context.Background(), os.Getenv(childDSN))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for i := 0; ; i++ {
		key := fmt.Sprintf("%06d", i)
		if err := d.Group(context.Background(), put(key, "")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(key) // acknowledged
	}
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	dbtest.EachDSN(t, func(t *testing.T, dsn string) {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDSN+"="+dsn)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var acknowledged []string
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			acknowledged = append(acknowledged, lines.Text())
			if len(acknowledged) == 50 {
				if _, err := db.Open(t.Context(), dsn); !errors.As(err, new(*db.InUseError)) {
					t.Errorf("opened beside the living process: %v", err)
				}
				cmd.Process.Kill() // what it printed until here still arrives
			}
		}
		cmd.Wait()
		if len(acknowledged) < 50 {
			t.Fatalf("the child stopped after %d writes", len(acknowledged))
		}

		d, err := db.Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		found := keys(t, d)
		for _, key := range acknowledged {
			if _, ok := slices.BinarySearch(found, key); !ok {
				t.Errorf("%s was acknowledged and is lost", key)
			}
		}
	})
}
