"""What a draft head may take of a text, whatever becomes of its drafts."""

from hypothesis import given
from hypothesis import strategies as st

from golden.units.balance import COST_BITS, MOST, PASS, Balance

_COSTS = st.integers(0, (1 << COST_BITS) - 1)


def taken(cost, outcomes):
    """``(more, tried)``: what passes with these ``outcomes`` took more than they gave, by PASS, and those that tried.
    An outcome counts where drafts are tried."""
    balance, more, tried = Balance(), 0, 0
    for accepted in outcomes:
        if balance.tries:
            more += cost - PASS * accepted
            tried += 1
        balance.judge(balance.tries, accepted, cost)
    return more, tried


@given(cost=_COSTS, outcomes=st.lists(st.integers(0, 3), max_size=400))
def test_the_loss_is_bounded_whatever_is_accepted(cost, outcomes):
    more, tried = taken(cost, outcomes)
    assert more <= MOST + cost + len(outcomes) - tried


def test_drafts_that_are_never_right_take_little_of_200_passes():
    for cost in range(PASS + 1):
        more, tried = taken(cost, [0] * 200)
        assert more / PASS <= 0.016 * 200 and (tried < 200 or cost <= 1)


@given(cost=st.integers(1, PASS))
def test_drafts_that_pay_are_never_left_out(cost):
    assert taken(cost, [1] * 300)[1] == 300


def test_a_pause_is_as_long_as_the_loss():
    balance, cost = Balance(MOST), 130
    for _ in range(MOST // cost + 1):
        assert balance.tries
        balance.judge(True, 0, cost)
    for _ in range(cost - MOST % cost):
        assert not balance.tries
        balance.judge(False, 0, cost)
    assert balance.tries
    balance.judge(True, 1, cost)
    assert balance.value == PASS - cost
    balance.judge(True, 3, cost)
    assert balance.value == MOST
    balance.judge(False, 0, cost)
    assert balance.value == MOST
    balance.value = -5
    balance.clear()
    assert balance == Balance()
