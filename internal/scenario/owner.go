package scenario

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/dongbo/dongbo/internal/hub"
	"github.com/dongbo/dongbo/internal/retail"
	"github.com/dongbo/dongbo/internal/sandbox"
	"github.com/dongbo/dongbo/internal/store"
)

// Owner does at a hub what an operator and a shop's owner do in the console,
// with the accounts that the sandboxes offer.
type Owner struct {
	Hub     *hub.Hub
	Shop    retail.ShopID
	Servers map[string]sandbox.Server
	// Info is what a sandbox tells its clients: addresses and keys.
	Info func(platform string) map[string]string
	// Client reaches the sign-in pages.
	Client http.RoundTripper
	// Await returns once the hub has answered a command.
	Await func(ctx context.Context, command string) error
}

// Connect connects a platform: activation, sign-in or keys, form, "Lưu". Names
// of branches and price books are understood; the default is the branch that
// was opened first.
// values["account"] chooses among several accounts.
func (o Owner) Connect(ctx context.Context, platform string, values map[string]string) (id string, err error) {
	if err := o.Hub.Activate(ctx, o.Shop, platform, true); err != nil {
		return "", err
	}
	if id, err = o.Hub.Draft(ctx, o.Shop, platform); err != nil {
		return "", err
	}
	command, err := o.begin(ctx, platform, id, values)
	if err != nil {
		return id, err
	}
	if err := o.Await(ctx, command); err != nil {
		return id, err
	}
	return id, o.Save(ctx, id, values)
}

// SignIn signs in again to a connection whose right to call has ended.
func (o Owner) SignIn(ctx context.Context, platform, id string) error {
	command, err := o.begin(ctx, platform, id, nil)
	if err != nil {
		return err
	}
	return o.Await(ctx, command)
}

// begin signs in where the platform has a page for it, else fills in the keys.
func (o Owner) begin(ctx context.Context, platform, id string, values map[string]string) (command string, err error) {
	d, _ := o.Hub.Driver(platform)
	if d.Auth.URL != nil {
		return o.signIn(ctx, platform, id, values["account"])
	}
	info := o.Info(platform)
	filled := map[string]string{}
	for _, f := range d.Form {
		filled[f.Name] = info[f.Name]
		if v, given := values[f.Name]; given {
			filled[f.Name] = v
		}
	}
	if err := o.Hub.Fill(ctx, o.Shop, id, filled); err != nil {
		return "", err
	}
	return o.Hub.Ask(ctx, o.Shop, id, "connect", nil)
}

// Save is "Lưu". What values does not name stays as it was.
func (o Owner) Save(ctx context.Context, id string, values map[string]string) error {
	resolved := map[string]string{}
	err := o.Hub.Read(ctx, o.Shop, func(r store.Reader) error {
		branches, err := r.Branches()
		if err != nil {
			return err
		}
		books, err := r.PriceBooks()
		if err != nil {
			return err
		}
		c, _, err := r.Connection(id)
		if err != nil {
			return err
		}
		if len(branches) > 0 && c.BranchID == "" {
			resolved["branch"] = slices.MinFunc(branches, func(a, b retail.Branch) int {
				return cmp.Or(len(a.ID)-len(b.ID), strings.Compare(a.ID, b.ID))
			}).ID
		}
		for k, v := range values {
			resolved[k] = v
			for _, b := range branches {
				if k == "branch" && b.Name == v {
					resolved[k] = b.ID
				}
			}
			for _, b := range books {
				if strings.HasSuffix(k, "_book") && b.Name == v {
					resolved[k] = b.ID
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return o.Hub.Save(ctx, o.Shop, id, resolved)
}

// signIn goes through the platform's sign-in page as the owner's browser does:
// it chooses an account and brings back what the page sends along.
func (o Owner) signIn(ctx context.Context, platform, id, account string) (command string, err error) {
	page, err := o.Hub.SignInURL(ctx, o.Shop, id)
	if err != nil {
		return "", err
	}
	if account == "" {
		rows, err := sandbox.See(o.Servers[platform], "sellers")
		if err != nil || len(rows) == 0 {
			return "", fmt.Errorf("no account to sign in with at %s: %w", platform, err)
		}
		account = fmt.Sprint(rows[0]["seller"])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(url.Values{"seller": {account}}.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := o.Client.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		return "", fmt.Errorf("signing in at %s: status %d", platform, resp.StatusCode)
	}
	_, command, err = o.Hub.SignedIn(ctx, o.Shop, platform, back.Query())
	return command, err
}
