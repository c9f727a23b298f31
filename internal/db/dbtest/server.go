package dbtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/jackc/pgx/v5"
)

const (
	folderPrefix = "dongbo-pg-" // then the process that owns it, then a random part
	template     = "dongbo_template"
)

// theServer is the one of this test binary, started by the first test that
// needs it.
var theServer lazyServer

type lazyServer struct {
	mu  sync.Mutex
	s   *server
	err error
}

func (l *lazyServer) start() (*server, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s == nil && l.err == nil {
		l.s, l.err = newServer()
	}
	return l.s, l.err
}

func (l *lazyServer) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.s != nil {
		l.s.stop()
	}
	l.s, l.err = nil, errors.New("the PostgreSQL server of these tests is stopped")
}

// server is a PostgreSQL of our own, without durability, which only this
// machine can reach.
type server struct {
	folder string
	port   int
	quit   chan struct{} // closed to stop it
	ended  chan struct{} // closed when it has

	mu     sync.Mutex // guards what follows
	admin  *pgx.Conn
	count  int
	doomed []string // databases whose tests are over
}

func newServer() (_ *server, err error) {
	bin, err := findServer()
	if err != nil {
		return nil, err
	}
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	sweep()
	folder, err := os.MkdirTemp(place(), fmt.Sprintf("%s%d-", folderPrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &server{folder: folder, quit: make(chan struct{}), ended: make(chan struct{})}
	defer func() {
		if err != nil {
			os.RemoveAll(folder)
		}
	}()
	if who != nil {
		if err := os.Chown(folder, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}

	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", s.data(), "--username", "postgres",
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	initdb.Dir = folder
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("running initdb: %w\n%s", err, out)
	}
	if err := s.launch(filepath.Join(bin, "postgres"), who); err != nil {
		return nil, err
	}
	if err := s.prepare(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *server) data() string { return filepath.Join(s.folder, "data") }

func (s *server) url(name string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)),
		Path:     name,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// launch starts the server and returns when it accepts connections. Another
// process may take the free port between our looking and its binding, so a
// failed start is tried again with another.
func (s *server) launch(postgres string, who *syscall.Credential) (err error) {
	for range 5 {
		if s.port, err = freePort(); err != nil {
			return err
		}
		ready := make(chan error, 1)
		go s.supervise(postgres, who, ready)
		if err = <-ready; err == nil {
			return nil
		}
		s.quit, s.ended = make(chan struct{}), make(chan struct{})
	}
	return err
}

// supervise runs the server from start to end on one thread that it keeps: the
// kernel sends Pdeathsig when the thread that started the child ends, not the
// process. So the server goes with the test binary even if that is killed.
func (s *server) supervise(postgres string, who *syscall.Credential, ready chan<- error) {
	ended, quit := s.ended, s.quit
	defer close(ended)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.Command(postgres, "-D", s.data(), "-p", strconv.Itoa(s.port), "-k", s.folder)
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=32MB", "jit=off",
		"fsync=off", "full_page_writes=off", "autovacuum=off", "max_wal_senders=0", "wal_level=minimal",
		"min_wal_size=32MB", "max_wal_size=64MB",
		"lc_messages=C", // the line that announces readiness
	} {
		cmd.Args = append(cmd.Args, "-c", setting)
	}
	cmd.Dir = s.folder
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential: who,
		Pdeathsig:  syscall.SIGQUIT, // end at once, children included
		Setpgid:    true,            // a Ctrl-C for the tests is not for the server
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		ready <- err
		return
	}
	if err := cmd.Start(); err != nil {
		ready <- fmt.Errorf("starting PostgreSQL: %w", err)
		return
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		watchLog(log, ready)
	}()
	go func() {
		select {
		case <-quit:
			cmd.Process.Signal(syscall.SIGINT) // disconnect everybody and stop
		case <-drained:
		}
	}()
	<-drained // its log ends when the last of its processes has
	cmd.Wait()
}

// watchLog reports readiness, or everything said if the log ends before.
func watchLog(log io.Reader, ready chan<- error) {
	var said strings.Builder
	lines := bufio.NewScanner(log)
	up := false
	for lines.Scan() {
		if up {
			continue
		}
		fmt.Fprintln(&said, lines.Text())
		if strings.Contains(lines.Text(), "ready to accept connections") {
			up = true
			ready <- nil
		}
	}
	_, _ = io.Copy(io.Discard, log) // a line too long for the scanner must not block the server
	if !up {
		ready <- fmt.Errorf("PostgreSQL did not start:\n%s", said.String())
	}
}

// prepare migrates the template, so that each test's database is a copy.
func (s *server) prepare() error {
	ctx := context.Background()
	admin, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	s.admin = admin
	if _, err := admin.Exec(ctx, "CREATE DATABASE "+template); err != nil {
		return err
	}
	d, err := db.Open(ctx, s.url(template))
	if err != nil {
		return err
	}
	return d.Close()
}

func (s *server) create(ctx context.Context) (name string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	name = fmt.Sprintf("test_%d", s.count)
	_, err = s.admin.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
	if err != nil {
		return "", err
	}
	for _, old := range s.doomed {
		if _, err := s.admin.Exec(ctx, "DROP DATABASE "+old+" WITH (FORCE)"); err != nil {
			return "", err
		}
	}
	s.doomed = nil
	return name, nil
}

// drop leaves the work to the next create: right after a test, PostgreSQL would
// poll 100 ms for the sessions that are just closing.
func (s *server) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doomed = append(s.doomed, name)
}

func (s *server) stop() {
	if s.admin != nil {
		s.admin.Close(context.Background())
	}
	close(s.quit)
	<-s.ended
	os.RemoveAll(s.folder)
}

// findServer returns the folder with initdb and postgres: of the newest version
// where Debian and others put them, or of the PATH.
func findServer() (string, error) {
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, more := range []string{"/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/pgsql/bin"} {
		found, _ := filepath.Glob(more)
		folders = append(folders, found...)
	}
	slices.Reverse(folders)
	folders = append([]string{"/usr/lib/postgresql/15/bin"}, folders...) // the version we measure with
	folders = append(folders, filepath.SplitList(os.Getenv("PATH"))...)
	for _, folder := range folders {
		_, err1 := os.Stat(filepath.Join(folder, "initdb"))
		_, err2 := os.Stat(filepath.Join(folder, "postgres"))
		if err1 == nil && err2 == nil {
			return folder, nil
		}
	}
	return "", errors.New("no PostgreSQL server on this machine, and these tests need one: apt-get install -y postgresql-15")
}

// unprivileged is the user the server runs as: PostgreSQL refuses to be root.
// nil means ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New(`PostgreSQL does not run as root, and there is neither a user "postgres" nor "nobody": run the tests as another user`)
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// place is where servers live: in memory if there is plenty, since creating a
// database means 300 files (15 ms there, up to 280 ms on disk).
func place() string {
	var shm syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs("/dev/shm", &shm) == nil && shm.Bavail*uint64(shm.Bsize) > 1<<30 {
		return "/dev/shm"
	}
	return os.TempDir()
}

// sweep removes the folders of test binaries that were killed.
func sweep() {
	folders, _ := filepath.Glob(filepath.Join(place(), folderPrefix+"*"))
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			os.RemoveAll(folder)
		}
	}
}
