"""The beat decoder: an atom_decoder for each atom, w4's block scales, what goes beside, and the error that stays."""

import numpy as np
import pytest
from engine_benches import beat_decoder_bench

from golden.units.atom_decoder import atom_decoder as golden_decoder
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine import beat_decoder as unit
from myhdl_acc.rtl.engine.command import MODES
from myhdl_acc.rtl.engine.records import ADDRESS, address_bits
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

CONFIG = AcceleratorConfig.preset("tiny")
ATOMS = CONFIG.atoms
CONTROL = ADDRESS + address_bits(CONFIG)


def design():
    sink = Stream(data=CONFIG.beat_bits, weights=1, scales=1, swap=1, mode=3, phase=2, split=1, control=CONTROL)
    source = Stream(
        factors=64 * ATOMS, positions=32 * ATOMS, scales=8 * ATOMS, control=CONTROL, swap=1, wide=1, split=1, error=1
    )
    return Design(beat_decoder_bench, clk=clock(), rst=reset(), sink=sink, source=source, config=CONFIG)


def packed(fields, width):
    """Small fields as one integer, the first lowest."""
    return sum((int(v) & ((1 << width) - 1)) << (width * i) for i, v in enumerate(np.ravel(fields)))


def operation(rng, name):
    """An operation's beats: (word of the bench's sink, wanted word, without ``error``)."""
    block_scales = rng.integers(0, 256, 8 * ATOMS).astype(np.uint8)
    for number in range(-1 if name == "w4" else 0, 8):
        scale_beat, phases = number < 0, {"w2": 1, "w8": 4}.get(name, 2)
        phase = 0 if scale_beat else number % phases
        atoms = rng.integers(0, 1 << 64, ATOMS, np.uint64)
        if name == "w2":
            atoms &= np.uint64(0xFF << 56)  # code 0 in every group
        if name == "w8":
            atoms &= np.uint64(0x7777777777777777)  # no digit is −8
        if scale_beat:
            atoms = block_scales.view("<u8").copy()
        word = {
            "data": atoms.view(np.uint8), "weights": int(not scale_beat), "scales": int(scale_beat),
            "swap": int(number == 2), "mode": MODES[name], "phase": phase, "split": number & 1,
            "control": int(not scale_beat) | int(rng.integers(1 << (CONTROL - 1))) << 1,
        }  # fmt: skip
        factors, positions, scales, _ = golden_decoder(atoms, name if name[0] == "w" else "kv4", phase)
        if name == "w4" and not scale_beat:
            scales = block_scales[ATOMS * (number // 2) :][:ATOMS]
        wanted = {
            "factors": packed(factors, 4), "positions": packed(positions, 2), "scales": packed(scales, 8),
            "wide": int(name == "w8"), **{key: word[key] for key in ("control", "swap", "split")},
        }  # fmt: skip
        yield word, wanted


def run(beats, backend):
    inputs = {name: np.array([word[name] for word, _ in beats]) for name in beats[0][0]}
    with open_simulation(design(), backend) as simulation:
        run = simulation.run({"sink": inputs}, {"source": int(inputs["weights"].sum())}, record=True)
    out = run.outputs["source"]
    words = [
        {name: int.from_bytes(bytes(v), "little") if np.ndim(v) else int(v) for name, v in zip(out, row, strict=True)}
        for row in zip(*out.values(), strict=True)
    ]
    of_weights = inputs["weights"] != 0
    for word, wanted in zip(words, [wanted for word, wanted in beats if word["weights"]], strict=True):
        assert {name: word[name] for name in wanted} == wanted
    assert (run.transfers["source"] - run.transfers["sink"][of_weights] == unit.LATENCY).all()
    assert (np.diff(run.transfers["sink"]) == 1).all()
    return [word["error"] for word in words]


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_mode_at_a_beat_per_cycle(backend):
    rng = np.random.default_rng(1)
    beats = [beat for name in ("w2", "w4", "qk", "w8", "pv", "w4", "w4") for beat in operation(rng, name)]
    assert not any(run(beats, backend))


def test_the_error_of_an_illegal_weight_stays():
    rng = np.random.default_rng(2)
    beats = list(operation(rng, "w8")) + list(operation(rng, "qk"))
    for number, control in ((2, 0), (4, 1)):  # the first is no beat
        word, wanted = beats[number]
        word["data"] = np.full(8 * ATOMS, 0x80, np.uint8)
        word["control"] = wanted["control"] = word["control"] & ~1 | control
        wanted |= {"factors": 0}
    assert run(beats, "myhdl") == [0] * 5 + [1] * 11
