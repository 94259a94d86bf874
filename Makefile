# Set-up, run and test. Everything is installed into $(VENV); data is kept in MINAOSHI_HOME (default ./var).

VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
# The interpreter that makes the environment: the first one that is new enough, or `make PYTHON=...`.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$name && break; done)

.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test lint typecheck lock bench seed-large bench-app bench-load fuzz manual clean

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

# The stamp holds the hash of what was installed, so that a lock put back by git is noticed and a touched one is not.
define set_up
	@wanted=$$( (echo "$(CURDIR)"; cat pyproject.toml $(1)) | sha256sum | cut -d' ' -f1); \
	if [ "$$(cat $(VENV)/$(2) 2>/dev/null)" = "$$wanted" ]; then exit 0; fi; \
	$(MAKE) --no-print-directory $(BIN)/python && \
	echo "Installing $(1) into $(VENV) ..." && \
	$(PIP) install --quiet --no-deps --require-hashes -r $(1) && \
	$(PIP) install --quiet --no-deps --no-build-isolation --editable . && \
	echo "$$wanted" > $(VENV)/$(2)
endef

install:  ## make the virtual environment and install the locked dependencies (quick when nothing changed)
	$(call set_up,requirements.lock,.installed)

install-dev:  ## the same with what the tests need
	$(call set_up,requirements-dev.lock,.installed-dev)

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 is needed and none was found. Install one, or name it: make PYTHON=/path/to/python" >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module. Install it (Debian, Ubuntu: apt-get install python3-venv) and try again." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

run: install  ## load the sample into an empty database, detect, and serve on 127.0.0.1:8501
	@$(BIN)/minaoshi sample
	@exec $(BIN)/minaoshi serve

demo: install  ## the whole line in a database of its own, ending with a roadmap workbook and a summary
	@$(BIN)/minaoshi demo

test: lint typecheck  ## style, types, then the whole test suite
	@$(BIN)/python -m pytest -rs

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-cache

typecheck: install-dev
	@$(BIN)/mypy

lock: $(BIN)/python  ## resolve the dependencies anew and write both lock files
	@$(PYTHON) -m venv build/lock && build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv
	@compile() { build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --upgrade "$$@"; }; \
	compile pyproject.toml --output-file requirements.lock && \
	compile pyproject.toml --extra dev --constraint requirements.lock --output-file requirements-dev.lock

bench: install-dev  ## measure reading and detection on this machine
	@$(BIN)/python -m pytest tests/benchmarks -o addopts=--strict-markers -m benchmark --capture=no --quiet

seed-large: install-dev  ## fill an empty database with a whole prefecture, to be measured (PASSWORD=... URL=...)
	@$(BIN)/python -m tests.benchmarks.seed_large $(if $(PASSWORD),--password "$(PASSWORD)") $(if $(URL),--url "$(URL)")

bench-app: install-dev  ## time every page and click in Chromium on a copy of it (PASSWORD=... URL=... REPEATS=10)
	@$(BIN)/python -m tests.benchmarks.app --password "$(PASSWORD)" $(if $(URL),--url "$(URL)") --repeats $(or $(REPEATS),10)

bench-load: install-dev  ## have 50 people answer at once on a copy of it (PASSWORD=... URL=... MINUTES=5)
	@$(BIN)/python -m tests.benchmarks.load --password "$(PASSWORD)" $(if $(URL),--url "$(URL)") --seconds $$(( $(or $(MINUTES),5) * 60 ))

fuzz: install-dev  ## read ten thousand damaged files made from those in FOLDER (default ../shared/data)
	@$(BIN)/python -m tests.fuzz.readers --count 10000 --folder $(or $(FOLDER),../shared/data)

manual: install-dev  ## picture every page anew for the manual (review_app/manual) and for docs/manual
	@MINAOSHI_MANUAL=$(CURDIR) $(BIN)/python -m pytest tests/browser/test_manual_pictures.py --quiet

clean:  ## remove what make made; the data in MINAOSHI_HOME stays
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
