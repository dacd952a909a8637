"""Every silent trap of MyHDL's conversion is refused with a line that names it."""

import conversion_blocks as blocks
import pytest
from myhdl import Signal, intbv

from golden.errors import InputError
from myhdl_acc.hdl.convert import ConversionError, convert
from myhdl_acc.hdl.convert.check import check_text
from myhdl_acc.hdl.stream.stream import signed
from myhdl_acc.simulate import Design


def unsigned(width):
    return Signal(intbv(0)[width:])


CASES = {
    "sliced_member": (lambda: {"d": blocks.Pair(), "q": unsigned(8)}, "no name in the HDL"),
    "nested_concatenation": (lambda: {"a": unsigned(4), "q": unsigned(12)}, "ConcatSignal of a ConcatSignal"),
    "signed_concatenation": (lambda: {"a": Signal(signed(4)), "q": unsigned(8)}, "contains the signed signal a"),
    "undriven": (lambda: {"a": Signal(signed(4)), "q": Signal(signed(8))}, "not driven: zero"),
    "signed_division": (lambda: {"a": Signal(signed(8)), "q": Signal(signed(8))}, "// of a signed value"),
    "signed_remainder": (lambda: {"a": Signal(signed(8)), "q": Signal(signed(8))}, "% of a signed value"),
    "cut_literal": (lambda: {"a": unsigned(4), "q": unsigned(8)}, "the literal 240 is cut to the 4 bits"),
    "cut_factor": (lambda: {"a": Signal(signed(4)), "q": Signal(signed(8))}, "the literal 8 is cut to the 4 bits"),
    "unread_port": (lambda: {"a": unsigned(4), "b": unsigned(4), "q": unsigned(4)}, "not used: b"),
    "undeclared_output": (lambda: {"a": unsigned(4), "q": unsigned(4)}, "port q is driven"),
    "undriven_output": (lambda: {"a": unsigned(4), "q": unsigned(4)}, "port a is an output"),
    "reserved_port": (lambda: {"signal": unsigned(4), "q": unsigned(4)}, "port 'signal' is a reserved word"),
    "reserved_signal": (lambda: {"a": unsigned(4), "q": unsigned(4)}, "signal 'inside' is a reserved word"),
}


@pytest.mark.parametrize("hdl", ["vhdl", "verilog"])
@pytest.mark.parametrize("name", CASES)
def test_trap_is_refused(name, hdl, tmp_path):
    arguments, message = CASES[name]
    design = Design(getattr(blocks, name), **arguments())
    with pytest.raises(ConversionError, match=message) as caught:
        convert(design, hdl, tmp_path / "hdl")
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)
    assert not (tmp_path / "hdl").exists()  # nothing is left behind


def test_source_line_is_named(tmp_path):
    design = Design(blocks.signed_division, **CASES["signed_division"][0]())
    with open(blocks.__file__) as file:
        line = next(number for number, text in enumerate(file, 1) if "a // 4" in text)
    with pytest.raises(ConversionError, match=f"conversion_blocks.py:{line}"):
        convert(design, "vhdl", tmp_path)


@pytest.mark.parametrize(
    "name, text",
    [
        ("chained_comparison", "q.next = 0 < a < 3"),
        ("unknown_member", "q.next = a.missing"),
        ("depends_on_nothing", "def assign():"),
        ("broken_elaboration", '["missing"]'),
    ],
)
@pytest.mark.parametrize("hdl", ["vhdl", "verilog"])
def test_an_error_of_myhdl_names_the_line(name, text, hdl, tmp_path):
    with open(blocks.__file__) as file:
        lines = file.read().splitlines()
    start = lines.index(f"def {name}(a, q):")
    line = next(number for number in range(start, len(lines)) if text in lines[number]) + 1
    with pytest.raises(ConversionError) as caught:
        convert(Design(getattr(blocks, name), a=unsigned(4), q=unsigned(4)), hdl, tmp_path)
    # The decorator's line counts for an error that it raises.
    assert any(f"conversion_blocks.py:{number}: " in str(caught.value) for number in (line, line - 1, line - 2))


def test_list_of_interfaces_is_refused():
    class Ports:
        def __init__(self):
            self.pairs = [blocks.Pair(), blocks.Pair()]

    with pytest.raises(InputError, match="use stream"):
        Design(blocks.doubler, clk=unsigned(1), rst=unsigned(1), d=Ports(), q=unsigned(8))


@pytest.mark.parametrize(
    "line", ["assign q = None;", "q <= 0[3:2];", "assign q = 12 [3];", "q <= a(9-1 downto 4)(2-1 downto 0);"]
)
def test_what_cannot_be_meant_is_refused(line):
    with pytest.raises(ConversionError, match="MyHDL wrote"):
        check_text("block", f"-- a comment\n{line}\n")


@pytest.mark.parametrize(
    "line", ["-- None of 0[ this", "assign q = x0[3];", "reg [7:0] m [0:3];", "q <= m[0][3];", "q <= f(a(3 downto 0));"]
)
def test_usual_lines_pass(line):
    check_text("block", f"{line}\n")
