// Package sandbox is the kit for simulators of sales platforms.
//
// A simulator imitates one platform from that platform's documents alone. It
// keeps its own ledgers, enforces the platform's limits and signatures, and is
// the judge in every test: the hub's own tables are never asked whether the
// hub was right. The kit therefore imports nothing of the hub, and a simulator
// imports nothing but the kit.
//
// What the kit brings:
//
//   - World: the clock, the seed and the queue of things that happen later.
//   - Faults: what goes wrong, decided by hash(seed, request, attempt), so that
//     an added log line or another worker never changes what a seed means.
//   - Journal: every call received, with what became of its answer.
//   - Desk: what people do on the platform (place, ship, sell at the counter)
//     as JSON and as a small page, and the ledgers as tables.
//   - Transport: simulators reached inside one process, without sockets.
package sandbox

import "net/http"

// Server is one simulated platform.
//
// ServeHTTP answers the platform's API, as strict as the platform. It is safe
// for concurrent use.
type Server interface {
	http.Handler

	// Actors answers the desk: buyer, seller, courier, staff; see Desk.
	Actors() http.Handler

	// Invariants reports the first of the platform's own truths that does not
	// hold, for example that on hand equals the sum of the stock journal.
	Invariants() error

	// Info names what a client needs to connect, given the address at which
	// the API and the desk are served: base_url, auth_url, app_key and
	// app_secret or client_id, client_secret and retailer, access_token where
	// one exists, actors_url.
	Info(base string) map[string]string
}
