"""The blocks of the resident program between streams, so that every simulator can drive them."""

from myhdl import Signal, always_comb, always_seq, block, intbv, modbv

from golden.units.balance import COST_BITS
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import unused, wire
from myhdl_acc.rtl.control import records
from myhdl_acc.rtl.control.balance import balance, outcome
from myhdl_acc.rtl.control.cache_view import SLOT_BITS, cache_shape, cache_view, view_record
from myhdl_acc.rtl.control.choice import choice, chosen_record, passed_record, request_of
from myhdl_acc.rtl.control.confidence import confidence, judgement
from myhdl_acc.rtl.control.drafter import drafts_record
from myhdl_acc.rtl.control.lookup import LENGTH_BITS, lookup, lookup_orders
from myhdl_acc.rtl.control.program_store import given_word, head_queue, program_store
from myhdl_acc.rtl.control.prompt import prompt, prompt_orders, prompt_state
from myhdl_acc.rtl.control.register_map import END_TOKENS
from myhdl_acc.rtl.control.resolve import pass_record, resolve
from myhdl_acc.rtl.control.resolve_piece import TOKEN_BITS
from myhdl_acc.rtl.control.result_writer import result_writer
from myhdl_acc.rtl.control.walk import entry_stream, walk, walk_arguments, walk_ports
from myhdl_acc.rtl.engine.command import write_stream
from myhdl_acc.simulate import Design, clock, reset


@entity
def cache_view_bench(clk, rst, sink, source, config):
    """sink: a pass's shape, ``position``, ``slot`` and ``left``; source: its view, a cycle after ``done``. The next
    pass's operands come and its view is begun in that cycle."""
    unused(source.ready)
    start, done, busy, shown = (Signal(bool(0)) for _ in range(4))
    shape = Record(**{name: getattr(sink, name) for name in cache_shape().members()})

    @always_comb
    def connect():
        start.next = sink.valid and not busy
        sink.ready.next = done
        source.valid.next = shown

    @always_seq(clk.posedge, reset=rst)
    def follow():
        shown.next = done
        if done:
            busy.next = False
        elif sink.valid:
            busy.next = True

    cache_view(
        start=start,
        shape=shape,
        position=sink.position,
        slot=sink.slot,
        left=sink.left,
        view=Record(**source.payload()),
        done=done,
        config=config,
    )


def cache_view_design(config):
    return Design(
        cache_view_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(**cache_shape().members(), position=32, slot=SLOT_BITS, left=32),
        source=Stream(**view_record().members()),
        config=config,
    )


@entity(outputs=("idle",))
def resolve_bench(clk, rst, sink, source, now, idle, config):
    """sink: a word and the ``offset`` that it comes with."""
    words = Stream(word=256)

    @always_comb
    def connect():
        words.valid.next = sink.valid
        words.word.next = sink.word
        sink.ready.next = words.ready

    resolve(
        sink=words,
        source=source,
        offset=sink.offset,
        now=now,
        idle=idle,
        config=config,
    )


def resolve_design(config):
    return Design(
        resolve_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(word=256, offset=32),
        source=Stream(word=256),
        now=pass_record(config),
        idle=Signal(bool(0)),
        config=config,
    )


@entity
def choice_bench(clk, rst, sink, source, source_answer, source_noted, rows):
    """sink: what a pass ended with, until it is answered, and asked a cycle after it came; source_answer: the answer, a
    cycle later."""
    unused(source_answer.ready, source_noted.ready)
    ask, answer, another, busy, seen, clear, shown = (Signal(bool(0)) for _ in range(7))
    tokens, tried = (
        Array("row", [getattr(sink, f"{name}_{row}") for row in range(rows)]) for name in ("token", "tried")
    )
    chosen, passed = chosen_record(), sink.only(*passed_record().members())

    @always_comb
    def connect():
        ask.next = seen and not busy
        clear.next = seen and not busy and sink.clear
        sink.ready.next = answer
        source_noted.valid.next = chosen.noted
        source_noted.token.next = chosen.token
        source_answer.valid.next = shown
        source_answer.row.next = chosen.row
        source_answer.another.next = another
        source_answer.count.next = chosen.count
        source_answer.token.next = chosen.token

    @always_seq(clk.posedge, reset=rst)
    def follow():
        shown.next = answer
        seen.next = sink.valid and not answer
        busy.next = seen and not answer

    choice(
        clear=clear, ask=ask, passed=passed, request=request_of(sink), token=tokens, tried=tried, source=source,
        chosen=chosen, answer=answer, another=another,
    )  # fmt: skip


