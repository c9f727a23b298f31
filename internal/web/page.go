package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/text"
)

// page is one request as the templates see it: who reads, in which language, in
// which shop.
type page struct {
	*text.Printer
	c        *console
	person   auth.Person
	shop     store.Shop
	section  string // the entry of the navigation that is lit
	path     string // where a switch of language comes back to
	theme    string // "light", "dark" or "" for the system's
	done     string // what has just been done: "flash.DONE"
	problems int    // open ones, for the navigation
	now      time.Time
}

// errNotFound is answered with 404; what one may not see is not there.
var errNotFound = errors.New("not found")

type handler func(http.ResponseWriter, *http.Request, *page) error

// open serves a page to anybody.
func (c *console) open(f handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := c.page(r)
		if err := f(w, r, p); err != nil {
			c.fail(w, r, p, err)
		}
	})
}

// signed serves a page to whoever has signed in.
func (c *console) signed(f handler) http.Handler {
	return c.open(func(w http.ResponseWriter, r *http.Request, p *page) error {
		person, err := c.Auth.Session(r.Context(), c.token(r))
		switch {
		case errors.Is(err, auth.ErrNoSession):
			return c.toSignIn(w, r)
		case err != nil:
			return err
		}
		p.person = person
		if err := c.enter(r.Context(), p, c.lastShop(r, p)); err != nil && !errors.Is(err, errNotFound) {
			return err
		}
		return f(w, r, p)
	})
}

