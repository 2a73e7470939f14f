# Systole. "make run" and "make test" are all the set-up there is.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX   ?= /usr/local
DESTDIR  ?=
GO       ?= go
FUZZTIME ?= 30s
BENCH    ?= .
COUNT    ?= 1

# Nothing of ours needs C, and without it the programs are static and every
# target shares one build cache. The race detector alone needs it.
export CGO_ENABLED = 0

bin := $(CURDIR)/bin
out := $(CURDIR)/out

RUN_COMMAND ?= bin/systole simulate examples/openstack-ha.xml --node-fail controller-2 --explain --svg out/transition.svg

# Tools are pinned in a module of their own, so that the product depends on few.
tool = $(GO) tool -modfile=tools/go.mod

# No version control stamp: the same source gives the same bytes, and building
# works in a tree that git refuses to read.
gobuild = $(GO) build -buildvcs=false -trimpath

##@ The two commands

.PHONY: run
run: build ## build, then let a controller of the example cluster die (in simulation)
	@mkdir -p $(out)
	@echo '$$ $(RUN_COMMAND)'
	@$(RUN_COMMAND)
	@echo
	@echo 'Try next:'
	@echo '  bin/systole explain vip-public examples/openstack-ha.xml --node-fail controller-2'
	@echo '  bin/systole simulate examples/openstack-ha.xml --node-fail compute-1 --settle --brief --explain'

# testsum prints what a person wants to see of it, counts, and where CI=true
# makes a skipped test a failure.
.PHONY: test
test: deps ## install what the tests need (Debian, as root), then run all tests
	@mkdir -p $(out)
	@cd tools && $(gobuild) -o $(abspath $(out))/testsum ./testsum
	@{ $(GO) test -C tools -json -count=1 ./... || true; \
	   $(GO) test -json -count=1 -timeout=9m ./...; } 2>&1 | \
	  $(out)/testsum $(if $(filter true,$(CI)),-no-skip)

# The first run installs some 260 packages of Debian 12 and sets up the databases,
# ten minutes in all; later ones take three minutes and 2 GB of memory.
OPENSTACK_DIR ?= $(out)/openstack
.PHONY: test-openstack
test-openstack: ## hold the simulated OpenStack, and NovaEvacuate, against a real one (Debian 12, root)
	@mkdir -p $(OPENSTACK_DIR)
	$(GO) test -count=1 -timeout=60m -v -run='TestReal|TestExpectations' ./ocf-tests/openstack -real '$(OPENSTACK_DIR)'

# Real clusters on this machine, 20 minutes or more; kept out of the everyday tests.
# One package after the other (-p=1): two clusters at once take more than two cores, and
# the timeout of a package begins when its turn comes.
OUTAGE_TIMEOUT ?= 90m
.PHONY: test-outages
test-outages: deps ## take real clusters through outages (Debian 12, root); see docs/LAB.md
	@mkdir -p $(out)
	@cd tools && $(gobuild) -o $(abspath $(out))/testsum ./testsum
	@$(GO) test -json -count=1 -p=1 -tags=outages -timeout=$(OUTAGE_TIMEOUT) -run='Campaign|MostAdvanced|Failovers|TestCluster' \
	  ./ocf-tests/outage ./ocf-tests/openstack ./ocf-tests/fence 2>&1 | $(out)/testsum -no-skip

##@ Building

mains = $(GO) list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./...

.PHONY: build
build: ## build every program into bin/
	@mkdir -p $(bin)
	@$(gobuild) -ldflags='-s -w' -o $(bin)/ $$($(mains))
	@ln -sf systole $(bin)/crm_simulate

