"""The engine itself converts, within the limits, into HDL that the tools accept."""

import pytest

from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.engine import engine, engine_ports
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.icarus import check_size
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl


def engine_design(preset):
    return Design(engine, clk=clock(), rst=reset(), **engine_ports(AcceleratorConfig.preset(preset)))


def test_u280_converts_in_a_minute_and_two_gigabytes(tmp_path):
    report = convert(engine_design("u280"), "vhdl", tmp_path)
    assert report.top == "engine"
    assert report.seconds < 60
    assert report.peak_mib < 2048
    assert sum(file.stat().st_size for file in report.files) < 1 << 20


def test_tiny_vhdl_synthesises(tmp_path):
    lint_vhdl(convert(engine_design("tiny"), "vhdl", tmp_path))


def test_tiny_verilog_is_lint_clean(tmp_path):
    lint_verilog(convert(engine_design("tiny"), "verilog", tmp_path))


@pytest.mark.parametrize("preset", ["tiny", "demo"])
def test_icarus_can_take_the_ports(preset):
    design = engine_design(preset)
    inputs = [port for port in design.ports if not port.output and port.name != design.clock]
    check_size(design, inputs, [port for port in design.ports if port.output])
