// Package vault keeps secrets at rest: tokens, passwords, keys of channels. It
// seals a value before it goes into a row and opens it when it comes back, with
// AES-256-GCM under a key of its own for each purpose, derived from one master
// key. A sealed value opens only in the row it was sealed for: copied to
// another shop, table or column it is useless.
//
// The master key comes from KeyFile or KeyText and never goes into the
// database. To replace it: open the vault with the new key, Add the old one,
// and seal again whatever is Stale; then drop the old key.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
)

// KeySize is the length of a master key in bytes.
const KeySize = 32

// Why a sealed value does not open. The errors never contain the value.
var (
	// ErrSealedKey: no key of this vault sealed it. The hub runs with another
	// key than the one it was set up with, or an old key was dropped too early.
	ErrSealedKey = errors.New("sealed with a key that is not here")
	// ErrSealedDamaged: the key is here, but the value was changed, or moved
	// from another row or purpose; the two look the same on purpose.
	ErrSealedDamaged = errors.New("sealed value is damaged or belongs to another row")
)

// A sealed value is
//
//	version 1 | key id (8) | nonce (12) | ciphertext | tag (16)
//
// and authenticates the first two and the row along with the text.
const (
	version    = 1
	idSize     = 8
	headerSize = 1 + idSize
	overhead   = headerSize + 12 + 16
)

// Vault seals and opens. Its methods may be called from any goroutine.
type Vault struct {
	newest *key

	mu   sync.RWMutex
	keys map[[idSize]byte]*key
}

// key is one master key with what has been derived from it so far.
type key struct {
	master   []byte
	id       [idSize]byte
	purposes sync.Map // string → cipher.AEAD
}

// Open returns a vault that seals with master, of KeySize bytes, and opens what
// master or one of the older keys sealed.
func Open(master []byte, older ...[]byte) (*Vault, error) {
	newest, err := newKey(master)
	if err != nil {
		return nil, err
	}
	v := &Vault{newest: newest, keys: map[[idSize]byte]*key{newest.id: newest}}
	for _, k := range older {
		if err := v.Add(k); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Add lets the vault open what an older master key sealed. Adding a key twice
// is harmless.
func (v *Vault) Add(older []byte) error {
	k, err := newKey(older)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.keys[k.id] == nil {
		v.keys[k.id] = k
	}
	return nil
}

// Seal returns plain encrypted and bound to purpose and row. Sealing the same
// value twice gives different bytes.
func (v *Vault) Seal(purpose string, row string, plain []byte) ([]byte, error) {
	aead, err := v.newest.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	sealed := make([]byte, 0, overhead+len(plain))
	sealed = append(sealed, version)
	sealed = append(sealed, v.newest.id[:]...)
	return aead.Seal(sealed, nil, plain, bound(sealed, row)), nil
}

// Open returns what Seal was given, for the same purpose and row, or
// ErrSealedKey or ErrSealedDamaged. Repeating it does not help.
func (v *Vault) Open(purpose string, row string, sealed []byte) ([]byte, error) {
	if len(sealed) < overhead || sealed[0] != version {
		return nil, ErrSealedDamaged
	}
	header, body := sealed[:headerSize], sealed[headerSize:]
	k := v.find(header)
	if k == nil {
		return nil, ErrSealedKey
	}
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("opening sealed value: %w", err)
	}
	plain, err := aead.Open([]byte{}, nil, body, bound(header, row))
	if err != nil {
		return nil, ErrSealedDamaged
	}
	return plain, nil
}

// Stale reports whether sealed should be opened and sealed again, because an
// older key than the newest sealed it.
func (v *Vault) Stale(sealed []byte) bool {
	return len(sealed) < headerSize || [idSize]byte(sealed[1:headerSize]) != v.newest.id
}

// Row names one value in the database. No two differing identities give the
// same name, whatever characters they contain.
func Row(shop, table, id, column string) string {
	var name []byte
	for _, part := range []string{shop, table, id, column} {
		name = binary.AppendUvarint(name, uint64(len(part)))
		name = append(name, part...)
	}
	return string(name)
}

func (v *Vault) find(header []byte) *key {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.keys[[idSize]byte(header[1:])]
}

// bound is the associated data. The header has a fixed length, so header and
// row cannot run into each other.
func bound(header []byte, row string) []byte {
	return append(append(make([]byte, 0, headerSize+len(row)), header...), row...)
}

func newKey(master []byte) (*key, error) {
	if len(master) != KeySize {
		return nil, fmt.Errorf("the master key has %d bytes and must have %d", len(master), KeySize)
	}
	k := &key{master: append([]byte(nil), master...)}
	id, err := hkdf.Key(sha256.New, k.master, nil, "dongbo vault key id", idSize)
	if err != nil {
		return nil, fmt.Errorf("deriving key id: %w", err)
	}
	k.id = [idSize]byte(id)
	return k, nil
}

// aead returns the cipher of one purpose. Its random nonces are good for 2³²
// values a purpose, far beyond what a hub seals.
func (k *key) aead(purpose string) (cipher.AEAD, error) {
	if known, ok := k.purposes.Load(purpose); ok {
		return known.(cipher.AEAD), nil
	}
	derived, err := hkdf.Key(sha256.New, k.master, nil, "dongbo vault purpose: "+purpose, KeySize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	k.purposes.Store(purpose, aead)
	return aead, nil
}
