package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/google/go-cmp/cmp"
)

func newDesk(t *testing.T) (*sandbox.Desk, *jar) {
	t.Helper()
	j := newJar(1, nil)
	d := &sandbox.Desk{World: j.world, Platform: "Lọ", Note: "Lọ để thử."}
	d.AddActions(sandbox.Action{
		Name: "put", Actor: "Người nhà", Label: "Bỏ vào",
		Fields: []sandbox.ActionField{{Name: "thing", Label: "Thứ"}, {Name: "n", Label: "Số", Default: "2"}, {Name: "kind", Label: "Loại", Options: []string{"muối", "đường"}}},
		Do: func(a *sandbox.Args) (any, error) {
			thing, n := a.Need("thing"), a.Int("n")
			if err := a.Err(); err != nil {
				return nil, err
			}
			if thing == "stone" {
				return nil, errRefused
			}
			for range n {
				j.put = append(j.put, thing)
			}
			return map[string]any{"count": len(j.put)}, nil
		},
	})
	d.AddViews(sandbox.View{Name: "things", Label: "Mọi thứ", Columns: []string{"no", "thing"}, Actions: []string{"put"}, Rows: func() (rows []sandbox.Row) {
		for i, thing := range j.put {
			rows = append(rows, sandbox.Row{"no": i + 1, "thing": thing})
		}
		return rows
	}})
	d.AddSwitch("lid", "Nắp", "open", "shut")
	d.AddSwitch("label", "Nhãn", "")
	return d, j
}

func ask(d *sandbox.Desk, method, path, body string) (int, string) {
	rec := httptest.NewRecorder()
	d.ServeHTTP(rec, httptest.NewRequest(method, path, strings.NewReader(body)))
	return rec.Code, strings.TrimSpace(rec.Body.String())
}

func TestTheDeskSpeaksJSON(t *testing.T) {
	d, j := newDesk(t)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		want                     string
	}{
		{"an action with a default", "POST", "/do/put", `{"thing":"sugar"}`, 200, `{"count":2}`},
		{"an action", "POST", "/do/put", `{"thing":"salt","n":"1"}`, 200, `{"count":3}`},
		{"an unknown action", "POST", "/do/shake", `{}`, 400, `{"error":"no action \"shake\""}`},
		{"an unknown field", "POST", "/do/put", `{"thing":"a","colour":"red"}`, 400, `{"error":"put has no field \"colour\""}`},
		{"every wrong input at once", "POST", "/do/put", `{"n":"many"}`, 400, `{"error":"thing: missing\nn: \"many\" is not a whole number"}`},
		{"a refusal", "POST", "/do/put", `{"thing":"stone"}`, 400, `{"error":"refused"}`},
		{"no JSON", "POST", "/do/put", `thing`, 400, `{"error":"reading the request: invalid character 'h' in literal true (expecting 'r')"}`},
		{"a view", "GET", "/see/things", "", 200, `[{"no":1,"thing":"sugar"},{"no":2,"thing":"sugar"},{"no":3,"thing":"salt"}]`},
		{"a filter", "GET", "/see/things?no=2&thing=sugar", "", 200, `[{"no":2,"thing":"sugar"}]`},
		{"a filter that nothing fits", "GET", "/see/things?no=9", "", 200, `[]`},
		{"an unknown view", "GET", "/see/dreams", "", 400, `{"error":"no view \"dreams\""}`},
		{"an unknown column", "GET", "/see/things?colour=red", "", 400, `{"error":"things has no column \"colour\"; it has no, thing"}`},
		{"a switch", "POST", "/switch/lid", `{"value":"shut"}`, 200, `{"value":"shut"}`},
		{"a value that it does not take", "POST", "/switch/lid", `{"value":"ajar"}`, 400, `{"error":"switch lid takes open, shut, not \"ajar\""}`},
		{"a switch that takes any text", "POST", "/switch/label", `{"value":"đường"}`, 200, `{"value":"đường"}`},
		{"an unknown switch", "POST", "/switch/lamp", `{"value":"on"}`, 400, `{"error":"no switch \"lamp\""}`},
		{"a fault", "POST", "/faults", `{"route":"POST /put","kind":"http_500","times":1}`, 200, `{"route":"POST /put","kind":"http_500","times":1}`},
		{"a fault without a kind", "POST", "/faults", `{"route":"*"}`, 400, `{"error":"kind: missing"}`},
		{"what fired", "GET", "/faults", "", 200, `{}`},
		{"no more faults", "DELETE", "/faults", "", 200, `{"cleared":true}`},
		{"the journal", "GET", "/journal", "", 200, `[]`},
		{"the clock", "POST", "/clock", `{"ahead":"2h"}`, 200, `{"now":"2026-01-05T04:00:00Z"}`},
		{"a wrong clock", "POST", "/clock", `{"ahead":"soon"}`, 400, `{"error":"time: invalid duration \"soon\""}`},
	} {
		if status, got := ask(d, c.method, c.path, c.body); status != c.status || got != c.want {
			t.Errorf("%s: %d %s, not %d %s", c.name, status, got, c.status, c.want)
		}
	}
	if !d.Is("lid", "shut") || d.Value("label") != "đường" || len(j.put) != 3 {
		t.Errorf("lid %s, label %q, %d things", d.Value("lid"), d.Value("label"), len(j.put))
	}
	if !j.world.Now().Equal(begin.Add(2 * time.Hour)) {
		t.Errorf("the platform's time is %s", j.world.Now())
	}
	if status, got := ask(d, "GET", "/desk", ""); status != 200 || !strings.Contains(got, `"name":"put"`) || !strings.Contains(got, `"options":["muối","đường"]`) {
		t.Errorf("the desk shows %d %s", status, got)
	}
}

