package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// ConnectionState is where a connection stands in its life.
type ConnectionState string

const (
	Draft   ConnectionState = "draft" // being set up; nothing is sent or imported
	Live    ConnectionState = "live"
	Deleted ConnectionState = "deleted"
)

// Connection is one account of one platform, and a lane of the engine.
type Connection struct {
	Shop     retail.ShopID
	ID       string
	Platform string
	State    ConnectionState
	Name     string
	// The platform's own id of the account, and the person it acts for.
	AccountID, AccountName, OwnerID string
	BranchID                        string
	Settings                        ConnectionSettings
	Sealed                          []byte // the owner's secrets, by field name, as JSON
	Grant                           []byte // the grant, as JSON
	GrantUntil                      time.Time
	HookToken                       string    // the secret part of its webhook address
	StockWord                       string    // connector.StockWord
	OrdersUntil                     time.Time // orders changed before this were read
	NotBefore                       time.Time // the platform asked to wait, or the sign-in is dead
	ActiveFrom                      time.Time
	Epoch                           int64
	Created, Updated                time.Time
}

// ConnectionSettings is what the owner chose, apart from secrets.
type ConnectionSettings struct {
	Values map[string]string `json:"values,omitempty"` // by form field
	Paused map[string]bool   `json:"paused,omitempty"` // stock, prices, orders
	Rule   retail.Formula    `json:"rule,omitzero"`    // percent, buffer, cap
}

const connectionColumns = `shop_id, id, platform, state, name, account_id, account_name, owner_id, branch_id, settings, sealed,
	grant_sealed, grant_until, hook_token, stock_word, orders_until, not_before, active_from, epoch, created_at, updated_at`

func scanConnection(s scanner) (Connection, error) {
	var c Connection
	var settings string
	var grantUntil, ordersUntil, notBefore, activeFrom, created, updated int64
	err := s.Scan(&c.Shop, &c.ID, &c.Platform, &c.State, &c.Name, &c.AccountID, &c.AccountName, &c.OwnerID, &c.BranchID, &settings, &c.Sealed,
		&c.Grant, &grantUntil, &c.HookToken, &c.StockWord, &ordersUntil, &notBefore, &activeFrom, &c.Epoch, &created, &updated)
	if err != nil {
		return c, err
	}
	c.GrantUntil, c.OrdersUntil, c.NotBefore = instant(grantUntil), instant(ordersUntil), instant(notBefore)
	c.ActiveFrom, c.Created, c.Updated = instant(activeFrom), instant(created), instant(updated)
	return c, parse(settings, &c.Settings)
}

// CreateConnection adds a draft.
func (w Writer) CreateConnection(c Connection) error {
	return w.exec("creating connection", `INSERT INTO connections (`+connectionColumns+`, budgets)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, '')`,
		w.shop, c.ID, c.Platform, c.State, c.Name, c.AccountID, c.AccountName, c.OwnerID, c.BranchID, document(c.Settings), c.Sealed,
		c.Grant, micros(c.GrantUntil), c.HookToken, c.StockWord, micros(c.OrdersUntil), micros(c.NotBefore), micros(c.ActiveFrom),
		c.Epoch, micros(c.Created), micros(c.Updated))
}

// SaveConnection writes everything that the owner and the sign-in change.
// db.ErrExists: the account or the branch is taken (SYN-08, LZD-07).
func (w Writer) SaveConnection(c Connection) error {
	return w.exec("saving connection", `UPDATE connections SET state = $3, name = $4, account_id = $5, account_name = $6, owner_id = $7,
		branch_id = $8, settings = $9, sealed = $10, grant_sealed = $11, grant_until = $12, stock_word = $13, active_from = $14, updated_at = $15
		WHERE shop_id = $1 AND id = $2`,
		w.shop, c.ID, c.State, c.Name, c.AccountID, c.AccountName, c.OwnerID,
		c.BranchID, document(c.Settings), c.Sealed, c.Grant, micros(c.GrantUntil), c.StockWord, micros(c.ActiveFrom), micros(c.Updated))
}

// SaveGrant stores a new grant before it is used.
func (w Writer) SaveGrant(id string, sealed []byte, until time.Time, accountID, accountName, ownerID string) error {
	return w.exec("saving grant", `UPDATE connections SET grant_sealed = $3, grant_until = $4, account_id = $5, account_name = $6, owner_id = $7
		WHERE shop_id = $1 AND id = $2`, w.shop, id, sealed, micros(until), accountID, accountName, ownerID)
}

