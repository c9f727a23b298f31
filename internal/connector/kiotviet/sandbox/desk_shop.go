package sandbox

import (
	"fmt"
	"slices"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// addShopActions: the shop itself, its key and its webhooks.
func (s *Server) addShopActions() {
	s.act(ownerActor, "add_branch", "Thêm chi nhánh", []string{"name:Tên chi nhánh"}, func(sh *shop, a *kit.Args) (any, error) {
		name := a.Need("name")
		if err := a.Err(); err != nil {
			return nil, err
		}
		if b := find(sh.branches, func(b *branch) bool { return b.name == name }); b != nil {
			return nil, fmt.Errorf("branch %q exists", name)
		}
		b := sh.addBranch(name)
		return result(b.name, b.id), nil
	})
	s.act(ownerActor, "close_branch", "Ngừng chi nhánh", []string{"name:Tên chi nhánh"}, func(sh *shop, a *kit.Args) (any, error) {
		b, err := sh.branchOf(a.Need("name"))
		if err != nil || a.Err() != nil || b == sh.branches[0] {
			return nil, fmt.Errorf("branch %q cannot be closed", a.Text("name"))
		}
		b.active, b.modified = false, sh.now()
		sh.announceBranch(b)
		sh.emitDelete("branch.delete", b.id)
		return result(b.name, b.id), nil
	})
	s.act(ownerActor, "add_user", "Thêm nhân viên", []string{"name:Tên đăng nhập", "given_name:Họ tên", "phone:Điện thoại"}, func(sh *shop, a *kit.Args) (any, error) {
		name := a.Need("name")
		if err := a.Err(); err != nil {
			return nil, err
		}
		u := &user{id: sh.next("user"), userName: name, givenName: a.Text("given_name"), phone: a.Text("phone"), created: sh.now()}
		if u.givenName == "" {
			u.givenName = name
		}
		sh.users = append(sh.users, u)
		return result(u.userName, u.id), nil
	})
	s.act(ownerActor, "set_setting", "Thiết lập cửa hàng", []string{"name:Thiết lập", "value:on hay off#on"}, func(sh *shop, a *kit.Args) (any, error) {
		on, err := onOff(a)
		if err != nil {
			return nil, err
		}
		return map[string]any{"name": a.Text("name"), "value": a.Text("value")}, sh.setSetting(a.Text("name"), on)
	})
	s.act(ownerActor, "set_permission", "Quyền của khóa API", []string{"name:Quyền", "value:on hay off#off"}, func(sh *shop, a *kit.Args) (any, error) {
		on, err := onOff(a)
		if err != nil {
			return nil, err
		}
		return map[string]any{"name": a.Text("name"), "value": a.Text("value")}, sh.setPermission(a.Text("name"), on)
	})
	s.act(ownerActor, "revoke_tokens", "Thu hồi token", nil, func(sh *shop, _ *kit.Args) (any, error) {
		for _, t := range sh.tokens {
			t.revoked = true
		}
		return map[string]any{"revoked": len(sh.tokens)}, nil
	})
	s.act(ownerActor, "change_secret", "Đổi mã bảo mật", nil, func(sh *shop, _ *kit.Args) (any, error) {
		sh.newSecret()
		return sh.keys(), nil
	})
	s.act(vendorActor, "register_webhook_elsewhere", "Tích hợp khác đăng ký webhook", []string{"type:Loại"}, func(sh *shop, a *kit.Args) (any, error) {
		kind := a.Text("type")
		if !slices.Contains(eventTypes, kind) {
			return nil, fmt.Errorf("no event type %q", kind)
		}
		// It deletes hooks of the same type first, as the vendor plugin does
		// (§5.1).
		sh.hooks = slices.DeleteFunc(sh.hooks, func(h *webhook) bool { return h.kind == kind })
		h := &webhook{
			id: sh.next("webhook"), kind: kind, url: "https://plugin.example.test/kv/" + kind, active: true, foreign: true,
			description: "Tích hợp khác", created: sh.now(),
		}
		sh.hooks = append(sh.hooks, h)
		return map[string]any{"type": kind, "id": h.id, "url": h.url}, nil
	})
	s.act(vendorActor, "deactivate_webhook", "Tắt webhook", []string{"type:Loại"}, func(sh *shop, a *kit.Args) (any, error) {
		h := sh.hook(a.Text("type"))
		if h == nil {
			return nil, fmt.Errorf("no webhook of type %q", a.Text("type"))
		}
		h.deactivate(sh.now())
		return map[string]any{"type": h.kind, "id": h.id}, nil
	})
	// Not through act: it makes the shop that the field would name.
	s.desk.AddActions(kit.Action{
		Name: "add_retailer", Actor: vendorActor, Label: "Mở cửa hàng mới",
		Fields: []kit.ActionField{{Name: "name", Label: "Tên cửa hàng"}, {Name: "retailer", Label: "Không dùng"}},
		Do: func(a *kit.Args) (any, error) {
			name := a.Need("name")
			if err := a.Err(); err != nil {
				return nil, err
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if _, err := s.shopNamed(name); err == nil {
				return nil, fmt.Errorf("retailer %q exists", name)
			}
			return s.addShop(name).keys(), nil
		},
	})
}

func (s *shop) keys() map[string]any {
	return map[string]any{"client_id": s.clientID, "client_secret": s.clientSecret, "retailer": s.name}
}

func onOff(a *kit.Args) (bool, error) {
	switch a.Text("value") {
	case "on", "true", "1":
		return true, nil
	case "off", "false", "0":
		return false, nil
	}
	return false, fmt.Errorf("value: %q is not on or off", a.Text("value"))
}
