"""The view of the cache against a look at every single slot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.lambda_attention import LambdaRule
from golden.layout import HeadLanes
from golden.units.cache_view import MARKS, CacheShape, cache_view


@st.composite
def shapes(draw):
    """A CacheShape and its LambdaRule; caches from one slot to some chunks."""
    lanes_log2, atoms_log2 = draw(st.integers(0, 3)), draw(st.integers(1, 3))
    lanes = HeadLanes(1 << lanes_log2, draw(st.integers(0, lanes_log2)), 16 << atoms_log2)
    chunk_log2 = atoms_log2 + 4 + draw(st.integers(0, 1))
    most = 5 * (lanes.share << chunk_log2) // 2
    rule = LambdaRule(draw(st.integers(0, 70)), draw(st.integers(1, most)))
    taps, renews = draw(st.integers(1, 2)), draw(st.booleans())
    spare = draw(st.sampled_from([0, 15]))
    return CacheShape(rule.capacity, rule.sinks, lanes, 2 << atoms_log2, chunk_log2, taps, renews, spare), rule


@st.composite
def passes(draw):
    """``(shape, rule, position, tokens)``."""
    shape, rule = draw(shapes())
    edges = st.sampled_from([0, shape.words, shape.lanes.block, shape.lanes.share << shape.chunk_log2, rule.capacity])
    near = st.builds(lambda edge, step: max(0, edge + step), edges, st.integers(-9, 9))
    position = draw(near | st.integers(0, 3 * rule.capacity))
    return shape, rule, position, shape.pass_tokens(position, draw(st.integers(1, 15)))


def ring(shape):
    """Of the slots: a window that counts those of evicted tokens."""
    return LambdaRule(shape.sinks, shape.slots - shape.sinks)


def chunk(shape, slot):
    """Which of a lane's operations has ``slot``, counted over whole rounds of the head's lanes."""
    return shape.lanes.place(slot)[1] >> shape.chunk_log2


@given(passes())
def test_a_pass_evicts_nothing_and_stays_in_a_chunk_or_evicts_as_many_and_stays_in_a_beat(one):
    shape, rule, position, tokens = one
    slots = [int(ring(shape).slot(position + n)) for n in range(tokens)]
    assert slots == list(range(slots[0], slots[0] + tokens))
    assert len({chunk(shape, slot) for slot in slots}) == 1
    if position < rule.capacity:
        assert position + tokens <= rule.capacity
    elif not shape.spare:
        assert len({slot // shape.words for slot in slots}) == 1 and (shape.renews or tokens == 1)


@given(passes())
def test_a_pass_overwrites_nothing_that_is_met(one):
    """With spare slots: each query still finds every token that the rule says, and what is left out is all else."""
    shape, rule, position, tokens = one
    if not shape.spare:
        return
    held = {int(ring(shape).slot(at)): at for at in range(position + tokens)}
    for query in range(position, position + tokens):
        met = {at for at in range(query + 1) if rule.meets(query, at)}
        assert met <= set(held.values())
        if position >= rule.capacity:
            own = int(ring(shape).slot(query))
            behind = {(own - rule.sinks + 1 + n) % (shape.slots - rule.sinks) + rule.sinks for n in range(shape.spare)}
            assert {held[slot] for slot in range(shape.slots) if slot not in behind} == met


@given(shapes(), st.data())
def test_a_pass_takes_all_that_it_can(shaped, data):
    shape, rule = shaped
    position, most = data.draw(st.integers(0, 2 * rule.capacity)), data.draw(st.integers(1, 15))
    tokens = shape.pass_tokens(position, most)
    following = position + tokens
    assert 1 <= tokens <= most
    if tokens == most:
        return
    last, after = int(ring(shape).slot(following - 1)), int(ring(shape).slot(following))
    if position < rule.capacity:
        assert following >= rule.capacity or chunk(shape, after) != chunk(shape, last)
    elif shape.spare:
        assert after != last + 1 or chunk(shape, after) != chunk(shape, last)
    else:
        assert not shape.renews or after != last + 1 or after % shape.words == 0


@given(passes())
def test_a_view_says_what_every_slot_says(one):
    shape, rule, position, tokens = one
    slot, lanes = int(ring(shape).slot(position)), shape.lanes
    view = cache_view(shape, position, slot, tokens)
    new = range(slot, slot + tokens)
    place = {each: int(lanes.place(each)[1]) for each in range(shape.slots)}
    full = position >= rule.capacity
    before = [place[each] for each in range(shape.slots if full else position)]
    used = [place[each] for each in range(shape.slots if full else position + tokens)]
    assert (view.position, view.slot, view.last, view.place) == (position, slot, tokens - 1, place[slot])
    assert view.filled == (shape.slots if full else position + 1) and view.full == full
    assert view.spare == full * shape.spare
    assert view.capped == rule.capped(position) and view.sinks == view.capped * rule.sinks
    assert view.renews == (view.full and tokens > 1 and not shape.spare)
    assert list(view.marks) == list(MARKS) and view.marks["none"] == 0
    assert view.marks["end"] == 1 + max(used)
    assert view.marks["old_end"] == 1 + max(before, default=-1)
    assert view.marks["sinks"] == 1 + max((place[each] for each in range(rule.sinks)), default=-1)
    assert view.marks["turn"] == min(place[each] for each in new) // lanes.block * lanes.block
    assert all(view.marks["new"] <= place[each] < view.marks["new_end"] for each in new)


@given(passes())
def test_the_new_piece_is_whole_beats_of_one_block_or_begins_one(one):
    shape, _, position, tokens = one
    marks = cache_view(shape, position, int(ring(shape).slot(position)), tokens).marks
    begin, end, block = marks["new"], marks["new_end"], shape.lanes.block
    assert begin % shape.words == 0
    assert end <= marks["end"] and (end % shape.words == 0 or end == marks["end"])
    assert begin % block == 0 or begin // block == (end - 1) // block


@pytest.mark.parametrize(
    ("heads_log2", "position", "tokens", "piece"),
    [
        (1, 5, 2, (4, 7)),  # up to what is in use
        (1, 30, 2, (28, 32)),
        (1, 30, 4, (0, 34)),  # a lane alone: from the block's beginning to the next one's tokens
        (0, 30, 4, (0, 32)),  # the other lane has the next block, whose first tokens lie where this one's do
        (0, 62, 4, (0, 34)),  # both have theirs, then the first one has the next
    ],
)
def test_the_new_piece(heads_log2, position, tokens, piece):
    """Of two lanes with blocks of 32 slots, four parameters to a beat."""
    shape = CacheShape(256, 0, HeadLanes(2, heads_log2, 32), 4, 6, 1, True)
    marks = cache_view(shape, position, position, tokens).marks
    assert (marks["new"], marks["new_end"]) == piece
