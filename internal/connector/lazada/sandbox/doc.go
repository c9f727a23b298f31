// Package sandbox imitates the seller API of Lazada Vietnam.
//
// It is written from the platform's page alone (shared/api/lazada.md); the
// paragraph signs in the comments, §12.3 for example, are paragraphs of that
// page. It knows nothing of the hub that talks to it, so that it can be the
// judge of what the hub did.
//
// How a request travels:
//
//	server.go    one handler: API under /rest, sign-in page, desk
//	protocol.go  merged parameters (§3.2) and the check order of §17.1
//	sign.go      the signatures of §4 and §14.6
//	limits.go    frequency limits (§5.4)
//	endpoints.go the index of §19: path, verbs, handler
//
// What the platform knows: model.go (sellers, products, orders), status.go
// (the item status machine of §7.7), stock.go (the five words of §11.3),
// auth.go (tokens of §2), push.go (messages of §14). What people do on it:
// the desk*.go files. Money is whole đồng in int64; every moment is the
// world's clock.
//
// One mutex guards everything. Functions that need it held say nothing;
// the few that take it themselves are handlers, desk actions, views and what
// the world calls later.
package sandbox
