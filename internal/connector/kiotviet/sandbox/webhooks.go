package sandbox

import (
	"net/http"
	"slices"
	"time"
)

// webhook is one registration. One per event type and shop (§5.1).
type webhook struct {
	id                int64
	kind, url         string
	active            bool
	description       string
	secret            string
	foreign           bool // another integration's: nothing is sent, its receiver is not part of the run
	created, modified time.Time
	failures          int
}

var eventTypes = []string{
	"customer.update", "customer.delete", "product.update", "product.delete", "stock.update", "order.update", "invoice.update",
	"pricebook.update", "pricebook.delete", "pricebookdetail.update", "pricebookdetail.delete",
	"category.update", "category.delete", "branch.update", "branch.delete",
}

func (s *shop) hook(kind string) *webhook {
	return find(s.hooks, func(h *webhook) bool { return h.kind == kind })
}

func (h *webhook) object(s *shop, row bool) object {
	// The secret is never returned.
	o := obj("id", h.id, "type", h.kind, "url", h.url, "isActive", h.active, "retailerId", s.id, "description", ifText(h.description))
	if row {
		o = o.with("modifiedDate", naive(later(h.created, h.modified)))
	}
	return o
}

func listWebhooks(c *call) (any, error) {
	by := func(h *webhook, field string) any {
		switch field {
		case "id":
			return h.id
		case "type":
			return h.kind
		}
		return nil
	}
	return page(c, c.shop.hooks, by, func(h *webhook) object { return h.object(c.shop, true) }, listOptions{omitEmpty: true}), nil
}

func (c *call) webhook() (*webhook, error) {
	id := c.in.int("id")
	if err := c.checked(); err != nil {
		return nil, err
	}
	if h := find(c.shop.hooks, func(h *webhook) bool { return h.id == id }); h != nil {
		return h, nil
	}
	return nil, noSuch(validateException, "Webhook")
}

func getWebhook(c *call) (any, error) {
	h, err := c.webhook()
	if err != nil {
		return nil, err
	}
	return h.object(c.shop, false), nil
}

// addWebhook is POST /webhooks, body {"Webhook": {…}}.
func addWebhook(c *call) (any, error) {
	s := c.shop
	in, ok := c.in.child("Webhook")
	if !ok {
		c.warn("POST /webhooks without the member Webhook")
		return nil, business(validateException, "Webhook không hợp lệ")
	}
	kind, active := in.text("Type"), in.flagOr("IsActive", true)
	if err := c.checked(); err != nil {
		return nil, err
	}
	switch {
	case !slices.Contains(eventTypes, kind):
		return nil, business(validateException, "Type không hợp lệ")
	case in.text("Url") == "":
		return nil, business(validateException, "Url không hợp lệ")
	case s.hook(kind) != nil:
		return nil, &refusal{status: http.StatusInternalServerError, message: "Type đã tồn tại"}
	}
	h := &webhook{
		id: s.next("webhook"), kind: kind, url: in.text("Url"), active: active, description: in.text("Description"),
		secret: in.text("Secret"), created: c.now,
	}
	s.hooks = append(s.hooks, h)
	return h.object(s, false), nil
}

// putWebhook is documented nowhere; one family of SDKs calls it (§5.1).
func putWebhook(c *call) (any, error) {
	c.warn("PUT /webhooks/{id}")
	if c.srv.desk.Is("webhook_put", "refused") {
		return nil, &refusal{status: http.StatusMethodNotAllowed, message: "Method not allowed"}
	}
	h, err := c.webhook()
	if err != nil {
		return nil, err
	}
	in, ok := c.in.child("Webhook")
	if !ok {
		in = c.in
	}
	if in.text("Url") != "" {
		h.url = in.text("Url")
	}
	h.active = in.flagOr("IsActive", h.active)
	h.modified, h.failures = c.now, 0
	return h.object(c.shop, false), nil
}

func deleteWebhook(c *call) (any, error) {
	h, err := c.webhook()
	if err != nil {
		return nil, err
	}
	c.shop.hooks = slices.DeleteFunc(c.shop.hooks, func(x *webhook) bool { return x == h })
	return obj("message", "Hủy đăng ký webhook thành công"), nil
}
