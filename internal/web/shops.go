package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// shopRow is one shop as the operator sees it.
type shopRow struct {
	store.Shop
	features []feature
	owners   []auth.Person
	problems int
}

// feature is one channel that a shop has or has not (LZD-01).
type feature struct {
	driver connector.Driver
	on     bool
}

// shopsForm keeps what was typed.
type shopsForm struct {
	shop    retail.ShopID // whose owner was being created; "" for a new shop
	name    string
	login   string
	problem *retail.Problem
}

func (c *console) shopsPage(w http.ResponseWriter, r *http.Request, p *page) error {
	return c.showShops(w, r, p, http.StatusOK, shopsForm{})
}

func (c *console) showShops(w http.ResponseWriter, r *http.Request, p *page, status int, f shopsForm) error {
	p.section = "shops"
	var rows []shopRow
	err := c.Hub.DB.Read(r.Context(), func(v *db.View) error {
		rows = nil
		all, err := store.Shops(v)
		if err != nil {
			return err
		}
		for _, s := range all {
			row := shopRow{Shop: s}
			of := store.Read(v, s.ID)
			for _, d := range c.Hub.Drivers {
				if !isChannel(d) {
					continue
				}
				on, err := of.Feature(d.ID)
				if err != nil {
					return err
				}
				row.features = append(row.features, feature{d, on})
			}
			open, err := of.Problems()
			if err != nil {
				return err
			}
			row.problems = len(open)
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].owners, err = c.Auth.People(r.Context(), string(rows[i].ID)); err != nil {
			return err
		}
	}
	return p.render(w, r, status, shopsView(p, rows, f))
}

func (c *console) createShop(w http.ResponseWriter, r *http.Request, p *page) error {
	f := shopsForm{name: strings.TrimSpace(r.FormValue("name"))}
	id := slug(f.name)
	if id == "" {
		f.problem = &retail.Problem{Key: "shop.no_name"}
		return c.showShops(w, r, p, http.StatusUnprocessableEntity, f)
	}
	err := c.Hub.CreateShop(r.Context(), retail.ShopID(id), f.name)
	if mistake, ok := trouble(err); ok {
		f.problem = &mistake.Problem
		return c.showShops(w, r, p, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/shops", "shop")
}

// activate switches a channel on or off for a shop.
//
// rule: LZD-01
func (c *console) activate(w http.ResponseWriter, r *http.Request, _ *page) error {
	on := r.FormValue("on") == "true"
	if err := c.Hub.Activate(r.Context(), retail.ShopID(r.PathValue("shop")), r.PathValue("platform"), on); err != nil {
		return err
	}
	if on {
		return redirect(w, r, "/shops", "activated")
	}
	return redirect(w, r, "/shops", "deactivated")
}

func (c *console) createOwner(w http.ResponseWriter, r *http.Request, p *page) error {
	f := shopsForm{shop: retail.ShopID(r.PathValue("shop")), name: r.FormValue("name"), login: r.FormValue("login")}
	err := c.Hub.Read(r.Context(), f.shop, func(rows store.Reader) error {
		_, found, err := rows.ReadShop()
		if err == nil && !found {
			err = errNotFound
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = c.Auth.Create(r.Context(), auth.NewPerson{Login: f.login, Name: f.name, Password: r.FormValue("password"), Role: auth.Owner, Shop: string(f.shop)})
	switch {
	case errors.Is(err, auth.ErrWeak):
		f.problem = &retail.Problem{Key: "person.weak", Args: map[string]any{"min": auth.MinPassword}}
	case errors.Is(err, auth.ErrTaken):
		f.problem = &retail.Problem{Key: "person.taken"}
	case err != nil:
		return err
	}
	if f.problem != nil {
		return c.showShops(w, r, p, http.StatusUnprocessableEntity, f)
	}
	return redirect(w, r, "/shops", "owner")
}

// typed gives back what was typed into one of several equal forms.
func typed(here bool, value string) string {
	if here {
		return value
	}
	return ""
}
