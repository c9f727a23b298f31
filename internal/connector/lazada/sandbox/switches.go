package sandbox

import (
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// addSwitches lists every behaviour that the page leaves open, that sources
// disagree about or that differs between shops. The first value is the
// position the page takes (§18).
func addSwitches(d *kit.Desk) {
	// Prices and stock (§12).
	d.AddSwitch("strict_special_price", "Giá khuyến mãi bằng giá gốc bị từ chối (4157)", "off", "on")
	d.AddSwitch("deep_discount_refused", "Giảm quá 80 % bị từ chối (4119)", "on", "off")
	d.AddSwitch("detail_with_code0", "Lỗi từng SKU đi kèm mã 0", "off", "on")
	d.AddSwitch("seller_not_permitted", "price_quantity không được sửa tồn kho", "off", "on")
	d.AddSwitch("seller_not_permitted_price", "price_quantity cũng không được sửa giá", "off", "on")
	d.AddSwitch("quantity_field", "quantity của SKU trong /products/get", "sellable", "total")
	d.AddSwitch("item_get_case", "/product/item/get viết tên trường", "snake", "camel")
	d.AddSwitch("campaign", "Ngày chiến dịch: price_quantity trả lời", "off", "app_call_limit", "901", "998")
	d.AddSwitch("cancel_after_rts_restock", "Hủy sau ready_to_ship có trả lại tồn kho", "no", "yes")
	d.AddSwitch("unpaid_release", "Sau 30 phút chưa thanh toán", "cancel", "hold_only")

	// Orders and packages (§7, §8).
	d.AddSwitch("mask", "Che thông tin người mua", "on", "off")
	d.AddSwitch("type_flip", "Số và chuỗi đổi kiểu ngẫu nhiên", "off", "on")
	d.AddSwitch("unknown_orders", "Mã đơn lạ trong /orders/items/get", "fail37", "left_out")
	d.AddSwitch("packed_filter", "Bộ lọc packed và topack", "accepted", "refused")
	d.AddSwitch("visibility_delay", "Đơn mới đọc được sau push bao lâu", "0s")
	d.AddSwitch("package_id_after_repack", "package_id sau khi đóng gói lại", "cleared", "kept")
	d.AddSwitch("package_id_after_cancel", "package_id sau khi hủy", "kept", "cleared")
	d.AddSwitch("rts_pending", "RTS chờ hãng vận chuyển xác nhận", "off", "on")
	d.AddSwitch("legacy_fulfilment", "Các API giao hàng cũ (§8.2)", "off", "on")
	d.AddSwitch("fulfil_error_names", "Tên trường lỗi của kết quả giao hàng", "error_code", "errorCode")
	d.AddSwitch("carrier_words", "Trạng thái hiện bằng chữ của hãng vận chuyển", "off", "on")
	d.AddSwitch("label_delay", "Phiếu giao hàng có sau", "0s")
	d.AddSwitch("cancel_trigger", "Yêu cầu hủy tự được chấp nhận sau", "48h")
	d.AddSwitch("cancel_pending_delay", "is_cancel_pending kéo dài", "0s")
	d.AddSwitch("refund_only_status", "Hàng sau khi chỉ hoàn tiền", "delivered", "returned")

	// Sign-in (§2).
	d.AddSwitch("access_life", "Token sống (giây)", "604800")
	d.AddSwitch("refresh_life_seconds", "Refresh token sống (giây)", "2592000")
	d.AddSwitch("refresh_life", "Hạn refresh token sau khi làm mới", "restarts", "fixed")
	d.AddSwitch("old_token_after_refresh", "Token cũ sau khi làm mới", "valid", "dead")
	d.AddSwitch("old_refresh_after_refresh", "Refresh token cũ sau khi làm mới", "valid", "dead")
	d.AddSwitch("country_user_info_shape", "country_user_info là", "array", "object")
	d.AddSwitch("auth_kind", "Loại ủy quyền", "seller", "market")
	d.AddSwitch("token_host", "Nơi nhận yêu cầu token", "any", "auth_only")

	// Limits (§5.4); 0 is none.
	d.AddSwitch("qps_default", "Lượt gọi/giây mỗi API và người bán", "20")
	d.AddSwitch("qps_inventory", "Lượt sửa giá, tồn/giây mỗi người bán", "50")
	d.AddSwitch("qps_api", "Lượt gọi/giây mỗi API của ứng dụng", "200")
	d.AddSwitch("app_daily", "Lượt gọi/ngày của ứng dụng", "10000000")

	// Push (§14).
	d.AddSwitch("push_packed", "Push khi đóng gói, đóng gói lại", "on", "off")
	d.AddSwitch("push_timestamp", "timestamp của push loại 0", "seconds", "milliseconds")
	d.AddSwitch("push_failure_window", "Số push gần nhất để tính tỷ lệ lỗi 50 % (0: không dừng)", "100")
}

func (s *Server) number(name string) int64 {
	n, _ := strconv.ParseInt(s.desk.Value(name), 10, 64)
	return n
}

func (s *Server) duration(name string) time.Duration {
	d, _ := time.ParseDuration(s.desk.Value(name))
	return d
}
