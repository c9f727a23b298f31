package kiotviet

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// probes are the reads that every connection needs (ABH-14, HRV-17). KiotViet
// refuses one with "Không có quyền …" where the key lacks the right.
var probes = []string{"products", "customers", "orders", "invoices"}

// check tells what stands in the way of a connection: credentials, the rights
// to read, the settings that refuse documents (ABH-09, HRV-12). It costs five
// GETs. The webhooks are the hub's to look after.
//
// A failure that says nothing about the shop (throttled, unreachable) is
// returned as an error: the check could not be made.
func (s shop) check(ctx context.Context) ([]retail.Problem, error) {
	var out []retail.Problem
	if have, want := s.account.Grant.AccountName, retailer(s.account.Keys); have != "" && !strings.EqualFold(have, want) {
		out = append(out, retail.Problem{Key: "kiotviet.other_retailer", Args: map[string]any{"entered": want, "key_of": have}})
	}
	for _, name := range probes {
		_, err := s.get(ctx, "/"+name, "/"+name, url.Values{"pageSize": {"1"}})
		p, stop, err := problemOf(err, name)
		if err != nil {
			return nil, err
		}
		if p.Key != "" {
			out = append(out, p)
		}
		if stop {
			return out, nil
		}
	}
	more, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	return append(out, more...), nil
}

// problemOf turns what a probe met into a problem. stop says that further
// probes would meet the same.
func problemOf(err error, object string) (p retail.Problem, stop bool, failed error) {
	if err == nil {
		return retail.Problem{}, false, nil
	}
	e, ok := errors.AsType[*connector.Error](err)
	if !ok {
		return retail.Problem{}, false, err
	}
	switch e.Kind {
	case connector.Unauthorised:
		if p = e.Problem; !strings.HasPrefix(p.Key, "kiotviet.") {
			// A token that KiotViet gave a moment ago and now refuses: the
			// retailer in the header is not its own (§2.5, unknown in form).
			p.Key = "kiotviet.wrong_retailer"
		}
		return p, true, nil
	case connector.Forbidden, connector.Rejected:
		p = e.Problem
		p.Object = object
		return p, false, nil
	default:
		return retail.Problem{}, false, err
	}
}

// settings reads the four settings that KiotViet shows (kiotviet.md §3.8). One
// that is missing from the answer is not judged.
func (s shop) settings(ctx context.Context) ([]retail.Problem, error) {
	body, err := s.get(ctx, "/settings", "/settings", nil)
	if err != nil {
		p, _, failed := problemOf(err, "settings")
		if failed != nil {
			return nil, failed
		}
		return []retail.Problem{p}, nil
	}
	var set struct {
		ManagerCustomerByBranch    *flag
		AllowOrderWhenOutStock     *flag
		AllowSellWhenOrderOutStock *flag
		AllowSellWhenOutStock      *flag
	}
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, unreadable("GET /settings", false, err)
	}
	var out []retail.Problem
	for _, x := range []struct {
		have *flag
		bad  flag
		key  string
	}{
		{set.AllowOrderWhenOutStock, false, "kiotviet.ordering_out_of_stock_off"},
		{set.AllowSellWhenOutStock, false, "kiotviet.selling_out_of_stock_off"},
		{set.AllowSellWhenOrderOutStock, false, "kiotviet.selling_reserved_off"},
		{set.ManagerCustomerByBranch, true, "kiotviet.customers_by_branch"},
	} {
		if x.have != nil && *x.have == x.bad {
			out = append(out, retail.Problem{Key: x.key})
		}
	}
	return out, nil
}
