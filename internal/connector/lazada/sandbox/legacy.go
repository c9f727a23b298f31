package sandbox

// The shim for old clients (§8.2), behind the switch legacy_fulfilment. All
// items of a call belong to one order or the call is refused.

func (s *Server) legacyItems(c *call) ([]*item, reply, bool) {
	ids, err := idList(c.get("order_item_ids"))
	if err != nil || len(ids) == 0 {
		return nil, refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", c.get("order_item_ids")), true
	}
	var items []*item
	for _, id := range ids {
		it := c.seller.items[number(id)]
		if it == nil {
			return nil, refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", id), true
		}
		if len(items) > 0 && items[0].order != it.order {
			return nil, refused(isp, "21", "E021: OMS Api Error Occurred: items of several orders"), true
		}
		items = append(items, it)
	}
	return items, reply{}, false
}

func legacyRefusal(err error) reply {
	return refused(isp, "21", "E021: OMS Api Error Occurred: %v", err)
}

func (s *Server) legacyPack(c *call) reply {
	items, out, bad := s.legacyItems(c)
	if bad {
		return out
	}
	for _, it := range items {
		if verdict := packVerdict(it.order, it.id); verdict != itemOK {
			return refused(isp, verdict.code, "%s", verdict.msg)
		}
	}
	if _, err := s.packItems(items); err != nil {
		return legacyRefusal(err)
	}
	answer := []map[string]any{}
	for _, it := range items {
		answer = append(answer, map[string]any{
			"order_item_id": it.id, "purchase_order_id": "", "purchase_order_number": "",
			"package_id": it.pkg.id, "tracking_number": it.pkg.tracking, "shipment_provider": it.pkg.provider,
		})
	}
	return data(map[string]any{"order_items": answer})
}

// legacyPackages are the packages that hold the items.
func legacyPackages(items []*item) []*pkg {
	var out []*pkg
	seen := map[*pkg]bool{}
	for _, it := range items {
		if it.pkg != nil && !seen[it.pkg] {
			seen[it.pkg] = true
			out = append(out, it.pkg)
		}
	}
	return out
}

func (s *Server) legacyRTS(c *call) reply {
	return s.legacyByPackage(c, func(p *pkg) error { return s.rts(p, s.desk.Is("rts_pending", "on")) })
}

func (s *Server) legacyRepack(c *call) reply { return s.legacyByPackage(c, s.dissolve) }

func (s *Server) legacyByPackage(c *call, act func(*pkg) error) reply {
	items, out, bad := s.legacyItems(c)
	if bad {
		return out
	}
	packages := legacyPackages(items)
	if len(packages) == 0 {
		return refused(isp, "34", "E034: Order Item must be packed")
	}
	for _, p := range packages {
		if err := act(p); err != nil {
			return legacyRefusal(err)
		}
	}
	answer := []map[string]any{}
	for _, it := range items {
		answer = append(answer, map[string]any{"order_item_id": it.id, "purchase_order_id": "", "purchase_order_number": ""})
	}
	return data(map[string]any{"order_items": answer})
}

func (s *Server) legacyCancel(c *call) reply {
	it := c.seller.items[number(c.get("order_item_id"))]
	if it == nil {
		return refused(isp, "20", "E020: \"%s\" Invalid Order Item IDs", c.get("order_item_id"))
	}
	reason, known := cancelReasons[number(c.get("reason_id"))]
	if !known {
		return refused(isp, "104", "Invalid reason")
	}
	if err := s.cancelBySeller([]*item{it}, number(c.get("reason_id")), reason, c.get("reason_detail")); err != nil {
		return legacyRefusal(err)
	}
	return data(map[string]any{})
}

func (s *Server) failureReasons(c *call) reply {
	reasons := []map[string]any{}
	for _, r := range reasonOptions() {
		reasons = append(reasons, map[string]any{"reason_id": r["reason_id"], "name": r["reason_name"], "type": "canceled"})
	}
	return data(map[string]any{"reasons": reasons})
}

func (s *Server) legacyProviders(c *call) reply {
	providers := []map[string]any{}
	for i, name := range carriers {
		providers = append(providers, map[string]any{
			"name": name, "is_default": bit(i == 0), "cod": 1, "api_integration": 1, "tracking_code_example": "", "tracking_code_validation_regex": "",
			"tracking_url": "", "enabled_delivery_options": []string{"standard"},
		})
	}
	return data(map[string]any{"shipment_providers": providers})
}
