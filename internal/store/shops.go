package store

import (
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
)

// Shop is one tenant (gian hàng).
type Shop struct {
	ID      retail.ShopID
	Name    string
	Created time.Time
}

// CreateShop adds the writer's shop; db.ErrExists if it is there.
func (w Writer) CreateShop(name string, now time.Time) error {
	return w.exec("creating shop", `INSERT INTO shops (shop_id, name, created_at) VALUES ($1, $2, $3)`, w.shop, name, micros(now))
}

// Lock makes this transaction the only one that decides about the shop.
func (w Writer) Lock() error {
	_, found, err := one(w.v, "locking shop", text, `SELECT name FROM shops WHERE shop_id = $1`+w.v.ForUpdate(), w.shop)
	if err == nil && !found {
		err = fmt.Errorf("locking shop: no shop %q", w.shop)
	}
	return err
}

// SetFeature switches a platform on or off for the shop (LZD-01).
func (w Writer) SetFeature(platform string, active bool, now time.Time) error {
	return w.exec("setting feature", `INSERT INTO features (shop_id, platform, active, changed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, platform) DO UPDATE SET active = excluded.active, changed_at = excluded.changed_at`, w.shop, platform, active, micros(now))
}

// Feature tells whether a platform is on for the shop.
func (r Reader) Feature(platform string) (bool, error) {
	on, _, err := one(r.v, "reading feature", func(s scanner) (on bool, err error) { err = s.Scan(&on); return on, err },
		`SELECT active FROM features WHERE shop_id = $1 AND platform = $2`, r.shop, platform)
	return on, err
}

// ReadShop returns the reader's shop.
func (r Reader) ReadShop() (Shop, bool, error) {
	return one(r.v, "reading shop", scanShop, `SELECT shop_id, name, created_at FROM shops WHERE shop_id = $1`, r.shop)
}

func scanShop(s scanner) (Shop, error) {
	var shop Shop
	var created int64
	err := s.Scan(&shop.ID, &shop.Name, &created)
	shop.Created = instant(created)
	return shop, err
}

// Shops lists all shops, for the operator.
func Shops(v *db.View) ([]Shop, error) {
	return rows(v, "listing shops", scanShop, `SELECT shop_id, name, created_at FROM shops ORDER BY created_at, shop_id`)
}
