"""The resident program's way through a request: what the units get, pass after pass, layer after layer."""

from dataclasses import dataclass

from golden.layout import HeadLanes
from golden.machine.fault import MachineFault
from golden.units.cache_view import CacheShape, cache_view
from golden.units.resolve import Resolver

MOST_TOKENS = 15  #: of a pass: what the engine's ``tokens`` holds
#: Why a run has ended: all tokens were asked for, one of the end tokens came, or the host wanted it to stop.
REASONS = ("count", "end", "stop")


@dataclass(frozen=True)
class Request:
    """Take the tokens of ``prompt``, the first one at ``position``, and choose ``count`` more, or fewer if one of the
    tokens ``ends`` comes. ``slot``: of the cache, for the first one. ``logits_step``: beats from one choice's logits to
    the next one's. ``drafts``: tokens that a pass tries behind the one that was chosen, at most."""

    prompt: tuple
    count: int
    position: int = 0
    slot: int = 0
    ends: tuple = ()
    logits_step: int = 0
    drafts: int = 0


class Walk:
    """``request`` Request through ``program``, on ``lanes`` lanes with token blocks of ``block`` slots, ``words``
    parameters to a beat and ``rows`` rows. ``drafter`` Drafter, for a request with drafts: of the text so far, which
    position 0 begins.

    ``position`` is that of the next token, ``chosen`` are the tokens so far, ``rows`` how many of the
    pass that chose each chose before, ``reason`` is one of REASONS in the end.
    """

    def __init__(self, program, request, lanes, block, words, rows, drafter=None):
        self._program, self._request = program, request
        self._drafter = drafter if request.drafts else None
        if self._drafter is not None and not request.position:
            self._drafter.clear()
        self._lanes, self._block, self._words = lanes, block, words
        self._most = min(rows, MOST_TOKENS)
        self._left, self._drafts = list(request.prompt), []
        self._slot = request.slot
        self.position = request.position
        self.chosen, self.rows = [], []
        self.reason = None

    def instructions(self, begin, choose, stopped=lambda: False):
        """What the units execute, in order. ``begin(first)`` is called before every pass; ``choose(row)`` gives the
        token after that of a row, once all instructions so far are executed; ``stopped()``: the host wants it."""
        pc, layer, angles, resolver = 0, 0, False, None
        while pc < len(self._program):
            i, pc = self._program[pc], pc + 1
            if resolver is None and i.op not in ("pass", "end"):
                raise MachineFault(f"{i.unit}.{i.op} comes before a control.pass")
            if i.unit != "control":
                resolved = resolver.resolve(i)
                if resolved is not None:
                    yield resolved
            elif i.op == "pass":
                resolver, logits = self._begin(i, angles)
                begin(angles)
            elif i.op == "jump":
                pc = i["target"] if resolver.holds(i["when"]) else pc
            elif i.op == "repeat":
                layer = (layer + 1) % i["count"]
                resolver.offset = resolver.offset + i["stride"] if layer else 0
                pc = i["target"] if layer else pc
            elif i.op == "next":
                another = self._advance(logits, choose, stopped)
                angles = logits and self._taken == len(self._tokens)
                pc = i["target"] if another else pc
            else:
                yield i
                return
        raise MachineFault("the program has no control.end")

    def _begin(self, i, angles):
        heads = HeadLanes(self._lanes, i["heads_log2"], self._block)
        shape = CacheShape(
            i["capacity"], i["sinks"], heads, self._words, i["chunk_log2"], i["taps"], i["renews"], i["spare"],
        )  # fmt: skip
        waiting = self._left + self._drafts
        count = shape.pass_tokens(self.position, min(len(waiting), self._most))
        self._tokens, self._left = waiting[:count], self._left[count:]
        self._first = 0 if self.chosen else count - 1  # of the rows that choose
        self._shape = shape
        logits = not self._left and self._request.count > 0
        if not self.chosen:
            self._note(self._tokens)
        resolver = Resolver(shape)
        resolver.begin(
            cache_view(shape, self.position, self._slot, count), self._tokens, logits, angles,
            len(self.chosen) * self._request.logits_step, self._first,
        )  # fmt: skip
        return resolver, logits

    def _advance(self, logits, choose, stopped):
        """Whether there is another pass. Behind a token that is not what was chosen no row counts."""
        chosen = self._choose(choose) if logits else []
        self._taken = self._first + len(chosen) if logits else len(self._tokens)
        self.position += self._taken
        self._slot += self._taken
        if self._slot == self._shape.slots:
            self._slot = self._shape.sinks
        if not logits and not self._left:
            self.reason = "count"
        if self.reason is None and stopped():
            self.reason = "stop"
        if logits:
            self._note(chosen if self.reason is None else chosen[:-1])
            self._left, self._drafts = chosen[-1:], []
            if self._drafter is not None:
                self._drafter.judge(self._first < len(self._tokens) - 1, len(chosen) > 1)
            if self._drafter is not None and self.reason is None:
                self._drafts = self._drafter.drafts(min(self._request.drafts, self._most - 1))
        return self.reason is None

    def _choose(self, choose):
        """The tokens that the rows choose, one after the other, as long as the next row has what was chosen."""
        found = []
        for row in range(self._first, len(self._tokens)):
            token = choose(row)
            found.append(token)
            self.chosen.append(token)
            self.rows.append(row - self._first)
            if token in self._request.ends:
                self.reason = "end"
            elif len(self.chosen) == self._request.count:
                self.reason = "count"
            if self.reason is not None or self._tokens[row + 1 : row + 2] != [token]:
                break
        return found

    def _note(self, tokens):
        """These belong to the text."""
        if self._drafter is not None:
            for token in tokens:
                self._drafter.add(token)
