"""The compiler against the golden units: a pass, worked through beat by beat, gives the operation's result."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.units.accumulator import accumulator
from golden.units.atom_decoder import atom_decoder
from golden.units.atom_dot import atom_dot
from golden.units.engine import execute
from golden.units.sequencer import sequencer
from myhdl_acc.program.lower import Lowering, engine_inputs
from myhdl_acc.program.sample_operation import sample_operation
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.command import MODES

KINDS = tuple(MODES)
CONFIGS = {
    "tiny": AcceleratorConfig.preset("tiny"),
    "odd": AcceleratorConfig(lanes=4, rows=4, beat_bits=256, acc_depth=5, max_k=100),
}


def lane_sums(step, lane, config):
    """``{(row, address): [tap 0, tap 1]}`` of one lane of a pass, by the golden units."""
    command, atoms, rows = step.command, config.atoms, config.rows
    kind = KINDS[command["mode"]]
    mine = slice(None) if step.load_lanes is None else step.load_lanes == lane
    slices = step.loads[mine].view(np.int8).reshape(-1, atoms, rows, 32)
    beats = [[] for _ in range(rows)]
    number = -1  # of the slice
    served = 0  # weight beats since the scale beat
    scales = None
    nest = sequencer(kind, command["outer"], command["middle"], command["inner"] + 1)
    assert len(nest) == len(step.beats[lane])
    for flags, beat in zip(nest, step.beats[lane], strict=True):
        if flags["kind"] == "scale":
            scales, served = beat, 0
            continue
        number += flags["swap"]
        words = np.ascontiguousarray(beat).view(np.uint64)
        factors, positions, scale, illegal = atom_decoder(words, kind if kind[0] == "w" else "kv4", flags["phase"])
        assert not illegal.any()
        if kind == "w4":
            scale = scales[served // 2 * atoms : served // 2 * atoms + atoms]
            served += 1
        for row in range(rows):
            dots = atom_dot(slices[number, :, row], factors, positions, scale, kind == "w8")
            low, high = int(dots[: atoms // 2].sum()), int(dots[atoms // 2 :].sum())
            taps = (low, high) if command["split"] else (low + high, high)
            place = flags["first"], flags["last"], flags["fresh"], flags["result"], row, flags["address"]
            beats[row].append((*place, *taps))
    assert number + 1 == len(slices)
    return {key: sums for row in range(rows) for key, sums in accumulator(beats[row]).items()}


def work_through(passes, operations, config):
    results = [np.zeros((len(op.x), op.outputs), np.int64) for op in operations]
    for step in passes:
        lanes = [lane_sums(step, lane, config) for lane in range(config.lanes)]
        _, indices, taps = step.columns.shape
        for row in range(step.rows.start, step.rows.stop):
            for index in range(indices):
                for tap in range(taps):
                    sums = [lane[row - step.rows.start, index][tap] for lane in lanes]
                    if len(step.columns) == 1:
                        sums = [sum(sums)]
                    for lane, value in enumerate(sums):
                        if step.columns[lane, index, tap] >= 0:
                            results[step.operation][row, step.columns[lane, index, tap]] += value
    return results


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(list(CONFIGS)),
    st.sampled_from(KINDS),
    st.integers(0, 1 << 32),
    st.integers(1, 5),
    st.integers(1, 40),
    st.integers(1, 150),
)
def test_passes_compute_the_operation(name, kind, seed, rows, outputs, terms):
    config = CONFIGS[name]
    operation = sample_operation(kind, outputs, terms, rows, seed)
    (result,) = work_through(Lowering(config).passes([operation]), [operation], config)
    assert np.array_equal(result, execute(operation))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(KINDS), st.integers(1, 5), st.integers(1, 40), st.integers(1, 300))
def test_every_output_is_computed_once_per_cut(kind, rows, outputs, terms):
    config = CONFIGS["odd"]
    operation = sample_operation(kind, outputs, terms, rows)
    passes = Lowering(config).passes([operation])
    for step in passes:
        assert step.columns.shape[1] <= config.acc_depth
        assert step.rows.stop - step.rows.start <= config.rows
    cuts = -(-terms // (config.max_k // 32 * 32))
    counted = sum(np.bincount(step.columns[step.columns >= 0], minlength=outputs) for step in passes)
    assert (counted == cuts * -(-rows // config.rows)).all()


def test_streams_of_a_run_have_one_length_each():
    config = CONFIGS["tiny"]
    operations = [sample_operation(kind, 7, 70, rows=2) for kind in KINDS]
    passes = Lowering(config).passes(operations)
    inputs, words = engine_inputs(passes, config)
    assert len(inputs["sink_cmd"]["mode"]) == len(passes)
    assert len({len(column) for column in inputs["sink_load"].values()}) == 1
    assert words == sum(step.result_words for step in passes)


def test_a_matrix_is_interleaved_once():
    config = CONFIGS["tiny"]
    operation = sample_operation("w4", 7, 70)
    lowering = Lowering(config)
    assert lowering.passes([operation])[0].beats is lowering.passes([operation])[0].beats