def choice_design(rows):
    ends = {f"end_{n}": 32 for n in range(END_TOKENS)}
    return Design(
        choice_bench, clk=clock(), rst=reset(), rows=rows,
        sink=Stream(
            clear=1, **passed_record().members(), choices=32, stop=32, end_tokens=32, **ends,
            **{f"{name}_{row}": 32 for row in range(rows) for name in ("token", "tried")},
        ),
        source=entry_stream(), source_answer=Stream(another=1, count=32, token=32, row=4),
        source_noted=Stream(token=32),
    )  # fmt: skip


@entity
def prompt_bench(clk, rst, sink, sink_pass, source, source_fed, config):
    """sink: the words of prompts; source: a pass's tokens, and what is left; source_fed: tokens of the prompt.
    sink_pass: its ``last``, what was ``chosen``, and drafts, or the ``latest`` of a ``batch``. Of the prompt that it
    begins the ``length`` and how many words come, or 0."""
    words, orders, state = Stream(word=256), prompt_orders(), prompt_state()
    tokens = Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)])
    unused(source_fed.ready)
    drafts, latest = drafts_record(config), [getattr(sink_pass, f"latest_{row}") for row in range(config.rows)]
    wire(sink_pass.drafts, drafts.count)
    for row, draft in enumerate(drafts.tokens):
        wire(getattr(sink_pass, f"draft_{row}"), draft)
    for row, token in enumerate(tokens):
        taken_token(last=sink_pass.last, row=row, token=token, shown=getattr(source, f"token_{row}"))
    step = Signal(intbv(0)[3:])  # stop, begin, take, wait, show
    missing = Signal(intbv(0)[16:])
    moves = words.fire()

    @always_comb
    def connect():
        words.valid.next = sink.valid and missing != 0
        words.word.next = sink.word
        sink.ready.next = words.ready and missing != 0
        orders.stop.next = step == 0 and sink_pass.valid and sink_pass.length != 0
        orders.begin.next = step == 1 and sink_pass.length != 0
        orders.take.next = step == 2
        sink_pass.ready.next = step == 4 and source.ready
        source.valid.next = step == 4

    @always_comb
    def show():
        source.left.next = state.left
        source_fed.valid.next = state.fed
        source_fed.token.next = state.token
        source.waiting.next = state.waiting

    @always_seq(clk.posedge, reset=rst)
    def walk():
        if step == 0:
            if sink_pass.valid:
                step.next = 1
        elif step == 3:
            if state.done:
                step.next = 4
        elif step == 4:
            if source.ready:
                step.next = 0
        else:
            step.next = step + 1

    @always_seq(clk.posedge, reset=rst)
    def count():
        if orders.begin:
            missing.next = sink_pass.words
        elif orders.stop:
            missing.next = 0
        elif moves:
            missing.next = missing - 1

    prompt(
        sink=words, orders=orders, length=sink_pass.length, last=sink_pass.last, chosen=sink_pass.chosen,
        own=Record(batch=sink_pass.batch, latest=Array("row", latest), drafts=drafts), tokens=tokens, state=state,
        config=config,
    )  # fmt: skip


@block
def taken_token(last, row, token, shown):
    """``shown`` is a ``row``'s ``token`` if the pass takes one there, else 0."""

    @always_comb
    def gate():
        if last >= row:
            shown.next = token
        else:
            shown.next = 0


