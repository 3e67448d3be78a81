# Commands for people; each target is what one would type, with what is missing installed first.
# `make help` lists them.

SWIFT   ?= swift
PREFIX  ?= /usr/local
DESTDIR ?=

# The installed program carries the Swift runtime in itself, so that it needs no toolchain where it runs. It is built
# in a folder of its own: the two ways of linking would otherwise compile each other's files anew.
INSTALL_BUILD := .build-install
INSTALLED     := $(INSTALL_BUILD)/release/steno
SOURCES       := $(wildcard Package.swift Sources Tests Benchmarks)

export SWIFT

.DEFAULT_GOAL := help
.PHONY: help demo test test-mpi build install install-build bench format lint clean deps

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: build ## transcribe audio-samples with the shipped model
	.build/release/steno transcribe audio-samples

test: deps ## run all tests (release build)
	$(SWIFT) test -c release

test-mpi: deps ## run the tests of several processes (needs libopenmpi-dev and openmpi-bin)
	$(SWIFT) test -c release --traits MPI --scratch-path .build-mpi --filter 'ProcessesTests|MPITests'

build: deps ## build .build/release/steno
	$(SWIFT) build -c release --product steno

install: ## build and install below PREFIX (/usr/local), staged below DESTDIR
	$(MAKE) --no-print-directory $(if $(SUDO_USER),$(INSTALLED),install-build)
	install -D -m 755 $(INSTALLED) "$(DESTDIR)$(PREFIX)/bin/steno"
	install -d "$(DESTDIR)$(PREFIX)/share/steno/models"
	set -e; for model in Models/*.safetensors; do \
	    if [ -e "$$model" ]; then install -m 644 "$$model" "$(DESTDIR)$(PREFIX)/share/steno/models/"; fi; \
	done
	set -e; complete() { \
	    install -d "$(DESTDIR)$(PREFIX)/share/$$2"; \
	    $(INSTALLED) --generate-completion-script "$$1" > "$(DESTDIR)$(PREFIX)/share/$$2/$$3"; \
	}; \
	complete bash bash-completion/completions steno; \
	complete zsh zsh/site-functions _steno; \
	complete fish fish/vendor_completions.d steno.fish

# Under sudo (which often has no Swift on its PATH) what `make install-build` made before is installed as it is.
install-build: deps
	$(SWIFT) build -c release --product steno --static-swift-stdlib --scratch-path $(INSTALL_BUILD)

$(INSTALLED):
	$(MAKE) --no-print-directory install-build

bench: deps ## measure: WORKLOAD=... MODE=... OPTIONS=--profile choose what and how
	STENO_BENCHMARKS=1 $(SWIFT) run -c release Benchmarks $(WORKLOAD) $(MODE) $(OPTIONS)

format: ## rewrite the Swift sources as .swift-format says
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)

lint: ## check the Swift sources and the scripts, change nothing
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	if command -v shellcheck >/dev/null; then shellcheck Scripts/*.sh .ci/run; fi

clean: ## remove what was built
	rm -rf .build .build-mpi $(INSTALL_BUILD)

deps: ## install what is missing by apt
	@Scripts/dependencies.sh
