#!/usr/bin/env bash
# Shows that the linter's refusals still refuse: builds a small house of empty
# rooms in a temporary folder, plants one breach a file under our .golangci.yml,
# and wants each found with our reason and nothing else found. Not part of
# `make lint`; run it after a change of .golangci.yml or of the linter.
set -euo pipefail
cd "$(dirname "$0")/.."

make --no-print-directory bin/golangci-lint
linter=$PWD/bin/golangci-lint
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
cp .golangci.yml "$house/"
mkdir -p "$house/scripts"
cp scripts/own-rooms.sh "$house/scripts/"
cd "$house"
export GOWORK=off GOFLAGS=-mod=mod
printf 'module github.com/dongbo/dongbo\n\ngo 1.26\n' >go.mod

our=github.com/dongbo/dongbo/internal

room() { # room PATH [BODY]: a package that others may import
	mkdir -p "internal/$1"
	local name=${1##*/}
	printf '// Package %s is an empty room.\npackage %s\n\n%s\n' "$name" "$name" "${2:-}" >"internal/$1/$name.go"
}

for name in api auth check cli clock connector/all connector/connectortest connector/haravan \
	connector/haravan/sandbox connector/kiotviet connector/lazada connector/lazada/sandbox \
	connector/rest db/dbtest e2e engine engine/local explain hub \
	obs retail returns rule sandbox scenario sim text vault web; do
	room "$name"
done
room connector 'type (
	// Driver is one platform.
	Driver struct{ Channel, Form func() }
	// Account is one account.
	Account struct{}
)'
room db 'type (
	// Tx writes.
	Tx struct{}
	// View reads.
	View struct{}
)'
room store '// Read reads.
func Read() {}

// Write writes.
func Write() {}'

