package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
)

const readers = 8 // connections of the reader pool; each is a snapshot that can be open at once

// Settings of every connection, busy_timeout first so that even the switch to
// WAL waits its turn. FULL costs nothing next to NORMAL when commits are
// grouped, and survives a power cut.
func sqliteSettings() url.Values {
	return url.Values{
		"_busy_timeout": {"10000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"1"},
		"_txlock":       {"immediate"},
		"_dqs":          {"0"}, // "word" is a column, never a string by accident
		"_pragma": {
			"cache_size(-16384)",           // 16 MiB a connection
			"journal_size_limit(67108864)", // give the log's space back after a burst
			"temp_store(memory)",
		},
	}
}

func openFile(path string) (*DB, error) {
	path, err := realPath(path)
	if err != nil {
		return nil, err
	}
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	// Created here, since SQLite would let everybody read it; its log inherits
	// the mode.
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		lock.Close()
		return nil, err
	} else {
		f.Close()
	}

	file := url.URL{Scheme: "file", Path: path} // escapes ?, # and % in names
	address := func(change func(url.Values)) string {
		settings := sqliteSettings()
		change(settings)
		file.RawQuery = settings.Encode()
		return file.String()
	}
	plain := address(func(url.Values) {})
	d := newSQLite(path, plain)
	d.write = sqlitePool(plain, 1)
	d.read = sqlitePool(address(func(s url.Values) { s.Set("_query_only", "1") }), readers)
	d.releases = append(d.releases, func() { lock.Close() })
	return d, nil
}

var memories atomic.Int64

// openMemory opens a database without a file. Its one connection serves readers
// and the writer in turn: connections that share a memory lock each other's
// tables, which would make reads fail that succeed on a file. A second, idle
// one keeps the memory should the first ever be dropped.
func openMemory(ctx context.Context) (*DB, error) {
	settings := sqliteSettings()
	settings.Set("mode", "memory")
	settings.Set("cache", "shared")
	settings.Del("_journal_mode")
	address := "file:hub" + strconv.FormatInt(memories.Add(1), 10) + "?" + settings.Encode()

	keeper := sqlitePool(address, 1)
	if err := keeper.PingContext(ctx); err != nil {
		keeper.Close()
		return nil, err
	}
	d := newSQLite(":memory:", address)
	d.write = sqlitePool(address, 1)
	d.read = d.write
	d.releases = append(d.releases, func() { keeper.Close() })
	return d, nil
}

func newSQLite(path, address string) *DB {
	return &DB{
		dialect: SQLite,
		address: path,
		retries: 1, // busy_timeout has waited long enough, and nobody else writes
		ready:   func(context.Context) error { return nil },
		backup:  func(ctx context.Context, to string) error { return vacuumInto(ctx, address, to) },
	}
}

func sqlitePool(address string, connections int) *sql.DB {
	c, err := sqlite.NewConnector(address)
	if err != nil {
		panic(err) // the address is ours
	}
	pool := sql.OpenDB(connector{c})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool
}

// realPath makes one name of the many a file can have, so that two processes
// meet at one lock.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) { // a new file: at least its folder is there
		folder, err := filepath.EvalSymlinks(filepath.Dir(path))
		return filepath.Join(folder, filepath.Base(path)), err
	}
	return real, err
}

// lockFile keeps other processes out of path. The kernel drops the lock with
// the process, however it ends. The file stays: removing it would let a third
// process lock a new one beside a second that waits on the old.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == nil:
		return f, nil
	case errors.Is(err, unix.EWOULDBLOCK):
		f.Close()
		return nil, &InUseError{Path: path}
	default:
		f.Close()
		return nil, fmt.Errorf("locking %s.lock: %w", path, err)
	}
}

// vacuumInto copies a snapshot into a new file. It reads beside the writer, on a
// connection of its own: query_only would forbid even the copy to be written.
func vacuumInto(ctx context.Context, address, path string) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("creating backup: %w", err)
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(path)
			err = fmt.Errorf("writing backup %s: %w", path, err)
		}
	}()
	source := sqlitePool(address, 1)
	defer source.Close()
	if _, err := source.ExecContext(ctx, "VACUUM INTO $1", path); err != nil {
		return err
	}
	return f.Sync() // SQLite does not sync what it vacuums into
}
