package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
)

// Do has somebody act at a simulator's desk, in process. out receives the
// action's result and may be nil.
func Do(s Server, action string, fields map[string]string, out any) error {
	return ask(s, http.MethodPost, "/do/"+action, fields, out)
}

// See reads one of a simulator's ledgers, in process. Numbers arrive as
// json.Number.
func See(s Server, view string) (rows []map[string]any, err error) {
	return rows, ask(s, http.MethodGet, "/see/"+view, nil, &rows)
}

// Turn changes a simulator's switch, in process.
func Turn(s Server, name, value string) error {
	return ask(s, http.MethodPost, "/switch/"+name, map[string]string{"value": value}, nil)
}

// Actions names what people can do at a simulator's desk.
func Actions(s Server) ([]string, error) {
	var desk struct{ Actions []struct{ Name string } }
	if err := ask(s, http.MethodGet, "/desk", nil, &desk); err != nil {
		return nil, err
	}
	names := make([]string, len(desk.Actions))
	for i, a := range desk.Actions {
		names[i] = a.Name
	}
	return names, nil
}

func ask(s Server, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	rec := httptest.NewRecorder()
	s.Actors().ServeHTTP(rec, httptest.NewRequest(method, path, bytes.NewReader(body)))
	if rec.Code != http.StatusOK {
		var failed struct{ Error string }
		_ = json.Unmarshal(rec.Body.Bytes(), &failed)
		return fmt.Errorf("%s: %s", path, failed.Error)
	}
	if out == nil {
		return nil
	}
	dec := json.NewDecoder(rec.Body)
	dec.UseNumber()
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("%s: reading the result: %w", path, err)
	}
	return nil
}
