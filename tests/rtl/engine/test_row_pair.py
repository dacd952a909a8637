"""A row pair against its golden twins: slices shift in, products add up over atoms, beats and slices, in both rows."""

import numpy as np
import pytest
from engine_benches import row_pair_bench

from golden.units.accumulator import accumulator as golden_accumulator
from golden.units.atom_dot import atom_dot as golden_dot
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine import row_pair as unit
from myhdl_acc.rtl.engine.records import ADDRESS
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.stimulus import from_integers, to_integers

CONFIG = AcceleratorConfig(lanes=2, rows=2, beat_bits=256, acc_depth=16, max_k=1024)
ATOMS = CONFIG.atoms
#: (outer, middle, inner, split, wide); each is long enough that the sums of the one before can be read beside it.
OPERATIONS = [(2, 5, 2, 0, 0), (1, 16, 1, 1, 0), (3, 2, 4, 0, 1), (2, 12, 1, 1, 1), (4, 1, 5, 0, 0), (2, 16, 1, 0, 0)]
WIDTHS = {
    "factors": 64 * ATOMS, "positions": 32 * ATOMS, "scales": 8 * ATOMS, "control": ADDRESS + 4,
    "swap": 1, "wide": 1, "split": 1, "load": 1, "load_data": 512, "read": 1, "read_bank": 1, "read_address": 4,
}  # fmt: skip


def pack(values, width):
    """Small integers as one, the first lowest."""
    return sum((int(v) & ((1 << width) - 1)) << (width * i) for i, v in enumerate(np.ravel(values)))


def idle():
    return dict.fromkeys(WIDTHS, 0)


def load_words(rng):
    """The cycles that bring a random slice (2 rows, ATOMS, 32), and the slice."""
    slice_ = rng.choice([-128, 127, *rng.integers(-128, 128, 6)], (2, ATOMS, 32))
    return [{"load": 1, "load_data": pack(slice_[:, atom], 8)} for atom in range(ATOMS)], slice_


def make_cycles(rng):
    """Words of the bench's ``sink``, the (row → beats) of the golden accumulator, the ends of operations, and the
    cycles of final sums."""
    words, slice_ = load_words(rng)
    cycles = [idle() | word for word in words]
    beats, ends, results = ([], []), [], []
    for number, (outer, middle, inner, split, wide) in enumerate(OPERATIONS):
        for o in range(outer):
            active = slice_
            words, slice_ = load_words(rng)
            for step in range(max(middle * inner, ATOMS)):
                cycle = idle() | (words[step] if step < ATOMS else {})
                if step < middle * inner:
                    address, i = divmod(step, inner)
                    factors = rng.integers(-7, 8, (ATOMS, 16))
                    positions = rng.integers(0, 4, (ATOMS, 16))
                    scales = rng.choice([0, 1, 255, *rng.integers(0, 256, 3)], ATOMS)
                    flags = (1, i == 0, i == inner - 1, o == 0, number % 2)
                    result = o == outer - 1 and i == inner - 1
                    cycle |= {
                        "factors": pack(factors, 4), "positions": pack(positions, 2), "scales": pack(scales, 8),
                        "control": pack((*flags, result), 1) | address << ADDRESS,
                        "swap": int(step == 0), "wide": wide, "split": split,
                    }  # fmt: skip
                    for row in (0, 1):
                        dots = golden_dot(active[row], factors, positions, scales, bool(wide))
                        high = dots[ATOMS // 2 :].sum()
                        taps = (dots.sum() - high if split else dots.sum(), high)
                        beats[row].append((*flags[1:4], result, flags[4], address, *map(int, taps)))
                    if result:
                        results.append(len(cycles))
                cycles.append(cycle)
        ends.append((len(cycles) - max(0, ATOMS - middle * inner) - 1, len(beats[0])))
    cycles += [idle() for _ in range(unit.LATENCY + 16)]
    return cycles, beats, ends, results


@pytest.mark.parametrize("backend", BACKENDS)
def test_like_golden_a_beat_per_cycle(backend):
    cycles, beats, ends, results = make_cycles(np.random.default_rng(4))
    reads = []
    for number, ((end, known), (_, middle, *_)) in enumerate(zip(ends, OPERATIONS, strict=True)):
        for address in range(middle):
            # The first one in the cycle in which the last sum becomes readable.
            at = end + unit.LATENCY + (middle - 1 - address)
            if number + 1 < len(ends) and at >= ends[number + 1][0] + unit.LATENCY - 1:
                continue
            cycles[at] |= {"read": 1, "read_bank": number % 2, "read_address": address}
            reads.append((at, number % 2, address, known))
    assert len(reads) >= sum(middle for _, middle, *_ in OPERATIONS) - 2
    assert {at for at, *_ in reads} >= {end + unit.LATENCY for end, _ in ends}
    reads.sort()
    values = {f"value{row}{tap}": CONFIG.acc_bits for row in (0, 1) for tap in (0, 1)}
    hop = {name: WIDTHS[name] for name in WIDTHS if not name.startswith(("read", "load_data"))}
    design = Design(
        row_pair_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(**WIDTHS),
        source=Stream(**values),
        source_hop=Stream(**hop),
        source_done=Stream(data=1),
        config=CONFIG,
    )
    columns = {name: from_integers([cycle[name] for cycle in cycles], width) for name, width in WIDTHS.items()}
    expect = {"source": len(reads), "source_hop": len(cycles), "source_done": len(results)}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": columns}, expect, record=True)
    sink = run.transfers["sink"]
    assert (np.diff(sink) == 1).all()
    mask = (1 << CONFIG.acc_bits) - 1
    for row in (0, 1):
        for i, (_, bank, address, known) in enumerate(reads):
            got = [int(run.outputs["source"][f"value{row}{tap}"][i]) for tap in (0, 1)]
            assert got == [value & mask for value in golden_accumulator(beats[row][:known])[bank, address]]
    assert (run.transfers["source_done"] - sink[results] == unit.LATENCY - 1).all()
    # The next pair sees everything, a cycle later.
    assert (run.transfers["source_hop"] - sink == 1).all()
    for name, width in hop.items():
        assert to_integers(run.outputs["source_hop"][name], width, False) == [cycle[name] for cycle in cycles]
