"""Drafts from the text so far: what followed the last tokens where they came before."""

from myhdl import Signal, always, always_comb, always_seq, block, concat, intbv, modbv

from golden.units.lookup import LONGEST
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.ram import ram
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.wiring import choose_of, wire
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2
from myhdl_acc.rtl.control.resolve_piece import TOKEN_BITS

LENGTH_BITS = LONGEST.bit_length()

IDLE, CLEAR, TRY, READ, COMPARE, DRAFT, KEEP = range(7)


def most_cycles(drafts):
    """From ``search`` until ``drafts`` tokens are found, at most: each length is tried and fails at its last token."""
    return 2 + LONGEST + LONGEST * (LONGEST + 1) + 2 * drafts


def lookup_orders():
    """Pulses: a text begins (``clear``), it goes on with ``token`` (``add``), drafts are wanted (``search``)."""
    return Record(clear=1, add=1, search=1, token=TOKEN_BITS)


@entity(outputs=("ready", "count", "length", "drafts"))
def lookup(clk, rst, orders, most, ready, count, length, drafts, config):
    """``count`` (4) tokens that may follow, the first of ``drafts`` (Array of TOKEN_BITS): golden Lookup of the last
    ``config.lookup_depth`` tokens.

    ``orders``: lookup_orders, one at a time; but for ``clear`` only while ``ready``. A token per cycle. ``most`` (4)
    drafts are wanted, and no more than ``drafts`` has are found. ``ready`` falls with ``search`` for most_cycles() at
    most, and with ``clear`` for lookup_depth + 1 cycles. Before the first ``clear`` nothing is added.
    ``length`` (LENGTH_BITS): as of golden Lookup, with ``count`` from 1 on.
    """
    width, final = (config.lookup_depth - 1).bit_length(), config.lookup_depth - 1
    state = Signal(intbv(0, min=0, max=7))
    tail = [Signal(intbv(0)[TOKEN_BITS:]) for _ in range(LONGEST)]  # the last tokens, the latest first
    known = Signal(intbv(0, min=0, max=LONGEST + 1))  # how many of these there are
    place, latest, swept = (Signal(modbv(0)[width:]) for _ in range(3))
    back = Signal(intbv(0)[len(length) :])  # of up to LONGEST tokens
    further = Signal(modbv(0)[2:])
    gathered = Signal(intbv(0)[TOKENS_LOG2:])
    step, following = Signal(intbv(0)[TOKENS_LOG2:]), Signal(modbv(0)[TOKENS_LOG2:])
    found, behind = Signal(intbv(0)[width:]), Signal(modbv(0)[width:])
    address, reach = Signal(modbv(0)[width:]), Signal(modbv(0)[width:])
    entry = Signal(intbv(0)[width + 1 :])  # of the length at hand: whether there is one, and its place
    read, same, enough = (Signal(bool(0)) for _ in range(3))
    word, compared = (Signal(intbv(0)[TOKEN_BITS:]) for _ in range(2))
    clearing, keeping = Signal(bool(0)), Signal(bool(0))
    last = len(drafts) - 1
    entries = []
    for number in range(LONGEST):
        key, one = Signal(intbv(0)[width:]), Signal(intbv(0)[width + 1 :])
        key_of(tokens=[orders.token, *tail[:number]], key=key)
        kept = Signal(bool(0)) if number else orders.add
        if number:
            at_least(add=orders.add, known=known, number=number, flag=kept)
        table(add=orders.add, keep=kept, place=place, key=key, clearing=clearing, swept=swept, entry=one)
        entries.append(one)
    choose_of(code=length, values=[entries[0], *entries], q=entry)
    choose_of(code=back, values=tail, q=compared)
    ram(
        write=orders.add, write_address=place, data=orders.token, read=read, read_address=address, word=word,
        depth=1 << width,
    )  # fmt: skip
    for number, draft in enumerate(drafts):
        keep(keeping=keeping, step=step, number=number, word=word, draft=draft)
    go_on(orders=orders, tail=tail, known=known, place=place, latest=latest)

    @always_comb
    def aim():
        found.next = entry[width:]
        following.next = step + 1
        further.next = back + 1
        if state == DRAFT:
            read.next = True
            address.next = behind + step
        else:
            read.next = state == READ
            address.next = entry[width:] - back

    @always_comb
    def show():
        if most == 0:
            count.next = 0
        else:
            count.next = gathered

    @always_comb
    def judge():
        same.next = word == compared
        clearing.next = state == CLEAR
        keeping.next = state == KEEP
        ready.next = state == IDLE
        enough.next = following == most or reach == following or step == last

    @always_seq(clk.posedge, reset=rst)
    def search():
        if orders.clear:
            state.next = CLEAR
            swept.next = 0
        elif state == IDLE:
            if orders.search:
                gathered.next = 0
                length.next = known
                state.next = TRY
        elif state == CLEAR:
            swept.next = swept + 1
            if swept == final:
                state.next = IDLE
        elif state == TRY:
            back.next = 0
            step.next = 0
            behind.next = found + 1
            reach.next = latest - found
            if length == 0 or most == 0:
                state.next = IDLE
            elif entry[width]:
                state.next = READ
            else:
                length.next = length - 1
        elif state == READ:
            state.next = COMPARE
        elif state == COMPARE:
            back.next = further
            if not same:
                length.next = length - 1
                state.next = TRY
            elif further == length:
                state.next = DRAFT
            else:
                state.next = READ
        elif state == DRAFT:
            state.next = KEEP
        else:
            step.next = following
            gathered.next = following
            if enough:
                state.next = IDLE
            else:
                state.next = DRAFT