def prompt_design(config):
    return Design(
        prompt_bench, clk=clock(), rst=reset(), sink=Stream(word=256),
        sink_pass=Stream(
            length=32, words=16, last=4, chosen=32, drafts=4, **{f"draft_{n}": 20 for n in range(config.rows - 1)},
            batch=1, **{f"latest_{row}": 32 for row in range(config.rows)},
        ),
        source_fed=Stream(token=32),
        source=Stream(**{f"token_{row}": 32 for row in range(config.rows)}, left=32, waiting=1), config=config,
    )  # fmt: skip


@entity
def lookup_bench(clk, rst, sink, source, config):
    """sink: orders, one at a time, and how many drafts are wanted at ``most``; source: what each search found."""
    unused(source.ready)
    orders, ready, waits = lookup_orders(), Signal(bool(0)), Signal(bool(0))
    drafts, late, most = drafts_record(config), Signal(bool(0)), Signal(intbv(0)[4:])
    for number, draft in enumerate(drafts.tokens):
        found_draft(count=drafts.count, number=number, draft=draft, shown=getattr(source, f"draft_{number}"))

    @always_comb
    def connect():
        sink.ready.next = not rst and ready and not waits
        orders.clear.next = sink.valid and sink.ready and sink.clear
        orders.add.next = sink.valid and sink.ready and sink.add
        orders.search.next = sink.valid and sink.ready and sink.search
        orders.token.next = sink.token
        source.valid.next = waits and ready and not late
        source.count.next = drafts.count

    @always_seq(clk.posedge, reset=rst)
    def follow():
        late.next = orders.search
        waits.next = orders.search or (waits and (late or not ready))
        if orders.search:
            most.next = sink.most

    lookup(
        orders=orders, most=most, ready=ready, count=drafts.count, length=source.length, drafts=drafts.tokens,
        config=config,
    )  # fmt: skip


@block
def found_draft(count, number, draft, shown):
    """``shown`` is ``draft`` if there is one, else 0."""

    @always_comb
    def gate():
        if number < count:
            shown.next = draft
        else:
            shown.next = 0


def lookup_design(config):
    drafts = {f"draft_{number}": TOKEN_BITS for number in range(config.rows - 1)}
    return Design(
        lookup_bench, clk=clock(), rst=reset(), sink=Stream(clear=1, add=1, search=1, token=TOKEN_BITS, most=4),
        source=Stream(count=4, length=LENGTH_BITS, **drafts), config=config,
    )  # fmt: skip


@entity
def confidence_bench(clk, rst, sink, source):
    """sink: judgements, one a cycle; source: what was thought when each came."""
    judged, tries = judgement(), Signal(bool(0))

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid
        source.tries.next = tries
        judged.clear.next = sink.valid and sink.ready and sink.clear
        judged.judge.next = sink.valid and sink.ready and sink.judge
        judged.tried.next = sink.tried
        judged.right.next = sink.right

    confidence(sink=judged, tries=tries)


def confidence_design():
    return Design(
        confidence_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(clear=1, judge=1, tried=1, right=1),
        source=Stream(tries=1),
    )


@entity
def balance_bench(clk, rst, sink, source):
    """sink: outcomes, and the ``cost`` that each comes with; source: what was thought when it came."""
    told, tries, cost = outcome(), Signal(bool(0)), Signal(intbv(0)[COST_BITS:])

    @always_comb
    def connect():
        sink.ready.next = source.ready
        source.valid.next = sink.valid
        source.tries.next = tries
        told.clear.next = sink.valid and sink.ready and sink.clear
        told.judge.next = sink.valid and sink.ready and sink.judge
        told.tried.next = sink.tried
        told.accepted.next = sink.accepted
        cost.next = sink.cost

    balance(sink=told, cost=cost, tries=tries)


def balance_design():
    return Design(
        balance_bench, clk=clock(), rst=reset(), sink=Stream(**outcome().members(), cost=COST_BITS),
        source=Stream(tries=1),
    )  # fmt: skip


