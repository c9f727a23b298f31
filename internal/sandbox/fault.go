package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path"
	"sync"
	"time"
)

// The faults that the kit itself can produce. A platform adds its own kinds
// (a throttling code inside an HTTP 200, say) through Gate.Refuse.
const (
	FaultDropBefore = "drop_before" // the connection is cut and nothing was done
	FaultDropAfter  = "drop_after"  // the call was carried out, its answer is lost
	FaultLate       = "late"        // the answer is lost and the call is carried out Delay later
	FaultSlow       = "slow"        // carried out, answered after Delay
	FaultCutBody    = "cut_body"    // half of the answer arrives
	FaultHTML       = "html"        // a gateway's page instead of JSON, status 502
	Fault500        = "http_500"
	Fault503        = "http_503"

	FaultLost   = "lost"   // deliveries: never arrives
	FaultDouble = "double" // deliveries: arrives again after Delay
	FaultDelay  = "delay"  // deliveries: arrives after Delay
	FaultForge  = "forge"  // deliveries: arrives with a wrong signature
)

// Rule injects one kind of fault into the routes that match.
type Rule struct {
	// Route is a pattern of path.Match over route names, for example
	// "POST /orders*" or "webhook stock.update".
	Route string `json:"route"`
	Kind  string `json:"kind"`
	// Rate is the share of requests, 0 to 1, decided by hash. 0 means all.
	Rate float64 `json:"rate,omitempty"`
	// Times ends the rule after so many hits. 0 means never.
	Times int           `json:"times,omitempty"`
	Delay time.Duration `json:"delay,omitempty"`
}

// Fault is what was decided for one request. The zero value is no fault.
type Fault struct {
	Kind  string
	Delay time.Duration
}

// Faults holds the rules of one world. It is safe for concurrent use.
type Faults struct {
	seed uint64

	mu    sync.Mutex
	rules []*Rule
	fired map[string]int
}

func newFaults(seed uint64) *Faults {
	return &Faults{seed: seed, fired: map[string]int{}}
}

// Add appends a rule; the first rule that hits a request decides.
func (f *Faults) Add(r Rule) error {
	if _, err := path.Match(r.Route, ""); err != nil {
		return fmt.Errorf("route %q: %w", r.Route, err)
	}
	if r.Kind == "" {
		return fmt.Errorf("kind: missing")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, &r)
	return nil
}

// Clear removes all rules.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// Fired counts the faults so far by kind.
func (f *Faults) Fired() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := make(map[string]int, len(f.fired))
	for k, v := range f.fired {
		n[k] = v
	}
	return n
}

func (f *Faults) decide(route, identity string, attempt int) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.rules {
		if ok, _ := path.Match(r.Route, route); !ok && r.Route != "*" {
			continue
		}
		if r.Rate > 0 && Chance(f.seed, route, identity, fmt.Sprint(attempt), r.Kind, fmt.Sprint(i)) >= r.Rate {
			continue
		}
		if r.Times > 0 {
			if r.Times--; r.Times == 0 {
				f.rules = append(f.rules[:i:i], f.rules[i+1:]...)
			}
		}
		f.fired[r.Kind]++
		return Fault{Kind: r.Kind, Delay: r.Delay}
	}
	return Fault{}
}

// Chance maps what identifies a decision to a number in [0, 1), the same for
// the same seed and parts in every run.
func Chance(seed uint64, parts ...string) float64 {
	h := sha256.New()
	_ = binary.Write(h, binary.BigEndian, seed)
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return float64(binary.BigEndian.Uint64(h.Sum(nil))>>11) / (1 << 53)
}
