# SPDX-License-Identifier: Apache-2.0
# A thin front to CMake and CTest. Each command does its own set-up; `make` alone lists them.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/bash

PREFIX ?= /usr/local
DURATION ?= 60
JOBS ?= $(shell nproc)
ARGS ?=

step := cmake/step.sh
need := cmake/packages.sh
B := build/release

# configure PRESET, compile PRESET TARGET...
configure = @$(step) "configure $(1)" cmake --preset $(1)
compile = @$(step) "build $(1)$(if $(3), $(3))" cmake --build --preset $(1) -j $(JOBS) --target $(2)
run_tests = @cmake/ctest.sh --preset $(1) -j $(JOBS)

.PHONY: help demo quick test bench stress check release build install

help: ## this list
	@cmake/help.sh $(MAKEFILE_LIST)

demo: ## set up, build, and count the words of real text on all cores
	@$(need) base
	$(call configure,release)
	$(call compile,release,demo,demo)
	@BUILD=$(B) demo/run.sh $(ARGS)

quick: ## unit tests and tidy: under a minute on a warm build
	@$(need) base
	$(call configure,release)
	$(call compile,release,unit_tests,unit tests)
	$(call run_tests,release) -L '^(unit|tidy)$$'

test: ## everything but the long runs; what CI runs
	@$(need) base
	$(call configure,release)
	$(call compile,release,all)
	$(call run_tests,release)

bench: ## the benchmarks, with their rivals (ARGS='--filter RE --json')
	@$(need) base bench
	$(call configure,release)
	$(call compile,release,weft-bench,benchmarks)
	@$(B)/bin/weft-bench $(ARGS)

stress: ## long and oversubscribed runs (DURATION=seconds for each test)
	@$(need) base
	$(call configure,release)
	$(call compile,release,all)
	@WEFT_DURATION=$(DURATION) cmake/ctest.sh --test-dir $(B) -j $(JOBS) -L '^(soak|race|model)$$' \
	  --output-on-failure --no-tests=error --timeout $$(( $(DURATION) * 3 + 300 ))

check: ## g++ 12, sanitizers, clang-tidy, all consumers, stress: an hour
	@$(need) base check
	$(call configure,gcc)
	$(call compile,gcc,unit_tests,unit tests)
	$(call compile,gcc,all_verify_interface_header_sets,each header alone)
	$(call run_tests,gcc)
	$(call configure,asan)
	$(call compile,asan,all)
	$(call run_tests,asan)
	$(call configure,tsan)
	$(call compile,tsan,all)
	$(call run_tests,tsan)
	$(call configure,release)
	$(call compile,release,all)
	@$(step) "clang-tidy" run-clang-tidy-19 -quiet -p $(B) -j $(JOBS) \
	  '^$(CURDIR)/(src|check|cli|bench|demo)/'
	@cmake/ctest.sh --test-dir $(B) -j $(JOBS) -L '^check$$' --output-on-failure
	@$(MAKE) stress

release: ## the packages: .deb and .tar.gz
	@$(need) base release
	$(call configure,release)
	$(call compile,release,all)
	@$(step) "package" cpack --config $(B)/CPackConfig.cmake
	@ls -1sh $(B)/packages/weft*.deb $(B)/packages/weft*.tar.gz

build: ## the library and the programs, in build/release
	@$(need) base
	$(call configure,release)
	$(call compile,release,weft programs,library and programs)
	@ls -1 $(B)/lib/libweft.* $(B)/bin/* 2>/dev/null | sed 's/^/  /'

install: build ## installs what build made (PREFIX=/usr/local, DESTDIR)
	@$(step) "install" cmake --install $(B) --prefix $(PREFIX)
	@echo "  weft is in $(DESTDIR)$(PREFIX)"
