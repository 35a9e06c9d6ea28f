# Works on a machine that has Python ≥ 3.11 and make, and nothing else. `make help` lists the targets.
#
# uv is put into .venv itself. A stamp tells that .venv fits uv.lock, so that a second start asks no network.

UV_VERSION := 0.13.9
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

BIN := .venv/bin
LOCKED := uv.lock pyproject.toml
# uv would look for an interpreter and an environment of its own; ours stand here.
export UV_PYTHON_DOWNLOADS := never
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

.DEFAULT_GOAL := help
.PHONY: help run test check browser bench clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r target words; do \
		printf '%-14s %s\n' "$$target" "$$words"; done

run: .venv/stamp-run ## Start everything on this machine; Ctrl-C stops it
	@ASSENT_ANONYMOUS_REFRESH=$${ASSENT_ANONYMOUS_REFRESH:-5} exec $(BIN)/assent run --with-parent

# Many tests wait for servers, so three processes keep two cores busy.
test: check browser ## All checks and all tests, with coverage
	$(BIN)/pytest -n 3 --dist loadfile --cov --cov-report term:skip-covered

check: .venv/stamp-dev ## Format, lint, types, arrows, dependencies, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/djlint --check app preference_center

browser: ## Install Debian's Chromium where that can be done; without it, tests in a browser fail
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y chromium; }

bench: .venv/stamp-dev ## The benchmarks: a table, and var/bench/results.json; ROWS=100000 for a quick look
	$(BIN)/python -m tests.bench $(if $(ROWS),--rows $(ROWS))

clean: ## Remove .venv and all caches; the data folder stays
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*
	find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo 'Assent needs Python 3.11 or newer: install it, or name it with make PYTHON=…' >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet 'uv==$(UV_VERSION)'

# What runs needs no tools of development; --inexact leaves them where they are installed already.
.venv/stamp-run: $(BIN)/uv $(LOCKED)
	$(BIN)/uv sync --quiet --frozen --no-dev --inexact
	@touch $@

.venv/stamp-dev: $(BIN)/uv $(LOCKED)
	$(BIN)/uv sync --quiet --frozen
	@touch .venv/stamp-run $@
