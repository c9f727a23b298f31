// Package connectortest is the conformance suite of drivers. It runs a driver
// against its platform's simulator inside one process, under a clock that
// stands still, and asks of both what package connector promises the hub.
//
// The test file of a new channel fills in a ChannelHarness (that of a POS a
// POSHarness) and is done:
//
//	func TestConformance(t *testing.T) {
//		connectortest.Channel(t, connectortest.ChannelHarness{
//			Setup: connectortest.Setup{
//				Driver: mychannel.Driver(),
//				Clock:  func() kit.Clock { return clock.NewVirtual(noon) },
//				Server: func(w *kit.World) kit.Server { return sandbox.New(w) },
//				Keys:   func(info map[string]string) connector.Keys { … },
//				Kill:   func(b *connectortest.Bench) { b.Do("revoke_tokens", nil) },
//			},
//			AddListings: func(b *connectortest.Bench, n int) []retail.SKU { … b.Do("add_item", …) … },
//			PlaceOrders: func(b *connectortest.Bench, n int, code retail.SKU) []string { … },
//			Refusals: []connectortest.Refusal{
//				{Name: "too fast", Arrange: connectortest.Fault("* /orders", "429"), Act: connectortest.ListOrders, Kind: connector.Throttled},
//			},
//		})
//	}
//
// Setup.Prepare turns switches of the simulator before the account is
// connected: run the suite once as documented and once with every switch turned
// whose meaning nobody knows. NewBench gives a driver's other tests the same
// platform, account and checks.
//
// What the harness leaves out is skipped with a message, and so is what the
// driver does not offer (a nil field). Each case gets a platform of its own.
//
// # What is asked
//
// Of every driver: fields and problems have words in both languages; what is
// nil has no limit and the other way round; every call is paid for from a
// budget before it leaves, and no budget is overdrawn in any window; twenty
// callers with a dead token cause one refresh; no error holds a secret, a
// token or what the harness calls private.
//
// Of a channel: every feed resumes at every page after a kill without missing
// an item, and goes on from its last cursor; no call holds more rows than
// Limits says; results come one per row and in order, and one bad row spoils no
// other; each refusal has the Kind that the harness names; a reply lost after
// the write is Unknown for every row, sent once, and the number is there when
// looked for;
// reads answer one per key and in order; a push with a wrong signature is
// refused, a good one understood, a repeated one understood alike.
//
// Of a POS: the product feed resumes as above; a document is found by its
// reference whether or not the platform keeps our code, and not by a prefix of
// it; a lost create is Uncertain and is found; customers are found by each form
// of their phone number; an invoice takes part of an order's lines; writing the
// delivery keeps the lines.
//
// # Time
//
// Clock.Sleep must let time pass at once. Nobody else moves the clock; Bench.Pass
// lets time pass and carries out what the platform does meanwhile.
package connectortest
