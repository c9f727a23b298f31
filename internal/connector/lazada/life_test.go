package lazada_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/connectortest"
	"github.com/dongbo/dongbo/internal/retail"
)

// shop stands a platform up with one connected account.
func shop(t *testing.T, switches map[string]string) (*connectortest.Bench, connector.Channel) {
	b := connectortest.NewBench(t, setup(switches))
	return b, b.Setup.Driver.Channel(b.Account)
}

func readOne(b *connectortest.Bench, c connector.Channel, id string) retail.Order {
	b.Helper()
	got := c.Read(b.Ctx(), []string{id})[0]
	if got.Err != nil {
		b.Fatal(got.Err)
	}
	return got.Order
}

// rule: LZD-21, LZD-24, LZD-26, LZD-27, LZD-28, LZD-29, LZD-30, LZD-33
func TestAnOrdersLife(t *testing.T) {
	for _, carrier := range []string{"off", "on"} {
		b, c := shop(t, map[string]string{"carrier_words": carrier, "package_id_after_repack": "kept"})
		b.Do("add_item", map[string]string{"sku": "A", "quantity": "50"})
		b.Do("add_item", map[string]string{"sku": "B", "price": "33333", "quantity": "50"})
		placed := b.Do("place_order", map[string]string{
			"sku": "A,B", "quantity": "2,1", "shipping_fee": "16501", "voucher_seller": "10001", "voucher_platform": "3334", "note": "Giao giờ hành chính",
		})
		id := fmt.Sprint(placed["order_id"])
		if o := readOne(b, c, id); fmt.Sprint(o.Total) != fmt.Sprint(money(b, placed["buyer_pays"])) || o.Note == "" || !o.COD || !o.Buyer.Masked || o.Buyer.ID == "" {
			t.Errorf("%+v; the buyer pays %v", o, placed["buyer_pays"])
		}
		step := func(action string, fields map[string]string, want retail.Stage, packed bool) {
			t.Helper()
			if action != "" {
				if fields == nil {
					fields = map[string]string{}
				}
				fields["order_id"] = id
				b.Do(action, fields)
				b.Pass(time.Minute)
			}
			o := readOne(b, c, id)
			var sum retail.Money
			for _, l := range o.Lines {
				sum += l.Price - l.Discount + l.Shipping
				if l.Stage != want || (l.Package != "") != packed || l.Qty != retail.One || l.Key.ItemID == "" || l.Key.SKUID == "" {
					t.Errorf("after %s: %+v, want %s", action, l, want)
				}
			}
			if len(o.Lines) != 3 || sum != o.Total {
				t.Errorf("after %s: %d lines, sum %d of %d", action, len(o.Lines), sum, o.Total)
			}
		}
		step("", nil, retail.Pending, false)
		step("pack", nil, retail.Packed, true)
		step("repack", nil, retail.Pending, false)
		step("pack", nil, retail.Packed, true)
		step("ready_to_ship", nil, retail.Ready, true)
		step("ship", nil, retail.Shipped, true)
		step("fail_delivery", nil, retail.Failed, true)
		step("ship_back", nil, retail.Failed, true)
		if carrier == "off" {
			step("shipped_back", nil, retail.BackAtSeller, true)
		}

		id = fmt.Sprint(b.Do("place_order", map[string]string{"sku": "A", "quantity": "3", "payment": "MOMO_WALLET", "paid": "false"})["order_id"])
		step("", nil, retail.Unpaid, false)
		step("pay_order", nil, retail.Pending, false)
		if readOne(b, c, id).COD {
			t.Error("a wallet is COD")
		}
		step("pack", nil, retail.Packed, true)
		step("ready_to_ship", nil, retail.Ready, true)
		step("ship", nil, retail.Shipped, true)
		step("deliver", nil, retail.Delivered, true)

		id = fmt.Sprint(b.Do("place_order", map[string]string{"sku": "A", "quantity": "3"})["order_id"])
		step("pack", nil, retail.Packed, true)
		step("ready_to_ship", nil, retail.Ready, true)
		step("ship", nil, retail.Shipped, true)
		step("lose", nil, retail.Lost, true)

		id = fmt.Sprint(b.Do("place_order", map[string]string{"sku": "A", "quantity": "3"})["order_id"])
		step("cancel_order", nil, retail.Cancelled, false)
	}
}

func money(b *connectortest.Bench, v any) retail.Money {
	var n int64
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		b.Fatal(err)
	}
	return retail.Money(n)
}

