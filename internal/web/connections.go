package web

import (
	"net/http"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/store"
)

// health is how a connection is.
type health string

const (
	healthDraft   health = "draft"
	healthPaused  health = "paused" // all of it
	healthProblem health = "problem"
	healthWaiting health = "waiting" // the platform asked to wait, or the sign-in is dead
	healthBusy    health = "busy"
	healthFine    health = "fine"
)

// connectionRow is one connection with what goes on in it.
type connectionRow struct {
	store.Connection
	driver   connector.Driver
	health   health
	problems []store.Problem
	// What is due and waits for its turn.
	looks, intents, stock, prices int
	held                          int       // of the intents: refused, and waiting to be mended
	last                          time.Time // of the newest line of its history
	branch                        string
	linked, listings              int
}

// waits is everything that is due.
func (r connectionRow) waits() int { return r.looks + r.intents + r.stock + r.prices }

// isPOS tells the shop's point of sale from its channels.
func (r connectionRow) isPOS() bool { return isPOS(r.driver) }

// always is later than anything is due.
var always = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// many bounds what is counted for a tile; beyond it "2.000" says enough.
const many = 2000

// readConnections gathers the connections of the page's shop.
func (p *page) readConnections(r store.Reader) ([]connectionRow, error) {
	all, err := r.Connections()
	if err != nil {
		return nil, err
	}
	open, err := r.Problems()
	if err != nil {
		return nil, err
	}
	branches, err := branchNames(r)
	if err != nil {
		return nil, err
	}
	rows := make([]connectionRow, 0, len(all))
	for _, c := range all {
		row := connectionRow{Connection: c, driver: p.driver(c.Platform), branch: branches[c.BranchID]}
		if err := p.readWaits(r, &row); err != nil {
			return nil, err
		}
		for _, x := range open {
			if x.Connection == c.ID {
				row.problems = append(row.problems, x)
			}
		}
		row.health = p.healthOf(row)
		rows = append(rows, row)
	}
	return rows, nil
}

func (p *page) readWaits(r store.Reader, row *connectionRow) error {
	due, err := r.DueLooks(row.ID, p.now, many)
	if err != nil {
		return err
	}
	intents, err := r.DueIntents(row.ID, always, many)
	if err != nil {
		return err
	}
	listings, err := r.Listings(row.ID)
	if err != nil {
		return err
	}
	row.looks, row.intents, row.listings = len(due), len(intents), len(listings)
	for _, i := range intents {
		if i.State == store.IntentHeld {
			row.held++
		}
	}
	for _, l := range listings {
		if l.StockDirty {
			row.stock++
		}
		if l.PriceDirty {
			row.prices++
		}
		if l.Link == "linked" {
			row.linked++
		}
	}
	newest, err := r.History(store.HistoryFilter{Connection: row.ID, Limit: 1})
	if len(newest) > 0 {
		row.last = newest[0].At
	}
	return err
}

func (p *page) healthOf(r connectionRow) health {
	paused := isChannel(r.driver)
	for _, d := range directions {
		paused = paused && r.Settings.Paused[d]
	}
	dead := false
	for _, x := range r.problems {
		dead = dead || x.Problem.Object == "connection"
	}
	switch {
	case r.State == store.Draft:
		return healthDraft
	case dead:
		return healthProblem
	case r.NotBefore.After(p.now):
		return healthWaiting
	case paused:
		return healthPaused
	case r.waits() > r.held:
		return healthBusy
	}
	return healthFine
}

// directions are what a channel's owner can stop one by one.
var directions = []string{"stock", "prices", "orders"}

func branchNames(r store.Reader) (map[string]string, error) {
	all, err := r.Branches()
	out := make(map[string]string, len(all))
	for _, b := range all {
		out[b.ID] = b.Name
	}
	return out, err
}

// connections lists them.
func (c *console) connections(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	var rows []connectionRow
	err := p.read(r.Context(), func(rd store.Reader) (err error) {
		rows, err = p.readConnections(rd)
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, connectionsView(p, rows))
}

// offer is a platform that a connection could be made to.
type offer struct {
	driver connector.Driver
	on     bool // activated for the shop (LZD-01)
	needs  bool // a channel, and the shop has no point of sale yet
	taken  bool // a point of sale, and the shop has one
}

func (c *console) newConnection(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "connections"
	var offers []offer
	err := p.read(r.Context(), func(rd store.Reader) error {
		all, err := rd.Connections()
		if err != nil {
			return err
		}
		hasPOS := false
		for _, o := range all {
			hasPOS = hasPOS || o.State == store.Live && isPOS(p.driver(o.Platform))
		}
		offers = nil
		for _, d := range c.Hub.Drivers {
			o := offer{driver: d, on: isPOS(d), needs: isChannel(d) && !hasPOS, taken: isPOS(d) && hasPOS}
			if isChannel(d) {
				if o.on, err = rd.Feature(d.ID); err != nil {
					return err
				}
			}
			offers = append(offers, o)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, newConnectionView(p, offers))
}

// draft begins a connection. A draft that was left lying is taken up again.
func (c *console) draft(w http.ResponseWriter, r *http.Request, p *page) error {
	platform, id := r.PathValue("platform"), ""
	err := p.read(r.Context(), func(rd store.Reader) error {
		all, err := rd.Connections()
		for _, o := range all {
			if o.Platform == platform && o.State == store.Draft {
				id = o.ID
			}
		}
		return err
	})
	if err == nil && id == "" {
		id, err = c.Hub.Draft(r.Context(), p.shop.ID, platform)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, p.to("connections", id), "")
}

// pause stops or resumes one direction of a connection.
func (c *console) pause(w http.ResponseWriter, r *http.Request, p *page) error {
	on := r.FormValue("on") == "true"
	if err := c.Hub.Pause(r.Context(), p.shop.ID, r.PathValue("id"), r.PathValue("direction"), on); err != nil {
		return err
	}
	if on {
		return redirect(w, r, p.to("connections"), "paused")
	}
	return redirect(w, r, p.to("connections"), "resumed")
}

// sync has a connection look at everything now.
func (c *console) sync(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.Hub.Sync(r.Context(), p.shop.ID, r.PathValue("id")); err != nil {
		return err
	}
	return redirect(w, r, p.to("connections"), "sync")
}

// connectionName is what people call a connection.
func connectionName(c store.Connection, platform string) string {
	if c.Name != "" {
		return c.Name
	}
	return platform
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
