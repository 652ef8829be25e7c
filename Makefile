# Each target starts from nothing but Python 3.11 and make; README has the same steps as plain pip lines.
PYTHON ?= python3
PORT   ?= 8501
# `make test EXTRAS=dev,train` also runs the training tests (torch: on Linux several GB unless a CPU build is found).
EXTRAS ?= dev
VENV   := .venv
BIN    := $(VENV)/bin
comma  := ,

.PHONY: demo run test lint bench stress train-clean clean

demo: $(VENV)/.core
	$(BIN)/awaaz demo --port $(PORT)

run: $(VENV)/.core
	$(BIN)/awaaz run

test: $(VENV)/.$(subst $(comma),-,$(EXTRAS))
	$(BIN)/python -m pytest

# Types are checked through torch and onnx, so this needs the extra `train`.
lint: $(VENV)/.dev-train
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A model on CC0 and MIT data and our invented posts only. RESEARCH: the research data (classifier/README.md);
# BASE: an encoder's folder or Hub id; OUT: where data and model go.
OUT ?= clean-model
train-clean: $(VENV)/.dev-train
	@test -n "$(RESEARCH)" -a -n "$(BASE)" || { echo 'say which: make train-clean RESEARCH=FOLDER BASE=ENCODER [OUT=FOLDER]'; exit 2; }
	$(BIN)/python -m classifier.training_data --research $(RESEARCH) --out $(OUT)/data
	$(BIN)/awaaz train --data $(OUT)/data/clean.tsv $(foreach f,$(wildcard classifier/corpus/invented-*.jsonl),--data $(f)) \
		--base $(BASE) --out $(OUT)/model --name metoo-clean
	$(BIN)/awaaz evaluate $(OUT)/model --data $(OUT)/data/test.tsv

stress: $(VENV)/.dev
	$(BIN)/python -m tests.stress

bench: $(VENV)/.dev-train
	$(BIN)/python -m tests.bench

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "awaaz needs Python 3.11 or newer; say which: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: $(VENV)/bin/python pyproject.toml config/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c config/constraints.txt -e .
	touch $@

$(VENV)/.%: $(VENV)/bin/python pyproject.toml config/constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c config/constraints.txt -e '.[$(subst -,$(comma),$*)]'
	touch $@
