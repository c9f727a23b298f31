package web

import "net/http"

// guide leads a newcomer through the demo.
func (c *console) guide(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "guide"
	return p.render(w, r, http.StatusOK, guideView(p, *c.Demo))
}

// actor finds a page on which one acts; its URL is "" if the demo has none.
func (d Demo) actor(platform, role string) Actor {
	for _, a := range d.Actors {
		if a.Platform == platform && a.Role == role {
			return a
		}
	}
	for _, a := range d.Actors {
		if a.Platform == platform {
			return a
		}
	}
	return Actor{}
}
