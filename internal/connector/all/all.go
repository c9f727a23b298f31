// Package all is the list of platforms: one line each, its driver and its
// sandbox. A new channel is a new folder and a line here.
package all

import (
	"github.com/dongbo/dongbo/internal/connector"
	"github.com/dongbo/dongbo/internal/connector/kiotviet"
	kiotvietsandbox "github.com/dongbo/dongbo/internal/connector/kiotviet/sandbox"
	"github.com/dongbo/dongbo/internal/connector/lazada"
	lazadasandbox "github.com/dongbo/dongbo/internal/connector/lazada/sandbox"
	"github.com/dongbo/dongbo/internal/sandbox"
)

// Platform is one platform and its simulator.
type Platform struct {
	Driver  connector.Driver
	Sandbox func(*sandbox.World) sandbox.Server
}

// Platforms lists them all.
func Platforms() []Platform {
	return []Platform{
		{kiotviet.Driver(), func(w *sandbox.World) sandbox.Server { return kiotvietsandbox.New(w) }},
		{lazada.Driver(), func(w *sandbox.World) sandbox.Server { return lazadasandbox.New(w) }},
	}
}

// Drivers lists the drivers alone.
func Drivers() []connector.Driver {
	var out []connector.Driver
	for _, p := range Platforms() {
		out = append(out, p.Driver)
	}
	return out
}
