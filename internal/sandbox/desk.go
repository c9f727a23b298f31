package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Desk is where people act on a platform and where its ledgers can be read.
// The same handler serves a page for humans and JSON for tests:
//
//	GET  /                the page
//	GET  /desk            what there is: actions, views, switches
//	POST /do/{action}     {"field": "value"} → the action's result
//	GET  /see/{view}      rows; every query parameter must equal the column
//	POST /switch/{name}   {"value": "…"}
//	GET  /faults          what fired so far, by kind
//	POST /faults          a Rule; DELETE takes all rules away
//	GET  /journal?since=  entries after that number
//	POST /clock           {"ahead": "2h"} moves the platforms' time
//
// A refused action answers 400 with {"error": "…"}.
type Desk struct {
	World    *World
	Platform string // "Lazada"
	Note     string // one sentence for the page, in Vietnamese

	mu       sync.Mutex
	actions  []Action
	views    []View
	switches []*Switch
}

// Action is one thing that one kind of person does.
type Action struct {
	Name   string        `json:"name"`  // "place_order"
	Actor  string        `json:"actor"` // "Người mua"
	Label  string        `json:"label"` // "Đặt hàng"
	Fields []ActionField `json:"fields"`
	// Do carries it out. Its result is shown as JSON.
	Do func(a *Args) (any, error) `json:"-"`
}

// ActionField is one input of an action. All inputs travel as text.
type ActionField struct {
	Name    string   `json:"name"`
	Label   string   `json:"label"`
	Default string   `json:"default,omitempty"`
	Options []string `json:"options,omitempty"`
}

// View is one ledger as a table.
type View struct {
	Name    string       `json:"name"`
	Label   string       `json:"label"`
	Columns []string     `json:"columns"`
	Actions []string     `json:"actions,omitempty"` // offered on each row, filled in from equal column names
	Rows    func() []Row `json:"-"`
}

// Row is one line of a view, by column.
type Row map[string]any

// Switch is one behaviour of the platform that nobody has documented, or that
// differs between shops: tests run both ways.
type Switch struct {
	Name   string   `json:"name"`
	Label  string   `json:"label"`
	Values []string `json:"values"` // the first is the default; empty: any text
	Value  string   `json:"value"`
}

// AddActions, AddViews and AddSwitch set the desk up before it serves.
func (d *Desk) AddActions(a ...Action) { d.actions = append(d.actions, a...) }

// AddViews adds tables.
func (d *Desk) AddViews(v ...View) { d.views = append(d.views, v...) }

// AddSwitch adds a switch; values[0] is its default.
func (d *Desk) AddSwitch(name, label string, values ...string) {
	d.switches = append(d.switches, &Switch{Name: name, Label: label, Values: values, Value: values[0]})
}

// Is tells whether a switch has a value. An unknown name is a mistake in the
// simulator and panics.
func (d *Desk) Is(name, value string) bool { return d.Value(name) == value }

// Value returns a switch's value.
func (d *Desk) Value(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.switches {
		if s.Name == name {
			return s.Value
		}
	}
	panic("sandbox: no switch " + name)
}

// Set changes a switch.
func (d *Desk) Set(name, value string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.switches {
		if s.Name != name {
			continue
		}
		if len(s.Values) > 1 && !slices.Contains(s.Values, value) {
			return fmt.Errorf("switch %s takes %s, not %q", name, strings.Join(s.Values, ", "), value)
		}
		s.Value = value
		return nil
	}
	return fmt.Errorf("no switch %q", name)
}

// Do carries an action out.
func (d *Desk) Do(action string, fields map[string]string) (any, error) {
	for _, a := range d.actions {
		if a.Name != action {
			continue
		}
		args := &Args{values: map[string]string{}}
		for _, f := range a.Fields {
			args.values[f.Name] = f.Default
		}
		for name, value := range fields {
			if !slices.ContainsFunc(a.Fields, func(f ActionField) bool { return f.Name == name }) {
				return nil, fmt.Errorf("%s has no field %q", action, name)
			}
			args.values[name] = value
		}
		return a.Do(args)
	}
	return nil, fmt.Errorf("no action %q", action)
}

