// Package connector is the port to sales platforms: what the hub asks of a
// platform and what a platform's folder must answer.
//
// # Contract
//
// A driver is a value. Its functions hold no database and no state but what
// Account gives them. They are called from one lane at a time per account,
// within a lane from several goroutines, so they must be safe for concurrent
// use.
//
// A capability that a platform lacks is a nil field. Forms, documentation and
// the conformance suite read capabilities from there; there is no second list.
//
// Errors are *Error with a Kind; the hub decides what to do from the Kind
// alone:
//
//	Temporary     nothing was done; the hub tries again later
//	Throttled     nothing was done; not before After
//	Unauthorised  the token is dead and could not be renewed: the owner must sign in
//	Forbidden     a permission or setting is missing: held until a probe succeeds
//	NotFound      the object does not exist
//	Exists        the object exists already (a duplicate was refused)
//	Rejected      the platform will not do this as it stands; shown, not repeated
//	Locked        refused while a campaign or a penalty lasts: repeated slowly
//	Uncertain     a write whose outcome nobody knows: settled by looking, never by repeating
//
// An error without a Kind counts as Uncertain after a write and Temporary
// after a read. No error and no log line holds a secret, a full phone number
// or a name.
//
// Nobody below the hub repeats a write. rest repeats a read once after a
// renewed token.
package connector

import (
	"context"
	"io/fs"
	"net/http"
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Driver is one platform.
type Driver struct {
	// ID names the folder, the lane's metrics and the stored rows: "lazada".
	ID string
	// Name is the platform's own name, for people.
	Name string
	// App lists what the operator of the hub enters once per platform (app
	// key and secret); empty where each shop brings its own keys.
	App []Field
	// Form lists what the owner fills in; it drives the page, the API schema,
	// the CLI and the check.
	Form   []Field
	Limits Limits
	Flow   retail.Flow
	Codes  retail.Codes // of the POS documents made for this channel's orders
	Auth   Auth
	// Words holds words.vi.json and words.en.json: message key → text. Keys are
	// "field.NAME", "field.NAME.hint", "problem.KEY" and "problem.KEY.remedy".
	Words fs.FS
	Logo  []byte // SVG
	// POS and Channel open an account; nil where the platform is not one.
	POS     func(Account) POS
	Channel func(Account) Channel
	// Webhook verifies a delivery and names what to look at. It is pure. An
	// *Error of Kind Forbidden means a wrong signature; the Reply is what
	// keeps the platform's feed alive in any case (SYN-04).
	Webhook func(Keys, *http.Request, []byte) ([]Event, Reply, error)
}

// Field is one input of a form.
type Field struct {
	Name     string
	Kind     FieldKind
	Required bool
	Default  string
}

// Names of fields that mean the same on every channel.
const (
	BranchName    = "branch"             // LZD-03
	ListBookName  = "price_book"         // "Bảng giá bán"; retail.GeneralBook by default
	PromoBookName = "promo_book"         // "Bảng giá khuyến mại"; "" for none
	ShippingName  = "shipping_surcharge" // code of the POS surcharge that carries shipping
	PrepaidName   = "prepaid_cod_zero"   // LZD-27
)

// FieldKind tells how a field is shown and checked. Labels and hints are in
// the driver's words files under "field.NAME".
type FieldKind string

const (
	TextField      FieldKind = "text"
	SecretField    FieldKind = "secret"
	BranchField    FieldKind = "branch"     // a branch of the shop's POS
	PriceBookField FieldKind = "price_book" // a price book of the shop's POS
	SurchargeField FieldKind = "surcharge"  // a surcharge of the shop's POS
	BoolField      FieldKind = "bool"
	NumberField    FieldKind = "number"
)

// Limits are a platform's sizes and speeds. Budgets are spent before a call
// leaves; the platform's own refusals are obeyed besides.
type Limits struct {
	StockBatch   int // rows in one SetStock
	PriceBatch   int
	ReadBatch    int // keys in one Read
	ListingBatch int // keys in one ReadListings
	Timeout      time.Duration
	// Settle is how long after a call's deadline the platform may still finish
	// it: "not there" is believed only afterwards.
	Settle  time.Duration
	Budgets []Budget
	// Concurrent is how many independent objects a lane works at once.
	Concurrent int
	Poll       time.Duration // orders are listed this often
	// Lag is how far behind the present a feed of orders is complete: an order
	// placed at t is listed by a poll after t + Lag at the latest.
	Lag   time.Duration
	Sweep time.Duration // catalogue and stock are compared this often
}

// Budget is a token bucket.
type Budget struct {
	Name  string
	Rate  float64 // tokens a second
	Burst int
}

// Auth is how an account is opened; nil functions are not used.
type Auth struct {
	// URL is where the owner signs in. state comes back unchanged.
	URL func(app Keys, redirect, state string) string
	// Exchange turns what the platform sent back into a grant.
	Exchange func(ctx context.Context, a Account, callback map[string]string) (Grant, error)
	// Refresh brings a new grant. Where the platform has no sign-in page (client
	// credentials) old is the zero Grant the first time.
	Refresh func(ctx context.Context, a Account, old Grant) (Grant, error)
}

// Keys are a platform's secrets for one account.
type Keys struct {
	AppKey    string
	AppSecret string
	Hook      string            // secret of this account's webhooks
	Values    map[string]string // what the owner filled in, secrets included
}

// Grant is a right to call for one account.
type Grant struct {
	Access       string
	Refresh      string
	AccessUntil  time.Time
	RefreshUntil time.Time // zero: unknown or never
	AccountID    string    // the platform's stable id of the account
	AccountName  string
	OwnerID      string // the person on whose behalf the account acts, if known
}

// Account is what a driver gets to work with.
type Account struct {
	Keys
	// Base and AuthBase replace the platform's addresses, for sandboxes; empty
	// means the real ones.
	Base, AuthBase string
	// HTTP is the hub's chain: attempts, fencing, metrics. Drivers use it
	// through rest.
	HTTP *http.Client
	// Now is the hub's clock.
	Now func() time.Time
	// Spend takes one token of a budget of Limits, waiting where that is short;
	// else it fails with Throttled.
	Spend func(ctx context.Context, budget string) error
	// Token returns the current access token, and Renew one that is newer than
	// stale. Twenty callers cause one refresh. A new grant is stored before it
	// is used.
	Token func(ctx context.Context) (string, error)
	Renew func(ctx context.Context, stale string) (string, error)
	// Grant is the grant as it was when the account was opened: account id,
	// owner id.
	Grant Grant
}

// Cursor is a driver's own mark of how far a feed was read. Passing it
// acknowledges what came before; "" begins.
type Cursor string

// Page is one page of a feed. A crash after a page repeats that page at most.
type Page[T any] struct {
	Items []T
	Next  Cursor
	More  bool
	// Until is the moment up to which everything changed on the platform has
	// been seen once this page is stored and More is false.
	Until time.Time
}

// Feed lists what changed, oldest first, and overlaps rather than misses.
type Feed[T any] func(ctx context.Context, after Cursor) (Page[T], error)

// Outcome is how a call that changes something ended.
type Outcome string

const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
	Unknown Outcome = "unknown"
)

