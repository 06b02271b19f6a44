PYTHON ?= python3
PORT ?= 8000
BIN = .venv/bin

.PHONY: headers bench bench-search stale demo exam test lock lint proof lighthouse search-writers

.venv/installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daybook needs Python 3.11 or later: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing the locked requirements …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/installed-test: requirements-test.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daybook needs Python 3.11 or later: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "Installing the locked requirements, and those of the tests …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.txt
	@touch $@ .venv/installed

demo: export BASE_URL = http://127.0.0.1:$(PORT)
demo: .venv/installed
	@echo "Preparing the database …"
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py load_demo
	@$(BIN)/python manage.py serve --port $(PORT)

# For two cores, as browsers and servers are waited for. Whatever the environment says, what one
# process has compiled is kept for the others.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/installed-test
	$(BIN)/pytest -n 3 $(PYTEST_ARGS)

# Tries for minutes to catch the site showing what is no longer true;
# STALE_ARGS="--postgres postgres://… --redis redis://…" does so for several machines.
stale: .venv/installed-test
	$(BIN)/python -m tests.home.page_cache.staleness --examples 20 --steps 25 $(STALE_ARGS)

# The reader's search at 1,000, 10,000 and 100,000 posts.
bench-search: .venv/installed-test
	$(BIN)/python -m tests.benchmarks.searches $(BENCH_ARGS)

# Measures the site against nginx and bare Django, and with PEER=folder against Wagtail's example
# site; BENCH_ARGS=--quick takes some minutes, BENCH_ARGS="--only kept" measures a part.
bench: .venv/installed-test
	$(BIN)/python -m tests.benchmarks.bench $(if $(PEER),--peer $(PEER)) $(BENCH_ARGS)

# Scores the reader's search on the project's own exam, or on the files that EXAM_ARGS names.
exam: .venv/installed-test
	$(BIN)/python -m tests.search.exam $(EXAM_ARGS)

# Several processes write to one search index, and some are killed.
search-writers: .venv/installed-test
	$(BIN)/python -m tests.search.writers

lint: .venv/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml blog home search settings
	$(BIN)/mypy

# Judges of headers: MDN's HTTP Observatory, whose own lists come from the internet and are not needed.
OBSERVATORY = .tools/observatory/node_modules/@mdn/mdn-http-observatory

.tools/observatory/installed: Makefile
	@mkdir -p .tools/observatory
	@npm install --prefix .tools/observatory --ignore-scripts --no-save --no-package-lock --no-audit --no-fund --loglevel=error @mdn/mdn-http-observatory@1.4.8
	@echo '{}' > $(OBSERVATORY)/conf/hsts-preload.json
	@echo '[]' > $(OBSERVATORY)/conf/tld-list.json
	@touch $@

# The headers of readers' pages, from the site and from nginx, before MDN's judge: A+ or nothing.
headers: .venv/installed-test .tools/observatory/installed
	$(BIN)/python -m tests.deploy.headers

# Judges of pages, outside the locked requirements: they need Node and Java.
NPM = PUPPETEER_SKIP_DOWNLOAD=1 npm install --prefix .tools --no-save --no-package-lock --no-audit --no-fund --loglevel=error

.tools/judges: Makefile
	@mkdir -p .tools
	@$(NPM) axe-core@4.14.1 vnu-jar@26.9.27 jsonfeed-schema@0.5.0 sitemap@8.0.3
	@touch $@

.tools/lighthouse: Makefile
	@mkdir -p .tools
	@$(NPM) lighthouse@12.8.2 axe-core@4.14.1 vnu-jar@26.9.27 jsonfeed-schema@0.5.0 sitemap@8.0.3
	@touch $@ .tools/judges

# Every page of the demo before the world's judges: HTML, access, feeds, sitemaps, structured data, links.
proof: .venv/installed-test .tools/judges
	$(BIN)/python -m tests.browser.proof $(URL)

# Lighthouse's scores, for phones and desktops: minutes on a quiet machine.
lighthouse: .venv/installed-test .tools/lighthouse
	$(BIN)/python -m tests.browser.lighthouse $(URL)

lock: .venv/installed-test
	$(BIN)/uv pip compile pyproject.toml $(LOCK) -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group test $(LOCK) -o requirements-test.txt

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header