// §12.4: a promotion that is in force ends where equality is refused.
//
// rule: LZD-13, LZD-14
func TestPromotionEndsWhereEqualityIsRefused(t *testing.T) {
	for _, strict := range []string{"off", "on"} {
		b, c := shop(t, map[string]string{"strict_special_price": strict})
		codes := addListings(b, 2)
		on, err := c.ReadListings(b.Ctx(), codes)
		if err != nil || len(on) != 2 {
			t.Fatal(on, err)
		}
		row := func(n int, list, special retail.Money) connector.PriceRow {
			return connector.PriceRow{Key: on[n].Key, Code: on[n].Code, Price: list, Special: special}
		}
		for _, rows := range [][]connector.PriceRow{
			{row(0, 100_000, 80_000), row(1, 100_000, 70_000)},
			{row(0, 90_000, 90_000), row(1, 60_000, 60_000)}, // above and below the stored special
			{row(0, 95_000, 50_000), row(1, 60_000, 60_000)}, // and again
		} {
			for i, r := range c.SetPrice(b.Ctx(), rows) {
				if r.Outcome != connector.Done {
					t.Fatalf("strict %s: row %d is %s, %v", strict, i, r.Outcome, r.Err)
				}
			}
			now, err := c.ReadListings(b.Ctx(), codes)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range now {
				pays := l.Price
				if l.Special > 0 {
					pays = l.Special
				}
				if l.Price != rows[i].Price || pays != rows[i].Special {
					t.Errorf("strict %s: buyers see %d and pay %d, want %d and %d", strict, l.Price, pays, rows[i].Price, rows[i].Special)
				}
			}
		}
	}
}

// rule: LZD-12
func TestTotalStockCountsWhatLazadaHolds(t *testing.T) {
	b, c := shop(t, nil)
	codes := addListings(b, 1)
	b.Do("place_order", map[string]string{"sku": string(codes[0]), "quantity": "3"})
	read := func() retail.Listing {
		t.Helper()
		on, err := c.ReadListings(b.Ctx(), codes)
		if err != nil || len(on) != 1 {
			t.Fatal(on, err)
		}
		return on[0]
	}
	l := read()
	if l.Sellable != 7 || l.Total() != 10 {
		t.Errorf("%+v", l)
	}
	got := c.SetStock(b.Ctx(), []connector.StockRow{{Key: l.Key, Code: l.Code, Word: connector.TotalStock, Qty: 8}})
	if l = read(); got[0].Outcome != connector.Done || l.Sellable != 5 || l.Total() != 8 {
		t.Errorf("%+v, %+v", got, l)
	}
	got = c.SetStock(b.Ctx(), []connector.StockRow{{Key: l.Key, Code: l.Code, Word: connector.TotalStock, Qty: 2}})
	if l = read(); got[0].Outcome != connector.Refused || l.Total() != 8 {
		t.Errorf("below what open orders hold: %+v, %+v", got, l)
	} else if connector.KindOf(got[0].Err, true) != connector.Locked {
		t.Error(got[0].Err)
	}
}

// §15 quirks 10 and 11
func TestCodesOnSeveralItems(t *testing.T) {
	b, c := shop(t, nil)
	b.Do("add_item", map[string]string{"sku": "DÙNG CHUNG/1"})
	b.Do("add_item", map[string]string{"sku": "DÙNG CHUNG/1", "status": "inactive"})
	b.Do("add_item", map[string]string{"sku": "dùng chung/1", "status": "deleted"})
	got, err := c.ReadListings(b.Ctx(), []retail.SKU{"DÙNG CHUNG/1", "dùng chung/1", "none"})
	if err != nil || len(got) != 3 {
		t.Fatal(got, err)
	}
	for i, want := range []retail.Listing{{Active: true}, {}, {Removed: true}} {
		if got[i].Active != want.Active || got[i].Removed != want.Removed {
			t.Errorf("%d: %+v", i, got[i])
		}
	}
}

// §15 quirk 12
func TestPushBeforeTheOrderIsReadable(t *testing.T) {
	b, c := shop(t, map[string]string{"visibility_delay": "45s"})
	codes := addListings(b, 1)
	id := placeOrders(b, 1, codes[0])[0]
	if got := c.Read(b.Ctx(), []string{id})[0]; connector.KindOf(got.Err, false) != connector.NotFound {
		t.Errorf("%+v", got)
	}
	page, err := c.Orders(b.Ctx(), "")
	if err != nil || !page.Until.Before(b.World.Now().Add(-time.Minute)) {
		t.Errorf("everything is said to be seen until %s: %v", page.Until, err)
	}
	b.Pass(time.Minute)
	readOne(b, c, id)
}
