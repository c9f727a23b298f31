package sandbox

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Purchase states (§6).
const (
	purchaseDraft   = 1
	purchaseDone    = 3
	purchaseDeleted = 4
)

var purchaseStatus = map[int]string{purchaseDraft: "Phiếu tạm", purchaseDone: "Đã nhập hàng", purchaseDeleted: "Đã hủy"}

// purchase is a receipt of goods (§4.12).
type purchase struct {
	document
	supplier *supplier
}

type supplier struct {
	id                                         int64
	code, name, phone, address, email, comment string
	created                                    time.Time
}

// enterPurchase moves the goods in and averages the cost.
func (s *shop) enterPurchase(p *purchase) {
	if p.status != purchaseDone {
		return
	}
	for _, l := range p.lines {
		base, conversion := s.base(l.product)
		if base.kind != kindGoods {
			continue
		}
		key, quantity := stockKey{base.id, p.branchID}, l.quantity.Mul(conversion)
		each := l.price.Sub(l.discount).DivRound(conversion, 4)
		base.costs[p.branchID] = averageCost(s.onHands[key], base.costs[p.branchID], quantity, each)
		s.move("purchase", p.code, key, quantity)
	}
}

func averageCost(onHand, cost, more, price decimal.Decimal) decimal.Decimal {
	if onHand.Sign() <= 0 {
		return price
	}
	return onHand.Mul(cost).Add(more.Mul(price)).DivRound(onHand.Add(more), 4)
}

func (s *shop) leavePurchase(p *purchase) {
	if p.status == purchaseDone {
		s.moveAll("purchase_void", p.code, s.needs(&p.document), -1)
	}
}

func purchaseObject(s *shop, p *purchase) object {
	o := obj("id", p.id, "retailerId", s.id, "code", p.code, "branchId", p.branchID, "branchName", s.branchName(p.branchID),
		"purchaseDate", naive(p.purchase), "discount", p.discount, "discountRatio", ifNumber(p.ratio), "total", p.total)
	if x := p.supplier; x != nil {
		o = o.with("supplierId", x.id, "supplierName", x.name, "supplierCode", x.code, "partnerType", "S")
	}
	return o.with("purchaseById", s.owner().id, "purchaseName", s.owner().userName, "status", p.status, "statusValue", purchaseStatus[p.status],
		"description", ifText(p.description), "purchaseOrderDetails", mapRows(p.lines, func(l line) object {
			return obj("productId", l.product.id, "productCode", l.product.code, "productName", l.product.fullName(), "quantity", l.quantity,
				"price", l.price, "discount", l.discount, "discountRatio", ifNumber(l.ratio), "serialNumbers", ifText(l.serials))
		}), "payments", s.paymentObjects(&p.document), "createdDate", naive(p.created), "modifiedDate", ifNaive(p.modified))
}

func listPurchases(c *call) (any, error) {
	s, in := c.shop, c.in
	branches, statuses := in.ints("branchIds"), in.ints("status")
	from, to := in.date("fromPurchaseDate"), in.date("toPurchaseDate")
	var rows []*purchase
	for _, p := range s.purchases { // deleted ones remain listed (§4.12)
		if oneOf(branches, p.branchID) && oneOf(statuses, int64(p.status)) &&
			(from.IsZero() || !p.purchase.Before(from)) && (to.IsZero() || p.purchase.Before(to.AddDate(0, 0, 1))) {
			rows = append(rows, p)
		}
	}
	return page(c, rows, func(p *purchase, f string) any { return documentSortKey(&p.document, f) },
		func(p *purchase) object { return purchaseObject(s, p) }, listOptions{}), nil
}

func (c *call) purchase() (*purchase, error) {
	id := c.in.int("id")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if p := find(c.shop.purchases, func(p *purchase) bool { return p.id == id }); p != nil {
		return p, nil
	}
	return nil, noSuch(validateException, "Phiếu nhập hàng")
}

func getPurchase(c *call) (any, error) {
	p, err := c.purchase()
	if err != nil {
		return nil, err
	}
	return purchaseObject(c.shop, p), nil
}

// readPurchase reads the body of POST and PUT over what the draft holds.
func (c *call) readPurchase(d *draft) (*supplier, error) {
	s, in := c.shop, c.in
	if in.has("branchId") || d.branchID == 0 {
		d.branchID = in.int("branchId")
	}
	if s.branch(d.branchID) == nil {
		return nil, noSuch(branchException, "Chi nhánh")
	}
	if in.has("purchaseDate") {
		d.purchase = in.date("purchaseDate")
	}
	if in.has("purchaseOrderDetails") || len(d.lines) == 0 {
		lines, err := c.readLines(in, "purchaseOrderDetails", validateException)
		if err != nil {
			return nil, err
		}
		if d.lines = lines; len(lines) == 0 {
			return nil, business(validateException, "Phiếu nhập hàng chưa có hàng hóa")
		}
	}
	d.readDiscount(in)
	if in.has("description") {
		d.description = in.text("description")
	}
	d.status = purchaseDone
	if in.flag("isDraft") {
		d.status = purchaseDraft
	}
	d.receipt, d.account, d.method = in.number("paidAmount"), in.int("accountId"), in.text("paymentMethod")
	who, ok := in.child("supplier")
	if !ok {
		return nil, c.checked()
	}
	x := find(s.suppliers, func(x *supplier) bool {
		return strings.EqualFold(x.code, who.text("code")) && x.code != "" || who.text("code") == "" && x.name == who.text("name")
	})
	if x == nil {
		x = &supplier{
			code: who.text("code"), name: who.text("name"), phone: who.text("contactNumber"), address: who.text("address"),
			email: who.text("email"), comment: who.text("comment"), created: c.now,
		}
	}
	return x, c.checked()
}

