"""A resident program for people: what runs when, in which loop, on which piece of the cache."""

from golden.units.cache_view import MARKS
from golden.units.resolve import WHEN
from myhdl_acc.rtl.control.isa import RESIDENT


def listing(program):
    """Yields a line for each instruction: its number, what the unit does, its loop by indentation, and its condition
    and piece of the cache in words.
    """
    loops = {i["target"] for i in program if i.op == "repeat"}
    targets = loops | {i["target"] for i in program if i.op in ("jump", "next")}
    depth = 0
    for number, i in enumerate(program):
        depth += number in loops
        mark = ">" if number in targets else " "
        fields = [f"{name}={value}" for name, value in i.fields.items() if value and name not in RESIDENT]
        notes = [note for note in (_condition(i), _piece(i)) if note]
        text = " ".join([f"{i.unit}.{i.op}", *fields])
        yield f"{number:>5}{mark} {'  ' * depth}{text}{'   # ' + ', '.join(notes) if notes else ''}"
        depth -= i.op == "repeat"


def _condition(i):
    """When it is executed, if not always."""
    condition = WHEN[i["when"]]
    return "" if condition == "always" else f"if {condition}"


def _piece(i):
    """The positions of a lane that it covers."""
    if i.unit == "control" or not i["until"]:
        return ""
    first = [str(i["start"])] * bool(i["start"]) + [MARKS[i["after"]]] * bool(i["after"])
    last = [str(i["limit"])] * bool(i["limit"]) + [MARKS[i["until"]]]
    return f"blocks and marks from {_most('max', first)} to {_most('min', last)}"


def _most(name, places):
    return f"{name}({', '.join(places)})" if len(places) > 1 else places[0] if places else "0"
