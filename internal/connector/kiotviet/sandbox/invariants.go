package sandbox

import (
	"fmt"
	"strings"
)

// Invariants implements kit.Server: the first of the shop's own truths that
// does not hold.
func (s *Server) Invariants() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shops {
		if err := sh.checkStock(); err != nil {
			return err
		}
		orders, invoices := map[string]bool{}, map[string]bool{}
		for _, o := range sh.orders {
			if err := sh.checkDocument("order", &o.document, o.status != orderCancelled, orders); err != nil {
				return err
			}
		}
		for _, v := range sh.invoices {
			if err := sh.checkDocument("invoice", &v.document, v.status != invoiceVoided, invoices); err != nil {
				return err
			}
		}
		if err := sh.checkJournal(); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) checkDocument(what string, d *document, live bool, codes map[string]bool) error {
	code := strings.ToLower(d.code)
	if live && codes[code] {
		return fmt.Errorf("%s: two live %ss have code %s", s.name, what, d.code)
	}
	codes[code] = codes[code] || live
	if !d.total.Equal(d.sum()) {
		return fmt.Errorf("%s: %s %s: total %s, lines − discount + surcharges %s", s.name, what, d.code, d.total, d.sum())
	}
	return nil
}

// checkJournal compares what invoices took with what the journal says: a live
// invoice took its goods once, a voided one gave them back.
func (s *shop) checkJournal() error {
	type taken struct {
		document string
		key      stockKey
	}
	moved := map[taken]quantities{}
	for _, m := range s.movements {
		switch m.kind {
		case "sale", "counter", "void":
			k := taken{m.document, m.key}
			if moved[k] == nil {
				moved[k] = quantities{}
			}
			moved[k][m.key] = moved[k][m.key].Add(m.quantity)
		}
	}
	for _, v := range s.invoices {
		for key, need := range s.needs(&v.document) {
			got := moved[taken{v.code, key}][key]
			if v.status == invoiceVoided && !got.IsZero() || v.status != invoiceVoided && !got.Equal(need.Neg()) {
				return fmt.Errorf("%s: invoice %s (status %d): moved %s of product %d, its lines need %s",
					s.name, v.code, v.status, got, key.product, need)
			}
		}
	}
	return nil
}
