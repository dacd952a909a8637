"""Units of expressions, made as a module's text: what the converter accepts must be right everywhere."""

import importlib.util
import random
import re
import sys

import numpy as np
import pytest
from myhdl import modbv

from myhdl_acc.hdl.convert import ConversionError, elaborate
from myhdl_acc.hdl.convert.check import check_process, check_syntax
from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.simulate import Design, clock, open_simulation, reset

WORDS = 200

INPUTS = {"a": 8, "b": 8, "u": 5, "k": 3, "s": (8,), "t": (6,)}
"""Fields of the input stream: widths, in parentheses if signed; ``c`` and ``d`` are bits of ``k``."""

_HEAD = '''\
"""Random expressions."""

from myhdl import Signal, always_comb, always_seq, concat, intbv, modbv

from myhdl_acc.hdl.convert.entity import entity


def twice(x):
    return x + x


@entity
def unit(clk, rst, sink, source):
    awake, c, d = Signal(bool(0)), Signal(bool(0)), Signal(bool(0))
    a, b, u, k, s, t = sink.a, sink.b, sink.u, sink.k, sink.s, sink.t

    @always_seq(clk.posedge, reset=rst)
    def wake():
        if c or d or not c:
            awake.next = True

    @always_comb
    def handshake():
        source.valid.next = sink.valid and awake
        sink.ready.next = source.ready and awake
        c.next = sink.k[0]
        d.next = sink.k[1]
'''


class Expressions:
    """Random expressions from a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def leaf(self):
        pick = self.random.choice
        return pick(
            [
                *"aabbusstk",
                pick("01357"),
                "200",
                "a[4:]",
                "b[8:3]",
                "s[5:1]",
                "concat(u, k)",
                "concat(a[3:], s[6:]).signed()",
                "u.signed()",
                "a[2]",
                "c",
            ]
        )

    def number(self, depth):
        """An expression that is a number."""
        pick = self.random.choice
        if depth == 0 or self.random.random() < 0.15:
            return self.leaf()
        kind = pick(["binary"] * 6 + ["shift"] * 3 + ["unary"] * 2)
        if kind == "binary":
            return f"({self.number(depth - 1)} {pick('+-*&|^+-')} {self.number(depth - 1)})"
        if kind == "shift":
            amount = pick(["1", "2", "3", "k", "k[2:]", "(k + 1)"])
            return f"({self.number(depth - 1)} {pick(['>>', '>>', '<<'])} {amount})"
        return f"({pick('-~')}{self.number(depth - 1)})"

    def test(self, depth):
        """An expression that is true or false."""
        kind = self.random.choice(["compare"] * 4 + ["and", "or", "not", "bit"])
        if kind == "compare" or depth == 0:
            sign = self.random.choice(["<", "<=", "==", "!=", ">", ">="])
            return f"({self.number(depth)} {sign} {self.number(depth)})"
        if kind == "bit":
            return self.random.choice(["c", "a[3]", "d"])
        if kind == "not":
            return f"(not {self.test(depth - 1)})"
        return f"({self.test(depth - 1)} {kind} {self.test(depth - 1)})"

    def process(self, name, target):
        """A process that assigns to ``target``."""
        depth = self.random.choice([1, 2, 2, 3])
        kind = self.random.choice(["plain"] * 5 + ["choice", "if", "bit"])
        if kind == "plain":
            body = [f"{target}.next = {self.number(depth)}"]
        elif kind == "choice":
            body = [f"{target}.next = {self.number(1)} if {self.test(1)} else {self.number(depth)}"]
        elif kind == "bit":
            body = [f"{target}.next = {self.test(depth)}"]
        else:
            body = [f"if {self.test(1)}:", f"    {target}.next = {self.number(depth)}"]
            body += ["else:", f"    {target}.next = {self.number(depth)}"]
        return [f"    @always_comb\n    def {name}():", *(f"        {line}" for line in body)]


def expressions(seed, count):
    """``count`` processes {name: (text, initial value of the output's field)}."""
    maker = Expressions(seed)
    made = {}
    for number in range(count):
        width = maker.random.choice([6, 8, 9, 10, 12, 16, 20, 24])
        signed = maker.random.random() < 0.4
        text = ""
        while not re.search(r"\b[abcdkstu]\b", text.partition("=")[2]):  # a process must depend on a signal
            text = "\n".join(maker.process(f"p{number}", f"source.y{number}"))
        made[f"p{number}"] = text, (f"y{number}", width, signed)
    return made


def module(made):
    """The text of a module with the entity ``unit`` of these processes."""
    names = ", ".join(["wake", "handshake", *made])
    return "\n\n".join([_HEAD.rstrip(), *(text for text, _ in made.values()), f"    return {names}\n"])


def _field(width, is_signed):
    if width == 1 or is_signed is None:
        return width  # a bool, or an intbv
    return modbv(0, min=-(1 << width - 1), max=1 << width - 1) if is_signed else modbv(0)[width:]


def load(path, name, made):
    """The Design of the processes ``made``, whose module is written to ``path`` and imported as ``name``."""
    path.write_text(module(made))
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    sink = Stream(**{n: signed(w[0]) if isinstance(w, tuple) else w for n, w in INPUTS.items()})
    source = Stream(**{n: _field(width, is_signed) for _, (n, width, is_signed) in made.values()})
    return Design(found.unit, clk=clock(), rst=reset(), sink=sink, source=source)


def problems(design, directory):
    """What is wrong with the processes of a design: {name: message}."""
    found = {}

    def syntax(entity, processes):
        for tree in [*processes]:
            try:
                check_syntax(entity, [tree])
            except ConversionError as error:
                found[tree.name] = str(error)
                processes.remove(tree)

    def check(entity, outputs, ports, signals, processes):
        for tree in processes:
            try:
                check_process(entity, tree)
            except ConversionError as error:
                found[tree.name] = str(error)
        raise ConversionError("all seen")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elaborate, "check_analysis", check)
        patch.setattr(elaborate, "check_syntax", syntax)
        for module in (elaborate._toVHDL, elaborate._toVerilog):
            patch.setattr(module, "_annotateTypes", module._annotateTypes)
        with pytest.raises(ConversionError, match="all seen"):
            elaborate.convert_entity("verilog", directory, "unit", design.spec, {})
    return found


def agree(design, backend, seed):
    """The fields of the output in which a backend differs from MyHDL, for corners and random words."""
    rng = np.random.default_rng(seed)
    words = {}
    for name, width in INPUTS.items():
        low, high = (-(1 << width[0] - 1), 1 << width[0] - 1) if isinstance(width, tuple) else (0, 1 << width)
        corners = rng.choice([low, high - 1, 0, low + 1], WORDS // 2)
        words[name] = np.concatenate([corners, rng.integers(low, high, WORDS - WORDS // 2)])
    got = []
    for name in ("myhdl", backend):
        with open_simulation(design, name) as simulation:
            got.append(simulation.run({"sink": words}, {"source": WORDS}).outputs["source"])
    return [name for name in got[0] if (got[0][name] != got[1][name]).any()]
