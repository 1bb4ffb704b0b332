PYTHON ?= python3
BIN := .venv/bin
PERIOD := 2025-11

.PHONY: report test notebooks lab staff sample bench simulate lock clean

report: .venv/ready  ## the main job on the sample data
	$(BIN)/workbench run $(PERIOD)

test: .venv/ready  ## linter, types, tests, notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q --nbval --nbval-cell-timeout 120 -n 2 --dist loadfile tests notebooks

notebooks: .venv/ready  ## runs every notebook on the sample and keeps its outputs
	$(BIN)/jupyter execute --inplace notebooks/*.ipynb

lab: .venv/ready  ## JupyterLab on the notebooks, opened on the list of questions
	JUPYTER_CONFIG_PATH=src/workbench/desk/jupyter $(BIN)/jupyter lab --notebook-dir=notebooks

sample: .venv/ready  ## writes data/sample again
	$(BIN)/workbench sample

staff: .venv/ready  ## the staff page on the sample, with a login for W01, a team and the service
	@for login in w01.example m01.example service.example; do \
		$(BIN)/workbench user add $$login --made-up; done
	$(BIN)/workbench serve

bench: .venv/ready  ## speed and memory, as ratios against named rivals
	$(BIN)/python -m benchmarks

simulate: .venv/ready  ## how often answers are wrong: the table of docs/methods.md, an hour
	$(BIN)/python -m benchmarks.simulate

lock: .venv/ready  ## requirements.lock from pyproject.toml: versions and hashes only
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install -q pip-tools
	.venv-lock/bin/pip-compile -q --strip-extras --generate-hashes --allow-unsafe --no-annotate \
		--no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--extra lab --extra staff --extra dev -o requirements.lock pyproject.toml
	rm -r .venv-lock

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:  ## everything that can be made again
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
