#!/usr/bin/env bash
# Fails if a Go file is not as gofmt would write it.
set -euo pipefail
cd "$(dirname "$0")/.."

folders=()
for folder in cmd internal; do
	[[ ! -d $folder ]] || folders+=("$folder")
done
unformatted=$(gofmt -l "${folders[@]}")
[[ -z $unformatted ]] || {
	printf 'not formatted, run gofmt -w on:\n%s\n' "$unformatted" >&2
	exit 1
}
