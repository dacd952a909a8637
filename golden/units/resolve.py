"""From an instruction of the resident program to what a unit executes in this pass, in this layer."""

from golden.units.cache_view import MARKS
from golden.units.patch import NO_PATCH

#: When an instruction is executed, by code.
CONDITIONS = {
    "always": "in every pass",
    "capped": "the sinks are met by a query of their own",
    "logits": "the pass ends with logits",
    "logits_capped": "so it does, and in the next pass the sinks will be met by a query of their own",
    "angles": "no pass before has made this one's angles",
    "several": "the pass takes several tokens",
    "renews": "so it does, and evicts as many",
}
WHEN = tuple(CONDITIONS)
#: Codes of ``part``. Units are given NEAR instead of NEW.
ALL, NEAR, FAR, NEW = range(4)
#: The field ``new`` counts modulo so many.
SLOTS = 1 << 16


class Resolver:
    """``shape`` CacheShape. ``begin`` a pass, then ``resolve`` its instructions in program order.

    ``offset``: beats from the first layer of a loop to the one that is executed.
    """

    def __init__(self, shape):
        self._shape = shape
        self.offset = 0

    def begin(self, view, tokens, logits, angles, logits_offset=0, first=0, batch=False):
        """A pass with ``view`` CacheView takes ``tokens``; it ends with ``logits``, in a region that begins
        ``logits_offset`` beats further on; its ``angles`` are made already. ``first``: the first row that chooses,
        whose logits are kept. ``batch``: each row's token is of a sequence of its own, and ``view`` is the first's."""
        self._tokens = tokens
        self._logits, self._angles, self._batch = logits, angles, batch
        self._logits_offset = logits_offset
        self._first = first
        self.turn_to(view)

    def draft(self, token, logits_offset):
        """What follows is for a draft behind ``token``, of no piece of the cache. Row 0's logits go to a region that
        begins ``logits_offset`` beats further on."""
        self._tokens, self._first, self._logits_offset = [token], 0, logits_offset

    def turn_to(self, view):
        """What follows is for the sequence with ``view`` CacheView."""
        self._view, self._following = view, view.position + view.last + 1
        capped = self._shape.sinks > 0 and self._following >= self._shape.capacity
        logits = self._logits
        holds = True, view.capped, logits, logits and capped, not self._angles, view.last > 0, view.renews
        self._holds = dict(zip(WHEN, holds, strict=True))

    def holds(self, when):
        """Whether the condition ``when`` (a code) is true in this pass."""
        return self._holds[WHEN[when]]

    def resolve(self, i):
        """The instruction as a unit executes it, or None: it has nothing to do in this pass.

        A piece of the cache is [max(``start``, ``after``), min(``limit``, ``until``)): ``start`` and ``limit`` in token
        blocks (no ``limit``: 0), ``after`` and ``until`` codes of MARKS. ``until`` none: it is of no piece. Until
        old_end it is without the new tokens, and those that they evict. With ``part`` NEW it is of the new tokens
        alone, which lie in one token block.
        """
        if not self.holds(i["when"]):
            return None
        marks, block = list(self._view.marks.values()), self._shape.lanes.block
        start = max(i["start"] * block, marks[i["after"]])
        if i["until"]:
            end = marks[i["until"]]
            count = min(i["limit"] * block or end, end) - start
            if count <= 0:
                return None
        else:
            count = None
        fields = getattr(self, "_" + i.unit)(i, start, count)
        return None if fields is None else i.resolved(**fields)

    def _engine(self, i, start, count):
        fields = {"base": i["base"] + (self.offset if i["layered"] else 0)}
        if count is None:
            if i["stride"]:  # an embedding
                if i["row"] >= len(self._tokens):
                    return None
                fields["base"] += self._tokens[i["row"]] * i["stride"]
            return fields
        block, words, taps = self._shape.lanes.block, self._shape.words, self._shape.taps
        if i.op == "meta":
            beats = -(-count // words)
            fields["base"] += start // words
            fields |= {"params": beats, "beats": beats, "middle": count}
        elif i.op == "qk":
            within, middle = start - i["start"] * block, -(-count // taps)
            fields["base"] += within // words
            skip = i["skip"] + within // taps - within // words
            fields |= {"skip": skip, "middle": middle, "beats": i["params"] + middle}
        else:
            blocks = -(-count // block)
            fields["base"] += start // block * i["stride"]
            fields |= {"outer": blocks, "beats": blocks * i["middle"]}
        if i["patch"]:
            if start <= self._view.place < start + count:
                fields |= {"slot": self._view.slot - self._before(start), "tokens": self._view.last + 1}
            else:
                fields |= {"patch": NO_PATCH, "release": 0, "heads_log2": 0}
        return fields

    def _load(self, i, start, count):
        return {}

    def _vector(self, i, start, count):
        view = self._view
        if i.op in ("embed", "angle") and i["row"] >= len(self._tokens):
            return None
        if i.op == "angle":
            own = view.position + (0 if self._batch else i["row"])
            position = self._following if WHEN[i["when"]].startswith("logits") else own
            return {"position": min(position, self._shape.capacity - 1) if i["bank"] else position}
        if i.op == "logits":
            return {"row": self._first, "address": i["address"] + self._logits_offset}
        if count is None:
            return {}
        before, block, new = self._before(start), self._shape.lanes.block, i["part"] == NEW
        fields = {"row": view.last, "filled": view.filled - before, "sinks": max(0, view.sinks - before)}
        if new:
            slot = view.slot - before
            fields |= {"part": NEAR, "filled": slot + 1, "sinks": slot}
        elif MARKS[i["until"]] == "old_end" and not view.full:
            fields |= {"filled": view.slot - before, "row": 0}
        elif MARKS[i["until"]] == "old_end" or view.spare:
            fields |= self._left_out(before, MARKS[i["until"]] != "old_end")
        place = start % block if new else start
        if i.op == "scores":
            follows = i["part"] == NEAR and view.capped  # those of the sinks
            final = start + count == view.marks["end"] or new
            fields |= {
                "dst": i["dst"] + place,
                "count": -(-count // self._shape.taps) * self._shape.taps,
                "first": int(i["first"] and not follows),
                "last": int(i["last"] and final),
            }
        elif i.op == "values":
            fields |= {"dst": i["dst"] + place, "count": count}
        else:
            whole = 2 * block
            fields["count"] = -(-count // whole) * whole
        return fields

    def _left_out(self, before, own):
        """Fields that leave out what the pass evicts, and the new tokens, or those behind the row's ``own``."""
        spare, new = self._view.spare, (self._view.slot - before) % SLOTS
        return {"cut": 1, "new": new, "own": int(own), "spare": spare, "wrap": int(spare > 0 and before == 0)}

    def _before(self, start):
        """Slots before position ``start``."""
        return self._shape.lanes.first_slot(start)