@entity(outputs=("full",))
def program_store_bench(clk, rst, sink, sink_clear, sink_jump, source, full, config):
    """sink_clear: a program of ``length`` words begins; sink_jump: ``count`` words from ``target`` on, when those of
    the jump before are given."""
    length = Signal(intbv(0)[32:])
    left, jump, take, moves, complete = Signal(intbv(0)[16:]), *(Signal(bool(0)) for _ in range(4))
    given = given_word()
    unused(given.unit, given.control, given.over)

    @always_comb
    def connect():
        sink_clear.ready.next = True
        sink_jump.ready.next = left == 0 and complete
        jump.next = sink_jump.valid and left == 0 and complete
        source.valid.next = given.there and left != 0
        source.word.next = given.word
        take.next = source.ready and left != 0
        moves.next = given.there and source.ready and left != 0

    @always_comb
    def show():
        full.next = complete

    @always_seq(clk.posedge, reset=rst)
    def follow():
        if sink_clear.valid:
            length.next = sink_clear.length
        if jump:
            left.next = sink_jump.count
        elif moves:
            left.next = left - 1

    program_store(
        sink=sink, clear=sink_clear.valid, length=length, full=complete, jump=jump, target=sink_jump.target, take=take,
        given=given, config=config,
    )  # fmt: skip


def program_store_design(config):
    return Design(
        program_store_bench, clk=clock(), rst=reset(), sink=Stream(word=256), sink_clear=Stream(length=32),
        sink_jump=Stream(target=16, count=16), source=Stream(word=256), full=Signal(bool(0)), config=config,
    )  # fmt: skip


@entity
def head_queue_bench(clk, rst, sink, source, depth):
    """The queue between two streams: no word comes to it while it is full."""
    offered = sink.like()

    @always_comb
    def connect():
        sink.ready.next = offered.ready
        offered.valid.next = sink.valid and offered.ready
        offered.word.next = sink.word

    head_queue(sink=offered, source=source, depth=depth)


def head_queue_design(depth):
    return Design(
        head_queue_bench, clk=clock(), rst=reset(), sink=Stream(word=16), source=Stream(word=16), depth=depth
    )  # fmt: skip


WRITE_TIME = 20  #: cycles until a write of the bench is acknowledged


@entity
def result_writer_bench(clk, rst, sink, sink_end, source, source_told, ring, config):
    """sink_end: a run has ended, until it is told: then a word of source_told, which must be taken at once."""
    unused(source_told.ready)
    told, written = Signal(bool(0)), Signal(bool(0))
    cycles, pending = Signal(modbv(0)[32:]), Signal(intbv(0, min=0, max=WRITE_TIME + 1))
    moves = source.fire()

    @always_comb
    def connect():
        sink_end.ready.next = told
        source_told.valid.next = told and sink_end.valid
        source_told.cycles.next = cycles
        written.next = pending == 0

    @always_seq(clk.posedge, reset=rst)
    def count():
        cycles.next = cycles + 1
        if moves:
            pending.next = WRITE_TIME
        elif not written:
            pending.next = pending - 1

    result_writer(
        sink=sink, ring=ring, tell=sink_end.valid, ended=sink_end.only("index", "position", "code"), written=written,
        cycles=cycles, source=source, told=told,
    )  # fmt: skip


def result_writer_design(config):
    return Design(
        result_writer_bench, clk=clock(), rst=reset(), sink=entry_stream(),
        sink_end=Stream(index=32, position=32, code=8), source=write_stream(config), source_told=Stream(cycles=32),
        ring=Record(results=32, results_mask=32, tag=32), config=config,
    )  # fmt: skip


SETTLED = 3  #: cycles after an instruction until the bench's units have nothing to do


def request_record(config):
    """What of the registers a run takes."""
    return walk_arguments(records.arguments(config))


def run_words(config):
    """What a run of walk_bench needs beside the registers: ``seed`` and ``mask`` of the tokens that are chosen, whether
    they are the ``same`` in every pass."""
    return {**{name: 32 for name in request_record(config).members()}, "seed": 32, "mask": 32, "same": 1}


