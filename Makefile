# Two commands: `make serve` runs it, `make test` tests it. Needs Python >= 3.11 and nothing else.

PYTHON ?= python3
BIN := .venv/bin
# Only wheels, and only those whose hashes are written down.
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all:

.PHONY: serve test demo lint lock

serve: .venv/web.stamp
	@exec $(BIN)/python server/manage.py serve

demo: .venv/web.stamp
	@exec $(BIN)/python server/manage.py demo

test: .venv/web-dev.stamp
	@exec $(BIN)/python -m pytest -n 4 --dist loadscope -q

# What reads the code and does not run it.
lint: .venv/dev.stamp
	$(BIN)/ruff check -q && $(BIN)/ruff format -q --check && $(BIN)/lint-imports && $(BIN)/mypy

# The stamps make the second start install nothing.
.venv/run.stamp: requirements/run.txt | .venv/bin/python
	@echo "Đang cài các gói cần thiết vào .venv (chỉ lần đầu)…"
	@$(INSTALL) -r requirements/run.txt
	@touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/python
	@echo "Đang cài các gói để kiểm thử vào .venv (chỉ lần đầu)…"
	@$(INSTALL) -r requirements/dev.txt
	@touch .venv/run.stamp $@

# What browsers load: npm packages, held to the hashes of package-lock.json.
WEB := server/console/package-lock.json server/console/package.json

.venv/web.stamp: $(WEB) .venv/run.stamp
	@echo "Đang tải kịch bản và phông chữ của giao diện (chỉ lần đầu)…"
	@$(BIN)/python -m server.console.packages
	@touch $@

.venv/web-dev.stamp: $(WEB) .venv/dev.stamp
	@echo "Đang tải kịch bản và phông chữ của giao diện, và bộ kiểm tra (chỉ lần đầu)…"
	@$(BIN)/python -m server.console.packages --dev
	@touch .venv/web.stamp $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên; máy này có: $$($(PYTHON) --version 2>&1). Cài bản mới hơn, hoặc chỉ ra nó: make serve PYTHON=python3.12 / Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Không tạo được môi trường ảo .venv: Python này thiếu venv/pip (Debian: gói python3-venv). / This Python lacks venv and pip."; exit 1; }

# Compile the lock files again after pyproject.toml has changed.
lock: .venv/dev.stamp
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev --extra geo pyproject.toml -o requirements/dev.txt