// Result is the outcome of one row of a batch.
type Result struct {
	Outcome Outcome
	Err     error
}

// Event says: look again. Level is set where the payload is the whole state
// and reads are scarce.
type Event struct {
	Account string // the platform's account id, "" where the address tells
	Object  Object
	ID      string
	At      time.Time
	Level   *retail.Level
	Price   *retail.PriceLine
}

// Object is a kind of thing to look at.
type Object string

const (
	OrderObject    Object = "order"     // an order of a channel
	POSOrderObject Object = "pos_order" // an order in the POS
	InvoiceObject  Object = "invoice"
	ProductObject  Object = "product"
	LevelObject    Object = "level"
	PriceObject    Object = "price"
	BookObject     Object = "price_book"
	ListingObject  Object = "listing"
	CustomerObject Object = "customer"
	TokenObject    Object = "token" // about to expire
	NothingObject  Object = "nothing"
)

// Reply is what the platform's delivery is answered with.
type Reply struct {
	Status int
	Body   []byte
}

// Channel is one account of a sales channel.
type Channel struct {
	Orders   Feed[retail.OrderKey]
	Listings Feed[retail.Listing]
	// Read returns one result per key, in order.
	Read func(ctx context.Context, ids []string) []OrderResult
	// ReadListings reads the present state of some listings, by seller SKU as the
	// channel stores it (Listing.Raw where there is one, else Code); one
	// SKU may have several.
	ReadListings func(ctx context.Context, codes []retail.SKU) ([]retail.Listing, error)
	// SetStock and SetPrice return one Result per row, in order; a call that
	// fails as a whole is every row's.
	SetStock func(ctx context.Context, rows []StockRow) []Result
	SetPrice func(ctx context.Context, rows []PriceRow) []Result
	Check    func(ctx context.Context) ([]retail.Problem, error)
}

// OrderResult is one order read.
type OrderResult struct {
	Order retail.Order
	Err   error
}

// StockWord is which number a channel takes.
type StockWord string

const (
	TotalStock    StockWord = "total"    // the channel subtracts its own open orders from it
	SellableStock StockWord = "sellable" // what buyers can still buy
)

// StockRow asks for one listing's stock, in whole units.
type StockRow struct {
	Key  retail.ListingKey
	Code retail.SKU
	Word StockWord
	Qty  int64
}

// PriceRow asks for one listing's prices; both travel together (LZD-06).
type PriceRow struct {
	Key      retail.ListingKey
	Code     retail.SKU
	Price    retail.Money
	Special  retail.Money
	From, To time.Time // of the special price; zero: no bound
}
