package hub_test

import (
	"bytes"
	"errors"
	"maps"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
)

// refused tells that err is a trouble with this key.
func refused(t *testing.T, what string, err error, key string) {
	t.Helper()
	trouble, ok := errors.AsType[*hub.Trouble](err)
	if !ok || trouble.Key != key {
		t.Errorf("%s: %v, not %s", what, err, key)
	}
}

// rule: LZD-01
func TestLZD01AChannelIsOffUntilTheOperatorActivatesIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.till = h.connectTill()
		_, err := h.Draft(ctx, shop, "bazaar")
		refused(t, "a draft before activation", err, "platform.not_activated")
		refused(t, "activating what is not here", h.Activate(ctx, shop, "nobody", true), "platform.unknown")
		_, err = h.Draft(ctx, shop, "nobody")
		refused(t, "a draft of what is not here", err, "platform.unknown")

		id := h.connectBazaar("seller", "b1")
		must(t, h.Activate(ctx, shop, "bazaar", false))
		_, err = h.SignInURL(ctx, shop, id)
		refused(t, "signing in", err, "platform.not_activated")
		refused(t, "saving", h.Save(ctx, shop, id, nil), "platform.not_activated")
		refused(t, "synchronising", h.Sync(ctx, shop, id), "platform.not_activated")
		_, err = h.Ask(ctx, shop, id, "check", nil)
		refused(t, "asking its lane", err, "platform.not_activated")
		// Another shop's activation is another matter.
		must(t, h.CreateShop(ctx, "other", "Gian hàng khác"))
		_, err = h.Draft(ctx, "other", "bazaar")
		refused(t, "another shop", err, "platform.not_activated")
	})
}

// rule: LZD-02
func TestLZD02AStateThatThisShopDidNotGiveIsRefusedBeforeAnyCall(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		must(t, h.Activate(ctx, shop, "bazaar", true))
		must(t, h.CreateShop(ctx, "other", "Gian hàng khác"))
		must(t, h.Activate(ctx, "other", "bazaar", true))
		id, err := h.Draft(ctx, shop, "bazaar")
		must(t, err)
		good := h.callback(id, "seller")
		with := func(key, value string) url.Values {
			v := maps.Clone(good)
			v.Set(key, value)
			return v
		}
		for name, c := range map[string]struct {
			shop     retail.ShopID
			platform string
			callback url.Values
			key      string
		}{
			"a guessed token":     {shop, "bazaar", with("state", id+".guessed"), "sign_in.foreign_state"},
			"the bare connection": {shop, "bazaar", with("state", id), "sign_in.foreign_state"},
			"no state":            {shop, "bazaar", url.Values{"code": {"seller"}}, "sign_in.foreign_state"},
			"another shop":        {"other", "bazaar", good, "sign_in.foreign_state"},
			"another platform":    {shop, "till", good, "sign_in.foreign_state"},
			"the owner said no":   {shop, "bazaar", with("error", "denied"), "sign_in.refused"},
			"no code":             {shop, "bazaar", with("code", ""), "sign_in.refused"},
		} {
			_, command, err := h.SignedIn(ctx, c.shop, c.platform, c.callback)
			refused(t, name, err, c.key)
			if command != "" {
				t.Errorf("%s: command %q", name, command)
			}
		}
		if h.now(); len(h.market.calls) != 0 {
			t.Errorf("called %v", h.market.calls)
		}
		_, command, err := h.SignedIn(ctx, shop, "bazaar", good)
		must(t, h.ask(command, err))
		if h.market.count("exchange") != 1 {
			t.Errorf("called %v", h.market.calls)
		}
	})
}

// rule: LZD-03, SYN-08
func TestADraftHasNoEffect(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.till = h.connectTill()
		id := h.signIn("seller")
		must(t, h.Fill(ctx, shop, id, map[string]string{"branch": "b1"}))
		h.sell("1", 1, retail.Pending)
		h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: "1"}))
		h.market.calls = nil
		h.pass(time.Hour)
		for _, route := range []string{"sold", "listed", "stock", "prices", "order.create"} {
			if n := h.market.count(route); n != 0 {
				t.Errorf("%s was called %d times for a draft", route, n)
			}
		}
		h.bazaar = id
		must(t, h.Save(ctx, shop, id, map[string]string{"branch": "b1"}))
		h.pass(time.Minute)
		// rule: LZD-15
		h.oneOrder()
	})
}

