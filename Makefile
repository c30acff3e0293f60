# Everything starts from a fresh clone: each target sets up what it needs.
PYTHON ?= python3
# Further arguments for pip: an index that has CPU builds of torch, say.
PIP_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Verifiers of other projects, for comparison.
PEERS := .venv-bench
PEERS_INSTALLED := $(PEERS)/.installed
# Another trainer, for comparison.
TRL := .venv-trl
TRL_INSTALLED := $(TRL)/.installed
# Clients of the HTTP dialects.
CLIENTS := .venv-clients
CLIENTS_REQUIREMENTS := tests/codaserve/adapters/requirements-clients.txt
CLIENTS_INSTALLED := $(CLIENTS)/.installed
# Trainers that load and call our rewards, for their contract tests.
VERL := .venv-verl
VERIFIERS := .venv-verifiers
TRAINERS_INSTALLED := $(VERL)/.installed $(VERIFIERS)/.installed
# vLLM for CPUs, the other engine of critic and rollouts. An environment of its own, 3.4 GB: it needs other versions of
# what we use.
VLLM := .venv-vllm
VLLM_REQUIREMENTS := critic/engine/vllm/requirements-cpu.txt
VLLM_INSTALLED := $(VLLM)/.installed
# DeepSpeed, over the packages of $(VENV).
DEEPSPEED := .venv-deepspeed
DEEPSPEED_REQUIREMENTS := tests/trainer/requirements-deepspeed.txt
DEEPSPEED_INSTALLED := $(DEEPSPEED)/.installed
# Labelled cases that bench-math runs.
CASES ?= tests/data
# The small models here are fastest without oversubscription; a machine's own setting wins.
export TOKENIZERS_PARALLELISM ?= false

.PHONY: setup vllm demo test test-system test-images test-vllm test-deepspeed test-adapters soak soak-hour fuzz fuzz-wire chaos bench-math bench-code bench-trainer bench-scale bench-reproduce lint
.PHONY: types stubs clean

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'codaserve needs Python 3.11 or newer: make PYTHON=python3.11 ...'; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt -e '.[dev]'
	@touch $@

vllm: $(VLLM_INSTALLED)

