"""The order of a program: what overlaps what.

Dispatch hands out instructions in program order and every unit does its own in that order, so this is all there is to
schedule. Memory never waits for a command: an operation's beats are asked for when its command is dispatched, up to a
queue's depth before the engine begins it. The engine works while the vector unit is at a head step's softmax: it
computes what the next step begins with, the products of the next head block or else its scores. The weights wait in
the queue before the lanes. So the rest of a step (mix) comes within the next one.

``hazards`` and ``queues`` show for every program that its order is right.
"""

from itertools import groupby

# Stages of a head step (methods of Attention); a primed one is of the step before, a raised one (^) of the next head
# block. A step's ``pv`` comes ahead of the next block's ``qk``, whose queries are still being prepared. The scores need
# the scales of all values, so the engine makes the next block's keys while the new values become scales. Scales of
# cached values leave their bank a word per cycle: one operation of them comes between two products, or the second waits
# for a bank.
_FIRST = "first_scales queries keys value_bias rest_scales values keys^ new_scales scores softmax"
# The queries are the longest product: while most of them are multiplied the vector unit makes keys and values.
_FIRST_SHARED = (
    "first_scales first_queries keys value_bias rest_scales values rest_queries keys^ new_scales scores softmax"
)
_NEXT_BLOCK = "queries value_bias first_scales values rest_scales mix' keys^ new_scales scores softmax"
_NEXT_STEP = "scores mix' softmax"
# Of a batch: a block's stages that are of the first sequence, or of all others (+). The next sequence's new values (>)
# take its place in the patch buffer while the scores of this one come.
_BATCH_FIRST = "first_scales queries first_scales+ keys value_bias rest_scales values rest_scales+ keys^ new_scales"
_BATCH_NEXT_BLOCK = "first_scales queries first_scales+ value_bias rest_scales values rest_scales+ keys^ new_scales"
_BATCH_STEP = "scores new_scales> mix' softmax"


def attention_stages(head_steps, held_up, shared=False):
    """``(stage, HeadStep)`` of a layer's attention in program order; ``held_up``: see Place; ``shared``:
    see Attention.
    """
    before = None
    for step, after in _with_the_next_block(head_steps):
        stages = _NEXT_STEP
        if step.member == 0:
            stages = _NEXT_BLOCK if before else _FIRST_SHARED if shared else _FIRST
        yield from _of(stages, step, before, after, held_up)
        before = step
    yield from _last_of(before, held_up)


def batch_stages(head_steps, held_up):
    """The same of a batch. All sequences' steps of the same number go together."""
    before = None
    for number, of_number in groupby(_with_the_next_block(head_steps), key=lambda pair: pair[0].number):
        steps, (after, *_) = zip(*of_number, strict=True)
        begins_block = steps[0].member == 0
        if begins_block:
            for stage in (_BATCH_NEXT_BLOCK if number else _BATCH_FIRST).split():
                for step in steps[1:] if stage.endswith("+") else steps[:1]:
                    yield from _of(stage.rstrip("+"), step, None, after, False)
        for step, later in zip(steps, (*steps[1:], None), strict=True):
            # The first keys of a block come with its values.
            keys = "" if begins_block and step is steps[0] else "new_keys "
            yield from _of(keys + _BATCH_STEP, step, before, None, held_up, later if begins_block else None)
            before = step
    yield from _last_of(before, held_up)


def _with_the_next_block(head_steps):
    """Every step, and the first one of the next head block, or None."""
    begins = {step.block.number: step for step in reversed(head_steps)}
    return [(step, begins.get(step.block.number + 1)) for step in head_steps]


def _of(stages, step, before, after, held_up, later=None):
    """``stages`` of ``step``, of the step ``before``, of the one ``after`` and of the ``later`` sequence, if there are
    any.

    ``held_up``: the queue before the lanes does not hold a step's weights, so its ``pv`` takes them while they are
    made.
    """
    others = {"'": None if held_up else before, "^": after, ">": later}
    found = [(stage.rstrip("'^>"), others.get(stage[-1], step)) for stage in stages.split()]
    return [one for one in found if one[1]] + [("mix", step)] * held_up


def _last_of(step, held_up):
    return [] if held_up else [("mix", step)]
