package db

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var embedded embed.FS

// migrate brings the schema up to date. Running it on a current database does
// nothing; a database from the future is refused before anything is touched.
func (d *DB) migrate(ctx context.Context) error {
	folder, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if d.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
		unlock, err := migrationLock(ctx, d.write)
		if err != nil {
			return err
		}
		defer unlock()
	}
	provider, err := goose.NewProvider(dialect, d.write, folder,
		goose.WithDisableGlobalRegistry(true), goose.WithTableName("schema_version"))
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	have, know, err := provider.GetVersions(ctx)
	if err != nil {
		return fmt.Errorf("reading schema version: %w", err)
	}
	if have > know {
		return &TooNewError{Database: have, Program: know}
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	return nil
}
