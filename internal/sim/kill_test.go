package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/db/dbtest"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// TestKillAnywhere kills the hub while orders come in, some of the times while
// a call is open that the platform has carried out and whose answer nobody will
// read. Afterwards every order is in the POS exactly once, and every channel
// shows exactly what is left.
//
// rule: SYN-01
func TestKillAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("kills the hub 50 times; runs without -short")
	}
	t.Run("sqlite", func(t *testing.T) { killAnywhere(t, dbtest.SQLite(t), 1000, 50, 24) })
	t.Run("postgres", func(t *testing.T) { killAnywhere(t, dbtest.Postgres(t), 120, 10, 5) })
}

func killAnywhere(t *testing.T, dsn string, orders, kills, open int) {
	p := begin(t, dsn)
	const skus = 20
	stock := orders // of each, plenty
	for i := range skus {
		code := fmt.Sprintf("SKU-%02d", i)
		p.do("kiotviet", "add_product", map[string]string{"code": code, "name": code, "price": "100000", "on_hand": fmt.Sprint(stock)}, nil)
		p.do("lazada", "add_item", map[string]string{"sku": code, "name": code, "price": "100000", "quantity": fmt.Sprint(stock)}, nil)
	}
	p.connect()
	p.start()

	placed := map[string]bool{}
	sold := map[string]int{}
	place := func(n int) {
		for range n {
			i := len(placed)
			code := fmt.Sprintf("SKU-%02d", i%skus)
			var order struct {
				ID json.Number `json:"order_id"`
			}
			p.do("lazada", "place_order", map[string]string{"sku": code, "quantity": "1", "payment": "COD", "buyer": fmt.Sprint(900000 + i%25)}, &order)
			placed[order.ID.String()] = true
			sold[code]++
		}
	}
	abandoned := func() int {
		return p.world.Journal.Count(func(e sandbox.Entry) bool {
			return e.Route == "POST /orders" && e.Applied && e.Outcome == sandbox.Abandoned
		})
	}
	// received counts the order creations that the POS has carried out.
	received := func() int {
		return p.world.Journal.Count(func(e sandbox.Entry) bool { return e.Route == "POST /orders" && e.Applied })
	}
	for k := range kills {
		place(orders / kills)
		if k < open {
			// The next order is carried out and its answer held back.
			before := abandoned()
			if err := p.world.Faults.Add(sandbox.Rule{Route: "POST /orders", Kind: sandbox.FaultSlow, Times: 1, Delay: time.Minute}); err != nil {
				t.Fatal(err)
			}
			p.until("an order is carried out and not answered", time.Minute, func() bool { return abandoned() > before })
		} else {
			// Some work, then a moment that depends on nothing the hub knows of.
			goal := received() + 1 + int(sandbox.Chance(1, "kill", fmt.Sprint(k))*8)
			p.until("the hub works", time.Minute, func() bool { return received() >= min(goal, len(placed)) })
			_ = (clock.Real{}).Sleep(t.Context(), time.Duration(sandbox.Chance(2, "kill", fmt.Sprint(k))*20)*time.Millisecond)
		}
		p.kill()
		p.start()
	}
	place(orders - len(placed))

	p.until("every order is in the POS", 5*time.Minute, func() bool { return len(p.see("kiotviet", "orders")) >= len(placed) })
	p.until("every channel shows what is left", 3*time.Minute, func() bool {
		for _, row := range p.see("lazada", "items") {
			if fmt.Sprint(row["total"]) != fmt.Sprint(stock) { // total still holds what is promised
				return false
			}
		}
		return true
	})
	p.kill()
	judge(t, p, placed, open, abandoned())
	p.client.CloseIdleConnections()
}

// judge asks the platforms' own ledgers.
func judge(t *testing.T, p *process, placed map[string]bool, open, abandoned int) {
	t.Helper()
	times := map[string]int{}
	for _, row := range p.see("kiotviet", "orders") {
		id := strings.TrimPrefix(fmt.Sprint(row["code"]), "DHLZD_")
		if !placed[id] {
			t.Errorf("the POS has an order %v that nobody placed", row["code"])
		}
		if fmt.Sprint(row["status"]) != "1" {
			t.Errorf("order %v has status %v", row["code"], row["status_value"])
		}
		times[id]++
	}
	for id := range placed {
		if times[id] != 1 {
			t.Errorf("order %s is in the POS %d times", id, times[id])
		}
	}
	if abandoned < open {
		t.Errorf("%d calls were open when the hub was killed, not %d", abandoned, open)
	}
	for name, s := range p.servers {
		if err := s.Invariants(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Logf("%d orders, each in the POS once; %d calls were carried out while nobody read the answer; %d calls in all",
		len(placed), abandoned, len(p.world.Journal.Since(0)))
}
