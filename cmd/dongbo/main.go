// Dongbo keeps a shop's KiotViet and its sales channels telling the same truth.
package main

import (
	"os"

	"github.com/dongbo/dongbo/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
