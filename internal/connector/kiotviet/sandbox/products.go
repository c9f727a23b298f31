package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Product kinds (§6).
const (
	kindCombo   = 1
	kindGoods   = 2
	kindService = 3
)

// product is one row of the goods list: a variant in one unit.
type product struct {
	id             int64
	code, barCode  string
	name           string
	givenFullName  string
	kind           int
	categoryID     int64
	allowsSale     bool
	hasVariants    bool
	description    string
	attributes     []attribute
	unit           string
	conversion     decimal.Decimal
	masterUnitID   int64
	masterID       int64
	unitRows       []int64 // further units of this base product
	price          decimal.Decimal
	costs          map[int64]decimal.Decimal // by branch
	norms          map[int64]decimal.Decimal // minimum by branch
	weight         *decimal.Decimal
	images         []string
	active, reward bool
	serial         bool
	materials      []material
	taxIDs         []int64
	created        time.Time
	modified       time.Time // zero until touched: modifiedDate is then absent (§4.2.2)
	stockModified  time.Time
	gone           bool
}

type attribute struct{ name, value string }

// material is one part of a combo.
type material struct {
	product  int64
	quantity decimal.Decimal
}

// fullName is name + attributes + unit (§4.2.2, form of the example).
func (p *product) fullName() string {
	if p.givenFullName != "" {
		return p.givenFullName
	}
	text := p.name
	for _, a := range p.attributes {
		text += " - " + a.value
	}
	if p.unit != "" {
		text += " (" + p.unit + ")"
	}
	return text
}

func (s *shop) productByCode(code string) *product {
	return s.byCode[strings.ToLower(code)]
}

// rename keeps the index by code; codes are unique without regard to case, as
// they are in a database with the usual collation.
func (s *shop) rename(p *product, code string) {
	delete(s.byCode, strings.ToLower(p.code))
	p.code = code
	s.byCode[strings.ToLower(code)] = p
}

// touchProduct stamps and announces a product (§5.7).
func (s *shop) touchProduct(p *product) {
	p.modified = s.now()
	s.announceProduct(p)
}

func (s *shop) announceProduct(p *product) {
	s.emit("product.update", eventKey(p.id), func() any { return productEvent(s, p) })
}

// newProduct adds a product whose members are set and valid.
func (s *shop) newProduct(p *product) *product {
	p.id = s.next("product")
	p.created = s.now()
	if p.code == "" {
		p.code = s.autoCode("SP", func(code string) bool { return s.productByCode(code) != nil })
	}
	if p.costs == nil {
		p.costs = map[int64]decimal.Decimal{}
	}
	if p.norms == nil {
		p.norms = map[int64]decimal.Decimal{}
	}
	if p.kind == 0 {
		p.kind = kindGoods
	}
	if p.conversion.Sign() <= 0 {
		p.conversion = decimal.NewFromInt(1)
	}
	if unit := s.byID[p.masterUnitID]; unit != nil && unit.masterUnitID != 0 {
		p.masterUnitID = unit.masterUnitID // units hang on the base unit alone
	}
	s.products = append(s.products, p)
	s.byID[p.id] = p
	s.byCode[strings.ToLower(p.code)] = p
	if base := s.byID[p.masterUnitID]; base != nil {
		base.unitRows = append(base.unitRows, p.id)
	}
	if head := s.byID[p.masterID]; head != nil && len(p.attributes) > 0 {
		head.hasVariants = true
	}
	for _, a := range p.attributes {
		s.attributeID(a.name)
	}
	s.announceProduct(p)
	return p
}

// attributeID creates unknown attribute names by itself (§4.2.5).
func (s *shop) attributeID(name string) int64 {
	if _, ok := s.attributes[name]; !ok {
		s.attributes[name] = s.next("attribute")
	}
	return s.attributes[name]
}

// setBasePrice raises pricebookdetail.update beside product.update (§5.7);
// book 0 is the general list (§4.3).
func (s *shop) setBasePrice(p *product, price decimal.Decimal) {
	if p.price.Equal(price) {
		return
	}
	p.price = price
	s.emitPrice(0, p.id, price)
	s.touchProduct(p)
}

// removeProduct hides it; its id shows up among the removed (§4.2.5).
func (s *shop) removeProduct(p *product) {
	p.gone = true
	delete(s.byID, p.id)
	delete(s.byCode, strings.ToLower(p.code))
	s.bury("product", p.id)
	s.emitDelete("product.delete", p.id)
}

func productSortKey(p *product, field string) any {
	switch field {
	case "id":
		return p.id
	case "code":
		return p.code
	case "name", "fullname":
		return p.name
	case "categoryid":
		return p.categoryID
	case "baseprice":
		return p.price
	case "createddate":
		return p.created
	case "modifieddate":
		return later(p.created, p.modified)
	}
	return nil
}

