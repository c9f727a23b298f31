package kiotviet

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/retail"
)

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestMoneyIsRoundedToWholeDong(t *testing.T) {
	for text, want := range map[string]retail.Money{
		"125000": 125000, "125000.0": 125000, "124999.5": 125000, "124999.49": 124999, "-0.5": -1, `"125000"`: 125000, "1.25e5": 125000, "null": 0,
		"0.1": 0, "1.4210854715202004E-14": 0, "4.9e-324": 0, "1e-300": 0, "125000.000000000000000000000": 125000,
	} {
		if got := decode[amount](t, text); retail.Money(got) != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	for _, text := range []string{`"abc"`, "1e999999999", "[1]", `{}`, "123456789012345678901234567890"} {
		var a amount
		if json.Unmarshal([]byte(text), &a) == nil {
			t.Errorf("%s is taken for money", text)
		}
	}
}

func TestQuantitiesAreExactThousandths(t *testing.T) {
	for text, want := range map[string]retail.Qty{
		"14": 14000, "-3": -3000, "0.125": 125, "2.9999999996": 3000, "1.0005": 1001, "999999999": 999999999000, `"1.5"`: 1500, "0": 0,
	} {
		if got := decode[quantity](t, text); retail.Qty(got) != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
	for q, want := range map[retail.Qty]string{2000: "2", 1250: "1.25", 1: "0.001", -500: "-0.5"} {
		if b, _ := json.Marshal(quantity(q)); string(b) != want {
			t.Errorf("%d is written %s, want %s", q, b, want)
		}
	}
}

func TestDatesWithoutZoneAreVietnamese(t *testing.T) {
	want := time.Date(2026, 2, 3, 3, 57, 25, 593_000_000, time.UTC)
	for _, text := range []string{`"2026-02-03T10:57:25.5930000"`, `"2026-02-03T10:57:25.5930000+07:00"`, `"2026-02-03T03:57:25.593Z"`} {
		if got := decode[moment](t, text); !got.Equal(want) {
			t.Errorf("%s: %v", text, got)
		}
	}
	if got := decode[moment](t, `"2026-02-03"`); !got.Equal(time.Date(2026, 2, 2, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("a bare date: %v", got)
	}
	for _, text := range []string{`null`, `""`, `"0001-01-01T00:00:00.0000000"`, `"soon"`, `5`} {
		if got := decode[moment](t, text); !got.IsZero() {
			t.Errorf("%s: %v", text, got)
		}
	}
	if got := stamp(want); got != "2026-02-03T10:57:25" {
		t.Errorf("a request says %s", got)
	}
}

func TestIDsAreTextWhateverTheirForm(t *testing.T) {
	for text, want := range map[string]string{"1000000007": "1000000007", `"1000000007"`: "1000000007", "7.0": "7", "null": "", "0": ""} {
		if got := decode[ident](t, text).some(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for id, want := range map[ident]string{"900123": "900123", "0": "0", "abc": `"abc"`, "007": `"007"`} {
		if b, _ := json.Marshal(id); string(b) != want {
			t.Errorf("%s is written %s, want %s", id, b, want)
		}
	}
	if ident("-1").real() {
		t.Error("a row of sums counts as a row")
	}
}

func TestRemovedIDsHaveFourSpellings(t *testing.T) {
	for _, key := range []string{"removeId", "removeIds", "removedIds", "removedId"} {
		e, err := decodeList[wireBranch]([]byte(`{"total":0,"` + key + `":[5,"6"],"pageSize":100,"timestamp":"2026-02-03T09:15:30.1234567+07:00"}`))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"5", "6"}, e.removed()); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	e, err := decodeList[wireBranch]([]byte(`{"total":0,"removeId":[5],"removedIds":[5,6]}`))
	if diff := cmp.Diff([]string{"5", "6"}, e.removed()); err != nil || diff != "" {
		t.Errorf("both at once: %v %s", err, diff)
	}
}

func TestAnObjectThatIsNoListIsNotAnEmptyList(t *testing.T) {
	for _, body := range []string{`{}`, `{"responseStatus":{"message":"x"}}`, `null`, `<html>`, ``, `[]`} {
		if _, err := decodeList[wireOrder]([]byte(body)); err == nil {
			t.Errorf("%q counts as an empty list", body)
		}
	}
}

func TestObjectsComeFlatOrInData(t *testing.T) {
	for _, body := range []string{
		`{"id":810045,"name":"A"}`, `{"message":"Cập nhật dữ liệu thành công","data":{"id":"810045","name":"A"}}`, `{"Id":810045,"Name":"A"}`,
	} {
		var c wireCustomer
		if err := decodeObject([]byte(body), &c); err != nil || c.ID != "810045" || c.Name != "A" {
			t.Errorf("%s: %+v, %v", body, c, err)
		}
	}
	for _, body := range []string{`{"message":"ok"}`, `{"data":{"name":"A"}}`, `{"id":-1}`, `{"id":0}`, `[]`, `nothing`} {
		if decodeObject([]byte(body), &wireCustomer{}) == nil {
			t.Errorf("%s counts as an object", body)
		}
	}
}

func TestDetailsDrawnAsAnObjectAreOneLine(t *testing.T) {
	o := decode[wireOrder](t, `{"id":1,"orderDetails":{"productId":2,"quantity":"1.5"}}`)
	if len(o.OrderDetails) != 1 || o.OrderDetails[0].Quantity != 1500 {
		t.Errorf("%+v", o.OrderDetails)
	}
	if o = decode[wireOrder](t, `{"id":1,"orderDetails":null}`); len(o.OrderDetails) != 0 {
		t.Errorf("%+v", o.OrderDetails)
	}
}

func TestProductRow(t *testing.T) {
	at := now
	base := decode[wireProduct](t, `{"id":900123,"code":" AO-TRANG-M ","barCode":"893","type":2,"name":"Áo","fullName":"Áo - Trắng - M (cái)",
	 "categoryName":"Áo","masterProductId":900120,"unit":"cái","conversionValue":1,"basePrice":125000.4,"isActive":true,
	 "images":[{"Image":"https://cdn.example.test/a.jpg"}],
	 "inventories":[{"branchId":1000000007,"onHand":-2.5,"reserved":2,"actualReserved":2},{"branchId":8,"onhand":1},{"branchId":9}],
	 "modifiedDate":"2026-02-03T10:57:25.5930000"}`).product(at)
	want := retail.Product{
		ID: "900123", Code: "AO-TRANG-M", Name: "Áo - Trắng - M (cái)", Barcode: "893", Kind: retail.Goods, Unit: "cái", Group: "Áo",
		HeadID: "900120", Per: retail.One, Price: 125000, Active: true, Modified: time.Date(2026, 2, 3, 3, 57, 25, 593_000_000, time.UTC),
		Levels: []retail.Level{
			{ProductID: "900123", BranchID: "1000000007", OnHand: -2500, Reserved: 2000, At: at},
			{ProductID: "900123", BranchID: "8", OnHand: 1000, At: at},
		},
	}
	if diff := cmp.Diff(want, base); diff != "" {
		t.Error(diff)
	}
	box := decode[wireProduct](t, `{"id":5,"masterUnitId":900123,"conversionValue":24,"images":["a"],"isActive":false,"inventories":[{"branchId":8,"onHand":0.58}]}`).product(at)
	if box.BaseID != "900123" || box.Per != retail.Units(24) || box.Levels != nil || box.Active {
		t.Errorf("a further unit: %+v", box)
	}
	combo := decode[wireProduct](t, `{"id":6,"type":1,"inventories":[{"branchId":8,"onHand":3}],
	  "productFormulas":[{"materialId":900123,"quantity":2},{"materialId":5,"quantity":0.5}]}`).product(at)
	if diff := cmp.Diff([]retail.Part{{ProductID: "900123", Qty: 2000}, {ProductID: "5", Qty: 500}}, combo.Parts); diff != "" || combo.Levels != nil || combo.Kind != retail.Combo {
		t.Errorf("a combo: %+v %s", combo, diff)
	}
}
