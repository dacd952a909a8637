"""The order of a program: what overlaps what.

Dispatch hands out instructions in program order and every unit does its own in that order, so this is all there is to
schedule. Memory never waits for a command: an operation's beats are asked for when its command is dispatched, up to a
queue's depth before the engine begins it. The engine works while the vector unit is at a head step's softmax: it
computes what the next step begins with, the products of the next head block or else its scores. So the rest of a step
(probs, mix) comes within the next one.

``hazards`` and ``queues`` show for every program that its order is right.
"""

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
# Of a batch the next sequence's step of a block, whose keys and values are there already.
_NEXT_SEQUENCE = "probs' new_keys select scores first_scales mix' rest_scales new_scales softmax"
_NEXT_SEQUENCE_HELD_UP = "new_keys select scores probs' mix' all_scales softmax"
_NEXT_STEP = "probs' select scores mix' softmax"
_NEXT_STEP_HELD_UP = "select scores probs' mix' softmax"
_END = "probs' mix'"


def attention_stages(head_steps, held_up, shared=False):
    """``(stage, HeadStep)`` of a layer's attention in program order; ``held_up``: see Place; ``shared``:
    see Attention.
    """
    before = None
    for step in head_steps:
        if step.member > 0:
            stages = _NEXT_STEP_HELD_UP if held_up else _NEXT_STEP
        elif step.sequence > 0:
            stages = _NEXT_SEQUENCE_HELD_UP if held_up else _NEXT_SEQUENCE
        elif before is None:
            stages = _FIRST_SHARED if shared else _FIRST
        else:
            stages = _NEXT_BLOCK_HELD_UP if held_up else _NEXT_BLOCK
        yield from _of(stages, step, before)
        before = step
    yield from _of(_END, None, before)


def _of(stages, step, before):
    return [(stage.rstrip("'"), before if stage.endswith("'") else step) for stage in stages.split()]
