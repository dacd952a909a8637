"""The tokens that the next pass tries: those that lookup finds, if there is confidence in as long a match."""

from myhdl import Signal, always, block, intbv

from golden.units.lookup import LONGEST
from myhdl_acc.hdl.record import Array, Record, bits
from myhdl_acc.hdl.wiring import choose_of, constant, unused
from myhdl_acc.rtl.control.cache_view import TOKENS_LOG2
from myhdl_acc.rtl.control.confidence import confidence, judgement
from myhdl_acc.rtl.control.lookup import LENGTH_BITS, lookup, lookup_orders
from myhdl_acc.rtl.control.resolve_piece import TOKEN_BITS


def drafts_record(config):
    """``count`` drafts, the first of ``tokens``: one for each row behind the first, or one that is never used."""
    tokens = [Record(token=TOKEN_BITS).token for _ in range(max(1, config.rows - 1))]
    return Record(count=TOKENS_LOG2, tokens=Array("draft", tokens))


@block
def drafter(clk, rst, launch, arguments, fed, chosen, passed, at, drafts, config):
    """``drafts`` (drafts_record) for the next pass, up to ``arguments.drafts``: golden Drafter.

    The text begins with a ``launch`` at position 0; it goes on with what is ``fed`` (prompt_state) and ``chosen``
    (chosen_record). They are there when ``at.drafted``, which falls three cycles after ``at.answered``; ``passed``
    is the pass that was. A single row tries nothing.
    """
    if config.rows > 1:
        text, found = lookup_orders(), Signal(intbv(0)[TOKENS_LOG2:])
        length, held = Signal(intbv(0)[LENGTH_BITS:]), [Signal(bool(0)) for _ in range(LONGEST)]
        holds = Signal(bool(0))
        write_text(
            launch=launch, arguments=arguments, fed=fed, chosen=chosen, at=at, logits=passed.logits, text=text
        )  # fmt: skip
        lookup(
            orders=text, most=bits(arguments.drafts, 0, TOKENS_LOG2), ready=at.drafted, count=found, length=length,
            drafts=drafts.tokens, config=config,
        )  # fmt: skip
        for number, tries in enumerate(held, 1):
            judged = judgement()
            judge(
                clear=text.clear, wanted=arguments.drafts, chosen=chosen, passed=passed, answered=at.answered,
                length=length, number=number, judged=judged,
            )  # fmt: skip
            confidence(sink=judged, tries=tries)
        choose_of(code=length, values=[held[0], *held], q=holds)
        gate(holds=holds, found=found, count=drafts.count)
    else:
        unused(arguments.drafts, fed.fed, fed.token, chosen.noted)
        constant(q=at.drafted, number=1)
        constant(q=drafts.count, number=0)
        for token in drafts.tokens:
            constant(q=token, number=0)


@block
def judge(clk, clear, wanted, chosen, passed, answered, length, number, judged):
    """What the confidence in matches of ``number`` tokens is told, a cycle later. A pass was right in trying if a row
    behind the first chose."""

    @always(clk.posedge)
    def tell():
        judged.clear.next = clear
        judged.judge.next = wanted != 0 and answered and passed.logits
        judged.tried.next = passed.last != passed.first and length == number
        judged.right.next = chosen.row != passed.first


@block
def gate(clk, holds, found, count):
    @always(clk.posedge)
    def pass_on():  # a pass is planned in the cycle after drafts are there
        if holds:
            count.next = found
        else:
            count.next = 0


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
