package kiotviet

import (
	"slices"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// rule: SYN-02 SYN-04
func TestSandboxHooksAndDeliveries(t *testing.T) {
	for _, prefix := range []string{"sha1", "sha256", "none"} {
		for i, key := range []string{"verbatim", "base64"} {
			shape := []string{"RemoveId", "Data", "DataRemoveId"}[(i+len(prefix))%3]
			suffix := []string{"true", "false"}[i]
			st := newStage(t, "signature_prefix", prefix, "signature_key", key, "delete_event_shape", shape, "action_suffix", suffix)
			for _, kind := range st.pos.Hooks.Types {
				h := got(st.pos.Hooks.Create(t.Context(), connector.Hook{Type: kind, URL: "https://hub.test/in/7/" + kind, Secret: hookSecret}))(t)
				if h.ID == "" || !h.Active || h.Type != kind {
					t.Errorf("%+v", h)
				}
			}
			_, err := st.pos.Hooks.Create(t.Context(), connector.Hook{Type: "stock.update", URL: "https://hub.test/x", Secret: hookSecret})
			if e := errorOf(t, err); e.Kind != connector.Exists {
				t.Errorf("twice the same type: %v", err)
			}
			g := st.goods()
			o := got(st.pos.CreateOrder(t.Context(), st.newOrder(g, "4110")))(t)
			inv := got(st.pos.CreateInvoice(t.Context(), st.newInvoice(o, "1", o.Lines[:1], 240000)))(t)
			st.do("add_price_book", "name", "Lazada", "active", "true")
			st.do("set_price", "book", "Lazada", "code", "AO", "price", "99000")
			st.do("remove_price", "book", "Lazada", "code", "AO")
			gone := st.product("BO")
			st.do("delete_product", "code", "BO")
			st.do("delete_price_book", "name", "Lazada")
			st.settle()
			for _, err := range st.faults {
				t.Errorf("%s %s: %v", prefix, key, err)
			}
			for name, has := range map[string]func(connector.Event) bool{
				"order":   func(e connector.Event) bool { return e.Object == connector.POSOrderObject && e.ID == o.ID },
				"invoice": func(e connector.Event) bool { return e.Object == connector.InvoiceObject && e.ID == inv.ID },
				"stock": func(e connector.Event) bool {
					return e.Object == connector.LevelObject && e.Level != nil && e.ID == g.shirt.ID && e.Level.OnHand == retail.Units(8) && e.Level.BranchID == g.branch
				},
				"product": func(e connector.Event) bool { return e.Object == connector.ProductObject && e.ID == g.shirt.ID },
				"deleted": func(e connector.Event) bool { return e.Object == connector.ProductObject && e.ID == gone.ID },
				"book":    func(e connector.Event) bool { return e.Object == connector.BookObject && e.ID != "" },
				"price":   func(e connector.Event) bool { return e.Price != nil && e.Price.Price == 99000 && e.ID == g.shirt.ID },
				"no price": func(e connector.Event) bool {
					return e.Price != nil && e.Price.Removed && e.ID == g.shirt.ID
				},
			} {
				if !slices.ContainsFunc(st.events, has) {
					t.Errorf("%s %s %s: no event about %s among %d", prefix, key, shape, name, len(st.events))
				}
			}
			st.do("deactivate_webhook", "type", "stock.update")
			hooks := got(st.pos.Hooks.List(t.Context()))(t)
			if len(hooks) != 9 {
				t.Errorf("%d hooks", len(hooks))
			}
			for _, h := range hooks {
				if h.Active == (h.Type == "stock.update") || h.URL != "https://hub.test/in/7/"+h.Type {
					t.Errorf("%+v", h)
				}
				if err := st.pos.Hooks.Delete(t.Context(), h.ID); err != nil {
					t.Error(err)
				}
			}
			if hooks = got(st.pos.Hooks.List(t.Context()))(t); len(hooks) != 0 {
				t.Errorf("%+v", hooks)
			}
		}
	}
}

// rule: SYN-04
func TestSandboxAForgedDeliveryIsRefusedAndKeepsTheFeedAlive(t *testing.T) {
	st := newStage(t)
	got(st.pos.Hooks.Create(t.Context(), connector.Hook{Type: "product.update", URL: "https://hub.test/in/7/product.update", Secret: hookSecret}))(t)
	if err := st.world.Faults.Add(kit.Rule{Route: "webhook*", Kind: kit.FaultForge, Times: 1}); err != nil {
		t.Fatal(err)
	}
	st.do("add_product", "code", "AO", "name", "Áo")
	st.settle()
	if len(st.faults) == 0 || len(st.events) != 0 {
		t.Fatalf("%d faults, %d events", len(st.faults), len(st.events))
	}
	if e := errorOf(t, st.faults[0]); e.Problem.Key != "kiotviet.wrong_signature" {
		t.Errorf("%v", e)
	}
	st.clock.Set(st.clock.Now().Add(time.Minute))
	st.do("edit_product", "code", "AO", "price", "5000")
	st.settle()
	if hooks := got(st.pos.Hooks.List(t.Context()))(t); len(hooks) != 1 || !hooks[0].Active || len(st.events) == 0 {
		t.Errorf("%+v, %d events", hooks, len(st.events))
	}
}
