package web

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/retail"
)

// setupForm makes the first person, who runs the hub, and the first shop.
type setupForm struct {
	login, name, shop string
	problem           *retail.Problem
}

func (c *console) setupPage(w http.ResponseWriter, r *http.Request, p *page) error {
	empty, err := c.Auth.Empty(r.Context())
	if err != nil {
		return err
	}
	if !empty {
		return redirect(w, r, "/signin", "")
	}
	return p.render(w, r, http.StatusOK, setupView(p, setupForm{}))
}

func (c *console) setup(w http.ResponseWriter, r *http.Request, p *page) error {
	f := setupForm{login: r.FormValue("login"), name: r.FormValue("name"), shop: strings.TrimSpace(r.FormValue("shop"))}
	password := r.FormValue("password")
	again := func(key string) error {
		f.problem = &retail.Problem{Key: key, Args: map[string]any{"min": auth.MinPassword}}
		return p.render(w, r, http.StatusUnprocessableEntity, setupView(p, f))
	}
	switch {
	case password != r.FormValue("password2"):
		return again("person.passwords_differ")
	case slug(f.shop) == "":
		return again("shop.no_name")
	}
	_, err := c.Auth.First(r.Context(), auth.NewPerson{Login: f.login, Name: f.name, Password: password, Role: auth.Operator})
	switch {
	case errors.Is(err, auth.ErrNotFirst):
		return redirect(w, r, "/signin", "")
	case errors.Is(err, auth.ErrWeak):
		return again("person.weak")
	case err != nil:
		return err
	}
	if err := c.Hub.CreateShop(r.Context(), retail.ShopID(slug(f.shop)), f.shop); err != nil {
		return err
	}
	token, _, err := c.Auth.SignIn(r.Context(), f.login, password, r.UserAgent())
	if err != nil {
		return err
	}
	c.keep(w, c.cookie(), token, int(auth.Lifetime.Seconds()))
	return redirect(w, r, "/shops", "setup")
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes an identifier out of a shop's name: "Áo Đẹp Hoa" → "ao-dep-hoa".
func slug(name string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(name))
	if err != nil {
		return ""
	}
	out := strings.Trim(notSlug.ReplaceAllString(strings.ReplaceAll(plain, "đ", "d"), "-"), "-")
	return strings.Trim(out[:min(len(out), 40)], "-")
}
