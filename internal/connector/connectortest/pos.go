package connectortest

import (
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// POSHarness is what the suite needs to know of a point of sale.
type POSHarness struct {
	Setup
	// AddProducts puts n goods with a hundred units each into the catalogue and
	// returns their codes. Many are enough for three pages of the feed.
	AddProducts func(b *Bench, n int) []retail.SKU
	Many        int
	// AddCustomer keeps a customer with a phone number written in this form.
	AddCustomer func(b *Bench, code, phone string)
	// SpacedPhones says that the platform's search finds numbers that staff typed
	// with blanks and dots.
	SpacedPhones bool
	// IgnoreCodes makes the platform give documents codes of its own.
	IgnoreCodes func(b *Bench)
	// OrderRoute and InvoiceRoute are the patterns of the calls that create.
	OrderRoute, InvoiceRoute string
	Refusals                 []POSRefusal
	// Type is a hook's type, and Change makes the platform push one of them
	// about a product.
	Type   string
	Change func(b *Bench, code retail.SKU)
	// PushRoute is the pattern of deliveries in fault rules.
	PushRoute string
}

// POSRefusal is one way in which the platform refuses to list its branches.
type POSRefusal struct {
	Name    string
	Arrange func(b *Bench)
	Kind    connector.Kind
}

// POS runs the suite on a point of sale.
func POS(t *testing.T, h POSHarness) {
	seen := &notes{problems: map[string]bool{}}
	run := func(name string, f func(*Bench, connector.POS)) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, h.Setup, seen)
			f(b, h.Driver.POS(b.Account))
		})
	}
	t.Run("driver", func(t *testing.T) {
		driver(t, h.Driver)
		if h.Driver.POS == nil {
			t.Fatal("not a POS")
		}
	})
	run("products resume after a kill", h.products)
	run("levels are read", h.levels)
	run("an order is found by its reference", func(b *Bench, p connector.POS) { h.found(b, p, false) })
	run("an order is found where codes are ignored", func(b *Bench, p connector.POS) { h.found(b, p, true) })
	run("a lost create is uncertain and found", h.lostCreate)
	run("a lost invoice is uncertain and found", h.lostInvoice)
	run("customers are found by each form of their phone", h.customers)
	run("an invoice takes part of the lines", h.invoice)
	run("an order is cancelled and stays readable", h.cancelled)
	run("one refresh for twenty callers", func(b *Bench, p connector.POS) {
		oneRefresh(b, func() error { _, err := p.Branches(b.ctx()); return err })
	})
	for _, r := range h.Refusals {
		run("refusal: "+r.Name, func(b *Bench, p connector.POS) {
			b.slowed = r.Kind == connector.Throttled
			r.Arrange(b)
			_, err := p.Branches(b.ctx())
			b.wants(r.Name, err, false, r.Kind)
		})
	}
	run("what does not exist", func(b *Bench, p connector.POS) {
		_, err := p.Order(b.ctx(), "999999999")
		b.wants("an order", err, false, connector.NotFound)
		_, err = p.Invoice(b.ctx(), "999999999")
		b.wants("an invoice", err, false, connector.NotFound)
		_, err = p.CustomerByCode(b.ctx(), "NOBODY")
		b.wants("a customer", err, false, connector.NotFound)
	})
	run("pushes", h.pushes)
	run("check", func(b *Bench, p connector.POS) {
		if p.Check == nil {
			b.Skip("not offered")
		}
		if problems, err := p.Check(b.ctx()); b.saw(err) != nil || len(problems) > 0 {
			b.Errorf("a healthy account has problems %v, %v", problems, err)
		}
	})
	t.Run("words", func(t *testing.T) { words(t, h.Driver, seen) })
}

func (h POSHarness) products(b *Bench, p connector.POS) {
	var want []string
	for _, code := range h.AddProducts(b, h.Many) {
		want = append(want, string(code))
	}
	b.Pass(time.Minute)
	id := func(p retail.Product) string { return string(p.Code) }
	last := feedResumes(b, func() connector.Feed[retail.Product] { return h.Driver.POS(b.Account).Products }, id, want, 3)
	b.Pass(time.Hour)
	more := h.AddProducts(b, 1)[0]
	b.Pass(time.Minute)
	if !brings(b, p.Products, last, id, string(more)) {
		b.Error("a product added later is not listed after the last cursor")
	}
}

// goods adds products and returns them as the feed shows them.
func (h POSHarness) goods(b *Bench, p connector.POS, n int) []retail.Product {
	b.Helper()
	codes := h.AddProducts(b, n)
	b.Pass(time.Minute)
	out := make([]retail.Product, n)
	for from, more := connector.Cursor(""), true; more; {
		page, err := p.Products(b.ctx(), from)
		if b.saw(err) != nil {
			b.Fatal(err)
		}
		for _, one := range page.Items {
			if i := slices.Index(codes, one.Code); i >= 0 {
				out[i] = one
			}
		}
		from, more = page.Next, page.More
	}
	for i, one := range out {
		if one.ID == "" {
			b.Fatalf("the feed lacks %s", codes[i])
		}
	}
	return out
}

func (h POSHarness) levels(b *Bench, p connector.POS) {
	goods := h.goods(b, p, 2)
	got, err := p.Levels(b.ctx(), []string{goods[0].ID, goods[1].ID})
	if b.saw(err) != nil || len(got) < 2 {
		b.Fatal(got, err)
	}
	for _, one := range goods {
		var sum retail.Qty
		for _, l := range got {
			if l.ProductID == one.ID {
				sum += l.OnHand
			}
		}
		if sum != retail.Units(100) {
			b.Errorf("%s: on hand %s", one.Code, sum)
		}
	}
}

func (h POSHarness) pushes(b *Bench, p connector.POS) {
	if h.Driver.Webhook == nil || p.Hooks.Create == nil || h.Change == nil {
		b.Skip("not offered")
	}
	b.Account.Hook = "a-secret-of-the-hub"
	p = h.Driver.POS(b.Account)
	made, err := p.Hooks.Create(b.ctx(), connector.Hook{Type: h.Type, URL: hook, Secret: b.Account.Hook, Active: true})
	if b.saw(err) != nil || made.ID == "" {
		b.Fatalf("%+v, %v", made, err)
	}
	if all, err := p.Hooks.List(b.ctx()); b.saw(err) != nil || len(all) != 1 || all[0].Type != h.Type || all[0].URL != hook {
		b.Errorf("hooks %+v, %v", all, err)
	}
	code := h.AddProducts(b, 1)[0]
	b.Pass(time.Minute)
	b.received()
	h.Change(b, code)
	b.Pass(time.Minute)
	webhooks(b, b.received(), func(e connector.Event) bool { return e.Object != connector.NothingObject && e.ID != "" })
	Fault(h.PushRoute, sandbox.FaultForge)(b)
	h.Change(b, code)
	b.Pass(time.Minute)
	forged := b.received()
	if len(forged) == 0 {
		b.Error("nothing was forged")
	}
	for _, f := range forged {
		refused(b, "a forged push", b.Account.Keys, f, f.body)
	}
	b.World.Faults.Clear()
	if err := p.Hooks.Delete(b.ctx(), made.ID); b.saw(err) != nil {
		b.Error(err)
	}
}
