// Package auth knows the people who use the console: who they are, whether a
// password is theirs, and which browser is whose. Cookies are the web's matter;
// here a session is a token that was given out once and is stored as its hash.
//
// Errors that callers decide on: ErrWrong, *ThrottledError, ErrTaken,
// ErrNotFirst, ErrWeak, ErrNoSession. No error and no row holds a password or a
// token.
package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/db"
)

// Role is what a person may do.
type Role string

const (
	Operator Role = "operator" // runs the hub: every shop, platform apps
	Owner    Role = "owner"    // one shop
)

// Person is somebody who may sign in.
type Person struct {
	ID    string
	Login string
	Name  string
	Role  Role
	Shop  string // of an owner; "" for operators
}

// May tells whether the person may see a shop (SYN-05).
func (p Person) May(shop string) bool {
	return p.ID != "" && shop != "" && (p.Role == Operator || p.Role == Owner && p.Shop == shop)
}

var (
	// ErrWrong: login or password is wrong; which of the two is not told.
	ErrWrong = errors.New("wrong login or password")
	// ErrTaken: somebody else has this login.
	ErrTaken = errors.New("login is taken")
	// ErrNotFirst: First was called and somebody is there already.
	ErrNotFirst = errors.New("somebody is there already")
	// ErrWeak: the password is too short, or the login is empty.
	ErrWeak = errors.New("password too short or login empty")
	// ErrNoSession: the token is unknown, over or revoked.
	ErrNoSession = errors.New("no such session")
)

// MinPassword is how many characters a password has at least.
const MinPassword = 10

// Auth keeps people and sessions. Its methods are safe for concurrent use.
type Auth struct {
	db     *db.DB
	clock  clock.Clock
	mu     sync.Mutex // guards random
	random io.Reader
	// work bounds how many passwords are hashed at once: each takes 19 MiB.
	work chan struct{}
	// decoy is what an unknown login's password is compared with, so that it
	// takes as long as a known one's.
	decoy string
}

// New returns the people of a database. random makes identifiers, salts and
// tokens; give it crypto/rand.Reader.
func New(d *db.DB, c clock.Clock, random io.Reader) *Auth {
	a := &Auth{db: d, clock: c, random: random, work: make(chan struct{}, 4)}
	a.decoy = digest("", make([]byte, saltSize))
	return a
}

// NewPerson is what Create is told.
type NewPerson struct {
	Login, Password, Name string
	Role                  Role
	Shop                  string
}

// Create adds a person.
func (a *Auth) Create(ctx context.Context, n NewPerson) (Person, error) {
	return a.create(ctx, n, false)
}

// First adds the first person, and fails with ErrNotFirst if there is one, also
// when two try at the same moment.
func (a *Auth) First(ctx context.Context, n NewPerson) (Person, error) { return a.create(ctx, n, true) }

func (a *Auth) create(ctx context.Context, n NewPerson, first bool) (Person, error) {
	p := Person{Login: fold(n.Login), Name: strings.TrimSpace(n.Name), Role: n.Role, Shop: n.Shop}
	switch {
	case p.Login == "" || utf8.RuneCountInString(n.Password) < MinPassword:
		return Person{}, ErrWeak
	case p.Role == Owner && p.Shop == "", p.Role == Operator && p.Shop != "", p.Role != Owner && p.Role != Operator:
		return Person{}, fmt.Errorf("creating person: a %q of shop %q cannot be", p.Role, p.Shop)
	}
	if p.Name == "" {
		p.Name = p.Login
	}
	id, err := a.bytes(8)
	if err != nil {
		return Person{}, err
	}
	p.ID = hex.EncodeToString(id)
	hash, err := a.hash(ctx, n.Password)
	if err != nil {
		return Person{}, err
	}
	err = a.db.Write(ctx, func(tx *db.Tx) error {
		if first {
			var n int64
			if err := tx.QueryRow(`SELECT COUNT(*) FROM people`).Scan(&n); err != nil {
				return fmt.Errorf("counting people: %w", err)
			}
			if n > 0 {
				return ErrNotFirst
			}
			// Two firsts at one moment both count none; this row lets one of them
			// through.
			if _, err := tx.Exec(`INSERT INTO hub_info (key, value) VALUES ('first_person', $1)`, p.ID); err != nil {
				if errors.Is(err, db.ErrExists) {
					return ErrNotFirst
				}
				return fmt.Errorf("creating person: %w", err)
			}
		}
		_, err := tx.Exec(`INSERT INTO people (shop_id, id, login, name, role, hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			p.Shop, p.ID, p.Login, p.Name, string(p.Role), hash, a.clock.Now().UnixMicro())
		if errors.Is(err, db.ErrExists) {
			return ErrTaken
		}
		if err != nil {
			return fmt.Errorf("creating person: %w", err)
		}
		return nil
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// Empty tells whether nobody is there yet: the first run.
func (a *Auth) Empty(ctx context.Context) (bool, error) {
	var n int64
	err := a.db.Read(ctx, func(v *db.View) error { return v.QueryRow(`SELECT COUNT(*) FROM people`).Scan(&n) })
	if err != nil {
		return false, fmt.Errorf("counting people: %w", err)
	}
	return n == 0, nil
}

// People lists the people of a shop; "" lists the operators.
func (a *Auth) People(ctx context.Context, shop string) ([]Person, error) {
	var out []Person
	err := a.db.Read(ctx, func(v *db.View) error {
		out = nil
		rows, err := v.Query(`SELECT id, login, name, role, shop_id FROM people WHERE shop_id = $1 ORDER BY login`, shop)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Person
			if err := rows.Scan(&p.ID, &p.Login, &p.Name, &p.Role, &p.Shop); err != nil {
				return err
			}
			out = append(out, p)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("listing people: %w", err)
	}
	return out, nil
}

// SetPassword gives a person a new password and ends all their sessions.
func (a *Auth) SetPassword(ctx context.Context, login, password string) error {
	if utf8.RuneCountInString(password) < MinPassword {
		return ErrWeak
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *db.Tx) error {
		p, _, err := person(&tx.View, `login = $1`, fold(login))
		if errors.Is(err, sql.ErrNoRows) {
			return ErrWrong
		}
		if err != nil {
			return fmt.Errorf("setting password: %w", err)
		}
		if _, err := tx.Exec(`UPDATE people SET hash = $2 WHERE id = $1`, p.ID, hash); err != nil {
			return fmt.Errorf("setting password: %w", err)
		}
		if _, err := tx.Exec(`DELETE FROM sessions WHERE person_id = $1`, p.ID); err != nil {
			return fmt.Errorf("setting password: %w", err)
		}
		return nil
	})
}

func person(v *db.View, where string, args ...any) (p Person, hash string, err error) {
	err = v.QueryRow(`SELECT id, login, name, role, shop_id, hash FROM people WHERE `+where, args...).
		Scan(&p.ID, &p.Login, &p.Name, &p.Role, &p.Shop, &hash)
	return p, hash, err
}

// fold makes a login comparable: people do not remember its letter case.
func fold(login string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(login))) }

func (a *Auth) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := io.ReadFull(a.random, b); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return b, nil
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

func instant(us int64) time.Time { return time.UnixMicro(us).UTC() }