// listProducts is GET /products (§4.2.1).
func listProducts(c *call) (any, error) {
	s, in := c.shop, c.in
	c.drift()
	from := in.date("lastModifiedFrom")
	category, masterUnit, master := in.int("categoryId"), in.int("masterUnitId"), in.int("masterProductId")
	mark, kind := in.int("tradeMarkId"), in.int("productType")
	var rows []*product
	for _, p := range s.products {
		switch {
		case p.gone,
			!modifiedSince(from, p.created, p.modified),
			category != 0 && p.categoryID != category,
			masterUnit != 0 && p.masterUnitID != masterUnit,
			master != 0 && p.masterID != master,
			mark != 0,
			kind != 0 && int64(p.kind) != kind,
			in.has("isActive") && p.active != in.flag("isActive"),
			!holds(p.name, in.text("name")) && !holds(p.fullName(), in.text("name")):
			continue
		}
		rows = append(rows, p)
	}
	show := showFlags{
		inventory: in.flag("includeInventory"), priceBooks: in.flag("includePricebook"),
		serials: in.flag("IncludeSerials"), batches: in.flag("IncludeBatchExpires"), warranties: in.flag("includeWarranties"),
		quantity: in.flag("includeQuantity"), material: in.flag("includeMaterial"), shelves: in.flag("IncludeProductShelves"),
		branches: in.ints("branchIds"), list: true, inventoryKey: "inventories",
	}
	o := listOptions{removedKey: "removeId"}
	if in.flag("includeRemoveIds") {
		o.removed = s.buried("product", from)
	}
	return page(c, rows, productSortKey, func(p *product) object { return productObject(s, p, show) }, o), nil
}

// wholeProduct is what detail reads and writes answer: inventories and price
// books need no flag there (§4.2.4).
func wholeProduct(s *shop, p *product) object { return productObject(s, p, detailFlags("inventories")) }

func detailFlags(inventoryKey string) showFlags {
	return showFlags{
		inventory: true, priceBooks: true, serials: true, batches: true, warranties: true, quantity: true, material: true,
		shelves: true, inventoryKey: inventoryKey,
	}
}

func (c *call) product() (*product, error) {
	id := c.in.int("id")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if p := c.shop.byID[id]; p != nil {
		return p, nil
	}
	return nil, noSuchProduct()
}

func getProduct(c *call) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	return wholeProduct(c.shop, p), nil
}

// getProductByCode also serves /products/code?Id=0&Code= of the vendor plugin.
func getProductByCode(c *call) (any, error) {
	p := c.shop.productByCode(c.in.text("code"))
	if p == nil {
		return nil, noSuchProduct()
	}
	return wholeProduct(c.shop, p), nil
}

func deleteProduct(c *call) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	c.shop.removeProduct(p)
	return deleted(), nil
}

// listOnHands is GET /productOnHands (§4.2.7).
func listOnHands(c *call) (any, error) {
	s, in := c.shop, c.in
	from, branches := in.date("lastModifiedFrom"), in.ints("branchIds")
	if !from.IsZero() {
		c.warn("whether lastModifiedFrom of productOnHands follows the stock")
	}
	moved := func(p *product) time.Time {
		if s.is("onhands_follow_stock", "true") {
			return later(p.modified, p.stockModified)
		}
		return p.modified
	}
	var rows []*product
	for _, p := range s.products {
		if !p.gone && modifiedSince(from, p.created, moved(p)) {
			rows = append(rows, p)
		}
	}
	show := func(p *product) object {
		stocks := []object{}
		for _, b := range s.branches {
			if b.active && oneOf(branches, b.id) {
				onHand, reserved := s.shownStock(p, b.id)
				stocks = append(stocks, obj("branchId", b.id, "onhand", onHand, "reserved", reserved))
			}
		}
		return obj("id", p.id, "code", p.code, "createdDate", naive(p.created), "modifiedDate", ifNaive(moved(p)), "inventories", stocks)
	}
	by := func(p *product, field string) any {
		if field == "modifieddate" {
			return later(p.created, moved(p))
		}
		return productSortKey(p, field)
	}
	return page(c, rows, by, show, listOptions{}), nil
}

// listAttributes answers a bare array (§4.2.8).
func listAttributes(c *call) (any, error) {
	s := c.shop
	var names []string
	values := map[string][]string{}
	for _, p := range s.products {
		for _, a := range p.attributes {
			if p.gone {
				continue
			}
			if _, ok := values[a.name]; !ok {
				names = append(names, a.name)
			}
			if find(values[a.name], func(v string) bool { return v == a.value }) == "" {
				values[a.name] = append(values[a.name], a.value)
			}
		}
	}
	return mapRows(names, func(name string) object {
		id := s.attributeID(name)
		return obj("id", id, "name", name, "attributeValues", mapRows(values[name], func(v string) object {
			return obj("value", v, "attributeId", id)
		}))
	}), nil
}

// drift changes rows while a client pages (§10.2 page_drift): the first
// product, customer, order or invoice moves to the newest modification, and
// the goods and customer lists grow.
func (c *call) drift() {
	s := c.shop
	if s.is("page_drift", "false") || c.in.int("currentItem") == 0 {
		return
	}
	n := s.next("drift")
	switch c.route {
	case "GET /products":
		for _, p := range s.products {
			if !p.gone {
				s.touchProduct(p)
				break
			}
		}
		s.newProduct(&product{name: "Hàng mới " + s.random("drift", n)[:6], active: true, allowsSale: true, categoryID: s.categories[0].id})
	case "GET /customers":
		s.newCustomer(&customer{name: "Khách mới " + s.random("drift", n)[:6]})
	case "GET /orders":
		if len(s.orders) > 0 {
			s.touchOrder(s.orders[0])
		}
	case "GET /invoices":
		if len(s.invoices) > 0 {
			s.touchInvoice(s.invoices[0])
		}
	}
}
