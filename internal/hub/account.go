package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/db"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/store"
	"github.com/dongbo/dongbo/internal/vault"
)

// lane is what a worker keeps in memory about one connection: its token and
// its budgets. All of it can be thrown away; the rows know better.
type lane struct {
	hub    *Hub
	id     string
	shop   retail.ShopID
	driver connector.Driver

	mu      sync.Mutex
	epoch   int64
	grant   connector.Grant
	keys    connector.Keys
	base    string
	auth    string
	budgets *budgets
	loaded  bool
	// orders are those that the POS had when this process began, listed since.
	orders      []retail.POSOrder
	ordersSince time.Time
	troubled    bool // a problem of the connection itself was shown
}

// open returns the lane's memory, filled from the rows the first time and after
// forget.
func (h *Hub) open(ctx context.Context, id string, epoch int64) (*lane, store.Connection, error) {
	var c store.Connection
	var app store.App
	var keys connector.Keys
	var spent string
	h.mu.Lock()
	l := h.lanes[id]
	if l == nil {
		l = &lane{hub: h, id: id, troubled: true}
		h.lanes[id] = l
	}
	h.mu.Unlock()
	err := h.DB.Read(ctx, func(v *db.View) error {
		var found bool
		var err error
		if c, found, err = store.ConnectionByID(v, id); err != nil {
			return err
		}
		if !found {
			c.State = store.Deleted
			return nil
		}
		r := store.Read(v, c.Shop)
		if keys, app, err = h.appKeys(r, c.Platform); err != nil {
			return err
		}
		spent, err = r.Budgets(id)
		return err
	})
	if err != nil || c.State == store.Deleted {
		return l, c, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.epoch = epoch
	if l.loaded {
		return l, c, nil
	}
	driver, ok := h.drivers[c.Platform]
	if !ok {
		return l, c, fmt.Errorf("connection %s is of platform %q, which this hub does not have", id, c.Platform)
	}
	l.shop, l.driver, l.keys, l.base, l.auth = c.Shop, driver, keys, app.Base, app.AuthBase
	secrets, err := h.secrets(c)
	if err != nil {
		return l, c, err
	}
	l.keys.Values = map[string]string{}
	for k, v := range c.Settings.Values {
		l.keys.Values[k] = v
	}
	for k, v := range secrets {
		l.keys.Values[k] = v
	}
	l.keys.Hook = secrets[hookSecret]
	delete(l.keys.Values, hookSecret)
	l.grant = connector.Grant{}
	if len(c.Grant) > 0 {
		plain, err := h.Vault.Open("grant", vault.Row(string(c.Shop), "connections", c.ID, "grant"), c.Grant)
		if err != nil {
			return l, c, fmt.Errorf("opening the grant of connection %s: %w", id, err)
		}
		if err := json.Unmarshal(plain, &l.grant); err != nil {
			return l, c, err
		}
	}
	if l.budgets == nil {
		l.budgets = newBudgets(driver.Limits.Budgets, h.Pace, h.Clock, spent)
	}
	l.loaded = true
	return l, c, nil
}

// forget makes the hub read a connection's or a platform's keys anew. It is
// called after the commit, else a lane at work would keep what was there before;
// the work in hand goes on with its sign-in.
func (h *Hub) forget(id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.keys, id)
	for name, l := range h.lanes {
		if l.mu.Lock(); name == id || l.driver.ID == id {
			l.loaded = false
		}
		l.mu.Unlock()
	}
}

// appKeys returns what the operator entered for a platform.
func (h *Hub) appKeys(r store.Reader, platform string) (connector.Keys, store.App, error) {
	app, found, err := r.App(platform)
	if err != nil {
		return connector.Keys{}, app, err
	}
	if !found {
		if len(h.drivers[platform].App) > 0 {
			return connector.Keys{}, app, trouble("platform.no_app", "platform", h.drivers[platform].Name)
		}
		return connector.Keys{}, app, nil
	}
	plain, err := h.Vault.Open("app", vault.Row("", "apps", platform, "sealed"), app.Sealed)
	if err != nil {
		return connector.Keys{}, app, fmt.Errorf("opening the app keys of %s: %w", platform, err)
	}
	values := map[string]string{}
	if err := json.Unmarshal(plain, &values); err != nil {
		return connector.Keys{}, app, err
	}
	return connector.Keys{AppKey: values["app_key"], AppSecret: values["app_secret"]}, app, nil
}

// account is what the lane's driver works with. cause names what the calls are
// made for, in attempts and history.
func (l *lane) account(cause string) connector.Account {
	l.mu.Lock()
	defer l.mu.Unlock()
	return connector.Account{
		Keys: l.keys, Base: l.base, AuthBase: l.auth, Grant: l.grant,
		HTTP:  &http.Client{Transport: &wire{lane: l, cause: cause}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		Now:   l.hub.Clock.Now,
		Spend: l.budgets.spend,
		Token: func(ctx context.Context) (string, error) { return l.token(ctx, "") },
		Renew: l.token,
	}
}

// renewBefore is how long before its end a token is replaced.
const renewBefore = time.Minute

// token returns an access token that is not stale, renewing it at most once for
// all callers that wait. The new grant is stored before anybody uses it.
func (l *lane) token(ctx context.Context, stale string) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.hub.Clock.Now()
	if l.grant.Access != "" && l.grant.Access != stale && now.Add(renewBefore).Before(l.grant.AccessUntil) {
		return l.grant.Access, nil
	}
	if l.driver.Auth.Refresh == nil || l.driver.Auth.Exchange != nil && l.grant.Refresh == "" {
		return "", &connector.Error{Kind: connector.Unauthorised, Problem: retail.Problem{Key: "connection.unauthorised"}}
	}
	acc := connector.Account{
		Keys: l.keys, Base: l.base, AuthBase: l.auth, Grant: l.grant,
		HTTP: &http.Client{Transport: &wire{lane: l, cause: "token", locked: true}},
		Now:  l.hub.Clock.Now, Spend: l.budgets.spend,
	}
	g, err := l.driver.Auth.Refresh(ctx, acc, l.grant)
	if err != nil {
		return "", err
	}
	if err := l.keep(ctx, g); err != nil {
		return "", err
	}
	return g.Access, nil
}

// keep stores a grant, then uses it. The caller holds l.mu.
func (l *lane) keep(ctx context.Context, g connector.Grant) error {
	if g.AccountID == "" {
		g.AccountID, g.AccountName = l.grant.AccountID, l.grant.AccountName
	}
	if g.OwnerID == "" {
		g.OwnerID = l.grant.OwnerID
	}
	sealed, err := l.hub.Vault.Seal("grant", vault.Row(string(l.shop), "connections", l.id, "grant"), encode(g))
	if err != nil {
		return err
	}
	err = l.hub.write(ctx, l.shop, func(w store.Writer) error {
		return w.SaveGrant(l.id, sealed, g.AccessUntil, g.AccountID, g.AccountName, g.OwnerID)
	})
	if errors.Is(err, db.ErrExists) {
		return &connector.Error{Kind: connector.Rejected, Problem: retail.Problem{Key: "connection.account_taken"}}
	}
	if err == nil {
		l.grant = g
	}
	return err
}
