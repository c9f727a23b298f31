package sandbox

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// platformActions are the console's and Lazada's own.
func (s *Server) platformActions(d *kit.Desk) {
	d.AddActions(
		s.act("add_seller", aLazada, "Thêm gian hàng", func(a *kit.Args, _ *seller) (any, error) {
			name := a.Need("name")
			if err := a.Err(); err != nil {
				return nil, err
			}
			v := s.addSeller(name)
			return map[string]any{"seller_id": v.id, "seller": v.id, "account": v.account, "short_code": v.shortCode}, nil
		}, field("name", "Tên gian hàng", "")),
		s.act("set_seller", aLazada, "Đổi trạng thái gian hàng", s.doSetSeller,
			field("status", "Trạng thái", "", "", "ACTIVE", "INACTIVE", "DELETED", "UNVERIFIED"), field("marketplace_ease", "Marketplace Ease Mode", "", "", "true", "false")),
		s.act("set_app", aLazada, "Cấu hình ứng dụng", s.doSetApp,
			field("redirect_uri", "Callback URL (trống: giữ nguyên, any: chấp nhận mọi URL)", ""), field("state", "Tình trạng", "", "", "test", "online"),
			field("permissions", "Nhóm API được cấp (trống: giữ nguyên, all: tất cả): order,fulfilment,reverse,product,seller", "")),
		s.act("set_push", aLazada, "Cấu hình push", s.doSetPush, field("url", "URL nhận push", ""), field("types", "Loại push", "0,8,10,14")),
		s.act("verify_push", aLazada, "Thử push (Verify)", func(_ *kit.Args, v *seller) (any, error) {
			if s.app.push.url == "" {
				return nil, fmt.Errorf("no push URL is set")
			}
			s.pushTest(v)
			return map[string]string{"sent_to": s.app.push.url}, nil
		}),
		s.act("set_campaign", aLazada, "Khóa hàng cho chiến dịch", s.doCampaign, fSKU, field("locked", "Số lượng khóa (0: bỏ)", "0"),
			field("from", "Từ (ISO; trống: bây giờ)", ""), field("to", "Đến (ISO; trống: không hạn)", "")),
		s.act("throttle", aLazada, "Bóp một API", func(a *kit.Args, _ *seller) (any, error) {
			api := a.Need("api")
			if _, known := endpoints[api]; !known {
				return nil, fmt.Errorf("no API %q", api)
			}
			s.closed[api] = a.Bool("on")
			return map[string]bool{api: s.closed[api]}, nil
		}, field("api", "API", "/product/price_quantity/update"), field("on", "Bật", "true", "true", "false")),
		s.act("set_order_ids", aLazada, "Mã đơn kế tiếp", func(a *kit.Args, _ *seller) (any, error) {
			next := a.Int("next")
			if err := a.Err(); err != nil || next <= 0 {
				return nil, fmt.Errorf("next: %q is not an order id", a.Text("next"))
			}
			s.nextOrder = next
			return map[string]int64{"next": next}, nil
		}, field("next", "Mã đơn kế tiếp", "")),
	)
}

func (s *Server) doSetSeller(a *kit.Args, v *seller) (any, error) {
	before := v.status
	switch status := a.Text("status"); status {
	case "":
	case "ACTIVE", "INACTIVE", "DELETED":
		v.status, v.verified = status, true
	case "UNVERIFIED":
		v.status, v.verified = "ACTIVE", false
	default:
		return nil, fmt.Errorf("status: %q is not ACTIVE, INACTIVE, DELETED or UNVERIFIED", status)
	}
	if a.Text("marketplace_ease") != "" {
		v.ease = a.Bool("marketplace_ease")
	}
	if v.status != before {
		s.pushSellerStatus(v)
	}
	return map[string]any{"seller": v.id, "status": v.status, "verified": v.verified, "marketplace_ease": v.ease}, nil
}

func (s *Server) doSetApp(a *kit.Args, _ *seller) (any, error) {
	switch text := a.Text("redirect_uri"); text {
	case "":
	case "any":
		s.app.redirectURI = ""
	default:
		if u, err := url.Parse(text); err != nil || u.Host == "" {
			return nil, fmt.Errorf("redirect_uri: %q is not a URL", text)
		}
		s.app.redirectURI = text
	}
	switch state := a.Text("state"); state {
	case "":
	case "test", "online":
		s.app.state = state
	default:
		return nil, fmt.Errorf("state: %q is not test or online", state)
	}
	switch groups := a.List("permissions"); {
	case len(groups) == 1 && groups[0] == "all":
		s.app.permissions = nil
	case len(groups) > 0:
		s.app.permissions = groups
	}
	return map[string]any{"redirect_uri": s.app.redirectURI, "state": s.app.state, "permissions": s.app.permissions}, nil
}

func (s *Server) doSetPush(a *kit.Args, _ *seller) (any, error) {
	types := map[int64]bool{}
	for _, text := range a.List("types") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("types: %q is not a number", text)
		}
		types[n] = true
	}
	s.app.push = pushSetup{url: a.Text("url"), types: types}
	return map[string]any{"url": s.app.push.url, "types": a.List("types")}, nil
}

func (s *Server) doCampaign(a *kit.Args, v *seller) (any, error) {
	k, err := v.skuByName(a.Need("sku"))
	if err != nil {
		return nil, err
	}
	c := campaign{locked: a.Int("locked"), from: s.now()}
	for name, into := range map[string]*time.Time{"from": &c.from, "to": &c.to} {
		if text := a.Text(name); text != "" {
			if *into, err = parseISO(text); err != nil {
				return nil, err
			}
		}
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	if c.locked < 0 || c.locked > k.sum().sellable {
		return nil, fmt.Errorf("%s: cannot lock %d of %d sellable", k.sellerSKU, c.locked, k.sum().sellable)
	}
	k.campaign = c
	return k.brief(), nil
}
