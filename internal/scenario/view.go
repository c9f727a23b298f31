package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dongbo/dongbo/internal/store"
)

// see reads a platform's ledger, or one of the hub's own lists.
func see(w *World, who, view string) ([]map[string]any, error) {
	if who != "hub" {
		return w.See(who, view)
	}
	var rows []map[string]any
	err := w.Hub.Read(context.Background(), Shop, func(r store.Reader) error {
		var err error
		switch view {
		case "problems":
			open, failed := r.Problems()
			err = failed
			for _, p := range open {
				rows = append(rows, map[string]any{"key": p.Problem.Key, "object": p.Problem.Object, "detail": p.Problem.Detail, "count": p.Count})
			}
		case "history":
			entries, failed := r.History(store.HistoryFilter{Limit: 10_000})
			err = failed
			for _, e := range entries {
				rows = append(rows, map[string]any{"kind": e.Kind, "event": e.Event, "object": e.Object, "outcome": e.Outcome, "detail": compact(e.Detail)})
			}
		case "orders":
			orders, failed := r.Orders(time.Time{}, 10_000)
			err = failed
			for _, o := range orders {
				rows = append(rows, map[string]any{"id": o.ID, "stage": o.Stage, "pos_code": o.State.POS.Code, "skipped": o.State.Skipped, "stuck": o.Stuck})
			}
		case "connections":
			all, failed := r.Connections()
			err = failed
			for _, c := range all {
				rows = append(rows, map[string]any{"platform": c.Platform, "state": c.State, "account": c.AccountID, "account_name": c.AccountName, "branch": c.BranchID, "stock_word": c.StockWord})
			}
		case "deliveries":
			all, failed := r.Deliveries(time.Time{}, 10_000)
			err = failed
			for _, d := range all {
				rows = append(rows, map[string]any{"platform": d.Platform, "verdict": d.Verdict})
			}
		case "listings":
			all, failed := r.Connections()
			err = failed
			for _, c := range all {
				ls, failed := r.Listings(c.ID)
				err = errors.Join(err, failed)
				for _, l := range ls {
					rows = append(rows, map[string]any{"platform": c.Platform, "code": l.Code, "link": l.Link, "near": l.Near, "sellable": l.WantSellable, "own": l.WantOwn, "sent": l.SentStock, "why": compact(l.StockWhy)})
				}
			}
		default:
			err = fmt.Errorf("the hub has no view %q", view)
		}
		return err
	})
	return rows, err
}

func compact(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
