package sandbox

import (
	"fmt"
	"slices"
	"strconv"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// Who acts at the desk.
const (
	aBuyer   = "Người mua"
	aSeller  = "Người bán"
	aCourier = "Bưu tá"
	aLazada  = "Lazada"
)

func (s *Server) newDesk() *kit.Desk {
	d := &kit.Desk{
		World: s.world, Platform: "Lazada",
		Note: "Sàn Lazada Việt Nam giả lập: mọi việc người mua, người bán, bưu tá và sàn có thể làm, và sổ sách của chính sàn.",
	}
	addSwitches(d)
	s.buyerActions(d)
	s.sellerActions(d)
	s.catalogueActions(d)
	s.courierActions(d)
	s.platformActions(d)
	s.addViews(d)
	return d
}

// field is one input; def is its default.
func field(name, label, def string, options ...string) kit.ActionField {
	return kit.ActionField{Name: name, Label: label, Default: def, Options: options}
}

// act makes an action of a seller: it adds the field seller, takes the lock
// and reports wrong inputs.
func (s *Server) act(name, actor, label string, do func(a *kit.Args, v *seller) (any, error), fields ...kit.ActionField) kit.Action {
	fields = append(fields, field("seller", "Mã người bán (mặc định: người đầu tiên)", ""))
	return kit.Action{Name: name, Actor: actor, Label: label, Fields: fields, Do: func(a *kit.Args) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		v := s.sellers[0]
		if id := a.Text("seller"); id != "" {
			if v = s.sellerByID(id); v == nil {
				return nil, fmt.Errorf("no seller %q", id)
			}
		}
		return do(a, v)
	}}
}

// Fields that many actions share.
var (
	fOrder   = field("order_id", "Mã đơn", "")
	fItems   = field("order_item_id", "Mã dòng hàng (nhiều: cách nhau dấu phẩy; trống: cả đơn)", "")
	fPackage = field("package_id", "Mã kiện (trống: cả đơn)", "")
	fReverse = field("reverse_order_id", "Mã đơn trả", "")
	fSKU     = field("sku", "SKU người bán hoặc SkuId", "")
)

func (v *seller) orderByText(id string) (*order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if o := v.byOrder[n]; err == nil && o != nil {
		return o, nil
	}
	return nil, fmt.Errorf("seller %d has no order %q", v.id, id)
}

// itemsNamed are the order's items by id; without ids those that keep wants.
func (o *order) itemsNamed(ids []string, keep func(*item) bool) ([]*item, error) {
	var out []*item
	if len(ids) == 0 {
		for _, it := range o.items {
			if keep(it) {
				out = append(out, it)
			}
		}
		return out, nil
	}
	for _, id := range ids {
		n, _ := strconv.ParseInt(id, 10, 64)
		it := o.item(n)
		if it == nil {
			return nil, fmt.Errorf("order %d has no item %q", o.id, id)
		}
		if !slices.Contains(out, it) {
			out = append(out, it)
		}
	}
	return out, nil
}

// packagesOf are the packages an action is about: the one named, or all of
// the order in one of the statuses.
func packagesOf(a *kit.Args, v *seller, statuses ...string) ([]*pkg, error) {
	if id := a.Text("package_id"); id != "" {
		p := v.packages[id]
		if p == nil {
			return nil, fmt.Errorf("seller %d has no package %q", v.id, id)
		}
		if p.cancelled {
			return nil, fmt.Errorf("package %s is cancelled", id)
		}
		return []*pkg{p}, nil
	}
	o, err := v.orderByText(a.Need("order_id"))
	if err != nil {
		return nil, err
	}
	var out []*pkg
	for _, id := range v.packageIDs {
		if p := v.packages[id]; p.order == o && !p.cancelled && slices.Contains(statuses, p.status()) {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("order %d has no package that is %v", o.id, statuses)
	}
	return out, nil
}

func itemIDs(items []*item) []int64 {
	out := []int64{}
	for _, it := range items {
		out = append(out, it.id)
	}
	return out
}