// keepSupplier is the only way for a supplier to come into being (§4.17).
func (s *shop) keepSupplier(x *supplier) {
	if x == nil || x.id != 0 {
		return
	}
	x.id = s.next("supplier")
	if x.code == "" {
		x.code = s.autoCode("NCC", func(code string) bool {
			return slices.ContainsFunc(s.suppliers, func(o *supplier) bool { return o.code == code })
		})
	}
	s.suppliers = append(s.suppliers, x)
}

func (c *call) settlePurchase(p *purchase, d *draft, x *supplier) {
	s := c.shop
	s.keepSupplier(x)
	if d.purchase.IsZero() {
		d.purchase = c.now
	}
	d.total = d.sum()
	p.document = d.document
	if x != nil {
		p.supplier = x
	}
	s.enterPurchase(p)
	if d.receipt.Sign() > 0 {
		pay := s.receive(&p.document, "PC", d.method, d.account, d.receipt)
		pay.amount, pay.partnerType, pay.group = d.receipt.Neg(), "S", "Tiền trả NCC"
		if p.supplier != nil {
			pay.partnerID, pay.partnerName = p.supplier.id, p.supplier.name
		}
	}
}

func addPurchase(c *call) (any, error) {
	s := c.shop
	d := &draft{}
	x, err := c.readPurchase(d)
	if err != nil {
		return nil, err
	}
	d.id, d.created = s.next("purchase"), c.now
	d.code = s.autoCode("PN", func(string) bool { return false })
	p := &purchase{}
	s.purchases = append(s.purchases, p)
	c.settlePurchase(p, d, x)
	return purchaseObject(s, p), nil
}

func putPurchase(c *call) (any, error) {
	p, err := c.purchase()
	if err != nil {
		return nil, err
	}
	if p.status == purchaseDeleted {
		return nil, business(validateException, "Phiếu nhập hàng đã bị hủy")
	}
	d := &draft{document: p.document}
	x, err := c.readPurchase(d)
	if err != nil {
		return nil, err
	}
	c.shop.leavePurchase(p)
	d.modified = c.now
	c.settlePurchase(p, d, x)
	return purchaseObject(c.shop, p), nil
}

// deletePurchase leaves the document listed, with suffix {DEL} and status 4
// (§4.12).
func deletePurchase(c *call) (any, error) {
	void := c.in.flag("IsVoidPayment")
	p, err := c.purchase()
	if err != nil {
		return nil, err
	}
	if p.status == purchaseDeleted {
		return nil, business(validateException, "Phiếu nhập hàng đã bị hủy")
	}
	c.shop.leavePurchase(p)
	p.status, p.code, p.modified = purchaseDeleted, p.code+"{DEL}", c.now
	for _, pay := range p.payments {
		pay.voided = pay.voided || void
	}
	return deleted(), nil
}

func supplierObject(s *shop, x *supplier) object {
	return obj("id", x.id, "code", x.code, "name", x.name, "contactNumber", ifText(x.phone), "email", ifText(x.email),
		"address", ifText(x.address), "comments", ifText(x.comment), "isActive", true, "createdDate", naive(x.created),
		"retailerId", s.id, "createdBy", s.owner().userName)
}

func listSuppliers(c *call) (any, error) {
	s, in := c.shop, c.in
	from := in.date("lastModifiedFrom")
	var rows []*supplier
	for _, x := range s.suppliers {
		if modifiedSince(from, x.created, time.Time{}) && holds(x.code, in.text("code")) && holds(x.name, in.text("name")) &&
			holds(x.phone, in.text("contactNumber")) {
			rows = append(rows, x)
		}
	}
	o := listOptions{removedKey: "removedId"}
	if in.flag("includeRemoveIds") {
		o.removed = []int64{}
	}
	return page(c, rows, func(x *supplier, f string) any { return simpleKey(x.id, x.name, x.created, time.Time{})(f) },
		func(x *supplier) object { return supplierObject(s, x) }, o), nil
}

// getSupplier takes an id or a code: the spelling is disputed (§4.17).
func getSupplier(c *call) (any, error) {
	key := c.in.text("key")
	id, err := strconv.ParseInt(key, 10, 64)
	x := find(c.shop.suppliers, func(x *supplier) bool {
		return err == nil && x.id == id || err != nil && strings.EqualFold(x.code, key)
	})
	if x == nil {
		return nil, noSuch(validateException, "Nhà cung cấp")
	}
	return supplierObject(c.shop, x), nil
}

// Orders to suppliers exist in the shop's screens only, and nobody makes one
// here (§4.13).
func listSupplierOrders(*call) (any, error) { return obj("total", 0, "data", []any{}), nil }

func getSupplierOrder(*call) (any, error) {
	return nil, noSuch(validateException, "Phiếu đặt hàng nhập")
}
