package sandbox

import "strings"

// masked hides a text but its first and last character (§7.11).
func masked(text string) string { return stars(text, 1) }

// maskedPhone leaves two digits at each end.
func maskedPhone(text string) string { return stars(text, 2) }

func stars(text string, open int) string {
	runes := []rune(text)
	if len(runes) == 0 {
		return ""
	}
	if len(runes) <= 2*open {
		return strings.Repeat("*", len(runes))
	}
	return string(runes[:open]) + strings.Repeat("*", len(runes)-2*open) + string(runes[len(runes)-open:])
}

// withCountryCode writes a Vietnamese number the way orders show it.
func withCountryCode(phone string) string {
	if strings.HasPrefix(phone, "0") {
		return "84" + phone[1:]
	}
	return strings.TrimPrefix(phone, "+")
}

// address is the object of §7.5. district is the misspelt name in lists and
// the right one in the single order (§15 no. 3).
func (s *Server) address(b buyer, district string) map[string]any {
	name, phone := b.name, withCountryCode(b.phone)
	street, province, area, ward := b.street, b.province, b.district, b.ward
	if s.desk.Is("mask", "on") {
		name, phone = masked(name), maskedPhone(phone)
		street, province, area, ward = masked(street), masked(province), masked(area), masked(ward)
	}
	return map[string]any{
		"first_name": name, "last_name": "", "phone": phone, "phone2": "",
		"address1": street, "address2": "", "address3": province, "address4": area, "address5": ward,
		// City and the district member are not masked (§7.11).
		"city": b.district, district: b.ward, "post_code": "", "country": "Vietnam",
	}
}
