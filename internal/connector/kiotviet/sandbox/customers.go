package sandbox

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

type customer struct {
	id                                                       int64
	code, name, phone, subPhone                              string
	gender                                                   *bool
	birth                                                    time.Time
	identification, address, location, ward, email, comments string
	organization, taxCode                                    string
	groups                                                   []int64
	branchID                                                 int64
	created, modified                                        time.Time
	gone                                                     bool
}

type customerGroup struct {
	id      int64
	name    string
	created time.Time
}

func (s *shop) customer(id int64) *customer {
	return find(s.customers, func(k *customer) bool { return k.id == id && !k.gone })
}

// anyCustomer finds a customer even if he was deleted: documents name him.
func (s *shop) anyCustomer(id int64) *customer {
	return find(s.customers, func(k *customer) bool { return k.id == id })
}

func (s *shop) customerByCode(code string) *customer {
	return find(s.customers, func(k *customer) bool { return !k.gone && strings.EqualFold(k.code, code) })
}

// samePhone finds who has a phone already. With customers per branch, the same
// phone may exist once per branch (§3.8).
func (s *shop) samePhone(phone string, branch int64) *customer {
	if phone = strings.ReplaceAll(phone, " ", ""); phone == "" {
		return nil
	}
	return find(s.customers, func(k *customer) bool {
		return !k.gone && strings.ReplaceAll(k.phone, " ", "") == phone && (!s.settings[setByBranch] || k.branchID == branch)
	})
}

func (s *shop) newCustomer(k *customer) *customer {
	k.id, k.created = s.next("customer"), s.now()
	if k.code == "" {
		k.code = s.autoCode("KH", func(code string) bool { return s.customerByCode(code) != nil })
	}
	if k.branchID == 0 {
		k.branchID = s.branches[0].id
	}
	s.customers = append(s.customers, k)
	s.announceCustomer(k)
	return k
}

func (s *shop) removeCustomer(k *customer) {
	k.gone = true
	s.bury("customer", k.id)
	s.emitDelete("customer.delete", k.id)
}

// totals are the sales of a customer: debt is what his invoices still lack; an
// order leaves it alone (§4.5.5).
func (s *shop) totals(k *customer) (invoiced, debt decimal.Decimal) {
	for _, v := range s.invoices {
		if v.customerID == k.id && v.status != invoiceVoided {
			invoiced = invoiced.Add(v.total)
			debt = debt.Add(v.total.Sub(s.paid(&v.document)))
		}
	}
	for _, r := range s.returns {
		if r.invoice.customerID == k.id {
			debt = debt.Sub(r.total)
		}
	}
	return invoiced, debt
}

// mask blanks what marketplaces hide (§3.5): "Đ******h".
func (s *shop) mask(text string) any {
	switch s.srv.desk.Value("masked_customers") {
	case "blank":
		return nil
	case "masked":
		if r := []rune(text); len(r) > 1 {
			return string(r[0]) + "******" + string(r[len(r)-1])
		}
	}
	return ifText(text)
}

type customerFlags struct{ total, group bool }

func customerObject(s *shop, k *customer, f customerFlags, row bool) object {
	invoiced, debt := s.totals(k)
	phone := s.mask(k.phone)
	if row && s.is("customer_row_without_phone", "true") {
		phone = nil
	}
	name := s.mask(k.name)
	if name == nil {
		name = ""
	}
	o := obj("id", k.id, "code", k.code, "name", name, "type", 0)
	if k.gender != nil {
		o = o.with("gender", *k.gender)
	}
	o = o.with("birthDate", ifNaive(k.birth), "contactNumber", phone, "subNumber", ifText(k.subPhone),
		"IdentificationNumber", ifText(k.identification), "address", ifText(k.address), "locationName", ifText(k.location),
		"wardName", ifText(k.ward), "email", ifText(k.email), "organization", ifText(k.organization), "comments", ifText(k.comments),
		"taxCode", ifText(k.taxCode), "debt", debt)
	if f.total {
		o = o.with("totalInvoiced", invoiced, "totalPoint", decimal.Zero, "totalRevenue", invoiced)
	}
	if f.group {
		var names []string
		for _, id := range k.groups {
			if g := find(s.groups, func(g *customerGroup) bool { return g.id == id }); g != nil {
				names = append(names, g.name)
			}
		}
		o = o.with("groups", strings.Join(names, "|"))
	}
	return o.with("rewardPoint", 0, "branchId", k.branchID, "retailerId", s.id, "createdDate", naive(k.created), "modifiedDate", ifNaive(k.modified))
}

