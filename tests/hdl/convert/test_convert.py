"""Conversion keeps the hierarchy, is reproducible, and its output is what the tools accept."""

import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import conversion_blocks as blocks
import pytest
from myhdl import Signal, intbv

from golden.errors import InputError
from myhdl_acc.hdl.convert import ConversionError, convert
from myhdl_acc.hdl.convert.entity import canonical
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.equivalence import prove_equivalent, restore_defaults
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl


def unsigned(width):
    return Signal(intbv(0)[width:])


@pytest.fixture
def two_widths():
    ports = {"d": unsigned(8), "narrow": unsigned(10), "e": unsigned(12), "wide": unsigned(13)}
    return Design(blocks.two_widths, clk=clock(), rst=reset(), **ports)


@pytest.fixture
def doubler():
    return Design(blocks.doubler, clk=clock(), rst=reset(), d=unsigned(8), q=unsigned(9))


def test_one_file_per_distinct_entity(two_widths, tmp_path):
    report = convert(two_widths, "vhdl", tmp_path)
    names = [file.name for file in report.files]
    assert names == ["pck_myhdl_011.vhd", "doubler_1.vhd", "doubler_2.vhd", "doubler_3.vhd", "two_widths.vhd"]
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)
    assert report.top == "two_widths"
    assert report.seconds > 0 and report.peak_mib > 1
    top = (tmp_path / "two_widths.vhd").read_text()
    assert "u_wrapped0_doubler0: entity work.doubler_1" in top
    assert "u_doubler0: entity work.doubler_2" in top
    assert "u_wrapped1_doubler0: entity work.doubler_3" in top


def test_docstring_is_kept_in_ascii(doubler, tmp_path):
    text = convert(doubler, "verilog", tmp_path).files[0].read_text()
    assert text.isascii()
    assert "// q = 2*d, ceil(one) cycle later - the comment of the file." in text


@pytest.mark.parametrize("hdl", ["vhdl", "verilog"])
def test_same_bytes_again(two_widths, hdl, tmp_path):
    runs = []
    for run in ("one", "other"):
        for _ in range(2):  # what was elaborated before must not matter
            blocks.doubler(clock(), reset(), unsigned(8), unsigned(9))
        report = convert(two_widths, hdl, tmp_path / run)
        runs.append({file.name: file.read_bytes() for file in report.files})
    assert runs[0] == runs[1]
    assert not any(str(tmp_path).encode() in text for text in runs[0].values())


def test_tools_accept_the_output(two_widths, tmp_path):
    assert "entity" in lint_vhdl(convert(two_widths, "vhdl", tmp_path / "vhdl"))
    lint_verilog(convert(two_widths, "verilog", tmp_path / "verilog"))


def test_processes_get_legal_labels(tmp_path):
    design = Design(blocks.many_processes, clk=clock(), d=unsigned(8), q=unsigned(8))
    lint_vhdl(convert(design, "vhdl", tmp_path))


def test_lint_sees_a_latch(tmp_path, doubler):
    report = convert(doubler, "vhdl", tmp_path)
    text = report.files[-1].read_text().replace("rising_edge(clk)", "(clk = '1')")
    report.files[-1].write_text(text)
    with pytest.raises(ConversionError, match="latch"):
        lint_vhdl(report)


def test_lint_sees_an_implicit_net(tmp_path, doubler):
    report = convert(doubler, "verilog", tmp_path)
    text = report.files[-1].read_text().replace("endmodule", "assign nowhere = 1;\nendmodule")
    report.files[-1].write_text(text)
    with pytest.raises(ConversionError, match="nowhere"):
        lint_verilog(report)


def test_vhdl_and_verilog_are_equivalent(two_widths):
    prove_equivalent(two_widths)


def test_different_designs_are_not_equivalent(doubler):
    double, triple = (
        Design(blocks.scaler, clk=clock(), rst=reset(), d=unsigned(4), q=unsigned(6), factor=factor)
        for factor in (2, 3)
    )
    prove_equivalent(double)
    with pytest.raises(ConversionError, match="not proved equal"):
        prove_equivalent(double, triple)
    with pytest.raises(InputError, match="called scaler and doubler"):
        prove_equivalent(double, doubler)


def test_delay_line_is_proved_stage_by_stage():
    prove_equivalent(Design(blocks.late_or_one, clk=clock(), d=unsigned(50), q=unsigned(50)), depth=2)


def test_netlist_gets_its_defaults_back():
    verilog = "module m\n    case (a)\n      2'b10: y <= b;\n      2'b01: y <= c;\n    endcase\nendmodule\n"
    arms = '    b when "10",\n    c when "01",\n    "0X" when others;\n'
    vhdl = f"architecture rtl of m is\n  with a select y <=\n{arms}end rtl;\n"
    assert "      default: y <= 2'b0x;\n    endcase" in restore_defaults(verilog, vhdl)
    with pytest.raises(ConversionError, match="net y has no default"):
        restore_defaults(verilog, vhdl.replace("select y", "select z"))


def test_unwritable_directory(doubler, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write to"):
        convert(doubler, "vhdl", tmp_path / "file")
    assert (tmp_path / "file").read_text() == ""


def test_failure_keeps_what_was_there(doubler, tmp_path):
    before = {file.name: file.read_bytes() for file in convert(doubler, "verilog", tmp_path).files}
    bad = Design(blocks.undeclared_output, a=unsigned(4), q=unsigned(4))
    with pytest.raises(ConversionError):
        convert(bad, "verilog", tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_unknown_hdl(doubler, tmp_path):
    with pytest.raises(InputError, match="no HDL 'ahdl'"):
        convert(doubler, "ahdl", tmp_path)


def test_an_interrupted_conversion_leaves_nothing(tmp_path):
    """No directory, and no process that goes on converting."""
    program = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from myhdl_acc.cli.main import main\n"
        "sys.exit(main(['convert', '--config', 'u280', '-o', sys.argv[1]]))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "new" / "hdl"), *sys.path],
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while not children.read_text():
            time.sleep(0.05)
        worker = int(children.read_text())
        while len(alive(worker)) == 1:
            time.sleep(0.05)
        assert len(alive(worker)) > 1
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 130
    assert list(tmp_path.iterdir()) == []
    time.sleep(0.2)
    assert not alive(worker)


def alive(session):
    """The processes of a session that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended just now
            state, _, _, own = stat.read_text().rpartition(")")[2].split()[:4]
            if int(own) == session and state != "Z":
                found.append(stat.parent.name)
    return found


def test_script_without_guard_does_not_start_over(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from myhdl import Signal, always, intbv\n"
        "from myhdl_acc.hdl.convert import convert\n"
        "from myhdl_acc.hdl.convert.entity import entity\n"
        "from myhdl_acc.simulate import Design, clock\n"
        "@entity(outputs=('q',))\n"
        "def register(clk, d, q):\n"
        "    @always(clk.posedge)\n"
        "    def move():\n"
        "        q.next = d\n"
        "    return move\n"
        "design = Design(register, clk=clock(), d=Signal(intbv(0)[8:]), q=Signal(intbv(0)[8:]))\n"
        f"convert(design, 'verilog', {str(tmp_path / 'hdl')!r})\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode
    assert '__name__ == "__main__"' in done.stderr


def test_equal_constants_are_equal_whatever_they_cached():
    fresh = dataclasses.replace(AcceleratorConfig.preset("tiny"))
    assert AcceleratorConfig.preset("tiny").acc_bits  # now cached in the instance
    assert canonical(fresh) == canonical(AcceleratorConfig.preset("tiny"))
    assert canonical((1, True, "1")) != canonical((1, 1, "1"))
