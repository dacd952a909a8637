"""Takes the final sums out of the lanes' memories, in order."""

from myhdl import Signal, always, always_comb, block, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream, fifo
from myhdl_acc.hdl.wiring import unused, vector, wire
from myhdl_acc.rtl.engine.command import META

#: Commands whose results may be outstanding: two banks of sums and the lanes' queues behind them.
COMMAND_QUEUE = 4
#: Cycles from the last lane's ``has_result`` to the word at ``source``.
LATENCY = 3


@entity(outputs=("fetch",))
def collector(clk, rst, sink_cmd, answers, fetch, source, config):
    """One word of all lanes' sums for each index n = 0 … middle − 1 and tap 0 (and 1 if ``split``), as soon as every
    lane has it.

    A lane counts the indices whose sums are final (``has_result``: at least one, ``take``: one less); so results leave
    while the operation's last round is still running, and never ahead of the slowest lane. A META operation counts as
    one, an operation with ``more`` to come as none. ``fetch`` (records.fetch) goes to every lane; ``answers`` (an Array
    of records.answer) are theirs. The sums of a META operation are 0, and the parameters of a command without parameter
    beats. One word per cycle, across operations too; LATENCY cycles before the first. ``source`` may stall at any time.
    """
    lanes = config.lanes
    unused(
        sink_cmd.outer,
        sink_cmd.inner,
        sink_cmd.patch,
        sink_cmd.release,
        sink_cmd.heads_log2,
        sink_cmd.slot,
        sink_cmd.tokens,
        sink_cmd.base,
        sink_cmd.skip,
    )
    fields = dict(middle=len(sink_cmd.middle), split=1, summed=1, parameters=1)
    wanted, queue = Stream(**fields), Stream(**fields)

    @always_comb
    def wanted_part():
        sink_cmd.ready.next = wanted.ready or sink_cmd.more
        wanted.valid.next = sink_cmd.valid and not sink_cmd.more
        wanted.middle.next = sink_cmd.middle
        wanted.split.next = sink_cmd.split
        wanted.summed.next = sink_cmd.mode != META
        wanted.parameters.next = sink_cmd.params != 0

    fifo(sink=wanted, source=queue, depth=COMMAND_QUEUE)
    everyone = Signal(bool(0))
    all_high([one.has_result for one in answers], everyone)
    active, advance, counted, go, final_tap, final_index, finish, tap, next_command = (
        Signal(bool(0)) for _ in range(9)
    )
    bank, finished = Signal(bool(0)), Signal(bool(0))
    index, index_last = (Signal(intbv(0)[len(fetch.read.address) :]) for _ in range(2))
    split, summed, parameters = (Signal(bool(0)) for _ in range(3))

    # Stage 0 counts, stage 1 has the memories' words, stage 2 has them in registers, stage 3 is ``source``.
    fetched, shown = (Record(valid=1, tap=1, summed=1, parameters=1, last=1) for _ in range(2))

    @always_comb
    def flow():
        advance.next = source.ready or not source.valid
        final_tap.next = tap or not split
        final_index.next = index == index_last

    @always_comb
    def step():
        go.next = active and advance and (everyone or not counted)

    @always_comb
    def succession():
        finish.next = go and final_tap and final_index
        next_command.next = queue.valid and (not active or (go and final_tap and final_index))
        queue.ready.next = not active or (go and final_tap and final_index)

    @always_comb
    def ports():
        fetch.read.enable.next = go and not tap
        fetch.take.next = go and counted
        fetch.read.bank.next = bank
        fetch.split.next = split
        fetch.read.address.next = index
        fetch.read.advance.next = advance
        fetch.tap.next = shown.tap
        fetch.give_back.next = finished

    @always(clk.posedge)
    def count():
        # An index waits for its sums; its second tap, and META's later indices, do not.
        if next_command:
            counted.next = True
        elif go:
            counted.next = final_tap and summed
        if next_command:
            index.next = 0
            tap.next = False
            index_last.next = queue.middle - 1
            split.next = queue.split
            summed.next = queue.summed
            parameters.next = queue.parameters
        elif go:
            tap.next = not final_tap
            if final_tap and not final_index:
                index.next = index + 1

    @always(clk.posedge)
    def control():
        if rst:
            active.next = False
            bank.next = False
            finished.next = False
            fetched.valid.next = False
            shown.valid.next = False
            source.valid.next = False
        else:
            finished.next = finish
            if finish:
                bank.next = not bank
            if next_command:
                active.next = True
            elif finish:
                active.next = False
            if advance:
                fetched.valid.next = go
                shown.valid.next = fetched.valid
                source.valid.next = shown.valid

    @always(clk.posedge)
    def stage():
        if advance:
            fetched.tap.next = tap
            fetched.summed.next = summed
            fetched.parameters.next = parameters
            fetched.last.next = final_tap and final_index
            shown.tap.next = fetched.tap
            shown.summed.next = fetched.summed
            shown.parameters.next = fetched.parameters
            shown.last.next = fetched.last

    all_sums = answers[0].sums if lanes == 1 else vector([one.sums for one in answers])
    all_parameters = answers[0].parameter if lanes == 1 else vector([one.parameter for one in answers])
    held, words = Record(valid=1, ready=1), Record(data=len(source.data), parameter=len(source.parameter), last=1)
    given = Record(sums=len(source.data), parameters=len(source.parameter))
    wire(all_sums, given.sums)
    wire(all_parameters, given.parameters)
    collected(shown=shown.only("summed", "parameters", "last"), given=given, held=held, word=words)

    @always_comb
    def give():
        held.valid.next = source.valid
        held.ready.next = source.ready
        source.data.next = words.data
        source.parameter.next = words.parameter
        source.last.next = words.last


@entity(outputs=("word",))
def collected(clk, shown, given, held, word):
    """Stage 3: what was ``given``, and now lies at the source, kept while ``held.valid`` and not ``held.ready``. An
    entity, so that what moves all these bits is not what moves the stages before."""

    @always(clk.posedge)
    def keep():
        if held.ready or not held.valid:
            if shown.summed:
                word.data.next = given.sums
            else:
                word.data.next = 0
            if shown.parameters:
                word.parameter.next = given.parameters
            else:
                word.parameter.next = 0
            word.last.next = shown.last


@block
def all_high(flags, result):
    """``result`` = all of ``flags``: a tree, as a comparison with a literal of 32 bits or more is not legal VHDL."""
    if len(flags) == 1:
        return wire(flags[0], result)
    half = len(flags) // 2
    left, right = Signal(bool(0)), Signal(bool(0))
    trees = all_high(flags[:half], left), all_high(flags[half:], right)

    @always_comb
    def both():
        result.next = left and right

    return trees, both
