package sandbox

import (
	"fmt"
	"slices"
)

// maxBatch is how many orders or packages one fulfilment call may hold (§8.1).
const maxBatch = 20

// itemError is an item_err_code of §8.1.
type itemError struct{ code, msg string }

var (
	itemOK         = itemError{"0", "success"}
	noPackage      = itemError{"600001", "package not found"}
	packageGone    = itemError{"600002", "package has been cancelled"}
	packageStatus  = itemError{"700000", "package current status not allow this operation"}
	notSellerFleet = itemError{"700009", "only seller own fleet order can operate"}
	noOrder        = itemError{"700021", "order not found"}
	noItem         = itemError{"700025", "order item not found"}
	notPackable    = itemError{"700026", "item current status not allow to pack"}
	packedByLazada = itemError{"700027", "fulfilled by Lazada item can not be packed"}
	digitalItem    = itemError{"700030", "digital item need not be packed"}
	notReady       = itemError{"700031", "item is not ready to fulfil"}
	notDigital     = itemError{"700020", "not a digital item"}
)

// fulfilled is the answer of a batch. success says nothing about its members
// (§0.14).
func fulfilled(data map[string]any) reply {
	return result(map[string]any{"success": true, "data": data})
}

// batchRefused is the failure of the whole batch; the names of its members
// differ between documentation and samples (§15 no. 4).
func (s *Server) batchRefused(code, msg string) reply {
	names := [2]string{"error_code", "error_msg"}
	if s.desk.Is("fulfil_error_names", "errorCode") {
		names = [2]string{"errorCode", "errorMsg"}
	}
	return result(map[string]any{"success": false, names[0]: code, names[1]: msg})
}

// batch reads the list of a fulfilment parameter and checks its size.
func (s *Server) batch(c *call, param, member string) (req map[string]any, all []any, out reply, bad bool) {
	if c.get(param) == "" {
		return nil, nil, missing(param), true
	}
	req, err := tree(c.get(param))
	if err != nil {
		return nil, nil, s.batchRefused("700004", "parameter illegal: "+err.Error()), true
	}
	all = list(req[member])
	switch {
	case len(all) == 0:
		return nil, nil, s.batchRefused("700019", member+" is below the minimum size"), true
	case len(all) > maxBatch:
		return nil, nil, s.batchRefused("700022", member+" is too large"), true
	}
	return req, all, reply{}, false
}

// shipmentProviders is §8.1: the platform chooses, there is nothing to pick.
func (s *Server) shipmentProviders(c *call) reply {
	_, orders, out, bad := s.batch(c, "getShipmentProvidersReq", "orders")
	if bad {
		return out
	}
	for _, entry := range orders {
		if s.orderOf(c, text(members(entry)["order_id"])) == nil {
			return s.batchRefused(noOrder.code, noOrder.msg)
		}
	}
	return fulfilled(map[string]any{"platform_default": 1, "shipment_providers": []any{}, "shipping_allocate_type": "TFS"})
}

// pack is §8.1.
func (s *Server) pack(c *call) reply {
	req, orders, out, bad := s.batch(c, "packReq", "pack_order_list")
	if bad {
		return out
	}
	// A provider may be named across the border only.
	if text(req["shipment_provider_code"]) != "" && text(req["shipping_allocate_type"]) != "NTFS" {
		return s.batchRefused("700004", "shipment_provider_code is not allowed for TFS")
	}
	packed := []map[string]any{}
	for _, entry := range orders {
		e := members(entry)
		ids := list(e["order_item_list"])
		if len(ids) == 0 {
			return s.batchRefused("700017", "order_item_list is null")
		}
		o := s.orderOf(c, text(e["order_id"]))
		var wanted []*item
		lines := []map[string]any{}
		for _, id := range ids {
			verdict := packVerdict(o, number(id))
			if verdict == itemOK && slices.Contains(wanted, o.item(number(id))) {
				verdict = notPackable // named twice
			}
			if verdict == itemOK {
				wanted = append(wanted, o.item(number(id)))
			}
			lines = append(lines, map[string]any{
				"order_item_id": number(id), "item_err_code": verdict.code, "msg": verdict.msg, "retry": false,
				"package_id": "", "tracking_number": "", "shipment_provider": "",
			})
		}
		_, _ = s.packItems(wanted)
		for _, line := range lines {
			if line["item_err_code"] != "0" {
				continue
			}
			p := o.item(line["order_item_id"].(int64)).pkg
			line["package_id"], line["tracking_number"], line["shipment_provider"] = p.id, p.tracking, p.provider
		}
		packed = append(packed, map[string]any{"order_id": number(e["order_id"]), "order_item_list": lines})
	}
	return fulfilled(map[string]any{"pack_order_list": packed})
}

