# Everything a person, a hook or a CI machine runs. Needs Python 3.11 or newer, pip and make; each recipe sets itself up.
#
#   make serve    run onebook on http://127.0.0.1:8111 with a demo account      (PORT=8111 DATA=./data)
#   make test     run every test
#   make check    format, lint, types, layers, docs: the one gate
#   make help     the rest

PYTHON ?= python3
PORT ?= 8111
DATA ?= ./data
# The tests of one place: make test T=tests/model
T ?= tests
# What conformance, faults and growth run on; the tests run on both.
ENGINE ?= sqlite
# How often faults kill, and how many requests they send.
ROUNDS ?= 30
SCALE ?= 1
# How many contacts growth measures with.
SIZES ?= 10000,100000,1000000

BIN := .venv/bin
RUNTIME := .venv/.runtime
DEV := .venv/.dev
CODE := $(wildcard src tests bench examples)

export PYTHON

.DEFAULT_GOAL := help
.PHONY: help serve test check conformance bench fmt demo lock faults growth fuzz pictures matrix format-check lint types layers docs

help: ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "make %-13s %s\n", $$1, $$2}'

# Stamps: the set-up runs again only after a lock or pyproject.toml has changed.
$(RUNTIME): requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh requirements.lock
	@touch $@

$(DEV): requirements-dev.lock requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh requirements-dev.lock
	@touch $(RUNTIME) $@

serve: $(RUNTIME) ## run it, with a demo account                       PORT=8111 DATA=./data
	@$(BIN)/onebook serve --demo --host 127.0.0.1 --port $(PORT) --data $(DATA)

demo: $(RUNTIME) ## load a thousand people through one dialect, read them through the others
	@$(BIN)/python examples/demo.py --port $(PORT) --data $(DATA)

test: $(DEV) ## run every test                                        T=tests/model for some
	@$(BIN)/python -m pytest $(if $(filter tests,$(T)),--numprocesses auto --dist worksteal) $(T)

conformance: $(DEV) ## how many statements of the four vendors' pages hold    ENGINE=postgres or sqlite,postgres
	@ONEBOOK_TEST_ENGINES=$(ENGINE) $(BIN)/python -m pytest -p tests.conformance_plugin -m statement --quiet tests/dialects

check: format-check lint types layers docs ## the one gate: format, lint, types, layers, docs

format-check: $(DEV)
	@$(BIN)/ruff format --check $(CODE)

lint: $(DEV)
	@$(BIN)/ruff check $(CODE)

types: $(DEV)
	@$(BIN)/mypy

layers: $(DEV)
	@$(BIN)/lint-imports --no-logo

docs: $(DEV)
	@$(BIN)/python -m pytest --quiet tests/docs

fmt: $(DEV) ## put the code into shape
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

bench: $(DEV) ## measure creates and reads against a plain FastAPI on the same store
	@$(BIN)/python -m bench.measure

faults: $(DEV) ## kills, full disks, storms, slow clients: nothing lost or doubled   ENGINE=sqlite ROUNDS=30 SCALE=1
	@$(BIN)/python -m bench.faults --engine $(ENGINE) --rounds $(ROUNDS) --scale $(SCALE)
	@$(BIN)/python -m bench.import_faults --kills $(ROUNDS)
	@$(BIN)/python -m bench.import_faults --kills $(ROUNDS) --overwrite

growth: $(DEV) ## what calls cost with more and more contacts    ENGINE=sqlite SIZES=10000,100000,1000000
	@$(BIN)/python -m bench.growth --engine $(ENGINE) --sizes $(SIZES)

fuzz: $(DEV) ## 200 made-up calls for each operation of each API
	@$(BIN)/python -m bench.fuzz

pictures: $(DEV) ## take the pictures in docs/pictures anew
	@$(BIN)/python -m bench.pictures

matrix: $(RUNTIME) ## write docs/dialects/matrix.md anew from the dialects' tables
	@$(BIN)/python -m onebook.dialects.matrix docs/dialects/matrix.md

lock: $(RUNTIME) ## write the lock files anew                           UPGRADE=1 for the newest
	@scripts/lock.sh
