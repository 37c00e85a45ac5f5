# `make demo` and `make test` set everything up themselves: Python >= 3.11 and make are all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test tests check style types format bench docs wheel wheelcheck clean

demo: $(READY)
	$(BIN)/edgan demo --out demo

# mypy has one process, so it runs beside the tests.
test: style
	$(MAKE) --no-print-directory --jobs=2 types tests

# One thread a process and two processes: torch's own threads gain nothing on pictures this small.
tests: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: style types

style: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(READY)
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)
	$(BIN)/python -m benchmarks.step

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

wheel: $(READY)
	rm -rf build dist
	$(BIN)/python -m build --wheel

# Minutes: what a stranger's pip does, outside the clone.
wheelcheck: wheel
	bash .ci/check_wheel.sh dist/edgan-*.whl

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -c 'import sys; sys.exit("edgan needs Python 3.11 or newer; call make with PYTHON=python3.11, say" if sys.version_info < (3, 11) else 0)'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev,docs,studio,hub,export,faces,datasets]'
	touch $(READY)

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache src/*.egg-info
