package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

type branch struct {
	id                int64
	name              string
	active            bool
	created, modified time.Time
}

type user struct {
	id                  int64
	userName, givenName string
	phone               string
	superAdmin          bool
	created             time.Time
}

type channel struct {
	id      int64
	name    string
	active  bool
	created time.Time
}

type bankAccount struct {
	id                        int64
	bank, number, description string
	created                   time.Time
}

type surcharge struct {
	id                int64
	code, name        string
	value             decimal.Decimal
	active            bool
	created, modified time.Time
}

func (s *shop) addBranch(name string) *branch {
	b := &branch{id: s.next("branch"), name: name, active: true, created: s.now()}
	s.branches = append(s.branches, b)
	s.announceBranch(b)
	return b
}

func (s *shop) announceBranch(b *branch) {
	s.emit("branch.update", eventKey(b.id), func() any {
		return obj("__type", typeName("WebhookBranchRes"), "Id", b.id, "Name", b.name, "Address", "1 Phố Mẫu", "Location", "Hà Nội",
			"IsActive", b.active, "IsLock", false, "CreatedDate", zoned(b.created), "ModifiedDate", ifZoned(b.modified), "RetailerId", s.id)
	})
}

func (s *shop) branch(id int64) *branch {
	return find(s.branches, func(b *branch) bool { return b.id == id })
}

func (s *shop) branchName(id int64) string {
	if b := s.branch(id); b != nil {
		return b.name
	}
	return ""
}

func (s *shop) user(id int64) *user {
	return find(s.users, func(u *user) bool { return u.id == id })
}

func (s *shop) userName(id int64) string {
	if u := s.user(id); u != nil {
		return u.userName
	}
	return ""
}

// owner is the super admin.
func (s *shop) owner() *user { return s.users[0] }

// staff is who stands at the counter.
func (s *shop) staff() *user { return s.users[min(1, len(s.users)-1)] }

// simpleKey serves orderBy of the short lists.
func simpleKey(id int64, name string, created, modified time.Time) func(string) any {
	return func(field string) any {
		switch field {
		case "id":
			return id
		case "name", "branchname", "username", "surchargename":
			return name
		case "createddate", "createdate":
			return created
		case "modifieddate":
			return later(created, modified)
		}
		return nil
	}
}

// listBranches: removedIds are branches that are no longer active (§4.7).
func listBranches(c *call) (any, error) {
	s, from := c.shop, c.in.date("lastModifiedFrom")
	removed := []int64{}
	var rows []*branch
	for _, b := range s.branches {
		switch {
		case !b.active:
			removed = append(removed, b.id)
		case modifiedSince(from, b.created, b.modified):
			rows = append(rows, b)
		}
	}
	return page(c, rows, func(b *branch, f string) any { return simpleKey(b.id, b.name, b.created, b.modified)(f) },
		func(b *branch) object {
			return obj("id", b.id, "branchName", b.name, "branchCode", "CN"+lastDigits(b.id), "contactNumber", "0900000000",
				"address", "1 Phố Mẫu, Hà Nội", "retailerId", s.id, "createdDate", naive(b.created), "modifiedDate", ifNaive(b.modified))
		}, listOptions{removedKey: "removedIds", removed: removed}), nil
}

func lastDigits(id int64) string {
	text := decimal.NewFromInt(id).String()
	return text[max(0, len(text)-3):]
}

// listUsers hides the super admin (§4.7).
func listUsers(c *call) (any, error) {
	s, from := c.shop, c.in.date("lastModifiedFrom")
	var rows []*user
	for _, u := range s.users {
		if !u.superAdmin && modifiedSince(from, u.created, time.Time{}) {
			rows = append(rows, u)
		}
	}
	o := listOptions{removedKey: "removeIds"}
	if c.in.flag("includeRemoveIds") {
		o.removed = []int64{}
	}
	return page(c, rows, func(u *user, f string) any { return simpleKey(u.id, u.userName, u.created, time.Time{})(f) },
		func(u *user) object {
			return obj("id", u.id, "userName", u.userName, "givenName", u.givenName, "mobilePhone", ifText(u.phone), "retailerId", s.id,
				"createdDate", naive(u.created))
		}, o), nil
}

func listBankAccounts(c *call) (any, error) {
	s := c.shop
	o := listOptions{removedKey: "removeIds"}
	if c.in.flag("includeRemoveIds") {
		o.removed = []int64{}
	}
	return page(c, s.accounts, func(a *bankAccount, f string) any { return simpleKey(a.id, a.bank, a.created, time.Time{})(f) },
		func(a *bankAccount) object {
			return obj("id", a.id, "bankName", a.bank, "accountNumber", a.number, "description", a.description, "retailerId", s.id,
				"createdDate", naive(a.created))
		}, o), nil
}

