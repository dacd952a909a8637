"""What drafts of a draft head cost: an estimate from the program, for the register ``drafts_cost``."""

from golden.units.balance import COST_BITS, PASS
from golden.units.drafter import HEADS
from myhdl_acc.rtl.vector.unit.draw_control import spacing
from myhdl_acc.rtl.vector.unit.duration import duration

#: What the sum below leaves out of a head: its products wait for each other, and for memory. The program of a pass
#: hides such waits. On demo a pass of austen takes 43 % more with one draft, and the sum 36 %.
WAITS = 7 / 5


def draft_cost(compiler, drafts, drawn):
    """What a pass that tries ``drafts`` drafts of the head of ``compiler`` (Compiler) takes more than one without, by
    golden.units.balance PASS, with a full cache. ``drawn``: tokens are drawn.

    Both are taken to last as long as lanes read and the vector unit computes, one after the other.
    """
    position = compiler.place.rule.capacity

    def cycles(**fields):
        """Of what the second of two passes that choose takes, the drafts for it included."""
        one, two = (compiler.passes(compiler.request([0], count, position, **fields)) for count in (1, 2))
        return sum(_duration(i, compiler.place.config, drawn) for i in two[len(one) - 1 : -1])

    more = cycles(drafts=drafts, source=HEADS) / cycles() - 1
    return min(round(WAITS * more * PASS), (1 << COST_BITS) - 1)


def _duration(i, config, drawn):
    if i.unit == "engine":
        return i["beats"]
    if i.unit != "vector":
        return 0
    return max(duration(i, config), spacing(config.rows) * i["count"] if drawn and i.op == "logits" else 0)
