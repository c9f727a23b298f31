package vault

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyText reads a master key from text, such as an environment variable: 32
// bytes in base64, as KeyFile writes them.
func KeyText(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		// The decoder's own message would quote from the key.
		return nil, errors.New("the master key is not base64: make one with `openssl rand -base64 32`")
	}
	if len(key) != KeySize {
		return nil, fmt.Errorf("the master key has %d bytes and must have %d: make one with `openssl rand -base64 32`", len(key), KeySize)
	}
	return key, nil
}

// KeyFile reads the master key from a file, and creates the file with a new key,
// for its owner only, if there is none. Two processes that start together get
// the same key. Errors name the file and the remedy; a file that exists is never
// changed.
//
// Losing this file loses every secret it sealed: it belongs into a backup, but
// not into the same one as the database.
func KeyFile(path string) ([]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("creating key file %s: %w", path, err)
	}
	return readKey(path)
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading key file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading key file: %w", err)
	}
	// The group may read it: that is how orchestrators mount secrets.
	if mode := info.Mode(); mode.IsRegular() && mode.Perm()&0o027 != 0 {
		return nil, fmt.Errorf("key file %s can be read or changed by others (mode %04o): chmod 600 %s", path, mode.Perm(), path)
	}
	text := make([]byte, 1024)
	n, err := f.Read(text)
	if n == 0 {
		return nil, fmt.Errorf("key file %s is empty: restore it from a backup, or delete it if nothing has been sealed yet (%w)", path, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	key, err := KeyText(string(text[:n]))
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return key, nil
}

// createKey makes the file complete before it gets its name, so that nobody,
// after a crash or at the same moment, reads half a key. It fails with
// fs.ErrExist if another was first.
func createKey(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	key := make([]byte, KeySize)
	rand.Read(key) // never fails
	if _, err := fmt.Fprintln(f, base64.StdEncoding.EncodeToString(key)); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync() // before anything is sealed with it
}