@entity(outputs=("positions",))
def walk_bench(clk, rst, sink, sink_run, source, source_entry, source_wanted, source_said, positions, config):
    """sink: the words that are fetched, of the program and of the prompt. sink_run: a run's registers and ``seed``,
    until it has ended: then a word of source_said. source_wanted: what is to be fetched; it must be taken at once.

    The choice after ``n`` others is seed + 16·n + the row whose token it is, of which ``mask`` is left; n is 0 in a run
    with ``same``.
    """
    unused(source_wanted.ready)
    ports, now = walk_ports(config), Record(launch=1, stop=1, settled=1)
    wanted, said = ports["wanted"], ports["said"]
    tokens = Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)])
    for own, position in zip(said.positions, positions, strict=True):
        wire(own, position)
    fetched, step = Stream(word=256), Signal(intbv(0, min=0, max=4))  # idle, run, told, stop
    missing, number = Signal(intbv(0)[32:]), Signal(modbv(0)[32:])
    quiet, fetching = Signal(intbv(0, min=0, max=SETTLED + 1)), Signal(bool(0))
    comes, chosen = fetched.fire(), source_entry.fire()

    @always_comb
    def connect():
        fetched.valid.next = sink.valid and missing != 0
        fetched.word.next = sink.word
        sink.ready.next = fetched.ready and missing != 0
        fetching.next = missing != 0
        sink_run.ready.next = step == 2 and source_said.ready
        source_said.valid.next = step == 2

    @always_comb
    def order():
        now.launch.next = step == 0 and sink_run.valid
        now.stop.next = step == 3
        now.settled.next = quiet == SETTLED
        source_wanted.valid.next = wanted.start
        source_wanted.address.next = wanted.address
        source_wanted.words.next = wanted.words

    @always_comb
    def show():
        source_said.illegal.next = said.illegal
        source_said.overrun.next = said.overrun
        source_said.unit.next = said.unit
        source_said.position.next = said.position
        source_said.chosen.next = said.chosen

    @always_seq(clk.posedge, reset=rst)
    def follow():
        if step == 0:
            number.next = 0
            if sink_run.valid:
                step.next = 1
        elif step == 1:
            if said.ended:
                step.next = 2
        elif step == 2:
            if source_said.ready:
                step.next = 3
        elif missing == 0:  # what still came of the prompt is thrown away
            step.next = 0
        if chosen:
            number.next = number + 1

    @always_seq(clk.posedge, reset=rst)
    def count():
        if wanted.start:
            missing.next = wanted.words
        elif comes:
            missing.next = missing - 1
        if source.valid:
            quiet.next = 0
        elif quiet != SETTLED:
            quiet.next = quiet + 1

    for row, token in enumerate(tokens):
        made_token(run=sink_run.only("seed", "mask", "same"), number=number, row=row, token=token)
    walk(
        sink=fetched, source=source, source_entry=source_entry, run=now, fetching=fetching,
        arguments=sink_run.only(*request_record(config).members()), token=tokens, wanted=wanted, said=said,
        config=config,
    )  # fmt: skip


@block
def made_token(run, number, row, token):
    total = Signal(modbv(0)[32:])

    @always_comb
    def add():
        if run.same:
            total.next = run.seed
        else:
            total.next = run.seed + (number << 4)

    @always_comb
    def make():
        token.next = (total + row) & run.mask


def walk_design(config):
    return Design(
        walk_bench, clk=clock(), rst=reset(), sink=Stream(word=256), sink_run=Stream(**run_words(config)),
        source=Stream(word=256), source_entry=entry_stream(), source_wanted=Stream(address=32, words=32),
        source_said=Stream(illegal=1, overrun=1, unit=3, position=32, chosen=32), config=config,
        positions=Array("row", [Signal(intbv(0)[32:]) for _ in range(config.rows)]),
    )  # fmt: skip
