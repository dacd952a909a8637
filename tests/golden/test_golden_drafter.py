"""Each length of a match has a confidence of its own."""

from golden.units.confidence import PATIENCE
from golden.units.drafter import Drafter


def test_a_length_that_fails_leaves_the_others_alone():
    drafter = Drafter(1024)
    for token in range(100, 100 + PATIENCE):  # 1, and what followed it is always another
        for one in (1, token):
            drafter.add(one)
    for token in range(200, 200 + PATIENCE):
        for one in (token, 1):
            drafter.add(one)
        assert drafter.drafts(1)
        drafter.judge(True, False)
    for one in (9, 1):
        drafter.add(one)
    assert drafter.drafts(1) == []
    drafter.add(100)
    assert drafter.drafts(1) == [1]  # as it followed both
    drafter.clear()
    for token in (5, 6, 5):
        drafter.add(token)
    assert drafter.drafts(1) == [6]
