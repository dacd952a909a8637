"""VHDL and Verilog of the tile's blocks are the same circuit, and a block with one thing changed is not."""

import importlib.util
import inspect
import sys

import pytest
from tile_designs import TILE, tile_design

from myhdl_acc.hdl.convert import ConversionError
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate.equivalence import prove_equivalent

#: Memories become registers in a proof, so the banks of sums are as small as they can be.
SMALL = AcceleratorConfig(lanes=2, rows=2, beat_bits=128, acc_depth=4, max_k=32)

#: Time steps of the induction: enough for every block, and a refusal takes seconds instead of minutes.
DEPTH = 2

#: In each block a piece of its source, and what breaks it.
ALTERATIONS = {
    "atom_decoder": ("concat(phase, phase)", "concat(phase, phase) ^ 1"),
    "atom_dot": ("late_d.next = d[0]", "late_d.next = d[1]"),
    "accumulator": ("added.address == arriving.address", "added.address != arriving.address"),
    "sequencer": ("place.until_scale.next = SCALE_PERIOD", "place.until_scale.next = SCALE_PERIOD - 1"),
    "load_hop": ("words == atoms - 1", "words == atoms"),
    "collector": ("final_tap.next = tap or not split", "final_tap.next = tap or split"),
    "patch_buffer": ("ready.next = True", "ready.next = not ready"),
    "patch": ("command.tokens > row", "command.tokens >= row"),
    "beat_decoder": ("decided.phase[0]", "decided.phase[1]"),
    "parameter_memory": ("if shown.split and tap", "if shown.split or tap"),
}


@pytest.mark.parametrize("name", TILE)
def test_vhdl_is_verilog(name):
    prove_equivalent(tile_design(name, SMALL), depth=DEPTH)


@pytest.fixture
def altered(tmp_path, monkeypatch):
    """The block of a name, with its alteration."""

    def load(name):
        text, broken = inspect.getsource(inspect.getmodule(TILE[name][0].func)), ALTERATIONS[name]
        assert text.count(broken[0]) == 1
        file = tmp_path / f"altered_{name}.py"
        file.write_text(text.replace(*broken))
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, file.stem, module)
        spec.loader.exec_module(module)
        return getattr(module, name)

    return load


_LONG = ("atom_dot", "accumulator", "patch", "beat_decoder")  # a refusal of these takes several times their proof


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in _LONG else ()) for name in ALTERATIONS]
)
def test_altered_block_is_refused(name, altered):
    with pytest.raises(ConversionError, match=f"{name}: VHDL and Verilog are not proved equal"):
        prove_equivalent(tile_design(name, SMALL), tile_design(name, SMALL, altered(name)), depth=DEPTH)
