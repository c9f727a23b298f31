package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const password = "mật khẩu đủ dài"

func start(d *db.DB) (*Auth, *clock.Virtual) {
	c := clock.NewVirtual(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
	return New(d, c, rand.Reader), c
}

func owner(t *testing.T, a *Auth, login, shop string) Person {
	t.Helper()
	p, err := a.Create(t.Context(), NewPerson{Login: login, Password: password, Name: "Chị Hoa", Role: Owner, Shop: shop})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSigningInAndOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, c := start(d)
		p := owner(t, a, "Hoa@Shop.VN ", "hoa")

		token, got, err := a.SignIn(t.Context(), " hoa@shop.vn", password, "Firefox")
		if err != nil || got != p {
			t.Fatalf("%+v, %v", got, err)
		}
		if got, err = a.Session(t.Context(), token); err != nil || got != p {
			t.Fatalf("%+v, %v", got, err)
		}
		if list, err := a.Sessions(t.Context(), p.ID); err != nil || len(list) != 1 || list[0].Agent != "Firefox" {
			t.Errorf("%+v, %v", list, err)
		}
		if err := a.SignOut(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Session(t.Context(), token); !errors.Is(err, ErrNoSession) {
			t.Errorf("after signing out: %v", err)
		}

		token, _, err = a.SignIn(t.Context(), "hoa@shop.vn", password, "")
		if err != nil {
			t.Fatal(err)
		}
		c.Set(c.Now().Add(Lifetime))
		if _, err := a.Session(t.Context(), token); !errors.Is(err, ErrNoSession) {
			t.Errorf("after its lifetime: %v", err)
		}
	})
}

func TestRevokingASession(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := start(d)
		hoa, lan := owner(t, a, "hoa", "hoa"), owner(t, a, "lan", "lan")
		one, _, _ := a.SignIn(t.Context(), "hoa", password, "one")
		other, _, _ := a.SignIn(t.Context(), "lan", password, "")
		list, err := a.Sessions(t.Context(), hoa.ID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := a.Revoke(t.Context(), lan.ID, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Session(t.Context(), one); err != nil {
			t.Errorf("somebody else's hand: %v", err)
		}
		if err := a.Revoke(t.Context(), hoa.ID, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Session(t.Context(), one); !errors.Is(err, ErrNoSession) {
			t.Errorf("revoked: %v", err)
		}
		if err := a.SetPassword(t.Context(), "lan", "một mật khẩu khác"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Session(t.Context(), other); !errors.Is(err, ErrNoSession) {
			t.Errorf("after a new password: %v", err)
		}
		if _, _, err := a.SignIn(t.Context(), "lan", "một mật khẩu khác", ""); err != nil {
			t.Error(err)
		}
	})
}

func TestRepeatedFailuresWait(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, c := start(d)
		owner(t, a, "hoa", "hoa")
		for _, login := range []string{"hoa", "nobody"} {
			for range free {
				if _, _, err := a.SignIn(t.Context(), login, "sai", ""); !errors.Is(err, ErrWrong) {
					t.Fatalf("%s: %v", login, err)
				}
			}
			_, _, err := a.SignIn(t.Context(), login, password, "")
			if wait, ok := errors.AsType[*ThrottledError](err); !ok || wait.After != 5*time.Second {
				t.Fatalf("%s: %v", login, err)
			}
		}
		c.Set(c.Now().Add(5 * time.Second))
		if _, _, err := a.SignIn(t.Context(), "hoa", password, ""); err != nil {
			t.Errorf("after the pause: %v", err)
		}
		if _, _, err := a.SignIn(t.Context(), "hoa", "sai", ""); !errors.Is(err, ErrWrong) {
			t.Errorf("counting did not start anew: %v", err)
		}
	})
}

func TestThereIsOneFirstPerson(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := start(d)
		if empty, err := a.Empty(t.Context()); err != nil || !empty {
			t.Fatalf("%v, %v", empty, err)
		}
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = a.First(context.WithoutCancel(t.Context()), NewPerson{Login: strings.Repeat("a", i+1), Password: password, Role: Operator})
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, ErrNotFirst):
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d first people", won)
		}
		if empty, _ := a.Empty(t.Context()); empty {
			t.Error("still empty")
		}
	})
}

func TestWhoMayNotBeCreated(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := start(d)
		owner(t, a, "hoa", "hoa")
		for name, n := range map[string]NewPerson{
			"taken":               {Login: "HOA", Password: password, Role: Owner, Shop: "b"},
			"no login":            {Password: password, Role: Operator},
			"short password":      {Login: "b", Password: "123456789", Role: Operator},
			"owner of nothing":    {Login: "b", Password: password, Role: Owner},
			"operator of a shop":  {Login: "b", Password: password, Role: Operator, Shop: "b"},
			"somebody without it": {Login: "b", Password: password},
		} {
			if _, err := a.Create(t.Context(), n); err == nil {
				t.Errorf("%s: created", name)
			}
		}
	})
}

// rule: SYN-05
func TestAnOwnerSeesOneShop(t *testing.T) {
	if p := (Person{ID: "1", Role: Owner, Shop: "a"}); !p.May("a") || p.May("b") || p.May("") {
		t.Error("owner")
	}
	if p := (Person{ID: "1", Role: Operator}); !p.May("a") || p.May("") {
		t.Error("operator")
	}
	if (Person{}).May("a") || (Person{Role: Operator}).May("a") {
		t.Error("nobody")
	}
}

// rule: SYN-04
func TestNothingStoredSignsAnybodyIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := start(d)
		owner(t, a, "hoa", "hoa")
		token, _, err := a.SignIn(t.Context(), "hoa", password, "")
		if err != nil {
			t.Fatal(err)
		}
		var stored, hash string
		err = d.Read(t.Context(), func(v *db.View) error {
			if err := v.QueryRow(`SELECT token_hash FROM sessions`).Scan(&stored); err != nil {
				return err
			}
			return v.QueryRow(`SELECT hash FROM people`).Scan(&hash)
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(stored, token) || strings.Contains(hash, password) {
			t.Error("readable")
		}
		if _, err := a.Session(t.Context(), stored); !errors.Is(err, ErrNoSession) {
			t.Error("the stored hash is a token")
		}
	})
}
