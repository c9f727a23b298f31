package sandbox

import (
	"slices"
	"time"
	"unicode/utf8"
)

// category is a group of goods; the tree has at most three levels (§4.1).
type category struct {
	id, parent        int64
	name              string
	created, modified time.Time
}

func (s *shop) category(id int64) *category {
	return find(s.categories, func(g *category) bool { return g.id == id })
}

func (s *shop) categoryNamed(name string) *category {
	if name == "" {
		return s.categories[0]
	}
	if g := find(s.categories, func(g *category) bool { return g.name == name }); g != nil {
		return g
	}
	return s.newCategory(name, 0)
}

func (s *shop) newCategory(name string, parent int64) *category {
	g := &category{id: s.next("category"), name: name, parent: parent, created: s.now()}
	s.categories = append(s.categories, g)
	s.announceCategory(g)
	return g
}

func (s *shop) announceCategory(g *category) {
	s.emit("category.update", eventKey(g.id), func() any {
		return obj("__type", typeName("WebhookCategoryUpdateRes"), "Id", g.id, "Name", g.name, "ParentId", ifID(g.parent), "IsDeleted", false,
			"CreatedDate", zoned(g.created), "ModifiedDate", ifZoned(g.modified), "RetailerId", s.id, "Rank", 0, "HasChild", s.hasChild(g))
	})
}

func (s *shop) hasChild(g *category) bool {
	return slices.ContainsFunc(s.categories, func(x *category) bool { return x.parent == g.id })
}

func (s *shop) depth(id int64) int {
	n := 0
	for g := s.category(id); g != nil; g = s.category(g.parent) {
		n++
	}
	return n
}

func categoryObject(s *shop, g *category, tree bool) object {
	o := obj("categoryId", g.id, "parentId", ifID(g.parent), "categoryName", g.name, "retailerId", s.id,
		"hasChild", s.hasChild(g), "rank", 0, "modifiedDate", ifNaive(g.modified), "createdDate", naive(g.created))
	if tree {
		children := []object{}
		for _, x := range s.categories {
			if x.parent == g.id {
				children = append(children, categoryObject(s, x, true))
			}
		}
		o = o.with("children", children)
	}
	return o
}

func listCategories(c *call) (any, error) {
	s := c.shop
	tree := c.in.flag("hierachicalData")
	if c.srv.desk.Is("lenient_routes", "true") && c.in.flag("hierarchicalData") {
		tree = true
	}
	from := c.in.date("lastModifiedFrom")
	var rows []*category
	for _, g := range s.categories {
		// The tree ignores lastModifiedFrom (§4.1).
		if tree && g.parent == 0 || !tree && modifiedSince(from, g.created, g.modified) {
			rows = append(rows, g)
		}
	}
	by := func(g *category, field string) any {
		switch field {
		case "categoryid", "id":
			return g.id
		case "categoryname", "name":
			return g.name
		case "createddate":
			return g.created
		case "modifieddate":
			return later(g.created, g.modified)
		}
		return nil
	}
	slices.SortStableFunc(rows, func(a, b *category) int { return compare(a.name, b.name) })
	return page(c, rows, by, func(g *category) object { return categoryObject(s, g, tree) },
		listOptions{removedKey: "removedIds", removed: s.buried("category", from)}), nil
}

func (c *call) category() (*category, error) {
	g := c.shop.category(c.in.int("id"))
	if err := c.checked(); err != nil {
		return nil, err
	}
	if g == nil {
		return nil, noSuchCategory()
	}
	return g, nil
}

func getCategory(c *call) (any, error) {
	g, err := c.category()
	if err != nil {
		return nil, err
	}
	o := categoryObject(c.shop, g, true)
	if c.srv.desk.Is("category_read_envelope", "data") {
		return obj("data", o), nil
	}
	return o, nil
}

// validCategory applies the rules of §4.1.
func (c *call) validCategory(g *category) error {
	s, name, parent := c.shop, c.in.text("categoryName"), c.in.int("parentId")
	if err := c.checked(); err != nil {
		return err
	}
	switch {
	case g == nil && name == "":
		return business(validateException, "Tên nhóm hàng không được để trống")
	case utf8.RuneCountInString(name) > 125:
		return business(validateException, "Tên nhóm hàng không được vượt quá 125 ký tự")
	case parent != 0 && s.category(parent) == nil:
		return noSuchCategory()
	case parent != 0 && s.depth(parent) >= 3:
		return business(validateException, "Nhóm hàng không được vượt quá 3 cấp")
	}
	if g != nil && parent != 0 {
		for x := s.category(parent); x != nil; x = s.category(x.parent) {
			if x == g {
				return business(validateException, "Nhóm hàng cha không hợp lệ")
			}
		}
		if s.depth(parent)+s.height(g) > 3 {
			return business(validateException, "Nhóm hàng không được vượt quá 3 cấp")
		}
	}
	return nil
}

func (s *shop) height(g *category) int {
	below := 0
	for _, x := range s.categories {
		if x.parent == g.id {
			below = max(below, s.height(x))
		}
	}
	return below + 1
}

func addCategory(c *call) (any, error) {
	if err := c.validCategory(nil); err != nil {
		return nil, err
	}
	g := c.shop.newCategory(c.in.text("categoryName"), c.in.int("parentId"))
	return updated(categoryObject(c.shop, g, true)), nil
}

func putCategory(c *call) (any, error) {
	g, err := c.category()
	if err != nil {
		return nil, err
	}
	if err := c.validCategory(g); err != nil {
		return nil, err
	}
	if name := c.in.text("categoryName"); name != "" {
		g.name = name
	}
	if c.in.has("parentId") {
		g.parent = c.in.int("parentId")
	}
	g.modified = c.now
	c.shop.announceCategory(g)
	return updated(categoryObject(c.shop, g, true)), nil
}

func deleteCategory(c *call) (any, error) {
	s := c.shop
	g, err := c.category()
	if err != nil {
		return nil, err
	}
	if s.hasChild(g) {
		return nil, business(validateException, "Nhóm hàng có nhóm con, không thể xóa")
	}
	if slices.ContainsFunc(s.products, func(p *product) bool { return !p.gone && p.categoryID == g.id }) {
		return nil, business(validateException, "Nhóm hàng đang được sử dụng, không thể xóa")
	}
	s.categories = slices.DeleteFunc(s.categories, func(x *category) bool { return x == g })
	s.bury("category", g.id)
	s.emitDelete("category.delete", g.id)
	return deleted(), nil
}
