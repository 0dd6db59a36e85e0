# Two commands for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export TOKENIZERS_PARALLELISM := false
export HF_HUB_DISABLE_TELEMETRY := 1
export MLFLOW_DISABLE_TELEMETRY := true
export MPLBACKEND := Agg

.PHONY: help demo test lint lock clean

help: ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --requirement requirements.lock
	$(BIN)/python -m pip install --no-deps --no-build-isolation --editable .
	touch $@

demo: $(STAMP) ## Analyse a real trial; train, evaluate, register and try the classifier (12 minutes)
	$(BIN)/pouce experiment example mlruns/demo/star.csv
	$(BIN)/pouce experiment analyse mlruns/demo/star.csv --outcome math --arm class_type --cluster class --strata school --control regular --output mlruns/demo/star
	$(BIN)/pouce nlu corpus check
	$(BIN)/pouce nlu train
	$(BIN)/pouce nlu evaluate --model challenger
	$(BIN)/pouce nlu promote || test $$? -eq 3
	$(BIN)/pouce nlu predict --model champion --text "cest kan le bac jaune a trouville svp"

lint: $(STAMP) ## ruff, mypy and import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint ## Everything CI runs
	$(BIN)/python -m pytest --cov --cov-report=term

lock: ## Pin every dependency again
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --extra dev --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-annotate --output-file requirements.lock pyproject.toml
	sed -i 's/^\(torch==[0-9.]*\)+.*/\1/' requirements.lock

clean: ## Remove the environment and what the tools left
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage .hypothesis *.egg-info
