package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/db"
)

// After free failures a login waits, twice as long each time up to longest;
// after forget without a failure everything starts anew.
const (
	free    = 5
	longest = 5 * time.Minute
	forget  = time.Hour
)

// ThrottledError: too many failures; not before After.
type ThrottledError struct{ After time.Duration }

func (e *ThrottledError) Error() string { return fmt.Sprintf("too many failures: wait %s", e.After) }

func throttled(v *db.View, key string, now time.Time) error {
	var failures, last int64
	err := v.QueryRow(`SELECT failures, last_at FROM sign_in_failures WHERE shop_id = '' AND login_hash = $1`, key).Scan(&failures, &last)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("reading failed sign-ins: %w", err)
	}
	if left := instant(last).Add(pause(failures)).Sub(now); left > 0 {
		return &ThrottledError{After: left}
	}
	return nil
}

func pause(failures int64) time.Duration {
	if failures < free {
		return 0
	}
	return min(longest, 5*time.Second<<min(failures-free, 10))
}

func (a *Auth) failed(ctx context.Context, key string, now time.Time) error {
	return a.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sign_in_failures WHERE last_at < $1`, now.Add(-forget).UnixMicro()); err != nil {
			return fmt.Errorf("noting a failed sign-in: %w", err)
		}
		_, err := tx.Exec(`INSERT INTO sign_in_failures (shop_id, login_hash, failures, last_at) VALUES ('', $1, 1, $2)
			ON CONFLICT (shop_id, login_hash) DO UPDATE SET failures = sign_in_failures.failures + 1, last_at = excluded.last_at`, key, now.UnixMicro())
		if err != nil {
			return fmt.Errorf("noting a failed sign-in: %w", err)
		}
		return nil
	})
}
