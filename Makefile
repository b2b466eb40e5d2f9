# Everything a person starts here. `make help` lists it.

PYTHON ?= $(firstword $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done) python3)
VENV := .venv/bin
SAM := .venv-sam/bin/sam

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help env test-env

help: ## list what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | \
	  awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

env: ## make .venv and .venv-sam from the pinned lists
	@$(PYTHON) -m local.environment run sam

test-env: env ## add the tools that test and check
	@$(PYTHON) -m local.environment test
