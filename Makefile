# Works with Python 3.11 or newer, pip and make. Everything is installed into .venv; nothing outside this folder.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
# The newest of these that is new enough. Say otherwise: make PYTHON=/path/to/python3.12 test
PYTHON ?= $(shell for p in python3.11 python3.13 python3.12 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
# Part of the stamp's name, so that other requirements make another installation.
SUM := $(shell cat requirements/base.txt requirements/dev.txt | cksum | cut -d' ' -f1)
STAMP := .venv/.installed-$(SUM)
# Checks need settings that can be read, and neither server.
CHECK_ENV := SECRET_KEY=check-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ \
	FIELD_ENCRYPTION_KEYS=Y2hlY2stb25seS1jaGVjay1vbmx5LWNoZWNrLW9ubHk= \
	DATABASE_URL=postgresql://nobody@127.0.0.1:1/nowhere REDIS_URL=redis://127.0.0.1:1/0
DEPLOY_ENV := $(CHECK_ENV) HTTPS=True STATIC_COLLECTED=True FILES_DIR=/var/empty PUBLIC_URL=https://desk.example.org \
	ALLOWED_HOSTS=desk.example.org HSTS_INCLUDE_SUBDOMAINS=True HSTS_PRELOAD=True

.PHONY: help install demo run test test-all check format faults soak bench tick replay requirements messages clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Install into .venv, exactly the pinned versions

$(STAMP): requirements/base.txt requirements/dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it or say make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(PY) || "$(PYTHON)" -m venv .venv
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo ".venv holds an older Python; remove .venv and try again" >&2; exit 1; }
	@echo "Installing into .venv, once; this takes a minute or two …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@rm -f .venv/.installed-*
	@touch $@

demo: $(STAMP) ## Start the desk and its sandbox with a dozen townspeople (FAST=1: minutes for days); Ctrl-C stops everything
	@$(PY) manage.py desk_run --demo $(if $(FAST),--fast)

run: $(STAMP) ## Start the desk alone, without sandbox
	@$(PY) manage.py desk_run

# What was compiled is kept, whatever the caller's shell says: each of a hundred processes would compile it anew.
test test-all faults soak: export PYTHONDONTWRITEBYTECODE :=

# Three at once: on two cores each waits for a browser, a server or a database a third of its time. Killed and frozen
# processes wait half of theirs; what says how long something may take has the machine to itself. With ARGS a part may
# be empty.
if_any = || { [ $$? = 5 ] && [ -n "$(ARGS)" ]; }
test: $(STAMP) ## Run the tests, all but the slow ones (ARGS="-k word" for some)
	$(PY) -m pytest -m "not slow and not faults" -n 3 --dist worksteal $(ARGS) $(if_any)
	$(PY) -m pytest -m "faults and not slow and not alone" -n 2 --dist worksteal $(ARGS) $(if_any)
	$(PY) -m pytest -m "faults and not slow and alone" $(ARGS) $(if_any)

test-all: $(STAMP) ## Run every test, the slow ones too
	$(PY) -m pytest -n 2 --dist worksteal $(ARGS)

check: $(STAMP) ## Style, types, arrows between the folders, settings, migrations, translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(CHECK_ENV) $(PY) -m mypy .
	.venv/bin/lint-imports --no-cache
	$(DEPLOY_ENV) $(PY) manage.py check --deploy --fail-level WARNING
	$(CHECK_ENV) $(PY) -W 'ignore:Got an error checking' manage.py makemigrations --check --dry-run --skip-checks
	$(CHECK_ENV) $(PY) -m servicedesk.translations

format: $(STAMP) ## Put the code in the house's form
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

faults: $(STAMP) ## Every crash point, every repetition (FAULT_REPEAT=8 by default)
	FAULT_REPEAT=$${FAULT_REPEAT:-8} $(PY) -m pytest -m "faults and not alone" -n 2 --dist worksteal $(ARGS) $(if_any)
	FAULT_REPEAT=$${FAULT_REPEAT:-8} $(PY) -m pytest -m "faults and alone" $(ARGS) $(if_any)

soak: $(STAMP) ## Random histories, other ones at each run (DESK_HISTORIES=50 by default)
	DESK_HISTORIES=$${DESK_HISTORIES:-50} $(PY) -m pytest tests/test_promises_hold.py tests/test_clock_holds.py \
		tests/test_joining_holds.py tests/test_any_order.py $(ARGS)

bench: $(STAMP) ## Measure intake and the way of a message; writes docs/bench/
	$(PY) -m bench $(ARGS)

tick: $(STAMP) ## One pass of everything that runs by itself, without a broker (beside a running demo)
	$(PY) manage.py desk_tick $(ARGS)

replay: $(STAMP) ## Send a recorded request of a channel to the desk again (ARGS="x mention.json")
	$(PY) manage.py desk_replay $(ARGS)

messages: $(STAMP) ## Collect the strings to be translated (needs gettext), compile what is
	$(CHECK_ENV) $(PY) manage.py makemessages -l nl --no-obsolete --ignore .venv
	$(CHECK_ENV) $(PY) -m servicedesk.translations build

requirements: $(STAMP) ## Compile requirements/*.txt anew from *.in
	for name in base dev; do .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --only-binary :all: \
		--no-header --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

clean: ## Remove what was installed and what the checks keep; data in .data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis staticfiles
