package sandbox

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"cell": func(r Row, column string) string {
		switch v := r[column].(type) {
		case nil:
			return ""
		case string:
			return v
		case []string:
			return fmt.Sprint(v)
		default:
			b, _ := json.Marshal(v)
			return string(b)
		}
	},
}).Parse(pageText))

const pageRows = 200

type pageView struct {
	View
	Lines []Row
	Total int
}

// page shows the actions by actor and the ledgers. ?do= opens an action,
// filled in from the other parameters; ?see= shows one ledger alone.
func (d *Desk) page(w http.ResponseWriter, r *http.Request) {
	d.render(w, r, "", nil)
}

// submit carries out an action given by the page's form.
func (d *Desk) submit(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil {
		d.render(w, r, "", err)
		return
	}
	fields := map[string]string{}
	for k := range r.PostForm {
		if k != "do" {
			fields[k] = r.PostForm.Get(k)
		}
	}
	v, err := d.Do(r.PostForm.Get("do"), fields)
	text, _ := json.Marshal(v)
	d.render(w, r, string(text), err)
}

func (d *Desk) render(w http.ResponseWriter, r *http.Request, result string, failed error) {
	query := r.URL.Query()
	var actors []string
	byActor := map[string][]Action{}
	var open *Action
	for _, a := range d.actions {
		if !slices.Contains(actors, a.Actor) {
			actors = append(actors, a.Actor)
		}
		byActor[a.Actor] = append(byActor[a.Actor], a)
		if a.Name == query.Get("do") {
			filled := a
			filled.Fields = slices.Clone(a.Fields)
			for i, f := range filled.Fields {
				if query.Has(f.Name) {
					filled.Fields[i].Default = query.Get(f.Name)
				}
			}
			open = &filled
		}
	}
	var views []pageView
	for _, v := range d.views {
		if see := query.Get("see"); see != "" && see != v.Name {
			continue
		}
		rows := v.Rows()
		slices.Reverse(rows)
		views = append(views, pageView{View: v, Lines: rows[:min(len(rows), pageRows)], Total: len(rows)})
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pageTemplate.Execute(w, map[string]any{
		"Desk": d, "Actors": actors, "ByActor": byActor, "Open": open,
		"AllViews": d.views, "Views": views, "See": query.Get("see"), "Now": d.World.Now().UTC().Add(7 * 3600e9).Format("15:04:05 02/01/2006"),
		"Result": result, "Failed": failed,
	})
}
