"""The tokens that the next pass tries: those that lookup finds, if there is confidence in as long a match, or else what
the model's draft head makes, while it is worth its time."""

from myhdl import Signal, always, always_comb, always_seq, block, intbv

from golden.machine.text import MOST_TOKENS
from golden.units.drafter import AUTO, LOOKUP
from golden.units.lookup import LONGEST
from myhdl_acc.hdl.record import Array, Record, bits
from myhdl_acc.hdl.wiring import choose_of, constant, unused
from myhdl_acc.rtl.control.balance import balance, outcome
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2
from myhdl_acc.rtl.control.confidence import confidence, judgement
from myhdl_acc.rtl.control.lookup import LENGTH_BITS, lookup, lookup_orders
from myhdl_acc.rtl.control.resolve_piece import TOKEN_BITS
from myhdl_acc.rtl.control.select import select_of


def drafts_record(config):
    """``count`` drafts, the first of ``tokens``: one for each row behind the first, or one that is never used."""
    tokens = [Record(token=TOKEN_BITS).token for _ in range(max(1, config.rows - 1))]
    return Record(count=TOKENS_LOG2, tokens=Array("draft", tokens))


def head_state():
    """Of the draft head: it ``asks`` for one more draft, behind the ``latest`` token. Those of the pass that goes on or
    comes next are made ``by_head``."""
    return Record(asks=1, latest=TOKEN_BITS, by_head=1)


@block
def drafter(clk, rst, launch, arguments, fed, chosen, passed, token, at, drafts, head, config):
    """``drafts`` (drafts_record) for the next pass, up to ``arguments.drafts``: golden Drafter.

    The text begins with a ``launch`` at position 0; it goes on with what is ``fed`` (prompt_state) and ``chosen``
    (chosen_record). What lookup finds is there when ``at.drafted``, which falls three cycles after ``at.answered``;
    ``passed`` is the pass that was. A cycle later, ``at.judged``, ``head`` (head_state) is right. With ``at.kept`` one
    more draft is that of ``token`` (Array of 32) whose row chose last. A single row tries nothing.
    """
    if config.rows > 1:
        text, found = lookup_orders(), Record(**drafts_record(config).members(), length=LENGTH_BITS)
        tries = [Signal(bool(0)) for _ in range(LONGEST)]  # matches of 1, 2, … tokens
        held, used, may, worth = (Signal(bool(0)) for _ in range(4))
        write_text(
            launch=launch, arguments=arguments, fed=fed, chosen=chosen, at=at, logits=passed.logits, text=text
        )  # fmt: skip
        lookup(
            orders=text, most=bits(arguments.drafts, 0, TOKENS_LOG2), ready=at.drafted, count=found.count,
            length=found.length, drafts=found.tokens, config=config,
        )  # fmt: skip
        for kind, one in enumerate(tries, 1):
            judged = judgement()
            judge(
                clear=text.clear, wanted=arguments.drafts, chosen=chosen, passed=passed, answered=at.answered,
                used=used, length=found.length, kind=kind, judged=judged,
            )  # fmt: skip
            confidence(sink=judged, tries=one)
        choose_of(code=found.length, values=[tries[0], *tries], q=held)
        told = outcome()
        judge_head(
            clear=text.clear, wanted=arguments.drafts, chosen=chosen, passed=passed, answered=at.answered, used=used,
            told=told,
        )  # fmt: skip
        balance(sink=told, cost=arguments.drafts_cost, tries=worth)
        use(source=arguments.drafts_source, held=held, found=found, used=used)
        permit(source=arguments.drafts_source, logits=passed.logits, worth=worth, may=may)
        make_drafts(
            launch=launch, arguments=arguments, chosen=chosen, token=token, at=at, found=found, used=used,
            may=may, drafts=drafts, head=head,
        )  # fmt: skip
    else:
        unused(arguments.drafts, arguments.drafts_source, arguments.drafts_cost, fed.fed, fed.token, chosen.noted)
        constant(q=at.drafted, number=1)
        constant(q=at.judged, number=1)
        constant(q=drafts.count, number=0)
        for number in (head.asks, head.latest, head.by_head, *drafts.tokens):
            constant(q=number, number=0)


