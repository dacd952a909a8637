"""Hands the program's instructions to the units, and says how the program ended."""

from myhdl import Signal, always_comb, always_seq, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.control.instruction_check import instruction_check
from myhdl_acc.rtl.control.isa import COMMON, UNITS
from myhdl_acc.rtl.control.register_map import STATUS

#: Cycles in a row in which all units must be idle: longer than an instruction needs from one unit's queue to where it
#: shows, or a result from one unit to the next.
SETTLE = 8

IDLE, RUN, DRAIN, FLUSH = range(4)
_CONTROL, _READ, _ENGINE, _LOAD, _VECTOR = range(len(UNITS))
_UNIT_LAST = sum(COMMON["unit"])
_OK, _ILLEGAL, _NO_END, _TIMEOUT, _READ_ERROR, _WRITE_ERROR, _ENGINE_ERROR = (STATUS[name] for name in STATUS)


@entity(outputs=("progress", "outcome"))
def dispatch(clk, rst, sink, units, start, arguments, seen, progress, outcome):
    """Give the ``arguments.instructions`` words of ``sink`` (Stream(word=256)), in order, to their unit's source of
    ``units``.

    A run begins while ``start`` is high and none is running: ``launch`` pulses, the ``arguments`` are taken. It ends
    with a pulse of ``done``, after which ``start`` must fall or the next run begins. ``end`` waits until ``seen.busy``
    is 0 for SETTLE cycles. It, and a failure that the program is to blame for, raise ``stop`` and throw away what still
    comes until ``seen.fetching`` is low.

    ``outcome.code`` stays ``ok`` until a run fails: by an illegal word; by the end of the words without ``end``;
    because for ``arguments.watchdog`` cycles in a row (0: never) no word was dispatched and ``seen.activity`` was low;
    or by one of the ``seen.error`` levels. Then ``unit`` is the unit field of the word at ``sink``, ``stuck`` what
    ``seen.busy`` was, and every start ends at once until ``rst``. The records: see records.

    Latency 0, a word per cycle; a word with a full queue in front of it holds up all others.
    """
    state = Signal(intbv(0, min=0, max=4))
    left, limit, count = (Signal(intbv(0)[32:]) for _ in range(3))
    target = Signal(intbv(0)[_UNIT_LAST:])
    illegal, room, go, passed, at_end, settled, dispatched, done_now = (Signal(bool(0)) for _ in range(8))
    quiet = Signal(intbv(0, min=0, max=SETTLE + 1))
    fault = Record(any=1, program=1, failed=1)
    instruction_check(word=sink.word, illegal=illegal)
    judgement(
        state=state,
        left=left,
        limit=limit,
        word=Record(valid=sink.valid, illegal=illegal, unit=target),
        dispatched=dispatched,
        seen=seen,
        fault=fault,
        outcome=outcome,
    )
    for source in units.members().values():
        wire(sink.word, source.word)

    @always_comb
    def split():
        target.next = sink.word[_UNIT_LAST:]

    @always_comb
    def find_room():
        if target == _READ:
            room.next = units.source_read.ready
        elif target == _ENGINE:
            room.next = units.source_engine.ready
        elif target == _LOAD:
            room.next = units.source_load.ready
        elif target == _VECTOR:
            room.next = units.source_vector.ready
        else:
            room.next = target == _CONTROL

    @always_comb
    def judge():
        go.next = state == RUN and left != 0 and sink.valid and not illegal
        passed.next = state == RUN and left != 0 and sink.valid and not illegal and room
        settled.next = quiet == SETTLE

    @always_comb
    def classify():
        at_end.next = passed and target == _CONTROL
        dispatched.next = passed or (state == FLUSH and sink.valid)

    @always_comb
    def offer():
        units.source_read.valid.next = go and target == _READ
        units.source_engine.valid.next = go and target == _ENGINE
        units.source_load.valid.next = go and target == _LOAD
        units.source_vector.valid.next = go and target == _VECTOR
        sink.ready.next = passed or state == FLUSH

    @always_comb
    def show():
        progress.launch.next = state == IDLE and start and not done_now and not fault.failed
        progress.running.next = state != IDLE
        progress.stop.next = state == FLUSH
        progress.done.next = done_now
        outcome.number.next = count

    @always_seq(clk.posedge, reset=rst)
    def step():
        done_now.next = False
        if state == IDLE:
            if start and not done_now:
                if fault.failed:
                    done_now.next = True
                else:
                    state.next = RUN
        elif fault.any:
            # The units may never come to rest: what is under way is left to the reset.
            state.next = IDLE
            done_now.next = True
        elif state == RUN:
            if fault.program:
                state.next = FLUSH
            elif at_end:
                state.next = DRAIN
        elif state == DRAIN:
            if settled:
                state.next = FLUSH
        elif not seen.fetching and not sink.valid:
            state.next = IDLE
            done_now.next = True

    @always_seq(clk.posedge, reset=rst)
    def words():
        if state == IDLE:
            if start and not done_now and not fault.failed:
                left.next = arguments.instructions
                limit.next = arguments.watchdog
                count.next = 0
        elif passed:
            left.next = left - 1
            count.next = count + 1

    @always_seq(clk.posedge, reset=rst)
    def rest():
        if state != DRAIN or seen.busy != 0:
            quiet.next = 0
        elif not settled:
            quiet.next = quiet + 1


@block
def judgement(clk, rst, state, left, limit, word, dispatched, seen, fault, outcome):
    """Finds what fails, and keeps the first failure's ``code``, ``unit`` and ``stuck`` until ``rst``.

    ``word``: the next one's ``valid``, ``illegal`` and ``unit``. ``fault.any``: the run must end at once;
    ``fault.program``: the program is to blame, the instructions before are with their units; ``fault.failed``: a run
    has failed.
    """
    still = Signal(intbv(0)[32:])
    timeout = Signal(bool(0))
    status, cause = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])

    @always_comb
    def find():
        timeout.next = limit != 0 and still == limit
        fault.program.next = state == RUN and (left == 0 or (word.valid and word.illegal))
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
        elif left == 0:
            cause.next = _NO_END
        else:
            cause.next = _ILLEGAL

    @always_seq(clk.posedge, reset=rst)
    def report():
        if state != IDLE and not fault.failed and (fault.any or fault.program):
            status.next = cause
            outcome.stuck.next = seen.busy
            outcome.unit.next = word.unit

    @always_seq(clk.posedge, reset=rst)
    def watch():
        if state == IDLE or dispatched or seen.activity:
            still.next = 0
        elif still != limit:
            still.next = still + 1