// packVerdict tells whether the seller may pack an item.
func packVerdict(o *order, id int64) itemError {
	if o == nil {
		return noOrder
	}
	it := o.item(id)
	switch {
	case it == nil:
		return noItem
	case it.fbl:
		return packedByLazada
	case it.digital:
		return digitalItem
	case it.finalPaymentOpen:
		return notReady
	case !it.mayBecome(packed):
		return notPackable
	}
	return itemOK
}

// carriers are those seen in Vietnam (§8.1).
var carriers = []string{"LEX VN", "GHN", "J&T Express"}

// packItems makes packages of items of one order, one for each warehouse and
// shipping type (§7.9), and returns them.
func (s *Server) packItems(items []*item) ([]*pkg, error) {
	var made []*pkg
	for i, it := range items {
		if !it.mayBecome(packed) || slices.Contains(items[:i], it) {
			return nil, fmt.Errorf("order item %d is %s and cannot be packed", it.id, it.status)
		}
	}
	for _, it := range items {
		var p *pkg
		for _, open := range made {
			first := open.items[0]
			if first.warehouse == it.warehouse && first.shippingType() == it.shippingType() && first.sof == it.sof {
				p = open
			}
		}
		if p == nil {
			p = s.newPackage(it.order, it.sof)
			made = append(made, p)
		}
		p.items = append(p.items, it)
		it.pkg = p
	}
	for _, it := range items {
		if err := s.setStatus(it, packed); err != nil {
			return made, err
		}
	}
	return made, nil
}

func (s *Server) newPackage(o *order, sof bool) *pkg {
	n := s.nextPackage
	s.nextPackage++
	p := &pkg{
		order: o, id: fmt.Sprintf("FP%015d", n), tracking: fmt.Sprintf("LMP%010dVNA", n%1e10),
		provider: carriers[0], packedAt: s.now(),
	}
	if sof {
		p.provider = "Seller Own Fleet"
	}
	o.seller.packages[p.id] = p
	o.seller.packageIDs = append(o.seller.packageIDs, p.id)
	return p
}

// packageCall is the shape shared by RTS, re-pack and seller delivery: each
// package gets its own verdict.
func (s *Server) packageCall(c *call, param string, act func(*pkg) itemError) reply {
	_, packages, out, bad := s.batch(c, param, "packages")
	if bad {
		return out
	}
	answer := []map[string]any{}
	for _, entry := range packages {
		id := text(members(entry)["package_id"])
		verdict := noPackage
		if p := c.seller.packages[id]; p != nil {
			verdict = packageGone
			if !p.cancelled {
				verdict = act(p)
			}
		}
		answer = append(answer, map[string]any{"package_id": id, "item_err_code": verdict.code, "msg": verdict.msg, "retry": false})
	}
	return fulfilled(map[string]any{"packages": answer})
}

// readyToShip is §8.1; only packed packages can be made ready (§7.7).
func (s *Server) readyToShip(c *call) reply {
	return s.packageCall(c, "readyToShipReq", func(p *pkg) itemError {
		if p.status() != packed {
			return packageStatus
		}
		if err := s.rts(p, s.desk.Is("rts_pending", "on")); err != nil {
			return packageStatus
		}
		return itemOK
	})
}

