"""A recorded pass of the RTL: each beat and interval belongs to what was executed, each wait to what ended it."""

from collections import Counter

import numpy as np
import pytest
from synthetic import synthetic_model

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.driver.recording import LastToken, TokenRecorder, recorded_run
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.trace.activity import links
from myhdl_acc.trace.counters import fill_edges, fill_extremes, queue_fill
from myhdl_acc.trace.matrices import matrix_work
from myhdl_acc.trace.run import Run
from myhdl_acc.trace.steps import layer_of

SIZES = {"vocab": 37, "dim": 64, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 320, "context": 64}


@pytest.fixture(scope="module", params=["ideal", "hbm2"])
def runs(request, config):
    """Of a prompt in three passes, then of tokens before and behind the first eviction."""
    found = []
    with SimulationDevice(config, request.param) as device:
        accelerator = Accelerator(device, config)
        accelerator.load(synthetic_model("mixed", tied=True, **SIZES), LambdaRule(2, 8))
        recorder = TokenRecorder(device, accelerator)
        for _ in accelerator.run([1, 2, 3, 4, 5], 8):
            found.append(recorder.take(title=f"token {len(found)}"))
    return found


def test_the_rtl_did_what_the_program_says(runs, config):
    """Run checks it; here that there is something to check, and that all of it is shown."""
    for run in runs:
        assert len(run.vector) > 80 and run.lanes == list(range(config.lanes))
        for lane in run.lanes:
            rows = run.lane(lane)
            assert np.array_equal(rows["start"][1:], rows["end"][:-1]) and (rows["start"][0], rows["end"][-1]) == (
                0,
                run.cycles,
            )
            beats = np.bincount(rows["command"][rows["state"] == "beat"], minlength=len(run.commands))
            assert len(beats) == len(run.commands) and beats.all()
        assert sum(work.cycles for work in matrix_work(run)) == pytest.approx(run.cycles)
    *works, end = [work.name for work in matrix_work(runs[0])]
    assert [*dict.fromkeys(map(layer_of, works)), end] == ["embed", "layer 0", "layer 1", "head", "end"]


def test_what_ended_a_wait_did_so_at_once(runs):
    """The right instruction ends a fixed time before the first beat, whatever memory does; any other would not."""
    delays = {}
    for run in runs:
        ends = {step: end for _, end, step in run.vector.tolist()}
        for lane in run.lanes:
            for _, end, state, *_, step in run.lane(lane).tolist():
                if step in ends:
                    delays.setdefault((state, str(run.steps["op"][step])), Counter())[end - ends[step]] += 1
    assert {state for state, _ in delays} == {"no_operand", "no_bank"}
    for (state, op), found in delays.items():
        assert len(found) <= 3 and -40 < min(found) and max(found) < 20, f"{state} {op}: {found}"


def test_every_wait_is_explained(runs):
    for run in runs:
        for lane in run.lanes:
            rows = run.lane(lane)
            for state in ("no_operand", "no_bank"):
                assert (rows["ended_by"][rows["state"] == state] >= 0).all()
            cycles, steps = links(rows)
            assert len(steps) > 20 and np.all(np.diff(cycles) > 0) and np.all(np.diff(steps) >= 0)


def test_the_queues_hold_what_was_read_and_not_taken(runs, config):
    for run in runs:
        fill = queue_fill(run, fill_edges(run))
        assert fill.min() == 0 and 0 < fill.max() <= config.prefetch + 1 and not fill[:, -1].any()
        deepest, shallowest = fill_extremes(run)
        assert deepest == fill.max() and 0 <= shallowest < deepest


def test_the_last_token_of_a_text(tmp_path, config):
    """As demo and generate record it, with a start for each token and with one for all."""
    from golden.llm.decoding import Decoding
    from golden.llm.text_stream import TextStream

    model = synthetic_model("w2", tied=True, **SIZES)
    with SimulationDevice(config) as device:
        accelerator = CheckedAccelerator(device, config, model, LambdaRule(2, 8))
        for choose in (None, lambda logits: int(np.argmax(logits))):
            accelerator.reset()
            last = LastToken(device, accelerator, model="synthetic")
            stream = TextStream(model.tokenizer, [1, 2, 3])
            decoding = Decoding(accelerator, accelerator, [1, 2, 3], 3, stream, choose)
            assert len(list(last.parts(decoding))) == 3
            assert last.run.title == "synthetic, token 3 at 6 tokens" and last.run.annotated
            last.run.save(tmp_path / "run.npz")
            assert Run.load(tmp_path / "run.npz").vector.tolist() == last.run.vector.tolist()


def test_a_prompt_of_several_starts(config):
    with SimulationDevice(config, record="all") as device:
        accelerator = Accelerator(device, config)
        accelerator.load(synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 8))
        list(accelerator.run([1], 0))
        list(accelerator.run([2], 1))
        with pytest.raises(InputError, match="more than one start"):
            recorded_run(device, accelerator)
