"""The counts of an operation's beats and slices are those of its loop nest."""

from hypothesis import given
from hypothesis import strategies as st

from golden.formats.matrix import PHASES
from golden.units.sequencer import operation_beats, scale_beats, sequencer, slices


@given(
    st.sampled_from(["w2", "w4", "w8", "qk", "pv", "meta"]), st.integers(1, 9), st.integers(1, 40), st.integers(0, 4)
)
def test_counts(mode, outer, middle, params):
    inner = PHASES.get(mode, 1)
    beats = sequencer(mode, outer, middle, inner, params)
    assert operation_beats(mode, outer, middle, inner, params) == len(beats)
    assert slices(mode, outer) == sum(beat.get("swap", False) for beat in beats)
    if mode == "w4":
        kinds = [beat["kind"] == "scale" for beat in beats[params:]]
        assert scale_beats(outer * middle * inner).tolist() == kinds
