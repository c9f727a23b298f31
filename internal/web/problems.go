package web

import (
	"net/http"

	"github.com/dongbo/dongbo/internal/store"
)

// problemsData is "Cần xử lý" (SYN-06).
type problemsData struct {
	rows        []store.Problem
	connections map[string]store.Connection
}

func (c *console) problems(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "problems"
	var d problemsData
	err := p.read(r.Context(), func(rd store.Reader) (err error) {
		d = problemsData{connections: map[string]store.Connection{}}
		all, err := rd.Connections()
		if err != nil {
			return err
		}
		for _, o := range all {
			d.connections[o.ID] = o
		}
		d.rows, err = rd.Problems()
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, problemsView(p, d))
}
