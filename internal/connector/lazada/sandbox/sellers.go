package sandbox

import (
	"fmt"
	"strings"
)

func (s *Server) sellerByID(id string) *seller {
	for _, v := range s.sellers {
		if fmt.Sprint(v.id) == id {
			return v
		}
	}
	return nil
}

// warehouse finds a warehouse by code, whatever its letter case (§12.2).
func (v *seller) warehouse(code string) string {
	for _, w := range v.warehouses {
		if strings.EqualFold(w, code) {
			return w
		}
	}
	return ""
}

// sellerGet is /seller/get (§13).
func (s *Server) sellerGet(c *call) reply {
	v := c.seller
	return data(map[string]any{
		"seller_id": v.id, "name": v.name, "name_company": v.name, "short_code": v.shortCode, "logo_url": "", "email": v.account,
		"location": "Hồ Chí Minh", "cb": false, "status": v.status, "verified": v.verified, "marketplaceEaseMode": v.ease,
	})
}

// sellerWarehouses is /seller/warehouse/get; more than one means a
// multi-warehouse seller.
func (s *Server) sellerWarehouses(c *call) reply {
	out := []map[string]any{}
	for i, w := range c.seller.warehouses {
		out = append(out, map[string]any{
			"code": w, "name": w, "detailAddress": "Hồ Chí Minh", "needToUpdate": false, "defaultAddress": i == 0, "status": "ACTIVE",
		})
	}
	return result(map[string]any{"success": true, "module": out})
}

// rcWarehouses is /rc/warehouse/get and its detail.
func (s *Server) rcWarehouses(c *call) reply {
	out := []map[string]any{}
	for i, w := range c.seller.warehouses {
		out = append(out, map[string]any{
			"country": "Vietnam", "province": "Hồ Chí Minh", "city": "Quận 1", "district": "Phường Bến Nghé", "name": w,
			"detail_address": "12 Nguyễn Huệ", "post_code": "", "warehouse_code": w, "default_address": i == 0, "status": "ACTIVE",
		})
	}
	return result(map[string]any{"success": true, "not_success": false, "module": out, "error_code": "", "retry": false, "repeated": false})
}
