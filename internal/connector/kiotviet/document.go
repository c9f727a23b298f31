package kiotviet

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dongbo/dongbo/internal/retail"
)

// What orders and invoices have in common: lines, delivery, surcharges, and our
// mark in the description.

// wireLine is a line as KiotViet writes it (kiotviet.md §4.5.2, §4.6.2).
type wireLine struct {
	ProductID     ident
	ProductCode   string
	Quantity      quantity
	Price         amount
	Discount      *amount
	DiscountRatio *ratio
	Note          string
}

// line translates a line. Money wins over a ratio; both are per unit (§3.9,
// inferred).
func (w wireLine) line() retail.DocLine {
	l := retail.DocLine{
		ProductID: w.ProductID.some(), Code: retail.NewSKU(w.ProductCode),
		Qty: retail.Qty(w.Quantity), Price: retail.Money(w.Price), Note: w.Note,
	}
	switch {
	case w.Discount != nil:
		l.Discount = retail.Money(*w.Discount)
	case w.DiscountRatio != nil:
		l.Discount = w.DiscountRatio.of(l.Price)
	}
	return l
}

func linesOf(rows list[wireLine]) []retail.DocLine {
	var out []retail.DocLine
	for _, w := range rows {
		out = append(out, w.line())
	}
	return out
}

// discountOf returns the discount of a document, in money.
func discountOf(money *amount, percent *ratio, lines []retail.DocLine) retail.Money {
	switch {
	case money != nil:
		return retail.Money(*money)
	case percent != nil:
		var sum retail.Money
		for _, l := range lines {
			sum += l.Total()
		}
		return percent.of(sum)
	}
	return 0
}

// newLine is a line to be written. Discount is money off one unit; a ratio is
// never sent.
type newLine struct {
	ProductID   ident        `json:"productId,omitempty"`
	ProductCode string       `json:"productCode,omitempty"`
	Quantity    quantity     `json:"quantity"`
	Price       retail.Money `json:"price"`
	Discount    retail.Money `json:"discount"`
	Note        string       `json:"note,omitempty"`
	IsMaster    *bool        `json:"isMaster,omitempty"`
}

// newLines writes lines. On orders the first line of a product is its main
// line and every further one an extra line (§4.5.2), lest they be merged.
func newLines(lines []retail.DocLine, masters bool) []newLine {
	out := make([]newLine, 0, len(lines))
	seen := map[string]bool{}
	for _, l := range lines {
		n := newLine{
			ProductID: ident(l.ProductID), ProductCode: string(l.Code), Quantity: quantity(l.Qty),
			Price: l.Price, Discount: l.Discount, Note: l.Note,
		}
		if masters {
			first := !seen[l.ProductID+"\x00"+string(l.Code)]
			seen[l.ProductID+"\x00"+string(l.Code)] = true
			n.IsMaster = &first
		}
		out = append(out, n)
	}
	return out
}

// wireDelivery is orderDelivery, invoiceDelivery and deliveryDetail.
type wireDelivery struct {
	DeliveryCode    string
	Status          *code
	Receiver        string
	ContactNumber   string
	Address         string
	LocationName    string
	WardName        string
	UsingPriceCod   flag
	PriceCodPayment *amount

	fields map[string]json.RawMessage // all of them, to be sent back
}

func (w *wireDelivery) UnmarshalJSON(b []byte) error {
	type plain wireDelivery
	if err := json.Unmarshal(b, (*plain)(w)); err != nil {
		return err
	}
	return json.Unmarshal(b, &w.fields)
}

func (w *wireDelivery) receiver() retail.Contact {
	if w == nil {
		return retail.Contact{}
	}
	return retail.Contact{
		Name: w.Receiver, Phone: w.ContactNumber, Address: w.Address, Ward: w.WardName, Area: w.LocationName,
		Masked: strings.Contains(w.ContactNumber, "*") || strings.Contains(w.Receiver, "**"),
	}
}

// newDelivery is a delivery to be written. Type 1 is what every client sends;
// its meaning is not documented.
type newDelivery struct {
	Type            int           `json:"type"`
	Status          int           `json:"status,omitempty"`
	DeliveryCode    string        `json:"deliveryCode,omitempty"`
	Receiver        string        `json:"receiver,omitempty"`
	ContactNumber   string        `json:"contactNumber,omitempty"`
	Address         string        `json:"address,omitempty"`
	UsingPriceCod   *bool         `json:"usingPriceCod,omitempty"`
	PriceCodPayment *retail.Money `json:"priceCodPayment,omitempty"`
}

