package connectortest

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dongbo/dongbo/internal/connector"
)

// words checks that every field, and every problem that a run showed, has words
// in both languages (rule: SYN-06). Problems that begin with "connection." are
// the hub's own.
func words(t *testing.T, d connector.Driver, seen *notes) {
	if d.Words == nil {
		t.Fatal("no words")
	}
	var want []string
	for _, f := range append(slices.Clone(d.App), d.Form...) {
		want = append(want, "field."+f.Name)
	}
	for key := range seen.problems {
		if key != "" && !strings.HasPrefix(key, "connection.") {
			want = append(want, "problem."+key, "problem."+key+".remedy")
		}
	}
	slices.Sort(want)
	texts := map[string]map[string]string{}
	for _, language := range []string{"vi", "en"} {
		b, err := fs.ReadFile(d.Words, "words."+language+".json")
		if err != nil {
			t.Error(err)
			continue
		}
		have := map[string]string{}
		if err := json.Unmarshal(b, &have); err != nil {
			t.Errorf("%s: %v", language, err)
		}
		for _, key := range want {
			if strings.TrimSpace(have[key]) == "" {
				t.Errorf("%s: no words for %s", language, key)
			}
		}
		texts[language] = have
	}
	for key := range texts["vi"] {
		if _, ok := texts["en"][key]; !ok {
			t.Errorf("en lacks %s", key)
		}
	}
	for key := range texts["en"] {
		if _, ok := texts["vi"][key]; !ok {
			t.Errorf("vi lacks %s", key)
		}
	}
}

// driver checks what can be read off a driver without calling it.
func driver(t *testing.T, d connector.Driver) {
	if d.ID == "" || d.Name == "" || len(d.Logo) == 0 {
		t.Error("ID, Name or Logo is missing")
	}
	if l := d.Limits; l.Timeout <= 0 || l.Settle <= 0 || l.Concurrent < 1 || l.Poll <= 0 || l.Sweep <= 0 || len(l.Budgets) == 0 {
		t.Errorf("limits are incomplete: %+v", l)
	}
	for _, k := range d.Limits.Budgets {
		if k.Name == "" || k.Rate <= 0 || k.Burst < 1 {
			t.Errorf("budget %+v lets nothing through", k)
		}
	}
	if (d.Auth.URL == nil) != (d.Auth.Exchange == nil) {
		t.Error("a sign-in page without Exchange, or the other way round")
	}
	names := map[string]bool{}
	for _, f := range append(slices.Clone(d.App), d.Form...) {
		if names[f.Name] {
			t.Errorf("field %s stands twice", f.Name)
		}
		names[f.Name] = true
	}
}

// feedResumes reads a feed to its end, then once more from each page's cursor
// as if the reader had been killed before storing that page. It returns the
// last cursor. open makes the driver anew each time: cursors must carry
// everything.
func feedResumes[T any](b *Bench, open func() connector.Feed[T], id func(T) string, want []string, pages int) connector.Cursor {
	b.Helper()
	type page struct {
		from connector.Cursor
		ids  map[string]bool
	}
	follow := func(from connector.Cursor) ([]page, connector.Page[T]) {
		var out []page
		for {
			p, err := open()(b.ctx(), from)
			if b.saw(err) != nil {
				b.Fatalf("page after %q: %v", from, err)
			}
			ids := map[string]bool{}
			for _, item := range p.Items {
				ids[id(item)] = true
			}
			out = append(out, page{from, ids})
			if !p.More {
				return out, p
			}
			if p.Next == from || len(out) > 1000 {
				b.Fatalf("the feed stands still at %q", from)
			}
			from = p.Next
		}
	}
	whole, last := follow("")
	if len(whole) < pages {
		b.Errorf("%d pages only: the case needs %d to mean anything", len(whole), pages)
	}
	if last.Until.IsZero() || last.Until.After(b.World.Now()) {
		b.Errorf("everything is said to be seen until %s; it is %s", last.Until, b.World.Now())
	}
	for k := range whole {
		seen := map[string]bool{}
		rest, _ := follow(whole[k].from)
		for _, p := range append(slices.Clone(whole[:k]), rest...) {
			for one := range p.ids {
				seen[one] = true
			}
		}
		for _, one := range want {
			if !seen[one] {
				b.Errorf("killed at page %d of %d: %s is missing", k+1, len(whole), one)
				break
			}
		}
	}
	return last.Next
}

// brings tells whether a feed brings an item after a cursor.
func brings[T any](b *Bench, feed connector.Feed[T], from connector.Cursor, id func(T) string, want string) bool {
	b.Helper()
	for {
		p, err := feed(b.ctx(), from)
		if b.saw(err) != nil {
			b.Fatalf("page after %q: %v", from, err)
		}
		for _, item := range p.Items {
			if id(item) == want {
				return true
			}
		}
		if !p.More {
			return false
		}
		from = p.Next
	}
}

// oneRefresh lets twenty callers use a dead token at the same moment.
func oneRefresh(b *Bench, call func() error) {
	if b.Setup.Kill == nil {
		b.Skip("the harness cannot kill a token")
	}
	b.Setup.Kill(b)
	since := b.seq()
	var all sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		all.Go(func() { errs[i] = call() })
	}
	all.Wait()
	for _, err := range errs {
		if b.saw(err) != nil {
			b.Errorf("a caller failed: %v", err)
		}
	}
	if b.refreshes != 1 {
		b.Errorf("%d refreshes", b.refreshes)
	}
	if route := b.Setup.TokenRoute; route != "" {
		if n := b.calls(since, route); n != 1 {
			b.Errorf("%d token calls in the journal", n)
		}
	}
}
