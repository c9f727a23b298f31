package web

import (
	"net/http"
	"net/url"

	"github.com/dongbo/dongbo/internal/auth"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/store"
)

// home leads to the shop, or to the list of them where there are several.
func (c *console) home(w http.ResponseWriter, r *http.Request, p *page) error {
	if p.person.Role == auth.Owner {
		return redirect(w, r, "/s/"+url.PathEscape(p.person.Shop)+"/", "")
	}
	if c.Demo != nil {
		return redirect(w, r, "/guide", "")
	}
	all, err := c.allShops(r)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return redirect(w, r, "/s/"+url.PathEscape(string(all[0].ID))+"/", "")
	}
	return redirect(w, r, "/shops", "")
}

func (c *console) allShops(r *http.Request) (all []store.Shop, err error) {
	err = c.Hub.DB.Read(r.Context(), func(v *db.View) error {
		all, err = store.Shops(v)
		return err
	})
	return all, err
}

// logo serves a platform's picture. Opened by itself it may not run anything.
func (c *console) logo(w http.ResponseWriter, r *http.Request, _ *page) error {
	d, ok := c.Hub.Driver(r.PathValue("platform"))
	if !ok || len(d.Logo) == 0 {
		return errNotFound
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_, err := w.Write(d.Logo)
	return err
}
