package kiotviet

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/dongbo/dongbo/internal/retail"
)

// wireCustomer is a customer as KiotViet writes it (kiotviet.md §4.4).
type wireCustomer struct {
	ID            ident
	Code          string
	Name          string
	ContactNumber string
	Address       string
	BranchID      json.RawMessage // a number, or a list of them (§4.4, disputed)
	ModifiedDate  moment
	CreatedDate   moment
}

func (w wireCustomer) customer() retail.Customer {
	c := retail.Customer{
		ID: w.ID.some(), Code: w.Code, Name: w.Name, Phone: w.ContactNumber, Address: w.Address,
		Modified: w.ModifiedDate.Time,
	}
	var branches list[ident]
	if branches.UnmarshalJSON(w.BranchID) == nil && len(branches) == 1 {
		c.BranchID = branches[0].some()
	}
	if c.Modified.IsZero() {
		c.Modified = w.CreatedDate.Time
	}
	return c
}

// findCustomers searches for a phone number in each form that shops keep it in,
// since nothing says that the search normalises (§4.4), and keeps the rows
// whose number is equal. It costs three GETs.
//
// Rows may come back without their number. Such a row counts only as the sole
// hit of a search, as the vendor's own plugin has it: the risk, accepted
// because the other choice makes a second customer each time, is a row that
// matched by its second number.
//
// A masked number identifies nobody: it is neither searched nor matched.
func (s shop) findCustomers(ctx context.Context, phone string) ([]retail.Customer, error) {
	wanted := digitsOf(phone)
	if len(wanted) < shortestPhone {
		return nil, nil
	}
	var out []retail.Customer
	seen := map[ident]bool{}
	for _, form := range phoneForms(wanted) {
		rows, err := all(ctx, s, source[wireCustomer]{
			route: "/customers", path: "/customers", query: url.Values{"contactNumber": {form}}, key: "id",
			id: func(c wireCustomer) ident { return c.ID },
		})
		if err != nil {
			return nil, err
		}
		for _, w := range rows {
			have := strings.TrimSpace(w.ContactNumber)
			equal := digitsOf(have) == wanted
			if have == "" {
				equal = len(rows) == 1 && !strings.Contains(w.Name, "**")
			}
			if equal && w.ID.real() && !seen[w.ID] {
				seen[w.ID] = true
				out = append(out, w.customer())
			}
		}
	}
	return out, nil
}

// shortestPhone is the shortest number, with its country, that is searched for.
const shortestPhone = 9

// digitsOf returns a phone number as digits with the country in front and no
// plus, "" for what is masked or no number.
func digitsOf(phone string) string {
	var b strings.Builder
	for i, r := range strings.TrimSpace(phone) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0, strings.ContainsRune(" .-()\u00a0", r):
		default:
			return ""
		}
	}
	d := b.String()
	switch {
	case strings.HasPrefix(strings.TrimSpace(phone), "+"):
		return d
	case strings.HasPrefix(d, "00"):
		return d[2:]
	case strings.HasPrefix(d, "0"):
		return "84" + d[1:]
	case len(d) == 9: // a spreadsheet ate the zero
		return "84" + d
	}
	return d
}

// phoneForms lists how a shop may have stored a number.
func phoneForms(d string) []string {
	if local, ok := strings.CutPrefix(d, "84"); ok {
		return []string{"0" + local, d, "+" + d}
	}
	return []string{d, "+" + d}
}

// localPhone writes a Vietnamese number as people do, 0…; others stay as they
// are, and what is masked is left out.
func localPhone(phone string) string {
	if strings.Contains(phone, "*") {
		return ""
	}
	if local, ok := strings.CutPrefix(digitsOf(phone), "84"); ok && len(local) >= 9 {
		return "0" + local
	}
	return strings.TrimSpace(phone)
}

// customerByCode reads a customer by code; NotFound if there is none.
func (s shop) customerByCode(ctx context.Context, code string) (retail.Customer, error) {
	w, err := object[wireCustomer](ctx, s, "/customers/code/{code}", "/customers/code/"+url.PathEscape(code))
	if err != nil {
		return retail.Customer{}, err
	}
	return w.customer(), nil
}

// newCustomer is the body of POST /customers.
type newCustomer struct {
	Code          string `json:"code,omitempty"`
	Name          string `json:"name"`
	ContactNumber string `json:"contactNumber,omitempty"`
	Address       string `json:"address,omitempty"`
	BranchID      ident  `json:"branchId,omitempty"`
}

// createCustomer makes a customer under the code asked for. Exists if the code
// is taken.
func (s shop) createCustomer(ctx context.Context, c retail.Customer) (retail.Customer, error) {
	w, err := write[wireCustomer](ctx, s, call{
		method: http.MethodPost, route: "POST /customers", path: "/customers",
		body: newCustomer{Code: c.Code, Name: c.Name, ContactNumber: localPhone(c.Phone), Address: c.Address, BranchID: ident(c.BranchID)},
		hide: []string{c.Name, c.Phone, localPhone(c.Phone), c.Address},
	})
	if err != nil {
		return retail.Customer{}, err
	}
	// KiotViet leaves out what it does not repeat; nobody else knows this id yet.
	made := w.customer()
	if made.Code == "" {
		made.Code = c.Code
	}
	if made.Name == "" {
		made.Name = c.Name
	}
	if made.Phone == "" {
		made.Phone = localPhone(c.Phone)
	}
	return made, nil
}
