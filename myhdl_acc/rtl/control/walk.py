"""Walks through the resident program: pass after pass, layer after layer, until there is no more to do."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv, modbv

from golden.units.resolve import WHEN
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record, view
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control.cache_view import cache_view
from myhdl_acc.rtl.control.choice import choice
from myhdl_acc.rtl.control.instruction_check import instruction_check
from myhdl_acc.rtl.control.isa import COMMON, FIELDS, INSTRUCTION_BITS, OPS, UNITS
from myhdl_acc.rtl.control.program_store import program_store
from myhdl_acc.rtl.control.prompt import TOKEN_BITS, prompt
from myhdl_acc.rtl.control.register_map import END_TOKENS
from myhdl_acc.rtl.control.resolve import pass_record, resolve

IDLE, LOAD, LOADED, DECODE, PLAN, TAKE, BEGIN, SETTLE, CHOOSE, END = range(10)
_CONTROL = UNITS.index("control")
_END, _PASS, _NEXT, _REPEAT, _JUMP = (OPS["control"].index(op) for op in ("end", "pass", "next", "repeat", "jump"))
_TOKENS_OF_A_WORD = INSTRUCTION_BITS // TOKEN_BITS
_WORD_LOG2 = _TOKENS_OF_A_WORD.bit_length() - 1
_ALWAYS, _CAPPED, _LOGITS, _LOGITS_CAPPED, _ANGLES, _ANGLES_CAPPED, _SEVERAL = range(len(WHEN))


@entity(outputs=("wanted", "said"))
def walk(clk, rst, sink, source, source_entry, launch, stop, fetching, settled, arguments, token, wanted, said, config):
    """From ``launch`` on: keep the program, which ``sink`` (Stream(word=256)) brings, then give the units their
    instructions at ``source`` (Stream(word=256)), resolved for each pass and layer: golden Walk.

    ``wanted`` tells fetch what to bring: at a pulse of ``start`` ``words`` words from beat ``address`` on, the program
    and then the prompt; ``fetching``: it is still at it. ``arguments``: of records. ``settled``: the units have nothing
    to do, which must hold before a pass's end is judged. ``token``: Array of the rows' latest choices. Each choice goes
    to ``source_entry`` (Stream(index=32, token=32)).

    ``said.ended``: the program has come to ``end``, or failed: ``illegal``, a word that is no instruction, of ``unit``;
    ``overrun``, its words ended before. It stays until ``stop``, which also ends what is under way. ``position`` is that
    of the next token, ``chosen`` the number of choices. An instruction per cycle, five cycles more after a jump; latency of resolve.
    """
    state = Signal(intbv(0, min=0, max=10))
    pc, rounded = Signal(modbv(0)[16:]), Signal(intbv(0)[33:])
    stored = Stream(word=INSTRUCTION_BITS)
    field = view(stored.word, FIELDS["control"] | COMMON)
    begin = Record(pass_=1, prompt=1, plan=1, take=1, ask=1)
    jump, target, done = Signal(bool(0)), Signal(intbv(0)[16:]), Signal(bool(0))
    at = Record(planned=1, taken=1, last_layer=1, answered=1, another=1, full=1, illegal=1, resolved=1, holds=1, go=1, wrong=1, over=1)
    program, tokens_in, resident = (Stream(word=INSTRUCTION_BITS) for _ in range(3))
    now, left = pass_record(config), Signal(intbv(0)[32:])
    offset = Signal(modbv(0)[32:])
    flags = Record(logits=1, angles=1, waiting=1, loading=1)
    chosen = Record(count=32, token=32)
    every = Signal(intbv(0)[1 << FIELDS["control"]["when"][1] :])

    program_store(
        sink=program, clear=launch, length=arguments.instructions, full=at.full, jump=jump, target=target,
        source=stored, config=config,
    )  # fmt: skip
    prompt(
        sink=tokens_in, clear=begin.prompt, stop=stop, length=arguments.prompt_tokens, take=begin.take, last=now.view.last,
        chosen=chosen.token, tokens=now.tokens, done=at.taken, left=left, waiting=flags.waiting, config=config,
    )  # fmt: skip
    cache_view(
        start=begin.plan, shape=now.shape, position=now.position, slot=now.slot, left=left, view=now.view,
        done=at.planned, config=config,
    )  # fmt: skip
    resolve(
        sink=resident, source=source, offset=offset, new_pass=begin.pass_, now=now, idle=at.resolved, config=config
    )  # fmt: skip
    choice(
        clear=launch, ask=begin.ask, row=now.view.last, logits=flags.logits, waiting=flags.waiting, request=ending(arguments),
        token=token, source=source_entry, chosen=chosen, answer=at.answered, another=at.another,
    )  # fmt: skip
    instruction_check(word=stored.word, illegal=at.illegal)
    steps(
        state=state, launch=launch, stop=stop, fetching=fetching, settled=settled, field=field, at=at,
        said=said,
    )  # fmt: skip
    place(
        state=state, launch=launch, at=at, done=done, jump=jump, target=target, field=field, arguments=arguments,
        now=now, offset=offset, pc=pc, logits=flags.logits,
    )  # fmt: skip
    conditions(state=state, launch=launch, at=at, arguments=arguments, view=now.view, flags=flags, holds=now.holds)
    take_shape(load=begin.pass_, field=field, shape=now.shape)
    split(loading=flags.loading, sink=sink, program=program, tokens=tokens_in)

    @always_comb
    def order():
        begin.pass_.next = state == DECODE and at.go and field.unit == _CONTROL and field.op == _PASS
        begin.prompt.next = state == LOADED and not fetching
        begin.ask.next = state == SETTLE and settled and at.resolved

    @always(clk.posedge)
    def order_later():
        begin.plan.next = state == DECODE and at.go and field.unit == _CONTROL and field.op == _PASS
        begin.take.next = state == PLAN and at.planned

    @always_comb
    def offer():
        flags.loading.next = state == LOAD or state == LOADED
        resident.valid.next = state == DECODE and at.go and field.unit != _CONTROL
        resident.word.next = stored.word

    @always_comb
    def condition():
        every.next = now.holds
        at.holds.next = every[field.when]
        at.over.next = pc >= arguments.instructions or pc >= config.program_depth

    @always_comb
    def judge():
        at.go.next = stored.valid and not at.illegal and not at.over
        at.wrong.next = stored.valid and (at.illegal or at.over)

    @always_comb
    def measure():
        rounded.next = arguments.prompt_tokens + (_TOKENS_OF_A_WORD - 1)

    @always_comb
    def consume():
        if state == CHOOSE:
            done.next = at.answered
        elif field.unit == _CONTROL:
            done.next = state == DECODE and at.go and field.op != _NEXT
        else:
            done.next = state == DECODE and at.go and resident.ready
        stored.ready.next = done

    @always_comb
    def leap():
        if state == CHOOSE:
            jump.next = at.answered and at.another
        elif field.unit == _CONTROL and field.op == _REPEAT:
            jump.next = state == DECODE and at.go and not at.last_layer
        elif field.unit == _CONTROL and field.op == _JUMP:
            jump.next = state == DECODE and at.go and at.holds
        else:
            jump.next = state == LOADED and not fetching
        if state == LOADED:
            target.next = 0
        else:
            target.next = field.target

    @always_comb
    def want():
        wanted.start.next = launch or (state == LOADED and not fetching)
        if launch:
            wanted.address.next = arguments.program
            wanted.words.next = arguments.instructions
        else:
            wanted.address.next = arguments.prompt
            wanted.words.next = rounded[:_WORD_LOG2]

    @always_comb
    def show():
        said.position.next = now.position
        said.chosen.next = chosen.count
        said.unit.next = field.unit


@block
def steps(clk, rst, state, launch, stop, fetching, settled, field, at, said):
    """``state``, and how it ends."""
    control = Signal(bool(0))

    @always_comb
    def judge():
        control.next = field.unit == _CONTROL

    @always_comb
    def show():
        said.ended.next = state == END

    @always_seq(clk.posedge, reset=rst)
    def walk_on():
        if stop:
            state.next = IDLE
        elif state == IDLE:
            if launch:
                state.next = LOAD
                said.illegal.next = False
                said.overrun.next = False
        elif state == LOAD:
            if at.full:
                state.next = LOADED
        elif state == LOADED:
            if not fetching:
                state.next = DECODE
        elif state == DECODE:
            if at.wrong:
                said.illegal.next = not at.over
                said.overrun.next = at.over
                state.next = END
            elif at.go and control and field.op == _PASS:
                state.next = PLAN
            elif at.go and control and field.op == _NEXT:
                state.next = SETTLE
            elif at.go and control and field.op == _END:
                state.next = END
        elif state == PLAN:
            if at.planned:
                state.next = TAKE
        elif state == TAKE:
            if at.taken:
                state.next = BEGIN
        elif state == BEGIN:
            state.next = DECODE
        elif state == SETTLE:
            if settled and at.resolved:
                state.next = CHOOSE
        elif state == CHOOSE:
            if at.answered:
                state.next = DECODE


@block
def place(clk, rst, state, launch, at, done, jump, target, field, arguments, now, offset, pc, logits):
    """The next instruction, the layer, and the position of the next pass's first token."""
    layer, following = Signal(modbv(0)[16:]), Signal(modbv(0)[16:])

    @always_comb
    def judge():
        following.next = layer + 1

    @always_comb
    def compare():
        at.last_layer.next = following == field.count

    @always_seq(clk.posedge, reset=rst)
    def count():
        if jump:
            pc.next = target
        elif done:
            pc.next = pc + 1

    @always_seq(clk.posedge, reset=rst)
    def step():
        if launch:
            layer.next = 0
            offset.next = 0
        elif state == DECODE and at.go and field.unit == _CONTROL and field.op == _REPEAT:
            if at.last_layer:
                layer.next = 0
                offset.next = 0
            else:
                layer.next = following
                offset.next = offset + field.stride

    @always_seq(clk.posedge, reset=rst)
    def move():
        if launch:
            now.position.next = arguments.position
            now.slot.next = arguments.slot[24:]
            now.logits_offset.next = 0
        elif state == CHOOSE and at.answered:
            now.position.next = now.view.following
            now.slot.next = now.view.next_slot
            if logits:
                now.logits_offset.next = now.logits_offset + arguments.logits_step