func (s *shop) announceCustomer(k *customer) {
	s.emit("customer.update", eventKey(k.id), func() any {
		o := obj("__type", typeName("WebhookCustomerRes"), "Id", k.id, "Code", k.code, "Name", s.mask(k.name))
		if k.gender != nil {
			o = o.with("Gender", *k.gender)
		}
		// No debt, no groups, no branch (§5.4).
		return o.with("BirthDate", ifZoned(k.birth), "ContactNumber", s.mask(k.phone), "Address", ifText(k.address),
			"LocationName", ifText(k.location), "Email", ifText(k.email), "ModifiedDate", zoned(later(k.created, k.modified)),
			"Type", 0, "Organization", ifText(k.organization), "TaxCode", ifText(k.taxCode), "Comments", ifText(k.comments))
	})
}

// listCustomers is GET /customers (§4.4).
func listCustomers(c *call) (any, error) {
	s, in := c.shop, c.in
	c.drift()
	from, group, birth := in.date("lastModifiedFrom"), in.int("groupId"), in.date("birthDate")
	if in.has("contactNumber") {
		c.warn("phone forms in the customer search")
	}
	var rows []*customer
	for _, k := range s.customers {
		if k.gone || !modifiedSince(from, k.created, k.modified) ||
			!holds(k.code, in.text("code")) || !holds(k.name, in.text("name")) || !s.phoneFits(k, in.text("contactNumber")) ||
			group != 0 && !slices.Contains(k.groups, group) || !birth.IsZero() && !k.birth.Equal(birth) {
			continue
		}
		rows = append(rows, k)
	}
	f := customerFlags{total: in.flag("includeTotal"), group: in.flag("includeCustomerGroup")}
	o := listOptions{removedKey: "removeId"}
	if in.flag("includeRemoveIds") {
		o.removed = s.buried("customer", from)
	}
	by := func(k *customer, field string) any {
		switch field {
		case "id":
			return k.id
		case "code":
			return k.code
		case "name":
			return k.name
		case "createddate":
			return k.created
		case "modifieddate":
			return later(k.created, k.modified)
		}
		return nil
	}
	return page(c, rows, by, func(k *customer) object { return customerObject(s, k, f, true) }, o), nil
}

// phoneFits is the loose match of §4.4: part of the stored text. Nothing says
// that the search normalises; the switch tries that, too.
func (s *shop) phoneFits(k *customer, want string) bool {
	if want == "" {
		return true
	}
	switch s.srv.desk.Value("phone_search") {
	case "exact":
		return k.phone == want
	case "normalised":
		return strings.Contains(national(k.phone), national(want))
	}
	return holds(k.phone, want) || holds(k.subPhone, want)
}

// national reduces 0…, 84… and +84… to one form.
func national(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if rest, ok := strings.CutPrefix(digits, "84"); ok {
		return "0" + rest
	}
	return digits
}

func listCustomerGroups(c *call) (any, error) {
	s := c.shop
	rows := mapRows(s.groups, func(g *customerGroup) object {
		details := []object{}
		for _, k := range s.customers {
			if !k.gone && slices.Contains(k.groups, g.id) {
				details = append(details, obj("id", k.id*10+g.id, "customerId", k.id, "groupId", g.id))
			}
		}
		return obj("id", g.id, "name", g.name, "description", "", "createdDate", naive(g.created), "createdBy", s.owner().id,
			"retailerId", s.id, "customerGroupDetails", details)
	})
	return obj("total", len(rows), "data", rows), nil
}
