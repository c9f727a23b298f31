package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// orderData is one order over both systems.
type orderData struct {
	store.Order
	connection store.Connection
	driver     connector.Driver
	posDriver  connector.Driver
	steps      []step
	live       []store.Intent
	problems   []store.Problem
	branches   map[string]string
}

// step is one moment of an order's life, on the channel's side or the POS's.
type step struct {
	at       time.Time
	pos      bool // on the POS's side
	text     string
	outcome  string
	entry    string // the line of history, for its details
	attempts []store.Attempt
	problem  *retail.Problem
}

func (c *console) order(w http.ResponseWriter, r *http.Request, p *page) error {
	p.section = "orders"
	var d orderData
	err := p.read(r.Context(), func(rd store.Reader) error {
		o, found, err := rd.Order(r.PathValue("connection"), r.PathValue("id"))
		if err == nil && !found {
			err = errNotFound
		}
		if err != nil {
			return err
		}
		d = orderData{Order: o, posDriver: p.posDriver()}
		// The channel's connection may be deleted; the order stays readable.
		if d.connection, _, err = rd.Connection(o.Connection); err != nil {
			return err
		}
		d.driver = p.driver(d.connection.Platform)
		if d.branches, err = branchNames(rd); err != nil {
			return err
		}
		if d.live, err = rd.LiveIntents(o.Connection, o.ID); err != nil {
			return err
		}
		open, err := rd.Problems()
		if err != nil {
			return err
		}
		for _, x := range open {
			if x.Connection == o.Connection && x.Problem.Object == "order "+o.ID {
				d.problems = append(d.problems, x)
			}
		}
		d.steps, err = p.readSteps(rd, d)
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, http.StatusOK, orderView(p, d))
}

// readSteps puts everything that happened to an order in the order of time.
func (p *page) readSteps(r store.Reader, d orderData) ([]step, error) {
	steps := []step{{at: d.Created, text: p.Say("order.step.placed", "channel", d.driver.Name), outcome: "done"}}
	entries, err := r.History(store.HistoryFilter{Connection: d.Connection, Object: "order " + d.ID, Limit: 200})
	if err != nil {
		return nil, err
	}
	shown := map[string]bool{}
	for _, e := range entries {
		s := step{at: e.At, pos: e.Event != "history.order_skipped", text: p.event(e, d.connection.Platform), outcome: e.Outcome, entry: e.ID, problem: e.Detail.Problem}
		if e.Cause != "" && !shown[e.Cause] {
			shown[e.Cause] = true
			if s.attempts, err = r.Attempts(e.Cause); err != nil {
				return nil, err
			}
		}
		steps = append(steps, s)
	}
	for _, l := range d.State.Packages {
		if l.Stage.HasLeft() && !d.Updated.IsZero() {
			steps = append(steps, step{at: d.Updated, text: p.Say("order.step.package", "package", l.ID, "stage", p.Say("stage."+string(l.Stage))), outcome: "done"})
		}
	}
	if d.Stage == retail.Cancelled {
		steps = append(steps, step{at: d.Updated, text: p.Say("order.step.cancelled", "channel", d.driver.Name), outcome: "done"})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	return steps, nil
}

// orderMoney compares what the channel and the POS say, to the đồng (LZD-21).
type orderMoney struct {
	list, discount, goods, shipping, total retail.Money // of what was not cancelled
	pos, invoices, cod                     retail.Money
	invoiced                               bool
}

func (d orderData) money() orderMoney {
	var m orderMoney
	cancelled := map[string]bool{}
	for _, l := range d.State.Lines {
		cancelled[l.ID] = l.Stage == retail.Cancelled
	}
	for _, l := range d.Seen.Lines {
		if cancelled[l.ID] {
			continue
		}
		m.list += l.Qty.Times(l.Price)
		m.discount += l.Qty.Times(l.Discount)
		m.shipping += l.Shipping
	}
	m.goods = m.list - m.discount
	m.total = d.Seen.Total
	m.pos = d.State.POS.Total
	for _, x := range d.State.Packages {
		if x.Invoice.Live() {
			m.invoiced = true
			m.invoices += x.Invoice.Total
			m.cod += x.Invoice.CODAmount
		}
	}
	return m
}

// beforeActivation is why an order that was under way when the connection began
// stays out of the POS (LZD-15).
const beforeActivation = "order.before_activation"

// held tells whether the order's units are held back until the owner says that
// they are settled (LZD-32): those that were not beyond the carrier when the
// connection began.
func held(o store.Order) bool {
	return o.State.Skipped == beforeActivation && !o.State.Settled && slices.ContainsFunc(o.State.Lines, func(l retail.LineState) bool {
		return !l.Foreign && (!l.First.HasLeft() || l.First == retail.Shipped) && l.First != retail.Cancelled
	})
}

// settle notes that the owner has settled an order that was not imported.
//
// rule: LZD-32
func (c *console) settle(w http.ResponseWriter, r *http.Request, p *page) error {
	if err := c.Hub.Settle(r.Context(), p.shop.ID, r.PathValue("connection"), r.PathValue("id")); err != nil {
		return err
	}
	return redirect(w, r, p.to("orders", r.PathValue("connection"), r.PathValue("id")), "settled")
}

// surcharged tells whether shipping is carried into the POS's documents.
func (d orderData) surcharged() bool {
	return d.connection.Settings.Values[connector.ShippingName] != ""
}

// expected is what the POS order should come to.
func (d orderData) expected() retail.Money {
	m := d.money()
	if d.surcharged() {
		return m.goods + m.shipping
	}
	return m.goods
}

// lines groups what the channel lists unit by unit.
func (d orderData) lines() []orderLine {
	money := map[string]retail.OrderLine{}
	for _, l := range d.Seen.Lines {
		money[l.ID] = l
	}
	var out []orderLine
	for _, l := range d.State.Lines {
		x := money[l.ID]
		row := orderLine{code: l.Code, name: x.Name, pkg: l.Package, stage: l.Stage, qty: l.Qty, price: x.Price, discount: x.Discount, reason: x.Reason, foreign: l.Foreign}
		i := slices.IndexFunc(out, func(o orderLine) bool { return o.same(row) })
		if i >= 0 {
			out[i].qty += l.Qty
			continue
		}
		out = append(out, row)
	}
	if len(d.State.Lines) == 0 { // nothing was decided yet
		for _, x := range d.Seen.Lines {
			out = append(out, orderLine{code: x.Code, name: x.Name, pkg: x.Package, stage: x.Stage, qty: x.Qty, price: x.Price, discount: x.Discount, foreign: x.Foreign})
		}
	}
	return out
}

type orderLine struct {
	code            retail.SKU
	name, pkg       string
	stage           retail.Stage
	qty             retail.Qty
	price, discount retail.Money
	reason          string
	foreign         bool
}

func (l orderLine) same(o orderLine) bool {
	l.qty = o.qty
	return l == o
}

// stageColours are how stages look; the others are grey.
var stageColours = map[retail.Stage]string{
	retail.Pending: "blue", retail.Packed: "indigo", retail.ReadyPending: "indigo", retail.Ready: "indigo", retail.Shipped: "cyan",
	retail.Delivered: "green", retail.Failed: "orange", retail.BackAtSeller: "orange", retail.Lost: "orange", retail.Returned: "yellow",
}

func stageColour(s retail.Stage) string { return colourOr(stageColours[s]) }

// posWaits says why the POS has nothing of an order.
func posWaits(p *page, d orderData) string {
	switch {
	case d.State.Skipped != "":
		return p.Say("why." + d.State.Skipped)
	case d.Stuck:
		return p.Say("order.pos.stuck")
	}
	return p.Say("order.pos.soon")
}

// packageName is what a package is called; a channel may have given it no id.
func packageName(p *page, x retail.PackageState) string {
	if x.ID == "" {
		return p.Say("order.package.one")
	}
	return x.ID
}

// progressStages are the stops of an order that goes well.
var progressStages = []retail.Stage{retail.Pending, retail.Packed, retail.Shipped, retail.Delivered}

// progressOf is the stop that an order stands at; what ends badly ends too.
func progressOf(s retail.Stage) int {
	switch {
	case s == "" || s == retail.Unknown || s.Before(retail.Packed):
		return 0
	case s.Before(retail.Shipped):
		return 1
	case s == retail.Shipped:
		return 2
	}
	return 3
}

func progressBad(s retail.Stage) bool { return progressOf(s) == 3 && s != retail.Delivered }

// posColours are how the statuses of a POS order look.
var posColours = map[retail.OrderStatus]string{
	retail.OrderDraft: "blue", retail.OrderConfirmed: "blue", retail.OrderDelivering: "cyan", retail.OrderDone: "green",
}

func posColour(s retail.OrderStatus) string { return colourOr(posColours[s]) }

func colourOr(c string) string {
	if c == "" {
		return "secondary"
	}
	return c
}

func orPending(outcome string) string {
	if outcome == "" {
		return "pending"
	}
	return outcome
}

// callColour is how a call looks; what was answered with a refusal is not green.
func callColour(a store.Attempt) string {
	if a.Status >= http.StatusBadRequest {
		return "orange"
	}
	return outcomeColour(a.Outcome)
}

// duration is how long a call took.
func duration(p *page, a store.Attempt) string {
	if a.Ended.Before(a.At) {
		return ""
	}
	return p.Say("call.took", "ms", a.Ended.Sub(a.At).Milliseconds())
}
