# What a developer types. `make` alone lists it.
VENV := .venv
PYTHON_VERSION := 3.13
PY := $(VENV)/bin/python
OWN_NETWORK := tests/integration/in-own-network
KEEP_BYTECODE := PYTHONDONTWRITEBYTECODE= # else every process of the tests compiles all again
SOURCES := $(wildcard shared functions function_app.py tests tools)

.PHONY: help setup demo chaos test test-3.14 test-real components package lint types templates bench docs requirements ci clean

help:
	@grep -hE '^[a-z0-9.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9.-]+):.*## /  make \1\t/' | expand -t 22

setup: $(VENV)/.ready  ## create .venv with everything that development needs (Python 3.13)

$(VENV)/.ready: tests/requirements.txt pyproject.toml
	@python=$$(tools/python $(PYTHON_VERSION)) && echo "setting up $(VENV) …" && $$python -m venv $(VENV)
	@$(PY) -m pip install -qq --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(KEEP_BYTECODE) $(VENV)/bin/pytest --collect-only -qq >/dev/null || true # compiles: else each worker would
	@touch $@

demo: setup  ## replay a day with an attack in it
	@$(PY) -m tools.demo

chaos: setup $(if $(WIRE),components)  ## both clouds from event to POST, with faults everywhere; SEED=7 BURSTS=1000, MISTAKES=all, WIRE=1
	@PYTHONHASHSEED=0 $(if $(WIRE),$(OWN_NETWORK)) $(PY) -m tools.chaos$(if $(WIRE),.wire) \
		$(if $(SEED),--seed $(SEED)) $(if $(BURSTS),--bursts $(BURSTS)) \
		$(if $(MISTAKE),--mistake $(MISTAKE)) $(if $(MISTAKES),--mistakes)

test: setup  ## the fast tests: no network, no servers
	@$(KEEP_BYTECODE) $(VENV)/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder

test-3.14:  ## the fast tests on Python 3.14, in an environment of its own
	@$(MAKE) --no-print-directory test VENV=.venv-3.14 PYTHON_VERSION=3.14

test-real: setup components package  ## the tests on the vendors' own servers and runtimes
	@$(OWN_NETWORK) $(VENV)/bin/pytest -m real

components: setup  ## fetch those servers and runtimes into .tools
	@$(PY) -m tests.integration.components

package: .aws-sam/build/template.yaml  ## build what `sam deploy` uploads

.aws-sam/build/template.yaml: template.yaml $(shell find functions/aws shared/registrywatch -type f \
		! -name '*.pyc') | components
	@echo "building the functions …"
	@SAM_CLI_TELEMETRY=0 PYTHON=$(CURDIR)/$(PY) .tools/sam/bin/python -m samcli build --parameter-overrides \
		Architecture=x86_64 >.tools/sam-build.log 2>&1 || { cat .tools/sam-build.log; exit 1; }

lint: setup  ## style
	@$(VENV)/bin/ruff check --quiet && $(VENV)/bin/ruff format --quiet --check

types: setup  ## types
	@$(VENV)/bin/mypy --strict --no-error-summary $(SOURCES)

templates: setup components  ## what is to be deployed: template.yaml, infra/
	@$(OWN_NETWORK) $(VENV)/bin/pytest -m real -k template

bench: setup components package  ## the figures that the docs state; BENCH="name …" for some of them
	@$(OWN_NETWORK) $(PY) -m tools.bench $(BENCH)

docs: setup  ## write the generated parts of docs/ again
	@$(PY) -m tools.docs

PIP_COMPILE := .tools/pip-tools/bin/pip-compile --quiet --no-config --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	--strip-extras --allow-unsafe

requirements:  ## pin all requirements again (add PIP_COMPILE_OPTIONS=--upgrade for newer versions)
	@test -x .tools/pip-tools/bin/pip-compile || { $$(tools/python) -m venv .tools/pip-tools && \
		.tools/pip-tools/bin/pip install --quiet pip-tools==7.6.2; }
	$(PIP_COMPILE) $(PIP_COMPILE_OPTIONS) --all-extras -o tests/requirements.txt pyproject.toml tests/requirements.in
	$(PIP_COMPILE) --extra azure -c tests/requirements.txt -o requirements.txt pyproject.toml
	cd functions/aws && ../../$(PIP_COMPILE) -o requirements.txt requirements.in
	for tool in sam checkov lambda duckdb panther; do $(PIP_COMPILE) $(PIP_COMPILE_OPTIONS) \
		-o tests/integration/tools/$$tool.txt tests/integration/tools/$$tool.in || exit 1; done

ci:  ## all checks that a change must pass
	@CI=true bash .ci/run

clean:  ## remove everything that was made, .venv and .tools included
	rm -rf .venv .venv-* .tools .aws-sam build .mypy_cache .ruff_cache .pytest_cache .hypothesis shared/*.egg-info
