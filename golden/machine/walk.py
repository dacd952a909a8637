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
    the next one's."""

    prompt: tuple
    count: int
    position: int = 0
    slot: int = 0
    ends: tuple = ()
    logits_step: int = 0


class Walk:
    """``request`` Request through ``program``, on ``lanes`` lanes with token blocks of ``block`` slots, ``words``
    parameters to a beat and ``rows`` rows.

    ``position`` is that of the next token, ``chosen`` are the tokens so far, ``reason`` is one of REASONS in the end.
    """

    def __init__(self, program, request, lanes, block, words, rows):
        self._program, self._request = program, request
        self._lanes, self._block, self._words = lanes, block, words
        self._most = min(rows, MOST_TOKENS)
        self._left = list(request.prompt)
        self._slot = request.slot
        self.position = request.position
        self.chosen = []
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
                angles = logits
                if self._advance(logits, choose, stopped):
                    pc = i["target"]
            else:
                yield i
                return
        raise MachineFault("the program has no control.end")

    def _begin(self, i, angles):
        heads = HeadLanes(self._lanes, i["heads_log2"], self._block)
        shape = CacheShape(i["capacity"], i["sinks"], heads, self._words, i["chunk_log2"], i["taps"], i["renews"])
        count = shape.pass_tokens(self.position, min(len(self._left), self._most))
        self._tokens, self._left = self._left[:count], self._left[count:]
        self._shape = shape
        logits = not self._left and self._request.count > 0
        resolver = Resolver(shape)
        resolver.begin(
            cache_view(shape, self.position, self._slot, count), self._tokens, logits, angles,
            len(self.chosen) * self._request.logits_step,
        )  # fmt: skip
        return resolver, logits

    def _advance(self, logits, choose, stopped):
        """Whether there is another pass."""
        count, shape = len(self._tokens), self._shape
        self.position += count
        self._slot += count
        if self._slot == shape.capacity:
            self._slot = shape.sinks
        if logits:
            token = choose(count - 1)
            self.chosen.append(token)
            self._left = [token]
            if token in self._request.ends:
                self.reason = "end"
            elif len(self.chosen) == self._request.count:
                self.reason = "count"
        elif not self._left:
            self.reason = "count"
        if self.reason is None and stopped():
            self.reason = "stop"
        return self.reason is None
