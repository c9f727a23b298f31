package web

import (
	"net/http"

	"github.com/dongbo/dongbo/internal/auth"
)

// accountPage lists where the person is signed in.
func (c *console) accountPage(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "account"
	list, err := c.Auth.Sessions(r.Context(), p.person.ID)
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, accountView(p, list))
}

func (c *console) revoke(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.Auth.Revoke(r.Context(), p.person.ID, r.PathValue("id")); err != nil {
		return err
	}
	return redirect(w, r, "/account", "revoked")
}

// roleKey names a role in words.
func roleKey(r auth.Role) string { return "role." + string(r) }