# torch first and with all it needs, which differs between its builds; the rest as it was tested.
$(VLLM_INSTALLED): $(VLLM_REQUIREMENTS)
	test -x $(VLLM)/bin/python || $(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c $< torch
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps -r $<
	@touch $@

demo: setup
	$(BIN)/codaserve demo

# Test files at one time.
TEST_WORKERS ?= 2
test: setup
	$(BIN)/python -m pytest -m 'not system and not images and not soak and not vllm and not deepspeed and not adapters' -n $(TEST_WORKERS) --dist loadfile

# Needs root: runs services as other users, in containers and in environments of their own, and
# tests every language. Installs what it needs.
test-system: setup
	tests/system/packages.sh
	$(BIN)/python -m pytest -m system
	CODASERVE_TEST_LANGUAGES=all $(BIN)/python -m pytest tests/scorer/code/languages -n $(TEST_WORKERS)

# As root: builds the images of critic and trainer for processors, without any registry, and runs them: about two minutes of
# processor time and 3 GB.
test-images: setup
	tests/system/packages.sh
	$(BIN)/python -m pytest -m images

# The critic and rollouts with real vLLM, on CPU: about four minutes and 3.4 GB to install, ten minutes to run.
test-vllm: setup vllm
	$(BIN)/python -m pytest -m vllm

# Training that DeepSpeed cuts over processes, on processors: 10 MB and half a minute to install, two minutes to run.
test-deepspeed: $(DEEPSPEED_INSTALLED)
	$(DEEPSPEED)/bin/python -m pytest -m deepspeed tests/trainer

$(DEEPSPEED_INSTALLED): $(DEEPSPEED_REQUIREMENTS) $(INSTALLED)
	test -x $(DEEPSPEED)/bin/python || $(BIN)/python -m venv $(DEEPSPEED)
	$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> $$($(DEEPSPEED)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/codaserve.pth
	$(DEEPSPEED)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps \
		$$(grep '^setuptools' $<)
	DS_BUILD_OPS=0 $(DEEPSPEED)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps \
		--no-build-isolation -r $<
	@touch $@

# Adapters and dialects with the trainers and clients that they are for, in environments of theirs: 4 GB. A quarter of
# an hour to install on two busy cores, and as long to run.
test-adapters: setup $(TRL_INSTALLED) $(TRAINERS_INSTALLED) $(CLIENTS_INSTALLED)
	$(BIN)/python -m pytest -m adapters

$(TRAINERS_INSTALLED): .venv-%/.installed: tests/codaserve/adapters/requirements-%.txt
	test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	! grep -q '^torch==' $< || \
		$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c $< torch
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps -r $<
	test ! -f $(<:.txt=-before.txt) || $(@D)/bin/python -m pip install --quiet --disable-pip-version-check \
		$(PIP_ARGS) --no-deps --target $(@D)/before -r $(<:.txt=-before.txt)
	@touch $@

# A minute of coverage-guided fuzzing of the math engine, and one of random messages to both services; other lengths by
# FUZZ_SECONDS. Both go the same way each time, and another by FUZZ_SEED: `make fuzz FUZZ_SEED=` and `make fuzz-wire` go
# where nobody was.
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 12
fuzz: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt atheris
	PYTHONHASHSEED=$(FUZZ_SEED) $(BIN)/python -m tests.fuzz.target $(FUZZ_SECONDS) $(FUZZ_SEED)
	$(BIN)/python -m tests.fuzz.wire $(FUZZ_SECONDS) $(FUZZ_SEED)

# Random and broken messages to every method of both services, for longer.
FUZZ_WIRE_SECONDS ?= 600
fuzz-wire: setup
	$(BIN)/python -m tests.fuzz.wire $(FUZZ_WIRE_SECONDS)

# As root: three scorers and a critic under load, while they and the network between are hurt, and a report.
CHAOS_SECONDS ?= 600
chaos: setup
	tests/system/packages.sh
	$(BIN)/python -m tests.chaos $(CHAOS_SECONDS)

# Many minutes, as root: all demo seeds, honest and hostile programs for SOAK_SECONDS, full queues for as long.
soak: setup
	tests/system/packages.sh
	$(BIN)/python -m pytest -m soak -s

# An hour at half load, as root: whether scorer, critic and client stay as large as they were. Writes
# bench/results/soak_hour.md.
soak-hour: setup
	$(BIN)/python -m bench.soak

# Math verifiers side by side, about an hour; writes docs/math_*.md.
bench-math: setup $(PEERS_INSTALLED)
	$(BIN)/python -m bench.math accuracy $(CASES)
	$(BIN)/python -m bench.math speed $(CASES)

# Executors of programs side by side, about ten minutes, and a server under load for ten more; as root. Writes
# docs/code_speed.md and bench/results/code_*.
bench-code: setup $(PEERS_INSTALLED)
	$(BIN)/python -m bench.code speed
	$(BIN)/python -m bench.code numpy
	$(BIN)/python -m bench.code flat

# Rewards for 512 rollouts through each adapter, beside math-verify in process, about ten minutes; writes
# bench/results/adapters.md.
bench-adapters: setup $(PEERS_INSTALLED)
	$(BIN)/python -m bench.adapters

# One to three scorers and their client on fixed cores, what real items cost both, and what 64 scorers need: ten minutes
# or so; writes bench/results/scale.md.
bench-scale: setup
	$(BIN)/python -m bench.scale

# Trainers side by side, about fifteen minutes; writes docs/trainer_speed.md.
bench-trainer: setup $(TRL_INSTALLED)
	$(BIN)/python -m bench.trainer

# The methods beside GRPO, about six hours of one processor; goes on where it was. Writes docs/reproduce.md.
bench-reproduce: setup
	$(BIN)/python -m bench.reproduce

TRL_REQUIREMENTS := bench/trainer/peers-requirements.txt tests/codaserve/adapters/requirements-trl.txt
$(TRL_INSTALLED): $(TRL_REQUIREMENTS) constraints.txt
	test -x $(TRL)/bin/python || $(PYTHON) -m venv $(TRL)
	$(TRL)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -c constraints.txt \
		$(patsubst %,-r %,$(TRL_REQUIREMENTS)) torch
	@touch $@

$(CLIENTS_INSTALLED): $(CLIENTS_REQUIREMENTS)
	test -x $(CLIENTS)/bin/python || $(PYTHON) -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps \
		--ignore-requires-python -r $<
	@touch $@

$(PEERS_INSTALLED): bench/math/peers-requirements.txt bench/code/peers-requirements.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) --no-deps $(patsubst %,-r %,$^)
	@touch $@

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# Writes codaserve/v1 again from proto/.
stubs: setup
	$(BIN)/python proto/generate.py

clean:
	rm -rf $(VENV) $(CLIENTS) $(PEERS) $(TRL) $(VLLM) $(DEEPSPEED) build demo runs *.egg-info .mypy_cache .ruff_cache .pytest_cache
