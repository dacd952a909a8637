"""Beats and cycles of commands, matrices and layers add up to the run's."""

import pytest
from recorded import recorded

from myhdl_acc.trace.compare import compare, compare_causes, shift_between
from myhdl_acc.trace.counters import fill_edges, fill_extremes, queue_fill, read_rate
from myhdl_acc.trace.matrices import command_work, kind_work, matrix_work
from myhdl_acc.trace.spans import COMMAND, spans


def test_texts():
    assert [work.text for work in matrix_work(recorded())] == [
        "embedding.rows · parameters, 2 beats, 7 cycles, of which 3 no command, 2 memory",
        "layers.0.ffn_down · w2, 6 beats, 10 cycles, of which 4 no operand",
        "end · nothing, 0 beats, 3 cycles, of which 3 no command",
    ]


@pytest.mark.parametrize("work", [matrix_work, kind_work])
def test_every_cycle_is_somewhere(work):
    found = work(recorded())
    assert sum(part.cycles for part in found) == 20 and sum(part.beats for part in found) == 8
    assert all(part.cycles == part.beats + sum(part.lost.values()) for part in found)


def test_a_layers_span_is_its_commands():
    run = recorded()
    assert [(span.name, span.start, span.end) for span in spans(run) if span.depth == COMMAND] == [
        ("command 0", 0, 7),
        ("command 1", 7, 17),
    ]
    cycles = [work.cycles for work in command_work(run)]
    assert cycles == [span.end - span.start for span in spans(run) if span.depth == COMMAND]
    assert spans(run)[-1].work.text == "layers.0.ffn_down · w2, 6 beats, 10 cycles, of which 4 no operand"


def test_the_queues_fill():
    run = recorded()
    assert fill_edges(run).tolist() == [0, 4, 5, 8, 12, 17, 20]
    # Beats come from cycle 4 to 12 and are taken from 5 to 8 and from 12 to 17.
    assert queue_fill(run, [0, 4, 5, 6, 8, 10, 12, 14, 20]).tolist() == [[0, 0, 1, 1, 1, 3, 5, 3, 0]]
    assert fill_extremes(run) == (5, 5)
    cycles, rates = read_rate(run, 8)
    assert cycles.tolist() == [0, 8, 16] and rates.tolist() == [0.5, 0.5, 0]


def test_two_runs():
    one, other = recorded(), recorded(wait=14)
    differences = compare(one, other)
    assert [difference.text for difference in differences if difference.change] == ["ffn_down 10 → 20, +10, no operand"]
    assert sum(difference.change for difference in differences) == other.cycles - one.cycles
    assert compare_causes({"memory": 3}, {"memory": 1, "softmax": 9}) == [("softmax", 0, 9, 9), ("memory", 3, 1, -2)]
    for name in ("layer 0", "ffn_down", "layers.0.ffn_down"):
        assert shift_between(one, other, name) == 0
    with pytest.raises(KeyError, match="has no layer 7"):
        shift_between(one, other, "layer 7")
