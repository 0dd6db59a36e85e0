# Two commands for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := mlruns/demo
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

demo: export POUCE_STORE := sqlite:///$(DEMO)/pouce.db
demo: $(STAMP) ## A real trial, a simulated campaign, Sophie's classifier and a talk with her (19 minutes)
	$(BIN)/pouce experiment example $(DEMO)/star.csv
	$(BIN)/pouce experiment analyse $(DEMO)/star.csv --outcome math --arm class_type --cluster class --strata school --control regular --output $(DEMO)/star
	rm -rf $(DEMO)/campagne $(DEMO)/pouce.db*
	$(BIN)/pouce campaign new $(DEMO)/campagne --example comparaison
	$(BIN)/pouce campaign check $(DEMO)/campagne --brief
	$(BIN)/pouce campaign lock $(DEMO)/campagne
	$(BIN)/pouce campaign draw $(DEMO)/campagne
	$(BIN)/pouce campaign verify $(DEMO)/campagne
	$(BIN)/pouce campaign simulate $(DEMO)/campagne --effect 0.12
	for file in $(DEMO)/campagne/simulation/*.csv; do $(BIN)/pouce campaign import $(DEMO)/campagne $$file || exit; done
	$(BIN)/pouce campaign analyse $(DEMO)/campagne
	$(BIN)/pouce campaign report $(DEMO)/campagne
	$(BIN)/pouce campaign audit
	$(BIN)/pouce nlu corpus check
	$(BIN)/pouce nlu train
	$(BIN)/pouce nlu evaluate --model challenger
	$(BIN)/pouce nlu promote || test $$? -eq 3
	$(BIN)/pouce nlu predict --model champion --text "cest kan le bac jaune a trouville svp"
	rm -rf $(DEMO)/eco-geste
	$(BIN)/pouce campaign new $(DEMO)/eco-geste --example eco_geste
	$(BIN)/pouce campaign check $(DEMO)/eco-geste --brief
	$(BIN)/pouce campaign lock $(DEMO)/eco-geste
	$(BIN)/pouce campaign draw $(DEMO)/eco-geste
	$(BIN)/pouce campaign verify $(DEMO)/eco-geste
	$(BIN)/pouce serve talk --each-arm --text "cest kan le bac jaune a trouville svp" --text "secteur 1" --text "stop" --text "et les encombrants, ça se passe comment ?" --text "je veux parler à quelqu'un"
	@echo "Campaign report (SIMULATION), to open: $(abspath $(DEMO))/campagne/rapport/rapport.html (and rapport.pdf)"

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
