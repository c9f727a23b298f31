package hub

import (
	"context"
	"encoding/json"

	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// Ask has a connection's lane do something for a person: every outside call
// runs in its lane. Answer tells what came of it.
func (h *Hub) Ask(ctx context.Context, shop retail.ShopID, id, kind string, args map[string]string) (command string, err error) {
	command = h.newID()
	sealed, err := h.Vault.Seal("command", vault.Row(string(shop), "commands", command, "args"), encode(args))
	if err != nil {
		return "", err
	}
	return command, h.decide(ctx, shop, func(w store.Writer) error {
		if _, err := h.editable(w.Reader, id); err != nil {
			return err
		}
		if err := w.AddCommand(store.Command{ID: command, Connection: id, Kind: kind, Args: sealed, At: h.Clock.Now()}); err != nil {
			return err
		}
		return h.look(w, id, lookCommand, command, h.Clock.Now(), "")
	})
}

// Answer tells how a command ended. done is false while the lane is at it; a
// command that failed gives a *Trouble.
func (h *Hub) Answer(ctx context.Context, shop retail.ShopID, command string) (answer string, done bool, err error) {
	err = h.Read(ctx, shop, func(r store.Reader) error {
		c, found, err := r.Command(command)
		if err != nil || !found {
			return err
		}
		switch c.State {
		case "done":
			answer, done = c.Answer, true
		case "failed":
			done = true
			t := &Trouble{}
			if err := json.Unmarshal([]byte(c.Answer), &t.Problem); err != nil {
				return err
			}
			return t
		}
		return nil
	})
	return answer, done, err
}

// Wait waits for a command to end.
func (h *Hub) Wait(ctx context.Context, shop retail.ShopID, command string) (string, error) {
	for {
		ended := make(chan struct{})
		h.mu.Lock()
		h.waiting[command] = append(h.waiting[command], ended)
		h.mu.Unlock()
		answer, done, err := h.Answer(ctx, shop, command)
		if done || err != nil {
			h.answered(command)
			return answer, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-ended:
		}
	}
}

func (h *Hub) answered(command string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.waiting[command] {
		close(c)
	}
	delete(h.waiting, command)
}
