package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// connectionForm is one connection's form: what is stored, or what was typed
// and what was wrong about it.
type connectionForm struct {
	store.Connection
	driver   connector.Driver
	values   map[string]string
	secrets  map[string]bool // which are stored; they never come back
	signsIn  bool            // the platform has a sign-in page of its own
	signedIn bool
	branches []retail.Branch
	books    []retail.PriceBook
	problem  *retail.Problem
}

// at is the problem of one field, or of the form as a whole for "".
func (f connectionForm) at(field string) *retail.Problem {
	if f.problem == nil {
		return nil
	}
	of, _ := f.problem.Args["field"].(string)
	if f.problem.Key == "connection.branch_taken" {
		of = connector.BranchName
	}
	known := false
	for _, x := range f.driver.Form {
		known = known || x.Name == of
	}
	if known && of == field || !known && field == "" {
		return f.problem
	}
	return nil
}

// ready tells whether the form can be filled in: on a platform with a sign-in
// page, only once an account has been chosen.
func (f connectionForm) ready() bool { return !f.signsIn || f.signedIn }

// readForm gathers a connection's form.
func (p *page) readForm(ctx context.Context, id string) (connectionForm, error) {
	var f connectionForm
	err := p.read(ctx, func(r store.Reader) error {
		c, found, err := r.Connection(id)
		if err == nil && (!found || c.State == store.Deleted) {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		f = connectionForm{Connection: c, driver: p.driver(c.Platform), values: map[string]string{}, secrets: map[string]bool{}, signedIn: len(c.Grant) > 0}
		for k, v := range c.Settings.Values {
			f.values[k] = v
		}
		for _, x := range f.driver.Form {
			if x.Kind == connector.SecretField {
				delete(f.values, x.Name)
				f.secrets[x.Name] = len(c.Sealed) > 0 && c.State == store.Live
			}
		}
		if f.branches, err = r.Branches(); err != nil {
			return err
		}
		f.books, err = r.PriceBooks()
		return err
	})
	if err != nil {
		return f, err
	}
	_, err = p.c.Hub.SignInURL(ctx, p.shop.ID, id)
	t, ok := trouble(err)
	switch {
	case ok:
		f.signsIn = t.Key != "platform.no_sign_in"
	case err != nil:
		return f, err
	default:
		f.signsIn = true
	}
	return f, nil
}

func (c *console) connectionPage(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	f, err := p.readForm(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, connectionView(p, f))
}

// patience is how long a form waits for a platform's answer.
const patience = 45 * time.Second

// saveConnection stores the form. A platform without a sign-in page is tried
// with what was typed before the connection becomes live.
//
// rule: LZD-03, LZD-08
func (c *console) saveConnection(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	f, err := p.readForm(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, x := range f.driver.Form {
		values[x.Name] = strings.TrimSpace(r.FormValue(x.Name))
		if x.Kind == connector.BoolField && values[x.Name] == "" {
			values[x.Name] = "false"
		}
		if x.Kind != connector.SecretField {
			f.values[x.Name] = values[x.Name]
		}
	}
	err = c.trySave(r.Context(), p, f, values)
	if mistake, ok := trouble(err); ok {
		f.problem = &mistake.Problem
		return p.render(w, r, http.StatusUnprocessableEntity, connectionView(p, f))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, p.to("connections"), "saved")
}

func (c *console) trySave(ctx context.Context, p *page, f connectionForm, values map[string]string) error {
	if f.signsIn {
		return c.Hub.Save(ctx, p.shop.ID, f.ID, values)
	}
	if err := c.Hub.Fill(ctx, p.shop.ID, f.ID, values); err != nil {
		return err
	}
	if err := c.ask(ctx, p.shop.ID, f.ID, "connect"); err != nil {
		return err
	}
	return c.Hub.Save(ctx, p.shop.ID, f.ID, values)
}

// ask has the connection's lane do something and waits for the answer.
func (c *console) ask(ctx context.Context, shop retail.ShopID, id, kind string) error {
	command, err := c.Hub.Ask(ctx, shop, id, kind, nil)
	if err != nil {
		return err
	}
	return c.wait(ctx, shop, command)
}

func (c *console) wait(ctx context.Context, shop retail.ShopID, command string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_, err := c.Hub.Wait(ctx, shop, command)
	if errors.Is(err, context.DeadlineExceeded) {
		return mistake("connection.slow")
	}
	return err
}

// platformSignIn leads to the platform's own sign-in page (LZD-02).
func (c *console) platformSignIn(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	to, err := c.Hub.SignInURL(r.Context(), p.shop.ID, r.PathValue("id"))
	if t, ok := trouble(err); ok {
		f, err := p.readForm(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		f.problem = &t.Problem
		return p.render(w, r, http.StatusUnprocessableEntity, connectionView(p, f))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// callback is where a platform sends the owner back to. The state names the
// connection; a state of a shop that the person may not see is nobody's.
func (c *console) callback(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	platform := r.PathValue("platform")
	id, _, _ := strings.Cut(r.URL.Query().Get("state"), ".")
	var known store.Connection
	err := c.Hub.DB.Read(r.Context(), func(v *db.View) (err error) {
		known, _, err = store.ConnectionByID(v, id)
		return err
	})
	if err != nil {
		return err
	}
	if err := c.enter(r.Context(), p, string(known.Shop)); err != nil {
		return mistake("sign_in.foreign_state")
	}
	id, command, err := c.Hub.SignedIn(r.Context(), p.shop.ID, platform, r.URL.Query())
	if err == nil {
		err = c.wait(r.Context(), p.shop.ID, command)
	}
	if t, ok := trouble(err); ok && id != "" {
		f, err := p.readForm(r.Context(), id)
		if err != nil {
			return err
		}
		f.problem, p.path = &t.Problem, p.to("connections", id)
		return p.render(w, r, http.StatusUnprocessableEntity, connectionView(p, f))
	}
	if err != nil {
		return err
	}
	// Off this address at once: it holds the code.
	return redirect(w, r, p.to("connections", id), "signed_in")
}

func (c *console) deletePage(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	f, err := p.readForm(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, deleteView(p, f))
}

// deleteConnection deletes after the owner has said "Đồng ý".
//
// rule: LZD-09
func (c *console) deleteConnection(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.Hub.Delete(r.Context(), p.shop.ID, r.PathValue("id")); err != nil {
		return err
	}
	return redirect(w, r, p.to("connections"), "deleted")
}

// offers tells whether a choice of the form is still there.
func (f connectionForm) offers(kind connector.FieldKind, id string) bool {
	if kind == connector.BranchField {
		return slices.ContainsFunc(f.branches, func(b retail.Branch) bool { return b.ID == id })
	}
	return id == retail.GeneralBook || slices.ContainsFunc(f.books, func(b retail.PriceBook) bool { return b.ID == id })
}

// escape is for addresses that templates put together.
func escape(s string) string { return url.PathEscape(s) }

func accountName(c store.Connection) string {
	if c.AccountName != "" {
		return c.AccountName
	}
	return c.AccountID
}
