package sandbox

import (
	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// courierActions move packages along; words are those of push type 14.
func (s *Server) courierActions(d *kit.Desk) {
	move := func(name, label, from, to, word string) kit.Action {
		return s.act(name, aCourier, label, func(a *kit.Args, v *seller) (any, error) {
			return s.movePackages(a, v, from, to, word)
		}, fOrder, fPackage)
	}
	d.AddActions(
		move("ship", "Lấy hàng đi giao", readyToShip, shipped, "TRANSIT_TO_SHIP"),
		move("deliver", "Giao thành công", shipped, delivered, "DELIVERED"),
		move("fail_delivery", "Giao thất bại", shipped, failedDelivery, "DELIVER_FAILED"),
		move("ship_back", "Chuyển hoàn", failedDelivery, shippedBack, "ON_THE_WAY_BACK_TO_SHIPPER"),
		s.act("shipped_back", aCourier, "Kết quả chuyển hoàn", func(a *kit.Args, v *seller) (any, error) {
			if a.Bool("ok") {
				return s.movePackages(a, v, shippedBack, shippedBackOK, "INFO_ST_DOMESTIC_WAREHOUSE_RETURNED")
			}
			return s.movePackages(a, v, shippedBack, shippedBackFailed, "INFO_ST_DOMESTIC_PACKAGE_RETURNED_FAILED")
		}, fOrder, fPackage, field("ok", "Người bán đã nhận lại", "true", "true", "false")),
		s.act("lose", aCourier, "Làm mất", func(a *kit.Args, v *seller) (any, error) {
			from := shipped
			if _, err := packagesOf(a, v, shipped); err != nil {
				from = shippedBack
			}
			return s.movePackages(a, v, from, lostBy3PL, "LOST_BY_3PL")
		}, fOrder, fPackage),
		move("damage", "Làm hỏng", shipped, damagedBy3PL, "DAMAGE_BY_3PL"),
		move("scrap", "Tiêu hủy", shippedBackFailed, packageScrapped, "PACKAGE_SCRAPPED"),
	)
}

// movePackages takes the live items of the packages to their next status.
func (s *Server) movePackages(a *kit.Args, v *seller, from, to, word string) (any, error) {
	packages, err := packagesOf(a, v, from)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		if err := s.setAll(p.live(), to); err != nil {
			return nil, err
		}
		if word != "" {
			s.pushPackage(p, word)
		}
	}
	return packageIDs(packages), nil
}
