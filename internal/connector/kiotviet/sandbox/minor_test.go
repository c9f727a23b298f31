package sandbox

import (
	"fmt"
	"testing"
)

func TestCustomersAndCategoriesByWrite(t *testing.T) {
	l := newLab(t)
	for _, p := range []string{"/listaddcutomers", "/listaddcustomers"} {
		l.want(l.ok("POST", p, `{"listCustomers":[{"name":"`+p+`"}]}`)["message"], "Thêm mới danh sách khách hàng thành công")
	}
	k := l.ok("GET", "/customers/code/KH000001", nil)
	id := fmt.Sprint(k["id"])
	l.want(l.ok("PUT", "/listupdatecustomers", `{"listCustomers":[{"id":`+id+`,"address":"2 Phố Mẫu"}]}`)["message"], "Cập nhật danh sách khách hàng thành công")
	l.want(l.ok("GET", "/customers/"+id, nil)["address"], "2 Phố Mẫu")
	l.set("masked_customers", "masked")
	l.want(l.ok("GET", "/customers/"+id, nil)["name"], "/******s")
	l.ok("DELETE", "/customers/"+id, nil)
	l.refused(l.call("GET", "/customers/"+id, nil), 420, "KvValidateCustomerException", "không tồn tại")
	l.want(path(l.ok("GET", "/customers?includeRemoveIds=true", nil), "removeId", 0), id)

	g := fmt.Sprint(path(l.ok("POST", "/categories", `{"categoryName":"Mới"}`), "data", "categoryId"))
	l.want(path(l.ok("PUT", "/categories/"+g, `{"categoryName":"Khác"}`), "message"), "Cập nhật dữ liệu thành công")
	l.want(path(l.ok("GET", "/categories/"+g, nil), "data", "categoryName"), "Khác")
	l.ok("POST", "/listaddproducts", `{"listProducts":[{"name":"P","code":"P1","categoryId":`+g+`}]}`)
	l.refused(l.call("DELETE", "/categories/"+g, nil), 420, "", "đang được sử dụng")
	l.refused(l.call("POST", "/listaddproducts", `{"listProducts":[{"name":"Q","code":"P2","categoryId":`+g+`},{"name":"R","code":"p2","categoryId":`+g+`}]}`), 420, "", "đã tồn tại")
	if rows, _ := l.server.desk.See("products", nil); len(rows) != 1 {
		t.Error("one bad row spoils the list", rows)
	}
	l.do("edit_product", "code", "P1", "new_code", "P9")
	p := fmt.Sprint(l.ok("GET", "/products/code/P9", nil)["id"])
	l.ok("DELETE", "/products/"+p, nil)
	l.ok("DELETE", "/categories/"+g, nil)
}

func TestSurchargesAndVouchers(t *testing.T) {
	l := sales(t)
	x := l.ok("POST", "/surchages", `{"name":"Đóng gói","value":5000}`)
	id := fmt.Sprint(path(x, "data", "id"))
	l.want(path(x, "data", "surchargeCode"), "THK000003")
	l.ok("PUT", "/surchages/"+id, `{"value":6000}`)
	l.want(path(l.ok("GET", "/surchages", nil), "data", 2, "value"), "6000")
	l.want(l.ok("POST", "/surchages/"+id+"/activesurchage", `{"isActive":false}`)["message"], "Cập nhật dữ liệu thành công")
	l.want(l.ok("GET", "/surchages", nil)["total"], "2")
	l.refused(l.call("POST", "/surchages", `{"name":"x","code":"thk000003"}`), 420, "", "đã tồn tại")

	l.ok("POST", "/voucher", `{"voucherCampaignId":1,"data":[{"code":"V1"}]}`)
	l.ok("POST", "/voucher/release/give", `{"CampaignId":1,"Vouchers":[{"Code":"V1"}]}`)
	v := fmt.Sprint(path(l.ok("GET", "/voucher?campaignId=1&status=1", nil), "data", 0, "id"))
	o := l.ok("POST", "/orders", `{"branchId":1000000007,"isApplyVoucher":true,"Payments":[{"Method":"Voucher","VoucherId":`+v+`}],"orderDetails":[{"productCode":"A","quantity":1,"price":100000}]}`)
	l.want(o["totalPayment"], "20000")
	l.refused(l.call("DELETE", "/voucher/cancel", `{"CampaignId":1,"Vouchers":[{"Code":"V1"}]}`), 420, "", "voucher")
	l.want(path(l.ok("POST", "/coupons/setused", `{"coupons":[{"code":"C"}]}`), "dataError", 0, "code"), "C")
}

func TestStaffAndRest(t *testing.T) {
	l := sales(t)
	o := l.do("staff_order", "code", "A,B", "quantity", "1,2", "customer_phone", "0900000009", "description", "quầy")
	code := fmt.Sprint(o["code"])
	row := l.see("orders", "code", code)
	l.want(say(row["sold_by"], row["lines"], row["customer_phone"]), "thungan A×1@125000, B×2@50000 0900000009")
	v := l.do("invoice_order", "order_code", code)
	l.ok("GET", "/invoices/code/"+fmt.Sprint(v["code"]), nil)
	r := l.do("make_return", "invoice_code", fmt.Sprint(v["code"]), "line_code", "B")
	l.want(l.ok("GET", "/returns/code/"+fmt.Sprint(r["code"]), nil)["returnTotal"], "100000")
	l.do("add_product", "code", "CB", "name", "Bộ", "type", "combo", "materials", "A×2")
	combo := l.ok("GET", "/products/code/CB", nil)
	l.want(path(combo, "productFormulas", 0, "quantity"), "2")

	p := fmt.Sprint(l.ok("POST", "/purchaseorders", `{"branchId":1000000007,"isDraft":1,"purchaseOrderDetails":[{"productCode":"A","quantity":5,"price":1000}]}`)["id"])
	l.stock("A", "9", "0")
	l.ok("PUT", "/purchaseorders/"+p, `{"isDraft":false,"supplier":{"name":"Xưởng"}}`)
	l.want(l.ok("GET", "/purchaseorders/"+p, nil)["statusValue"], "Đã nhập hàng")
	l.stock("A", "14", "0")
	l.do("add_branch", "name", "Kho 2")
	tr := l.ok("POST", "/transfers", `{"fromBranchId":1000000007,"toBranchId":1000000008,"isDraft":true,"transferDetails":[{"productCode":"A","sendQuantity":1}]}`)
	l.stock("A", "14", "0")
	l.want(path(l.ok("GET", "/transfers/"+fmt.Sprint(path(tr, "data", "id")), nil), "details", 0, "transferredQuantity"), "1")

	l.do("add_price_book", "name", "Sỉ", "start", "2026-01-01")
	l.do("edit_price_book", "name", "Sỉ", "new_name", "Buôn", "branches", "Kho 2", "active", "false")
	b := l.see("price_books")
	l.want(say(b["name"], b["branches"], b["global"], b["active"]), "Buôn Kho 2 false false")
	l.do("delete_price_book", "name", "Buôn")

	h := fmt.Sprint(l.hear("order.update", "")["id"])
	if got := l.call("PUT", "/webhooks/"+h, `{"Webhook":{"IsActive":false}}`); got.status != 405 {
		t.Error(got.status)
	}
	l.set("webhook_put", "accepted")
	l.ok("PUT", "/webhooks/"+h, `{"Webhook":{"IsActive":false}}`)
	l.want(l.ok("GET", "/webhooks/"+h, nil)["isActive"], "false")
	l.do("deactivate_webhook", "type", "order.update")
}