.PHONY: man
man: build ## write the manual pages into out/man
	@mkdir -p $(out)/man
	@$(bin)/systole man $(out)/man
	@for a in $$($(bin)/systole-agents list); do $(bin)/systole-agents man $$a >$(out)/man/ocf_systole_$$a.7; done
	@for a in $$($(bin)/systole-fence list); do $(bin)/systole-fence man fence_systole_$${a#fence_} >$(out)/man/fence_systole_$${a#fence_}.8; done

# The classic names stand in the way of Pacemaker's own tools, so they are asked for.
CLASSIC_NAMES ?= no
# Where the cluster looks for resource agents: theirs are in resource.d/systole below.
OCF_ROOT ?= /usr/lib/ocf
# Where the cluster looks for fence agents.
SBIN ?= /usr/sbin
.PHONY: install
install: man ## install below DESTDIR/PREFIX; CLASSIC_NAMES=yes adds crm_simulate
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/share/doc/systole/examples'
	for p in $$($(mains) | grep -v /ocf-tests/); do install -m 755 $(bin)/$${p##*/} '$(DESTDIR)$(PREFIX)/bin'; done
	install -m 644 README.md LICENSE '$(DESTDIR)$(PREFIX)/share/doc/systole'
	install -m 644 examples/*.xml '$(DESTDIR)$(PREFIX)/share/doc/systole/examples'
	install -d '$(DESTDIR)$(PREFIX)/share/man/man7' '$(DESTDIR)$(PREFIX)/share/man/man8' '$(DESTDIR)$(PREFIX)/share/bash-completion/completions' \
	  '$(DESTDIR)$(PREFIX)/share/zsh/site-functions' '$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d'
	install -m 644 $(out)/man/*.7 '$(DESTDIR)$(PREFIX)/share/man/man7'
	install -m 644 $(out)/man/*.8 '$(DESTDIR)$(PREFIX)/share/man/man8'
	$(bin)/systole completion bash >'$(DESTDIR)$(PREFIX)/share/bash-completion/completions/systole'
	$(bin)/systole completion zsh >'$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_systole'
	$(bin)/systole completion fish >'$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/systole.fish'
	$(bin)/systole-agents install --root '$(or $(DESTDIR),/)' --ocf-root '$(OCF_ROOT)' --binary '$(PREFIX)/bin/systole-agents'
	$(bin)/systole-fence install --root '$(or $(DESTDIR),/)' --sbin '$(SBIN)' --binary '$(PREFIX)/bin/systole-fence'
	install -d '$(DESTDIR)$(PREFIX)/lib/systemd/system'
	sed 's|@PREFIX@|$(PREFIX)|' agents/clustercheck/systole-clustercheck.service.in >'$(DESTDIR)$(PREFIX)/lib/systemd/system/systole-clustercheck.service'
ifeq ($(CLASSIC_NAMES),yes)
	ln -sf systole '$(DESTDIR)$(PREFIX)/bin/crm_simulate'
endif

.PHONY: clean
clean: ## remove bin/ and out/
	rm -rf $(bin) $(out)

##@ Working on it

.PHONY: check check-format check-vet check-static check-lattice
check: check-format check-vet check-static check-lattice ## formatting, vet, staticcheck, import lattice

check-format:
	@bad=$$($(tool) gofumpt -l .); \
	if [ -n "$$bad" ]; then printf 'not formatted (make fmt does it):\n%s\n' "$$bad" >&2; exit 1; fi

check-vet:
	@$(GO) vet ./...
	@$(GO) vet -tags=outages ./ocf-tests/...
	@$(GO) vet -C tools ./...

check-static:
	@$(tool) staticcheck ./...
	@cd tools && $(GO) tool staticcheck ./...

check-lattice:
	@$(GO) test -count=1 .

.PHONY: fmt
fmt: ## format all Go files
	@$(tool) gofumpt -w .

.PHONY: deps
deps: ## look for what the tests need; install it if this is Debian and root
	@tools/deps.sh

.PHONY: race
race: ## run all tests with the race detector (needs a C compiler)
	@CGO_ENABLED=1 $(GO) test -race -timeout=60m ./...

.PHONY: bench
bench: ## run benchmarks (BENCH=pattern, COUNT=n); results also in out/bench.txt
	@mkdir -p $(out)
	@$(GO) test -run='^$$' -bench='$(BENCH)' -benchmem -count=$(COUNT) ./... | \
	  { grep -vE 'no test files|^PASS$$|^ok ' || true; } | tee $(out)/bench.txt

.PHONY: bench-compare
bench-compare: ## compare OLD=file with out/bench.txt
	@$(tool) benchstat $(OLD) $(out)/bench.txt

.PHONY: fuzz
fuzz: ## run every fuzz test for FUZZTIME each (FUZZ=pattern picks some)
	@GO='$(GO)' tools/fuzz.sh '$(FUZZTIME)' '$(or $(FUZZ),^Fuzz)'

.PHONY: help
help: ## this list
	@awk -F ':.*## ' \
	  '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	   /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
