"""The slowest paths of a design, entity by entity, and the clock that they allow."""

import json
from dataclasses import dataclass

from myhdl_acc.report.synthesis.hierarchy import each_entity
from myhdl_acc.report.synthesis.scripts import entity_script
from myhdl_acc.report.timing.module import Module
from myhdl_acc.report.timing.ultrascale import ULTRASCALE


@dataclass(frozen=True)
class Estimate:
    """``paths``, the slowest first; ``lacking`` {entity: {what cells of it lack: how many cells}}."""

    part: str
    paths: list
    lacking: dict

    @property
    def mhz(self):
        """The clock at which the slowest path takes a cycle."""
        return 1000 / self.paths[0].ns


def estimate(design, per_entity=1, part=ULTRASCALE, progress=lambda name, total: None):
    """The Estimate of a Design: of every entity its ``per_entity`` slowest paths, through entities below or not.

    The netlists are those of synthesise(), kept with what it finds. ``progress``: see there. Raises ConversionError
    for what Yosys refuses.
    """
    _, files = each_entity(design, entity_script, _netlist, progress)
    modules = {}
    for name in reversed(files):
        netlist = json.loads(files[name].read_text())["modules"][name]
        modules[name] = Module(name, netlist, part, modules)
    return of_modules(modules, per_entity, part)


def of_modules(modules, per_entity, part):
    """The Estimate of {entity: Module}."""
    paths = [path for module in modules.values() for path in module.slowest(per_entity)]
    lacking = {name: module.lacking for name, module in modules.items() if module.lacking}
    return Estimate(part.name, sorted(paths, key=lambda path: -path.ns), lacking)


def _netlist(name, directory):
    return directory / "netlist.json"
