package retail

// Flow is a channel's table "what the channel shows → what the POS must show".
// The first row that matches a package decides.
type Flow []FlowRow

// FlowRow is one line of the table. An empty condition matches everything.
type FlowRow struct {
	Rule   string // "LZD-27"
	Stages []Stage

	// What the POS must show. Keep leaves things as they are.
	Order    OrderWant
	Invoice  InvoiceWant
	Delivery Delivery // for an invoice that is wanted or exists; "" keeps
}

// OrderWant is what is wanted of the POS order.
type OrderWant string

const (
	OrderKeep   OrderWant = ""
	OrderExists OrderWant = "exists"
	OrderCancel OrderWant = "cancel"
)

// InvoiceWant is what is wanted of the package's invoice.
type InvoiceWant string

const (
	InvoiceKeep   InvoiceWant = ""
	InvoiceExists InvoiceWant = "exists"
)

// Row returns the first row for a stage.
func (f Flow) Row(s Stage) (FlowRow, bool) {
	for _, r := range f {
		for _, have := range r.Stages {
			if have == s {
				return r, true
			}
		}
	}
	return FlowRow{}, false
}
