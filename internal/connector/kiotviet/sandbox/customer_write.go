package sandbox

import "slices"

func (c *call) customer() (*customer, error) {
	k := c.shop.customer(c.in.int("id"))
	if err := c.checked(); err != nil {
		return nil, err
	}
	if k == nil {
		return nil, noSuch(customerException, "Khách hàng")
	}
	return k, nil
}

func getCustomer(c *call) (any, error) {
	k, err := c.customer()
	if err != nil {
		return nil, err
	}
	return customerObject(c.shop, k, customerFlags{total: true, group: true}, false), nil
}

func getCustomerByCode(c *call) (any, error) {
	k := c.shop.customerByCode(c.in.text("code"))
	if k == nil {
		return nil, noSuch(customerException, "Khách hàng")
	}
	return customerObject(c.shop, k, customerFlags{total: true, group: true}, false), nil
}

// validCustomer refuses a body before anything is changed; k is nil for a new
// customer.
func (c *call) validCustomer(in input, k *customer) error {
	s := c.shop
	if k == nil && in.text("name") == "" {
		return business(customerException, "Tên khách hàng không được để trống")
	}
	if code := in.text("code"); code != "" {
		if other := s.customerByCode(code); other != nil && other != k {
			return duplicate(customerException, "Mã khách hàng", code)
		}
	}
	branch := firstOf(in.ints("branchId"))
	if branch != 0 && s.branch(branch) == nil {
		return noSuch(branchException, "Chi nhánh")
	}
	if k != nil {
		branch = k.branchID
	} else if branch == 0 {
		branch = s.branches[0].id
	}
	if other := s.samePhone(in.text("contactNumber"), branch); other != nil && other != k && s.is("phone_unique", "true") {
		return duplicate(customerException, "Điện thoại", in.text("contactNumber"))
	}
	for _, id := range in.ints("groupIds") {
		if !slices.ContainsFunc(s.groups, func(g *customerGroup) bool { return g.id == id }) {
			return noSuch(customerException, "Nhóm khách hàng")
		}
	}
	in.flag("gender")
	in.date("birthDate")
	return c.checked()
}

// readCustomer takes the members that were sent.
func readCustomer(k *customer, in input) {
	for name, field := range map[string]*string{
		"name": &k.name, "contactNumber": &k.phone, "subNumber": &k.subPhone, "IdentificationNumber": &k.identification,
		"address": &k.address, "locationName": &k.location, "wardName": &k.ward, "email": &k.email, "comments": &k.comments,
		"comment": &k.comments, "organization": &k.organization, "taxCode": &k.taxCode,
	} {
		if in.has(name) {
			*field = in.text(name)
		}
	}
	if code := in.text("code"); code != "" {
		k.code = code
	}
	if in.has("gender") {
		v := in.flag("gender")
		k.gender = &v
	}
	if in.has("birthDate") {
		k.birth = in.date("birthDate")
	}
	if in.has("groupIds") {
		k.groups = in.ints("groupIds")
	}
	if k.id == 0 {
		// The docs type branchId as an array, clients send one (§4.4).
		k.branchID = firstOf(in.ints("branchId"))
	}
}

func firstOf(ids []int64) int64 {
	if len(ids) == 0 {
		return 0
	}
	return ids[0]
}

// wrote answers a customer write: wrapped or flat is disputed (§4.4).
func (c *call) wrote(k *customer) object {
	o := customerObject(c.shop, k, customerFlags{}, false)
	details := mapRows(k.groups, func(id int64) object { return obj("id", k.id*10+id, "customerId", k.id, "groupId", id) })
	o = o.with("customerGroupDetails", details)
	if c.srv.desk.Is("customer_write_envelope", "flat") {
		return o
	}
	return updated(o)
}

func addCustomer(c *call) (any, error) {
	if err := c.validCustomer(c.in, nil); err != nil {
		return nil, err
	}
	k := &customer{}
	readCustomer(k, c.in)
	return c.wrote(c.shop.newCustomer(k)), nil
}

func putCustomer(c *call) (any, error) {
	k, err := c.customer()
	if err != nil {
		return nil, err
	}
	if err := c.validCustomer(c.in, k); err != nil {
		return nil, err
	}
	c.changeCustomer(k, c.in)
	return c.wrote(k), nil
}

func (c *call) changeCustomer(k *customer, in input) {
	readCustomer(k, in)
	k.modified = c.now
	c.shop.announceCustomer(k)
}

func deleteCustomer(c *call) (any, error) {
	k, err := c.customer()
	if err != nil {
		return nil, err
	}
	c.shop.removeCustomer(k)
	return deleted(), nil
}

func addCustomers(c *call) (any, error) {
	rows, err := c.bulk("listCustomers", "thêm mới")
	if err != nil {
		return nil, err
	}
	good, err := c.sift(rows, func(in input) error { return c.validCustomer(in, nil) })
	if err != nil {
		return nil, err
	}
	for _, in := range good {
		k := &customer{}
		readCustomer(k, in)
		c.shop.newCustomer(k)
	}
	return obj("message", "Thêm mới danh sách khách hàng thành công"), nil
}

func putCustomers(c *call) (any, error) {
	rows, err := c.bulk("listCustomers", "cập nhật")
	if err != nil {
		return nil, err
	}
	good, err := c.sift(rows, func(in input) error {
		k := c.shop.customer(in.int("id"))
		if k == nil {
			return noSuch(customerException, "Khách hàng")
		}
		return c.validCustomer(in, k)
	})
	if err != nil {
		return nil, err
	}
	for _, in := range good {
		c.changeCustomer(c.shop.customer(in.int("id")), in)
	}
	return obj("message", "Cập nhật danh sách khách hàng thành công"), nil
}
