# One word for each chore. Each makes the virtual environment it needs; Python 3.11 or later, git and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo serve test test-full check lowest bench docs lock vendor

demo: $(VENV)/run.stamp
	$(BIN)/python examples/demo.py

# Serves your own installation, which the first start sets up in the browser. After `make demo`, serves the demo until there
# is one. `make serve PORT=9000` uses another port.
serve: $(VENV)/run.stamp
	@if [ -z "$$NEWSLETTER_HOME$$DATABASE_URL" ] && [ ! -e .env ] && [ ! -e var/newsletter.sqlite3 ] && [ -e var/demo/made-by-the-demo ]; then \
		echo "Serving the demo in var/demo. To set up your own newsletter instead, remove the folder var/demo first."; \
		export NEWSLETTER_HOME=var/demo; \
	fi; \
	$(BIN)/newsletter init && exec $(BIN)/newsletter serve $(if $(PORT),--port $(PORT))

test: $(VENV)/dev.stamp
	tests/run

# Every kill and every zone, and ten times the examples of each property.
test-full: $(VENV)/dev.stamp
	NEWSLETTER_TESTS_FULL=1 tests/run

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=newsletter.settings $(BIN)/python -m django makemigrations --check --dry-run
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements-dev.lock
	$(BIN)/pip-audit --require-hashes --disable-pip -r docs/site/requirements.lock

# The lowest versions that pyproject.toml allows, in an environment of their own: every module can be imported. The
# database is named so that the modules for PostgreSQL count; nothing connects to it.
LOWEST := .venv.lowest
lowest: $(VENV)/dev.stamp
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable ".[postgres]"
	NEWSLETTER_HOME=$(LOWEST)/home DATABASE_URL=postgres://127.0.0.1/none $(LOWEST)/bin/python tests/import_everything.py

bench: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks

# The documentation as a static site. A link to a missing page or heading is an error.
DOCS := .venv.docs
docs: $(DOCS)/stamp
	$(DOCS)/bin/python -m sphinx --fail-on-warning --keep-going --quiet -c docs/site -d build/doctrees . build/docs
	@echo "Open build/docs/index.html"

lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --constraint requirements.lock --extra postgres pyproject.toml -o requirements-postgres.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --constraint requirements.lock --extra dev --extra postgres pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url docs/site/requirements.in -o docs/site/requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url tests/structured_data/requirements.in -o tests/structured_data/requirements.lock

# The scripts from the npm registry that are kept in this repository. It needs npm, and changes nothing as long as
# deploy/vendor.toml names the same versions.
vendor: $(VENV)/dev.stamp
	$(BIN)/python deploy/vendor.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; this is " + sys.version.split()[0] + ". Run make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. On Debian: apt install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages in requirements.lock into $(VENV). This takes about a minute, once."
	@$(BIN)/python deploy/install_locked.py requirements.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the packages in requirements-dev.lock into $(VENV). This takes one to two minutes, once."
	@$(BIN)/python deploy/install_locked.py requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --editable .
	@touch $@ $(VENV)/run.stamp

$(DOCS)/stamp: docs/site/requirements.lock | $(VENV)/bin/python
	@echo "Installing the packages in docs/site/requirements.lock into $(DOCS). This takes about half a minute, once."
	@$(BIN)/python -m venv --clear $(DOCS)
	@$(DOCS)/bin/python deploy/install_locked.py docs/site/requirements.lock
	@touch $@
