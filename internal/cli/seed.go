package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/dongbo/dongbo/internal/scenario"
)

// The trial shop: two branches, two price books, 500 products, and 60 Lazada
// orders in all states, some of them older than the connection.
const (
	demoShop     = "demo"
	demoProducts = 500
	demoListed   = 300
)

func seedDemo(ctx context.Context, n *node, b *sandboxes) error {
	if err := n.useSandboxes(ctx, b.info()); err != nil {
		return err
	}
	pos, channel := b.servers["kiotviet"], b.servers["lazada"]
	codes, err := seedCatalogue(pos, channel)
	if err != nil {
		return err
	}
	orders := &demoOrders{desk: channel, codes: codes}
	// What was there before the hub came: LZD-15 imports the pending ones.
	for _, state := range []string{"pending", "pending", "pending", "packed", "shipped", "delivered", "delivered", "cancelled"} {
		if err := orders.place(state); err != nil {
			return err
		}
	}
	if err := connectDemo(ctx, n, b); err != nil {
		return err
	}
	for i := range 52 {
		states := []string{"pending", "packed", "ready", "shipped", "delivered", "pending", "cancelled", "unpaid", "failed", "returned", "pending", "shipped", "two packages", "lost", "repacked"}
		if err := orders.place(states[i%len(states)]); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// seedCatalogue fills the POS and offers a part of it on the channel, with the
// everyday untidiness: a code in the wrong case, one that exists nowhere, and
// one that stands on two items.
func seedCatalogue(pos, channel sandbox.Server) ([]string, error) {
	for _, step := range []struct {
		action string
		fields map[string]string
	}{
		{"add_branch", map[string]string{"name": "Chi nhánh Quận 7"}},
		{"seed_products", map[string]string{"count": fmt.Sprint(demoProducts)}},
		{"add_price_book", map[string]string{"name": "Bảng giá Lazada"}},
		{"add_price_book", map[string]string{"name": "Khuyến mại"}},
	} {
		if err := sandbox.Do(pos, step.action, step.fields, nil); err != nil {
			return nil, err
		}
	}
	products, err := sandbox.See(pos, "products")
	if err != nil {
		return nil, err
	}
	var codes, names, prices []string
	for i, p := range products {
		code, price := fmt.Sprint(p["code"]), whole(p["price"])
		if len(codes) == demoListed || fmt.Sprint(p["type"]) == "3" || strings.Contains(code, ",") {
			continue
		}
		codes, names, prices = append(codes, code), append(names, strings.ReplaceAll(fmt.Sprint(p["full_name"]), ",", " ")), append(prices, fmt.Sprint(price))
		book := map[string]string{"book": "Bảng giá Lazada", "code": code, "price": fmt.Sprint(price + 10_000)}
		if i%4 == 0 {
			book["book"], book["price"] = "Khuyến mại", fmt.Sprint(price-price/10)
		}
		if i%2 == 0 {
			if err := sandbox.Do(pos, "set_price", book, nil); err != nil {
				return nil, err
			}
		}
	}
	if err := sandbox.Do(channel, "seed_items", map[string]string{
		"codes": strings.Join(codes, ","), "names": strings.Join(names, ","), "prices": strings.Join(prices, ","), "quantity": "200"}, nil); err != nil {
		return nil, err
	}
	for _, odd := range []map[string]string{
		{"sku": strings.ToLower(codes[10]) + " ", "name": "Mã viết thường", "price": "99000", "quantity": "3"},
		{"sku": "CHI-CO-TREN-LAZADA", "name": "Hàng chỉ có trên Lazada", "price": "59000", "quantity": "2"},
		{"sku": codes[11], "name": "Mã trùng với mặt hàng khác", "price": "79000", "quantity": "2"},
	} {
		if err := sandbox.Do(channel, "add_item", odd, nil); err != nil {
			return nil, err
		}
	}
	return append(codes[:10:10], codes[12:]...), nil
}

func whole(v any) int64 {
	n, _ := json.Number(fmt.Sprint(v)).Int64()
	return n
}

// connectDemo does what an owner does in the console.
func connectDemo(ctx context.Context, n *node, b *sandboxes) error {
	if err := n.hub.CreateShop(ctx, demoShop, "Thời Trang A"); err != nil {
		return err
	}
	info := b.info()
	owner := scenario.Owner{
		Hub: n.hub, Shop: demoShop, Servers: b.servers, Client: n.transport, Info: func(platform string) map[string]string { return info[platform] },
		Await: func(ctx context.Context, command string) error {
			_, err := n.hub.Wait(ctx, demoShop, command)
			return err
		},
	}
	if _, err := owner.Connect(ctx, "kiotviet", nil); err != nil {
		return err
	}
	if _, err := owner.Connect(ctx, "lazada", map[string]string{
		connector.BranchName: "Chi nhánh trung tâm", connector.ListBookName: "Bảng giá Lazada", connector.PromoBookName: "Khuyến mại",
	}); err != nil {
		return err
	}
	return sandbox.Do(b.servers["lazada"], "set_push", map[string]string{"url": n.hub.URL + "/hooks/lazada"}, nil)
}

// demoOrders places orders and drives them to a state.
type demoOrders struct {
	desk  sandbox.Server
	codes []string
	n     int
}

func (d *demoOrders) place(state string) error {
	d.n++
	pick := func(k int) string { return d.codes[(d.n*7+k*3)%len(d.codes)] }
	skus, quantities := pick(0), "1"
	if d.n%3 == 0 || state == "two packages" {
		skus, quantities = pick(0)+","+pick(1), "1,2"
	}
	payment := "COD"
	if d.n%4 == 1 {
		payment = "MOMO_WALLET"
	}
	paid := "true"
	if state == "unpaid" {
		payment, paid = "NAPAS_ONLINE", "false"
	}
	var placed struct {
		OrderID json.Number   `json:"order_id"`
		Items   []json.Number `json:"order_item_ids"`
	}
	if err := sandbox.Do(d.desk, "place_order", map[string]string{
		"sku": skus, "quantity": quantities, "payment": payment, "paid": paid, "buyer": fmt.Sprint(100200300 + d.n%17),
		"phone": fmt.Sprintf("09%08d", 12345000+d.n%17), "shipping_fee": "16500", "note": []string{"", "Giao giờ hành chính", ""}[d.n%3],
	}, &placed); err != nil {
		return fmt.Errorf("placing an order of %s: %w", skus, err)
	}
	order := map[string]string{"order_id": placed.OrderID.String()}
	for _, action := range map[string][]string{
		"packed": {"pack"}, "ready": {"pack", "ready_to_ship"}, "shipped": {"pack", "ready_to_ship", "ship"},
		"delivered": {"pack", "ready_to_ship", "ship", "deliver"}, "cancelled": {"cancel_order"},
		"failed": {"pack", "ready_to_ship", "ship", "fail_delivery"}, "lost": {"pack", "ready_to_ship", "ship", "lose"},
		"repacked": {"pack", "repack"},
	}[state] {
		if err := sandbox.Do(d.desk, action, order, nil); err != nil {
			return err
		}
	}
	switch state {
	case "two packages":
		return d.split(order, placed.Items)
	case "returned":
		return d.giveBack(order, placed.Items)
	}
	return nil
}

// split ships the first unit and leaves the others packed.
func (d *demoOrders) split(order map[string]string, items []json.Number) error {
	var packed struct {
		PackageID string `json:"package_id"`
	}
	first := map[string]string{"order_id": order["order_id"], "order_item_ids": items[0].String()}
	if err := sandbox.Do(d.desk, "pack", first, &packed); err != nil {
		return err
	}
	for _, action := range []string{"ready_to_ship", "ship"} {
		if err := sandbox.Do(d.desk, action, map[string]string{"order_id": order["order_id"], "package_id": packed.PackageID}, nil); err != nil {
			return err
		}
	}
	return sandbox.Do(d.desk, "pack", order, nil)
}

// giveBack delivers an order and has its buyer send it back.
func (d *demoOrders) giveBack(order map[string]string, items []json.Number) error {
	for _, action := range []string{"pack", "ready_to_ship", "ship", "deliver"} {
		if err := sandbox.Do(d.desk, action, order, nil); err != nil {
			return err
		}
	}
	var back struct {
		ID json.Number `json:"reverse_order_id"`
	}
	if err := sandbox.Do(d.desk, "request_return", map[string]string{"order_id": order["order_id"], "order_item_id": items[0].String(), "reason": "Sai kích cỡ"}, &back); err != nil {
		return err
	}
	return sandbox.Do(d.desk, "agree_return", map[string]string{"reverse_order_id": back.ID.String()}, nil)
}
