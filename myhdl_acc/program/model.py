"""A model's forward pass on the units: one token, or a few of a prompt, through all layers."""

from myhdl_acc.program.attention import Attention
from myhdl_acc.program.order import attention_stages


class Forward:
    """``writer`` Writer gets the instructions of a pass with what ``cached`` (Cached) says of the cache."""

    def __init__(self, writer, cached):
        self._writer = writer
        self._cached = cached
        self._place = writer.place

    def run(self, position, tokens, increments, logits):
        """Take ``tokens`` from ``position`` on; with ``logits`` the last one's. ``increments``: of RoPE's pairs."""
        self._angles(position, increments)
        for row, token in enumerate(tokens):
            self._writer.parameters("embed", self._writer.map.embedding_parts(token), self._place.hidden, row=row)
        for layer in range(self._place.spec.layers):
            self._layer(layer)
        if logits:
            self._logits(position)
        self._writer.emit("control", "end")

    def _layer(self, layer):
        """Attention and the gated feed-forward: each adds a product of a normed vector to ``hidden``."""
        place, writer, name = self._place, self._writer, f"layers.{layer}."
        writer.norm(name + "attn_norm", place.normed)
        attention = Attention(writer, self._cached, layer)
        for stage, step in attention_stages(attention.steps, self._cached.held_up, self._cached.shared):
            getattr(attention, stage)(step)
        attention.output()

        writer.norm(name + "ffn_norm", place.normed)
        writer.product("requantise", name + "ffn_gate", place.normed, place.product)
        writer.product("silu", name + "ffn_up", place.normed, place.product, wait=False)
        writer.quantise(place.product, place.gated, place.spec.ffn)
        writer.product("add", name + "ffn_down", place.gated, place.hidden)

    def _angles(self, position, increments):
        """Every row's position and, once tokens were evicted, that of a query for the sinks."""
        banks = [lambda at: at, self._place.rule.sink_position][: 1 + self._cached.capped]
        for row in range(self._cached.last + 1):
            for bank, of in enumerate(banks):
                at = of(position + row)
                for pair, increment in enumerate(increments):
                    self._writer.vector("angle", row=row, bank=bank, pair=pair, increment=increment, position=at)

    def _logits(self, position):
        """The head's product goes to memory; in its last index some lanes may be padding. Row 0's token is at
        ``position``.
        """
        spec, lanes, writer = self._place.spec, self._place.config.lanes, self._writer
        name, outputs = "embedding" if spec.tied else "head", iter(writer.map.parts("logits"))
        parts = writer.map.parts(name)
        writer.norm("final_norm", self._place.normed)
        for part in writer.matrix(name, self._place.normed, parts):
            first, last = part is parts[0], part is parts[-1]
            valid = spec.vocab - (part.first + part.count - 1) * lanes if last else lanes
            writer.vector(
                "logits", count=part.count, address=next(outputs).address, row=self._cached.last, heads=valid,
                first=first, last=last, next_position=position + 1,
            )  # fmt: skip
