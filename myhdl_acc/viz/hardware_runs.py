"""Runs of the conversion: the hardware of a configuration as HDL, entity by entity, and what it takes of the card."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.report.synthesis import Synthesis, synthesise
from myhdl_acc.report.synthesis.hierarchy import instances
from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.register_map import registers
from myhdl_acc.simulate.cache import converted, telling
from myhdl_acc.simulate.design import Design, clock, reset

_PACKAGE = Path(__file__).parents[1]
_ROOMS = ("rtl", "hdl")


@dataclass
class HardwareChoice:
    """A configuration's name, and whether to synthesise it as well."""

    preset: str = "tiny"
    resources: bool = False


@dataclass(frozen=True)
class HardwareRun:
    """``top`` entity; ``vhdl`` and ``verilog`` {entity: text}; ``children`` {entity: {entity below it: how often}};
    the ``registers`` of the kernel; the ``synthesis``, if it was asked for."""

    top: str
    vhdl: dict
    verilog: dict
    children: dict
    registers: list = field(default_factory=list)
    synthesis: Synthesis | None = None


def hardware_runs():
    """The function from (HardwareChoice, say) to HardwareRun, for a RunProcess."""
    return run_hardware


def run_hardware(choice, say=lambda text: None):
    """The HardwareRun of a HardwareChoice; ``say(text)`` is told what it is at."""
    config = AcceleratorConfig.preset(choice.preset)
    design = Design(accelerator, clk=clock(), rst=reset(), **accelerator_ports(config))
    with telling(lambda what: say(f"{what}; the first time only")):
        texts = {}
        for hdl in ("vhdl", "verilog"):
            top, files = converted(design, hdl)
            texts[hdl] = {Path(name).stem: text for name, text in files.items()}
    children = {
        name: {child: count for child, count in instances(text).items() if child in texts["verilog"]}
        for name, text in texts["verilog"].items()
    }
    synthesis = None
    if choice.resources:
        done = 0

        def progress(name, total):
            nonlocal done
            done += 1
            say(f"Yosys: {name}, {done} of {total} entities")

        synthesis = synthesise(design, progress)
    return HardwareRun(top, **texts, children=children, registers=registers(config), synthesis=synthesis)


def tree(run):
    """``[(entity, depth, how often in the entity above)]`` from the top down, each below the first that has it."""
    rows, seen = [], set()

    def walk(name, depth, count):
        rows.append((name, depth, count))
        if name not in seen:
            seen.add(name)
            for child, number in sorted(run.children[name].items()):
                walk(child, depth + 1, number)

    walk(run.top, 0, 1)
    return rows


def python_source(entity):
    """``(path in the package, text)`` of the module whose block an entity was converted from.

    Raises InputError if there is none.
    """
    name = re.sub(r"_\d+$", "", entity)
    for candidate in (entity, name):
        for room in _ROOMS:
            for file in sorted((_PACKAGE / room).rglob("*.py")):
                text = file.read_text("utf-8")
                if re.search(rf"^def {candidate}\(", text, re.MULTILINE):
                    return file.relative_to(_PACKAGE.parent).as_posix(), text
    raise InputError(f"no block is called {name}")