@block
def key_of(tokens, key):
    """Golden Lookup's key of ``tokens``, the latest first."""
    width = len(key)
    turned = [Signal(intbv(0)[width:]) for _ in tokens]
    for back, (token, one) in enumerate(zip(tokens, turned, strict=True)):
        fold(token=token, turned=one, turn=back * width // LONGEST)
    joined = turned[0]
    for one in turned[1:]:
        both, former = Signal(intbv(0)[width:]), joined
        mix(a=former, b=one, q=both)
        joined = both
    wire(joined, key)


@block
def fold(token, turned, turn):
    width = len(turned)
    folded, upper = (Signal(intbv(0)[width:]) for _ in range(2))

    @always_comb
    def split():
        upper.next = token[:width]

    @always_comb
    def join():
        folded.next = token[width:] ^ upper

    wire(folded, turned) if turn == 0 else rotate(folded, turned, turn)


@block
def rotate(word, q, turn):
    width = len(word)

    @always_comb
    def turn_left():
        q.next = concat(word[width - turn :], word[width : width - turn])


@block
def mix(a, b, q):
    @always_comb
    def join():
        q.next = a ^ b


@block
def at_least(add, known, number, flag):
    """``add``, with as many tokens before it as are ``number``."""

    @always_comb
    def compare():
        flag.next = add and known >= number


@block
def table(clk, add, keep, place, key, clearing, swept, entry):
    """Where tokens came last, by their ``key``: ``entry`` is what the latest ``add`` found, with a one above it if
    there was something. With ``keep`` this is the last ``place``."""
    write = Signal(bool(0))
    written = Record(address=modbv(0)[len(key) :], word=len(entry))
    ram(
        write=write, write_address=written.address, data=written.word, read=add, read_address=key, word=entry,
        depth=1 << len(key),
    )  # fmt: skip

    @always_comb
    def choose():
        write.next = clearing or keep
        if clearing:
            written.address.next = swept
            written.word.next = 0
        else:
            written.address.next = key
            written.word.next = concat(True, place)


@block
def keep(clk, keeping, step, number, word, draft):
    @always(clk.posedge)
    def store():
        if keeping and step == number:
            draft.next = word


@block
def go_on(clk, rst, orders, tail, known, place, latest):
    """The last tokens of the text, and the ``place`` of the next one."""

    @always_seq(clk.posedge, reset=rst)
    def count():
        if orders.clear:
            known.next = 0
            place.next = 0
        elif orders.add:
            place.next = place + 1
            latest.next = place
            if known != LONGEST:
                known.next = known + 1

    for former, own in zip([orders.token, *tail], tail, strict=False):
        shift(add=orders.add, former=former, own=own)


@block
def shift(clk, add, former, own):
    @always(clk.posedge)
    def move():
        if add:
            own.next = former
