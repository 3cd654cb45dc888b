# Every command of the portal. `make help` lists them; each does its own set-up and none repeats it.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))) python3)
PORT ?= 8000
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

RUNTIME := .venv/.runtime-installed
DEVELOPMENT := .venv/.development-installed
PACKAGES := node_modules/.installed
ASSETS := static/build/.built

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NPM_CONFIG_UPDATE_NOTIFIER := false

.PHONY: help
help: ## list these commands
	@echo "Usage: make <command>"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# Running

.PHONY: run demo-reset serve services
run: $(RUNTIME) $(ASSETS) ## the portal with its demo data on this machine (PORT=8000)
	@PORTAL_MODE=demo BASE_URL=http://127.0.0.1:$(PORT) exec $(MANAGE) portal --port $(PORT)

demo-reset: $(RUNTIME) ## forget the demo and everything done in it; the next `make run` starts over
	@PORTAL_MODE=demo exec $(MANAGE) reset_demo

serve: $(RUNTIME) $(ASSETS) ## the portal in earnest, set up by environment variables (.env.example lists them)
	@PORTAL_MODE=production exec $(MANAGE) portal --port $(PORT)

services: $(DEVELOPMENT) ## a throw-away PostgreSQL and Redis, and what to export to use them
	@exec $(BIN)/python -m tests.services

# Testing and checking

.PHONY: test journeys faults bench check
test: $(DEVELOPMENT) $(ASSETS) browser ## every test on PostgreSQL and Redis, then the marked ones on SQLite
	@exec $(BIN)/python -m tests.run

journeys: $(DEVELOPMENT) $(ASSETS) browser ## only the tests that drive a browser
	@exec $(BIN)/pytest -m browser

faults: $(DEVELOPMENT) $(ASSETS) ## the full-length fault and attack runs (long)
	@exec $(BIN)/pytest -m faults

bench: $(DEVELOPMENT) $(ASSETS) ## measure the pages against the floor of the framework on this machine
	@exec $(BIN)/python -m tests.bench

check: $(DEVELOPMENT) $(ASSETS) ## lint, formats, types, import contracts, migrations, deployment checks, advisories
	@exec .ci/check

# Backups

.PHONY: backup restore
backup: $(RUNTIME) ## back up database, media and the manifest that proves them (TO=folder)
	@exec $(MANAGE) backup $(if $(TO),--to "$(TO)")

restore: $(RUNTIME) ## put a verified backup back (FROM=folder)
	@test -n "$(FROM)" || { echo "Say which backup: make restore FROM=<folder>." >&2; exit 1; }
	@exec $(MANAGE) restore "$(FROM)"

# Setting up

.PHONY: assets clean browser
assets: $(ASSETS) ## build styles and scripts

clean: ## remove everything that was installed, built or cached, but no data
	rm -rf .venv node_modules static/build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

browser:
	@.ci/browser

.venv/bin/python:
	@.ci/tools $(PYTHON)
	@echo "Making a virtual environment with $(PYTHON) …"
	@$(PYTHON) -m venv .venv
	@# The project itself is importable in its environment, from any folder.
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "portal.pth").write_text("$(CURDIR)\n")'

$(RUNTIME): requirements.txt | .venv/bin/python
	@echo "Installing what the portal runs on …"
	@$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | .venv/bin/python
	@echo "Installing what testing and checking need …"
	@$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $(RUNTIME) $@

$(PACKAGES): package.json package-lock.json
	@.ci/tools $(PYTHON)
	@echo "Installing the front-end packages …"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(ASSETS): $(PACKAGES) $(shell find static/src -type f 2>/dev/null)
	@echo "Building styles and scripts …"
	@npm run --silent build
	@touch $@
