#!/usr/bin/env bash
# The part of the import table that names "its own": a platform's tests and its
# simulator may import their own folder, but no other platform's, and the
# simulator not even its own driver. depguard cannot say "own"; all else of the
# table is in .golangci.yml.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ -d internal/connector ]] || exit 0
go list -e -f '{{$p := .ImportPath}}{{range .Imports}}{{$p}} {{.}}
{{end}}{{range .TestImports}}{{$p}} {{.}}
{{end}}{{range .XTestImports}}{{$p}} {{.}}
{{end}}' ./internal/connector/... | sort -u | awk '
	function platform(path) { # the folder under connector/, unless it is one of the shared ones
		if (!sub(/^.*\/internal\/connector\//, "", path)) return ""
		sub(/\/.*/, "", path)
		return path ~ /^(rest|connectortest|all)$/ ? "" : path
	}
	function simulator(path) { return path ~ /\/internal\/connector\/[^\/]+\/sandbox(\/|$)/ }
	function breach(why) { printf "%s imports %s: %s\n", $1, $2, why; bad = 1 }
	NF != 2 || platform($1) == "" || $2 !~ /\/internal\/connector(\/|$)/ { next }
	platform($2) != "" && platform($1) != platform($2) { breach("a platform does not know another"); next }
	simulator($1) && !simulator($2) { breach("a simulator is a stranger to the port and to its driver") }
	END { exit bad }' >&2
