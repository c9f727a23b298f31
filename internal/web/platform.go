package web

import "github.com/dongbo/dongbo/internal/connector"

// What kind of platform a driver is, its form tells: a channel sells the stock
// of a branch, so its form asks for one (LZD-03); a point of sale has branches
// of its own.
func isChannel(d connector.Driver) bool {
	for _, f := range d.Form {
		if f.Name == connector.BranchName {
			return true
		}
	}
	return false
}

func isPOS(d connector.Driver) bool { return len(d.Form) > 0 && !isChannel(d) }

// posDriver is the hub's point of sale, also for a shop that has none yet.
func (p *page) posDriver() connector.Driver {
	for _, d := range p.c.Hub.Drivers {
		if isPOS(d) {
			return d
		}
	}
	return connector.Driver{}
}