func listChannels(c *call) (any, error) {
	from := c.in.date("lastModifiedFrom")
	rows := slices.DeleteFunc(slices.Clone(c.shop.channels), func(ch *channel) bool { return !modifiedSince(from, ch.created, time.Time{}) })
	return page(c, rows, func(ch *channel, f string) any { return simpleKey(ch.id, ch.name, ch.created, time.Time{})(f) },
		func(ch *channel) object {
			return obj("id", ch.id, "name", ch.name, "isActive", ch.active, "img", "", "isNotDelete", false)
		}, listOptions{}), nil
}

func listTrademarks(c *call) (any, error) {
	return page(c, []object{}, func(object, string) any { return nil }, func(o object) object { return o }, listOptions{}), nil
}

// listLocations has no parameters (§4.16).
func listLocations(c *call) (any, error) {
	rows := mapRows([][2]string{
		{"Hà Nội - Quận Hoàn Kiếm", "Ha Noi - Quan Hoan Kiem"}, {"Hà Nội - Quận Cầu Giấy", "Ha Noi - Quan Cau Giay"},
		{"Hồ Chí Minh - Quận 1", "Ho Chi Minh - Quan 1"}, {"Đà Nẵng - Quận Hải Châu", "Da Nang - Quan Hai Chau"},
	}, func(n [2]string) object { return obj("name", n[0], "normalName", n[1]) })
	for i := range rows {
		rows[i] = append(object{{"id", i + 1}}, rows[i]...)
	}
	return obj("total", len(rows), "pageSize", len(rows), "data", rows), nil
}

func noSurcharges() *refusal {
	return business(validateException, "Chưa bật thu khác trong thiết lập cửa hàng")
}

func surchargeObject(s *shop, x *surcharge) object {
	return obj("id", x.id, "surchargeCode", x.code, "surchargeName", x.name, "valueRatio", decimal.Zero, "value", x.value,
		"retailerId", s.id, "createDate", naive(x.created), "modifiedDate", ifNaive(x.modified))
}

// listSurcharges hides the deactivated ones (§4.8).
func listSurcharges(c *call) (any, error) {
	s, from := c.shop, c.in.date("lastModifiedFrom")
	if !s.settings[setSurcharges] {
		return nil, noSurcharges()
	}
	var rows []*surcharge
	for _, x := range s.surcharges {
		if x.active && modifiedSince(from, x.created, x.modified) {
			rows = append(rows, x)
		}
	}
	return page(c, rows, func(x *surcharge, f string) any { return simpleKey(x.id, x.name, x.created, x.modified)(f) },
		func(x *surcharge) object { return surchargeObject(s, x) }, listOptions{}), nil
}

// readSurcharge serves POST and PUT; x is nil for a new one.
func (c *call) readSurcharge(x *surcharge) (any, error) {
	s, in := c.shop, c.in
	name, code, value := in.text("name"), in.text("code"), in.number("value")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if !s.settings[setSurcharges] {
		c.warn("writing surcharges while the shop has them off")
		return nil, noSurcharges()
	}
	taken := func(code string) bool {
		other := find(s.surcharges, func(o *surcharge) bool { return strings.EqualFold(o.code, code) })
		return other != nil && other != x
	}
	switch {
	case x == nil && name == "":
		return nil, business(validateException, "Tên thu khác không được để trống")
	case code != "" && taken(code):
		return nil, duplicate(validateException, "Mã thu khác", code) // also of a deactivated one
	}
	if x == nil {
		x = &surcharge{id: s.next("surcharge"), active: true, created: c.now}
		s.surcharges = append(s.surcharges, x)
		if code == "" {
			code = s.autoCode("THK", taken)
		}
	} else {
		x.modified = c.now
	}
	if name != "" {
		x.name = name
	}
	if code != "" {
		x.code = code
	}
	if in.has("value") {
		x.value = value
	}
	return obj("message", "Thông tin thu khác được cập nhật thành công", "data", surchargeObject(s, x)), nil
}

func addSurcharge(c *call) (any, error) { return c.readSurcharge(nil) }

func (c *call) surcharge() (*surcharge, error) {
	id := c.in.int("id")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if x := find(c.shop.surcharges, func(x *surcharge) bool { return x.id == id }); x != nil {
		return x, nil
	}
	return nil, noSuch(validateException, "Thu khác")
}

func putSurcharge(c *call) (any, error) {
	x, err := c.surcharge()
	if err != nil {
		return nil, err
	}
	return c.readSurcharge(x)
}

func activateSurcharge(c *call) (any, error) {
	active := c.in.flag("isActive")
	x, err := c.surcharge()
	if err != nil {
		return nil, err
	}
	x.active, x.modified = active, c.now
	return obj("message", "Cập nhật dữ liệu thành công"), nil
}
