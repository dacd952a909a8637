"""Keys, noise and their time together, against golden: every row's scores of a few tokens' logits."""

import numpy as np
import pytest
from myhdl import Signal, always_comb, intbv

from golden.units.sampling import Sampling
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, signed
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant, unused, wire
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.unit import draw_control as control_unit
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.draw_control import draw_control
from myhdl_acc.rtl.vector.unit.lane_noise import lane_noise
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

TINY = AcceleratorConfig.preset("tiny")
ROWS, LANES, PLACE = TINY.rows, TINY.lanes, 1
FIELDS = ("commit", "clear", "index", "partial", "heads")
NAMES = ("done", *FIELDS, *(f"{name}{row}" for name in ("value", "position") for row in range(ROWS)))


@entity
def draw_bench(clk, rst, sink, source, sampling, config):
    """A word of ``sink`` that clears is taken at once, one that commits when there is room; every score goes out."""
    control, draw = records.logits_control().only(*FIELDS), records.draw(config)
    done, room, place, score = (Signal(bool(0)), Signal(bool(0)), Signal(intbv(0)[6:]), Signal(signed(32)))
    values = Array("row", [getattr(sink, f"value{row}") for row in range(config.rows)])
    constant(q=place, number=PLACE)
    positions = Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)])
    for row, position in enumerate(positions):
        wire(getattr(sink, f"position{row}"), position)
    draw_control(
        logits=control,
        done=done,
        sampling=Record(positions=positions, **sampling.members()),
        draw=draw,
        room=room,
        config=config,
    )
    begun = draw.only("begin", "row", "index", "keys", "temperature")
    lane_noise(commit=control.commit, values=values, place=place, draw=begun, score=score, config=config)
    sink.only("index", "partial", "heads") >> control.only("index", "partial", "heads")
    unused(source.ready, draw.enabled)
    draw.found.only("row", "index", "partial", "heads") >> source.only("row", "index", "partial", "heads")
    wire(score, source.score)

    @always_comb
    def take():
        sink.ready.next = (room or not sink.commit) and not rst
        control.commit.next = sink.commit and sink.valid and room and not rst
        control.clear.next = sink.clear and sink.valid and not rst
        done.next = sink.done and sink.valid and not rst

    @always_comb
    def give():
        source.valid.next = draw.found.valid


def design():
    sink = Stream(done=1, **{name: Signal(one.val) for name, one in control_fields().items()})
    for row in range(ROWS):
        setattr(sink, f"value{row}", Signal(signed(32)))
        setattr(sink, f"position{row}", Signal(intbv(0)[32:]))
    found = records.draw(TINY).found.only("row", "index", "partial", "heads").members()
    source = Stream(score=signed(32), **found)
    return Design(
        draw_bench,
        clk=clock(),
        rst=reset(),
        sink=sink,
        source=source,
        sampling=records.sampling(TINY).only("temperatures", "seeds"),
        config=TINY,
    )


def control_fields():
    return records.logits_control().only(*FIELDS).members()


@pytest.mark.parametrize("backend", BACKENDS)
def test_scores_of_three_tokens(backend):
    rng = np.random.default_rng(0)
    samplings = [Sampling.of(1.3, 0xFEDCBA9876543210), *(Sampling.of(row / 2, row) for row in range(ROWS - 1))]
    words, expected = [{}, {}], []  # the registers have been written when a program starts
    for position in (5, 6, (1 << 31) - 2):
        positions = [position, *(int(one) for one in rng.integers(0, 1 << 31, ROWS - 1))]
        of_rows = {f"position{row}": one - 1 for row, one in enumerate(positions)}
        words.append({"clear": 1, **of_rows})
        for index in range(6):
            values = rng.integers(-(1 << 20), 1 << 20, ROWS)
            partial = {"partial": int(index == 5), "heads": 1 + index}
            words.append({"commit": 1, "index": index, **of_rows, **partial})
            words[-1] |= {f"value{row}": value for row, value in enumerate(values)}
            for row, value in enumerate(values):
                tokens = np.array([index * LANES + PLACE])
                score = int(samplings[row].scores(np.array([value]), positions[row], tokens)[0])
                expected.append({"score": score, "row": row, "index": index, **partial})
        # What follows the last logit's commit waits until it is found.
        words += [{}] * control_unit.wait(ROWS) + [{"done": 1}]
    columns = {name: np.array([word.get(name, 0) for word in words]) for name in NAMES}
    registers = {
        f"sampling_{name}s_row{row:02d}": getattr(sampling, name)
        for row, sampling in enumerate(samplings)
        for name in ("temperature", "seed")
    }
    with open_simulation(design(), backend) as simulation:
        run = simulation.run({"sink": columns, **registers}, {"source": len(expected)}, record=True)
    for name in expected[0]:
        assert run.outputs["source"][name].tolist() == [one[name] for one in expected], name
    commits = run.transfers["sink"][columns["commit"] == 1]
    assert np.diff(commits)[:5].tolist() == [control_unit.spacing(ROWS)] * 5
    last = run.transfers["source"][ROWS - 1 :: ROWS]
    assert (last - commits == control_unit.wait(ROWS)).all()


def test_greedy_needs_no_keys():
    """Without a temperature there is always room, and nothing is drawn."""
    words = {"commit": np.ones(20, int)}
    columns = {name: words.get(name, np.zeros(20, int)) for name in NAMES}
    with open_simulation(design(), "myhdl") as simulation:
        run = simulation.run({"sink": columns, "sampling_seeds_row00": 7}, {}, record=True)
        assert (np.diff(run.transfers["sink"]) == 1).all()
        assert not len(run.outputs.get("source", {}).get("score", ()))
