package hub

import (
	"context"
	"time"

	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/store"
)

// Tidy forgets what has been kept long enough, until ctx ends: raw deliveries
// after a week.
func (h *Hub) Tidy(ctx context.Context) error {
	for {
		err := h.DB.Write(ctx, func(tx *db.Tx) error {
			return store.DeleteOldDeliveries(tx, h.Clock.Now().Add(-keepDelivery))
		})
		if err != nil && ctx.Err() == nil {
			h.Log.Error("forgetting old deliveries", "error", err)
		}
		if h.Clock.Sleep(ctx, time.Hour) != nil {
			return nil
		}
	}
}
