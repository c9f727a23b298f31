package kiotviet

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/retail"
)

// directory answers searches with the rows whose text contains the search, as
// a loose search does.
func directory(rows ...string) func(request) (int, string) {
	return func(r request) (int, string) {
		q, _ := url.ParseQuery(r.Query)
		var out []string
		for _, row := range rows {
			if strings.Contains(row, q.Get("contactNumber")) {
				out = append(out, row)
			}
		}
		if out == nil {
			return 200, `{"total":0,"pageSize":100}`
		}
		return 200, `{"total":` + string(rune('0'+len(out))) + `,"data":[` + strings.Join(out, ",") + `]}`
	}
}

// rule: LZD-18
func TestFindCustomersByEveryFormOfAPhone(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []string
		want []string
	}{
		{"as 0…", []string{`{"id":1,"contactNumber":"0900000001"}`}, []string{"1"}},
		{"as 84…", []string{`{"id":1,"contactNumber":"84900000001"}`}, []string{"1"}},
		{"as +84…", []string{`{"id":1,"contactNumber":"+84900000001"}`}, []string{"1"}},
		{"as each", []string{`{"id":1,"contactNumber":"0900000001"}`, `{"id":2,"contactNumber":"84900000001"}`, `{"id":3,"contactNumber":"+84900000001"}`}, []string{"1", "2", "3"}},
		{"a longer number", []string{`{"id":1,"contactNumber":"09000000012"}`}, nil},
		{"masked", []string{`{"id":1,"contactNumber":"09*****001","x":"0900000001"}`}, nil},
		{"sole row without number", []string{`{"id":1,"name":"A","x":"0900000001"}`}, []string{"1"}},
		{"two rows without number", []string{`{"id":1,"x":"0900000001"}`, `{"id":2,"x":"0900000001"}`}, nil},
		{"sole row without number, masked name", []string{`{"id":1,"name":"Đ******h","x":"0900000001"}`}, nil},
		{"a row of sums", []string{`{"id":-1,"contactNumber":"0900000001"}`}, nil},
		{"nobody", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f := answering(t, directory(c.rows...))
			got, err := s.findCustomers(t.Context(), "+84900000001")
			var ids []string
			for _, x := range got {
				ids = append(ids, x.ID)
			}
			if diff := cmp.Diff(c.want, ids); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
			if len(f.calls) != 3 {
				t.Errorf("%d calls", len(f.calls))
			}
		})
	}
}

func TestMaskedAndShortNumbersAreNotSearched(t *testing.T) {
	s, f := answering(t, always(500, ``))
	for _, phone := range []string{"", "+84", "0900***001", "19001234", "Trần"} {
		if got, err := s.findCustomers(t.Context(), phone); got != nil || err != nil {
			t.Errorf("%q: %v, %v", phone, got, err)
		}
	}
	if len(f.calls) != 0 {
		t.Errorf("%d calls", len(f.calls))
	}
}

func TestPhoneNumbersAreComparedByTheirDigits(t *testing.T) {
	for text, want := range map[string]string{
		"+84900000001": "84900000001", "0900000001": "84900000001", "84900000001": "84900000001", "0900.000.001": "84900000001", " 0900 000 001 ": "84900000001",
		"0084900000001": "84900000001", "900000001": "84900000001", "0849000001": "84849000001", "849000001": "84849000001", "(024) 3824-0000": "842438240000",
		"+12025550100": "12025550100", "09*****001": "", "0900000001/0900000002": "", "": "",
	} {
		if got := digitsOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for phone, want := range map[string]string{"+84900000001": "0900000001", "84900000001": "0900000001", "+12025550100": "+12025550100", "0900***001": "", "": ""} {
		if got := localPhone(phone); got != want {
			t.Errorf("%q is stored as %q, want %q", phone, got, want)
		}
	}
}

func TestCreateCustomerTakesBothEnvelopes(t *testing.T) {
	for _, answer := range []string{
		`{"id":810045,"code":"KHLZD4110","name":"Trần Thử","contactNumber":"0900000001","branchId":8}`,
		`{"message":"Cập nhật dữ liệu thành công","data":{"id":810045,"code":"KHLZD4110","name":"Trần Thử","contactNumber":"0900000001","branchId":[8]}}`,
		`{"data":{"id":810045,"branchId":8}}`,
	} {
		s, f := answering(t, always(200, answer))
		got, err := s.createCustomer(t.Context(), retail.Customer{Code: "KHLZD4110", Name: "Trần Thử", Phone: "+84900000001", Address: "1 Phố Mẫu", BranchID: "8"})
		want := retail.Customer{ID: "810045", Code: "KHLZD4110", Name: "Trần Thử", Phone: "0900000001", BranchID: "8"}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		golden(t, "create_customer.json", f.last().Body)
	}
}

func TestCustomerByCode(t *testing.T) {
	s, f := answering(t, always(420, kv("KvValidateCustomerException", "Khách hàng không tồn tại")))
	_, err := s.customerByCode(t.Context(), "KH 1")
	if connector.KindOf(err, false) != connector.NotFound || f.last().Path != "/customers/code/KH 1" {
		t.Errorf("%v at %s", err, f.last().Path)
	}
}
