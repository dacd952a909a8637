"""stream_fork: every consumer gets every word, each in its own time."""

import numpy as np
import pytest
from stream_designs import full_speed, make, mixed, words_for

from myhdl_acc.hdl.convert import convert
from myhdl_acc.hdl.stream import Array, Stream, stream_fork
from myhdl_acc.simulate import open_simulation
from myhdl_acc.simulate.exercise import exercise
from myhdl_acc.simulate.lint import lint_vhdl


def fork_to(branches, stream=mixed):
    return make(stream_fork, sink=stream(), source=Array("ch", [stream() for _ in range(branches)]))


@pytest.mark.parametrize("branches", [1, 2, 3, 5])
def test_every_branch_gets_every_word(branches):
    design = fork_to(branches)
    words = words_for(design, "sink", 40)
    runs = exercise(design, {"sink": words}, {name: words for name in design.outputs})
    for transfers in runs["full_speed"].transfers.values():
        assert transfers.tolist() == full_speed(40)


def test_a_slow_branch_does_not_withhold_the_word_from_the_others():
    design = fork_to(2, lambda: Stream(data=4))
    with open_simulation(design) as simulation:
        run = simulation.run(
            {"sink": {"data": np.arange(3)}},
            {"source_ch00": 3, "source_ch01": 3},
            gaps={"source_ch01": np.array([4, 0, 4])},
            record=True,
        )
    assert run.transfers["source_ch00"].tolist() == [0, 5, 6]
    assert run.transfers["source_ch01"].tolist() == [4, 5, 10]
    assert run.transfers["sink"].tolist() == [4, 5, 10]


def test_as_many_branches_as_an_integer_has_bits(tmp_path):
    """VHDL's integers end before a mask of 32 branches."""
    lint_vhdl(convert(fork_to(32, lambda: Stream(data=4)), "vhdl", tmp_path))
