"""Attention of a layer on the units: the stages of every head step. Their order is ``program.order``'s."""

from itertools import pairwise

from golden.layout import WORD
from golden.units.attention_scores import query_constant
from golden.units.patch import PATCH_KEY, PATCH_VALUE
from myhdl_acc.program.pieces import Pieces, when
from myhdl_acc.program.place import words
from myhdl_acc.rtl.control.counting_semaphore import MOST

_ALL, _NEAR, _FAR = range(3)  # codes of ``part``


class Attention:
    """``writer`` Writer, of layer number ``layer``. Every stage takes a HeadStep."""

    def __init__(self, writer, layer):
        self._writer = writer
        self._pieces = Pieces(writer.place)
        self._layer = layer
        self._place = place = writer.place
        self._name = f"layers.{layer}."
        self._rotated = layer not in place.spec.unrotated
        # Once tokens have been evicted the sinks meet another query than the window does.
        self._far = place.rule.sinks > 0 and self._rotated
        self._projection = "offset" if place.spec.biased else "requantise"
        constant = query_constant(place.spec.head_dim)
        self._constant = {"mantissa": int(constant.mantissa), "exponent": int(constant.exponent) % 1024}

    # Queries, keys and values of a head block

    def queries(self, step):
        """Rotated to the window's position, and to the sinks' if that is another."""
        place = self._place
        first, word, heads = self._heads(step.block, place.spec.group)
        self._project("attn_q", step.block, wait=step.block.number == 0)
        self._norm("q_norm", step.block, word, place.near_entry + first, heads)
        for bank, operand, entry in ((0, place.near, place.near_entry), (1, place.far, place.far_entry)):
            if bank == 0 or self._far:
                only = when("capped" if bank else "always")
                at = self._rotate("rope", "head_peak", word, entry=entry + first, bank=bank, **heads, **only)
                self._quantise("quantise_query", at, operand, first, entry, heads, **only)

    def keys(self, step):
        place = self._place
        first, word, heads = self._heads(step.block, 1)
        self._project("attn_k", step.block, wait=False)
        self._norm("k_norm", step.block, word, place.key_entry + first, heads)
        at = self._rotate("rope_key", "range", word, entry=place.key_entry + first, **heads)
        self._quantise("quantise_kv", at, place.key, first, place.key_entry, heads, post=1)

    def value_bias(self, step):
        self._bias("attn_v", step.block)

    def values(self, step):
        """The lanes take no slice while new keys pass. In the first head block the scores need them next, so they pass
        halfway through the slices; later ``pv`` comes first, without slices from the load unit.
        """
        block, place, writer = step.block, self._place, self._writer
        name = self._name + "attn_v"
        first, word, heads = self._heads(block, 1)

        def load(_, last):
            half = -(-writer.slices_of(name) // 2)
            if block.number or not last:
                writer.slices(name, place.normed)
            else:
                writer.slices(name, place.normed, 0, half)
                self._new_token("key", block, place.key, place.key_entry)
                writer.slices(name, place.normed, half)

        writer.product(self._projection, name, place.normed, place.product, block.number, load=load)
        if block.number:
            self._new_token("key", block, place.key, place.key_entry)
        writer.vector("range", src=word, entry=place.value_entry + first, **heads)
        self._quantise("quantise_kv", word, place.value, first, place.value_entry, heads, post=1)

    def _heads(self, block, group):
        """Of a head block the first head, the first word and the fields; ``group`` heads for every key/value head."""
        place, dims = self._place, self._place.spec.head_dim
        first, heads = block.first * group, block.heads * group
        return first, place.product + place.indices(first * dims), {"count": place.indices(heads * dims), "dims": dims}

    def _project(self, name, block, wait):
        self._bias(name, block)
        name, place = self._name + name, self._place
        self._writer.product(self._projection, name, place.normed, place.product, block.number, wait)

    def _bias(self, name, block):
        """The bias of a product, if there is one, into the words where the product will be."""
        if self._place.spec.biased:
            parts = self._writer.map.parts(f"{self._name}{name}_bias", block.number)
            self._writer.parameters("bias", parts, self._place.product)

    def _norm(self, name, block, word, entry, heads):
        if self._place.spec.head_norms:
            self._writer.norm_heads(self._name + name, block.number, word, entry, heads)

    def _rotate(self, op, unrotated, word, bank=0, **heads):
        """Heads from ``word`` on, rotated, or only their statistics; returns where they are."""
        if not self._rotated:
            self._writer.vector(unrotated, src=word, **heads)
            return word
        self._writer.vector(op, src=word, dst=self._place.scratch, bank=bank, **heads)
        return self._place.scratch

    def _quantise(self, op, src, operand, first, entry, heads, **fields):
        dst = operand.word + first * words(heads["dims"])
        self._writer.vector(op, src=src, dst=dst, entry=entry + first, **heads, **fields)

    def _new_token(self, op, block, operand, entry):
        """The new keys or values of a head block to the patch buffers."""
        place, width = self._place, words(self._place.spec.head_dim)
        self._writer.emit(
            "load", op, heads_log2=place.heads_log2, heads=block.heads, address=operand.word + block.first * width,
            stride=width, dims=place.spec.head_dim, entry=entry + block.first, wait=1,
        )  # fmt: skip

    # Parameters of the cached values

    def first_scales(self, step):
        """One operation of those that need no new token: so the engine keeps a bank for its products."""
        self._scales(step, self._pieces.old()[:1])

    def rest_scales(self, step):
        self._scales(step, self._pieces.old()[1:])

    def old_scales(self, step):
        self._scales(step, self._pieces.old())

    def new_scales(self, step):
        self._new_token("value", step.block, self._place.value, self._place.value_entry)
        self._scales(step, self._pieces.new())

    def all_scales(self, step):
        """Old and new ones at once."""
        self._new_token("value", step.block, self._place.value, self._place.value_entry)
        self._scales(step, self._pieces.chunks())

    def _scales(self, step, pieces):
        read = self._writer.map.value_scale_part(self._layer, step.block.number)
        for piece in pieces:
            self._writer.engine("meta", read, patch=PATCH_VALUE, heads_log2=self._place.heads_log2, **piece)
            self._writer.vector("values", first=1, last=1, heads_log2=self._place.heads_log2, **piece)

    # A head step: one query head of every key/value head of a head block

    def select(self, step):
        self._select(step, self._place.near_entry)

    def scores(self, step):
        """Those of the sinks by themselves if they meet a query of their own."""
        place, writer = self._place, self._writer
        query, heads = self._query(step)
        width, release = words(place.spec.head_dim), step.member == place.spec.group - 1
        read = writer.map.key_part(self._layer, step.block.number)
        new = {"patch": PATCH_KEY, "heads_log2": place.heads_log2, "release": release}
        met = [(_NEAR if self._far else _ALL, place.near, new, piece) for piece in self._pieces.chunks()]
        if self._far:
            met += [(_FAR, place.far, {}, piece) for piece in self._pieces.sinks()]
        for part, operand, patch, piece in met:
            address = operand.word + query * width
            writer.emit(
                "load", "query", address=address, stride=place.spec.group * width, dims=place.spec.head_dim, **heads,
                **piece,
            )  # fmt: skip
            chunk = writer.map.key_chunk(read, piece["start"])
            writer.engine("qk", chunk, outer=1, split=place.split, **patch, **piece)
            if part == _FAR and piece["start"] == 0:
                self._select(step, place.far_entry, **when("capped"))
            first, last = piece is met[0][-1], part != _FAR or piece is met[-1][-1]
            writer.vector(
                "scores", dst=place.scores[step.number % 2], part=part, first=first, last=last,
                heads_log2=place.heads_log2, **piece,
            )  # fmt: skip

    def softmax(self, step):
        score = self._place.scores[step.number % 2]
        self._over_scores("softmax", src=score, dst=score)

    def probs(self, step):
        self._over_scores("weights", src=self._place.scores[step.number % 2])

    def _over_scores(self, op, **places):
        self._writer.vector(
            op, first=1, last=1, heads_log2=self._place.heads_log2, **places, **self._pieces.whole()
        )

    def mix(self, step):
        place, dims = self._place, self._place.spec.head_dim
        read = self._writer.map.value_part(self._layer, step.block.number)
        self._writer.engine(
            "pv", read, middle=dims, patch=PATCH_VALUE, heads_log2=place.heads_log2,
            release=step.member == place.spec.group - 1, **self._pieces.whole(),
        )  # fmt: skip
        self._writer.vector(
            "mix", dst=place.mixed + step.number * dims, count=dims, heads_log2=place.heads_log2,
            heads=step.block.heads, first=step is place.head_steps[0], last=step is place.head_steps[-1],
        )  # fmt: skip

    def _query(self, step):
        """The step's first query head, and the fields that say which heads its lanes serve."""
        fields = {"heads_log2": self._place.heads_log2, "heads": step.block.heads}
        return step.block.first * self._place.spec.group + step.member, fields

    def _select(self, step, entry, **only):
        query, heads = self._query(step)
        fields = self._constant | heads | only
        self._writer.vector("select", entry=entry + query, stride=self._place.spec.group, **fields)

    # All head steps

    def output(self):
        """``hidden`` += the output matrix times all heads: its first slices pass while the last are gathered."""
        place, writer, dims = self._place, self._writer, self._place.spec.head_dim
        name, atoms = self._name + "attn_o", place.config.atoms
        total, there, arrivals = place.outputs.words, 0, [0]
        batch = -(-total // (MOST * atoms)) * atoms  # words between two posts
        for step in place.head_steps:
            heads = step.block.heads
            for word in range(words(dims)):
                dst, there = place.outputs.word + there, there + heads
                whole = there // batch > (there - heads) // batch or there == total
                writer.vector(
                    "gather", src=place.mixed + step.number * dims + word * WORD, dst=dst, count=WORD, dims=WORD,
                    heads=heads, stride=1, post=whole,
                )  # fmt: skip
                if whole:
                    arrivals.append(there // atoms)
        arrivals[-1] = writer.slices_of(name)

        def load(first, _):
            for begin, end in pairwise(arrivals) if first else [(0, arrivals[-1])]:
                writer.slices(name, place.outputs, begin, end, wait=first)

        writer.product("add", name, place.outputs, place.hidden, load=load)
