# Two commands on a fresh machine: `make demo` and `make test`. Only git, make and Python 3.11 come first.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV := $(shell command -v uv || echo .uv/bin/uv)
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS = never
export UV_PYTHON = $(PYTHON)

.PHONY: help setup dev demo run test lint fix bench real texts

help: ## Say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

.uv/bin/uv:
	@$(PYTHON) -m venv .uv 2>/dev/null || { apt-get update -q && apt-get install -qy python3-venv && $(PYTHON) -m venv .uv; }
	@.uv/bin/pip install -q uv

setup: $(filter .uv/bin/uv,$(UV)) ## Install what running needs, as locked, into .venv
	@[ -x $(BIN)/ruff ] || $(UV) sync -q --locked --no-dev

dev: $(filter .uv/bin/uv,$(UV)) ## Install what tests need as well
	@$(UV) sync -q --locked

demo: setup ## Read the bundled sample, print what it holds, serve it on http://127.0.0.1:8000
	@$(BIN)/scripta demo

run: setup ## Serve your own data folder (SCRIPTA_DATA, else ./data)
	@$(BIN)/scripta serve

test: dev real lint ## Run every check and every test, on both databases
	$(BIN)/pytest --cov --cov-report=term

lint: dev ## Contracts, style, types
	$(BIN)/lint-imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix: dev ## Format and mend what can be mended
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: dev ## Measure beside notmuch, mu and mbsync (Debian: notmuch maildir-utils isync dovecot-imapd)
	$(BIN)/python tests/benchmarks/bench_ingest.py
	PYTHONPATH=tests $(BIN)/python tests/benchmarks/bench_imap.py

texts: dev ## Collect the page's texts for translation
	$(BIN)/pybabel -q extract -k later --no-location --sort-output -F service/web/babel.cfg -o .texts.pot service
	for language in en ru pl; do $(BIN)/pybabel -q update -N --ignore-obsolete -w 110 \
	  -i .texts.pot -d service/web/texts -l $$language; done
	@rm -f .texts.pot

# The real parts of the tests: a browser, a mail server, OCR with a font that has Cyrillic. Nothing is started.
REAL = chromium dovecot-imapd tesseract-ocr tesseract-ocr-rus tesseract-ocr-pol fonts-dejavu-core
real:
	@dpkg -s $(REAL) >/dev/null 2>&1 || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
	  apt-get install -qy --no-install-recommends $(REAL) >/dev/null; } || \
	  echo "Missing of $(REAL), and no right to install them: their tests will say so."
