"""Runs in a process of their own end when they are told to, with everything that they have started."""

import threading
import time

import pytest
from viz.slow_runs import Kept, alive

from golden.errors import InputError
from myhdl_acc.viz.run_process import Cancelled, RunFailed, RunProcess


@pytest.fixture(scope="module")
def process():
    with RunProcess(Kept) as process:
        yield process


def test_what_a_runner_keeps_is_there_for_the_next_run(process):
    said = []
    first = process.run(("counted", None), said.append)
    assert process.run(("counted", None), said.append) == first + 1
    assert [text for text in said if text] == ["counting"] * 2


@pytest.mark.parametrize(
    "what, error, message",
    [
        ("refused", InputError, "^<no>$"),
        ("broken", RunFailed, "^ZeroDivisionError: <no>$"),
        ("dead", RunFailed, "ended unexpectedly"),
    ],
)
def test_errors_reach_who_asked_and_the_next_run_works(process, what, error, message):
    with pytest.raises(error, match=message):
        process.run((what, "<no>"))
    assert process.run(("counted", None)) >= 1


def cancelled_after(process, settings, word):
    """Start a run, cancel it once it has said ``word``; returns the seconds until run() came back."""
    begun, moments = threading.Event(), []

    def cancel():
        begun.wait(60)
        moments.append(time.monotonic())
        process.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        process.run(settings, lambda text: begun.set() if text == word else None)
    thread.join()
    return time.monotonic() - moments[0]


def test_cancel_ends_a_run_within_seconds_and_the_next_one_works(process):
    assert cancelled_after(process, ("slow", 300), "slow") < 60  # of 300; the browser's test looks at the second
    assert process.run(("counted", None)) == 1


def test_cancel_ends_the_compilers_as_well(process, tmp_path):
    marker = tmp_path / "pid"
    begun = threading.Event()

    def cancel():
        begun.wait(60)
        while not marker.exists() or not marker.read_text():
            time.sleep(0.02)
        process.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    with pytest.raises(Cancelled):
        process.run(("compiled", str(marker)), lambda text: begun.set() if text == "compiling" else None)
    thread.join()
    pid = int(marker.read_text())
    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid)
