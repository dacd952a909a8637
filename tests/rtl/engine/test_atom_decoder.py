"""The atom decoder against its golden twin: every code, every mode."""

import numpy as np
import pytest
from engine_benches import atom_decoder_bench

from golden.units.atom_decoder import atom_decoder as golden_decoder
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.engine.command import MODES
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

rng = np.random.default_rng(1)


def bits(fields, width):
    """Small fields (…, n) as one integer each, field 0 lowest."""
    mask = (1 << width) - 1
    return [sum((int(v) & mask) << (width * i) for i, v in enumerate(row)) for row in fields]


def words_of(values, width):
    return np.array([list(v.to_bytes(-(-width // 8), "little")) for v in values], np.uint8)


def every_code():
    """128 atoms in which each group sees each of the 128 codes."""
    codes = (np.arange(128)[:, None] + 16 * np.arange(8)) % 128
    return [sum(int(c) << (7 * g) for g, c in enumerate(row)) | (int(row[0]) << 57) & 0xFF << 56 for row in codes]


@pytest.mark.parametrize("backend", BACKENDS)
def test_decodes_like_golden(backend):
    sink = Stream(atom=64, mode=3, phase=2, block_scale=8)
    source = Stream(factors=64, positions=32, scale=8, illegal=1)
    design = Design(atom_decoder_bench, clk=clock(), rst=reset(), sink=sink, source=source)
    atoms, modes, phases, scales, expected = [], [], [], [], []
    for mode, phase_count in (("w2", 1), ("w4", 2), ("w8", 4), ("qk", 2), ("pv", 2)):
        for phase in range(phase_count):
            batch = [int(v) for v in rng.integers(0, 1 << 64, 12, dtype=np.uint64)] + [0, (1 << 64) - 1]
            batch += every_code() if mode == "w2" else []
            format_name = mode if mode in ("w2", "w4", "w8") else "kv4"
            factors, positions, scale, illegal = golden_decoder(np.array(batch, np.uint64), format_name, phase)
            block_scales = rng.integers(0, 256, len(batch))
            atoms += batch
            modes += [MODES[mode]] * len(batch)
            phases += [phase] * len(batch)
            scales += block_scales.tolist()
            chosen = block_scales if mode == "w4" else scale
            expected += list(zip(bits(factors, 4), bits(positions, 2), chosen.tolist(), illegal.tolist(), strict=True))
    inputs = {"sink": {"atom": words_of(atoms, 64), "mode": modes, "phase": phases, "block_scale": scales}}
    with open_simulation(design, backend) as simulation:
        run = simulation.run(inputs, {"source": len(atoms)}, record=True)
    out = run.outputs["source"]
    got_factors = [int.from_bytes(bytes(word), "little") for word in out["factors"]]
    got = list(
        zip(got_factors, out["positions"].tolist(), out["scale"].tolist(), (out["illegal"] != 0).tolist(), strict=True)
    )
    assert got == expected
    assert (run.transfers["source"] - run.transfers["sink"] == 1).all()  # latency 1, an atom per cycle
    assert (np.diff(run.transfers["sink"]) == 1).all()
