"""The order of a program: what overlaps what.

Dispatch hands out instructions in program order and every unit does its own in that order, so this is all there is to
schedule. Memory never waits for a command: an operation's beats are asked for when its command is dispatched, up to a
queue's depth before the engine begins it. The engine works while the vector unit is at a head step's softmax: it
computes what the next step begins with, the products of the next head block or else its scores. So the rest of a step
(probs, mix) comes within the next one.

``hazards`` and ``queues`` show for every program that its order is right.
"""

from dataclasses import replace
from itertools import groupby
from operator import attrgetter

from golden.machine.batch import LONGEST

# Stages of a head step (methods of Attention); a primed one is of the step before. A step's ``pv`` comes ahead of the
# next block's ``qk``, whose keys and queries are still being prepared. Scales of cached values leave their bank a word
# per cycle: one operation of them comes between two products, or the second waits for a bank.
_FIRST = "first_scales queries keys value_bias rest_scales values select scores new_scales softmax"
# The queries are the longest product: while most of them are multiplied the vector unit makes keys and values.
_FIRST_SHARED = (
    "first_scales first_queries keys value_bias rest_scales values rest_queries new_scales select scores softmax"
)
_NEXT_BLOCK = "queries probs' keys value_bias first_scales values rest_scales select mix' scores new_scales softmax"
# Scales are in use until probs are made, and these may leave one bank only, for the product: no bias in between.
_NEXT_BLOCK_HELD_UP = "queries keys value_bias probs' values select mix' scores all_scales softmax"
_NEXT_STEP = "probs' select scores mix' softmax"
_NEXT_STEP_HELD_UP = "select scores probs' mix' softmax"
_END = "probs' mix'"

# Of a batch: a stage of the first sequence, of all others (+), or of all (*). A product comes between two operations of
# scales.
_BATCH_FIRST = "first_scales queries first_scales+ keys value_bias rest_scales* values"
_BATCH_NEXT_BLOCK = "queries probs' keys value_bias probs+' first_scales values first_scales+ rest_scales* mix*'"
_BATCH_NEXT_STEP = "probs*' new_keys"
_BATCH_HELD_UP_BLOCK = "queries keys value_bias values"


def attention_stages(head_steps, held_up, shared=False):
    """``(stage, HeadStep)`` of a layer's attention in program order; ``held_up``: see Place; ``shared``:
    see Attention.
    """
    before = None
    for step in head_steps:
        if step.member > 0:
            stages = _NEXT_STEP_HELD_UP if held_up else _NEXT_STEP
        elif before is None:
            stages = _FIRST_SHARED if shared else _FIRST
        else:
            stages = _NEXT_BLOCK_HELD_UP if held_up else _NEXT_BLOCK
        yield from _of(stages, step, before)
        before = step
    yield from _of(_END, None, before)


def batch_stages(head_steps, held_up):
    """The same of a batch. All sequences' steps of the same number go together, with one softmax: golden LONGEST."""
    before = []
    for _, of_number in groupby(head_steps, key=attrgetter("number")):
        steps = list(of_number)
        begins_block = steps[0].member == 0
        if held_up:
            yield from _one_by_one(before)
            stages = _BATCH_HELD_UP_BLOCK if begins_block else "new_keys"
        elif begins_block:
            stages = _BATCH_NEXT_BLOCK if before else _BATCH_FIRST
        else:
            stages = _BATCH_NEXT_STEP
        yield from _of_sequences(stages, steps, before)
        for step in steps:
            own = "select scores" if step is steps[0] else "new_keys select scores"
            scales = ("all_scales" if held_up else "new_scales") if begins_block else ""
            yield from _of(f"{own} {scales}", step, None)
        if not held_up and not begins_block:
            yield from _of_sequences("mix*'", steps, before)
        yield "softmax", replace(steps[0], sequence=LONGEST)
        before = steps
    yield from _one_by_one(before) if held_up else _of_sequences("probs*' mix*'", [], before)


def _one_by_one(steps):
    return [(stage, step) for step in steps for stage in ("probs", "mix")]


def _of_sequences(stages, steps, before):
    found = []
    for stage in stages.split():
        of, name = before if stage.endswith("'") else steps, stage.rstrip("'")
        chosen = of if name.endswith("*") else of[1:] if name.endswith("+") else of[:1]
        found += [(name.rstrip("*+"), step) for step in chosen]
    return found


def _of(stages, step, before):
    return [(stage.rstrip("'"), before if stage.endswith("'") else step) for stage in stages.split()]
