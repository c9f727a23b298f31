package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Delivery is one webhook or push that a platform wants to make.
type Delivery struct {
	// Route names the delivery for fault rules and the journal: "webhook
	// stock.update", "push 0".
	Route string
	// Key identifies the message, so that its faults can be decided by hash.
	Key string
	// Build makes the request when it is sent; a platform that refreshes the
	// content of a retry does so here. forge asks for a wrong signature.
	Build func(forge bool) *http.Request
	// Timeout is how long the platform waits for the answer.
	Timeout time.Duration
	// Done receives the status, or an error if none came in time. It is called
	// once for each sending that the platform itself made (a copy made by the
	// fault "double" is nobody's).
	Done func(status int, err error)
}

// Deliver sends d as soon as the world's queue comes to it. Faults on its
// route: lost, double, delay, forge.
func (w *World) Deliver(d Delivery) {
	w.mu.Lock()
	w.sent[d.Route+"\x00"+d.Key]++
	attempt := w.sent[d.Route+"\x00"+d.Key]
	w.mu.Unlock()

	fault := w.Faults.decide(d.Route, d.Key, attempt)
	switch fault.Kind {
	case FaultLost:
		// The platform believes that it was received.
		w.After(0, func() { d.Done(http.StatusOK, nil) })
	case FaultDouble:
		w.After(0, func() { w.send(d, false) })
		copied := d
		copied.Done = func(int, error) {}
		w.After(fault.Delay, func() { w.send(copied, false) })
	case FaultDelay:
		w.After(fault.Delay, func() { w.send(d, false) })
	default:
		w.After(0, func() { w.send(d, fault.Kind == FaultForge) })
	}
}

func (w *World) send(d Delivery, forge bool) {
	post := func() {
		ctx, cancel := context.WithTimeout(context.Background(), d.Timeout)
		defer cancel()
		status, err := w.post(d.Build(forge).WithContext(ctx))
		d.Done(status, err)
	}
	w.mu.Lock()
	async := w.async
	w.mu.Unlock()
	if async {
		go post()
	} else {
		post()
	}
}

func (w *World) post(r *http.Request) (int, error) {
	resp, err := w.Client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("delivering: %w", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, nil
}

// JSONRequest builds a POST of body, which Build functions sign.
func JSONRequest(url string, body []byte) *http.Request {
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		// A subscriber registered a URL that cannot be called: post fails.
		r, _ = http.NewRequest(http.MethodPost, "http://invalid.invalid/", bytes.NewReader(body))
	}
	r.Header.Set("Content-Type", "application/json")
	return r
}
