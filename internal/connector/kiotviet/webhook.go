package kiotviet

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"path"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// webhook verifies a delivery over its raw bytes and names what to look at
// (kiotviet.md §5). The reply is 200 in every case: KiotViet ends a feed that
// answers 401, 403 or 404, and gives no notice of it (SYN-04).
//
// Events may have an empty ID: something of that kind changed, and the delivery
// did not say what.
func webhook(keys connector.Keys, r *http.Request, body []byte) ([]connector.Event, connector.Reply, error) {
	reply := connector.Reply{Status: http.StatusOK}
	if !signed(keys.Hook, r.Header.Get("X-Hub-Signature"), body) {
		return nil, reply, connector.Errorf(connector.Forbidden, "kiotviet.wrong_signature", "the signature of a delivery does not fit")
	}
	var d delivery
	if err := json.Unmarshal(body, &d); err != nil {
		return nil, reply, connector.Errorf(connector.Rejected, "kiotviet.unreadable_delivery", "reading a delivery: %w", withoutValues(err))
	}
	var events []connector.Event
	if len(d.RemoveID) > 0 {
		d.Notifications = append(d.Notifications, notification{Data: idList(d.RemoveID)})
	}
	for _, n := range d.Notifications {
		kind := kindOf(n.Action)
		if kind == "" {
			kind = kindOf(path.Base(r.URL.Path))
		}
		events = append(events, n.events(kind)...)
	}
	if events == nil {
		events = []connector.Event{{Object: connector.NothingObject}}
	}
	return events, reply, nil
}

// signed checks X-Hub-Signature: HMAC-SHA-256 of the body, written as hex with
// the prefix "sha1=", which is a slip of KiotViet's library and not the
// algorithm (§5.5). Integrators disagree on the key, so the registered text
// and what it means as base64 both count, and so do the prefixes sha256= and
// none and a digest in base64. Without a secret of ours nothing is signed.
func signed(secret, header string, body []byte) bool {
	if secret == "" || header == "" {
		return false
	}
	digest := strings.TrimSpace(header)
	if name, rest, ok := strings.Cut(digest, "="); ok && (strings.EqualFold(name, "sha1") || strings.EqualFold(name, "sha256")) {
		digest = rest
	}
	var claimed [][]byte
	if b, err := hex.DecodeString(digest); err == nil {
		claimed = append(claimed, b)
	}
	if b, err := base64.StdEncoding.DecodeString(digest); err == nil {
		claimed = append(claimed, b)
	}
	keys := [][]byte{[]byte(secret)}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(secret); err == nil && len(b) > 0 {
			keys = append(keys, b)
			break
		}
	}
	ok := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Write(body)
		sum := mac.Sum(nil)
		for _, c := range claimed {
			ok = hmac.Equal(sum, c) || ok
		}
	}
	return ok
}

// delivery is the envelope (§5.3), or the bare RemoveId that the documentation
// draws for deletions.
type delivery struct {
	Notifications list[notification]
	RemoveID      list[ident]
}

type notification struct {
	Action string
	Data   list[json.RawMessage]
}

func idList(ids []ident) list[json.RawMessage] {
	var out list[json.RawMessage]
	for _, id := range ids {
		b, _ := id.MarshalJSON()
		out = append(out, b)
	}
	return out
}

// kindOf takes the first two segments of an action: live ones end in the
// retailer's id. "" if it is no action.
func kindOf(action string) string {
	parts := strings.Split(strings.ToLower(strings.TrimSpace(action)), ".")
	if len(parts) < 2 || parts[1] != "update" && parts[1] != "delete" {
		return ""
	}
	return parts[0] + "." + parts[1]
}

// objects are the events that name something by id alone.
var objects = map[string]connector.Object{
	"order.update":     connector.POSOrderObject,
	"invoice.update":   connector.InvoiceObject,
	"product.update":   connector.ProductObject,
	"product.delete":   connector.ProductObject,
	"pricebook.update": connector.BookObject,
	"pricebook.delete": connector.BookObject,
	"customer.update":  connector.CustomerObject,
	"customer.delete":  connector.CustomerObject,
}

