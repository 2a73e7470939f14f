# Systole. `make help` lists the targets.
export CGO_ENABLED = 0

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

test: ## run all tests
	go test ./...

check: ## formatting and vet
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	go vet ./...

build: ## compile every package
	go build ./...

.PHONY: help test check build
