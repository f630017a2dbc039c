# What can be done here: `make help`. Everything runs in .venv, which is made when it is needed.

.DEFAULT_GOAL := help
# Two installations at once would get in each other's way.
.NOTPARALLEL:
.PHONY: help check test lint handbook records atlas kills faults fuzz hunts bench seeds clean FORCE

PYTHONS := python3 python3.13 python3.12 python3.11
ifdef PYTHON
PYTHONS := $(PYTHON)
endif
BACKEND ?= scipy textbook
# smoke takes seconds; default, the whole check, minutes where nothing is cached.
PROFILE ?= smoke
RUNS ?= 200
VENV := .venv
RUN := $(VENV)/bin/python

help: ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

check: $(addprefix install-,$(or $(filter torch jax,$(BACKEND)),scipy)) ## Judge scipy and textbook, or BACKEND=torch; PROFILE=default tries everything.
	@code=0; $(RUN) -m ulpian.checks check --profile $(PROFILE) $(BACKEND) || code=$$?; \
	case $$code in \
	  0) echo "make check: a verdict, and nothing below what is required (ulpian's exit code 0)" ;; \
	  1) echo "make check: a verdict, with the findings above (ulpian's exit code 1; make's is 0)" ;; \
	  *) echo "make check: no verdict (ulpian's exit code $$code: 2 no verdict, 130 interrupted)" >&2; exit $$code ;; \
	esac

test: lint ## Lint, types, then all tests.
	@$(RUN) -m pytest -n 2

# mypy reads the three folders under the names they install as, through .links.
lint: install-test ## ruff, and mypy --strict.
	@$(RUN) -m ruff check
	@$(RUN) -m mypy --strict .links/ulpian tests

handbook: install-test ## Write the formula book: HTML, LaTeX, Markdown, and a PDF where latexmk is.
	@$(RUN) -m ulpian.checks handbook --output build/handbook

records: install-test ## Measure every backend again for the handbook, and the kill matrix: half an hour.
	@cd checks/handbook/records/recorded && for target in reference textbook scipy torch jax; do \
	  $(CURDIR)/$(RUN) -m ulpian.checks handbook record $$target || exit; done
	@$(RUN) tests/kills.py --whole --record checks/handbook/records/recorded/kills.json

# A backend that has findings gives 1, which is no reason to leave out the others.
atlas: install-test ## Sweep and hunt every backend again for the atlas: hours; what was finished stands.
	@for target in scipy torch jax reference; do \
	  $(RUN) -m ulpian.checks atlas make $$target --output checks/atlas/recorded --resume || [ $$? = 1 ] || exit 2; done

kills: install-test ## Which property catches which wrong implementation.
	@$(RUN) tests/kills.py

faults: install-test ## What is kept and said when things break: code, harness, cache, ledger, disk.
	@$(RUN) -m tests.faults

fuzz: install-test ## The reference under RUNS=200 seeds, for false findings: hours.
	@$(RUN) tests/fuzz.py --runs $(RUNS)

hunts: install-test ## Hunts of a minute against ten minutes of random inputs, on PyTorch: an hour and a half.
	@$(RUN) tests/hunts.py

bench: install-test ## Rates of the oracle and of a run, on this machine.
	@$(RUN) tests/bench.py

seeds: install-test ## Write the table of what the articles say and where it lives.
	@$(RUN) -m ulpian.checks list seeds > spec/claims/SEEDS.md

clean: ## Remove .venv, caches and build leftovers.
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find spec reference checks tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ulpian[EXTRA] in .venv. A .venv that does not work, was made by an older Python, or was left in the
# middle of an installation is made anew; another one that works is used as it is.
# The mark says which pyproject.toml, in which folder, was installed: while it holds, nothing is done.
install-%: FORCE
	@mark="$$(cksum < pyproject.toml) $(CURDIR)"; \
	holds() { [ "$$(cat "$(VENV)/.installed-$$1" 2>/dev/null)" = "$$mark" ]; }; \
	works() { "$$@" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }; \
	if [ -e "$(VENV)/.installing" ] || ! works $(RUN) || ! $(RUN) -c 'import pip' 2>/dev/null; then \
	  python=; bare=; \
	  for found in $(PYTHONS); do \
	    works $$found || continue; \
	    if $$found -c 'import ensurepip, venv' 2>/dev/null; then python=$$found; break; fi; \
	    bare=$${bare:-$$found}; \
	  done; \
	  if [ -z "$$python$$bare" ]; then \
	    echo "Ulpian needs Python 3.11 or later, and none of $(PYTHONS) is one that runs here: install it, or name one with PYTHON=" >&2; exit 2; \
	  elif [ -z "$$python" ]; then \
	    echo "$$bare -m venv cannot work here, because ensurepip is missing: install it (Debian and Ubuntu: the package python3-venv)" >&2; exit 2; \
	  fi; \
	  echo "making $(VENV) with $$($$python --version)"; \
	  rm -rf $(VENV) && $$python -m venv $(VENV) || exit 2; \
	fi; \
	if ! { holds test || holds $*; }; then \
	  echo "installing ulpian[$*] in $(VENV)"; \
	  : > "$(VENV)/.installing"; code=0; \
	  $(RUN) -m pip install --quiet --disable-pip-version-check -e '.[$*]' || code=$$?; \
	  [ $$code -ge 128 ] || rm -f "$(VENV)/.installing"; \
	  [ $$code = 0 ] || exit 2; \
	  echo "$$mark" > "$(VENV)/.installed-$*"; \
	fi
