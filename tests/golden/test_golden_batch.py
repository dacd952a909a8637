"""Sequences that share passes: what each pass takes of them, and how a run ends."""

import pytest

from golden.machine.fault import MachineFault
from golden.machine.request import CHOSEN, Request
from golden.machine.walk import Walk
from myhdl_acc.rtl.control.instruction import assemble

FIRST = 100  # of the tokens that are chosen: 100, 101, … by row, 110, 111, … in the next pass


def program(sequences=3, capacity=8, sinks=2):
    """Reads every row's token, and after each turn a token block at the sequence's place."""
    begin = f"control.pass capacity={capacity} sinks={sinks} chunk_log2=5 taps=1 sequences={sequences}\n"
    reads = "".join(f"engine.meta row={row} stride=1\n" for row in range(sequences))
    turns = "".join(
        f"control.sequence number={number}\nvector.values until=4\nvector.angle row={number}\n"
        for number in reversed(range(sequences))
    )
    return assemble(f"{begin}{reads}{turns}control.next target=0\ncontrol.end")


class Seen:
    """What a walk did, pass by pass: the ``tokens`` that were read, (filled, position) of the turns, ``positions``."""

    def __init__(self, request, stop_after=None, **shape):
        self.tokens, self.turns, self.positions = [], [], []

        def begin(angles, positions):
            for found in (self.tokens, self.turns):
                found.append([])
            self.positions.append(list(positions))

        def choose(row):
            return FIRST + 10 * (len(self.tokens) - 1) + row

        def stopped():
            return stop_after is not None and len(self.tokens) >= stop_after

        self.walk = Walk(program(**shape), request, 1, 32, 4, 4)
        for i in self.walk.instructions(begin, choose, stopped):
            if i.unit == "engine":
                self.tokens[-1].append(i["base"])
            elif i.op == "values":
                self.turns[-1].append(i["filled"])
            elif i.op == "angle":
                self.turns[-1][-1] = self.turns[-1][-1], i["position"]


PLACES = {"position": 5, "slot": 5, "others": ((0, 0), (9, 3))}


def test_prompts_of_different_lengths():
    """The first sequence has one token, the second three, the third two; they go on with what they chose."""
    prompt = (1, 2, 3, CHOSEN, 4, 5, CHOSEN, 6, CHOSEN)
    seen = Seen(Request(prompt, 12, **PLACES))
    assert seen.tokens == [[1, 2, 3], [100, 4, 5], [110, 6, 112], [120, 121, 122]]
    assert seen.positions == [[5, 0, 9], [6, 1, 10], [7, 2, 11], [8, 3, 12]]
    # Turns go from the last sequence to the first: the cache of 8 is full from position 8 on.
    assert seen.turns[0] == [(8, 9), (1, 0), (6, 5)] and seen.turns[3] == [(8, 12), (4, 3), (8, 8)]
    assert seen.walk.chosen == [100, 101, 102, 110, 111, 112, 120, 121, 122, 130, 131, 132]
    assert seen.walk.rows == [0, 1, 2] * 4 and seen.walk.reason == "count"


def test_a_prompt_alone():
    """Without choices the run ends with the prompt."""
    seen = Seen(Request((1, 2, 3, 4, 5, 6), 0, **PLACES))
    assert seen.tokens == [[1, 2, 3], [4, 5, 6]] and seen.walk.chosen == [] and seen.walk.reason == "count"
    assert seen.walk.position == 7


def test_an_end_token_of_any_row_ends_the_run_with_the_pass():
    seen = Seen(Request((1, 2, 3), 30, ends=(7, 111), **PLACES))
    assert seen.walk.chosen == [100, 101, 102, 110, 111, 112] and seen.walk.reason == "end"


def test_the_host_stops_a_run_with_the_pass():
    seen = Seen(Request((1, 2, 3), 30, **PLACES), stop_after=2)
    assert len(seen.walk.chosen) == 6 and seen.walk.reason == "stop"


@pytest.mark.parametrize(
    ("request_of", "message"),
    [
        (Request((1, 2, 3), 3, others=((0, 0),)), "the program is for 3 sequences, the request has 2"),
        (Request((1, 2), 3, others=((0, 0), (0, 0))), "2 tokens are not a multiple of 3 sequences"),
        (Request((1, 2, CHOSEN), 3, others=((0, 0), (0, 0))), "sequence 2 has chosen no token in this run"),
    ],
)
def test_requests_that_are_none(request_of, message):
    with pytest.raises(MachineFault, match=message):
        Seen(request_of)
