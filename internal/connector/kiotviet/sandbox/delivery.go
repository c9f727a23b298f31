package sandbox

import (
	"time"

	"github.com/shopspring/decimal"
)

// delivery is orderDelivery, invoiceDelivery and deliveryDetail (§4.6.2).
type delivery struct {
	code, receiver, phone, address, location, ward string
	kind, price, weight, length, width, height     *decimal.Decimal
	locationID, partnerID                          int64
	status                                         int
	collect                                        bool // usingPriceCod
	collectAmount                                  decimal.Decimal
	partner                                        *partner
	expected                                       time.Time
}

type partner struct{ code, name, address, phone, email string }

// Delivery states, the long list of §6.
var deliveryStatus = map[int]string{
	1: "Chờ xử lý", 2: "Đang giao hàng", 3: "Giao thành công", 4: "Đang chuyển hoàn", 5: "Đã chuyển hoàn", 6: "Đã hủy",
	7: "Đang lấy hàng", 8: "Chờ lấy lại", 9: "Đã lấy hàng", 10: "Chờ giao lại", 11: "Chờ chuyển hoàn", 12: "Chờ chuyển hoàn lại",
}

// deliveryGates applies the two settings about delivery (§3.8).
func (c *call) deliveryGates(in input, name, exception string) error {
	s := c.shop
	detail, ok := in.child(name)
	if !s.settings[setDelivery] && (ok || in.flag("usingCod")) {
		return off(exception, setDelivery)
	}
	if !s.settings[setCOD] && ok && (detail.flag("usingPriceCod") || detail.number("priceCodPayment").Sign() != 0) {
		return off(exception, setCOD)
	}
	return nil
}

// readDelivery takes what was sent over what there was. old is nil for a new
// delivery.
func (c *call) readDelivery(in input, old *delivery, exception string) (*delivery, error) {
	d := delivery{status: 1}
	if old != nil {
		for _, name := range []string{"receiver", "contactNumber", "address"} {
			if !in.has(name) {
				c.warn("deliveryDetail without " + name + " in an update")
				break
			}
		}
		if c.srv.desk.Is("delivery_put_partial", "merged") {
			d = *old
		} else {
			d.status = old.status
		}
	}
	for name, field := range map[string]*string{
		"deliveryCode": &d.code, "receiver": &d.receiver, "contactNumber": &d.phone, "address": &d.address,
		"locationName": &d.location, "wardName": &d.ward,
	} {
		if in.has(name) {
			*field = in.text(name)
		}
	}
	for name, field := range map[string]**decimal.Decimal{
		"type": &d.kind, "price": &d.price, "weight": &d.weight, "length": &d.length, "width": &d.width, "height": &d.height,
	} {
		if v := in.maybe(name); v != nil {
			*field = v
		}
	}
	if in.has("locationId") {
		d.locationID = in.int("locationId")
	}
	if in.has("partnerDeliveryId") {
		d.partnerID = in.int("partnerDeliveryId")
	}
	if in.has("status") {
		d.status = int(in.int("status"))
		if deliveryStatus[d.status] == "" {
			return nil, business(exception, "Trạng thái giao hàng không hợp lệ")
		}
		if d.status > 6 {
			c.warn("writing a delivery status over 6")
		}
	}
	if in.has("usingPriceCod") {
		d.collect = in.flag("usingPriceCod")
	}
	if in.has("priceCodPayment") {
		d.collectAmount = in.number("priceCodPayment")
	}
	if in.has("expectedDelivery") {
		d.expected = in.date("expectedDelivery")
	}
	if who, ok := in.child("partnerDelivery"); ok {
		d.partner = &partner{who.text("code"), who.text("name"), who.text("address"), who.text("contactNumber"), who.text("email")}
	}
	return &d, nil
}

// object renders a delivery for reads; invoices show more of it than orders.
func (d *delivery) object(s *shop, invoice bool) object {
	o := obj("deliveryCode", ifText(d.code), "type", ifNumber(d.kind))
	if invoice {
		o = o.with("status", d.status, "statusValue", deliveryStatus[d.status])
	}
	o = o.with("price", ifNumber(d.price), "receiver", s.mask(d.receiver), "contactNumber", s.mask(d.phone), "address", s.mask(d.address),
		"locationId", ifID(d.locationID), "locationName", ifText(d.location), "wardName", ifText(d.ward))
	if invoice {
		o = o.with("usingPriceCod", d.collect, "priceCodPayment", d.collectAmount)
	}
	o = o.with("weight", ifNumber(d.weight), "length", ifNumber(d.length), "width", ifNumber(d.width), "height", ifNumber(d.height),
		"partnerDeliveryId", ifID(d.partnerID))
	if p := d.partner; p != nil {
		o = o.with("partnerDelivery", obj("code", p.code, "name", p.name, "address", ifText(p.address),
			"contactNumber", ifText(p.phone), "email", ifText(p.email)))
	}
	return o.with("expectedDelivery", ifNaive(d.expected))
}

// event is the delivery inside invoice.update: no fields about collection
// (§5.4).
func (d *delivery) event(s *shop) object {
	o := obj("DeliveryCode", ifText(d.code), "Status", d.status, "StatusValue", deliveryStatus[d.status], "Type", ifNumber(d.kind),
		"Price", ifNumber(d.price), "Receiver", s.mask(d.receiver), "ContactNumber", s.mask(d.phone), "Address", s.mask(d.address),
		"LocationId", ifID(d.locationID), "LocationName", ifText(d.location), "Weight", ifNumber(d.weight), "Length", ifNumber(d.length),
		"Width", ifNumber(d.width), "Height", ifNumber(d.height), "PartnerDeliveryId", ifID(d.partnerID))
	if p := d.partner; p != nil {
		o = o.with("PartnerDelivery", obj("Code", p.code, "Name", p.name, "ContactNumber", ifText(p.phone), "Address", ifText(p.address), "Email", ifText(p.email)))
	}
	return o
}