func TestSaveNeedsASignInABranchAndAPointOfSale(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		refused(t, "a shop twice", h.CreateShop(ctx, shop, "x"), "shop.exists")
		must(t, h.Activate(ctx, shop, "bazaar", true))
		id, err := h.Draft(ctx, shop, "bazaar")
		must(t, err)
		refused(t, "without a sign-in", h.Save(ctx, shop, id, map[string]string{"branch": "b1"}), "connection.not_signed_in")
		signed := h.signIn("seller")
		refused(t, "without a branch", h.Save(ctx, shop, signed, nil), "form.missing")
		refused(t, "without a point of sale", h.Save(ctx, shop, signed, map[string]string{"branch": "b1"}), "shop.no_pos")
		refused(t, "one that is not there", h.Save(ctx, shop, "nobody", nil), "connection.gone")
		// rule: SYN-05
		must(t, h.CreateShop(ctx, "other", "Gian hàng khác"))
		refused(t, "another shop's", h.Save(ctx, "other", signed, map[string]string{"branch": "b1"}), "connection.gone")
		refused(t, "another shop's", h.Delete(ctx, "other", signed), "connection.gone")
		till, err := h.Draft(ctx, shop, "till")
		must(t, err)
		refused(t, "a form that lacks something", h.Fill(ctx, shop, till, map[string]string{"client": "me"}), "form.missing")
	})
}

// rule: LZD-07, SYN-08
func TestLZD07OneAccountAndOneBranchOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.till = h.connectTill()
		h.connectBazaar("seller", "b1")
		second := h.signIn("seller 2")
		refused(t, "the same branch", h.Save(ctx, shop, second, map[string]string{"branch": "b1"}), "connection.branch_taken")
		must(t, h.Save(ctx, shop, second, map[string]string{"branch": "b2"}))

		// The account is refused as soon as it is signed in to.
		third, err := h.Draft(ctx, shop, "bazaar")
		must(t, err)
		_, command, err := h.SignedIn(ctx, shop, "bazaar", h.callback(third, "seller"))
		refused(t, "the same account", h.ask(command, err), "connection.account_taken")
	})
}

// rule: LZD-07, SYN-08
func TestLZD07TwoSavedAtTheSameMoment(t *testing.T) {
	for name, c := range map[string]struct{ accounts, branches [2]string }{
		"connection.branch_taken":  {[2]string{"seller", "seller 2"}, [2]string{"b1", "b1"}},
		"connection.account_taken": {[2]string{"seller", "seller"}, [2]string{"b1", "b2"}},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				h.till = h.connectTill()
				var saving sync.WaitGroup
				var errs [2]error
				ids := [2]string{h.signIn(c.accounts[0]), h.signIn(c.accounts[1])}
				for i, id := range ids {
					saving.Go(func() { errs[i] = h.Save(t.Context(), shop, id, map[string]string{"branch": c.branches[i]}) })
				}
				saving.Wait()
				if (errs[0] == nil) == (errs[1] == nil) {
					t.Fatalf("one: %v; other: %v", errs[0], errs[1])
				}
				refused(t, "the later one", errors.Join(errs[:]...), name)
				h.read(func(r store.Reader) error {
					all, err := r.Connections()
					live := 0
					for _, o := range all {
						if o.Platform == "bazaar" && o.State == store.Live {
							live++
						}
					}
					if live != 1 {
						t.Errorf("%d are live", live)
					}
					return err
				})
			})
		})
	}
}

// rule: LZD-08
func TestLZD08ANewBranchSendsTheCatalogueAgain(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		must(t, h.Save(t.Context(), shop, h.bazaar, map[string]string{"branch": "b2"})) // where there is nothing
		if h.now(); h.market.listed[0].Sellable != 0 {
			t.Errorf("the bazaar shows %d", h.market.listed[0].Sellable)
		}
	})
}

