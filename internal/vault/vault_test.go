package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var row = Row("shop1", "connection", "7", "token")

func key1() []byte { return bytes.Repeat([]byte{1}, KeySize) }
func key2() []byte { return bytes.Repeat([]byte{2}, KeySize) }

func open(t *testing.T, key []byte, older ...[]byte) *Vault {
	t.Helper()
	v, err := Open(key, older...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func seal(t *testing.T, v *Vault, plain string) []byte {
	t.Helper()
	sealed, err := v.Seal("channel token", row, []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestWhatIsSealedOpensInItsRow(t *testing.T) {
	v := open(t, key1())
	for _, plain := range []string{"", "bí mật", strings.Repeat("x", 1<<16)} {
		one, two := seal(t, v, plain), seal(t, v, plain)
		if bytes.Equal(one, two) {
			t.Error("the same bytes twice")
		}
		if plain != "" && bytes.Contains(one, []byte(plain)) {
			t.Error("the plain text shows")
		}
		got, err := open(t, key1()).Open("channel token", row, one) // as after a restart
		if err != nil || got == nil || string(got) != plain {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestASealedValueThatWasMovedDoesNotOpen(t *testing.T) {
	v := open(t, key1())
	sealed := seal(t, v, "secret")
	for name, place := range map[string][2]string{
		"purpose": {"session", row},
		"shop":    {"channel token", Row("shop2", "connection", "7", "token")},
		"table":   {"channel token", Row("shop1", "person", "7", "token")},
		"id":      {"channel token", Row("shop1", "connection", "8", "token")},
		"column":  {"channel token", Row("shop1", "connection", "7", "refresh")},
		"no row":  {"channel token", ""},
	} {
		if plain, err := v.Open(place[0], place[1], sealed); err != ErrSealedDamaged || plain != nil {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
	}
}

func TestEveryDamagedByteIsNoticed(t *testing.T) {
	v := open(t, key1())
	sealed := seal(t, v, "secret")
	for i := range sealed {
		broken := bytes.Clone(sealed)
		broken[i] ^= 0x40
		_, err := v.Open("channel token", row, broken)
		if !errors.Is(err, ErrSealedDamaged) && !errors.Is(err, ErrSealedKey) {
			t.Errorf("byte %d: %v", i, err)
		}
		if _, err := v.Open("channel token", row, sealed[:i]); !errors.Is(err, ErrSealedDamaged) {
			t.Errorf("cut at %d: %v", i, err)
		}
		v.Stale(sealed[:i])
	}
}

func TestKeysCanBeReplaced(t *testing.T) {
	old := seal(t, open(t, key1()), "secret")

	v := open(t, key2())
	if _, err := v.Open("channel token", row, old); !errors.Is(err, ErrSealedKey) {
		t.Errorf("without the old key: %v", err)
	}
	if err := v.Add(key1()); err != nil {
		t.Fatal(err)
	}
	plain, err := v.Open("channel token", row, old)
	if err != nil || string(plain) != "secret" {
		t.Errorf("with the old key: %q, %v", plain, err)
	}
	if !v.Stale(old) {
		t.Error("the old one is not stale")
	}
	renewed := seal(t, v, "secret")
	if v.Stale(renewed) {
		t.Error("the new one is stale")
	}
	if _, err := open(t, key2()).Open("channel token", row, renewed); err != nil {
		t.Errorf("after the old key was dropped: %v", err)
	}
}

func TestOneVaultServesManyGoroutines(t *testing.T) {
	v := open(t, key1())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			sealed, err := v.Seal("p", row, []byte{byte(i)})
			if err != nil {
				t.Error(err)
				return
			}
			v.Add(key2())
			if plain, err := v.Open("p", row, sealed); err != nil || plain[0] != byte(i) {
				t.Errorf("%v, %v", plain, err)
			}
		})
	}
	wg.Wait()
}

func TestRowNamesDoNotRunIntoEachOther(t *testing.T) {
	if Row("a", "bc", "d", "e") == Row("ab", "c", "d", "e") || Row("a", "", "b", "") == Row("a", "b", "", "") {
		t.Error("two rows, one name")
	}
}

func TestAKeyFileIsCreatedOnceAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	keys := make([][]byte, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = KeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != KeySize || !bytes.Equal(k, keys[0]) {
			t.Fatalf("keys differ: %d bytes", len(k))
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestABadKeyFileIsExplained(t *testing.T) {
	good := "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
	for _, test := range []struct {
		name, text string
		mode       os.FileMode
		want       string // besides the path
	}{
		{"good", good, 0o600, ""},
		{"good, with a line end", good + "\n", 0o400, ""},
		{"mounted for a group", good, 0o440, ""},
		{"world readable", good, 0o644, "chmod 600"},
		{"group writable", good, 0o660, "chmod 600"},
		{"empty", "", 0o600, "is empty"},
		{"short", good[:20], 0o600, "must have 32"},
		{"long", good[:40] + good, 0o600, "must have 32"},
		{"not base64", "hunter2!", 0o600, "not base64"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := KeyFile(path)
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want the path and %q", err, test.want)
			}
			if test.text != "" && err != nil && strings.Contains(err.Error(), test.text) {
				t.Error("the error quotes the key")
			}
			if text, _ := os.ReadFile(path); string(text) != test.text {
				t.Error("the file was changed")
			}
		})
	}
}

func TestMasterKeysHaveOneSize(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		if _, err := Open(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were accepted", n)
		}
	}
	if err := open(t, key1()).Add(nil); err == nil {
		t.Error("no key was added")
	}
}
