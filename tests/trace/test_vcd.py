"""The VCD export, read back with pyvcd's own reader, shows every track's state in every cycle."""

from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import recorded
from vcd.reader import TokenKind, tokenize

from myhdl_acc.trace.events import Event, EventTable
from myhdl_acc.trace.run import Run
from myhdl_acc.trace.vcd import NOTHING, write_vcd


def read_back(path):
    """{(scope, variable): [(cycle, value), …]} and the last time stamp."""
    scope, variables, changes, now = [], {}, {}, 0
    with open(path, "rb") as file:
        for token in tokenize(file):
            if token.kind is TokenKind.SCOPE:
                scope.append(token.scope.ident)
            elif token.kind is TokenKind.UPSCOPE:
                scope.pop()
            elif token.kind is TokenKind.VAR:
                variables[token.var.id_code] = (".".join(scope), token.var.reference)
            elif token.kind is TokenKind.CHANGE_TIME:
                now = token.time_change
            elif token.kind is TokenKind.CHANGE_STRING:
                changes.setdefault(variables[token.string_change.id_code], []).append((now, token.string_change.value))
    return changes, now


def test_reads_back(tmp_path):
    table = EventTable(
        [
            Event(2, 3, "lane", 0, -1, "w2", "beat"),
            Event(3, 4, "lane", 0, -1, "w2", "no_beat"),
            Event(6, 9, "lane", 0, -1, "", "no_command"),
            Event(0, 4, "lane", 1, 7, "", "beat"),
            Event(0, 10, "sink load", -1, -1, "", "idle"),
            Event(0, 1, "sink_load", -1, -1, "", "transfer"),
        ]
    )
    write_vcd(tmp_path / "trace.vcd", Run(table))
    changes, end = read_back(tmp_path / "trace.vcd")
    assert changes == {
        ("lane", "lane0_state"): [
            (0, NOTHING),
            (2, "beat"),
            (3, "no_beat"),
            (4, NOTHING),
            (6, "no_command"),
            (9, NOTHING),
        ],
        ("lane", "lane1_row7_state"): [(0, "beat"), (4, NOTHING)],
        ("sink_load", "state"): [(0, "idle"), (10, NOTHING)],
        ("sink_load_", "state"): [(0, "transfer"), (1, NOTHING)],
    }
    assert end == 10


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4), st.sampled_from("abc")), min_size=1, max_size=30))
def test_any_run(tmp_path_factory, runs):
    events, cycle, expected = [], 0, {}
    for gap, length, state in runs:
        cycle += gap
        events.append(Event(cycle, cycle + length, "u", -1, -1, "", state))
        expected |= dict.fromkeys(range(cycle, cycle + length), state)
        cycle += length
    path = tmp_path_factory.mktemp("vcd") / "trace.vcd"
    write_vcd(path, Run(EventTable(reversed(events))))
    changes, _ = read_back(path)
    shown, values = {}, dict(changes["u", "state"])
    value = NOTHING
    for now in range(cycle):
        value = values.get(now, value)
        shown[now] = value
    assert {now: state for now, state in shown.items() if state != NOTHING} == expected


def test_empty(tmp_path):
    write_vcd(tmp_path / "trace.vcd", Run(EventTable()))
    assert read_back(tmp_path / "trace.vcd")[0] == {}


def test_what_was_executed(tmp_path):
    write_vcd(tmp_path / "trace.vcd", recorded())
    changes, _ = read_back(tmp_path / "trace.vcd")
    assert changes["lane", "lane0_command"] == [
        (0, "embedding.rows:meta"),
        (7, "layers.0.ffn_down:w2"),
        (17, NOTHING),
    ]
    assert changes["vector", "instruction"][1:3] == [(2, "embedding.rows:embed"), (10, NOTHING)]


def test_fill_of_the_queues(tmp_path):
    write_vcd(tmp_path / "trace.vcd", recorded(wait=80))
    assert "$var integer 64" in (tmp_path / "trace.vcd").read_text()