// rts makes a package ready to ship, or pending until logistics confirms.
func (s *Server) rts(p *pkg, pendingFirst bool) error {
	next, word := readyToShip, "READY_TO_SHIP"
	if pendingFirst {
		next, word = readyToShipPending, "READY_TO_SHIP_PENDING"
	}
	if err := s.setAll(p.live(), next); err != nil {
		return err
	}
	s.pushPackage(p, word)
	return nil
}

// repack is §8.1.
func (s *Server) repack(c *call) reply {
	return s.packageCall(c, "rePackReq", func(p *pkg) itemError {
		if s.dissolve(p) != nil {
			return packageStatus
		}
		return itemOK
	})
}

// dissolve cancels a package; its items must be packed again (§7.9).
func (s *Server) dissolve(p *pkg) error {
	items := p.live()
	if p.cancelled {
		return fmt.Errorf("package %s is cancelled already", p.id)
	}
	for _, it := range items {
		if !it.mayBecome(repacked) {
			return fmt.Errorf("order item %d is %s: only packed items can be re-packed (§7.7)", it.id, it.status)
		}
	}
	if len(items) == 0 {
		return fmt.Errorf("package %s is empty", p.id)
	}
	p.cancelled = true
	for _, it := range items {
		if s.desk.Is("package_id_after_repack", "cleared") {
			it.pkg = nil
		}
		if err := s.setStatus(it, repacked); err != nil {
			return err
		}
	}
	s.pushPackage(p, "CANCELLED")
	return nil
}

// sofDelivered and sofFailed are what sellers with their own riders report.
func (s *Server) sofDelivered(c *call) reply {
	return s.sof(c, "dbsDeliveryReq", delivered, "DELIVERED")
}

func (s *Server) sofFailed(c *call) reply {
	return s.sof(c, "dbsFailedDeliveryReq", failedDelivery, "DELIVER_FAILED")
}

func (s *Server) sof(c *call, param, next, word string) reply {
	return s.packageCall(c, param, func(p *pkg) itemError {
		if live := p.live(); len(live) == 0 || !live[0].sof {
			return notSellerFleet
		}
		// The seller's own rider takes the goods along: shipped is passed over.
		if p.status() == readyToShip {
			if s.setAll(p.live(), shipped) != nil {
				return packageStatus
			}
		}
		if s.setAll(p.live(), next) != nil {
			return packageStatus
		}
		s.pushPackage(p, word)
		return itemOK
	})
}

// digitalDelivered is §8.1: digital goods skip packing.
func (s *Server) digitalDelivered(c *call) reply {
	_, orders, out, bad := s.batch(c, "digitalDeliveryReq", "orders")
	if bad {
		return out
	}
	answer := []map[string]any{}
	for _, entry := range orders {
		e := members(entry)
		o := s.orderOf(c, text(e["order_id"]))
		lines := []map[string]any{}
		for _, id := range list(e["order_item_list"]) {
			verdict := noOrder
			if o != nil {
				verdict = s.deliverDigital(o.item(number(id)))
			}
			lines = append(lines, map[string]any{"order_item_id": number(id), "item_err_code": verdict.code, "msg": verdict.msg, "retry": false})
		}
		answer = append(answer, map[string]any{"order_id": number(e["order_id"]), "order_item_list": lines})
	}
	return fulfilled(map[string]any{"orders": answer})
}

func (s *Server) deliverDigital(it *item) itemError {
	switch {
	case it == nil:
		return noItem
	case !it.digital:
		return notDigital
	case it.status != pending:
		return notReady
	}
	for _, next := range []string{packed, readyToShip, shipped, delivered} {
		if s.setStatus(it, next) != nil {
			return notReady
		}
	}
	return itemOK
}
