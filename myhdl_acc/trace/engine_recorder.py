"""One event table of many engine runs, one after the other."""

from myhdl_acc.trace.engine_events import engine_table
from myhdl_acc.trace.events import EventTable


class EngineRecorder:
    """Wraps an RtlEngine that records; ``execute`` does the same and files what happened in ``table``.

    The cycles of the runs are numbered through; ``op`` of the events is the kinds of the run's operations,
    ``w2+w2+w2``. A run that has ended while ``recording`` is False counts its cycles and leaves no events.
    """

    def __init__(self, engine):
        self.engine = engine
        self.table = EventTable()
        self.recording = True
        self.cycles = 0

    def execute(self, operations, gaps=None):
        """RtlEngine.execute()."""
        results = self.engine.execute(operations, gaps)
        if self.recording:
            op = "+".join(operation.kind for operation in operations)
            self.table.extend_table(engine_table(self.engine.run.events), self.cycles, op)
        self.cycles += self.engine.run.cycles
        return results
