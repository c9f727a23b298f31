package store

import (
	"github.com/dongbo/dongbo/internal/retail"
)

// PutProduct stores a product as the POS states it, without its levels.
func (w Writer) PutProduct(p retail.Product) error {
	p.Levels = nil
	if err := w.exec("storing product", `INSERT INTO products (shop_id, id, code, base_id, name, active, removed, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (shop_id, id) DO UPDATE SET code = excluded.code, base_id = excluded.base_id, name = excluded.name,
			active = excluded.active, removed = excluded.removed, document = excluded.document`,
		w.shop, p.ID, string(p.Code), p.Base(), p.Name, p.Active, p.Removed, document(p)); err != nil {
		return err
	}
	if err := w.exec("storing parts", `DELETE FROM parts WHERE shop_id = $1 AND product_id = $2`, w.shop, p.ID); err != nil {
		return err
	}
	for _, part := range p.Parts {
		if err := w.exec("storing parts", `INSERT INTO parts (shop_id, product_id, part_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			w.shop, p.ID, part.ProductID); err != nil {
			return err
		}
	}
	return nil
}

func scanProduct(s scanner) (retail.Product, error) {
	var p retail.Product
	doc, err := text(s)
	if err != nil {
		return p, err
	}
	return p, parse(doc, &p)
}

// Product returns one product.
func (r Reader) Product(id string) (retail.Product, bool, error) {
	return one(r.v, "reading product", scanProduct, `SELECT document FROM products WHERE shop_id = $1 AND id = $2`, r.shop, id)
}

// ProductsByCode returns the products with a code, removed ones left out.
func (r Reader) ProductsByCode(code retail.SKU) ([]retail.Product, error) {
	return rows(r.v, "reading products", scanProduct, `SELECT document FROM products WHERE shop_id = $1 AND code = $2 AND removed = $3 ORDER BY id`,
		r.shop, string(code), false)
}

// Products lists the catalogue.
func (r Reader) Products() ([]retail.Product, error) {
	return rows(r.v, "listing products", scanProduct, `SELECT document FROM products WHERE shop_id = $1 ORDER BY code, id`, r.shop)
}

// Siblings returns the ids of every product whose number depends on one of
// these base products: units of it, and combos that hold it.
func (r Reader) Siblings(baseID string) ([]string, error) {
	return rows(r.v, "listing siblings", text, `SELECT id FROM products WHERE shop_id = $1 AND base_id = $2
		UNION SELECT product_id FROM parts WHERE shop_id = $1 AND part_id = $2 ORDER BY 1`, r.shop, baseID)
}

// PutLevel stores a level and tells whether it differs from what was there.
func (w Writer) PutLevel(l retail.Level) (changed bool, err error) {
	was, found, err := w.Level(l.ProductID, l.BranchID)
	if err != nil || found && was.OnHand == l.OnHand && was.Reserved == l.Reserved {
		return false, err
	}
	return true, w.exec("storing level", `INSERT INTO levels (shop_id, product_id, branch_id, on_hand, reserved, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (shop_id, product_id, branch_id) DO UPDATE SET on_hand = excluded.on_hand, reserved = excluded.reserved, at = excluded.at`,
		w.shop, l.ProductID, l.BranchID, int64(l.OnHand), int64(l.Reserved), micros(l.At))
}

func scanLevel(s scanner) (retail.Level, error) {
	var l retail.Level
	var at int64
	err := s.Scan(&l.ProductID, &l.BranchID, &l.OnHand, &l.Reserved, &at)
	l.At = instant(at)
	return l, err
}

// Level returns the stored level of a base product at a branch.
func (r Reader) Level(productID, branchID string) (retail.Level, bool, error) {
	return one(r.v, "reading level", scanLevel, `SELECT product_id, branch_id, on_hand, reserved, at FROM levels
		WHERE shop_id = $1 AND product_id = $2 AND branch_id = $3`, r.shop, productID, branchID)
}

// Levels returns the stored levels of a base product.
func (r Reader) Levels(productID string) ([]retail.Level, error) {
	return rows(r.v, "reading levels", scanLevel, `SELECT product_id, branch_id, on_hand, reserved, at FROM levels
		WHERE shop_id = $1 AND product_id = $2 ORDER BY branch_id`, r.shop, productID)
}

// PutBranches replaces the shop's branches.
func (w Writer) PutBranches(branches []retail.Branch) error {
	if err := w.exec("storing branches", `DELETE FROM branches WHERE shop_id = $1`, w.shop); err != nil {
		return err
	}
	for _, b := range branches {
		if err := w.exec("storing branches", `INSERT INTO branches (shop_id, id, name) VALUES ($1, $2, $3)`, w.shop, b.ID, b.Name); err != nil {
			return err
		}
	}
	return nil
}

// Branches lists the shop's branches.
func (r Reader) Branches() ([]retail.Branch, error) {
	return rows(r.v, "listing branches", func(s scanner) (retail.Branch, error) {
		var b retail.Branch
		err := s.Scan(&b.ID, &b.Name)
		return b, err
	}, `SELECT id, name FROM branches WHERE shop_id = $1 ORDER BY name, id`, r.shop)
}

// PutPriceBooks replaces the shop's price books and forgets the lines of those
// that are gone.
func (w Writer) PutPriceBooks(books []retail.PriceBook) error {
	if err := w.exec("storing price books", `DELETE FROM price_books WHERE shop_id = $1`, w.shop); err != nil {
		return err
	}
	for _, b := range books {
		if err := w.exec("storing price books", `INSERT INTO price_books (shop_id, id, document) VALUES ($1, $2, $3)`, w.shop, b.ID, document(b)); err != nil {
			return err
		}
	}
	return w.exec("storing price books", `DELETE FROM prices WHERE shop_id = $1 AND book_id NOT IN (SELECT id FROM price_books WHERE shop_id = $1)`, w.shop)
}

func scanBook(s scanner) (retail.PriceBook, error) {
	var b retail.PriceBook
	doc, err := text(s)
	if err != nil {
		return b, err
	}
	return b, parse(doc, &b)
}

// PriceBooks lists the shop's price books without the general one.
func (r Reader) PriceBooks() ([]retail.PriceBook, error) {
	return rows(r.v, "listing price books", scanBook, `SELECT document FROM price_books WHERE shop_id = $1 ORDER BY id`, r.shop)
}

// PriceBook returns one price book.
func (r Reader) PriceBook(id string) (retail.PriceBook, bool, error) {
	return one(r.v, "reading price book", scanBook, `SELECT document FROM price_books WHERE shop_id = $1 AND id = $2`, r.shop, id)
}

// PutPrice stores or removes one line of a price book.
func (w Writer) PutPrice(l retail.PriceLine) error {
	if l.Removed {
		return w.exec("removing price", `DELETE FROM prices WHERE shop_id = $1 AND book_id = $2 AND product_id = $3`, w.shop, l.BookID, l.ProductID)
	}
	return w.exec("storing price", `INSERT INTO prices (shop_id, book_id, product_id, price) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, book_id, product_id) DO UPDATE SET price = excluded.price`, w.shop, l.BookID, l.ProductID, int64(l.Price))
}

// Price returns a product's price in a book.
func (r Reader) Price(bookID, productID string) (retail.Money, bool, error) {
	n, found, err := one(r.v, "reading price", number, `SELECT price FROM prices WHERE shop_id = $1 AND book_id = $2 AND product_id = $3`, r.shop, bookID, productID)
	return retail.Money(n), found, err
}

// PricesOf lists the products of a book.
func (r Reader) PricesOf(bookID string) (map[string]retail.Money, error) {
	found, err := rows(r.v, "listing prices", func(s scanner) (retail.PriceLine, error) {
		var l retail.PriceLine
		err := s.Scan(&l.ProductID, &l.Price)
		return l, err
	}, `SELECT product_id, price FROM prices WHERE shop_id = $1 AND book_id = $2`, r.shop, bookID)
	out := make(map[string]retail.Money, len(found))
	for _, l := range found {
		out[l.ProductID] = l.Price
	}
	return out, err
}
