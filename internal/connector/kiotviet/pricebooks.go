package kiotviet

import (
	"context"
	"net/url"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// wireBook is a row of GET /pricebooks and an item of pricebook.update
// (kiotviet.md §4.3).
type wireBook struct {
	ID                ident
	Name              string
	IsActive          *flag
	StartDate         moment
	EndDate           moment
	PriceBookBranches list[struct{ BranchID ident }]
}

// book translates a row. isGlobal is not read: it may mean "the general list"
// or "for all branches" (§4.3, disputed). Limits to customer groups or users
// have no place in retail.PriceBook.
func (w wireBook) book() retail.PriceBook {
	b := retail.PriceBook{
		ID: string(w.ID), Name: w.Name, Active: w.IsActive == nil || bool(*w.IsActive),
		From: w.StartDate.Time, To: w.EndDate.Time,
	}
	for _, x := range w.PriceBookBranches {
		if x.BranchID.real() {
			b.Branches = append(b.Branches, x.BranchID.some())
		}
	}
	return b
}

// generalName is what KiotViet's screens call the base price.
const generalName = "Bảng giá chung"

// priceBooks lists the shop's books. KiotViet does not list the general one; it
// comes first here, under retail.GeneralBook.
func (s shop) priceBooks(ctx context.Context) ([]retail.PriceBook, error) {
	rows, err := all(ctx, s, source[wireBook]{
		route: "/pricebooks", path: "/pricebooks", query: url.Values{"includePriceBookBranch": {"true"}},
		id: func(b wireBook) ident { return b.ID },
	})
	if err != nil {
		return nil, err
	}
	out := []retail.PriceBook{{ID: retail.GeneralBook, Name: generalName, Active: true}}
	for _, b := range rows {
		if b.ID.real() {
			out = append(out, b.book())
		}
	}
	return out, nil
}

// wirePrice is a line of GET /pricebooks/{id}, an item of pricebookdetail.update
// and, with ProductIDs, one of pricebookdetail.delete (§5.4).
type wirePrice struct {
	PriceBookID ident
	ProductID   ident
	ProductIDs  list[ident]
	Price       *amount
}

// prices lists the lines of one book; of the general book the base price of
// every product. After a whole walk from "" the cursor goes on with what
// changed. KiotViet does not tell removed lines here, only by webhook: a walk
// from "" is the truth about what a book lacks.
func (s shop) prices(ctx context.Context, bookID string, after connector.Cursor) (connector.Page[retail.PriceLine], error) {
	if bookID == retail.GeneralBook {
		return feed(s, productList(false),
			func(w wireProduct) (retail.PriceLine, bool) {
				return retail.PriceLine{BookID: bookID, ProductID: w.ID.some(), Price: retail.Money(w.BasePrice)}, w.ID.real()
			},
			func(id string) retail.PriceLine {
				return retail.PriceLine{BookID: bookID, ProductID: id, Removed: true}
			},
		)(ctx, after)
	}
	return feed(s, source[wirePrice]{
		route: "/pricebooks/{id}", path: "/pricebooks/" + url.PathEscape(bookID), key: "productId", changed: true,
		id: func(p wirePrice) ident { return p.ProductID },
	}, func(w wirePrice) (retail.PriceLine, bool) {
		if !w.ProductID.real() || w.Price == nil {
			return retail.PriceLine{}, false
		}
		return retail.PriceLine{BookID: bookID, ProductID: w.ProductID.some(), Price: retail.Money(*w.Price)}, true
	}, nil)(ctx, after)
}
