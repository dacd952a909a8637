"""The order of a program: what overlaps what.

Dispatch hands out instructions in program order and every unit does its own in that order, so this is all there is to
schedule. Memory never waits for a command: an operation's beats are asked for ``READ_AHEAD`` operations before it. The
engine works while the vector unit is at a turn's softmax: it computes what the next turn begins with, the products of
the next head pass or else its scores. So the rest of a turn (probs, mix) comes within the next one.

``hazards`` and ``queues`` show for every program that its order is right.
"""

READ_AHEAD = 12  #: operations; fewer than the read queue holds, so that a read never keeps an earlier command back

# Steps of a turn (methods of Attention); a primed one is of the turn before. A turn's ``pv`` comes ahead of the next
# pass's ``qk``, whose keys and queries are still being prepared.
_FIRST = "first_scales queries keys value_bias rest_scales values select scores new_scales softmax"
_NEXT_PASS = "queries probs' keys value_bias old_scales values select mix' scores new_scales softmax"
# Scales are in use until probs are made, and these may leave one bank only, for the product: no bias in between.
_NEXT_PASS_HELD_UP = "queries keys value_bias probs' values select mix' scores all_scales softmax"
_NEXT_TURN = "select scores probs' mix' softmax"
_END = "probs' mix'"


def attention_steps(turns, held_up):
    """``(step, turn)`` of a layer's attention in program order.

    ``turns``: (head pass, member) each; ``held_up``: see Cached.
    """
    for turn, (number, member) in enumerate(turns):
        if member > 0:
            steps = _NEXT_TURN
        elif number == 0:
            steps = _FIRST
        else:
            steps = _NEXT_PASS_HELD_UP if held_up else _NEXT_PASS
        yield from _numbered(steps, turn)
    yield from _numbered(_END, len(turns))


def _numbered(steps, turn):
    return [(step.rstrip("'"), turn - step.endswith("'")) for step in steps.split()]


def with_reads(program, reads):
    """``program`` with the ``reads`` of its engine commands, each ``READ_AHEAD`` operations before its command."""
    ordered = reads[:READ_AHEAD]
    later = iter(reads[READ_AHEAD:])
    for instruction in program:
        if instruction.unit == "engine":
            ordered += [read for read in [next(later, None)] if read]
        ordered.append(instruction)
    return ordered
