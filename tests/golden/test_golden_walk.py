"""The walk through a small program against lists of tokens."""

from itertools import count as numbers

import pytest
from hypothesis import given
from hypothesis import strategies as st

from golden.machine import MachineFault
from golden.machine.request import Request
from golden.machine.text import MOST_TOKENS
from golden.machine.walk import Walk
from golden.units.resolve import WHEN
from myhdl_acc.rtl.control.instruction import assemble

BLOCK, WORDS = 32, 4  # of two atoms
FIRST = 100  # the first choice; the others follow it


def program(capacity=64, sinks=2, rows=4):
    """Reads every token's row of memory: a read's address is its token."""
    begin = f"control.pass capacity={capacity} sinks={sinks} chunk_log2=5 renews=1\n"
    reads = "".join(f"engine.meta row={row} stride=1\n" for row in range(rows))
    return assemble(f"{begin}{reads}control.next target=0\ncontrol.end")


class Seen:
    """What a walk did: the tokens of ``passes``, and the rows of choices, whose tokens are FIRST, FIRST + 1, …"""

    def __init__(self, text, request, rows=4, stop_after=None):
        self.passes, self.choices, self.angles, self.executed = [], [], [], []
        choices = numbers(FIRST)

        def begin(angles, positions):
            self.passes.append([])
            self.angles.append(angles)

        def choose(row):
            self.choices.append(row)
            return next(choices)

        self.walk = Walk(text, request, 1, BLOCK, WORDS, rows)

        def stopped():
            return stop_after is not None and len(self.passes) >= stop_after

        for instruction in self.walk.instructions(begin, choose, stopped):
            self.executed.append(instruction)
            if instruction.unit == "engine":
                self.passes[-1].append(instruction["base"])


def parts(prompt, position, capacity, sinks, most):
    """The prompt in passes, token by token: another one begins where one more would be too many, or lie in another
    block of 32 slots, or be the first that evicts. Past it, where it would lie in another beat of parameters, or have
    gone round the ring."""
    found = []
    for at, token in enumerate(prompt, position):
        slot = slot_of(at, capacity, sinks)
        fits = slot % BLOCK if at < capacity else at > capacity and slot % WORDS and slot != sinks
        together = found and len(found[-1]) < most and fits
        found[-1:] = [found[-1] + [token]] if together else [*found[-1:], [token]]
    return found


def slot_of(position, capacity, sinks):
    return position if position < capacity else sinks + (position - sinks) % (capacity - sinks)


@given(
    st.integers(1, 90), st.integers(0, 5), st.integers(0, 80), st.sampled_from([(33, 0), (64, 2), (80, 79)]),
    st.sampled_from([2, 4, 16]),
)  # fmt: skip
def test_a_prompt_is_taken_and_tokens_are_chosen(length, count, position, cache, rows):
    capacity, sinks = cache
    prompt = list(range(length))
    request = Request(tuple(prompt), count, position, slot_of(position, *cache))
    seen = Seen(program(capacity, sinks, rows), request, rows)
    taken = parts(prompt, position, *cache, min(rows, MOST_TOKENS))
    fed = [[FIRST + n] for n in range(count - 1)]
    assert seen.passes == taken + fed
    assert seen.choices == [len(taken[-1]) - 1] * (count > 0) + [0] * (count - 1)
    assert seen.walk.chosen == list(range(FIRST, FIRST + count)) and seen.walk.reason == "count"
    assert seen.walk.position == position + length + len(fed)
    assert seen.executed[-1].op == "end"


@pytest.mark.parametrize(("ends", "chosen", "reason"), [
    ((FIRST,), 1, "end"), ((7, FIRST + 2), 3, "end"), ((FIRST + 4,), 5, "end"), ((FIRST + 5, 3), 5, "count"),
])  # fmt: skip
def test_an_end_token_ends_it(ends, chosen, reason):
    """Of the prompt's tokens none does."""
    walk = Seen(program(), Request((7, 3), 5, ends=ends)).walk
    assert len(walk.chosen) == chosen and walk.reason == reason and walk.position == 2 + chosen - 1


@pytest.mark.parametrize("stop_after", range(1, 8))
def test_a_stop_ends_it_after_the_pass_under_way(stop_after):
    """Three passes take the prompt, the last one chooses."""
    seen = Seen(program(), Request(tuple(range(12)), 3), stop_after=stop_after)
    passes = min(stop_after, 5)
    assert len(seen.passes) == passes and len(seen.walk.chosen) == max(0, passes - 2)
    assert seen.walk.reason == ("stop" if stop_after < 5 else "count")
    assert seen.walk.position == [4, 8, 12, 13, 14][passes - 1]


def test_angles_are_there_after_a_choice():
    assert Seen(program(), Request(tuple(range(12)), 3)).angles == [False, False, False, True, True]


def test_the_ring_of_slots():
    """The sinks stay."""
    text = assemble(
        "control.pass capacity=5 sinks=2 chunk_log2=5\nengine.meta patch=1 until=4 row=0\ncontrol.next\ncontrol.end"
    )
    seen = Seen(text, Request((0,), 9))
    assert [i["slot"] for i in seen.executed[:-1]] == [0, 1, 2, 3, 4, 2, 3, 4, 2]


def test_loops():
    """Each repetition is ``stride`` beats further on; what is not layered stays where it is."""
    text = assemble(
        """control.pass capacity=64 chunk_log2=5
        engine.meta base=5 layered=1
        engine.meta base=1
        control.repeat target=1 count=3 stride=10
        engine.meta base=1000 layered=1
        control.repeat target=4 count=2 stride=7
        engine.meta base=2000 layered=1
        control.next
        control.end"""
    )
    once = [5, 1, 15, 1, 25, 1, 1000, 1007, 2000]
    assert Seen(text, Request((0,), 2)).passes == [once, once]


@pytest.mark.parametrize(
    ("when", "taken"),
    [("always", [1, 1, 1, 1]), ("several", [1, 1, 0, 0]), ("logits", [0, 1, 1, 1]), ("angles", [1, 1, 0, 0]),
     ("capped", [0, 0, 0, 1]), ("logits_capped", [0, 0, 1, 1])],
)  # fmt: skip
def test_jumps(when, taken):
    """Passes at 0 and 4, then two tokens at 7 and 8; the cache of 8 is full when the last one comes."""
    text = assemble(
        f"""control.pass capacity=8 sinks=2 chunk_log2=5
        control.jump target=4 when={WHEN.index(when)}
        engine.meta base=0
        control.jump target=5
        engine.meta base=1
        control.next
        control.end"""
    )
    assert Seen(text, Request(tuple(range(7)), 3)).passes == [[each] for each in taken]


def test_logits_of_choices_lie_one_behind_the_other():
    text = assemble("control.pass capacity=64 chunk_log2=5\nvector.logits address=50 when=2\ncontrol.next\ncontrol.end")
    executed = Seen(text, Request(tuple(range(6)), 3, logits_step=10)).executed
    assert [(i["address"], i["row"]) for i in executed[:-1]] == [(50, 1), (60, 0), (70, 0)]


def test_a_program_must_end():
    with pytest.raises(MachineFault, match=r"no control\.end"):
        Seen(program()[:-1], Request((0,), 1))
