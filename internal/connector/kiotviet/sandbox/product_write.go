package sandbox

import (
	"strings"
	"unicode/utf8"
)

// addProduct is POST /products (§4.2.5).
func addProduct(c *call) (any, error) {
	if err := c.validProduct(c.in, nil); err != nil {
		return nil, err
	}
	return wholeProduct(c.shop, c.createProduct(c.in)), nil
}

// putProduct is PUT /products/{id}, a partial update (§4.2.5).
func putProduct(c *call) (any, error) {
	p, err := c.product()
	if err != nil {
		return nil, err
	}
	if err := c.validProduct(c.in, p); err != nil {
		return nil, err
	}
	c.changeProduct(p, c.in)
	return productObject(c.shop, p, detailFlags(c.srv.desk.Value("put_inventory_key"))), nil
}

// validProduct refuses a product body before anything is changed. p is nil for
// a new one.
func (c *call) validProduct(in input, p *product) error {
	s := c.shop
	if p == nil && in.text("name") == "" {
		return business(productException, "Tên hàng hóa không được để trống")
	}
	if (p == nil || in.has("categoryId")) && s.category(in.int("categoryId")) == nil {
		return noSuchCategory()
	}
	if code := in.text("code"); code != "" {
		if other := s.productByCode(code); other != nil && other != p {
			return duplicate(productException, "Mã hàng", code)
		}
	}
	if bar := in.text("barCode"); bar != "" {
		if utf8.RuneCountInString(bar) > 16 {
			return business(productException, "Mã vạch không được vượt quá 16 ký tự")
		}
		if other := find(s.products, func(o *product) bool { return !o.gone && o.barCode == bar }); other != nil && other != p {
			return duplicate(productException, "Mã vạch", bar)
		}
	}
	for _, name := range []string{"masterProductId", "masterUnitId"} {
		if id := in.int(name); id != 0 && s.byID[id] == nil {
			return noSuchProduct()
		}
	}
	for _, row := range in.children("inventories") {
		if s.branch(row.int("branchId")) == nil {
			return noSuch(branchException, "Chi nhánh")
		}
		_, _, _ = row.number("onHand"), row.number("cost"), row.number("minQuantity")
	}
	// Read once so that values of the wrong type are found before any change.
	for _, name := range []string{"basePrice", "weight", "conversionValue"} {
		in.number(name)
	}
	for _, name := range []string{"allowsSale", "hasVariants", "isActive", "isRewardPoint", "isProductSerial"} {
		in.flag(name)
	}
	in.children("attributes")
	return c.checked()
}

func (c *call) createProduct(in input) *product {
	p := &product{
		name: in.text("name"), code: in.text("code"), givenFullName: in.text("fullName"), active: true, allowsSale: true, reward: true,
		masterUnitID: in.int("masterUnitId"), masterID: in.int("masterProductId"), price: in.number("basePrice"),
		serial: in.flag("isProductSerial"), images: texts(in, "images"),
	}
	c.readProduct(p, in)
	c.shop.newProduct(p)
	if !p.price.IsZero() {
		c.shop.emitPrice(0, p.id, p.price)
	}
	c.readStock(p, in, "opening")
	p.modified = c.now
	return p
}

func (c *call) changeProduct(p *product, in input) {
	s := c.shop
	if in.text("name") != "" {
		p.name, p.givenFullName = in.text("name"), ""
	}
	if in.text("code") != "" {
		s.rename(p, in.text("code"))
	}
	if in.has("masterUnitId") && in.int("masterUnitId") != p.masterUnitID {
		// Moving a row to another base unit would leave its stock behind.
		c.warn("masterUnitId changed by PUT /products is ignored")
	}
	c.readProduct(p, in)
	if in.has("basePrice") {
		s.setBasePrice(p, in.number("basePrice"))
	}
	c.readStock(p, in, "stocktake")
	s.touchProduct(p)
}

