"""Every point ends as a row: on two processes, one of which dies, with a full disk, and when a sweep goes on."""

import errno

import fake_measures as fake
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from golden.errors import InputError
from myhdl_acc.report.sweep.columns import COLUMNS
from myhdl_acc.report.sweep.results import Results, read
from myhdl_acc.report.sweep.run import run


@pytest.fixture
def output(tmp_path):
    return tmp_path / "results.parquet"


def test_every_point_has_a_row_with_both_parts(client, points, output):
    seen = []
    assert run(client, points, Results(output, []), fake.figures, fake.area, seen.append) == 0
    rows = read(output)
    assert {row["key"] for row in rows} == {point.key for point in points} and len(seen) == len(points) == 12
    for row in rows:
        assert row["tokens_per_s"] == 100 * row["lanes"] / row["window"] and row["lut"] == row["lanes"] / 8
        assert list(row) == list(COLUMNS) and row["error"] is None and row["method"] == "composed"
        assert row["joules_per_token"] is None  # what nobody measured is not 0


def test_a_failed_point_leaves_its_error_and_the_others_their_figures(client, points, output):
    assert run(client, points, Results(output, []), fake.fails_at_two_lanes) == 4
    for row in read(output):
        failed = row["lanes"] == 2
        assert row["error"] == ("perf: two lanes are one too many" if failed else None)
        assert (row["tokens_per_s"] is None) == failed


def test_any_error_is_one_line(client, points, output):
    assert run(client, points[:1], Results(output, []), fake.breaks) == 1
    assert read(output)[0]["error"] == "ZeroDivisionError: by nothing"


def test_a_sweep_goes_on_where_it_was(client, points, output, tmp_path):
    run(client, points[:7], Results(output, []), fake.fails_at_two_lanes)
    first = {row["key"] for row in read(output) if row["error"] is None}
    counts = tmp_path / "counts"
    counts.mkdir()
    assert run(client, points, Results(output, read(output)), fake.Counts(counts)) == 0
    assert {path.name for path in counts.iterdir()} == {point.key for point in points} - first
    assert len(read(output)) == 12 and all(row["error"] is None for row in read(output))


def test_a_worker_that_dies_costs_nothing(client, points, output, tmp_path):
    assert run(client, points, Results(output, []), fake.DiesOnce(tmp_path)) == 0
    assert (tmp_path / "died").exists() and len(read(output)) == 12


@pytest.fixture
def full_disk(monkeypatch):
    """From the second file on the disk is full."""
    written = []

    def write(table, file):
        written.append(len(table))
        if len(written) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        pq_write(table, file)

    pq_write = pq.write_table
    monkeypatch.setattr("myhdl_acc.report.sweep.results.pq.write_table", write)
    monkeypatch.setattr("myhdl_acc.report.sweep.results._PAUSE", -1)


def test_a_full_disk_keeps_what_there_is(client, points, output, full_disk):
    with pytest.raises(InputError, match=r"cannot write .*results.parquet: No space left on device"):
        run(client, points, Results(output, []), fake.figures)
    assert len(read(output)) == 1 and [path.name for path in output.parent.iterdir()] == [output.name]


def test_a_file_of_an_earlier_version(output):
    pq.write_table(pa.table({"key": ["k"], "lanes": [2]}), output)
    (row,) = read(output)
    assert list(row) == list(COLUMNS) and (row["lanes"], row["prefetch"], row["tokens_per_s"]) == (2, 64, None)
    pq.write_table(pa.table({"key": ["k"], "colour": [2]}), output)
    with pytest.raises(InputError, match="not results of this version"):
        read(output)
