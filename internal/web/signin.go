package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/text"
)

// cookie is the name of the session's cookie. With https the browser itself
// refuses one that another host of the domain set.
func (c *console) cookie() string {
	if c.secure {
		return "__Host-dongbo"
	}
	return "dongbo"
}

func (c *console) token(r *http.Request) string {
	k, err := r.Cookie(c.cookie())
	if err != nil {
		return ""
	}
	return k.Value
}

func (c *console) keep(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode})
}

func (c *console) lang(r *http.Request) text.Lang {
	if k, err := r.Cookie("lang"); err == nil && k.Value == string(text.English) {
		return text.English
	}
	return text.Vietnamese
}

const year = 365 * 24 * 60 * 60

// preferences keeps language and theme in the browser.
func (c *console) preferences(w http.ResponseWriter, r *http.Request, _ *page) error {
	switch lang := r.FormValue("lang"); lang {
	case "vi", "en":
		c.keep(w, "lang", lang, year)
	}
	switch theme := r.FormValue("theme"); theme {
	case "light", "dark":
		c.keep(w, "theme", theme, year)
	case "system":
		c.keep(w, "theme", "", -1)
	}
	return redirect(w, r, within(r.FormValue("back")), "")
}

// within is where a form may lead back to: a page of this console and nothing
// else.
func within(to string) string {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// signInForm is what was typed, and what was wrong about it.
type signInForm struct {
	login, next string
	problem     *retail.Problem
}

func (c *console) signInPage(w http.ResponseWriter, r *http.Request, p *page) error {
	empty, err := c.Auth.Empty(r.Context())
	if err != nil {
		return err
	}
	if empty {
		return redirect(w, r, "/setup", "")
	}
	return p.render(w, r, http.StatusOK, signInView(p, signInForm{next: r.URL.Query().Get("next")}))
}

func (c *console) signIn(w http.ResponseWriter, r *http.Request, p *page) error {
	f := signInForm{login: r.FormValue("login"), next: r.FormValue("next")}
	token, _, err := c.Auth.SignIn(r.Context(), f.login, r.FormValue("password"), r.UserAgent())
	wait, throttled := errors.AsType[*auth.ThrottledError](err)
	switch {
	case throttled:
		f.problem = &retail.Problem{Key: "signin.throttled", Args: map[string]any{"seconds": int64(wait.After.Seconds()) + 1}}
		return p.render(w, r, http.StatusTooManyRequests, signInView(p, f))
	case errors.Is(err, auth.ErrWrong):
		f.problem = &retail.Problem{Key: "signin.wrong"}
		return p.render(w, r, http.StatusUnauthorized, signInView(p, f))
	case err != nil:
		return err
	}
	c.keep(w, c.cookie(), token, int(auth.Lifetime.Seconds()))
	return redirect(w, r, within(f.next), "")
}

func (c *console) signOut(w http.ResponseWriter, r *http.Request, _ *page) error {
	if err := c.Auth.SignOut(r.Context(), c.token(r)); err != nil {
		return err
	}
	c.keep(w, c.cookie(), "", -1)
	return redirect(w, r, "/signin", "")
}
