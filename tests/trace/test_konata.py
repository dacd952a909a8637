"""The Konata export, read line by line as the viewer reads it, shows every stage in its cycles."""

import pytest
from recorded import recorded

from golden.errors import InputError
from myhdl_acc.trace.events import EventTable
from myhdl_acc.trace.konata import write_konata
from myhdl_acc.trace.run import Run


def read_back(path):
    """``({number: label}, {number: [(stage, start)]}, {number: end}, [(cycle, consumer, producer)])``."""
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    assert lines[0] == ["Kanata", "0004"] and lines[1][0] == "C="
    now, labels, stages, ends, wakes, opened, retired = 0, {}, {}, {}, [], {}, 0
    for name, *rest in lines[1:]:
        if name in ("C=", "C"):
            now = int(rest[0]) + (now if name == "C" else 0)
            continue
        number = int(rest[0])
        if name == "I":
            assert number == len(stages)  # they are numbered as they appear
            stages[number] = []
        elif name == "L" and rest[1] == "0":
            labels[number] = rest[2]
        elif name == "S":
            assert number not in opened
            opened[number] = rest[2]
            stages[number].append((rest[2], now))
        elif name == "E":
            assert opened.pop(number) == rest[2]
        elif name == "W":
            assert number not in ends and int(rest[1]) in stages
            wakes.append((now, number, int(rest[1])))
        elif name == "R":
            assert number not in opened and int(rest[1]) == retired
            ends[number] = now
            retired += 1
    return labels, stages, ends, wakes


def test_reads_back(tmp_path):
    write_konata(tmp_path / "run.kanata", recorded())
    labels, stages, ends, wakes = read_back(tmp_path / "run.kanata")
    assert list(labels.values()) == [
        "0: embedding.rows · meta",
        "1: embedding.rows · embed",
        "3: layers.0.ffn_down · w2",
        "4: layers.0.ffn_down · add",
    ]
    assert stages == {
        0: [("no command", 0), ("memory", 3), ("X beat", 5)],
        1: [("X embed", 2)],
        2: [("X beat", 7), ("no operand", 8), ("X beat", 12)],
        3: [("X add", 11)],
    }
    assert ends == {0: 7, 1: 10, 2: 17, 3: 19}
    assert wakes == [(11, 2, 1)]  # in the wait's last cycle, while the command is under way


def test_a_run_without_instructions(tmp_path):
    with pytest.raises(InputError, match="only a token's run"):
        write_konata(tmp_path / "run.kanata", Run(EventTable()))
    assert not (tmp_path / "run.kanata").exists()
