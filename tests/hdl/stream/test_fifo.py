"""fifo: against a software queue, cycle by cycle."""

from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from myhdl import Signal, intbv
from stream_designs import make, mixed, words_for

from myhdl_acc.hdl.stream import Stream, fifo
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.backpressure import KINDS, gap_array
from myhdl_acc.simulate.exercise import exercise
from myhdl_acc.simulate.scoreboard import check_words

DEPTHS = (0, 1, 2, 3, 4, 15, 16, 17, 32, 33, 66)


def queue_cycles(depth, sink_gaps, source_gaps):
    """The cycles of all transfers into and out of a queue, and its fill level in each cycle, from the documentation.

    A word can leave ``latency`` cycles after it came; a word can come while fewer than ``depth`` are inside.
    """
    latency = 1 if depth < 33 else 3
    inside, pushed, popped, levels = deque(), [], [], []
    sink_wait, source_wait = [*sink_gaps, 0], [*source_gaps, 0]
    cycle = 0
    while len(popped) < len(source_gaps):
        levels.append(len(inside))
        push = len(pushed) < len(sink_gaps) and not sink_wait[len(pushed)] and len(inside) < depth
        pop = not source_wait[len(popped)] and inside and inside[0] + latency <= cycle
        sink_wait[len(pushed)] -= sink_wait[len(pushed)] > 0
        source_wait[len(popped)] -= source_wait[len(popped)] > 0
        if pop:
            inside.popleft()
            popped.append(cycle)
        if push:
            inside.append(cycle)
            pushed.append(cycle)
        cycle += 1
    return pushed, popped, levels


def queue(depth, stream=lambda: Stream(data=9)):
    occupancy = Signal(intbv(0, min=0, max=max(2, depth + 1)))
    return make(fifo, sink=stream(), source=stream(), depth=depth, occupancy=occupancy)


def fill_levels(run):
    """The fill level in every cycle, from the events of the ``occupancy`` probe."""
    levels = []
    for event in run.events:
        if event.unit == "occupancy":
            levels += [int(event.state.removeprefix("value:"))] * (event.cycle_end - event.cycle_start)
    return levels


@settings(max_examples=15, deadline=None)
@given(
    depth=st.sampled_from(DEPTHS[1:]),
    count=st.integers(1, 80),
    kinds=st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(list(KINDS))),
    seed=st.integers(0, 1 << 30),
)
def test_like_a_software_queue(depth, count, kinds, seed):
    design = queue(depth)
    words = words_for(design, "sink", count, seed)
    gaps = {"sink": gap_array(kinds[0], count, seed), "source": gap_array(kinds[1], count, seed + 1)}
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": words}, {"source": count}, gaps=gaps, record=True)
    check_words(run.outputs["source"], words)
    pushed, popped, levels = queue_cycles(depth, gaps["sink"].tolist(), gaps["source"].tolist())
    assert run.transfers["sink"].tolist() == pushed
    assert run.transfers["source"].tolist() == popped
    assert fill_levels(run) == levels


@pytest.mark.parametrize("depth", DEPTHS)
def test_holds_exactly_its_depth(depth):
    design = queue(depth)
    words = words_for(design, "sink", depth + 3)
    gaps = {"source": [200] + [0] * (depth + 2)}
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": words}, {"source": depth + 3}, gaps=gaps, record=True)
    assert (run.transfers["sink"] < 200).sum() == depth
    assert max(fill_levels(run)) == depth
    check_words(run.outputs["source"], words)


@pytest.mark.parametrize("depth", DEPTHS)
def test_latency_and_throughput(depth):
    design = queue(depth)
    words = words_for(design, "sink", 150)
    with open_simulation(design) as simulation:
        run = simulation.run({"sink": words}, {"source": 150}, record=True)
    latency = 0 if depth == 0 else 1 if depth < 33 else 3
    period = 2 if depth == 1 else 1
    assert run.transfers["source"].tolist() == [latency + period * word for word in range(150)]


@pytest.mark.parametrize("depth", (3, 35))
def test_all_fields_of_a_word_stay_together(depth):
    design = queue(depth, mixed)
    words = words_for(design, "sink", 90)
    exercise(design, {"sink": words}, {"source": words}, patterns=("random",))


@pytest.mark.parametrize("depth, width", [(3, 1), (17, 7), (2, 13), (66, 33), (15, 65)])
def test_any_width(depth, width):
    design = make(fifo, sink=Stream(data=width), source=Stream(data=width), depth=depth)
    words = words_for(design, "sink", 90)
    exercise(design, {"sink": words}, {"source": words}, patterns=("bursty",))


@pytest.mark.parametrize(
    "depth, occupancy, message",
    [
        (-1, None, "0 or more"),
        (4, Signal(intbv(0, min=0, max=4)), "max=5"),
        (1, Signal(bool(0)), "max=2"),
        (3, Signal(intbv(0, min=-8, max=8)), "max=4"),
    ],
)
def test_impossible_queues(depth, occupancy, message):
    design = make(fifo, sink=Stream(data=8), source=Stream(data=8), depth=depth, occupancy=occupancy)
    with pytest.raises(ValueError, match=message):
        open_simulation(design)
