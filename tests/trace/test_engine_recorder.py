"""The recorder numbers the cycles of consecutive runs through."""

from types import SimpleNamespace

from myhdl_acc.trace.engine_recorder import EngineRecorder
from myhdl_acc.trace.events import Event


class Engine:
    """Stands in for a simulator: each run has one event and takes as many cycles as it has operations."""

    def execute(self, operations, gaps=None):
        count = len(operations)
        self.run = SimpleNamespace(cycles=count, events=[Event(0, count, "state", 0, -1, "", "value:1")])
        return [(operation.kind, gaps) for operation in operations]


def test_runs_follow_each_other():
    recorder = EngineRecorder(Engine())
    w2, qk = SimpleNamespace(kind="w2"), SimpleNamespace(kind="qk")
    assert recorder.execute([w2, w2, qk], gaps="g") == [("w2", "g"), ("w2", "g"), ("qk", "g")]
    recorder.recording = False
    recorder.execute([qk, qk])
    recorder.recording = True
    recorder.execute([qk])
    assert recorder.cycles == 6
    assert list(recorder.table) == [
        Event(0, 3, "lane", 0, -1, "w2+w2+qk", "beat"),
        Event(5, 6, "lane", 0, -1, "qk", "beat"),
    ]
