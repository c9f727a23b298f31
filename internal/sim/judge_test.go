package sim

import (
	"fmt"
	"strings"
)

// judge asks the platforms' own ledgers whether the hub was right. The numbers
// of the invariants are those of the reliability plan.
func (d *day) judge() {
	items := map[string][]map[string]any{} // Lazada order → units
	for _, r := range d.see("lazada", "order_items") {
		id := fmt.Sprint(r["order_id"])
		items[id] = append(items[id], r)
	}
	documents := map[string][]map[string]any{} // Lazada order → POS orders
	for _, o := range d.see("kiotviet", "orders") {
		documents[orderOf(o)] = append(documents[orderOf(o)], o)
	}
	invoices := map[string][]map[string]any{} // POS order code → live invoices
	for _, i := range d.see("kiotviet", "invoices") {
		if fmt.Sprint(i["status"]) != "2" {
			code := fmt.Sprint(i["order_code"])
			invoices[code] = append(invoices[code], i)
		}
	}
	for id, units := range items {
		d.judgeOrder(id, units, documents[id], invoices)
	}
	d.judgeStock(items)
}

// orderOf reads the Lazada order out of a POS order's description, where the
// hub's mark stands whether or not the POS kept the code.
func orderOf(o map[string]any) string {
	_, after, _ := strings.Cut(fmt.Sprint(o["description"]), "[DB:lazada:")
	_, after, _ = strings.Cut(after, ":")
	id, _, _ := strings.Cut(after, "]")
	return id
}

// I1: no lost order. I2: no duplicate. I3: the money. One package, one invoice.
func (d *day) judgeOrder(id string, units, documents []map[string]any, invoices map[string][]map[string]any) {
	var live []map[string]any
	for _, o := range documents {
		if fmt.Sprint(o["status"]) != "4" {
			live = append(live, o)
		}
	}
	alive, pays := 0, int64(0)
	packages := map[string]string{} // that have left → status of their units
	for _, u := range units {
		status := fmt.Sprint(u["status"])
		if status == "canceled" || status == "unpaid" {
			continue
		}
		alive++
		pays += number(u["paid_price"])
		switch status {
		case "shipped", "delivered", "failed_delivery":
			packages[fmt.Sprint(u["package_id"])] = status
		}
	}
	switch {
	case alive == 0 && len(live) > 0:
		d.t.Errorf("order %s is cancelled and lives on in the POS as %v", id, live[0]["code"])
	case alive > 0 && len(live) == 0:
		d.t.Errorf("I1: order %s is not in the POS", id)
	case len(live) > 1:
		d.t.Errorf("I2: order %s is in the POS %d times", id, len(live))
	case alive > 0 && number(live[0]["total"]) != pays:
		d.t.Errorf("I3: order %s costs %d on Lazada and %v in the POS", id, pays, live[0]["total"])
	}
	if alive == 0 || len(live) != 1 {
		return
	}
	made := invoices[fmt.Sprint(live[0]["order_code"])]
	if len(made) == 0 {
		made = invoices[fmt.Sprint(live[0]["code"])]
	}
	if len(made) != len(packages) {
		d.t.Errorf("order %s has %d packages on the road and %d invoices", id, len(packages), len(made))
		return
	}
	sum := int64(0)
	for _, i := range made {
		sum += number(i["total"])
		if i["cod_amount"] != nil && number(i["cod_amount"]) != number(i["total"]) {
			d.t.Errorf("invoice %v of %v collects %v", i["code"], i["total"], i["cod_amount"])
		}
	}
	for _, status := range packages {
		want := map[string]string{"shipped": "2", "delivered": "3", "failed_delivery": "4"}[status]
		found := false
		for _, i := range made {
			found = found || fmt.Sprint(i["delivery_status"]) == want
		}
		if !found {
			d.t.Errorf("I9: order %s has a package %s and no invoice says so", id, status)
		}
	}
	if len(packages) > 0 && sum > pays {
		d.t.Errorf("I3: order %s costs %d and its invoices %d", id, pays, sum)
	}
}

// I4: at rest every channel shows exactly what the rule says.
func (d *day) judgeStock(items map[string][]map[string]any) {
	promised, own := map[string]int64{}, map[string]int64{}
	for _, units := range items {
		for _, u := range units {
			sku := fmt.Sprint(u["sku"])
			switch fmt.Sprint(u["status"]) {
			case "unpaid", "pending", "packed", "ready_to_ship_pending":
				promised[sku]++
				own[sku]++
			case "ready_to_ship":
				promised[sku]++
			}
		}
	}
	onHand := map[string]int64{}
	for _, r := range d.see("kiotviet", "stock") {
		onHand[fmt.Sprint(r["code"])] += number(r["on_hand"])
	}
	prices := map[string]int64{}
	for _, r := range d.see("kiotviet", "products") {
		prices[fmt.Sprint(r["code"])] = number(r["price"])
	}
	for _, r := range d.see("lazada", "items") {
		sku := fmt.Sprint(r["sku"])
		if want := max(0, onHand[sku]-promised[sku]); number(r["sellable"]) != want {
			d.t.Errorf("I4: Lazada sells %v of %s; %d are in the house and %d promised", r["sellable"], sku, onHand[sku], promised[sku])
		}
		if number(r["price"]) != prices[sku] {
			d.t.Logf("price of %s: %v on Lazada, %d in the POS (a big change waits for a click)", sku, r["price"], prices[sku])
		}
	}
}

func number(v any) int64 {
	var n int64
	_, _ = fmt.Sscan(fmt.Sprint(v), &n)
	return n
}