# A refused import goes to an empty folder of that room, so that the planted
# files do not import each other in circles.
leaf() { # leaf IMPORT: prints what to import instead
	local folder=internal/${1#"$our"/}/leaf
	[[ $1 == "$our"/* ]] || {
		echo "$1"
		return
	}
	mkdir -p "$folder"
	printf '// Package leaf is empty.\npackage leaf\n' >"$folder/leaf.go"
	echo "$1/leaf"
}

planted=() # file TAB what must be said of it, nothing where nothing must

plant() { # plant FILE REASON IMPORTS [BODY]
	local file=internal/$1 name imported
	name=$(basename "$(dirname "$file")")
	[[ $file != *external_test.go ]] || name+=_test
	mkdir -p "$(dirname "$file")"
	{
		printf 'package %s\n\nimport (\n' "$name"
		for imported in $3; do
			if [[ -n ${4:-} ]]; then
				printf '\t"%s"\n' "$imported"
			elif [[ -n $2 ]]; then
				printf '\t_ "%s"\n' "$(leaf "$imported")"
			else
				printf '\t_ "%s"\n' "$imported"
			fi
		done
		printf ')\n\n%s\n' "${4:-}"
	} >"$file"
	planted+=("$file"$'\t'"$2")
}

# Refused imports. A directly contained file and a nested one both count.
plant retail/a.go 'a decision waits for nothing' context
plant retail/b.go 'retail is the words' $our/clock
plant rule/a.go 'a decision calls nobody' net/http
plant rule/b.go 'a decision does not throw dice' math/rand/v2
plant rule/c.go 'decisions know retail only' $our/store
plant rule/d.go 'a decision touches no machine' os/exec
plant rule/e.go 'a decision reads no database' database/sql
plant sandbox/a.go 'not even the clock' $our/clock
plant connector/a.go 'the port knows retail only' $our/db
plant connector/rest/a.go 'rest knows the port' $our/store
plant connector/lazada/a.go 'a driver knows the port' $our/connector/kiotviet
plant connector/lazada/b.go 'a driver knows the port' $our/connector/lazada/sandbox
plant connector/lazada/c.go 'a driver knows the port' $our/hub
plant connector/lazada/a_test.go "a driver's tests know the port" $our/db
plant connector/lazada/sandbox/a.go "written from the platform's documents" $our/connector
plant connector/lazada/sandbox/b.go "written from the platform's documents" $our/retail
plant connector/connectortest/a.go 'no platform' $our/connector/lazada
plant connector/all/a.go 'names platforms' $our/hub
plant clock/a.go 'the clock knows no other room' $our/obs
plant db/a.go 'knows nothing of what is in them' $our/retail
plant engine/a.go 'never at what' $our/retail
plant store/a.go 'store keeps' $our/connector
plant store/b.go 'test kits stay out' $our/db/dbtest
plant hub/a.go 'the hub knows platforms through the port' $our/connector/lazada
plant hub/b.go 'the hub knows platforms through the port' $our/web
plant hub/c.go 'choose an engine' $our/engine/local
plant returns/a.go 'returns stands beside the hub' $our/check
plant auth/a.go 'auth knows db and vault' $our/hub
plant vault/a.go 'the vault seals bytes' $our/db
plant web/a.go 'pages ask the hub' $our/connector/lazada
plant web/a_templ.go 'pages ask the hub' $our/rule
plant api/a.go 'the API asks the hub' $our/engine
plant newroom/a.go 'not in the table' $our/hub
plant hub/d.go 'can be repeated from its seed' crypto/rand
plant cli/a.go 'with a constant message' log

# Refused words.
plant hub/e.go 'ask the clock' time 'var now = time.Now'
plant hub/f.go 'wait on the clock' time 'func f() { time.Sleep(1); f() }'
plant hub/f_test.go 'wait on the clock' time 'func g() { <-time.After(1); g() }'
plant sandbox/b.go 'ask the clock' time 'var since = time.Since'
plant hub/g.go 'whose seed was passed in' math/rand/v2 'var dice = rand.IntN(6)'
plant connector/lazada/d.go 'the client you were given' net/http 'var client = http.DefaultClient'
plant hub/h.go 'only cli talks' fmt 'func h() { fmt.Println(); h() }'
plant web/b.go 'web and api only read' $our/store 'func w() { store.Write(); w() }'
plant web/c.go 'web and api only read' $our/db 'func tx(*db.Tx) { tx(nil) }'
plant api/b.go "calls are the hub's" $our/connector 'func call(d connector.Driver) { d.Channel(); call(d) }'

# What the table allows is not refused.
allowed() { plant "$1" '' "$2" "${3:-}"; }
allowed retail/ok.go 'fmt time strings'
allowed rule/ok_test.go "os $our/retail"
allowed connector/lazada/ok.go "net/http $our/clock $our/connector $our/connector/rest $our/retail"
allowed connector/lazada/external_test.go "$our/connector/connectortest $our/connector/lazada $our/connector/lazada/sandbox $our/sandbox"
allowed connector/lazada/sandbox/ok.go "$our/sandbox"
allowed connector/all/ok.go "$our/connector $our/connector/lazada $our/connector/lazada/sandbox $our/sandbox"
allowed store/external_test.go "$our/db $our/db/dbtest $our/store"
allowed hub/ok.go "$our/clock $our/connector $our/db $our/engine $our/obs $our/retail $our/rule $our/store $our/vault"
allowed explain/ok.go "$our/hub $our/rule $our/store"
allowed web/ok.go "$our/auth $our/check $our/connector $our/explain $our/hub $our/retail $our/returns $our/text"
allowed vault/ok.go 'crypto/rand'
allowed cli/ok.go "$our/connector/all $our/engine/local $our/web $our/api"
allowed clock/ok.go time 'func now() { time.Now(); now() }'
allowed web/read.go "$our/store $our/db $our/connector" 'func r(d connector.Driver, _ db.View) { store.Read(); d.Form(); r(d, db.View{}) }'

gofmt -w internal
found=$("$linter" run --enable-only depguard,forbidigo --output.text.print-issued-lines=false ./... 2>&1 || true)

wrong=0
for line in "${planted[@]}"; do
	IFS=$'\t' read -r file reason <<<"$line"
	said=$(grep -F "$file:" <<<"$found" || true)
	if [[ -n $reason ]]; then
		grep -qF -- "$reason" <<<"$said" || {
			echo "MISSED   $file: wanted \"$reason\", got: ${said:-nothing}"
			wrong=1
		}
		[[ ! -v VERBOSE ]] || echo "$said"
	elif [[ -n $said ]]; then
		echo "TOO MUCH $said"
		wrong=1
	fi
done
grep -q '^internal/.*: ' <<<"$found" || {
	echo "the linter said nothing of use: $found"
	wrong=1
}

# Whose own is whose is the script's business.
plant connector/lazada/other_external_test.go '' $our/connector/kiotviet
plant connector/lazada/sandbox/parent_external_test.go '' $our/connector/lazada
plant connector/lazada/sandbox/port_external_test.go '' "$our/connector/lazada/sandbox $our/connector/rest"
own=$(scripts/own-rooms.sh 2>&1 || true)
for want in 'lazada imports .*/kiotviet: a platform does not know another' \
	'lazada/sandbox imports .*/lazada: a simulator is a stranger' \
	'lazada/sandbox imports .*/rest: a simulator is a stranger'; do
	grep -q "$want" <<<"$own" || {
		echo "MISSED   $want, got: $own"
		wrong=1
	}
done

((wrong == 0)) && echo "lint-proof: $(printf '%s\n' "${planted[@]}" | grep -c $'\t.') breaches found, each with its reason; 3 more by own-rooms.sh; what is allowed passes"
exit "$wrong"
