"""When drafts pause, pass by pass."""

from golden.units.confidence import FIRST_PAUSE, LAST_PAUSE, PATIENCE, Confidence


def tried_of(passes, right=lambda number: False):
    """Which of ``passes`` tried drafts that are there all the time."""
    confidence, found = Confidence(), []
    for number in range(passes):
        found.append(confidence.tries)
        confidence.judge(confidence.tries, right(number))
    return found


def test_wrong_drafts_pause_longer_and_longer():
    pauses, pause = [], FIRST_PAUSE
    while len(pauses) < 5:
        pauses += [pause]
        pause = min(2 * pause, LAST_PAUSE)
    expected = [True] * PATIENCE + [one for pause in pauses for one in [False] * pause + [True]]
    assert tried_of(len(expected)) == expected and pauses[-2:] == [LAST_PAUSE] * 2
    assert sum(tried_of(60)) <= 11 and sum(tried_of(250)) <= 14


def test_right_drafts_are_never_left_out():
    assert all(tried_of(100, lambda number: number % PATIENCE == PATIENCE - 1))


def test_a_right_draft_ends_doubt():
    """As many may be wrong then as at first."""
    last = PATIENCE + FIRST_PAUSE
    found = tried_of(last + 1 + PATIENCE + FIRST_PAUSE + 1, lambda number: number == last)
    assert found[last:] == [True] * (1 + PATIENCE) + [False] * FIRST_PAUSE + [True]


def test_passes_without_drafts_change_nothing_but_a_pause():
    confidence = Confidence()
    for _ in range(PATIENCE - 1):
        confidence.judge(True, False)
        confidence.judge(False, False)
    assert confidence.tries
    confidence.judge(True, False)
    for _ in range(FIRST_PAUSE):
        assert not confidence.tries
        confidence.judge(False, False)
    assert confidence.tries
    confidence.judge(True, False)
    confidence.clear()
    assert confidence == Confidence()
