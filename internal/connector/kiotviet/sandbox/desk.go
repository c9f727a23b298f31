package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
	"github.com/shopspring/decimal"
)

// Who acts at the desk.
const (
	staffActor   = "Nhân viên quầy"
	stockActor   = "Thủ kho"
	managerActor = "Quản lý"
	ownerActor   = "Chủ cửa hàng"
	vendorActor  = "KiotViet"
)

// act adds an action on one shop. fields are "name:Nhãn#mặc định"; the field
// retailer is added to every action.
func (s *Server) act(actor, name, label string, fields []string, do func(sh *shop, a *kit.Args) (any, error)) {
	action := kit.Action{Name: name, Actor: actor, Label: label}
	for _, f := range slices.Concat(fields, []string{"retailer:Cửa hàng (trống: cửa hàng đầu tiên)"}) {
		id, text, _ := strings.Cut(f, ":")
		text, value, _ := strings.Cut(text, "#")
		action.Fields = append(action.Fields, kit.ActionField{Name: id, Label: text, Default: value})
	}
	action.Do = func(a *kit.Args) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		sh, err := s.shopNamed(a.Text("retailer"))
		if err != nil {
			return nil, err
		}
		v, err := do(sh, a)
		if err != nil {
			sh.pending = nil
			return nil, err
		}
		s.flush(sh) // what people do raises the same events (§5.7)
		return v, nil
	}
	s.desk.AddActions(action)
}

// view adds a ledger with a row per thing of every shop.
func (s *Server) view(name, label, columns string, actions []string, rows func(sh *shop) []kit.Row) {
	s.desk.AddViews(kit.View{
		Name: name, Label: label, Columns: strings.Fields("retailer " + columns), Actions: actions,
		Rows: func() []kit.Row {
			s.mu.Lock()
			defer s.mu.Unlock()
			var all []kit.Row
			for _, sh := range s.shops {
				for _, r := range rows(sh) {
					r["retailer"] = sh.name
					all = append(all, r)
				}
			}
			return all
		},
	})
}

// plain shows a number without decimals where it is whole, as text filters and
// as JSON.
func plain(d decimal.Decimal) json.Number { return json.Number(d.String()) }

func shownTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(vietnam).Format(time.RFC3339)
}

// number reads a field exactly; ok is false if it is empty.
func number(a *kit.Args, name string) (d decimal.Decimal, ok bool, err error) {
	text := a.Text(name)
	if text == "" {
		return d, false, nil
	}
	if d, err = decimal.NewFromString(text); err != nil {
		return d, false, fmt.Errorf("%s: %q is not a number", name, text)
	}
	return d, true, nil
}

// yes reads a field that may be empty.
func yes(a *kit.Args, name string, or bool) bool {
	if a.Text(name) == "" {
		return or
	}
	return a.Bool(name)
}

// branchOf finds a branch by name or id; an empty field is the central one.
func (s *shop) branchOf(text string) (*branch, error) {
	if text == "" {
		return s.branches[0], nil
	}
	for _, b := range s.branches {
		if b.name == text || fmt.Sprint(b.id) == text {
			return b, nil
		}
	}
	return nil, fmt.Errorf("no branch %q", text)
}

func (s *shop) needProduct(code string) (*product, error) {
	if p := s.productByCode(code); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("no product %q", code)
}

func (s *shop) needOrder(code string) (*order, error) {
	if o := s.orderByCode(code); o != nil {
		return o, nil
	}
	return nil, fmt.Errorf("no order %q", code)
}

func (s *shop) needInvoice(code string) (*invoice, error) {
	if v := s.invoiceByCode(code); v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("no invoice %q", code)
}

// linesOf reads lines as people type them: codes "A,B", quantities "1,2",
// prices "" or "1000,2000".
func (s *shop) linesOf(a *kit.Args) ([]line, error) {
	codes, counts, prices := a.List("code"), a.List("quantity"), a.List("price")
	if len(codes) == 0 {
		return nil, fmt.Errorf("code: missing")
	}
	var lines []line
	for i, code := range codes {
		p, err := s.needProduct(code)
		if err != nil {
			return nil, err
		}
		l := line{product: p, quantity: decimal.NewFromInt(1), price: p.price}
		if i < len(counts) {
			if l.quantity, err = decimal.NewFromString(counts[i]); err != nil || l.quantity.Sign() <= 0 {
				return nil, fmt.Errorf("quantity: %q is not a positive number", counts[i])
			}
		}
		if i < len(prices) {
			if l.price, err = decimal.NewFromString(prices[i]); err != nil {
				return nil, fmt.Errorf("price: %q is not a number", prices[i])
			}
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// changeLine edits, adds (price or list price) or with quantity 0 removes one
// line. lines is copied before it changes.
func (s *shop) changeLine(lines []line, a *kit.Args) ([]line, error) {
	code := a.Text("line_code")
	quantity, hasQuantity, err := number(a, "quantity")
	if err != nil {
		return nil, err
	}
	price, hasPrice, err := number(a, "price")
	if err != nil {
		return nil, err
	}
	if code == "" {
		return lines, nil
	}
	p, err := s.needProduct(code)
	if err != nil {
		return nil, err
	}
	var out []line
	found := false
	for _, l := range lines {
		if l.product == p && !found {
			found = true
			if hasQuantity {
				l.quantity = quantity
			}
			if hasPrice {
				l.price, l.discount, l.ratio = price, decimal.Zero, nil
			}
		}
		if l.quantity.Sign() > 0 {
			out = append(out, l)
		}
	}
	if !found && quantity.Sign() > 0 {
		l := line{product: p, quantity: quantity, price: p.price}
		if hasPrice {
			l.price = price
		}
		out = append(out, l)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("a document needs a line")
	}
	return out, nil
}

func result(code string, id int64) map[string]any { return map[string]any{"code": code, "id": id} }
