"""Λ-shaped attention: which tokens a query meets, where they lie in the cache, and how far away they seem.

A query at position p meets the first ``sinks`` tokens and the last ``window`` ones, itself included. Keys are cached
after RoPE at their own absolute position and never rotated again. The window is met by the query rotated to p; the
sinks by the same query rotated to min(p, sinks + window − 1), as if the window followed them directly: the distance
to a sink never exceeds what it was when the first token was evicted (LM-Infinite's cap, arXiv 2308.16137). Up to
that position nothing is evicted and the rule is plain causal attention.
"""

from dataclasses import dataclass

import numpy as np

from golden.errors import InputError, shown
from golden.spec import LONGEST_CONTEXT

SINKS = 4  #: first tokens that attention keeps unless told otherwise (StreamingLLM, arXiv 2309.17453)


@dataclass(frozen=True)
class LambdaRule:
    """``sinks`` ≥ 0 first tokens and ``window`` ≥ 1 last tokens, each LONGEST_CONTEXT at most. Raises InputError for
    other numbers."""

    sinks: int
    window: int

    def __post_init__(self):
        for name, least in (("sinks", 0), ("window", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= LONGEST_CONTEXT:
                raise InputError(
                    f"attention: {name} must be an integer from {least} to {LONGEST_CONTEXT} (the longest context that "
                    f"a model may have), not {shown(value)}"
                )

    @classmethod
    def of(cls, spec, sinks=None, window=None):
        """The rule for a model of ``spec`` ModelSpec: by default 4 sinks and a window that fills the context it was
        trained for; for one that was trained with a window that window, and no sinks, which it never saw.
        """
        if sinks is None:
            sinks = SINKS if spec.window is None else 0
        if window is None:
            window = max(1, spec.context - sinks if spec.window is None else spec.window)
        return cls(sinks, window)

    def within(self, tokens):
        """The rule that attends alike to a text of ``tokens`` tokens in all, with no more slots than these need.

        RoPE may depend on how many tokens attention spans (ModelSpec.frequencies), so whatever decodes a text of known
        length must shorten its rule.
        """
        sinks = min(self.sinks, max(0, tokens - 1))
        return LambdaRule(sinks, min(self.window, max(1, tokens - sinks)))

    @property
    def capacity(self):
        """Slots of the cache: the sinks, then a ring of the window's tokens."""
        return self.sinks + self.window

    def slot(self, position):
        """Where the token at ``position`` (a number or an array) is cached."""
        turns = (position - self.sinks) // self.window
        return position - self.window * turns * (turns > 0)

    def held(self, position):
        """The position of the token in each slot that is in use before the token at ``position`` is cached."""
        slots = np.arange(min(position, self.capacity))
        return np.where(slots < self.sinks, slots, position - 1 - (position - 1 - slots) % self.window)

    def meets(self, query, position):
        """True where a query at position ``query`` meets the token at ``position`` (arrays, broadcast)."""
        return (position <= query) & ((position < self.sinks) | (position > query - self.window))

    def filled(self, position):
        """Slots in use once the token at ``position`` is cached; they are the first ones."""
        return min(position + 1, self.capacity)

    def sink_position(self, position):
        """The position to which a query at ``position`` (a number or an array) is rotated to meet the sinks."""
        return np.minimum(position, self.capacity - 1)

    def capped(self, position):
        """True where sinks and window are met by different rotations of the query."""
        return self.sinks > 0 and position >= self.capacity
