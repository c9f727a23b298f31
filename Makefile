# Dongbo. `make` alone lists what there is.

SHELL       := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
BIN     := bin
PKG     ?= ./...
BENCH   ?= .
LINTER  := $(BIN)/golangci-lint
TEMPL   := $(BIN)/templ

# What was never tested has nothing to say.
QUIETLY := { grep -v '\[no test files\]$$' || true; }

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

.PHONY: demo
demo: build ## start a hub with simulated KiotViet and Lazada; needs nothing but Go
	$(BIN)/dongbo demo

.PHONY: build
build: ## build bin/dongbo, one static file
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN)/dongbo ./cmd/dongbo

# No shuffling here: a shuffled run is never cached, and a second `make test`
# should take seconds. `make race` shuffles.
.PHONY: test
test: ## run the tests, installing PostgreSQL and Chromium where missing (PKG=./internal/rule)
	scripts/test-deps.sh postgresql chromium
	$(GO) test -timeout 15m $(TESTFLAGS) $(PKG) | $(QUIETLY)

.PHONY: race
race: ## run the tests shuffled under the race detector, but for the browser's
	scripts/test-deps.sh postgresql gcc
	CGO_ENABLED=1 $(GO) test -race -short -shuffle=on -timeout 15m $(TESTFLAGS) \
		$$($(GO) list ./internal/... | grep -v '/internal/e2e\(/\|$$\)') | $(QUIETLY)

.PHONY: lint
lint: $(LINTER) $(TEMPL) ## check format, vet, the import table and our habits, and that generated files are fresh
	scripts/gofmt.sh
	scripts/gen-check.sh
	$(GO) vet ./...
	$(LINTER) run ./...
	scripts/own-rooms.sh

.PHONY: gen
gen: $(TEMPL) ## write what is generated: pages from *.templ, docs/rules.md
	$(TEMPL) generate -path internal
	$(GO) run ./internal/ruledoc

.PHONY: scenario
scenario: build ## run the executable specification in scenarios/
	$(BIN)/dongbo scenario scenarios

SEEDS ?= 60
FROM  ?= 1

.PHONY: sim
sim: ## let whole days happen from seeds, with faults and crashes (SEEDS=60 FROM=1)
	$(GO) test ./internal/sim -count=1 -timeout 60m -run 'TestSeeds|TestASeed' -seeds $(SEEDS) -from $(FROM) -v \
		| awk '/[0-9]+ seeds passed/ { sub(/.*go:[0-9]+: /, ""); last = $$0; next } !/^=== |--- (PASS|SKIP)|: [0-9]+ orders, / { print } END { print last }'

.PHONY: bench
bench: ## run the benchmarks (PKG=./internal/db BENCH=Commit)
	scripts/test-deps.sh postgresql
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(PKG) | $(QUIETLY)

.PHONY: clean
clean: ## remove what was built here
	rm -rf $(BIN) artifacts

# Tools are built once per change of tools.mod; golangci-lint takes a minute or
# two the first time.
$(LINTER): tools.mod tools.sum
	$(GO) build -modfile=tools.mod -buildvcs=false -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

$(TEMPL): tools.mod tools.sum
	$(GO) build -modfile=tools.mod -buildvcs=false -o $@ github.com/a-h/templ/cmd/templ
	@touch $@
