"""Lane 0's memory side: reader, two writers and program fetch at a time on one port."""

import numpy as np
import pytest
from memory_designs import beats_of, lane_bench_design, lane_design, level

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import DeadlockError, open_simulation
from myhdl_acc.simulate.backpressure import gap_array

TINY = AcceleratorConfig.preset("tiny")
WORDS = 512


def words_of(commands):
    return {"address": [address for address, _ in commands], "beats": [beats for _, beats in commands]}


def content_of(memory, commands):
    return np.concatenate([memory[address : address + beats] for address, beats in commands])


@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
@pytest.mark.parametrize("share", [0, 6])
def test_everything_at_a_time(backend, share):
    if share and backend in ("icarus", "ghdl"):
        pytest.skip("one pattern is enough there")
    memory = beats_of(WORDS, 128, 1)
    reads = [(0, 100), (150, 3), (7, 65), (20, 140)]
    program = [(160, 8), (168, 40), (200, 1)]
    # The two write different halves of what nobody reads.
    patches = np.concatenate([np.arange(256, 300), [310, 320, 311]])
    logits = np.arange(400, 460)
    patch_data, logit_data = beats_of(len(patches), 128, 2), beats_of(len(logits), 128, 3)
    with open_simulation(lane_bench_design(TINY, WORDS, latency=8, share=share), backend) as simulation:
        simulation.run({"sink_load": {"address": np.arange(WORDS), "data": memory}, "base": 0})
        kind = "random" if share else "never"
        streams = {"source_beat": 308, "source_program": 49, "sink_patch": len(patches), "sink_logits": len(logits)}
        gaps = {name: gap_array(kind, count, seed) for seed, (name, count) in enumerate(streams.items())}
        inputs = {
            "sink_command": words_of(reads),
            "sink_fetch": words_of(program),
            "sink_patch": {"address": patches, "data": patch_data},
            "sink_logits": {"address": logits, "data": logit_data},
        }
        run = simulation.run(inputs, {"source_beat": 308, "source_program": 49}, gaps=gaps, record=True)
        assert (run.outputs["source_beat"]["data"] == content_of(memory, reads)).all()
        assert (run.outputs["source_program"]["data"] == content_of(memory, program)).all()
        if not share:
            # The 357 beats of lane and program leave the port one per cycle: request 4, memory 8, queue 3.
            assert run.transfers["source_beat"][-1] == 4 + 8 + 3 + 356
        memory[patches], memory[logits] = patch_data, logit_data
        simulation.run({"sink_peek": {"address": [0]}}, {"source_peek": 1}, gaps={"sink_peek": [400]})
        run = simulation.run({"sink_peek": {"address": np.arange(WORDS)}}, {"source_peek": WORDS}, record=True)
    assert (run.outputs["source_peek"]["data"] == memory).all()
    for name in ("read_idle", "write_idle", "fetch_idle"):
        assert set(level(run, name)) == {1}
    for name in ("read_error", "write_error", "fetch_error"):
        assert set(level(run, name)) == {0}


def test_each_client_has_its_own_errors():
    memory = beats_of(16, 128, 1)
    design = lane_bench_design(TINY, 16)
    for culprit in ("read_error", "write_error", "fetch_error"):
        with open_simulation(design) as simulation:
            simulation.run({"sink_load": {"address": np.arange(16), "data": memory}, "base": 0})
            address = {name: 16 if name == culprit else 3 for name in ("read_error", "write_error", "fetch_error")}
            run = simulation.run(
                {
                    "sink_command": words_of([(address["read_error"], 1)]),
                    "sink_fetch": words_of([(address["fetch_error"], 1)]),
                    "sink_patch": {"address": [address["write_error"]], "data": memory[:1]},
                    "sink_peek": {"address": [0]},
                },
                {"source_beat": 1, "source_program": 1, "source_peek": 1},
                gaps={"sink_peek": [100]},
                record=True,
            )
        for name in address:
            assert level(run, name)[-1] == (3 if name == culprit else 0)


def test_no_beat_is_let_in_while_halted():
    """One that is let in counts as under way, and a reset waits for what is."""
    inputs = {"sink_patch": {"address": [3], "data": beats_of(1, 128, 1)}, "base": 0, "halt": 1}
    with (
        open_simulation(lane_design(TINY), "myhdl") as simulation,
        pytest.raises(DeadlockError, match="sink_patch stalled after 0 of 1 words"),
    ):
        simulation.run(inputs, {"port_write_source_aw": 1})
