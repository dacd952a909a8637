"""What a draft head may take of a text, whatever becomes of its drafts."""

from hypothesis import given
from hypothesis import strategies as st

from golden.units.balance import COST_BITS, FIRST_INCOME, MOST, PASS, Balance

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
    good = sum(1 for accepted in outcomes if PASS * accepted > cost)  # what may make the head's credit whole again
    assert more <= (1 + good) * (MOST + 2 * cost) + len(outcomes) - tried


def test_drafts_that_are_never_right_take_little_of_200_passes():
    for cost in range(PASS + 1):
        more, tried = taken(cost, [0] * 200)
        assert more <= MOST + 2 * cost + 200 and (tried < 200 or 200 * cost <= MOST)
        assert cost > 0.6 * PASS or more / PASS <= 0.022 * 200


@given(cost=st.integers(1, PASS))
def test_drafts_that_pay_are_never_left_out(cost):
    assert taken(cost, [1] * 300)[1] == 300


def test_pauses_grow_until_the_credit_is_whole():
    balance, cost, pauses = Balance(), 150, []
    for _ in range(MOST // cost):
        balance.judge(True, 0, cost)
        assert balance.tries
    while len(pauses) < 8:
        balance.judge(True, 0, cost)
        pauses.append(0)
        while not balance.tries:
            balance.judge(False, 0, cost)
            pauses[-1] += 1
        assert balance.value == 0
    first = cost - MOST % cost
    assert pauses[0] == -(-first // FIRST_INCOME) and set(pauses[1:]) == {cost}
    balance.judge(True, 1, cost)
    assert balance.value == PASS - cost
    balance.judge(True, 3, cost)
    assert balance == Balance()
    balance.judge(False, 0, cost)
    assert balance == Balance()
    balance.judge(True, 0, MOST + 1)
    balance.judge(False, 0, cost)
    assert balance.value == 0 and FIRST_INCOME > 1
    balance.clear()
    assert balance == Balance()
