package dbtest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/dongbo/dongbo/internal/db"
)

// orphan in the environment makes this test binary start a server and wait to
// be killed.
const orphan = "DONGBO_DBTEST_ORPHAN"

func TestMain(m *testing.M) {
	if os.Getenv(orphan) != "" {
		s, err := theServer.start()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(s.url("postgres"))
		select {}
	}
	Main(m)
}

func TestEveryDatabaseIsFresh(t *testing.T) {
	for range 2 {
		Each(t, func(t *testing.T, d *db.DB) {
			if err := d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec("INSERT INTO hub_info (key, value) VALUES ('mine', '')")
				return err
			}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheServerDiesWithAKilledTestBinary(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphan+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _, err := bufio.NewReader(out).ReadLine()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(string(line))
	if err != nil {
		t.Fatal(err)
	}
	alive := func() bool {
		c, err := net.Dial("tcp", u.Host)
		if err == nil {
			c.Close()
		}
		return !errors.Is(err, syscall.ECONNREFUSED)
	}
	if !alive() {
		t.Fatal("the server is not there")
	}
	cmd.Process.Kill()
	cmd.Wait()
	for alive() {
		if t.Context().Err() != nil {
			t.Fatal("the server outlived its tests")
		}
	}
	sweep()
}