// An owner who saves while the lane is at work neither takes its sign-in away
// nor leaves it with what was entered before.
//
// rule: LZD-08
func TestLZD08SavingWhileTheLaneWorks(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		h.market.restock(20)
		h.market.fault = once("listed", fault{run: func() { // between two calls of one push
			if err := h.Save(t.Context(), shop, h.bazaar, map[string]string{"branch": "b1"}); err != nil {
				t.Error(err)
			}
		}})
		must(t, h.Sync(t.Context(), shop, h.till))
		h.pass(30 * time.Second)
		if p := h.problems(); len(p) != 0 || h.market.listed[0].Sellable != 20 {
			t.Errorf("the bazaar shows %d; problems %v", h.market.listed[0].Sellable, p)
		}
		if n := h.market.count("refresh"); n != 0 {
			t.Errorf("signed in anew %d times", n)
		}
	})
}

// rule: LZD-09
func TestLZD09ADeletedConnectionIsLeftAlone(t *testing.T) {
	eachConnected(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.sell("1", 1, retail.Pending)
		must(t, h.Delete(ctx, shop, h.bazaar))
		h.market.calls = nil
		h.deliver("/hooks/bazaar", "app secret", events(connector.Event{Account: "seller", Object: connector.OrderObject, ID: "1"}))
		level := h.market.levels["p1"]
		level.OnHand = 0
		h.market.levels["p1"] = level
		h.pass(time.Hour)
		for _, route := range []string{"sold", "listed", "stock", "prices", "customer.create", "order.create"} {
			if n := h.market.count(route); n != 0 {
				t.Errorf("%s was called %d times", route, n)
			}
		}
		refused(t, "deleting it again", h.Delete(ctx, shop, h.bazaar), "connection.gone")
		h.read(func(r store.Reader) error {
			c, _, err := r.Connection(h.bazaar)
			if c.State != store.Deleted || c.Sealed != nil || c.Grant != nil {
				t.Errorf("its secrets are still here: %+v", c)
			}
			history, err2 := r.History(store.HistoryFilter{Connection: h.bazaar, Kind: store.ConnectionHistory, Limit: 9})
			if !slices.ContainsFunc(history, func(e store.Entry) bool { return e.Event == "history.connection_deleted" }) {
				t.Errorf("history %+v", history)
			}
			return errors.Join(err, err2)
		})
		// Account and branch are free again.
		h.bazaar = h.connectBazaar("seller", "b1")
		h.pass(time.Minute)
		h.oneOrder()
	})
}

// rule: SYN-04
func TestSYN04SecretsAreSealedAndAnEmptyOneKeepsTheStored(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.till = h.connectTill()
		sealed := func() (out []byte) {
			h.read(func(r store.Reader) error {
				c, _, err := r.Connection(h.till)
				out = c.Sealed
				if c.Settings.Values["secret"] != "" || c.Settings.Values["client"] != "me" {
					t.Errorf("stored as settings: %v", c.Settings.Values)
				}
				return err
			})
			return out
		}
		if was := sealed(); len(was) == 0 || bytes.Contains(was, []byte("till secret")) {
			t.Errorf("sealed as %q", was)
		}
		must(t, h.Save(t.Context(), shop, h.till, map[string]string{"client": "me", "secret": ""}))
		sealed()
	})
}

// A command that the platform refuses answers with the reason, and is not tried
// again.
func TestACommandAnswersOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id, err := h.Draft(ctx, shop, "till")
		must(t, err)
		must(t, h.Fill(ctx, shop, id, map[string]string{"client": "me", "secret": "s"}))
		h.market.fault = once("refresh", fault{status: 422})
		command, err := h.Ask(ctx, shop, id, "connect", nil)
		must(t, err)
		if _, done, err := h.Answer(ctx, shop, command); done || err != nil {
			t.Errorf("answered before its lane ran: %v", err)
		}
		refused(t, "connecting", h.ask(command, nil), "connection.status")
		_, err = h.Wait(ctx, shop, command)
		refused(t, "waiting for what has ended", err, "connection.status")
		if h.pass(time.Minute); h.market.count("refresh") != 1 {
			t.Errorf("tried %d times", h.market.count("refresh"))
		}
		refused(t, "an unknown command", h.ask(h.Ask(ctx, shop, id, "dance", nil)), "command.unknown")
	})
}
