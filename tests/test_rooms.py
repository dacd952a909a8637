"""Who may import whom: every package imports only those that stand before it, so that none knows what it serves."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LATER = ("trace", "simulate", "program", "driver", "report", "bitstream", "viz", "serve", "cli", "__main__")
ROOMS = ["golden", "golden.llm"] + [f"myhdl_acc.{name}" for name in ("hdl", "rtl", *LATER)]


def room(module):
    """The room of a module, or None if it is none of ours."""
    rooms = [name for name in ROOMS if module == name or module.startswith(f"{name}.")]
    return max(rooms, key=len, default=None)


def imported(file):
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("package", ("golden", "myhdl_acc"))
def test_no_room_imports_a_later_one(package):
    files = [file for file in (ROOT / package).rglob("*.py") if file != ROOT / package / "__init__.py"]
    seen = 0
    for file in files:
        mine = room(".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
        assert mine, f"{file} stands in no room"
        for module in imported(file):
            other = room(module)
            seen += other is not None
            assert other is None or ROOMS.index(other) <= ROOMS.index(mine), f"{file} imports {module}"
    assert seen > 100


def test_the_readme_lists_the_rooms_in_their_order():
    readme = (ROOT / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| `([\w/]+)/` \|", readme, re.MULTILINE)
    assert listed == [name.replace(".", "/") for name in ROOMS if name != "myhdl_acc.__main__"]
