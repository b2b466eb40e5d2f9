# Everything that a person starts here; `make help` lists it.

PYTHON ?= $(firstword $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done) python3)
BIN := .venv/bin
# The Lambda runtime: 3.13, or that of an interpreter named by PYTHON=...
RUNTIME ?= $(if $(filter file,$(origin PYTHON)),python3.13,$(shell $(PYTHON) -c \
  'import sys; print("python%d.%d" % sys.version_info[:2])'))
ARCHITECTURE ?= arm64
TYPED := layers/vouchsafe/vouchsafe functions console local
BUILD := $(BIN)/python -m local.deployment --runtime $(RUNTIME) --architecture $(ARCHITECTURE) \
  $(if $(filter file,$(origin PYTHON)),,--python $(PYTHON))

export SAM_CLI_TELEMETRY := 0
export PYTHONPATH := .:layers/vouchsafe

.DEFAULT_GOAL := help
.PHONY: help env test-env build run test check format load replay rebuild trace audit backfill census \
  download person segment stock token uses soak explore bench gaps drift fidelity source blocks modules deploy clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | \
	  awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

env: ## make .venv and .venv-sam from the pinned lists
	@$(PYTHON) -m local.environment run sam

test-env: env ## add the tools that test and check
	@$(PYTHON) -m local.environment test

run: env ## real sales through the whole product on this machine (DAYS=30 START=2017-03-01 for more)
	@$(BIN)/python -m local.run $(ARGS)

test: check ## everything: checks, unit and house tests, the battery, a small run on the local AWS
	$(BIN)/pytest -n auto --dist worksteal --ignore=tests/local
	$(BIN)/pytest tests/local

check: test-env ## lint, format, types, import contracts, template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports --no-logo
	$(BIN)/cfn-lint template.yaml
	.venv-sam/bin/sam validate --lint --region eu-west-1 --template-file template.yaml

format: test-env ## put the code in its usual shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

load: env ## load the register: FILE=docs/examples/register
	@$(BIN)/python -m console.load $(FILE) $(ARGS)

replay: env ## list what is parked; ARGS="shopify" drives it again
	@$(BIN)/python -m console.replay $(ARGS)

rebuild: env ## derive everything right of the facts and prove it equal (ARGS=--mend writes it)
	@$(BIN)/python -m console.rebuild $(ARGS)

trace: env ## one order from its facts to its reports: ORDER='square#kew#42'
	@$(BIN)/python -m console.trace '$(ORDER)'

backfill: env ## sweep a window by hand: ARGS="square kew 2026-11-01 2026-11-08"
	@$(BIN)/python -m console.backfill $(ARGS)

gaps: env ## what webhooks of an account left out, and why: ARGS="square kew"
	@$(BIN)/python -m console.gaps $(ARGS)

drift: env ## what platforms began to say otherwise; ARGS="toast" for one of them
	@$(BIN)/python -m console.drift $(ARGS)

download: env ## list finance's reports; ID=workbooks/... fetches one
	@$(BIN)/python -m console.download $(ID) $(ARGS)

person: env ## a person of the control room, and their roles: ARGS="ana@example.com approver"
	@$(BIN)/python -m console.person $(ARGS)

audit: env ## take the audit log out and prove its chain: ARGS="audit.txt", or ARGS="--verify audit.txt"
	@$(BIN)/python -m console.audit $(ARGS)

segment: env ## fill a segment's list from a file of people: ARGS="PRESS people.csv"
	@$(BIN)/python -m console.segment $(ARGS)

stock: env ## tell what is left in stock from a file, with a shop's VOUCHSAFE_KEY: ARGS="counted.csv"
	@$(BIN)/python -m console.stock $(ARGS)

uses: env ## hold the counters of limits against their claims (ARGS=--counters names them)
	@$(BIN)/python -m console.uses $(ARGS)

census: env ## every code of every system as CSV; SYSTEM=klaviyo FILE=codes.csv takes a list in
	@$(BIN)/python -m console.census $(FILE) $(if $(SYSTEM),--system $(SYSTEM)) \
	  $(if $(ACCOUNT),--account $(ACCOUNT)) $(ARGS)

token: env ## print an access token for the API (ARGS=--url: where it answers)
	@$(BIN)/python -m console.token $(ARGS)

soak: test-env ## the battery for longer: SEEDS=1000000
	@$(BIN)/python -m tests.battery.soak $(or $(SEEDS),100000)

explore: test-env ## the properties on examples that no run before tried
	@$(BIN)/pytest -n auto --dist worksteal --hypothesis-profile explore --ignore=tests/local $(ARGS)

bench: test-env ## what it costs, each figure beside its target
	@$(BIN)/python -m bench $(ARGS)

fidelity: env ## what front ends reported of what was confirmed: ARGS="woocommerce shop --orders"
	@$(BIN)/python -m console.fidelity $(ARGS)

source: env ## the room of a new platform, with door-plate, tests, events and template block: PLATFORM=toast
	@$(BIN)/python -m local.source $(or $(PLATFORM),$(error name the platform: make source PLATFORM=toast)) $(ARGS)

blocks: env ## write every platform's block of template.yaml anew, from the files of its room
	@$(BIN)/python -m local.source

modules: test-env ## keep anew which modules each function imports
	@$(BIN)/python -m tests.house.modules

build: env ## the packages for AWS, in .aws-sam/build (PYTHON=python3.11 chooses the runtime)
	@$(BUILD)

deploy: env ## build and deploy to AWS: STAGE=staging or STAGE=production
	@$(BUILD) $(or $(STAGE),$(error name the stage: make deploy STAGE=staging))

clean: ## remove what was made, but not the environments
	rm -rf .aws-sam .local out .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +
