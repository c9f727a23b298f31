package sandbox

// addSwitches declares what the page calls unknown or disputed, and the faults
// of §10.2. The first value is the position that the page takes as default.
func (s *Server) addSwitches() {
	add := s.desk.AddSwitch

	// Tokens, limits and routes.
	add("token_lifetime", "Thời hạn token (giây)", "86400")
	add("token_invalidates_previous", "Token mới làm mất hiệu lực token cũ (§2.3)", "false", "true")
	add("wrong_retailer", "Header Retailer sai (§2.5)", "401", "420")
	add("get_quota", "Số lượt GET mỗi giờ (§3.7)", "5000")
	add("quota_window", "Cửa sổ đếm lượt GET", "fixed", "rolling")
	add("retry_after", "429 kèm Retry-After", "on", "off")
	add("throttle_body", "Nội dung của 429", "response_status", "message", "empty")
	add("lenient_routes", "Nhận cả đường dẫn viết sai của tài liệu ngoài (§10.1.3)", "false", "true")
	add("isMykiot_page_cap", "pageSize tối đa khi isMykiot=true (§3.1)", "100", "1000")

	// Shapes.
	add("empty_data_omitted", "Trang rỗng không có data (§3.1)", "false", "true")
	add("removed_key", "Khóa của danh sách id đã xóa (§3.1)", "both", "documented", "removedIds")
	add("customer_write_envelope", "Kết quả ghi khách hàng (§4.4)", "wrapped", "flat")
	add("category_read_envelope", "GET /categories/{id} (§3.3)", "data", "flat")
	add("list_images", "images trong danh sách hàng (§4.2.2)", "strings", "objects")
	add("put_inventory_key", "Khóa tồn kho trong kết quả PUT /products (§4.2.5)", "inventory", "inventories", "both")
	add("norm_spelling", "minQuantity hay minQuality (§4.2.3)", "live", "docs")
	add("zulu_dates", "Ngày có Z hay múi giờ trong yêu cầu (§3.4)", "utc", "local")

	// Goods.
	add("onhands_follow_stock", "lastModifiedFrom của productOnHands theo tồn kho (§4.2.7)", "true", "false")
	add("modified_follows_stock", "modifiedDate của hàng hóa đổi theo tồn kho (§11)", "false", "true")
	add("modified_follows_pricebook", "modifiedDate của hàng hóa đổi theo bảng giá (§11)", "false", "true")
	add("bulk_atomic", "Một dòng lỗi làm hỏng cả lô (§4.2.6)", "true", "false")
	add("combo_on_hand", "Tồn kho của combo", "zero", "computed")

	// Customers.
	add("phone_search", "Tìm theo số điện thoại (§4.4)", "loose", "normalised", "exact")
	add("phone_unique", "Số điện thoại không được trùng (§3.8)", "true", "false")
	add("inline_customer_by_phone", "customer{} của đơn trùng số điện thoại", "reused", "created")
	add("masked_customers", "Che thông tin khách", "off", "masked", "blank")
	add("customer_row_without_phone", "Dòng khách không có contactNumber (§4.4)", "false", "true")

	// Documents.
	add("caller_code", "Mã do bên gọi gửi (§3.5)", "kept", "ignored")
	add("order_after_partial_invoice", "Trạng thái đơn sau hóa đơn một phần (§4.5.6)", "2", "1")
	add("order_put_without_lines", "PUT /orders không có orderDetails (§4.5.4)", "left_alone", "cleared")
	add("order_put_status", "status trong PUT /orders (§4.5.4)", "ignored", "taken")
	add("void_reopens_order", "Hủy hóa đơn mở lại đơn (§4.5.6)", "true", "false")
	add("invoice_create_extras", "description và priceCodPayment khi POST /invoices (§4.6.3)", "stored", "ignored")
	add("ignored_cod_amount", "Tiền thu hộ khi không nhận priceCodPayment", "left_to_pay", "0")
	add("invoice_without_seller", "POST /invoices thiếu soldById (§4.6.3)", "owner", "refused")
	add("delivery_put_keeps_id", "PUT hóa đơn không kèm hàng giữ nguyên id (§4.6.4)", "true", "false")
	add("delivery_put_partial", "deliveryDetail thiếu trường khi PUT", "merged", "replaced")
	add("repeated_lines", "Dòng trùng hàng (§4.6.6)", "kept", "merged")
	add("read_lag", "Đơn và hóa đơn mới chưa hiện trong danh sách và theo mã", "0s")

	// Webhooks.
	add("signature_prefix", "Tiền tố chữ ký (§5.5)", "sha1", "sha256", "none")
	add("signature_key", "Khóa ký (§5.5)", "verbatim", "base64")
	add("action_suffix", "Action có .retailerId (§5.3)", "true", "false")
	add("delete_event_shape", "Nội dung sự kiện xóa (§5.3)", "RemoveId", "Data", "DataRemoveId")
	add("webhook_attempts", "Số lần gửi webhook (§5.6)", "3")
	add("webhook_spacing", "Khoảng cách giữa các lần gửi", "1s")
	add("webhook_put", "PUT /webhooks/{id} (§5.1)", "refused", "accepted")
	add("webhook_duplicates", "Tỷ lệ webhook gửi hai lần", "0")
	add("webhook_reorder", "Tỷ lệ webhook đến muộn", "0")
	add("webhook_drop", "Tỷ lệ webhook mất", "0")

	// Faults of single calls.
	add("flaky_bulk_update", "Tỷ lệ PUT /listupdatedproducts lỗi (§4.2.6)", "0")
	add("slow_invoice", "POST /invoices tạo xong mới chậm hay đứt (§4.6.6)", "off", "slow", "cut")
	add("token_revoked_midway", "Tỷ lệ 401 trước hạn", "0")
	add("http_5xx", "Tỷ lệ lỗi 503", "0")
	add("http_429_burst", "Tỷ lệ lỗi 429", "0")
	add("page_drift", "Dữ liệu thay đổi giữa các trang (§3.1)", "false", "true")
}
