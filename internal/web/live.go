package web

import (
	"fmt"
	"net/http"
	"time"
)

const (
	// settle is how long changes gather before pages hear of them again.
	settle = time.Second
	// beat keeps proxies from closing a silent stream.
	beat = 25 * time.Second
	// renew is after how long a browser must ask again, and be known still.
	renew = 10 * time.Minute
)

// live tells a browser whenever something on a page may have changed; the page
// then fetches itself anew. It says nothing about what has changed, so it has
// nothing to hide from anybody who has signed in.
func (c *console) live(w http.ResponseWriter, r *http.Request, _ *page) error {
	out := http.NewResponseController(w)
	_ = out.SetWriteDeadline(time.Time{}) // a server without deadlines refuses; fine
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	say := func(s string) bool {
		if _, err := fmt.Fprint(w, s); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	over := c.Clock.After(renew)
	news, stop := c.Hub.Changes()
	defer func() { stop() }()
	// Something may have happened between the page and this stream, or while
	// the browser was away.
	for say(changed) {
		select {
		case <-r.Context().Done():
			return nil
		case <-c.Clock.After(settle):
		}
		for waiting := true; waiting; {
			select {
			case <-r.Context().Done():
				return nil
			case <-over:
				return nil
			case <-c.Clock.After(beat):
				if !say(": beat\n\n") {
					return nil
				}
			case <-news:
				waiting = false
			}
		}
		news, stop = c.Hub.Changes() // before saying so, that nothing slips through
	}
	return nil
}

// changed is the event that the pages' fragments wait for.
const changed = "event: changed\ndata: 1\n\n"
