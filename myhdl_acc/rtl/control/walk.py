"""Walks through the resident program: pass after pass, layer after layer, until there is no more to do."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv, modbv

from golden.machine.text import MOST_TOKENS
from golden.units.resolve import WHEN
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, view
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import wire
from myhdl_acc.rtl.control import program_store as store
from myhdl_acc.rtl.control.cache_view import SLOT_BITS, TOKENS_LOG2, cache_view
from myhdl_acc.rtl.control.choice import choice, chosen_record, request_of
from myhdl_acc.rtl.control.drafter import drafter, drafts_record, head_state
from myhdl_acc.rtl.control.isa import COMMON, FIELDS, INSTRUCTION_BITS, OPS
from myhdl_acc.rtl.control.program_store import given_word, program_store
from myhdl_acc.rtl.control.prompt import TOKEN_BITS as PROMPT_BITS
from myhdl_acc.rtl.control.prompt import prompt, prompt_orders, prompt_state
from myhdl_acc.rtl.control.resolve import pass_record, resolve
from myhdl_acc.rtl.control.select import select_of

LEAP = 1 + store.LATENCY  #: cycles from an instruction that jumps to the one that follows

IDLE, LOAD, LOADED, PLAN, TAKE, BEGIN, SETTLE, CHOOSE, DECODE, END, AGAIN = range(11)
_END, _PASS, _NEXT, _REPEAT, _JUMP, _SEQUENCE, _DRAFT, _KEEP = (OPS["control"].index(op) for op in OPS["control"])
_TOKENS_OF_A_WORD = INSTRUCTION_BITS // PROMPT_BITS
_WORD_LOG2 = _TOKENS_OF_A_WORD.bit_length() - 1
_ALWAYS, _CAPPED, _LOGITS, _LOGITS_CAPPED, _ANGLES, _SEVERAL, _RENEWS = range(len(WHEN))


@entity(outputs=("wanted", "said"))
def walk(clk, rst, sink, source, source_entry, run, fetching, arguments, token, wanted, said, config):
    """From ``run.launch`` on keep the program, which ``sink`` (Stream(word=256)) brings. Then give the units their
    instructions at ``source`` (Stream(word=256)), resolved for each pass and layer: golden Walk.

    ``wanted`` tells fetch what to bring. At a pulse of ``start`` it is ``words`` words from beat ``address`` on: the
    program, and then the prompt. ``fetching``: it is still at it. ``arguments``: walk_arguments. ``run.settled``: the
    units have nothing to do, which must hold before a pass's end is judged. ``token``: Array of the rows' latest
    choices. Each choice goes to ``source_entry`` (choice's source). No instruction for a unit stands behind ``next``:
    it belongs to no pass.

    ``said.ended``: the program has come to ``end``, or failed. It is ``illegal``, a word that is no instruction, of
    ``unit``; or an ``overrun``: its words ended before. All instructions before have left ``source`` by then. It stays
    until ``run.stop``, which also ends what is under way. ``position`` is that of the next token, ``chosen`` the number
    of choices; ``positions``: of the rows' tokens in this pass. With ``arguments.drafts`` a pass also tries what
    drafter finds behind the token that was chosen, or what instructions between ``draft`` and ``keep`` make.

    An instruction per cycle, two for one of ``control``, LEAP more after one that jumps; the latency is that of
    resolve.
    """
    state, offset = Signal(intbv(0, min=0, max=11)), Signal(modbv(0)[32:])
    program, tokens, resident = (Stream(word=INSTRUCTION_BITS) for _ in range(3))
    stored, take = given_word(), Signal(bool(0))
    field, now = view(stored.word, FIELDS["control"] | COMMON), pass_record(config)
    at, does, orders, asked, has = moments(), instructions(), pass_orders(), prompt_orders(), prompt_state()
    leap, chosen, angles = Record(now=1, target=len(field.target)), chosen_record(), Signal(bool(0))
    drafts, head, drafting = drafts_record(config), head_state(), Signal(bool(0))
    passed = Record(
        first=now.first, last=now.last, logits=1, waiting=has.waiting, batch=now.batch, by_head=head.by_head
    )  # fmt: skip
    whole, turning, given = Signal(bool(0)), Signal(bool(0)), Signal(intbv(0)[PROMPT_BITS:])

    split(loading=at.loading, sink=sink, program=program, tokens=tokens)
    program_store(
        sink=program, clear=run.launch, length=arguments.instructions, full=at.full, jump=leap.now, target=leap.target,
        take=take, given=stored, config=config,
    )  # fmt: skip
    prompt(
        sink=tokens, orders=asked, length=arguments.prompt_tokens, last=now.last, chosen=given,
        own=Record(batch=now.batch, latest=token, drafts=drafts), tokens=now.tokens, state=has, config=config,
    )  # fmt: skip
    cache_view(
        start=orders.plan, shape=now.shape, position=now.position, slot=now.slot, left=has.left, view=now.view,
        done=at.planned, config=config,
    )  # fmt: skip
    resolve(
        sink=resident, source=source, offset=offset, now=now, idle=at.resolved, config=config
    )  # fmt: skip
    choice(
        clear=run.launch, ask=orders.ask, passed=passed, request=request_of(arguments), token=token, tried=now.tokens,
        source=source_entry, chosen=chosen, answer=at.answered, another=at.another,
    )  # fmt: skip
    drafter(
        launch=run.launch, arguments=arguments, fed=has, chosen=chosen, passed=passed, token=token, at=at,
        drafts=drafts, head=head, config=config,
    )  # fmt: skip
    decode(state=state, stop=run.stop, stored=stored, field=field, at=at, does=does)
    draft(
        does=does, asks=head.asks, drafting=drafting, chosen=chosen.token, latest=head.latest, given=given
    )  # fmt: skip
    steps(
        state=state, turning=turning, drafting=Record(now=drafting, asks=head.asks), run=run, at=at, does=does,
        over=stored.over, said=said,
    )  # fmt: skip
    order(state=state, turning=turning, asks=head.asks, run=run, at=at, does=does, orders=orders, asked=asked)
    follow(
        state=state, asks=head.asks, at=at, does=does, field=field, stored=stored, take=take, resident=resident,
        leap=leap,
    )  # fmt: skip
    loop(launch=run.launch, repeat=does.repeat, field=field, last=at.last_layer, offset=offset)
    logits_place(
        launch=run.launch, entry=source_entry, step=arguments.logits_step, offset=now.logits_offset
    )  # fmt: skip
    place(
        when=Record(launch=run.launch, move=at.answered, turn=does.turn), number=field.number, arguments=arguments,
        chosen=chosen, passed=passed, whole=whole, now=now, drafted=Record(now=drafting, count=drafts.count),
        positions=said.positions,
    )  # fmt: skip
    first_row(take=asked.take, waiting=has.waiting, now=now)
    take_shape(load=does.comes, field=field, shape=now.shape)
    take_batch(load=does.comes, sequences=field.sequences, drafting=drafting, now=now)
    passing = Record(begins=at.begins, ended=at.answered, whole=whole, angles=angles, wanted=at.wanted)
    conditions(launch=run.launch, passing=passing, passed=passed, view=now.view, holds=now.holds)
    condition(holds=now.holds, when=field.when, flag=at.holds)
    want(launch=run.launch, load_prompt=asked.begin, arguments=arguments, wanted=wanted)
    wire(has.done, at.taken)

    @always_comb
    def look():
        at.loading.next = state >= LOAD and state <= LOADED
        at.loaded.next = state == LOADED and not fetching
        at.begins.next = state == BEGIN
        at.wanted.next = arguments.choices != 0
        at.ends.next = state == SETTLE and run.settled and at.resolved
        at.kept.next = state == SETTLE and run.settled and at.resolved and drafting

    @always_seq(clk.posedge, reset=rst)
    def settle():
        at.calm.next = at.resolved and not does.unit

    @always_comb
    def show():
        said.position.next = now.position
        said.chosen.next = chosen.count
        said.unit.next = field.unit


def moments():
    """What has come about. The program is ``loading``, is ``full``, ``loaded`` (and all that was fetched has come). The
    pass is ``planned``, its tokens are ``taken``, it ``begins``. All that came is ``resolved``, which ``calm`` says a
    cycle later, as much depends on it. The choice is ``answered``, ``another`` pass follows, for which all is
    ``drafted``, as ``judged`` says a cycle later; choices are ``wanted`` at all. A pass or a draft ``ends``; a draft is
    ``kept``. Of the word that was next a cycle ago: its condition ``holds``; this is the ``last_layer``."""
    names = (
        "loading",
        "full",
        "loaded",
        "planned",
        "taken",
        "begins",
        "resolved",
        "calm",
        "answered",
        "another",
        "wanted",
        "drafted",
        "judged",
        "ends",
        "kept",
    )
    return Record(**dict.fromkeys((*names, "holds", "last_layer"), 1))


def instructions():
    """Which instruction is at hand: ``begin`` (``pass``), ``finish`` (``next``), ``repeat``, ``jump``, ``turn``
    (``sequence``), ``draft``, ``keep`` or ``end`` of control, one for a ``unit``, or a ``wrong`` one. ``done``: that of
    control is done, and is not ``end``. ``comes``: a ``pass``, which may have to wait."""
    names = ("done", "comes", "begin", "finish", "repeat", "jump", "turn", "draft", "keep", "end", "unit", "wrong")
    return Record(**dict.fromkeys(names, 1))


def pass_orders():
    """Pulses: ``plan`` a pass or what is a sequence's of it, ``ask`` what follows it."""
    return Record(plan=1, ask=1)


@block
def decode(clk, rst, state, stop, stored, field, at, does):
    """Which of instructions() is at hand, one of control in the cycle after the first: much depends on it. What ends
    the program waits until all before it is resolved."""
    known, leaves = Signal(bool(0)), Signal(bool(0))
    kind = instructions()
    is_done(
        known=known, kind=kind.only("done", "begin", "turn", "draft"), at=at.only("drafted", "calm", "judged"),
        done=does.done,
    )  # fmt: skip

    @always_seq(clk.posedge, reset=rst)
    def know():
        known.next = state == DECODE and stored.there and stored.control and not leaves and not stop
        does.comes.next = (
            state == DECODE and stored.there and stored.control and field.op == _PASS and not leaves and not stop
        )

    @always_seq(clk.posedge, reset=rst)
    def classify():
        kind.done.next = field.op == _REPEAT or field.op == _JUMP or field.op == _NEXT or field.op == _KEEP
        kind.begin.next = field.op == _PASS
        kind.finish.next = field.op == _NEXT
        kind.repeat.next = field.op == _REPEAT
        kind.jump.next = field.op == _JUMP
        kind.turn.next = field.op == _SEQUENCE
        kind.draft.next = field.op == _DRAFT
        kind.keep.next = field.op == _KEEP
        kind.end.next = field.op == _END

    @always_comb
    def read():
        does.begin.next = known and kind.begin and at.drafted
        does.finish.next = known and kind.finish
        does.repeat.next = known and kind.repeat
        does.jump.next = known and kind.jump
        does.turn.next = known and kind.turn and at.calm
        does.draft.next = known and kind.draft and at.judged
        does.keep.next = known and kind.keep
        does.end.next = known and kind.end and at.resolved

    @always_comb
    def read_others():
        does.unit.next = state == DECODE and stored.there and stored.unit
        does.wrong.next = state == DECODE and stored.there and not stored.unit and not stored.control and at.resolved

    @always_comb
    def leave():
        leaves.next = does.done or does.end


@entity(outputs=("done",))
def is_done(known, kind, at, done):
    """The ``known`` instruction of control is ``done``, of that ``kind``, with what has come about ``at`` this time.
    Latency 0. The next word waits for it: so it is an entity, which synthesis makes no deeper than it is."""

    @always_comb
    def judge():
        done.next = known and (
            kind.done or (kind.begin and at.drafted) or (kind.turn and at.calm) or (kind.draft and at.judged)
        )


@block
def draft(clk, rst, does, asks, drafting, chosen, latest, given):
    """``drafting``: what is under way is a draft, from when the head ``asks`` for one until a pass begins. Row 0 is
    ``given`` the ``latest`` token then, and else what was ``chosen``."""

    @always_seq(clk.posedge, reset=rst)
    def remember():
        if does.draft and asks:
            drafting.next = True
        elif does.begin or does.draft:
            drafting.next = False

    @always_comb
    def choose():
        if drafting:
            given.next = latest
        else:
            given.next = chosen


@block
def steps(clk, rst, state, turning, drafting, run, at, does, over, said):
    """``state``, and how it ends, with a wrong word ``over`` the program's end or not; ``turning``: what is planned is
    a sequence's, whose pass has its tokens. What takes its token while ``drafting.now`` is a draft, for which the head
    ``drafting.asks``."""

    @always_comb
    def show():
        said.ended.next = state == END

    @always_seq(clk.posedge, reset=rst)
    def walk_on():
        if run.stop:
            state.next = IDLE
        elif state == IDLE:
            if run.launch:
                state.next = LOAD
                said.illegal.next = False
                said.overrun.next = False
        elif state == LOAD:
            if at.full:
                state.next = LOADED
        elif state == LOADED:
            if at.loaded:
                state.next = DECODE
        elif state == DECODE:
            if does.wrong:
                said.illegal.next = not over
                said.overrun.next = over
                state.next = END
            elif does.begin or does.turn:
                state.next = PLAN
                turning.next = does.turn
            elif does.draft and drafting.asks:
                state.next = TAKE
            elif does.finish or does.keep:
                state.next = SETTLE
            elif does.end:
                state.next = END
        elif state == PLAN:
            if at.planned and turning:
                state.next = BEGIN
            elif at.planned:
                state.next = TAKE
        elif state == TAKE:
            if at.taken and drafting.now:
                state.next = DECODE
            elif at.taken:
                state.next = BEGIN
        elif state == BEGIN:
            state.next = DECODE
        elif state == SETTLE:
            if at.kept:
                state.next = AGAIN
            elif at.ends:
                state.next = CHOOSE
        elif state == CHOOSE:
            if at.answered and at.another:
                state.next = AGAIN
            elif at.answered:
                state.next = DECODE
        elif state == AGAIN:
            state.next = DECODE


@block
def order(clk, state, turning, asks, run, at, does, orders, asked):
    """What the blocks beside the resolver are told: ``orders`` and those of the prompt, ``asked``."""

    @always_comb
    def ask():
        orders.ask.next = at.ends and not at.kept
        asked.begin.next = at.loaded
        asked.stop.next = run.stop

    @always(clk.posedge)
    def later():
        orders.plan.next = does.begin or does.turn
        asked.take.next = (state == PLAN and at.planned and not turning) or (does.draft and asks)


@block
def follow(clk, state, asks, at, does, field, stored, take, resident, leap):
    """Takes the next word, gives it to the resolver or leaps; where ``next`` or ``keep`` leads to is kept until its
    choice is answered, or the draft kept."""
    again = Signal(intbv(0)[len(field.target) :])

    @always_comb
    def offer():
        resident.valid.next = does.unit
        resident.word.next = stored.word

    @always_comb
    def taking():
        take.next = does.done or (does.unit and resident.ready)

    @always(clk.posedge)
    def keep():
        if does.finish or does.keep:
            again.next = field.target

    @always_comb
    def jump():
        leap.now.next = (
            at.loaded or state == AGAIN or (does.repeat and not at.last_layer) or (does.jump and at.holds)
            or (does.draft and not asks)
        )  # fmt: skip
        if state == LOADED:
            leap.target.next = 0
        elif state == AGAIN:
            leap.target.next = again
        else:
            leap.target.next = field.target


@block
def loop(clk, rst, launch, repeat, field, last, offset):
    """The layer and its ``offset``; it is the ``last`` one if the instruction at hand a cycle ago is ``repeat``."""
    layer, following = Signal(modbv(0)[16:]), Signal(modbv(0)[16:])

    @always_comb
    def add():
        following.next = layer + 1

    @always_seq(clk.posedge, reset=rst)
    def compare():
        last.next = following == field.count

    @always_seq(clk.posedge, reset=rst)
    def step():
        if launch or (repeat and last):
            layer.next = 0
            offset.next = 0
        elif repeat:
            layer.next = following
            offset.next = offset + field.stride


@block
def place(clk, rst, when, number, arguments, chosen, passed, whole, now, drafted, positions):
    """Position and slot of the next pass's first token, or of a batch those of the sequence whose turn it is:
    ``number``, and the first one before a pass. ``positions``: the rows', or all that of the draft that is made
    ``now``, behind ``count`` others. The pass was ``whole``: no row chose another token than the next one tried."""
    firsts = [(arguments.position, arguments.slot)]
    most = min(len(positions), MOST_TOKENS)
    firsts += [(getattr(arguments, f"position_{n}"), getattr(arguments, f"slot_{n}")) for n in range(1, most)]
    places = [Record(position=modbv(0)[32:], slot=modbv(0)[SLOT_BITS:]) for _ in firsts]
    one = Record(position=modbv(0)[32:], slot=modbv(0)[SLOT_BITS:])
    code, moved = Signal(intbv(0)[len(number) :]), Signal(bool(0))
    for (position, slot), own in zip(firsts, places, strict=True):
        sequence_place(launch=when.launch, move=when.move, position=position, slot=slot, shape=now.shape, place=own)
    for row, position in enumerate(positions):
        own = places[min(row, most - 1)].position
        row_position(now=now, own=own, drafted=drafted, row=row, position=position)
    select_of(code=code, words=[own.position for own in places], q=one.position)
    select_of(code=code, words=[own.slot for own in places], q=one.slot)

    @always_comb
    def choose_sequence():
        if when.turn:
            code.next = number
        else:
            code.next = 0

    @always_seq(clk.posedge, reset=rst)
    def remember():
        moved.next = when.move and now.batch

    @always_comb
    def compare():
        whole.next = not passed.logits or chosen.row == passed.last

    @always_seq(clk.posedge, reset=rst)
    def step():
        if when.launch:
            now.position.next = arguments.position
            now.slot.next = arguments.slot[SLOT_BITS:]
        elif when.turn or moved:
            now.position.next = one.position
            now.slot.next = one.slot
        elif when.move and whole:
            now.position.next = now.view.following
            now.slot.next = now.view.next_slot
        elif when.move:
            now.position.next = now.position + chosen.row + 1
            now.slot.next = now.slot + chosen.row + 1


@block
def sequence_place(clk, launch, move, position, slot, shape, place):
    """Of a batch a sequence's next ``place``: every pass takes one token."""
    following = Signal(modbv(0)[SLOT_BITS:])

    @always_comb
    def add():
        following.next = place.slot + 1

    @always(clk.posedge)
    def step():
        if launch:
            place.position.next = position
            place.slot.next = slot[SLOT_BITS:]
        elif move:
            place.position.next = place.position + 1
            if following == shape.slots:
                place.slot.next = shape.sinks
            else:
                place.slot.next = following


@block
def row_position(clk, now, own, drafted, row, position):
    """``position`` of a row's token: its sequence's ``own``, or that of a token of the only one, or of a draft."""

    @always(clk.posedge)
    def keep():
        if now.batch:
            position.next = own
        elif drafted.now:
            position.next = now.position + drafted.count
        else:
            position.next = now.position + row


@block
def logits_place(clk, rst, launch, entry, step, offset):
    """Where the logits of the next pass go: behind those of the tokens so far."""

    @always_seq(clk.posedge, reset=rst)
    def move():
        if launch:
            offset.next = 0
        elif entry.valid and entry.ready:
            offset.next = offset + step


@block
def first_row(clk, take, waiting, now):
    """The first row that chooses: the only one that has a token and no draft, or the last one of the prompt's. In a
    batch all rows choose."""

    @always(clk.posedge)
    def choose_row():
        if take:
            if waiting and not now.batch:
                now.first.next = now.last
            else:
                now.first.next = 0


@block
def conditions(clk, rst, launch, passing, passed, view, holds):
    """What instructions of a pass are conditional on (golden WHEN), from when it ``begins`` on; ``passed.logits``."""
    ends = Signal(bool(0))

    @always_comb
    def end():
        ends.next = passing.wanted and (passed.batch or not passed.waiting)

    @always_seq(clk.posedge, reset=rst)
    def remember():
        if launch:
            passing.angles.next = False
        elif passing.ended:
            passing.angles.next = passed.logits and passing.whole

    @always_seq(clk.posedge, reset=rst)
    def judge():
        if passing.begins:
            passed.logits.next = ends
            holds.next[_ALWAYS] = True
            holds.next[_CAPPED] = view.capped
            holds.next[_LOGITS] = ends
            holds.next[_LOGITS_CAPPED] = ends and view.next_capped
            holds.next[_ANGLES] = not passing.angles
            holds.next[_SEVERAL] = view.last != 0
            holds.next[_RENEWS] = view.renews


@block
def condition(clk, rst, holds, when, flag):
    """``flag``: whether the condition ``when`` of a cycle ago holds; those that do not exist never do."""
    every = Signal(intbv(0)[1 << len(when) :])

    @always_comb
    def widen():
        every.next = holds

    @always_seq(clk.posedge, reset=rst)
    def look_up():
        flag.next = every[when]


@block
def take_shape(clk, load, field, shape):
    @always(clk.posedge)
    def take():
        if load:
            shape.capacity.next = field.capacity
            shape.sinks.next = field.sinks
            shape.heads_log2.next = field.heads_log2
            shape.chunk_log2.next = field.chunk_log2
            shape.taps.next = field.taps
            shape.renews.next = field.renews
            shape.spare.next = field.spare
            shape.slots.next = field.capacity + field.spare


@block
def take_batch(clk, load, sequences, drafting, now):
    """Whether each row is of a sequence of its own, and the ``last`` row with a token: of a draft the first."""
    behind = Signal(modbv(0)[TOKENS_LOG2:])

    @always(clk.posedge)
    def take():
        if load:
            now.batch.next = sequences != 0
            behind.next = sequences - 1

    @always_comb
    def find_last():
        if now.batch:
            now.last.next = behind
        elif drafting:
            now.last.next = 0
        else:
            now.last.next = now.view.last


@block
def want(launch, load_prompt, arguments, wanted):
    """What is to be fetched: the program, and once it is loaded the prompt."""
    rounded = Signal(intbv(0)[33:])

    @always_comb
    def measure():
        rounded.next = arguments.prompt_tokens + (_TOKENS_OF_A_WORD - 1)

    @always_comb
    def tell():
        wanted.start.next = launch or load_prompt
        if launch:
            wanted.address.next = arguments.program
            wanted.words.next = arguments.instructions
        else:
            wanted.address.next = arguments.prompt
            wanted.words.next = rounded[:_WORD_LOG2]


@block
def split(loading, sink, program, tokens):
    """What is fetched: the program while ``loading``, then the prompt."""

    @always_comb
    def connect():
        program.valid.next = sink.valid and loading
        tokens.valid.next = sink.valid and not loading
        program.word.next = sink.word
        tokens.word.next = sink.word
        sink.ready.next = (loading and program.ready) or (not loading and tokens.ready)


def walk_arguments(arguments):
    """What of the registers walk() needs: of the Record ``arguments``."""
    names = (
        "program",
        "instructions",
        "prompt",
        "prompt_tokens",
        "position",
        "slot",
        "logits_step",
        "drafts",
        "drafts_source",
        "drafts_cost",
    )
    others = [name for name in arguments.members() if name.startswith(("position_", "slot_"))]
    return Record(**arguments.only(*names, *others).members(), **request_of(arguments).members())


def row_words(config):
    """A word of 32 bits for each row."""
    return Array("row", [Record(word=32).word for _ in range(config.rows)])


def entry_stream():
    """Choices on their way to the ring of results."""
    return Stream(index=32, token=32, place=TOKENS_LOG2, by_head=1)


def walk_ports(config):
    """``wanted`` and ``said`` of walk()."""
    return {
        "wanted": Record(start=1, address=32, words=32),
        "said": Record(
            ended=1, illegal=1, overrun=1, unit=COMMON["unit"][1], position=32, chosen=32, positions=row_words(config)
        ),
    }
