# Two commands are all the set-up: `make demo` and `make test`.
# A fresh machine needs Rust 1.95 or later, a C compiler, make and npm.

.PHONY: help demo test check build bench laws hostile fuzz truth kills faults opens trends notebooks dist venv env duckdb echarts
.DEFAULT_GOAL := help

# One build of the dependencies serves every clone and every target.
CACHE := $(if $(TONGBAN_CACHE),$(TONGBAN_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/tongban)
export CARGO_TARGET_DIR ?= $(CACHE)/target

# The official DuckDB library, from its npm package, pinned and checked.
DUCKDB_PACKAGE := @duckdb/node-bindings-linux-x64
DUCKDB_VERSION := 1.5.6-r.1
DUCKDB_SHA256  := 3f4962cdd266eab2b479a5b5a4a6d063d279b2954ae814ed00385d553b747633
DUCKDB_HOME    := $(CACHE)/duckdb-$(DUCKDB_VERSION)
ifdef DUCKDB_LIB_DIR
DUCKDB_READY :=
else
DUCKDB_READY := duckdb
export DUCKDB_LIB_DIR := $(DUCKDB_HOME)
endif

# What draws the charts of reports, from its npm package, pinned and checked; it goes into the binary.
ECHARTS_VERSION := 6.1.0
ECHARTS_SHA256  := 681aff88cc1038c3fa941a3a53d1b177a52250b05335efc607d6105ae13be481
ECHARTS_HOME    := $(CACHE)/echarts-$(ECHARTS_VERSION)
ECHARTS_FILES   := dist/echarts.common.min.js LICENSE NOTICE licenses
ifdef ECHARTS_DIR
ECHARTS_READY :=
else
ECHARTS_READY := echarts
export ECHARTS_DIR := $(ECHARTS_HOME)
endif
FETCHED := $(DUCKDB_READY) $(ECHARTS_READY)

# Python packages that only tests and benchmarks use.
REQUIREMENTS := tests/python/requirements.txt
VENV := $(CACHE)/venv-$(firstword $(shell sha256sum $(REQUIREMENTS)))
export TONGBAN_PYTHON ?= $(VENV)/bin/python

# Python packages of the notebooks, apart from those: what a reader of an export installs.
NOTEBOOKS_REQUIREMENTS := notebooks/requirements.txt
NOTEBOOKS_VENV := $(CACHE)/notebooks-$(firstword $(shell sha256sum $(NOTEBOOKS_REQUIREMENTS)))
export TONGBAN_NOTEBOOKS_PYTHON ?= $(NOTEBOOKS_VENV)/bin/python

DEMO_DIR ?= tongban-demo
DIST_DIR ?= $(CARGO_TARGET_DIR)/dist/packages
LAWS ?= 10000
FUZZ_SECONDS ?= 600
TRUTH_ROWS ?= 1000000
BENCH_SCALE ?= 1
KILLS ?= 200
OPENS ?= 10000
TREND_SERIES ?= 3000

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: build ## Build, read a real notice, then made-up records, answer six questions, make three reports
	"$(CARGO_TARGET_DIR)/debug/tongban" demo "$(DEMO_DIR)"

build: $(FETCHED) ## Build the tongban binary
	cargo build --locked
	@echo "built $(CARGO_TARGET_DIR)/debug/tongban"

test: check ## Run everything that CI runs
	cargo bench --locked --profile dev --bench bench -- --smoke
	cargo bench --locked --profile dev --bench bench -- lakes --smoke
	cargo bench --locked --profile dev --bench bench -- queries --smoke
	cargo bench --locked --profile dev --bench bench -- export --smoke
	cargo bench --locked --profile dev --bench laws -- --smoke
	cargo bench --locked --profile dev --bench faults -- --smoke
	cargo test --locked

check: $(FETCHED) ## Check formatting, lints and documentation
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --offline check bans licenses sources; \
	else echo "cargo-deny is not installed: licences and bans were not checked"; fi

bench: $(FETCHED) venv ## Measure beside DuckDB and Polars, with records of BENCH_SCALE=1 or in BENCH_WORKSPACE
	cargo bench --locked --profile release --bench bench
	cargo bench --locked --profile release --bench bench -- lakes
	cargo bench --locked --profile release --bench bench -- records $(BENCH_SCALE)
	cargo bench --locked --profile release --bench bench -- queries \
	  $(if $(BENCH_WORKSPACE),"$(BENCH_WORKSPACE)",--scale $(BENCH_SCALE))
	cargo bench --locked --profile release --bench bench -- export \
	  $(if $(BENCH_WORKSPACE),"$(BENCH_WORKSPACE)",--scale $(BENCH_SCALE))

laws: $(FETCHED) ## Read back LAWS=10000 documents with tables that chance makes
	cargo bench --locked --profile dev --bench laws -- tables --count $(LAWS)

hostile: $(FETCHED) ## Read back LAWS=10000 tables among lines and figures that mislead
	cargo bench --locked --profile dev --bench laws -- hostile --count $(LAWS)

fuzz: $(FETCHED) venv ## Damage bytes for FUZZ_SECONDS=600 per reader, or FUZZ_READER alone
	cargo bench --locked --profile dev --bench laws -- bytes --seconds $(FUZZ_SECONDS) \
	  $(if $(FUZZ_READER),--reader $(FUZZ_READER))

truth: $(FETCHED) ## Judge TRUTH_ROWS=1000000 made-up records of each kind against their truth
	TONGBAN_TRUTH_ROWS=$(TRUTH_ROWS) cargo test --locked --test it -- truth::

kills: $(FETCHED) ## Kill an ingest of records KILLS=200 times
	TONGBAN_KILLS=$(KILLS) cargo test --locked --test it -- kills::

opens: $(FETCHED) ## Follow the link to the latest export OPENS=10000 times while others are written
	TONGBAN_EXPORT_OPENS=$(OPENS) cargo test --locked --test it -- --nocapture export::a_reader_of_the_link

faults: $(FETCHED) ## Fail at every call, kill, cut the power, fill disks, flip bits; FAULTS="cuts crowd" for some
	cargo bench --locked --profile dev --bench faults -- $(FAULTS)

trends: $(FETCHED) venv ## Compare the statistics of TREND_SERIES=3000 series with SciPy and statsmodels
	TONGBAN_TREND_SERIES=$(TREND_SERIES) cargo test --locked --test it -- --nocapture trend_reference::

notebooks: demo $(NOTEBOOKS_VENV)/ready ## Export the made-up data of the demo and run the notebooks on it
	cd "$(DEMO_DIR)-records" && "$(CARGO_TARGET_DIR)/debug/tongban" export out/data && \
	  "$(CARGO_TARGET_DIR)/debug/tongban" export out/satisfaction --unpublished --min-cell 1 \
	    --query satisfaction/monthly,satisfaction/by_channel,satisfaction/negative_handling && \
	  "$(TONGBAN_NOTEBOOKS_PYTHON)" "$(CURDIR)/tests/python/run_notebooks.py" "$(CURDIR)/notebooks" out/notebooks
	@echo "what they show is in $(DEMO_DIR)-records/out/notebooks"

dist: $(FETCHED) ## Build an optimised binary, and the archive with all that it needs
	TONGBAN_RELOCATABLE=1 cargo build --locked --profile dist
	python3 .dist/assemble.py --binary "$(CARGO_TARGET_DIR)/dist/tongban" --library "$(DUCKDB_LIB_DIR)/libduckdb.so" \
	  --echarts "$(ECHARTS_DIR)" --echarts-version $(ECHARTS_VERSION) --output "$(DIST_DIR)"

venv: $(VENV)/ready $(NOTEBOOKS_VENV)/ready ## Install the Python packages that tests and notebooks use

$(VENV)/ready: $(REQUIREMENTS)
	python3 -m venv "$(VENV)"
	"$(VENV)/bin/python" -m pip install --quiet --requirement $(REQUIREMENTS)
	touch $@

$(NOTEBOOKS_VENV)/ready: $(NOTEBOOKS_REQUIREMENTS)
	python3 -m venv "$(NOTEBOOKS_VENV)"
	"$(NOTEBOOKS_VENV)/bin/python" -m pip install --quiet --requirement $(NOTEBOOKS_REQUIREMENTS)
	touch $@

env: ## Print the settings with which plain cargo shares this build
	@echo 'export CARGO_TARGET_DIR="$(CARGO_TARGET_DIR)" DUCKDB_LIB_DIR="$(DUCKDB_LIB_DIR)" ECHARTS_DIR="$(ECHARTS_DIR)" TONGBAN_PYTHON="$(TONGBAN_PYTHON)" TONGBAN_NOTEBOOKS_PYTHON="$(TONGBAN_NOTEBOOKS_PYTHON)"'

duckdb: $(DUCKDB_HOME)/libduckdb.so ## Fetch the DuckDB library
	@ln -sfn "$(DUCKDB_HOME)" .duckdb

$(DUCKDB_HOME)/libduckdb.so:
	@command -v npm >/dev/null || { \
	  echo "error: npm is needed to fetch the DuckDB library, and DUCKDB_LIB_DIR is not set."; \
	  echo "hint: install npm; or download libduckdb 1.5.6 for your system, unpack it and set DUCKDB_LIB_DIR"; \
	  echo "      to its folder; or compile it in: cargo build --features bundled (45 minutes)"; exit 1; }
	@case "$$(uname -s)-$$(uname -m)" in Linux-x86_64) ;; *) \
	  echo "error: no pinned DuckDB library for $$(uname -s) $$(uname -m)."; \
	  echo "hint: set DUCKDB_LIB_DIR to the folder of libduckdb 1.5.6 for this system"; exit 1;; esac
	@mkdir -p "$(DUCKDB_HOME)"
	@set -e; part=$$(mktemp -d "$(DUCKDB_HOME)/part.XXXXXX"); trap 'rm -rf "$$part"' EXIT; \
	  echo "fetching $(DUCKDB_PACKAGE) $(DUCKDB_VERSION)"; \
	  (cd "$$part" && npm pack --silent $(DUCKDB_PACKAGE)@$(DUCKDB_VERSION) >/dev/null); \
	  tar xzf "$$part"/*.tgz -C "$$part"; \
	  echo "$(DUCKDB_SHA256)  $$part/package/libduckdb.so" | sha256sum --check --quiet; \
	  mv "$$part/package/libduckdb.so" "$@"

echarts: $(ECHARTS_HOME)/ready ## Fetch ECharts, which draws the charts of reports
	@ln -sfn "$(ECHARTS_HOME)" .echarts

$(ECHARTS_HOME)/ready:
	@command -v npm >/dev/null || { \
	  echo "error: npm is needed to fetch ECharts, and ECHARTS_DIR is not set."; \
	  echo "hint: install npm; or unpack the npm package echarts $(ECHARTS_VERSION) and set ECHARTS_DIR to a"; \
	  echo "      folder with $(ECHARTS_FILES) of it"; exit 1; }
	@mkdir -p "$(ECHARTS_HOME)"
	@set -e; part=$$(mktemp -d "$(ECHARTS_HOME)/part.XXXXXX"); trap 'rm -rf "$$part"' EXIT; \
	  echo "fetching echarts $(ECHARTS_VERSION)"; \
	  (cd "$$part" && npm pack --silent echarts@$(ECHARTS_VERSION) >/dev/null); \
	  echo "$(ECHARTS_SHA256)  $$part/echarts-$(ECHARTS_VERSION).tgz" | sha256sum --check --quiet; \
	  tar xzf "$$part"/*.tgz -C "$$part"; \
	  for file in $(ECHARTS_FILES); do rm -rf "$(ECHARTS_HOME)/$$(basename $$file)"; \
	    mv "$$part/package/$$file" "$(ECHARTS_HOME)/"; done; \
	  touch "$@"
