"""What the host asks a run for."""

from dataclasses import dataclass

#: Why a run has ended: all tokens were asked for, one of the end tokens came, or the host wanted it to stop.
REASONS = ("count", "end", "stop")
#: In the prompt of a batch, in the place of a token: what the sequence has chosen last.
CHOSEN = (1 << 31) - 1


@dataclass(frozen=True)
class Request:
    """Take the tokens of ``prompt``, the first one at ``position``, and choose ``count`` more, or fewer if one of the
    tokens ``ends`` comes. ``slot``: of the cache, for the first one. ``logits_step``: beats from one choice's logits to
    the next one's. ``drafts``: tokens that a pass tries behind the one that was chosen, at most, from ``source`` (of
    golden.units.drafter SOURCES). ``draft_cost``: what a pass with drafts of the draft head takes more than one
    without, by PASS of golden.units.balance.

    Of a batch ``others`` are ``(position, slot)`` of the sequences behind the first one. ``prompt`` has a token of each
    sequence for a pass, then those for the next pass; ``count`` is of all sequences together."""

    prompt: tuple
    count: int
    position: int = 0
    slot: int = 0
    ends: tuple = ()
    logits_step: int = 0
    drafts: int = 0
    others: tuple = ()
    source: int = 0
    draft_cost: int = 0
