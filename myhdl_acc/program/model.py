"""A model's forward pass on the units: the resident program, which takes the tokens of a pass through all layers."""

from dataclasses import dataclass

from golden.draft_shapes import DOWN, GATE, HEAD, TOKEN, UP
from golden.machine.text import MOST_TOKENS
from myhdl_acc.program.attention import RENEWING, Attention
from myhdl_acc.program.order import attention_stages, batch_stages
from myhdl_acc.program.pieces import when


@dataclass(frozen=True)
class Loop:
    """``count`` times ``period`` layers, the first of them layer ``first``."""

    first: int
    period: int
    count: int


def loops(signatures):
    """Loops over all layers, of which those with the same signature have the same instructions: one loop if they
    repeat themselves, else one for each run of equal layers."""
    layers = len(signatures)
    for period in range(1, layers // 2 + 1):
        if layers % period == 0 and signatures == signatures[:period] * (layers // period):
            return [Loop(0, period, layers // period)]
    firsts = [n for n in range(layers) if n == 0 or signatures[n] != signatures[n - 1]]
    return [Loop(first, 1, end - first) for first, end in zip(firsts, [*firsts[1:], layers], strict=True)]


class Forward:
    """``writer`` Writer gets the program; ``increments``: of RoPE's pairs."""

    def __init__(self, writer, increments):
        self._writer = writer
        self._place = writer.place
        self._increments = increments

    def write(self):
        """A pass from its tokens to the choice of the next one, and again until there is no more to do."""
        place, writer = self._place, self._writer
        shape = place.shape
        writer.emit(
            "control", "pass", capacity=shape.capacity, sinks=shape.sinks, heads_log2=shape.lanes.heads_log2,
            chunk_log2=shape.chunk_log2, taps=shape.taps, renews=shape.renews, spare=shape.spare, sequences=place.batch,
        )  # fmt: skip
        rows = place.batch or min(place.config.rows, MOST_TOKENS)
        if place.drafts:  # those of the first row may be made when it is not known yet how many rows have a token
            writer.choose("angles", lambda: self._angles("always", "capped", range(1)), lambda: None)
            writer.choose("several", lambda: self._angles("always", "capped", range(1, rows)), lambda: None)
        else:
            writer.choose("angles", lambda: self._angles("always", "capped", range(rows)), lambda: None)
        for row in range(rows):
            self._embed(row)
        spec = place.spec
        signatures = [(writer.map.signature(n), n in spec.unrotated, writer.eps(n)) for n in range(spec.layers)]
        for loop in loops(signatures):
            self._loop(loop)
        self._logits()
        self._end()

    def _end(self):
        """The choice; before another pass a draft head makes drafts, each from ``scratch``, which keeps its state: the
        normed hidden one, and then its own. All rows have a draft's token, but the state is only one row's."""
        place, writer = self._place, self._writer
        again = self._writer.label() + 2 if place.draft_size else 0
        writer.emit("control", "next", target=again)
        writer.emit("control", "end")
        if again:
            writer.emit("control", "draft", target=0)
            self._embed(0)
            writer.quantise(place.hidden, place.normed, place.spec.dim)
            writer.product("add", TOKEN, place.normed, place.scratch)
            writer.quantise(place.scratch, place.normed, place.spec.dim)
            self._feed_forward(GATE, UP, DOWN, place.scratch, place.draft_size.ffn)
            writer.quantise(place.scratch, place.normed, place.spec.dim)
            self._logits_of(HEAD, place.draft_size.vocab)
            writer.emit("control", "keep", target=again)

    def _embed(self, row):
        """Token ``row`` of the pass: its embedding is the hidden state."""
        writer = self._writer
        parts = writer.map.embedding_parts()
        for part in parts:
            writer.engine("meta", part, middle=part.count, row=row, stride=writer.map.row_beats)
            writer.results("embed", parts, part, None, self._place.hidden, row=row)

    def _loop(self, loop):
        writer, target = self._writer, self._writer.label()
        writer.layered = True
        for layer in range(loop.first, loop.first + loop.period):
            self._layer(layer)
        writer.layered = False
        if loop.count > 1:
            stride = writer.map.layer_address(loop.first + loop.period) - writer.map.layer_address(loop.first)
            writer.emit("control", "repeat", target=target, count=loop.count, stride=stride)

    def _layer(self, layer):
        """Attention and the gated feed-forward: each adds a product of a normed vector to ``hidden``."""
        place, writer, name = self._place, self._writer, f"layers.{layer}."
        writer.norm(name + "attn_norm", place.normed)
        if place.sharing > 1 and not place.batch:
            writer.choose("several", lambda: self._attention(layer), lambda: self._shared_attention(layer))
        else:
            self._attention(layer)

        writer.norm(name + "ffn_norm", place.normed)
        matrices = (f"{name}ffn_{part}" for part in ("gate", "up", "down"))
        self._feed_forward(*matrices, place.hidden, place.spec.ffn)

    def _feed_forward(self, gate, up, down, hidden, ffn):
        """What ``normed`` gives is added to ``hidden``; ``ffn`` values are between."""
        place, writer = self._place, self._writer
        writer.product("requantise", gate, place.normed, place.product)
        writer.product("silu", up, place.normed, place.product, wait=False)
        writer.quantise(place.product, place.gated, ffn)
        writer.product("add", down, place.gated, hidden)

    def _attention(self, layer):
        """Where each row has a token of its own. It begins alike whether the tokens evict others or not."""
        plain, renewing = (Attention(self._writer, layer, renews=renews) for renews in (False, True))
        in_order = batch_stages if self._place.batch else attention_stages
        stages = list(in_order(plain.steps, self._place.held_up))
        renewed = list(attention_stages(renewing.steps, self._place.held_up_renewing))
        alike = next(n for n, (stage, _) in enumerate(stages) if stage in RENEWING)
        plain.write(stages[:alike])
        if self._place.shape.renews:
            self._writer.choose("renews", lambda: renewing.write(renewed[alike:]), lambda: plain.write(stages[alike:]))
        else:
            plain.write(stages[alike:])
        plain.output()

    def _shared_attention(self, layer):
        attention = Attention(self._writer, layer, shared=True)
        attention.write(attention_stages(attention.steps, self._place.held_up, shared=True))
        attention.output()

    def _angles(self, near, far, rows):
        """Every row's position while ``near`` holds, and while ``far`` holds that of a query for the sinks."""
        if self._place.batch:
            far = near  # for one of the sequences it may hold
        banks = [(0, near), (1, far)][: 1 + (self._place.rule.sinks > 0)]
        for row in rows:
            self._writer.turn_to(row)
            for bank, only in banks:
                for pair, increment in enumerate(self._increments):
                    self._writer.vector("angle", row=row, bank=bank, pair=pair, increment=increment, **when(only))

    def _logits(self):
        """Of a pass that chooses. Until the product comes the vector unit has time for the state that a draft head
        begins with, and for the next pass's angles."""
        place, writer = self._place, self._writer
        with writer.only("logits"):
            writer.norm("final_norm", place.normed)
            if place.draft_size:
                writer.norm_state("final_norm")
            self._logits_of(
                "embedding" if place.spec.tied else "head",
                place.spec.vocab,
                lambda: self._angles("logits", "logits_capped", range(place.batch or 1)),
            )

    def _logits_of(self, name, rows, before=lambda: None):
        """The product of ``name``, which has ``rows``, goes to memory; in its last index some lanes may be padding.
        ``before()`` writes what comes ahead of its first results."""
        lanes, writer = self._place.config.lanes, self._writer
        parts, outputs = writer.map.parts(name), iter(writer.map.parts("logits"))
        for part in writer.matrix(name, self._place.normed, parts):
            first, last = part is parts[0], part is parts[-1]
            if first:
                before()
            valid = rows - (part.first + part.count - 1) * lanes if last else lanes
            writer.vector(
                "logits", count=part.count, address=next(outputs).address, heads=valid, first=first, last=last
            )
