"""The hierarchy and the sources that the hardware panel shows are those of the converted design."""

import pytest

from golden.errors import InputError
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.hardware_panel import HardwarePanel
from myhdl_acc.viz.hardware_runs import HardwareChoice, python_source, run_hardware, tree


@pytest.fixture(scope="module")
def run():
    return run_hardware(HardwareChoice("tiny"))


def test_the_tree_has_every_entity_and_as_many_lanes_as_the_configuration(run):
    rows = tree(run)
    assert rows[0] == ("accelerator", 0, 1)
    assert {name for name, _, _ in rows} == set(run.verilog) <= set(run.vhdl)  # which has a package besides
    lanes = AcceleratorConfig.preset("tiny").lanes
    assert sum(count for name, count in run.children["accelerator"].items() if name.startswith("lane_memory")) == lanes


def test_every_entity_has_its_python_and_both_languages(run):
    for entity in run.verilog:
        path, text = python_source(entity)
        assert path.startswith("myhdl_acc/") and "def " in text
        assert f"entity {entity} is" in run.vhdl[entity] and f"module {entity} " in run.verilog[entity]
    with pytest.raises(InputError, match="no block is called nothing"):
        python_source("nothing_3")


def test_the_panel_shows_what_was_chosen():
    panel = HardwarePanel()
    try:
        panel.start()
        assert panel.wait(600) and panel.message.value == ""
        panel.entity.value = next(value for _, value in panel.entity.options if value[1].startswith("lane_memory"))
        assert (
            "myhdl_acc/rtl/memory/lane_memory.py" in panel.python.value
            and "entity lane_memory" in panel.converted.value
        )
        panel.hdl.value = "verilog"
        assert "module lane_memory" in panel.converted.value
        assert "ap_start" in panel.registers.value and "synthesise with Yosys" in panel.resources.value
    finally:
        panel.close()