@block
def judge(clk, clear, wanted, chosen, passed, answered, used, length, kind, judged):
    """What the confidence in drafts of a ``kind`` is told, a cycle later: matches of so many tokens, which lookup found
    and are ``used``. A pass was right in trying if a row behind the first chose."""

    @always(clk.posedge)
    def tell():
        judged.clear.next = clear
        judged.judge.next = wanted != 0 and answered and passed.logits
        judged.tried.next = passed.last != passed.first and used and length == kind
        judged.right.next = chosen.row != passed.first


@block
def judge_head(clk, clear, wanted, chosen, passed, answered, used, told):
    """What the head's balance is ``told``, a cycle later. Drafts are the head's if those of lookup are not ``used``;
    the rows behind the first that chose had one that was accepted."""

    @always(clk.posedge)
    def tell():
        told.clear.next = clear
        told.judge.next = wanted != 0 and answered and passed.logits
        told.tried.next = passed.last != passed.first and not used
        if answered:  # the row is none before the first
            told.accepted.next = chosen.row - passed.first


@block
def use(clk, source, held, found, used):
    """``used``: the drafts are those that lookup ``found``, as its match is ``held`` to be good, and long enough."""

    @always(clk.posedge)
    def decide():  # a cycle late: a pass is planned in the cycle after drafts are there
        used.next = (
            found.count != 0 and held and (source == LOOKUP or (source == AUTO and found.length == LONGEST))
        )  # fmt: skip


@block
def permit(clk, source, logits, worth, may):
    """``may``: the head is ``worth`` a try, behind a pass with ``logits``."""

    @always(clk.posedge)
    def decide():
        may.next = source != LOOKUP and logits and worth


@block
def make_drafts(clk, rst, launch, arguments, chosen, token, at, found, used, may, drafts, head):
    """``drafts``: what was ``found``, or what the head has made; where it ``may`` it asks for one more while there are
    fewer than ``arguments.drafts`` and than rows for them."""
    made, row = Signal(intbv(0)[TOKENS_LOG2:]), Signal(intbv(0)[TOKENS_LOG2:])
    given, most = Signal(intbv(0)[len(token[0]) :]), min(len(drafts.tokens), MOST_TOKENS - 1)
    room, late, late_count = Signal(bool(0)), Signal(bool(0)), Signal(intbv(0)[TOKENS_LOG2:])
    select_of(code=row, words=list(token), q=given)
    for number, (one, draft) in enumerate(zip(found.tokens, drafts.tokens, strict=True)):
        draft_of(number=number, made=made, kept=at.kept, given=given, found=one, used=used, draft=draft)

    @always_seq(clk.posedge, reset=rst)
    def count():
        if launch or at.answered:
            made.next = 0
        elif at.kept:
            made.next = made + 1

    @always(clk.posedge)
    def remember():
        if at.answered:
            row.next = chosen.row
            head.latest.next = chosen.token[TOKEN_BITS:]
        elif at.kept:
            head.latest.next = given[TOKEN_BITS:]

    @always(clk.posedge)
    def ask():
        late.next = at.drafted
        late_count.next = found.count  # with used
        room.next = made < arguments.drafts and made < most

    @always_comb
    def show():
        at.judged.next = late and at.drafted
        head.asks.next = may and room and not used
        head.by_head.next = made != 0
        if used:
            drafts.count.next = late_count
        else:
            drafts.count.next = made


@block
def draft_of(clk, number, made, kept, given, found, used, draft):
    """``draft`` of a ``number``: what was ``found``, or if that is not ``used`` what was ``given`` when it was to be
    made."""
    own = Signal(intbv(0)[len(draft) :])

    @always(clk.posedge)
    def keep():
        if kept and made == number:
            own.next = given[TOKEN_BITS:]

    @always_comb
    def choose():
        if used:
            draft.next = found
        else:
            draft.next = own


@block
def write_text(clk, launch, arguments, fed, chosen, at, logits, text):
    """What lookup is told (lookup_orders): the text from position 0 on, and when drafts are wanted."""
    asked = Signal(bool(0))

    @always(clk.posedge)
    def tell():  # a cycle late: it comes from far, and lookup begins with much logic
        text.clear.next = launch and arguments.drafts != 0 and arguments.position == 0
        text.add.next = arguments.drafts != 0 and (fed.fed or chosen.noted)
        if fed.fed:
            text.token.next = fed.token[TOKEN_BITS:]
        else:
            text.token.next = chosen.token[TOKEN_BITS:]

    @always(clk.posedge)
    def ask():  # behind what is noted with the answer
        asked.next = arguments.drafts != 0 and logits and at.answered and at.another
        text.search.next = asked