// See returns the rows of a view for which every filter equals the column's
// text.
func (d *Desk) See(view string, filter map[string]string) ([]Row, error) {
	for _, v := range d.views {
		if v.Name != view {
			continue
		}
		for name := range filter {
			if !slices.Contains(v.Columns, name) {
				return nil, fmt.Errorf("%s has no column %q; it has %s", view, name, strings.Join(v.Columns, ", "))
			}
		}
		rows := []Row{}
		for _, r := range v.Rows() {
			keep := true
			for name, want := range filter {
				keep = keep && fmt.Sprint(r[name]) == want
			}
			if keep {
				rows = append(rows, r)
			}
		}
		return rows, nil
	}
	return nil, fmt.Errorf("no view %q", view)
}

func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.page)
	mux.HandleFunc("POST /{$}", d.submit)
	mux.HandleFunc("GET /desk", func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		answer(w, map[string]any{"platform": d.Platform, "actions": d.actions, "views": d.views, "switches": d.switches}, nil)
	})
	mux.HandleFunc("POST /do/{action}", func(w http.ResponseWriter, r *http.Request) {
		fields := map[string]string{}
		if err := decode(r, &fields); err != nil {
			answer(w, nil, err)
			return
		}
		v, err := d.Do(r.PathValue("action"), fields)
		answer(w, v, err)
	})
	mux.HandleFunc("GET /see/{view}", func(w http.ResponseWriter, r *http.Request) {
		filter := map[string]string{}
		for k := range r.URL.Query() {
			filter[k] = r.URL.Query().Get(k)
		}
		rows, err := d.See(r.PathValue("view"), filter)
		answer(w, rows, err)
	})
	mux.HandleFunc("POST /switch/{name}", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Value string }
		if err := decode(r, &in); err != nil {
			answer(w, nil, err)
			return
		}
		answer(w, map[string]string{"value": in.Value}, d.Set(r.PathValue("name"), in.Value))
	})
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, r *http.Request) {
		answer(w, d.World.Faults.Fired(), nil)
	})
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		var rule Rule
		err := decode(r, &rule)
		if err == nil {
			err = d.World.Faults.Add(rule)
		}
		answer(w, rule, err)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) {
		d.World.Faults.Clear()
		answer(w, map[string]bool{"cleared": true}, nil)
	})
	mux.HandleFunc("GET /journal", func(w http.ResponseWriter, r *http.Request) {
		since, _ := strconv.ParseInt(r.URL.Query().Get("since"), 10, 64)
		answer(w, d.World.Journal.Since(since), nil)
	})
	mux.HandleFunc("POST /clock", func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Ahead string }
		err := decode(r, &in)
		by, parseErr := time.ParseDuration(in.Ahead)
		if err = errors.Join(err, parseErr); err == nil {
			d.World.Ahead(by)
		}
		answer(w, map[string]time.Time{"now": d.World.Now()}, err)
	})
	mux.ServeHTTP(w, r)
}

func decode(r *http.Request, into any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, 1<<20)).Decode(into); err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	return nil
}

func answer(w http.ResponseWriter, v any, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		v = map[string]string{"error": err.Error()}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v)
}

// Args are the inputs of an action. Wrong ones are collected; Err reports
// them all.
type Args struct {
	values map[string]string
	errs   []error
}

// Text returns a field as it was given, "" if it was not.
func (a *Args) Text(name string) string { return strings.TrimSpace(a.values[name]) }

// Need returns a field that must not be empty.
func (a *Args) Need(name string) string {
	v := a.Text(name)
	if v == "" {
		a.errs = append(a.errs, fmt.Errorf("%s: missing", name))
	}
	return v
}

// Int returns a whole number, 0 if the field is empty.
func (a *Args) Int(name string) int64 {
	v := a.Text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		a.errs = append(a.errs, fmt.Errorf("%s: %q is not a whole number", name, v))
	}
	return n
}

// Float returns a number, 0 if the field is empty.
func (a *Args) Float(name string) float64 {
	v := a.Text(name)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil {
		a.errs = append(a.errs, fmt.Errorf("%s: %q is not a number", name, v))
	}
	return n
}

// Bool is true for true, 1, yes and on.
func (a *Args) Bool(name string) bool {
	switch strings.ToLower(a.Text(name)) {
	case "true", "1", "yes", "on":
		return true
	}
	return false
}

// List splits a field at commas.
func (a *Args) List(name string) []string {
	var out []string
	for _, s := range strings.Split(a.Text(name), ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Err reports every wrong input.
func (a *Args) Err() error { return errors.Join(a.errs...) }
