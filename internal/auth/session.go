package auth

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/db"
)

// Lifetime is how long a session lasts.
const Lifetime = 30 * 24 * time.Hour

// Session is one browser that somebody signed in with.
type Session struct {
	ID      string
	Agent   string // what the browser calls itself
	Created time.Time
	Expires time.Time
}

// SignIn gives out a token for a login and its password. agent is what the
// browser calls itself, for the list of sessions. Errors: ErrWrong, and
// *ThrottledError after repeated failures.
func (a *Auth) SignIn(ctx context.Context, login, password, agent string) (token string, p Person, err error) {
	now, key := a.clock.Now(), sum(fold(login))
	hash := a.decoy
	err = a.db.Read(ctx, func(v *db.View) error {
		if err := throttled(v, key, now); err != nil {
			return err
		}
		found, h, err := person(v, `login = $1`, fold(login))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return nil
		case err != nil:
			return fmt.Errorf("reading person: %w", err)
		}
		p, hash = found, h
		return nil
	})
	if err != nil {
		return "", Person{}, err
	}
	right, err := a.matches(ctx, hash, password)
	if err != nil {
		return "", Person{}, err
	}
	if !right || p.ID == "" {
		if err := a.failed(ctx, key, now); err != nil {
			return "", Person{}, err
		}
		return "", Person{}, ErrWrong
	}
	secret, err := a.bytes(32)
	if err != nil {
		return "", Person{}, err
	}
	id, err := a.bytes(8)
	if err != nil {
		return "", Person{}, err
	}
	token = base64.RawURLEncoding.EncodeToString(secret)
	err = a.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sign_in_failures WHERE shop_id = '' AND login_hash = $1`, key); err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		if _, err := tx.Exec(`DELETE FROM sessions WHERE expires_at <= $1`, now.UnixMicro()); err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		_, err := tx.Exec(`INSERT INTO sessions (shop_id, id, token_hash, person_id, agent, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			p.Shop, hex.EncodeToString(id), sum(token), p.ID, cut(agent, 200), now.UnixMicro(), now.Add(Lifetime).UnixMicro())
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		return nil
	})
	if err != nil {
		return "", Person{}, err
	}
	return token, p, nil
}

// Session tells whose token it is; ErrNoSession if it is nobody's any more.
func (a *Auth) Session(ctx context.Context, token string) (Person, error) {
	if token == "" {
		return Person{}, ErrNoSession
	}
	var p Person
	err := a.db.Read(ctx, func(v *db.View) error {
		var err error
		p, _, err = person(v, `id = (SELECT person_id FROM sessions WHERE token_hash = $1 AND expires_at > $2)`, sum(token), a.clock.Now().UnixMicro())
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Person{}, ErrNoSession
	case err != nil:
		return Person{}, fmt.Errorf("reading session: %w", err)
	}
	return p, nil
}

// SignOut ends the session of a token; one that is over already is fine.
func (a *Auth) SignOut(ctx context.Context, token string) error {
	return a.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sessions WHERE token_hash = $1`, sum(token)); err != nil {
			return fmt.Errorf("signing out: %w", err)
		}
		return nil
	})
}

// Sessions lists where a person is signed in, newest first.
func (a *Auth) Sessions(ctx context.Context, personID string) ([]Session, error) {
	var out []Session
	err := a.db.Read(ctx, func(v *db.View) error {
		out = nil
		rows, err := v.Query(`SELECT id, agent, created_at, expires_at FROM sessions WHERE person_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id`,
			personID, a.clock.Now().UnixMicro())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s Session
			var created, expires int64
			if err := rows.Scan(&s.ID, &s.Agent, &created, &expires); err != nil {
				return err
			}
			s.Created, s.Expires = instant(created), instant(expires)
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	return out, nil
}

// Revoke ends one session of a person; id "" ends all of them.
func (a *Auth) Revoke(ctx context.Context, personID, id string) error {
	return a.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`DELETE FROM sessions WHERE person_id = $1 AND ($2 = '' OR id = $2)`, personID, id); err != nil {
			return fmt.Errorf("revoking session: %w", err)
		}
		return nil
	})
}

func cut(s string, n int) string {
	for i := range s {
		if i >= n {
			return s[:i]
		}
	}
	return s
}
