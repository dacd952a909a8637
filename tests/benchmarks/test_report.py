"""The page and the picture, of figures made up for the purpose and of a whole small run."""

import dataclasses
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.evaluation.page import HEAD, write_page
from benchmarks.evaluation.plot import pareto, write_plot
from benchmarks.evaluation.rows import Row
from golden.errors import InputError

SVG = "{http://www.w3.org/2000/svg}"


def figures(perplexity, bits, best):
    return {
        "perplexity": perplexity,
        "bits": bits,
        "tokens": 5000,
        "bytes": 1_234_567,
        "bytes_read": int(1000 * bits),
        "seconds_to_make": 1.26,
        "tokens_per_second": 77.7,
        "best": np.array(best),
    }


@pytest.fixture
def results(tiny):
    """One subject with all but one row, one with nothing that the others could be compared with."""
    found = {
        "float": figures(20.0, 32, [1, 2, 3, 4]),
        "w8 nearest": figures(21.0, 8, [1, 2, 3, 5]),
        "w4 nearest": figures(30.0, 4.25, [1, 2, 0, 0]),
        "w4 <gptq>": figures(25.0, 4.25, [1, 2, 3, 0]),
        "w2 nearest": figures(20000.0, 2.0, [0, 0, 0, 4]),
        "w2 trained": "it is not there",
    }
    missing = dataclasses.replace(tiny, name="absent", cycles=None)
    return {tiny: found, missing: dict.fromkeys(found, "no package")}


def tables(page):
    """Each table's lines as lists of cells."""
    found = re.findall(r"(?:^\|.*\|\n)+", page, re.MULTILINE)
    return [[[cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines()] for table in found]


def test_the_kept_page_says_what_a_new_one_would():
    kept = Path(__file__).parents[2] / "docs" / "accuracy.md"
    assert kept.read_text("utf-8").startswith(HEAD)


def test_page(tmp_path, results, tiny):
    streams = {
        tiny: {"tokens": 1536, "parts": {"float, dense": [10.0, 20.0], "w8": [11.0, 30.0]}},
        dataclasses.replace(tiny, name="absent"): "no run yet",
    }
    write_page(tmp_path / "page.md", results, streams)
    page = (tmp_path / "page.md").read_text("utf-8")
    rows, parts = tables(page)
    assert {len(line) for line in rows} == {9} and {len(line) for line in parts} == {4}
    lines = {line[0]: line[1:] for line in rows}
    assert lines["float"] == ["32.00", "20", "1", "100.0 %", "1,234,567", "", "1.3", "78"]
    assert lines["w8 nearest"] == ["8.00", "21", "1.05", "75.0 %", "1,234,567", "225,000*", "1.3", "78"]
    assert lines["w2 nearest"][2:4] == ["1000", "25.0 %"] and not lines["w2 nearest"][5].endswith("*")
    assert "w2 trained" not in lines and "\n* w2 trained: not measured; it is not there\n" in page
    assert "5,000 tokens; Λ is 4 sinks and a window of 6. Compared with: float.\n" in page
    assert "## absent\n\nNot measured: no package\n" in page
    assert "1,536 tokens of *Persuasion* without a fresh start, 128 times what attention spans" in page
    assert parts[0] == ["part", "1", "2", "all"]
    assert parts[2:] == [
        ["float, dense", "10.0", "20.0", "12.6"],  # the second part is half as long
        ["w8", "11.0 (1.10)", "30.0 (1.50)", "15.4 (1.22)"],
    ]
    assert page.endswith("## absent on a long stream\n\nNot measured: no run yet\n")


def test_no_half_page(tmp_path, results, tiny):
    del results[tiny]["w8 nearest"]["bytes"]
    with pytest.raises(KeyError):
        write_page(tmp_path / "page.md", results, {})
    assert list(tmp_path.glob("page*")) == []


def test_pareto():
    points = [(2, 9), (4, 5), (4, 6), (8, 5), (8, 1), (8, 1), (9, 1)]
    assert pareto(points) == [0, 1, 4, 5]
    assert pareto([]) == []


def test_plot(tmp_path, results):
    write_plot(tmp_path / "plot.svg", results)
    root = ElementTree.parse(tmp_path / "plot.svg").getroot()
    assert root.tag == SVG + "svg"
    points = [circle for circle in root.iter(SVG + "circle") if circle.find(SVG + "title") is not None]
    titles = [circle.find(SVG + "title").text for circle in points]
    assert titles[:4] == [
        "w8 nearest: 1.050 × float, 8.00",
        "w4 nearest: 1.500 × float, 4.25",
        "w4 <gptq>: 1.250 × float, 4.25",
        "w2 nearest: 1000.000 × float, 2.00",
    ]
    assert len(points) == 8 and [title.split(":")[0] for title in titles[4:]] == [t.split(":")[0] for t in titles[:4]]
    bits, speed = points[:4], points[4:]
    # Fewer bits are to the left and faster ones to the right; what loses more is higher, and never outside.
    x, y = ([float(circle.get(axis)) for circle in bits] for axis in ("cx", "cy"))
    assert x[0] > x[1] == x[2] > x[3] and y[0] > y[2] > y[1] > y[3] >= 56
    right = [float(circle.get("cx")) for circle in speed]
    assert right[0] < right[1] == right[2] < right[3] < float(root.get("width"))
    for panel in (bits, speed):
        assert [circle.get("stroke") is not None for circle in panel] == [True, False, True, True]
    legend = [text.text for text in root.iter(SVG + "text")]
    assert {"tiny", "absent", "bits per weight of the layers' matrices"} <= set(legend)


def test_plot_of_nothing(tmp_path, tiny):
    write_plot(tmp_path / "plot.svg", {tiny: {"float": "no package"}})
    assert not ElementTree.parse(tmp_path / "plot.svg").getroot().findall(f"{SVG}polyline")


def test_a_whole_run(tmp_path, tiny, monkeypatch, capsys):
    rows = [Row("float", options={}), Row("w8 nearest", arguments=("--weights", "w8")), Row("w2 trained", trained="w2")]
    monkeypatch.setattr(accuracy, "SUBJECTS", (tiny,))
    monkeypatch.setattr(accuracy, "rows", lambda subject: iter(rows))
    assert accuracy.main(["-o", str(tmp_path / "docs"), "--tokens", "30"]) == 0
    rows, parts = tables((tmp_path / "docs" / "accuracy.md").read_text("utf-8"))
    assert [line[0] for line in rows[2:]] == ["float", "w8 nearest"] and len(parts) == 2 + 4
    assert ElementTree.parse(tmp_path / "docs" / "accuracy.svg").getroot().findall(f"{SVG}circle")
    assert "tiny: w2 trained: " in capsys.readouterr().out


def test_bad_arguments(tiny, monkeypatch, capsys):
    monkeypatch.setattr(accuracy, "SUBJECTS", (tiny,))
    with pytest.raises(InputError, match="no model 'nonsense'; there are tiny"):
        accuracy.main(["--models", "nonsense"])
    with pytest.raises(SystemExit) as left:
        accuracy.main(["--tokens", "1"])
    assert left.value.code == 2 and "--tokens must be at least 2" in capsys.readouterr().err