func (c *console) toSignIn(w http.ResponseWriter, r *http.Request) error {
	empty, err := c.Auth.Empty(r.Context())
	if err != nil {
		return err
	}
	to := "/signin"
	switch {
	case empty:
		to = "/setup"
	case r.Method == http.MethodGet && r.URL.Path != "/":
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// operator serves a page to those who run the hub.
func (c *console) operator(f handler) http.Handler {
	return c.signed(func(w http.ResponseWriter, r *http.Request, p *page) error {
		if p.person.Role != auth.Operator {
			return errNotFound
		}
		return f(w, r, p)
	})
}

// shop serves a page of one shop to those who may see it.
//
// rule: SYN-05
func (c *console) shop(f handler) http.Handler {
	return c.signed(func(w http.ResponseWriter, r *http.Request, p *page) error {
		id := r.PathValue("shop")
		if id != string(p.shop.ID) {
			p.shop = store.Shop{}
			if err := c.enter(r.Context(), p, id); err != nil {
				return err
			}
			c.keep(w, "shop", id, year)
		}
		return f(w, r, p)
	})
}

// enter puts a page into a shop, if the person may see it.
func (c *console) enter(ctx context.Context, p *page, id string) error {
	if !p.person.May(id) {
		return errNotFound
	}
	return c.Hub.Read(ctx, retail.ShopID(id), func(rows store.Reader) error {
		shop, found, err := rows.ReadShop()
		if err == nil && !found {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		open, err := rows.Problems()
		p.shop, p.problems = shop, len(open)
		return err
	})
}

// lastShop is whose pages the person looked at last, so that the navigation
// stays on pages that belong to no shop.
func (c *console) lastShop(r *http.Request, p *page) string {
	if p.person.Role == auth.Owner {
		return p.person.Shop
	}
	if k, err := r.Cookie("shop"); err == nil && k.Value != "" {
		return k.Value
	}
	if c.Demo != nil {
		return c.Demo.Shop
	}
	return ""
}

func (c *console) page(r *http.Request) *page {
	p := &page{Printer: c.Text.Printer(c.lang(r)), c: c, path: r.URL.RequestURI(), now: c.Clock.Now()}
	if r.Method != http.MethodGet {
		p.path = r.URL.Path
	}
	if t, err := r.Cookie("theme"); err == nil && (t.Value == "light" || t.Value == "dark") {
		p.theme = t.Value
	}
	if done := r.URL.Query().Get("done"); p.Has("flash." + done) {
		p.done = done
	}
	return p
}

// in reads the page's shop.
func (p *page) read(ctx context.Context, f func(store.Reader) error) error {
	return p.c.Hub.Read(ctx, p.shop.ID, f)
}

// to is the address of a page of the shop.
func (p *page) to(parts ...string) string {
	out := "/s/" + url.PathEscape(string(p.shop.ID)) + "/"
	for i, part := range parts {
		if i > 0 {
			out += "/"
		}
		out += url.PathEscape(part)
	}
	return out
}

// driver returns a platform, or one that only has a name.
func (p *page) driver(platform string) connector.Driver {
	if d, ok := p.c.Hub.Driver(platform); ok {
		return d
	}
	return connector.Driver{ID: platform, Name: platform}
}

// of prints with a platform's own words.
func (p *page) of(platform string) *text.Printer {
	if t, ok := p.c.words[platform]; ok {
		return t.Printer(p.Lang)
	}
	return p.Printer
}

// render answers with a page.
func (p *page) render(w http.ResponseWriter, r *http.Request, status int, body templ.Component) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return body.Render(r.Context(), w)
}

// fail answers with a page that says what went wrong.
func (c *console) fail(w http.ResponseWriter, r *http.Request, p *page, err error) {
	status, problem := http.StatusInternalServerError, retail.Problem{Key: "page.broken"}
	mistake, isMistake := errors.AsType[*hub.Trouble](err)
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return
	case errors.Is(err, errNotFound):
		status, problem.Key = http.StatusNotFound, "page.not_found"
	case isMistake:
		status, problem = http.StatusUnprocessableEntity, mistake.Problem
	default:
		// The path names no secret; the query may (a sign-in's code).
		c.Log.Error("serving a page", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if err := p.render(w, r, status, messagePage(p, problem)); err != nil {
		c.Log.Error("serving an error page", "path", r.URL.Path, "error", err)
	}
}

// refused answers a request that another site sent in the person's name.
func (c *console) refused(w http.ResponseWriter, r *http.Request) {
	p := c.page(r)
	c.Log.Warn("refusing a cross-origin request", "method", r.Method, "path", r.URL.Path)
	if err := p.render(w, r, http.StatusForbidden, messagePage(p, retail.Problem{Key: "page.cross_origin"})); err != nil {
		c.Log.Error("serving an error page", "path", r.URL.Path, "error", err)
	}
}

// trouble returns the mistake that err is, if it is one of the caller's.
func trouble(err error) (*hub.Trouble, bool) { return errors.AsType[*hub.Trouble](err) }

// redirect leads on after a form; done is what the next page says.
func redirect(w http.ResponseWriter, r *http.Request, to, done string) error {
	if done != "" {
		to += "?done=" + url.QueryEscape(done)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// says is a problem in words: what happened.
func (p *page) says(platform string, x retail.Problem) string {
	return p.words(platform, "problem."+x.Key, x.Args)
}

// remedy is a problem in words: what to do; "" if nothing is known.
func (p *page) remedy(platform string, x retail.Problem) string {
	return p.words(platform, "problem."+x.Key+".remedy", x.Args)
}

func (p *page) words(platform, key string, args map[string]any) string {
	args = p.named(args)
	if t := p.of(platform); t.Has(key) {
		return t.T(key, args)
	}
	if p.Has(key) {
		return p.T(key, args)
	}
	if strings.HasSuffix(key, ".remedy") {
		return ""
	}
	return p.Say("problem.unknown", "key", strings.TrimPrefix(key, "problem."))
}

// spoken are the values of messages that are words of the program, and where
// their words for people begin.
var spoken = map[string]string{"stage": "stage.", "delivery": "delivery.", "what": "intent.", "direction": "direction.", "skipped": "why."}

// named replaces words of the program in a message's values by words for
// people: a field's name by its label, a stage by what it is called on screen.
func (p *page) named(args map[string]any) map[string]any {
	out := make(map[string]any, len(args))
	for k, v := range args {
		out[k] = v
		s, ok := v.(string)
		if !ok {
			continue
		}
		if key := spoken[k] + s; spoken[k] != "" && p.Has(key) {
			out[k] = p.Say(key)
		}
		if k == "field" {
			out[k] = p.fieldLabel("", s)
		}
	}
	return out
}

// fieldLabel is what a form calls a field.
func (p *page) fieldLabel(platform, name string) string {
	key := "field." + name
	if t := p.of(platform); t.Has(key) {
		return t.T(key, nil)
	}
	if p.Has(key) {
		return p.T(key, nil)
	}
	return name
}

// since is a time's relative form.
func (p *page) since(t time.Time) string { return p.Ago(t, p.now) }

func (p *page) count(n int) string { return p.Number(int64(n)) }

func (p *page) money(m retail.Money) string { return p.Money(int64(m)) }

// qty prints a quantity: 3 or 1,25.
func (p *page) qty(q retail.Qty) string { return p.Amount(q.String()) }

// mistake is a hub.Trouble of the console's own.
func mistake(key string) error { return &hub.Trouble{Problem: retail.Problem{Key: key}} }

// initial stands in for a picture that a platform lacks.
func initial(name string) string {
	for _, r := range name {
		return string(r)
	}
	return "?"
}

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}

// scheme tells the browser which colours its own parts of the page take.
func scheme(theme string) string {
	if theme == "" {
		return "light dark"
	}
	return theme
}
