#!/usr/bin/env bash
# Fails if `make gen` changes anything, and leaves the fresh files in place.
set -euo pipefail
cd "$(dirname "$0")/.."

fingerprint() {
	find internal docs/rules.md \( -name '*_templ.go' -o -path docs/rules.md \) -type f -exec sha256sum {} + | sort -k2
}

before=$(fingerprint)
make --no-print-directory gen
after=$(fingerprint)
[[ $before == "$after" ]] || {
	echo 'generated files were stale; they are fresh now, commit them:' >&2
	diff <(echo "$before") <(echo "$after") | sed -n 's/^[<>] [0-9a-f]*  /  /p' | sort -u >&2
	exit 1
}