// readProduct takes the members that create and update share, as far as they
// were sent.
func (c *call) readProduct(p *product, in input) {
	if in.has("barCode") {
		p.barCode = in.text("barCode")
	}
	if in.has("categoryId") {
		p.categoryID = in.int("categoryId")
	}
	p.allowsSale = in.flagOr("allowsSale", p.allowsSale)
	p.hasVariants = in.flagOr("hasVariants", p.hasVariants)
	p.active = in.flagOr("isActive", p.active)
	p.reward = in.flagOr("isRewardPoint", p.reward)
	if in.has("description") {
		p.description = in.text("description")
	}
	if in.has("unit") {
		p.unit = in.text("unit")
	}
	if v := in.maybe("conversionValue"); v != nil && v.Sign() > 0 && p.id == 0 {
		p.conversion = *v
	}
	if v := in.maybe("weight"); v != nil {
		p.weight = v
	}
	if in.has("attributes") {
		p.attributes = nil
		for _, a := range in.children("attributes") {
			p.attributes = append(p.attributes, attribute{a.text("attributeName"), a.text("attributeValue")})
			c.shop.attributeID(a.text("attributeName"))
		}
		p.hasVariants = len(p.attributes) > 0
	}
	if in.has("productTaxs") {
		p.taxIDs = taxIDs(in, "productTaxs")
	}
}

// readStock sets the stocks that were sent. On an update that is a stocktake
// (§4.2.5 INF).
func (c *call) readStock(p *product, in input, kind string) {
	for _, row := range in.children("inventories") {
		branch := row.int("branchId")
		if row.has("cost") {
			base, conversion := c.shop.base(p)
			base.costs[branch] = row.number("cost").DivRound(conversion, 4)
		}
		if row.has("minQuantity") {
			p.norms[branch] = row.number("minQuantity")
		}
		if row.has("reserved") && row.number("reserved").Sign() != 0 {
			c.warn("reserved sent in a product is ignored")
		}
		if row.has("onHand") {
			c.shop.setStock(kind, p.code, p, branch, row.number("onHand"))
		}
	}
}

// texts keeps commas, unlike input.list: image addresses may hold them.
func texts(in input, name string) []string {
	many, _ := in.raw(name).([]any)
	var out []string
	for _, v := range many {
		if s, ok := v.(string); ok && strings.TrimSpace(s) != "" {
			out = append(out, strings.TrimSpace(s))
		}
	}
	return out
}

// addProducts is POST /listaddproducts: no ids, no result per row (§4.2.6).
func addProducts(c *call) (any, error) {
	rows, err := c.bulk("listProducts", "thêm mới")
	if err != nil {
		return nil, err
	}
	good, err := c.sift(rows, func(in input) error { return c.validProduct(in, nil) })
	if err != nil {
		return nil, err
	}
	for _, in := range good {
		c.createProduct(in)
	}
	return obj("message", "Thêm mới danh sách sản phẩm thành công"), nil
}

// putProducts is PUT /listupdatedproducts (§4.2.6).
func putProducts(c *call) (any, error) {
	rows, err := c.bulk("listProducts", "cập nhật")
	if err != nil {
		return nil, err
	}
	good, err := c.sift(rows, func(in input) error {
		p := c.shop.byID[in.int("id")]
		if p == nil {
			return noSuchProduct()
		}
		return c.validProduct(in, p)
	})
	if err != nil {
		return nil, err
	}
	for _, in := range good {
		c.changeProduct(c.shop.byID[in.int("id")], in)
	}
	return obj("message", "Cập nhật danh sách sản phẩm thành công"), nil
}

func (c *call) bulk(name, verb string) ([]input, error) {
	rows := c.in.children(name)
	if len(rows) == 0 {
		return nil, business(productException, "Danh sách sản phẩm %s rỗng", verb)
	}
	if len(rows) > 100 {
		c.warn("bulk batch over 100")
	}
	return rows, c.checked()
}

// sift returns the valid rows, or the first error if one bad row spoils the
// whole list (switch bulk_atomic).
func (c *call) sift(rows []input, check func(input) error) ([]input, error) {
	var good []input
	seen := map[string]bool{}
	for _, in := range rows {
		err := check(in)
		var unique []string // a code may be twice in one list
		for _, name := range []string{"code", "barCode", "contactNumber"} {
			if v := in.text(name); v != "" {
				unique = append(unique, name+strings.ToLower(v))
				if err == nil && seen[unique[len(unique)-1]] {
					err = duplicate(validateException, name, v)
				}
			}
		}
		if err == nil {
			for _, v := range unique {
				seen[v] = true
			}
			good = append(good, in)
			continue
		}
		c.warn("a bulk call with a bad row")
		if c.srv.desk.Is("bulk_atomic", "true") {
			return nil, err
		}
		c.bad = nil
	}
	return good, nil
}
