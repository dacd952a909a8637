"""Heads that lie in one column are rotated as golden rotates them, with an index in every cycle and in every other."""

import numpy as np
import pytest
from unit_bench import edge_values, fields
from vector_benches import rope_column_bench

from golden.units.rope import rotate
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.vector.unit.rope_pair import TABLE
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

SINK = {"write": 1, "written": 4, "cosine": -18, "sine": -18, "issue": 1, "read": 4, "operand": -32, "kept": 1}
PAIRS, HEADS = 8, 3


def words_of(x, cosine, sine, cycles):
    """What fills the table, then elements ``x`` whose indices are issued every ``cycles`` cycles."""
    time = np.arange(cycles * len(x) + TABLE)
    begins = time % cycles == 0
    fill = {"write": np.ones(PAIRS, np.int64), "written": 2 * np.arange(PAIRS), "cosine": cosine, "sine": sine}
    turn = {
        "issue": begins & (time < cycles * len(x)),
        "read": time // cycles % (2 * PAIRS),
        "operand": np.concatenate([[0] * TABLE, np.repeat(x, cycles)]),  # it stays until the next one
        "kept": ((time + 1 - TABLE) % cycles == 0) & (time + 1 - TABLE >= cycles),
    }
    before, after = np.zeros(PAIRS, np.int64), np.zeros(len(time), np.int64)
    words = {name: np.concatenate([fill.get(name, before), turn.get(name, after)]) for name in SINK}
    return {name: column.astype(np.int64) for name, column in words.items()}


@pytest.mark.parametrize("cycles", [1, 2])
@pytest.mark.parametrize("backend", BACKENDS)
def test_in_every_simulator(backend, cycles):
    rng = np.random.default_rng(cycles)
    x = edge_values(32, rng, HEADS * 2 * PAIRS)
    angle = rng.random(PAIRS) * 2 * np.pi
    cosine, sine = (np.rint(part(angle) * 65536).astype(np.int64) for part in (np.cos, np.sin))
    streams = {"sink": Stream(**fields(SINK)), "source": Stream(**fields({"rotated": -32}))}
    with open_simulation(Design(rope_column_bench, clk=clock(), rst=reset(), **streams), backend) as simulation:
        run = simulation.run({"sink": words_of(x, cosine, sine, cycles)}, {"source": len(x)}, record=True)
    heads = x.reshape(HEADS, PAIRS, 2)
    expected = np.stack(rotate(heads[..., 0], heads[..., 1], cosine, sine), axis=-1)
    assert run.outputs["source"]["rotated"].tolist() == expected.reshape(-1).tolist()
