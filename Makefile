# Two commands for a newcomer: `make run` and `make test`. Everything else is for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-quick test-busy proof proof-full check format bench clean

run: $(VENV)/.installed
	@$(BIN)/besyv run

# On every core; one after the other where golden files are written anew, for others read them.
PYTEST := $(BIN)/pytest $(if $(UPDATE_GOLDENS),,-n auto --dist worksteal)

test: $(VENV)/.installed-dev
	@$(PYTEST) -m "not proof"

# Which is which: docs/testing.md
test-quick: $(VENV)/.installed-dev
	@TEST_SIZE=quick $(PYTEST) -m quick

# What starts processes, one test after the other, beside so many loops that want the whole machine.
LOOPS ?= 8
test-busy: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.support.busy $(LOOPS) $(BIN)/pytest -m "process and not proof"

proof: $(VENV)/.installed-dev
	@TEST_SIZE=proof $(PYTEST) -m "proof or hypothesis"

proof-full: $(VENV)/.installed-dev
	@TEST_SIZE=full $(PYTEST) -m "proof or hypothesis"

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/besyv check

format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "besyv: needs Python 3.11 or newer; name it: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "besyv: Python's venv is missing (Debian: apt-get install python3-venv)" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "besyv: installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --editable . --constraint constraints.txt
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "besyv: installing into $(VENV), with what tests need …"
	@$(BIN)/python -m pip install --quiet --editable '.[dev]' --constraint constraints.txt
	@touch $@ $(VENV)/.installed
