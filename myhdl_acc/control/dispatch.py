"""Hands the program's instructions to the units, and says how the program ended."""

from myhdl import Signal, always_comb, always_seq, intbv

from myhdl_acc.control.instruction_check import instruction_check
from myhdl_acc.control.isa import COMMON, UNITS
from myhdl_acc.control.register_map import STATUS
from myhdl_acc.convert.entity import entity
from myhdl_acc.hdl.wiring import wire

#: Cycles in a row in which all units must be idle: longer than an instruction needs from one unit's queue to where it
#: shows, or a result from one unit to the next.
SETTLE = 8

IDLE, RUN, DRAIN, FLUSH = range(4)
_CONTROL, _READ, _ENGINE, _LOAD, _VECTOR = range(len(UNITS))
_UNIT_LAST = sum(COMMON["unit"])
_OK, _ILLEGAL, _NO_END, _TIMEOUT, _READ_ERROR, _WRITE_ERROR, _ENGINE_ERROR = (STATUS[name] for name in STATUS)


@entity(outputs=("launch", "done", "running", "stop", "code", "unit", "stuck", "number"))
def dispatch(
    clk,
    rst,
    sink,
    source_read,
    source_engine,
    source_load,
    source_vector,
    start,
    instructions,
    watchdog,
    fetching,
    busy,
    activity,
    read_error,
    write_error,
    engine_error,
    launch,
    done,
    running,
    stop,
    code,
    unit,
    stuck,
    number,
):
    """Give the ``instructions`` words of ``sink`` (Stream(word=256)), in order, to the source of their unit.

    A run begins while ``start`` is high and none is ``running``: ``launch`` pulses, ``instructions`` and ``watchdog``
    are taken. It ends with a pulse of ``done``, after which ``start`` must fall or the next run begins. ``busy``: a bit
    for each of register_map.BUSY_UNITS, low when its queue is empty and it has nothing to do. ``end`` waits until
    ``busy`` is 0 for SETTLE cycles. It, and a failure that the program is to blame for, raise ``stop`` and throw away
    what still comes until ``fetching`` is low.

    ``code`` (of register_map.STATUS) stays ``ok`` until a run fails: by an illegal word; by the end of the words
    without ``end``; because for ``watchdog`` cycles in a row (0: never) no word was dispatched and ``activity`` was
    low; or by one of the errors, which are levels. Then ``unit`` is the unit field of the word at ``sink``, ``stuck``
    what ``busy`` was, ``number`` the number of words dispatched, and every start ends at once until ``rst``.

    Latency 0, a word per cycle; a word with a full queue in front of it holds up all others.
    """
    state = Signal(intbv(0, min=0, max=4))
    left, limit, still = (Signal(intbv(0)[32:]) for _ in range(3))
    target = Signal(intbv(0)[_UNIT_LAST:])
    illegal, room, go, passed, at_end = (Signal(bool(0)) for _ in range(5))
    program_fault, fault, timeout, settled, dispatched = (Signal(bool(0)) for _ in range(5))
    done_now, failed = Signal(bool(0)), Signal(bool(0))
    status, cause = Signal(intbv(0)[8:]), Signal(intbv(0)[8:])
    quiet = Signal(intbv(0, min=0, max=SETTLE + 1))
    count = Signal(intbv(0)[32:])

    @always_comb
    def split():
        target.next = sink.word[_UNIT_LAST:]

    @always_comb
    def find_room():
        if target == _READ:
            room.next = source_read.ready
        elif target == _ENGINE:
            room.next = source_engine.ready
        elif target == _LOAD:
            room.next = source_load.ready
        elif target == _VECTOR:
            room.next = source_vector.ready
        else:
            room.next = target == _CONTROL

    @always_comb
    def judge():
        go.next = state == RUN and left != 0 and sink.valid and not illegal
        passed.next = state == RUN and left != 0 and sink.valid and not illegal and room
        timeout.next = limit != 0 and still == limit
        settled.next = quiet == SETTLE
        program_fault.next = state == RUN and (left == 0 or (sink.valid and illegal))
        failed.next = status != _OK

    @always_comb
    def find_cause():
        fault.next = timeout or read_error or write_error or engine_error
        if read_error:
            cause.next = _READ_ERROR
        elif write_error:
            cause.next = _WRITE_ERROR
        elif engine_error:
            cause.next = _ENGINE_ERROR
        elif timeout:
            cause.next = _TIMEOUT
        elif left == 0:
            cause.next = _NO_END
        else:
            cause.next = _ILLEGAL

    @always_comb
    def classify():
        at_end.next = passed and target == _CONTROL
        dispatched.next = passed or (state == FLUSH and sink.valid)

    @always_comb
    def offer():
        source_read.valid.next = go and target == _READ
        source_engine.valid.next = go and target == _ENGINE
        source_load.valid.next = go and target == _LOAD
        source_vector.valid.next = go and target == _VECTOR
        sink.ready.next = passed or state == FLUSH

    @always_comb
    def show():
        launch.next = state == IDLE and start and not done_now and not failed
        running.next = state != IDLE
        stop.next = state == FLUSH
        done.next = done_now
        code.next = status
        number.next = count

    @always_seq(clk.posedge, reset=rst)
    def step():
        done_now.next = False
        if state == IDLE:
            if start and not done_now:
                if failed:
                    done_now.next = True
                else:
                    state.next = RUN
        elif fault:
            # The units may never come to rest: what is under way is left to the reset.
            state.next = IDLE
            done_now.next = True
        elif state == RUN:
            if program_fault:
                state.next = FLUSH
            elif at_end:
                state.next = DRAIN
        elif state == DRAIN:
            if settled:
                state.next = FLUSH
        elif not fetching and not sink.valid:
            state.next = IDLE
            done_now.next = True

    @always_seq(clk.posedge, reset=rst)
    def report():
        if state != IDLE and not failed and (fault or program_fault):
            status.next = cause
            stuck.next = busy
            unit.next = target

    @always_seq(clk.posedge, reset=rst)
    def words():
        if state == IDLE:
            if start and not done_now and not failed:
                left.next = instructions
                limit.next = watchdog
                count.next = 0
        elif passed:
            left.next = left - 1
            count.next = count + 1

    @always_seq(clk.posedge, reset=rst)
    def watch():
        if state == IDLE or dispatched or activity:
            still.next = 0
        elif still != limit:
            still.next = still + 1

    @always_seq(clk.posedge, reset=rst)
    def rest():
        if state != DRAIN or busy != 0:
            quiet.next = 0
        elif not settled:
            quiet.next = quiet + 1

    return (
        split, find_room, judge, find_cause, classify, offer, show, step, report, words, watch, rest,
        instruction_check(sink.word, illegal),
        [wire(sink.word, out.word) for out in (source_read, source_engine, source_load, source_vector)],
    )  # fmt: skip
