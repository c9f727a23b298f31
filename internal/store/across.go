package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
)

// The queries of this file look across shops. They serve the engine, which has
// lanes of all shops, and the arrival of webhooks, which name an account before
// anybody knows the shop.

// ConnectionByID finds a lane's connection.
func ConnectionByID(v *db.View, id string) (Connection, bool, error) {
	return one(v, "reading connection", scanConnection, `SELECT `+connectionColumns+` FROM connections WHERE id = $1`, id)
}

// ConnectionByAccount finds the live connection of a platform's account.
func ConnectionByAccount(v *db.View, platform, account string) (Connection, bool, error) {
	return one(v, "reading connection", scanConnection,
		`SELECT `+connectionColumns+` FROM connections WHERE platform = $1 AND account_id = $2 AND state = 'live'`, platform, account)
}

// Due lists the lanes that have something due at now, for the engine's sweep.
func Due(v *db.View, now time.Time) ([]string, error) {
	us := micros(now)
	return rows(v, "listing due lanes", text, `SELECT DISTINCT id FROM connections c WHERE state <> 'deleted' AND (
		EXISTS (SELECT 1 FROM looks l WHERE l.connection_id = c.id AND l.due_at <= $1)
		OR EXISTS (SELECT 1 FROM intents i WHERE i.lane = c.id AND i.due_at <= $1 AND i.state IN ('open', 'calling', 'unknown', 'held'))
		OR EXISTS (SELECT 1 FROM listings s WHERE s.connection_id = c.id AND s.not_before <= $1 AND s.stock_dirty = 1)
		OR EXISTS (SELECT 1 FROM listings s WHERE s.connection_id = c.id AND s.not_before <= $1 AND s.price_dirty = 1)) ORDER BY id`, us)
}

// Lanes lists every lane.
func Lanes(v *db.View) ([]string, error) {
	return rows(v, "listing lanes", text, `SELECT id FROM connections WHERE state <> 'deleted' ORDER BY id`)
}

// DeleteOldDeliveries forgets raw deliveries received before a moment.
func DeleteOldDeliveries(tx *db.Tx, before time.Time) error {
	w := Write(tx, retail.ShopID(""))
	return w.exec("forgetting old deliveries", `DELETE FROM deliveries WHERE at < $1`, micros(before))
}

// ClaimLane takes a lane over: from now on nobody commits with an older epoch.
func ClaimLane(tx *db.Tx, id string) (int64, error) {
	n, _, err := one(&tx.View, "claiming lane", number, `UPDATE connections SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch`, id)
	return n, err
}
