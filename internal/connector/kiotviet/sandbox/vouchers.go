package sandbox

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Voucher states (§6).
const (
	voucherUnused    = 0
	voucherReleased  = 1
	voucherUsed      = 2
	voucherCancelled = 3
)

// campaign is made in the shop's screens (§4.15).
type campaign struct {
	id         int64
	code, name string
	price      decimal.Decimal
	start, end time.Time
}

type voucher struct {
	id             int64
	code           string
	campaign       *campaign
	status         int
	released, used time.Time
}

func (s *shop) seedVouchers(at time.Time) {
	s.campaigns = append(s.campaigns, &campaign{
		id: 1, code: "PHVC000001", name: "Voucher tặng khách", price: decimal.NewFromInt(20000), start: at, end: at.AddDate(1, 0, 0),
	})
}

func (s *shop) voucher(id int64) *voucher {
	return find(s.vouchers, func(v *voucher) bool { return v.id == id })
}

func (s *shop) voucherByCode(code string) *voucher {
	return find(s.vouchers, func(v *voucher) bool { return strings.EqualFold(v.code, code) })
}

func listCampaigns(c *call) (any, error) {
	rows := mapRows(c.shop.campaigns, func(g *campaign) object {
		return obj("id", g.id, "code", g.code, "name", g.name, "isActive", true, "startDate", naive(g.start), "endDate", naive(g.end),
			"quantity", len(c.shop.vouchers), "price", g.price, "useVoucherCombineInvoice", false, "isGlobal", true,
			"forAllCusGroup", true, "forAllUser", true)
	})
	return obj("total", len(rows), "data", rows), nil
}

func listVouchers(c *call) (any, error) {
	campaignID := c.in.int("campaignId")
	rows := []object{}
	for _, v := range c.shop.vouchers {
		if campaignID != 0 && v.campaign.id != campaignID || c.in.has("status") && c.in.int("status") != int64(v.status) {
			continue
		}
		rows = append(rows, obj("id", v.id, "code", v.code, "voucherCampaignId", v.campaign.id, "releaseDate", ifNaive(v.released),
			"expireDate", naive(v.campaign.end), "usedDate", ifNaive(v.used), "status", v.status, "sellType", 0, "price", v.campaign.price))
	}
	return obj("total", len(rows), "data", rows), nil
}

func addVouchers(c *call) (any, error) {
	s, in := c.shop, c.in
	id := in.int("voucherCampaignId")
	g := find(s.campaigns, func(g *campaign) bool { return g.id == id })
	if g == nil {
		return nil, noSuch(validateException, "Đợt phát hành voucher")
	}
	rows := in.children("data")
	for _, row := range rows {
		if s.voucherByCode(row.text("code")) != nil {
			return nil, duplicate(validateException, "Mã voucher", row.text("code"))
		}
	}
	if err := c.checked(); err != nil {
		return nil, err
	}
	for _, row := range rows {
		s.vouchers = append(s.vouchers, &voucher{id: s.next("voucher"), code: row.text("code"), campaign: g})
	}
	return obj("message", "Thêm mới voucher thành công"), nil
}

// changeVouchers serves give (only status 0) and cancel.
func (c *call) changeVouchers(change func(*voucher), allowed ...int) (any, error) {
	var list []*voucher
	for _, row := range c.in.children("Vouchers") {
		v := c.shop.voucherByCode(row.text("Code"))
		if v == nil || v.campaign.id != c.in.int("CampaignId") {
			return nil, noSuch(validateException, "Voucher")
		}
		ok := false
		for _, status := range allowed {
			ok = ok || v.status == status
		}
		if !ok {
			return nil, business(validateException, "Trạng thái voucher không hợp lệ")
		}
		list = append(list, v)
	}
	if err := c.checked(); err != nil {
		return nil, err
	}
	for _, v := range list {
		change(v)
	}
	return obj("message", "Cập nhật voucher thành công"), nil
}

func giveVouchers(c *call) (any, error) {
	at := c.in.date("ReleaseDate")
	if at.IsZero() {
		at = c.now
	}
	return c.changeVouchers(func(v *voucher) { v.status, v.released = voucherReleased, at }, voucherUnused)
}

func cancelVouchers(c *call) (any, error) {
	return c.changeVouchers(func(v *voucher) { v.status = voucherCancelled }, voucherUnused, voucherReleased)
}

// useCoupons knows no coupon: each one comes back among the wrong ones.
func useCoupons(c *call) (any, error) {
	bad := mapRows(c.in.children("coupons"), func(in input) object { return obj("code", in.text("code")) })
	return obj("message", "Cập nhật coupon thành công", "dataError", bad), c.checked()
}
