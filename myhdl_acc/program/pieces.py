"""Pieces of the cache as fields of resident instructions: what one operation covers, whatever the cache holds."""

from golden.units.cache_view import MARKS
from golden.units.resolve import WHEN


def when(name):
    """The field that says when an instruction is executed: a name of golden.units.resolve.WHEN."""
    return {"when": WHEN.index(name)}


class Pieces:
    """Of the cache of a ``place`` (Place): lists of fields, one for each operation. Most cover nothing at a time."""

    def __init__(self, place):
        self._chunk = place.chunk // place.block
        self._chunks = len(place.chunks(place.positions))
        self._sink_chunks = len(place.chunks(place.head_lanes.positions(place.rule.sinks)))

    def whole(self, until="end"):
        """All that is in use."""
        return _piece(until=until)

    def chunks(self):
        """All that is in use, by chunks."""
        return self._by_chunk(self._chunks, "none", "end")

    def sinks(self):
        """The sinks, where a query of their own meets them."""
        return [fields | when("capped") for fields in self._by_chunk(self._sink_chunks, "none", "sinks")]

    def old(self):
        """What was in use before the new tokens."""
        return self._by_chunk(self._chunks, "none", "old_end")

    def new(self):
        """What needs the new tokens."""
        return [_piece("new", "new_end")]

    def new_by_chunk(self):
        """The same where an operation covers a chunk at most."""
        return self._by_chunk(self._chunks, "new", "new_end")

    def new_block(self):
        """The token block of the new tokens, up to them."""
        return _piece("turn", "new_end")

    def _by_chunk(self, count, after, until):
        size = self._chunk
        return [_piece(after, until, start=n * size, limit=(n + 1) * size) for n in range(count)]


def _piece(after="none", until="end", **blocks):
    return {"after": MARKS.index(after), "until": MARKS.index(until), **blocks}
