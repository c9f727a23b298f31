package kiotviet

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/dongbo/dongbo/internal/clock"
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/connectortest"
	"github.com/dongbo/dongbo/internal/connector/kiotviet/sandbox"
	"github.com/dongbo/dongbo/internal/retail"
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// rule: SYN-01, SYN-03, SYN-04, SYN-06
func TestConformance(t *testing.T) {
	for name, switches := range map[string]map[string]string{
		"as documented": nil,
		"otherwise": {
			"empty_data_omitted": "true", "removed_key": "documented", "customer_write_envelope": "flat", "list_images": "objects",
			"phone_search": "normalised", "invoice_create_extras": "ignored", "ignored_cod_amount": "0", "delivery_put_keeps_id": "false",
			"delivery_put_partial": "replaced", "invoice_without_seller": "refused", "signature_prefix": "none", "action_suffix": "false",
			"quota_window": "rolling", "retry_after": "off", "throttle_body": "empty", "page_drift": "true", "token_invalidates_previous": "true",
		},
	} {
		t.Run(name, func(t *testing.T) { connectortest.POS(t, harness(switches)) })
	}
}

func harness(switches map[string]string) connectortest.POSHarness {
	added := 0
	return connectortest.POSHarness{
		Setup: connectortest.Setup{
			Driver: Driver(),
			Clock:  func() kit.Clock { return clock.NewVirtual(now) },
			Server: func(w *kit.World) kit.Server { return sandbox.New(w) },
			Prepare: func(b *connectortest.Bench) {
				for name, value := range switches {
					b.Switch(name, value)
				}
				for _, name := range []string{"order_when_out_of_stock", "sell_when_out_of_stock", "sell_when_order_out_of_stock"} {
					b.Do("set_setting", map[string]string{"name": name, "value": "on"})
				}
			},
			Keys: func(info map[string]string) connector.Keys {
				return connector.Keys{Values: map[string]string{
					"retailer": info["retailer"], "client_id": info["client_id"], "client_secret": info["client_secret"],
				}}
			},
			Kill:       func(b *connectortest.Bench) { b.Do("revoke_tokens", nil) },
			TokenRoute: "POST /connect/token",
			Private:    []string{"0911000222", "84911000222", "0912000310", "Nguyễn Thị Thử", "Trần Văn Mới"},
			Throttled:  func(e kit.Entry) bool { return e.Status == http.StatusTooManyRequests },
		},
		AddProducts: func(b *connectortest.Bench, n int) []retail.SKU {
			var codes []retail.SKU
			for range n {
				added++
				code := fmt.Sprintf("SPTEST%05d", added)
				b.Do("add_product", map[string]string{"code": code, "name": "Hàng " + code, "price": "50000", "on_hand": "100"})
				codes = append(codes, retail.SKU(code))
			}
			return codes
		},
		Many: 230,
		AddCustomer: func(b *connectortest.Bench, code, phone string) {
			b.Do("add_customer", map[string]string{"code": code, "name": "Khách " + code, "phone": phone})
		},
		IgnoreCodes:  func(b *connectortest.Bench) { b.Switch("caller_code", "ignored") },
		SpacedPhones: switches["phone_search"] == "normalised",
		OrderRoute:   "POST /orders",
		Refusals: []connectortest.POSRefusal{
			{Name: "no right", Kind: connector.Forbidden, Arrange: func(b *connectortest.Bench) {
				b.Do("set_permission", map[string]string{"name": "branches_read", "value": "off"})
			}},
			{Name: "too many reads", Kind: connector.Throttled, Arrange: connectortest.Fault("GET /branches", "throttled")},
			{Name: "server error", Kind: connector.Temporary, Arrange: connectortest.Fault("GET /branches", kit.Fault500)},
			{Name: "gateway page", Kind: connector.Temporary, Arrange: connectortest.Fault("GET /branches", kit.FaultHTML)},
			{Name: "cut", Kind: connector.Temporary, Arrange: connectortest.Fault("GET /branches", kit.FaultCutBody)},
			{Name: "wrong secret", Kind: connector.Unauthorised, Arrange: func(b *connectortest.Bench) {
				b.Do("change_secret", nil)
				b.Do("revoke_tokens", nil)
			}},
		},
		Type: "product.update",
		Change: func(b *connectortest.Bench, code retail.SKU) {
			added++
			b.Do("edit_product", map[string]string{"code": string(code), "name": strings.Repeat("Đổi ", 2) + fmt.Sprint(added)})
		},
		PushRoute: "webhook *",
	}
}
