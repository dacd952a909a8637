"""Synthesises a design entity by entity: each once, the ones below it as black boxes, times its instances."""

import json
import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.report.synthesis.resources import Resources, count_cells, memory_cells
from myhdl_acc.report.synthesis.scripts import MAPS, depth_script, entity_script
from myhdl_acc.simulate.cache import converted
from myhdl_acc.simulate.kept import keep
from myhdl_acc.simulate.yosys import Yosys, version

PARALLEL = 2
"""Entities that are synthesised at the same time."""

#: The line with which a converted entity begins an instance of another; see hdl/convert/entity.py.
_INSTANCE = re.compile(r"^\s*(\w+) u_\w+ \($", re.MULTILINE)


def instances(text):
    """{entity: how often it is instantiated} in the Verilog of another one."""
    return Counter(_INSTANCE.findall(text))


@dataclass(frozen=True)
class Block:
    """An entity: ``instances`` in the whole design, ``own`` resources of one without the entities below it.

    ``depth``: its longest path in LUT6 levels; ``memories``: cells that hold memory, by type.
    """

    name: str
    instances: int
    own: Resources
    depth: int
    memories: dict


@dataclass(frozen=True)
class Synthesis:
    """``blocks``, the top first and an entity before those that it uses; ``total`` resources of the design."""

    top: str
    blocks: list
    total: Resources

    @property
    def depth(self):
        """The longest path within any entity."""
        return max(block.depth for block in self.blocks)


def synthesise(design, progress=lambda name, total: None):
    """The Synthesis of a Design. Each entity's result is kept until its HDL, Yosys or the script changes.

    ``progress(name, total)`` is called after each of ``total`` entities. Raises ConversionError for what Yosys refuses.
    """
    top, results = each_entity(design, entity_script, lambda *run: (_cells(*run), _depth(*run)), progress)
    return _add_up(top, results)


def depths(design):
    """{entity: its longest path in LUT6 levels} of a Design: what synthesise() says, in a tenth of its time."""
    return each_entity(design, depth_script, _depth)[1]


def each_entity(design, script_of, read, progress=lambda name, total: None):
    """The top's name and {entity: ``read(name, directory)`` after a run of its script}, parents before children."""
    yosys_version = version()
    top, files = converted(design, "verilog")
    texts = {Path(name).stem: text for name, text in files.items()}
    children = {name: sorted(instances(text).keys() & (texts.keys() - {name})) for name, text in texts.items()}
    yosys = Yosys()

    def one(name):
        below = children[name]
        script = script_of(name, below)
        files = {child: texts[child] for child in [*below, name]}
        parts = [yosys_version, script.replace(os.fspath(MAPS), ""), *_map_texts(), *files.values()]
        directory = keep("synth", parts, lambda scratch: _run(yosys, name, script, files, scratch))
        return read(name, directory)

    results = {}
    with ThreadPoolExecutor(PARALLEL) as pool:
        # The file with most text first: the last one to finish should be a short one.
        futures = {pool.submit(one, name): name for name in sorted(texts, key=lambda name: -len(texts[name]))}
        try:
            for future in as_completed(futures):
                results[futures[future]] = future.result()
                progress(futures[future], len(texts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            yosys.stop()
            raise
    return top, {name: results[name] for name in reversed(texts)}


def _map_texts():
    return [file.read_text() for file in sorted(MAPS.glob("*.v"))]


def _run(yosys, name, script, files, directory):
    for child, text in files.items():
        (directory / f"{child}.v").write_text(text)
    yosys.run(f"synth: {name}", script, directory)


def _cells(name, directory):
    return json.loads((directory / "cells.json").read_text())["design"]["num_cells_by_type"]


def _depth(name, directory):
    depth = re.search(r"length=(\d+)", (directory / "depth.txt").read_text())
    if not depth:
        raise ConversionError(f"synth: {name}: Yosys found no longest path")
    return int(depth[1])


def _add_up(top, results):
    """``results`` {entity: (cells by type, depth)}, parents before children."""
    instances = Counter({top: 1})
    blocks = []
    for name, (cells, depth) in results.items():
        below = {child: number for child, number in cells.items() if child in results}
        for child, number in below.items():
            instances[child] += instances[name] * number
        leaves = {kind: number for kind, number in cells.items() if kind not in below}
        blocks.append(Block(name, instances[name], count_cells(leaves), depth, memory_cells(leaves)))
    return Synthesis(top, blocks, sum((block.own * block.instances for block in blocks), Resources()))
