"""Hands the program's instructions to the units, and says how the program ended."""

from myhdl import Signal, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.control.isa import COMMON, UNITS
from myhdl_acc.rtl.control.register_map import STATUS

#: Cycles in a row in which all units must be idle: longer than an instruction needs from one unit's queue to where it
#: shows, or a result from one unit to the next.
SETTLE = 8
PATIENCE = 4096  #: cycles in which the host must have been told how the run ended

IDLE, RUN, DRAIN, TELL, FLUSH = range(5)
_CONTROL, _ENGINE, _LOAD, _VECTOR = range(len(UNITS))
_UNIT_LAST = sum(COMMON["unit"])
_OK, _ILLEGAL, _NO_END, _TIMEOUT, _READ_ERROR, _WRITE_ERROR, _ENGINE_ERROR = (STATUS[name] for name in STATUS)


@entity(outputs=("progress", "outcome"))
def dispatch(clk, rst, sink, units, start, watchdog, walked, seen, progress, outcome):
    """Give the words of ``sink`` (Stream(word=256)), in order, to their unit's source of ``units``; those of the engine
    to ``read`` at the same time.

    A run begins while ``start`` is high and none is running: ``launch`` pulses. Once the program has ``walked.ended``
    (walk's ``said``), the run ends when ``settled``: ``seen.busy`` has been 0 for SETTLE cycles. A failure that the
    program is to blame for, ``walked.illegal`` or ``walked.overrun``, ends it at once. ``tell`` is high until the host
    was ``told``, or PATIENCE cycles have passed. Then ``stop`` throws away what still comes until ``seen.fetching`` is
    low, and ``done`` pulses, after which ``start`` must fall or the next run begins.

    ``outcome.code`` stays ``ok`` until a run fails: by the program, by one of the ``seen.error`` levels, or by the
    ``watchdog``. That is when for so many (32) cycles in a row, if not 0, no word was dispatched and ``seen.activity``
    was low. After a failure nothing is waited for but that the host is told. Then ``unit`` is that of an illegal word,
    ``stuck`` what ``seen.busy`` was, and every start ends at once until ``rst``. The records: see records.

    Latency 0, a word per cycle; a word with a full queue in front of it holds up all others.
    """
    state = Signal(intbv(0, min=0, max=5))
    limit, count = (Signal(intbv(0)[32:]) for _ in range(2))
    target = Signal(intbv(0)[_UNIT_LAST:])
    room, go, passed, settled, done_now, told = (Signal(bool(0)) for _ in range(6))
    open_now = Signal(bool(1))  # IDLE without a failure: a register, as much depends on the launch
    quiet = Signal(intbv(0, min=0, max=SETTLE + 1))
    waited = Signal(intbv(0, min=0, max=PATIENCE + 1))
    fault = Record(any=1, program=1, failed=1)
    judgement(state=state, limit=limit, walked=walked, dispatched=passed, seen=seen, fault=fault, outcome=outcome)
    for source in units.members().values():
        wire(sink.word, source.word)

    @always_comb
    def split():
        target.next = sink.word[_UNIT_LAST:]

    @always_comb
    def find_room():
        if target == _ENGINE:
            room.next = units.source_engine.ready and units.source_read.ready
        elif target == _LOAD:
            room.next = units.source_load.ready
        else:
            room.next = units.source_vector.ready

    @always_comb
    def judge():
        go.next = state == RUN and sink.valid
        passed.next = state == RUN and sink.valid and room
        settled.next = quiet == SETTLE
        told.next = seen.told or waited == PATIENCE

    @always_comb
    def offer():
        units.source_read.valid.next = go and target == _ENGINE and units.source_engine.ready
        units.source_engine.valid.next = go and target == _ENGINE and units.source_read.ready
        units.source_load.valid.next = go and target == _LOAD
        units.source_vector.valid.next = go and target == _VECTOR
        sink.ready.next = passed or state == FLUSH

    @always_comb
    def show():
        progress.launch.next = open_now and start
        progress.running.next = state != IDLE
        progress.settled.next = settled and not sink.valid
        progress.tell.next = state == TELL
        progress.stop.next = state == FLUSH
        progress.done.next = done_now
        outcome.number.next = count

    @always_seq(clk.posedge, reset=rst)
    def step():
        done_now.next = False
        if state == IDLE:
            waited.next = 0
            if start and not done_now:
                if fault.failed:
                    state.next = TELL
                else:
                    state.next = RUN
        elif state == TELL:
            if told:
                waited.next = 0
                # After a failure the units may never come to rest: the reset ends what is under way.
                if fault.failed:
                    state.next = IDLE
                    done_now.next = True
                else:
                    state.next = FLUSH
            else:
                waited.next = waited + 1
        elif fault.any or fault.program:
            state.next = TELL
        elif state == RUN:
            if walked.ended:
                state.next = DRAIN
        elif state == DRAIN:
            if settled:
                state.next = TELL
        elif not seen.fetching and not sink.valid:
            state.next = IDLE
            done_now.next = True

    @always_seq(clk.posedge, reset=rst)
    def admit():
        open_now.next = state == IDLE and not (start and not done_now) and not fault.failed

    @always_seq(clk.posedge, reset=rst)
    def words():
        if state == IDLE:
            if start and not done_now and not fault.failed:
                limit.next = watchdog
                count.next = 0
        elif passed:
            count.next = count + 1

    @always_seq(clk.posedge, reset=rst)
    def rest():
        if seen.busy != 0 or sink.valid:
            quiet.next = 0
        elif not settled:
            quiet.next = quiet + 1


@block
def judgement(clk, rst, state, limit, walked, dispatched, seen, fault, outcome):
    """Finds what fails, and keeps the first failure's ``code``, ``unit`` and ``stuck`` until ``rst``.

    ``fault.any``: the run must end at once. ``fault.program``: the program is to blame, and the instructions before are
    with their units. ``fault.failed``: a run has failed.
    """
    still = Signal(intbv(0)[32:])
    timeout = Signal(bool(0))
    status, cause = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])

    @always_comb
    def find():
        timeout.next = limit != 0 and still == limit
        fault.program.next = state == RUN and (walked.illegal or walked.overrun)
        fault.failed.next = status != _OK
        outcome.code.next = status

    @always_comb
    def find_cause():
        fault.any.next = timeout or seen.error.read or seen.error.write or seen.error.engine
        if seen.error.read:
            cause.next = _READ_ERROR
        elif seen.error.write:
            cause.next = _WRITE_ERROR
        elif seen.error.engine:
            cause.next = _ENGINE_ERROR
        elif timeout:
            cause.next = _TIMEOUT
        elif walked.overrun:
            cause.next = _NO_END
        else:
            cause.next = _ILLEGAL

    @always_seq(clk.posedge, reset=rst)
    def report():
        if state != IDLE and not fault.failed and (fault.any or fault.program):
            status.next = cause
            outcome.stuck.next = seen.busy
            if cause == _ILLEGAL:
                outcome.unit.next = walked.unit
            else:
                outcome.unit.next = 0

    @always_seq(clk.posedge, reset=rst)
    def watch():
        if state == IDLE or dispatched or seen.activity:
            still.next = 0
        elif still != limit:
            still.next = still + 1