// deliveryTo writes a receiver; nil if there is none.
func deliveryTo(c retail.Contact) *newDelivery {
	if c.Name == "" && c.Phone == "" && c.Address == "" && c.Ward == "" && c.Area == "" {
		return nil
	}
	phone := c.Phone
	if local := localPhone(phone); local != "" {
		phone = local // a masked number is shown as it is: it identifies nobody here
	}
	return &newDelivery{Type: 1, Receiver: c.Name, ContactNumber: phone, Address: addressLine(c)}
}

// addressLine is the whole address in one line: KiotViet orders have no ward
// field any more (HRV-18), and its location must be one of its own list.
func addressLine(c retail.Contact) string {
	line := strings.TrimSpace(c.Address)
	for _, part := range []string{c.Ward, c.Area} {
		part = strings.TrimSpace(part)
		switch {
		case part == "" || strings.Contains(strings.ToLower(line), strings.ToLower(part)):
		case line == "":
			line = part
		default:
			line += ", " + part
		}
	}
	return line
}

// personal lists what a document says about people, for fault.
func personal(c retail.Contact) []string {
	return []string{c.Name, c.Phone, localPhone(c.Phone), c.Address, addressLine(c)}
}

// wireSurcharge is an item of invoiceOrderSurcharges.
type wireSurcharge struct {
	SurchargeID ident
	Price       *amount
	SurValue    *amount
}

func surchargesOf(rows list[wireSurcharge]) []retail.Surcharge {
	var out []retail.Surcharge
	for _, w := range rows {
		x := retail.Surcharge{ID: w.SurchargeID.some()}
		switch {
		case w.Price != nil:
			x.Amount = retail.Money(*w.Price)
		case w.SurValue != nil:
			x.Amount = retail.Money(*w.SurValue)
		}
		out = append(out, x)
	}
	return out
}

// newSurcharge is an item of surchages (sic, §8).
type newSurcharge struct {
	ID    ident        `json:"id,omitempty"`
	Code  string       `json:"code,omitempty"`
	Price retail.Money `json:"price"`
}

func newSurcharges(rows []retail.Surcharge) []newSurcharge {
	var out []newSurcharge
	for _, x := range rows {
		out = append(out, newSurcharge{ID: ident(x.ID), Code: x.Code, Price: x.Amount})
	}
	return out
}

// mark is how the hub writes its references into texts.
var mark = regexp.MustCompile(`\[DB:[^\[\]\s]+\]`)

// markIn returns our reference in any of the texts, "" if there is none.
func markIn(texts ...string) string {
	for _, text := range texts {
		if m := mark.FindString(text); m != "" {
			return m
		}
	}
	return ""
}

// carries tells whether text holds ref as a token of its own: 4110 is not in
// 41101, nor in 94110.
func carries(text, ref string) bool {
	if ref == "" {
		return false
	}
	for from := 0; ; {
		i := strings.Index(text[from:], ref)
		if i < 0 {
			return false
		}
		i += from
		if startsToken(text, i) && endsToken(text, i+len(ref)) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[i:])
		from = i + size
	}
}

func startsToken(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	first, _ := utf8.DecodeRuneInString(text[i:])
	return i == 0 || !inToken(before) && before != '.' || !inToken(first)
}

// endsToken: a full stop ends a sentence unless the token goes on behind it.
func endsToken(text string, i int) bool {
	last, _ := utf8.DecodeLastRuneInString(text[:i])
	next, size := utf8.DecodeRuneInString(text[i:])
	if next == '.' && inToken(last) {
		next, _ = utf8.DecodeRuneInString(text[i+size:])
		return size == 0 || !inToken(next)
	}
	return i == len(text) || !inToken(next) || !inToken(last)
}

func inToken(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_:/", r)
}

// withRef adds ref to a text in a line of its own, unless it is there already.
func withRef(text, ref string) string {
	switch {
	case ref == "" || carries(text, ref):
		return text
	case strings.TrimSpace(text) == "":
		return ref
	}
	return text + "\n" + ref
}
