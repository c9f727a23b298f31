package kiotviet

import (
	"context"
	"net/url"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// wireProduct is a row of GET /products and the body of GET /products/{id}
// (kiotviet.md §4.2.2). Images, taxes and the rest are not read.
type wireProduct struct {
	ID              ident
	Code            string
	BarCode         string
	Type            code
	Name            string
	FullName        string
	CategoryName    string
	Unit            string
	MasterUnitID    ident
	MasterProductID ident
	ConversionValue *quantity
	BasePrice       amount
	IsActive        *flag
	ModifiedDate    moment
	Inventories     list[wireInventory]
	ProductFormulas list[wirePart]
}

// wireInventory is the stock of one product at one branch (§4.2.3).
type wireInventory struct {
	BranchID ident
	OnHand   *quantity
	Reserved *quantity
}

// wirePart is a component of a combo.
type wirePart struct {
	MaterialID ident
	Quantity   quantity
}

// productType 1 is a combo and 3 a service (§6).
var productKinds = map[code]retail.ProductKind{1: retail.Combo, 2: retail.Goods, 3: retail.Service}

// product translates a row; at is when it was asked for.
func (w wireProduct) product(at time.Time) retail.Product {
	p := retail.Product{
		ID: w.ID.some(), Code: retail.NewSKU(w.Code), Name: w.FullName, Barcode: w.BarCode,
		Kind: productKinds[w.Type], Unit: w.Unit, Group: w.CategoryName,
		HeadID: w.MasterProductID.some(), BaseID: w.MasterUnitID.some(), Per: retail.One,
		Price: retail.Money(w.BasePrice), Active: w.IsActive == nil || bool(*w.IsActive),
		Modified: w.ModifiedDate.Time,
	}
	if p.Name == "" {
		p.Name = w.Name
	}
	if p.Kind == "" {
		p.Kind = retail.Goods
	}
	if p.HeadID == p.ID {
		p.HeadID = ""
	}
	if p.BaseID == p.ID {
		p.BaseID = ""
	}
	if p.BaseID != "" && w.ConversionValue != nil && *w.ConversionValue > 0 {
		p.Per = retail.Qty(*w.ConversionValue)
	}
	if p.Kind == retail.Combo {
		for _, part := range w.ProductFormulas {
			if part.MaterialID.real() {
				p.Parts = append(p.Parts, retail.Part{ProductID: part.MaterialID.some(), Qty: retail.Qty(part.Quantity)})
			}
		}
	}
	if p.BaseID == "" && p.Kind == retail.Goods {
		p.Levels = w.levels(at)
	}
	return p
}

// levels returns the stock rows. Only goods in their base unit have any: a
// further unit shows the same stock divided (§4.2.4), a combo that of its
// parts, a service none. A row without onHand says nothing.
func (w wireProduct) levels(at time.Time) []retail.Level {
	var out []retail.Level
	for _, row := range w.Inventories {
		if row.OnHand == nil || !row.BranchID.real() {
			continue
		}
		level := retail.Level{ProductID: w.ID.some(), BranchID: row.BranchID.some(), OnHand: retail.Qty(*row.OnHand), At: at}
		if row.Reserved != nil {
			level.Reserved = retail.Qty(*row.Reserved)
		}
		out = append(out, level)
	}
	return out
}

// productList is every product: trading and stopped (isActive left out), each
// variant and each unit as a row of its own. Without includeInventory the list
// has silently no stock (§4.2.1).
func productList(inventory bool) source[wireProduct] {
	q := url.Values{}
	if inventory {
		q.Set("includeInventory", "true")
		q.Set("includeMaterial", "true")
	}
	q.Set("includeRemoveIds", "true")
	return source[wireProduct]{
		route: "/products", path: "/products", query: q, key: "id", changed: true,
		id: func(p wireProduct) ident { return p.ID },
	}
}

// products is the feed of the catalogue. Deleted products come with the last
// page of a walk. A walk from "" brings the whole catalogue in the order of
// ids; later ones what changed since the walk before.
//
// Whether a movement of stock, or of a price book, moves a product's
// modifiedDate is unknown (§11): only a walk from "" compares every number
// (SYN-02). It costs one GET for 99 products.
func (s shop) products(ctx context.Context, after connector.Cursor) (connector.Page[retail.Product], error) {
	at := s.account.Now() // the rows are at least as new as this
	return feed(s, productList(true),
		func(w wireProduct) (retail.Product, bool) { return w.product(at), w.ID.real() },
		func(id string) retail.Product { return retail.Product{ID: id, Per: retail.One, Removed: true} },
	)(ctx, after)
}

// few is how many products are read one by one without asking how long the
// list is.
const few = 3

// levels reads the present stock of some products at all branches.
//
// GETs are scarce (§3.7), so it spends the fewer of one read per product and
// the rest of the list: up to three products cost one each; otherwise the first
// page of 100 tells how many pages there are, and the rest costs
// min(products not on it, further pages). The list is /products, not
// /productOnHands: both bring 100 rows for a GET, and only the former tells
// which rows are further units, whose numbers must not be taken for stock.
//
// Ids of further units, combos, services and deleted products bring nothing.
func (s shop) levels(ctx context.Context, ids []string) ([]retail.Level, error) {
	wanted := map[string]bool{}
	var order []string
	for _, id := range ids {
		if id != "" && !wanted[id] {
			wanted[id] = true
			order = append(order, id)
		}
	}
	var out []retail.Level
	take := func(w wireProduct, at time.Time) {
		if id := w.ID.some(); wanted[id] {
			delete(wanted, id)
			out = append(out, w.product(at).Levels...)
		}
	}
	if len(order) > few {
		src, p := productList(true), place{}
		src.query.Del("includeRemoveIds")
		src.query.Del("includeMaterial")
		for {
			at := s.account.Now()
			page, err := turn(ctx, s, src, p)
			if err != nil {
				return nil, err
			}
			for _, w := range page.rows {
				take(w, at)
			}
			further := (page.total - page.next.At + pageSize - 2) / (pageSize - 1)
			if !page.more || len(wanted) <= further {
				break
			}
			p = page.next
		}
	}
	for _, id := range order {
		if !wanted[id] {
			continue
		}
		at := s.account.Now()
		w, err := object[wireProduct](ctx, s, "/products/{id}", "/products/"+url.PathEscape(id))
		if connector.KindOf(err, false) == connector.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		take(w, at)
	}
	return out, nil
}

// wireBranch is a row of GET /branches (§4.7).
type wireBranch struct {
	ID         ident
	BranchName string
}

// branches lists the active branches.
func (s shop) branches(ctx context.Context) ([]retail.Branch, error) {
	rows, err := all(ctx, s, source[wireBranch]{route: "/branches", path: "/branches", id: func(b wireBranch) ident { return b.ID }})
	if err != nil {
		return nil, err
	}
	var out []retail.Branch
	for _, b := range rows {
		if b.ID.real() {
			out = append(out, retail.Branch{ID: b.ID.some(), Name: b.BranchName})
		}
	}
	return out, nil
}

// wireSurchargeType is a row of GET /surchages (§4.8).
type wireSurchargeType struct {
	ID            ident
	SurchargeCode string
	Value         amount
}

// surcharges lists the active surcharges; KiotViet does not list the others. A
// percentage (valueRatio) has no place in retail.Surcharge: its amount is 0.
func (s shop) surcharges(ctx context.Context) ([]retail.Surcharge, error) {
	rows, err := all(ctx, s, source[wireSurchargeType]{route: "/surchages", path: "/surchages", id: func(x wireSurchargeType) ident { return x.ID }})
	if err != nil {
		return nil, err
	}
	var out []retail.Surcharge
	for _, x := range rows {
		if x.ID.real() {
			out = append(out, retail.Surcharge{ID: x.ID.some(), Code: x.SurchargeCode, Amount: retail.Money(x.Value)})
		}
	}
	return out, nil
}
