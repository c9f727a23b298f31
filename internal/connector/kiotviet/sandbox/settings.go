package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// shopSetting is one switch of the shop's own screens (§3.8).
type shopSetting struct {
	name  string // for the action set_setting
	api   string // its name in GET /settings, "" if that does not show it
	label string
	on    bool
}

const (
	setOrdering   = "ordering"
	setDelivery   = "delivery"
	setCOD        = "cod"
	setSellEmpty  = "sell_when_out_of_stock"
	setOrderEmpty = "order_when_out_of_stock"
	setSellHeld   = "sell_when_order_out_of_stock"
	setSaleTime   = "change_sale_time"
	setSurcharges = "surcharges"
	setByBranch   = "customers_by_branch"
)

var shopSettings = []shopSetting{
	{setOrdering, "", "Cho phép đặt hàng", true},
	{setDelivery, "", "Sử dụng tính năng giao hàng", true},
	{setCOD, "", "Quản lý thu hộ tiền", true},
	{setSellEmpty, "AllowSellWhenOutStock", "Cho phép bán hàng khi hết tồn kho", true},
	{setOrderEmpty, "AllowOrderWhenOutStock", "Cho phép đặt hàng khi hết tồn kho", true},
	{setSellHeld, "AllowSellWhenOrderOutStock", "Cho phép bán hàng khi hết tồn kho do đã đặt", true},
	{setSaleTime, "", "Không cho phép thay đổi thời gian bán hàng", true},
	{setSurcharges, "", "Hỗ trợ các khoản thu khác khi bán hàng", true},
	{setByBranch, "ManagerCustomerByBranch", "Quản lý khách hàng theo chi nhánh", false},
}

// off is the sentence for a setting that is not on (§3.8). The sentence about
// the time of sale is worded inside out on the official page, too.
func off(code, name string) *refusal {
	set := find(shopSettings, func(x shopSetting) bool { return x.name == name })
	text := fmt.Sprintf("Thiết lập “%s” đang không được bật", set.label)
	if name == setOrdering {
		text += "."
	}
	return business(code, "%s", text)
}

func (s *shop) setSetting(name string, on bool) error {
	for _, set := range shopSettings {
		if strings.EqualFold(name, set.name) || set.api != "" && strings.EqualFold(name, set.api) {
			s.settings[set.name] = on
			return nil
		}
	}
	names := []string{}
	for _, set := range shopSettings {
		names = append(names, set.name)
	}
	return fmt.Errorf("no setting %q; there are %s", name, strings.Join(names, ", "))
}

// getSettings answers a bare object in PascalCase (§4.16).
func getSettings(c *call) (any, error) {
	var o object
	for _, api := range []string{"ManagerCustomerByBranch", "AllowOrderWhenOutStock", "AllowSellWhenOrderOutStock", "AllowSellWhenOutStock"} {
		set := find(shopSettings, func(x shopSetting) bool { return x.api == api })
		o = o.with(api, c.shop.settings[set.name])
	}
	return o, nil
}

// rightNames are the parts of an API key's permissions, as they are called in
// the refusal. Only "khách hàng" has been captured (§3.6).
var rightNames = map[string]string{
	"categories": "nhóm hàng", "products": "hàng hóa", "pricebooks": "bảng giá", "customers": "khách hàng",
	"orders": "đặt hàng", "invoices": "hóa đơn", "branches": "chi nhánh", "users": "người dùng",
	"bankaccounts": "tài khoản ngân hàng", "surcharges": "thu khác", "salechannels": "kênh bán", "returns": "trả hàng",
	"cashflow": "sổ quỹ", "purchaseorders": "nhập hàng", "ordersuppliers": "đặt hàng nhập", "suppliers": "nhà cung cấp",
	"transfers": "chuyển hàng", "trademarks": "thương hiệu", "locations": "khu vực", "settings": "thiết lập",
	"vouchers": "voucher", "webhooks": "webhook",
}

// permissions lists every name that set_permission takes.
func permissions() []string {
	var names []string
	for right := range rightNames {
		names = append(names, right+"_read", right+"_write")
	}
	slices.Sort(names)
	return names
}

func (s *shop) setPermission(name string, on bool) error {
	if !slices.Contains(permissions(), name) {
		return fmt.Errorf("no permission %q; there are %s", name, strings.Join(permissions(), ", "))
	}
	s.denied[name] = !on
	return nil
}

// permitted answers a valid token whose key lacks a permission (§2.5).
func (s *shop) permitted(rt *route) error {
	right := rt.right + "_write"
	if rt.method == http.MethodGet {
		right = rt.right + "_read"
	}
	if s.denied[right] {
		return noPermission(rt.method, rightNames[rt.right])
	}
	return nil
}

func noPermission(method, what string) *refusal {
	verb := map[string]string{http.MethodGet: "đọc", http.MethodPost: "thêm mới", http.MethodPut: "cập nhật", http.MethodDelete: "xóa"}[method]
	return business(anyException, "Không có quyền %s %s", verb, what)
}
