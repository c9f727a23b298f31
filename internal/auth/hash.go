package auth

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Argon2id with 19 MiB, two passes and one lane: OWASP's first recommendation.
// The parameters stand in every hash, so they can be raised later.
const (
	memory   = 19 * 1024
	passes   = 2
	lanes    = 1
	saltSize = 16
	keySize  = 32
)

func (a *Auth) hash(ctx context.Context, password string) (string, error) {
	salt, err := a.bytes(saltSize)
	if err != nil {
		return "", err
	}
	if err := a.enter(ctx); err != nil {
		return "", err
	}
	defer a.leave()
	return digest(password, salt), nil
}

// digest writes the usual form: $argon2id$v=19$m=…,t=…,p=…$salt$key.
func digest(password string, salt []byte) string {
	key := argon2.IDKey([]byte(norm.NFKC.String(password)), salt, passes, memory, lanes, keySize)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// matches compares a password with a hash, whatever parameters that was made
// with.
func (a *Auth) matches(ctx context.Context, hash, password string) (bool, error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 {
		return false, fmt.Errorf("reading a password hash: %d parts", len(parts))
	}
	var m, t uint32
	var p uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil {
		return false, fmt.Errorf("reading a password hash: %w", err)
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false, fmt.Errorf("reading a password hash: %w", err)
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return false, fmt.Errorf("reading a password hash: %w", err)
	}
	if err := a.enter(ctx); err != nil {
		return false, err
	}
	defer a.leave()
	got := argon2.IDKey([]byte(norm.NFKC.String(password)), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (a *Auth) enter(ctx context.Context) error {
	select {
	case a.work <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Auth) leave() { <-a.work }
