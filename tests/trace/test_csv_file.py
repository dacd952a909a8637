"""The CSV has every interval of every unit, with what was executed."""

import csv

from recorded import recorded

from myhdl_acc.trace.csv_file import COLUMNS, write_csv
from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.run import Run


def read_back(path):
    with open(path, newline="", encoding="utf-8") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def test_events(tmp_path):
    write_csv(tmp_path / "run.csv", Run(EventTable([Event(0, 6, "lane", 0, -1, 'w2, "odd"', "beat")])))
    assert read_back(tmp_path / "run.csv") == [("0", "6", "lane", "0", "-1", "beat", 'w2, "odd"', "")]
    assert (tmp_path / "run.csv").read_text().splitlines()[0].split(",") == list(COLUMNS)


def test_what_was_executed(tmp_path):
    write_csv(tmp_path / "run.csv", recorded())
    rows = read_back(tmp_path / "run.csv")
    waits = [row for row in rows if row[5] == "no_operand"]
    assert waits == [("8", "12", "lane", "0", "-1", "no_operand", "layers.0.ffn_down · w2", "embedding.rows · embed")]
    assert [row[6] for row in rows if row[2] == "vector"] == ["embedding.rows · embed", "layers.0.ffn_down · add"]
    assert sum(int(row[1]) - int(row[0]) for row in rows if row[2] == "lane") == 20
    assert sum(row[2] == "sink_r" for row in rows) == 3