// counter is a desk as a whole simulator, for those who act in process.
type counter struct {
	sandbox.Server
	desk *sandbox.Desk
}

func (c counter) Actors() http.Handler { return c.desk }

func TestTheDeskInProcess(t *testing.T) {
	d, _ := newDesk(t)
	s := counter{desk: d}
	var out struct{ Count int }
	must(t, sandbox.Do(s, "put", map[string]string{"thing": "tea"}, &out))
	must(t, sandbox.Do(s, "put", map[string]string{"thing": "tea", "n": "0"}, nil))
	must(t, sandbox.Turn(s, "lid", "shut"))
	rows, err := sandbox.See(s, "things")
	names, err2 := sandbox.Actions(s)
	if err != nil || err2 != nil || out.Count != 2 || len(rows) != 2 || rows[1]["thing"] != "tea" || cmp.Diff([]string{"put"}, names) != "" {
		t.Errorf("count %d, rows %v, actions %v (%v, %v)", out.Count, rows, names, err, err2)
	}
	for what, err := range map[string]error{
		"a refusal":         sandbox.Do(s, "put", map[string]string{"thing": "stone"}, nil),
		"an unknown action": sandbox.Do(s, "shake", nil, nil),
		"an unknown switch": sandbox.Turn(s, "lamp", "on"),
	} {
		if err == nil {
			t.Errorf("%s was no error", what)
		}
	}
}

func TestThePageShowsActionsAndLedgers(t *testing.T) {
	d, j := newDesk(t)
	page := func(method, path, body string, want ...string) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		d.ServeHTTP(rec, r)
		if rec.Code != 200 || !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s %s: %d %s", method, path, rec.Code, rec.Header().Get("Content-Type"))
		}
		for _, w := range append(want, "</html>") {
			if !strings.Contains(rec.Body.String(), w) {
				t.Errorf("%s %s lacks %q", method, path, w)
			}
		}
	}
	page("GET", "/", "", "Lọ <small>", "Lọ để thử.", "Người nhà", "Bỏ vào", "Mọi thứ", "09:00:00 05/01/2026")
	page("GET", "/?do=put&thing=%3Cb%3E", "", `name="thing" value="&lt;b&gt;"`, `value="2"`, "<option>đường</option>")
	page("POST", "/?do=put", url.Values{"do": {"put"}, "thing": {"<i>x</i>"}, "n": {"1"}}.Encode(), "Đã làm", "&lt;i&gt;x&lt;/i&gt;")
	page("POST", "/", url.Values{"do": {"put"}, "thing": {"stone"}}.Encode(), `role="alert">refused`)
	page("GET", "/?see=things", "", "?do=put")
	if len(j.put) != 1 {
		t.Errorf("the jar holds %v", j.put)
	}
}

func TestArguments(t *testing.T) {
	d, _ := newDesk(t)
	var got []any
	d.AddActions(sandbox.Action{Name: "args", Fields: []sandbox.ActionField{{Name: "x"}, {Name: "y"}}, Do: func(a *sandbox.Args) (any, error) {
		got = []any{a.Text("x"), a.Int("x"), a.Float("x"), a.Bool("x"), a.List("y")}
		return nil, a.Err()
	}})
	for _, c := range []struct {
		x, y  string
		want  []any
		wrong bool
	}{
		{" 1 ", " a, b ,, c", []any{"1", int64(1), 1.0, true, []string{"a", "b", "c"}}, false},
		{"", "", []any{"", int64(0), 0.0, false, []string(nil)}, false},
		{"1.5", "", []any{"1.5", int64(0), 1.5, false, []string(nil)}, true},
		{"Yes", "", []any{"Yes", int64(0), 0.0, true, []string(nil)}, true},
	} {
		_, err := d.Do("args", map[string]string{"x": c.x, "y": c.y})
		if diff := cmp.Diff(c.want, got); diff != "" || (err != nil) != c.wrong {
			t.Errorf("%q: %v (-want +got):\n%s", c.x, err, diff)
		}
	}
}
