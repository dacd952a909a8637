"""The resident program's way through a request: what the units get, pass after pass, layer after layer."""

from golden.layout import HeadLanes
from golden.machine.batch import Batch
from golden.machine.fault import MachineFault
from golden.machine.text import Text
from golden.units.cache_view import CacheShape
from golden.units.resolve import Resolver


class Walk:
    """``request`` Request through ``program``, on ``lanes`` lanes with token blocks of ``block`` slots, ``words``
    parameters to a beat and ``rows`` rows. ``drafter`` Drafter, for a request with drafts: of the text so far, which
    position 0 begins.

    ``fed``: the Text, or the Batch if the program is for one. ``position`` is that of the next token, ``chosen`` are
    the tokens so far, ``rows`` how many of the pass that chose each chose before, more by BY_HEAD where its drafts were
    the draft head's, ``reason`` is one of REASONS in the end.
    """

    def __init__(self, program, request, lanes, block, words, rows, drafter=None):
        self._program, self._request = program, request
        self._lanes, self._block, self._words = lanes, block, words
        batch = next((i["sequences"] for i in program if i.op == "pass"), 0)
        self.fed = Batch(request, batch) if batch else Text(request, rows, drafter)

    @property
    def position(self):
        return self.fed.position

    @property
    def chosen(self):
        return self.fed.chosen

    @property
    def rows(self):
        return self.fed.rows

    @property
    def reason(self):
        return self.fed.reason

    def instructions(self, begin, choose, stopped=lambda: False):
        """What the units execute, in order. ``begin(angles, positions)`` is called before every pass: whether its
        angles are made, and the rows' positions; before a draft ``angles`` is None, as nothing is forgotten then.
        ``choose(row)`` gives the token after that of a row, once all instructions so far are executed; ``stopped()``:
        the host wants it."""
        pc, layer, angles, resolver, fed = 0, 0, False, None, self.fed
        while pc < len(self._program):
            i, pc = self._program[pc], pc + 1
            if resolver is None and i.op not in ("pass", "end"):
                raise MachineFault(f"{i.unit}.{i.op} comes before a control.pass")
            if i.unit != "control":
                resolved = resolver.resolve(i)
                if resolved is not None:
                    yield resolved
            elif i.op == "pass":
                fed.take(self._shape(i))
                resolver = Resolver(self._shape(i))
                resolver.begin(
                    fed.view(0), fed.tokens, fed.logits, angles, len(fed.chosen) * self._request.logits_step, fed.first,
                    batch=i["sequences"] > 0,
                )  # fmt: skip
                begin(angles, fed.positions)
            elif i.op == "sequence":
                resolver.turn_to(fed.view(i["number"]))
            elif i.op == "jump":
                pc = i["target"] if resolver.holds(i["when"]) else pc
            elif i.op == "repeat":
                layer = (layer + 1) % i["count"]
                resolver.offset = resolver.offset + i["stride"] if layer else 0
                pc = i["target"] if layer else pc
            elif i.op == "draft" and fed.asks:
                token, positions = fed.latest
                resolver.draft(token, len(fed.chosen) * self._request.logits_step)
                begin(None, positions)
            elif i.op == "draft":
                pc = i["target"]
            elif i.op == "keep":
                fed.draft(choose)
                pc = i["target"]
            elif i.op == "next":
                another = fed.advance(choose, stopped)
                angles = fed.logits and fed.whole
                pc = i["target"] if another else pc
            else:
                yield i
                return
        raise MachineFault("the program has no control.end")

    def _shape(self, i):
        heads = HeadLanes(self._lanes, i["heads_log2"], self._block)
        return CacheShape(
            i["capacity"], i["sinks"], heads, self._words, i["chunk_log2"], i["taps"], i["renews"], i["spare"],
        )  # fmt: skip
