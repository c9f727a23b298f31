package sandbox

import (
	"sync"
	"time"
)

// What became of the answer to a call.
const (
	Answered  = "answered"
	Abandoned = "abandoned" // the caller had gone before the answer was written
	Dropped   = "dropped"   // cut by a fault
)

// Entry is one call received. Secrets are already blacked out.
type Entry struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Platform string    `json:"platform"`
	Route    string    `json:"route"`
	Path     string    `json:"path"`
	// RequestID is the caller's X-Request-Id header, if it sent one.
	RequestID string `json:"request_id,omitempty"`
	// Identity is equal for two sendings of the same request.
	Identity string `json:"identity"`
	Attempt  int    `json:"attempt"`
	Request  string `json:"request,omitempty"`
	Applied  bool   `json:"applied"`
	Status   int    `json:"status"`
	Response string `json:"response,omitempty"`
	Outcome  string `json:"outcome"`
	Fault    string `json:"fault,omitempty"`
	// Warning says that the call exercised behaviour that nobody has
	// documented.
	Warning string `json:"warning,omitempty"`
}

// Journal keeps every call received, in order of arrival, and bodies of the
// newest ones. It is safe for concurrent use.
type Journal struct {
	mu      sync.Mutex
	entries []*Entry
}

const journalBodies = 20_000 // older entries lose their bodies, not their line

func (j *Journal) add(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e.Seq = int64(len(j.entries) + 1)
	j.entries = append(j.entries, e)
	if old := len(j.entries) - journalBodies; old > 0 {
		j.entries[old-1].Request, j.entries[old-1].Response = "", ""
	}
}

func (j *Journal) update(e *Entry, f func(*Entry)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	f(e)
}

// Since returns copies of the entries after seq.
func (j *Journal) Since(seq int64) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	if seq < 0 || seq > int64(len(j.entries)) {
		return nil
	}
	out := make([]Entry, 0, int64(len(j.entries))-seq)
	for _, e := range j.entries[seq:] {
		out = append(out, *e)
	}
	return out
}

// Count counts the entries for which keep is true.
func (j *Journal) Count(keep func(Entry) bool) int {
	n := 0
	for _, e := range j.Since(0) {
		if keep(e) {
			n++
		}
	}
	return n
}
