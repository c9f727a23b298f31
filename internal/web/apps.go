package web

import (
	"net/http"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// appRow is what the operator entered for a platform. Secrets do not come back.
type appRow struct {
	driver         connector.Driver
	known          bool
	key            string
	base, authBase string
	callback       string // what to enter at the platform
	problem        *retail.Problem
}

func (c *console) appsPage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showApps(w, r, p, http.StatusOK, "", nil)
}

func (c *console) showApps(w http.ResponseWriter, r *http.Request, p *page, status int, platform string, problem *retail.Problem) error {
	p.section = "apps"
	var rows []appRow
	err := c.Hub.DB.Read(r.Context(), func(v *db.View) error {
		rows = nil
		for _, d := range c.Hub.Drivers {
			if len(d.App) == 0 {
				continue
			}
			app, known, err := store.Read(v, "").App(d.ID)
			if err != nil {
				return err
			}
			row := appRow{driver: d, known: known, key: app.Key, base: app.Base, authBase: app.AuthBase, callback: c.URL + "/callback/" + d.ID}
			if d.ID == platform {
				row.problem, row.key, row.base, row.authBase = problem, r.FormValue("app_key"), r.FormValue("base"), r.FormValue("auth_base")
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, status, appsView(p, rows))
}

func (c *console) saveApp(w http.ResponseWriter, r *http.Request, p *page) error {
	platform := r.PathValue("platform")
	d, ok := c.Hub.Driver(platform)
	if !ok {
		return errNotFound
	}
	values := map[string]string{}
	for _, f := range d.App {
		values[f.Name] = r.FormValue(f.Name)
	}
	err := c.Hub.SetApp(r.Context(), platform, values, r.FormValue("base"), r.FormValue("auth_base"))
	if mistake, ok := trouble(err); ok {
		return c.showApps(w, r, p, http.StatusUnprocessableEntity, platform, &mistake.Problem)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/apps", "app")
}
