package store

import "time"

// Delivery is one webhook or push as it arrived, sealed, kept for a week so
// that it can be replayed.
type Delivery struct {
	ID         string
	Connection string
	Platform   string
	Verdict    string // "accepted", "wrong_signature", "unreadable", "unknown_account"
	At         time.Time
	Sealed     []byte // address, headers and body
}

// AddDelivery stores a delivery.
func (w Writer) AddDelivery(d Delivery) error {
	return w.exec("storing delivery", `INSERT INTO deliveries (shop_id, id, connection_id, platform, verdict, at, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.shop, d.ID, d.Connection, d.Platform, d.Verdict, micros(d.At), d.Sealed)
}

// Deliveries lists a shop's deliveries since a moment, oldest first.
func (r Reader) Deliveries(since time.Time, limit int) ([]Delivery, error) {
	return rows(r.v, "listing deliveries", func(s scanner) (Delivery, error) {
		var d Delivery
		var at int64
		err := s.Scan(&d.ID, &d.Connection, &d.Platform, &d.Verdict, &at, &d.Sealed)
		d.At = instant(at)
		return d, err
	}, `SELECT id, connection_id, platform, verdict, at, sealed FROM deliveries WHERE shop_id = $1 AND at >= $2 ORDER BY at, id LIMIT $3`, r.shop, micros(since), limit)
}

// Command is something that a person asked of a lane.
type Command struct {
	ID, Connection, Kind string
	Args                 []byte // sealed
	State                string // "waiting", "done", "failed"
	Answer               string // JSON
	At                   time.Time
}

// AddCommand asks a lane.
func (w Writer) AddCommand(c Command) error {
	return w.exec("storing command", `INSERT INTO commands (shop_id, id, connection_id, kind, args, state, answer, at) VALUES ($1, $2, $3, $4, $5, 'waiting', '', $6)`,
		w.shop, c.ID, c.Connection, c.Kind, c.Args, micros(c.At))
}

// AnswerCommand stores the lane's answer and forgets the arguments.
func (w Writer) AnswerCommand(id, state, answer string) error {
	return w.exec("answering command", `UPDATE commands SET state = $3, answer = $4, args = NULL WHERE shop_id = $1 AND id = $2`, w.shop, id, state, answer)
}

// Command returns a command.
func (r Reader) Command(id string) (Command, bool, error) {
	return one(r.v, "reading command", func(s scanner) (Command, error) {
		var c Command
		var at int64
		err := s.Scan(&c.ID, &c.Connection, &c.Kind, &c.Args, &c.State, &c.Answer, &at)
		c.At = instant(at)
		return c, err
	}, `SELECT id, connection_id, kind, args, state, answer, at FROM commands WHERE shop_id = $1 AND id = $2`, r.shop, id)
}
