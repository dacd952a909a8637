"""Every token has one place, and what is spread over words is met again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.layout import HeadLanes, met, spread


@given(st.integers(0, 5), st.data(), st.sampled_from([16, 32, 128]))
def test_every_slot_lies_in_one_lane_of_its_head(lanes_log2, data, block):
    heads = HeadLanes(1 << lanes_log2, data.draw(st.integers(0, lanes_log2)), block)
    filled = data.draw(st.integers(1, 5 * heads.share * block))
    seen = heads.slots(heads.positions(filled))
    for slot in {0, filled - 1, data.draw(st.integers(0, filled - 1))}:
        places = [heads.position(slot, lane) for lane in range(heads.lanes)]
        assert sum(place is not None for place in places) == 1 << heads.heads_log2
        for lane, place in enumerate(places):
            assert (seen[lane] == slot).sum() == (place is not None)
            assert place is None or seen[lane, place] == slot
    ranks, positions = heads.place(np.arange(filled))
    assert ranks.max() < heads.share and positions.max() == heads.positions(filled) - 1
    assert [heads.first_slot(position) for position in range(3)] == seen[0, :3].tolist()[: len(seen[0])] or filled < 3


@pytest.mark.parametrize("phases", [1, 2])
@pytest.mark.parametrize("atoms", [2, 8])
def test_what_is_spread_is_met(phases, atoms):
    values = np.random.default_rng(phases).integers(-128, 128, (3, phases * 16 * atoms)).astype(np.int8)
    words = spread(values, phases)
    assert words.shape == (3, atoms, 32)
    for phase in range(2):
        expected = values[:, 16 * atoms * phase :][:, : 16 * atoms] if phase < phases else 0
        assert (met(words, phase) == expected).all()
    assert (words[:, 1, 4 * 3 + 1] == values[:, 16 + 2 * 3 + 1]).all()
