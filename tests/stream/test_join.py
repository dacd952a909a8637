"""stream_join: one word of each."""

import numpy as np
import pytest
from stream_designs import full_speed, make, words_for

from myhdl_acc.convert import convert
from myhdl_acc.convert.lint import lint_vhdl
from myhdl_acc.simulate import open_simulation
from myhdl_acc.stream import Bundle, Stream, signed, stream_join
from myhdl_acc.stream.exercise import exercise

FIELDS = ({"a": 13}, {"b": signed(7), "flag": 1}, {"wide": 65, "last": 1})


def join_of(branches):
    parts = FIELDS[:branches]
    whole = {name: width for part in parts for name, width in part.items()}
    return make(stream_join, sink=Bundle("ch", [Stream(**part) for part in parts]), source=Stream(**whole))


@pytest.mark.parametrize("branches", [1, 2, 3])
def test_words_meet(branches):
    design = join_of(branches)
    inputs = {name: words_for(design, name, 40, seed) for seed, name in enumerate(design.inputs)}
    runs = exercise(design, inputs, {"source": {k: v for words in inputs.values() for k, v in words.items()}})
    for transfers in runs["full_speed"].transfers.values():
        assert transfers.tolist() == full_speed(40)


def test_nothing_is_taken_before_all_are_there():
    design = make(stream_join, sink=Bundle("ch", [Stream(a=4), Stream(b=4)]), source=Stream(a=4, b=4))
    words = {"sink_ch00": {"a": np.arange(2)}, "sink_ch01": {"b": np.arange(2)}}
    with open_simulation(design) as simulation:
        run = simulation.run(words, {"source": 2}, gaps={"sink_ch01": np.array([3, 2])}, record=True)
    for transfers in run.transfers.values():
        assert transfers.tolist() == [3, 6]
    assert run.counts["sink_ch00"]["stalled"] == 5


def test_as_many_branches_as_an_integer_has_bits(tmp_path):
    """VHDL's integers end before a mask of 32 branches."""
    parts = [{f"f{number:02d}": 1} for number in range(32)]
    whole = {name: width for part in parts for name, width in part.items()}
    design = make(stream_join, sink=Bundle("ch", [Stream(**part) for part in parts]), source=Stream(**whole))
    lint_vhdl(convert(design, "vhdl", tmp_path))


@pytest.mark.parametrize(
    "sinks, source, message",
    [
        (({"a": 4}, {"a": 4}), {"a": 4}, "cannot give"),
        (({"a": 4}, {"b": 4}), {"a": 4}, "cannot give"),
        (({"a": 4}, {"b": 4}), {"a": 4, "b": 5}, "4 bits in one stream, 5 in the other"),
    ],
)
def test_fields_must_match(sinks, source, message):
    design = make(stream_join, sink=Bundle("ch", [Stream(**fields) for fields in sinks]), source=Stream(**source))
    with pytest.raises(ValueError, match=message):
        open_simulation(design)
