"""The tables of the vector unit's instructions in instructions.md and vector.md."""

from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS
from myhdl_acc.rtl.vector.unit import draw_control
from myhdl_acc.rtl.vector.unit import latencies as chain
from myhdl_acc.rtl.vector.unit.flags import LARGEST, NORM, SCALES, TOKEN
from myhdl_acc.rtl.vector.unit.instructions import INSTRUCTIONS


def instructions():
    """What every instruction uses and does."""
    lines = ["| op | uses | pass | after the pass, with `last` |", "|---|---|---|---|"]
    lines += [f"| `{op}` | {row.fields} | {row.does} | {row.then} |" for op, row in INSTRUCTIONS.items()]
    return "\n".join(lines)


def latencies():
    """L of all instructions that have a pass, with more lanes than one."""
    passes = {op: row.latency_with(2) for op, row in INSTRUCTIONS.items() if row.passes}
    lines = ["| | L |", "|---|---|"]
    lines += [f"| {_ops(lambda op: passes.get(op) == cycles)} | {cycles} |" for cycles in sorted(set(passes.values()))]
    return "\n".join(lines)


def waits():
    """What an instruction takes on top of its indices and L."""
    rows = INSTRUCTIONS
    waits = {op: row.head_wait for op, row in rows.items() if row.flag("segmented")}
    heads = [
        (wait, _ops(lambda op, wait=wait: waits.get(op) == wait)) for wait in sorted(set(waits.values()), reverse=True)
    ]
    lines = [
        ("the scale of what is read", chain.PREPARE_STEP, _ops(lambda op: rows[op].prepare == chain.PREPARE_STEP)),
        *(
            ("" if number else "what is made of the last head, into the table", f"b + {wait}", ops)
            for number, (wait, ops) in enumerate(heads)
        ),
        ("a statistic over the columns", "b + 2", _ops(lambda op: rows[op].reduces_always)),
        (
            "two statistics, one after the other",
            "b + 3",
            f"{_ops(lambda op: rows[op].flag('after') in (NORM, LARGEST))} with `last`",
        ),
        (
            "correction, then total, then each head's scale of mixed values",
            f"b + P + {chain.MIXED + 5}",
            f"{_ops(lambda op: rows[op].flag('after') == SCALES)} with `last`",
        ),
        ("zeros to fill a beat, if any", "1 + zeros", "`logits`"),
        ("the token", "b + 4", f"{_ops(lambda op: rows[op].flag('after') == TOKEN)} with `last`"),
        ("the token, if it is drawn", f"b + {4 + draw_control.wait(0)} + {STEPS}·rows", "likewise"),
    ]
    return "\n".join(["| for | cycles | in |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in lines)])


def _ops(chosen):
    return ", ".join(f"`{op}`" for op in INSTRUCTIONS if chosen(op))