@block
def conditions(clk, rst, state, launch, at, arguments, view, flags, holds):
    """What instructions of a pass are conditional on (golden WHEN)."""

    @always_seq(clk.posedge, reset=rst)
    def remember():
        if launch:
            flags.angles.next = False
        elif state == CHOOSE and at.answered:
            flags.angles.next = flags.logits

    @always_seq(clk.posedge, reset=rst)
    def judge():
        if state == BEGIN:
            flags.logits.next = not flags.waiting and arguments.choices != 0
            holds.next[_ALWAYS] = True
            holds.next[_CAPPED] = view.capped
            holds.next[_LOGITS] = not flags.waiting and arguments.choices != 0
            holds.next[_LOGITS_CAPPED] = not flags.waiting and arguments.choices != 0 and view.next_capped
            holds.next[_ANGLES] = not flags.angles
            holds.next[_ANGLES_CAPPED] = not flags.angles and view.capped
            holds.next[_SEVERAL] = view.last != 0


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


def ending(arguments):
    """What of a request says when it ends."""
    return arguments.only("choices", "stop", "end_tokens", *(f"end_{n}" for n in range(END_TOKENS)))


def walk_arguments(arguments):
    """What of the registers walk() needs."""
    return Record(
        **arguments.only(
            "program", "instructions", "prompt", "prompt_tokens", "position", "slot", "logits_step"
        ).members(),
        **ending(arguments).members(),
    )


def walk_ports():
    """``wanted`` and ``said`` of walk()."""
    return {
        "wanted": Record(start=1, address=32, words=32),
        "said": Record(ended=1, illegal=1, overrun=1, unit=COMMON["unit"][1], position=32, chosen=32),
    }