// SetOrdersUntil notes up to when the channel's orders have been read.
func (w Writer) SetOrdersUntil(id string, t time.Time) error {
	return w.exec("noting orders read", `UPDATE connections SET orders_until = $3 WHERE shop_id = $1 AND id = $2 AND orders_until < $3`, w.shop, id, micros(t))
}

// SetNotBefore makes the lane wait.
func (w Writer) SetNotBefore(id string, t time.Time) error {
	return w.exec("making a lane wait", `UPDATE connections SET not_before = $3 WHERE shop_id = $1 AND id = $2`, w.shop, id, micros(t))
}

// SetStockWord changes which number the channel is told.
func (w Writer) SetStockWord(id, word string) error {
	return w.exec("changing the stock word", `UPDATE connections SET stock_word = $3 WHERE shop_id = $1 AND id = $2`, w.shop, id, word)
}

// Connection returns one connection of the shop.
func (r Reader) Connection(id string) (Connection, bool, error) {
	return one(r.v, "reading connection", scanConnection, `SELECT `+connectionColumns+` FROM connections WHERE shop_id = $1 AND id = $2`, r.shop, id)
}

// Connections lists the shop's connections, deleted ones left out.
func (r Reader) Connections() ([]Connection, error) {
	return rows(r.v, "listing connections", scanConnection,
		`SELECT `+connectionColumns+` FROM connections WHERE shop_id = $1 AND state <> $2 ORDER BY created_at, id`, r.shop, Deleted)
}

// Cursor returns how far a feed was read.
func (r Reader) Cursor(connection, feed string) (string, error) {
	c, _, err := one(r.v, "reading cursor", text, `SELECT cursor FROM cursors WHERE shop_id = $1 AND connection_id = $2 AND feed = $3`, r.shop, connection, feed)
	return c, err
}

// SetCursor stores how far a feed was read; "" begins again.
func (w Writer) SetCursor(connection, feed, cursor string) error {
	return w.exec("storing cursor", `INSERT INTO cursors (shop_id, connection_id, feed, cursor) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, connection_id, feed) DO UPDATE SET cursor = excluded.cursor`, w.shop, connection, feed, cursor)
}

// Budgets returns the stored state of a lane's budgets.
func (r Reader) Budgets(connection string) (string, error) {
	b, _, err := one(r.v, "reading budgets", text, `SELECT budgets FROM connections WHERE shop_id = $1 AND id = $2`, r.shop, connection)
	return b, err
}

// SetBudgets stores the state of a lane's budgets.
func (w Writer) SetBudgets(connection, state string) error {
	return w.exec("storing budgets", `UPDATE connections SET budgets = $3 WHERE shop_id = $1 AND id = $2`, w.shop, connection, state)
}

// DeleteConnection keeps the row, for the history, and forgets its secrets and
// all that was to be done for it (LZD-09).
func (w Writer) DeleteConnection(id string, now time.Time) error {
	if err := w.exec("deleting connection", `UPDATE connections SET state = $3, sealed = NULL, grant_sealed = NULL, updated_at = $4
		WHERE shop_id = $1 AND id = $2`, w.shop, id, Deleted, micros(now)); err != nil {
		return err
	}
	for _, table := range []string{"looks", "listings", "allocations", "cursors"} {
		if err := w.exec("deleting connection", `DELETE FROM `+table+` WHERE shop_id = $1 AND connection_id = $2`, w.shop, id); err != nil {
			return err
		}
	}
	return w.exec("deleting connection", `UPDATE intents SET state = 'superseded' WHERE shop_id = $1 AND connection_id = $2 AND state IN ('open', 'held')`, w.shop, id)
}

// App is what the operator entered for a platform.
type App struct {
	Platform, Key  string
	Sealed         []byte
	Base, AuthBase string // addresses that replace the platform's own
}

// SaveApp stores a platform's keys; it belongs to no shop.
func (w Writer) SaveApp(a App) error {
	return w.exec("storing app", `INSERT INTO apps (shop_id, platform, app_key, sealed, base, auth_base) VALUES ('', $1, $2, $3, $4, $5)
		ON CONFLICT (shop_id, platform) DO UPDATE SET app_key = excluded.app_key, sealed = excluded.sealed, base = excluded.base, auth_base = excluded.auth_base`,
		a.Platform, a.Key, a.Sealed, a.Base, a.AuthBase)
}

// App returns a platform's keys.
func (r Reader) App(platform string) (App, bool, error) {
	return one(r.v, "reading app", func(s scanner) (App, error) {
		a := App{Platform: platform}
		err := s.Scan(&a.Key, &a.Sealed, &a.Base, &a.AuthBase)
		return a, err
	}, `SELECT app_key, sealed, base, auth_base FROM apps WHERE shop_id = '' AND platform = $1`, platform)
}
