# lstmviz: `make run` opens the app, `make test` checks everything.
# Paths stay relative, so that the folder may have spaces in its name.

SHELL := /bin/sh
PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test lint pytest monkey format benchmark screenshots clean set-up set-up-dev

help:
	@echo "make run          set up, then open lstmviz (arguments: make run ARGS='--help')"
	@echo "make test         set up, then run the linter, the type checker and all tests"
	@echo "make lint         ruff and mypy alone"
	@echo "make pytest       the tests alone (some: make pytest ARGS='tests/core -x')"
	@echo "make monkey       10,000 random commands in the real window, for two seeds: some ten minutes"
	@echo "make format       let ruff format and mend the code"
	@echo "make benchmark    time lstmviz beside PyTorch (an optional extra)"
	@echo "make screenshots  draw the pictures of the README"
	@echo "make clean        remove .venv and everything that was generated"

run: set-up
	@.venv/bin/lstmviz $(ARGS)

test: lint pytest

lint: set-up-dev
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy

pytest: set-up-dev
	@QT_QPA_PLATFORM=offscreen $(PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

monkey: set-up-dev
	@LSTMVIZ_MONKEY=$${LSTMVIZ_MONKEY:-10000} QT_QPA_PLATFORM=offscreen \
	    $(PYTHON) -m pytest -rP tests/stories/test_monkey.py $(ARGS)

format: set-up-dev
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

benchmark: set-up
	@$(PYTHON) -c "import torch" 2>/dev/null || { \
	    echo "The benchmark needs PyTorch (the CPU build is enough). This installs it:"; \
	    echo; echo "    $(PYTHON) -m pip install --editable '.[benchmark]'"; echo; exit 1; }
	@for script in benchmarks/[a-z]*.py; do $(PYTHON) "$$script" $(ARGS) || exit; done

screenshots: set-up
	@mkdir -p docs
	@.venv/bin/lstmviz render company-b -o docs/window.png --size 1440x900
	@.venv/bin/lstmviz render long-lag -o docs/unrolled.png --view unrolled --size 1200x520

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

set-up:
	@python=$$(tools/find_python) && "$$python" tools/setup.py run

set-up-dev:
	@python=$$(tools/find_python) && "$$python" tools/setup.py test
