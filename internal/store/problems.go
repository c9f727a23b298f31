package store

import (
	"time"

	"github.com/dongbo/dongbo/internal/retail"
)

// Problem is an entry of "Cần xử lý".
type Problem struct {
	Connection  string
	Problem     retail.Problem
	First, Last time.Time
	Count       int64
}

// RaiseProblem shows a problem once, however often it is met.
func (w Writer) RaiseProblem(connection string, p retail.Problem, now time.Time) error {
	return w.exec("raising problem", `INSERT INTO problems (shop_id, id, connection_id, state, problem, first_at, last_at, count)
		VALUES ($1, $2, $3, 'open', $4, $5, $5, 1)
		ON CONFLICT (shop_id, connection_id, id) DO UPDATE SET problem = excluded.problem, last_at = excluded.last_at,
			first_at = CASE WHEN problems.state = 'open' THEN problems.first_at ELSE excluded.first_at END,
			count = CASE WHEN problems.state = 'open' THEN problems.count + 1 ELSE 1 END, state = 'open'`,
		w.shop, p.ID(), connection, document(p), micros(now))
}

// SolveProblem ends a problem whose cause is gone.
func (w Writer) SolveProblem(connection, id string) error {
	return w.exec("solving problem", `UPDATE problems SET state = 'solved' WHERE shop_id = $1 AND connection_id = $2 AND id = $3 AND state = 'open'`, w.shop, connection, id)
}

// SolveObject ends every problem of an object but those that still hold.
func (w Writer) SolveObject(connection, object string, still []retail.Problem) error {
	open, err := w.Problems()
	if err != nil {
		return err
	}
	holds := map[string]bool{}
	for _, p := range still {
		holds[p.ID()] = true
	}
	for _, p := range open {
		if p.Connection == connection && p.Problem.Object == object && !holds[p.Problem.ID()] {
			if err := w.SolveProblem(connection, p.Problem.ID()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Problems lists what is open, newest first.
func (r Reader) Problems() ([]Problem, error) {
	return rows(r.v, "listing problems", func(s scanner) (Problem, error) {
		var p Problem
		var doc string
		var first, last int64
		if err := s.Scan(&p.Connection, &doc, &first, &last, &p.Count); err != nil {
			return p, err
		}
		p.First, p.Last = instant(first), instant(last)
		return p, parse(doc, &p.Problem)
	}, `SELECT connection_id, problem, first_at, last_at, count FROM problems WHERE shop_id = $1 AND state = 'open' ORDER BY last_at DESC, id`, r.shop)
}
