# Two commands do everything: `make serve` shows the example collection, `make test` runs every test.

PORT ?= 8000
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR
PYTHON = $(CARGO_TARGET_DIR)/python
MOTO = $(CARGO_TARGET_DIR)/moto
S3S_VERSION = 0.14.1
S3S = $(CARGO_TARGET_DIR)/s3s-fs-$(S3S_VERSION)
# Many tests wait for processes and servers more than they compute.
TEST_THREADS ?= $(shell expr 2 \* $$(nproc))
EXAMPLE = $(CARGO_TARGET_DIR)/example
NPM_CI = npm ci --no-audit --no-fund --loglevel=error

.PHONY: help
help:
	@echo "make serve       build the example collection in content/ and serve it on http://localhost:$(PORT) (PORT=N)"
	@echo "make test        all tests, the fast ones first; IIIF_BUILD_CORPUS=DIR adds real scans"
	@echo "make bench       the benchmarks"
	@echo "make dist        the packages of a release, for Linux: wheel, npm, .deb, tarball; into $(CARGO_TARGET_DIR)/packages"
	@echo "make test-dist   makes a site with each of them in an environment of its own, and checks the crate"
	@echo "make setup       install what building needs and this machine lacks; the others do it too"
	@echo "make setup-test  the same for the tests"

.PHONY: setup setup-test setup-bench setup-dist
setup:
	@scripts/setup
setup-test:
	@scripts/setup test
setup-bench:
	@scripts/setup bench
setup-dist:
	@scripts/setup dist

.PHONY: serve
serve: setup
	cargo run --release --locked --no-default-features --features serve,discovery,image2 -- serve --port $(PORT)

.PHONY: bench
bench: setup-bench
	cargo bench --locked

# Publishes nothing: CONTRIBUTING.md, "Releasing".
.PHONY: dist test-dist test-crate
dist: setup-dist
	@scripts/release

# With the packages that are there, or else new ones.
test-dist: setup-dist test-crate
	@[ -f $(CARGO_TARGET_DIR)/packages/SHA256SUMS ] || scripts/release
	@scripts/test-dist

test-crate: setup
	@scripts/test-crate

# One after the other, whatever -j says: the cheapest first, and never two cargos that wait for each other.
.PHONY: test
test: setup-test
	@$(MAKE) --no-print-directory test-format
	@$(MAKE) --no-print-directory test-lints
	@$(MAKE) --no-print-directory test-features
	@$(MAKE) --no-print-directory test-rust
	@$(MAKE) --no-print-directory test-examples
	@$(MAKE) --no-print-directory test-types
	@$(MAKE) --no-print-directory test-documents
	@$(MAKE) --no-print-directory test-browser

.PHONY: test-format test-lints test-features test-rust test-examples test-types test-documents test-browser
test-format:
	cargo fmt --check

test-lints:
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --lib --quiet

# What only tiles compiles without the rest, and what only builds sites without cloud and web server.
test-features:
	cargo clippy --locked --no-default-features -- -D warnings
	cargo clippy --locked --no-default-features --features site -- -D warnings

# Unit tests, then tests/layering.rs, then tests/suite/, which deploys to these two servers.
test-rust: $(MOTO)/installed $(S3S)/bin/s3s-fs
	IIIF_BUILD_MOTO=$(abspath $(MOTO))/bin/moto_server IIIF_BUILD_S3S=$(abspath $(S3S))/bin/s3s-fs \
		cargo test --locked -- --quiet --test-threads $(TEST_THREADS)

# The programs in examples/, over the example collection.
test-examples:
	@rm -rf $(EXAMPLE) && mkdir -p $(EXAMPLE) && cp -r content iiif-build.toml $(EXAMPLE)/
	cargo run --locked --quiet --example build -- $(EXAMPLE)
	cargo run --locked --quiet --example manifest_only -- $(EXAMPLE) >$(EXAMPLE)/manifests.txt
	cargo run --locked --quiet --example tile -- $(EXAMPLE)/content/balloon-1786/balloon_kdu71.jp2 $(EXAMPLE)/tiled

test-types: site/node_modules/.package-lock.json
	npm --prefix site run --silent check

# With the binary that the suite uses: cargo build would compile it and half of the dependencies with other features.
test-browser: tests-browser/node_modules/.package-lock.json
	cargo test --locked --no-run --quiet
	IIIF_BUILD_BIN=$(abspath $(CARGO_TARGET_DIR))/debug/iiif-build npm --prefix tests-browser run --silent test

test-documents: tests-browser/node_modules/.package-lock.json $(PYTHON)/installed
	cargo test --locked --no-run --quiet
	@IIIF_BUILD_BIN=$(abspath $(CARGO_TARGET_DIR))/debug/iiif-build scripts/test-documents

# The same versions everywhere, in a folder of their own: nothing of the system's Python is used or changed.
$(PYTHON)/installed: tests-browser/requirements.txt
	python3 -m venv --clear $(PYTHON)
	$(PYTHON)/bin/python -m pip --quiet --disable-pip-version-check install --no-deps -r $<
	@touch $@

$(MOTO)/installed: tests/servers/moto.txt
	python3 -m venv --clear $(MOTO)
	$(MOTO)/bin/python -m pip --quiet --disable-pip-version-check install --no-deps --no-compile -r $<
	@touch $@

# As quickly as it can be made, and not among our own: it is another program, with other versions of the same crates.
$(S3S)/bin/s3s-fs:
	CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0 env -u CARGO_TARGET_DIR \
		cargo install s3s-fs --version $(S3S_VERSION) --features binary --locked --debug --quiet --no-track --root $(S3S)

# npm writes that file last.
%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && $(NPM_CI)
	@touch $@