// events translates the items of one notification. An item that cannot be read
// becomes an event without ID.
func (n notification) events(kind string) []connector.Event {
	var out []connector.Event
	for _, item := range n.Data {
		switch kind {
		case "stock.update":
			out = append(out, stockEvent(item))
		case "pricebookdetail.update":
			out = append(out, priceEvent(item))
		case "pricebookdetail.delete":
			out = append(out, removedPrices(item)...)
		default:
			object := objects[kind]
			if object == "" {
				object = connector.NothingObject
			}
			out = append(out, idEvents(object, item)...)
		}
	}
	return out
}

// idEvents reads {Id, ModifiedDate, …}, a bare id or {"RemoveId": […]} (§5.3).
func idEvents(object connector.Object, item json.RawMessage) []connector.Event {
	if item = bytes.TrimSpace(item); len(item) > 0 && item[0] != '{' {
		var id ident
		_ = json.Unmarshal(item, &id)
		return []connector.Event{{Object: object, ID: id.some()}}
	}
	var x struct {
		ID           ident
		ModifiedDate moment
		RemoveID     list[ident]
	}
	_ = json.Unmarshal(item, &x)
	if len(x.RemoveID) == 0 {
		return []connector.Event{{Object: object, ID: x.ID.some(), At: x.ModifiedDate.Time}}
	}
	var out []connector.Event
	for _, id := range x.RemoveID {
		out = append(out, connector.Event{Object: object, ID: id.some()})
	}
	return out
}

// stockEvent reads an item of stock.update, the whole state of one product at
// one branch. It carries no date and no version, and ProductID is the row that
// KiotViet names: for a further unit that is not the product whose stock it is.
// Without both numbers it only says: look again.
func stockEvent(item json.RawMessage) connector.Event {
	var x struct {
		ProductID ident
		wireInventory
	}
	e := connector.Event{Object: connector.LevelObject}
	if json.Unmarshal(item, &x) != nil {
		return e
	}
	e.ID = x.ProductID.some()
	if x.ProductID.real() && x.BranchID.real() && x.OnHand != nil && x.Reserved != nil {
		e.Level = &retail.Level{
			ProductID: e.ID, BranchID: x.BranchID.some(),
			OnHand: retail.Qty(*x.OnHand), Reserved: retail.Qty(*x.Reserved),
		}
	}
	return e
}

// priceEvent reads an item of pricebookdetail.update. ID is the product's.
func priceEvent(item json.RawMessage) connector.Event {
	var x wirePrice
	e := connector.Event{Object: connector.PriceObject}
	if json.Unmarshal(item, &x) != nil {
		return e
	}
	e.ID = x.ProductID.some()
	if x.ProductID.real() && x.PriceBookID != "" && x.Price != nil {
		e.Price = &retail.PriceLine{BookID: string(x.PriceBookID), ProductID: e.ID, Price: retail.Money(*x.Price)}
	}
	return e
}

// removedPrices reads an item of pricebookdetail.delete: a book and the
// products that it no longer has.
func removedPrices(item json.RawMessage) []connector.Event {
	var x wirePrice
	if json.Unmarshal(item, &x) != nil || x.PriceBookID == "" {
		return []connector.Event{{Object: connector.PriceObject}}
	}
	ids := x.ProductIDs
	if x.ProductID.real() {
		ids = append(ids, x.ProductID)
	}
	var out []connector.Event
	for _, id := range ids {
		out = append(out, connector.Event{
			Object: connector.PriceObject, ID: id.some(),
			Price: &retail.PriceLine{BookID: string(x.PriceBookID), ProductID: id.some(), Removed: true},
		})
	}
	if out == nil {
		out = []connector.Event{{Object: connector.PriceObject}}
	}
	return out
}
