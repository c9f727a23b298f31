package connector

import (
	"context"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// POS is a shop's point of sale.
type POS struct {
	Branches   func(ctx context.Context) ([]retail.Branch, error)
	PriceBooks func(ctx context.Context) ([]retail.PriceBook, error)
	Surcharges func(ctx context.Context) ([]retail.Surcharge, error)
	// Products brings changed products with their levels at all branches and
	// the ids of deleted ones.
	Products Feed[retail.Product]
	// Levels reads the present levels of some products at all branches.
	Levels func(ctx context.Context, productIDs []string) ([]retail.Level, error)
	// Prices lists the lines of one book.
	Prices func(ctx context.Context, bookID string, after Cursor) (Page[retail.PriceLine], error)

	// FindCustomers returns the customers whose phone number equals phone,
	// which is given in E.164, whatever form the POS keeps.
	FindCustomers func(ctx context.Context, phone string) ([]retail.Customer, error)
	// CustomerByCode fails with NotFound.
	CustomerByCode func(ctx context.Context, code string) (retail.Customer, error)
	CreateCustomer func(ctx context.Context, c retail.Customer) (retail.Customer, error)

	// Order reads one order with its lines; NotFound if there is none.
	Order func(ctx context.Context, id string) (retail.POSOrder, error)
	// FindOrders returns every order that carries ref, as its code or in its
	// description, created since. Cancelled ones are included.
	FindOrders  func(ctx context.Context, ref Reference) ([]retail.POSOrder, error)
	CreateOrder func(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error)
	UpdateOrder func(ctx context.Context, o retail.POSOrder) (retail.POSOrder, error)
	CancelOrder func(ctx context.Context, id string) error

	Invoice func(ctx context.Context, id string) (retail.Invoice, error)
	// Invoices returns all invoices of an order, cancelled ones included.
	Invoices      func(ctx context.Context, orderID string) ([]retail.Invoice, error)
	CreateInvoice func(ctx context.Context, i retail.Invoice) (retail.Invoice, error)
	// SetDelivery writes delivery status, tracking and COD of an invoice and
	// leaves its lines alone. The answer may carry another id.
	SetDelivery func(ctx context.Context, i retail.Invoice) (retail.Invoice, error)

	// Orders and ChangedInvoices list what changed, by anyone.
	ChangedOrders   Feed[retail.POSOrder]
	ChangedInvoices Feed[retail.Invoice]

	// Hooks keeps the platform's webhooks pointed at the hub.
	Hooks Hooks

	Check func(ctx context.Context) ([]retail.Problem, error)
}

// Reference is how a document of ours is found again. One without code and mark
// asks for every document created since, each with the mark that it carries.
type Reference struct {
	Code  string // the code that we asked for
	Mark  string // our reference in the description
	Since time.Time
	// Narrow the listing where the platform can; zero values do not.
	CustomerID, BranchID string
}

// Hooks manages webhook subscriptions.
type Hooks struct {
	Types  []string // what the hub wants to hear
	List   func(ctx context.Context) ([]Hook, error)
	Create func(ctx context.Context, h Hook) (Hook, error)
	Delete func(ctx context.Context, id string) error
}

// Hook is one subscription.
type Hook struct {
	ID, Type, URL, Secret string
	Active                bool
}
