package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	pgConnections = 16
	pgAttempts    = 5 // of a transaction, over deadlocks and serialisation failures

	// Advisory locks live per database, so fixed numbers do.
	pgLockUse     = 0x646f6e67626f01 // held by the one process of a database that is not shared
	pgLockMigrate = 0x646f6e67626f02 // held while migrating
)

func openPostgres(ctx context.Context, dsn string, o options) (*DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, translate(err) // its text hides the password
	}
	address := fmt.Sprintf("postgres://%s:%d/%s", config.Host, config.Port, config.Database)
	for name, value := range map[string]string{
		"application_name": "dongbo",
		"lock_timeout":     "10s", // as long as SQLite's busy_timeout: then ErrBusy
	} {
		if config.RuntimeParams[name] == "" {
			config.RuntimeParams[name] = value
		}
	}

	d := &DB{
		dialect:  PostgreSQL,
		address:  address,
		snapshot: sql.LevelRepeatableRead,
		retries:  pgAttempts,
		ready:    func(context.Context) error { return nil },
		backup: func(context.Context, string) error {
			return errors.New("PostgreSQL is backed up with its own tools: use pg_dump")
		},
	}
	if !o.shared {
		g := &guard{config: config, address: address}
		if err := g.hold(ctx); err != nil {
			return nil, err
		}
		d.ready = g.hold
		d.releases = append(d.releases, g.drop)
	}
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(pgConnections)
	pool.SetMaxIdleConns(pgConnections)
	d.read, d.write = pool, pool
	return d, nil
}

// migrationLock lets one process migrate at a time; the others wait, then find
// nothing left to do.
func migrationLock(ctx context.Context, pool *sql.DB) (unlock func(), err error) {
	c, err := pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, q := range []string{
		"SET lock_timeout = 0",
		fmt.Sprintf("SELECT pg_advisory_lock(%d)", pgLockMigrate),
		"RESET lock_timeout",
	} {
		if _, err := c.ExecContext(ctx, q); err != nil {
			c.Close()
			return nil, fmt.Errorf("waiting for another process to migrate: %w", err)
		}
	}
	return func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), fmt.Sprintf("SELECT pg_advisory_unlock(%d)", pgLockMigrate))
		c.Close()
	}, nil
}

// guard is the claim of one process on one database: an advisory lock on a
// session that does nothing else. PostgreSQL frees it when the session ends,
// however the process did. If the session alone is lost (the server restarts),
// the next write claims the database anew or is refused.
type guard struct {
	config  *pgx.ConnConfig
	address string

	mu     sync.Mutex
	ended  chan struct{} // closed when the session is over; nil before the first
	forget context.CancelFunc
}

// hold returns nil while this process has the database for itself.
func (g *guard) hold(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended != nil {
		select {
		case <-g.ended:
		default:
			return nil
		}
	}
	c, err := pgx.ConnectConfig(ctx, g.config)
	if err != nil {
		return fmt.Errorf("claiming the database: %w", translate(err))
	}
	// PostgreSQL takes a moment to notice that a killed process is gone, and its
	// successor should start all the same.
	_, err = c.Exec(ctx, "SET lock_timeout = '5s'")
	if err == nil {
		_, err = c.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(pgLockUse))
	}
	if err != nil {
		c.Close(context.WithoutCancel(ctx))
		if err = translate(err); errors.Is(err, ErrBusy) {
			return &InUseError{Path: g.address}
		}
		return fmt.Errorf("claiming the database: %w", err)
	}
	session, forget := context.WithCancel(context.Background())
	ended := make(chan struct{})
	g.ended, g.forget = ended, forget
	go func() {
		defer close(ended)
		defer forget()
		for { // nobody sends anything: this returns when the session breaks or is dropped
			if _, err := c.WaitForNotification(session); err != nil {
				break
			}
		}
		// The server frees the lock a moment after the session has ended; said
		// aloud, it is free when Close returns. Five seconds for a server that
		// no longer answers.
		goodbye, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_, _ = c.Exec(goodbye, "SELECT pg_advisory_unlock_all()")
		c.Close(goodbye)
	}()
	return nil
}

// drop gives the database free.
func (g *guard) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget()
	<-g.ended
}
