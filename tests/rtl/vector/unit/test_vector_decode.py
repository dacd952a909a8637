"""Fields, flags and latencies of instructions, as the table and the assembler have them."""

import numpy as np
import pytest
import unit_ports
from cycle_bench import SIMULATORS, Cycles

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.isa import FIELDS
from myhdl_acc.rtl.vector.unit.flags import FLAGS
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS

TINY = AcceleratorConfig.preset("tiny")


@pytest.mark.parametrize("backend", SIMULATORS)
def test_every_instruction(backend):
    rng = np.random.default_rng(0)
    rows = list(INSTRUCTIONS.values())
    count = 2 * len(rows)
    words = [int.from_bytes(rng.bytes(32), "little") & ~0xFF | (code % len(rows)) << 3 for code in range(count)]
    accept = np.arange(count) % 5 != 3  # what is not accepted leaves the one before
    found = Cycles("vector_decode", unit_ports.vector_decode, TINY, backend).run(count, 1, word=words, accept=accept)
    fields = {name: place for name, place in FIELDS["vector"].items() if f"now_{name}" in found}
    assert len(fields) > 20
    for cycle in range(1, count):
        taken = max(at for at in range(cycle) if accept[at])
        row, word = rows[taken % len(rows)], words[taken]
        assert {name: found[f"now_flags_{name}"][cycle] for name in FLAGS} == {name: row.flag(name) for name in FLAGS}
        assert found["now_latency"][cycle] == row.latency_with(TINY.lanes)
        assert found["now_prepare"][cycle] == row.prepare
        for name, (first, width) in fields.items():
            width = {"entry": 8}.get(name, width)
            assert int(found[f"now_{name}"][cycle]) & (1 << width) - 1 == word >> first & (1 << width) - 1, name


@pytest.mark.parametrize("backend", SIMULATORS)
def test_nothing_arrives_before_the_first_instruction(backend):
    found = Cycles("vector_decode", unit_ports.vector_decode, TINY, backend, ["now_latency"]).run(
        3, word=[-1 % 2**256] * 3
    )
    assert found["now_latency"].tolist() == [0, 0, 0]
