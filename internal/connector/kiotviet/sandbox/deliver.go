package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	kit "github.com/dongbo/dongbo/internal/sandbox"
)

// message is one webhook delivery with all of its attempts (§5.3).
type message struct {
	srv    *Server
	shop   *shop
	hook   *webhook
	id     string
	number int
	data   []any
}

// answerTime is how long a receiver may take (§5.6).
const answerTime = 5 * time.Second

func (srv *Server) dispatch(s *shop, h *webhook, data []any) {
	s.deliveries++
	m := &message{srv: srv, shop: s, hook: h, id: s.random("delivery", s.deliveries)[:32], number: s.deliveries, data: data}
	m.disturb()
	m.send(1)
}

// disturb applies the switches about delivery disorder (§10.2) as one rule for
// the message that follows.
func (m *message) disturb() {
	route := "webhook " + m.hook.kind
	for _, x := range []struct {
		name, kind string
		delay      time.Duration
	}{
		{"webhook_drop", kit.FaultLost, 0}, {"webhook_duplicates", kit.FaultDouble, time.Second},
		{"webhook_reorder", kit.FaultDelay, 3 * time.Second},
	} {
		rate, _ := strconv.ParseFloat(m.srv.desk.Value(x.name), 64)
		if rate > 0 && kit.Chance(m.srv.world.Seed, x.name, m.shop.name, route, fmt.Sprint(m.number)) < rate {
			_ = m.srv.world.Faults.Add(kit.Rule{Route: route, Kind: x.kind, Times: 1, Delay: x.delay})
			return
		}
	}
}

func (m *message) send(attempt int) {
	m.srv.world.Deliver(kit.Delivery{
		Route: "webhook " + m.hook.kind, Key: "kiotviet " + m.shop.name + " " + strconv.Itoa(m.number),
		Timeout: answerTime,
		Build:   func(forge bool) *http.Request { return m.build(attempt, forge) },
		Done:    func(status int, err error) { m.done(attempt, status, err) },
	})
}

func (m *message) build(attempt int, forge bool) *http.Request {
	desk := m.srv.desk
	action := m.hook.kind
	if desk.Is("action_suffix", "true") {
		action += "." + strconv.FormatInt(m.shop.id, 10)
	}
	data := any(m.data)
	var body object
	if ids, ok := m.idList(); ok {
		switch desk.Value("delete_event_shape") {
		case "RemoveId":
			body = obj("RemoveId", ids) // bare: no Action at all (§5.3)
		case "DataRemoveId":
			data = []object{obj("RemoveId", ids)}
		default:
			data = ids
		}
	}
	if body == nil {
		body = obj("Id", m.id, "Attempt", attempt, "Notifications", []object{obj("Action", action, "Data", data)})
	}
	text := encode(body)
	r := kit.JSONRequest(m.hook.url, text)
	if m.hook.secret != "" { // no secret, no header (§5.1)
		r.Header.Set("X-Hub-Signature", m.srv.sign(m.hook.secret, text, forge))
	}
	return r
}

// idList gives the ids of a delete event. The shape is disputed for all but
// pricebook.delete, which is drawn with Data: [ids] (§5.3).
func (m *message) idList() ([]int64, bool) {
	kinds := []string{"customer.delete", "product.delete", "category.delete", "branch.delete"}
	if !slices.Contains(kinds, m.hook.kind) {
		return nil, false
	}
	ids := []int64{}
	for _, v := range m.data {
		ids = append(ids, v.(int64))
	}
	return ids, true
}

// sign makes X-Hub-Signature: the prefix says sha1, the digest is SHA-256
// (§5.5).
func (srv *Server) sign(secret string, body []byte, forge bool) string {
	key := []byte(secret)
	if srv.desk.Is("signature_key", "base64") {
		if decoded, err := base64.StdEncoding.DecodeString(secret); err == nil {
			key = decoded
		}
	}
	if forge {
		key = append([]byte("forged "), key...)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	digest := hex.EncodeToString(mac.Sum(nil))
	if prefix := srv.desk.Value("signature_prefix"); prefix != "none" {
		return prefix + "=" + digest
	}
	return digest
}

// done applies §5.6: some answers stop the sending at once, others are retried
// and stop it in the end.
func (m *message) done(attempt, status int, err error) {
	m.srv.mu.Lock()
	defer m.srv.mu.Unlock()
	h := m.hook
	if !h.active || !slices.Contains(m.shop.hooks, h) {
		return
	}
	if err == nil && status/100 == 2 {
		h.failures = 0
		return
	}
	h.failures++
	switch status {
	case 400, 401, 403, 404, 405:
		h.deactivate(m.srv.world.Now())
		return
	}
	attempts, _ := strconv.Atoi(m.srv.desk.Value("webhook_attempts"))
	if attempt >= attempts {
		h.deactivate(m.srv.world.Now())
		return
	}
	m.srv.world.After(m.srv.duration("webhook_spacing"), func() {
		m.srv.mu.Lock()
		live := h.active && slices.Contains(m.shop.hooks, h)
		m.srv.mu.Unlock()
		if live {
			m.send(attempt + 1)
		}
	})
}

func (h *webhook) deactivate(at time.Time) {
	h.active, h.modified = false, at
}

// duration reads a switch that holds one; what cannot be read is zero.
func (srv *Server) duration(name string) time.Duration {
	d, _ := time.ParseDuration(srv.desk.Value(name))
	return d
}
