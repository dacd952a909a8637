"""Attention of a layer on the units: the stages of every head step. Their order is ``program.order``'s."""

from golden.layout import WORD
from golden.units.attention_scores import query_constant
from golden.units.patch import NO_PATCH, PATCH_KEY, PATCH_VALUE
from golden.units.resolve import ALL, FAR, NEAR, NEW
from myhdl_acc.program.pieces import Pieces, when
from myhdl_acc.program.place import words
from myhdl_acc.rtl.control.counting_semaphore import MOST

#: Stages that are others where a pass renews.
RENEWING = ("scores", "new_scales", "softmax", "mix")


class Attention:
    """``writer`` Writer, of layer number ``layer``; ``shared``: the rows have one token, and share its query heads;
    ``renews``: they have several, which evict as many (golden CacheView). Every stage takes a HeadStep.

    An earlier row still meets what a later one evicts. So where a pass ``renews``, operations on the cache as it is
    come first, in which each row leaves out what it evicts; others follow on the new tokens alone. These patch them.
    """

    def __init__(self, writer, layer, shared=False, renews=False):
        self._writer = writer
        self._pieces = Pieces(writer.place)
        self._layer = layer
        self._shared = shared
        self._renews = renews
        self._place = place = writer.place
        self._name = f"layers.{layer}."
        #: HeadSteps of the pass, and how many each head block has
        self.steps = place.shared_steps if shared else place.batch_steps or place.head_steps
        self._members = place.turns if shared else place.spec.group
        self._rotated = layer not in place.spec.unrotated
        # Once tokens have been evicted the sinks meet another query than the window does.
        self._far = place.rule.sinks > 0 and self._rotated
        self._may_evict = shared or renews or place.drafts or place.batch or place.sharing == 1
        #: A buffer for new tokens has those of one sequence: each operation of a batch has its own loaded.
        self._lone = place.batch > 0
        self._projection = "offset" if place.spec.biased else "requantise"
        constant = query_constant(place.spec.head_dim)
        self._constant = {"mantissa": int(constant.mantissa), "exponent": int(constant.exponent) % 1024}

    def write(self, stages):
        """``(stage, HeadStep)`` one after the other."""
        for stage, step in stages:
            self._writer.turn_to(step.sequence)
            getattr(self, stage)(step)

    # Queries, keys and values of a head block

    def queries(self, step):
        """Rotated to the window's position, and to the sinks' if that is another."""
        for row in range(self._place.sharing):
            self._query_product(step.block, row)
        self._rotated_queries(step.block)

    def first_queries(self, step):
        """Those of row 0, as they are: while the other rows' are multiplied keys and values are made."""
        self._query_product(step.block, 0)

    def rest_queries(self, step):
        last = self._place.sharing - 1
        for row in range(1, last + 1):
            self._query_product(step.block, row, self._with_keys("attn_q", step) if row == last else None)
        self._rotated_queries(step.block, post=1)

    def _query_product(self, block, row, load=None):
        """Where rows share the token, the queries of ``row`` go to it and those behind it, each row's to the same
        words.
        """
        place, writer, name = self._place, self._writer, self._name + "attn_q"
        parts = writer.map.parts(name, block.number, row)
        dst, fields = place.product, {}
        if self._shared:
            _, word, _ = self._queries(block)
            dst, fields = word - parts[0].first, {"row": row}
        self._bias(name, block, dst, number=row, **fields)
        for part in writer.matrix(name, place.normed, parts, wait=block.number == row == 0, load=load):
            writer.results(self._projection, parts, part, dst, dst, **fields)

    def _rotated_queries(self, block, post=0):
        place = self._place
        first, word, heads = self._queries(block)
        self._norm("q_norm", word, place.near_entry + first, heads)
        for bank, operand, entry in ((1, place.far, place.far_entry), (0, place.near, place.near_entry)):
            if bank == 0 or self._far:
                only = when("capped" if bank and not place.batch else "always")  # one of a batch may be
                at = self._rotate("rope", "head_peak", word, entry=entry + first, bank=bank, **heads, **only)
                self._quantise("quantise_query", at, operand, first, entry, heads, post=post, **only)

    def keys(self, step):
        place = self._place
        first, word, heads = self._keys(step.block)
        self._bias(self._name + "attn_k", step.block, self._key_dst(step.block))
        self._key_product("attn_k", step.block)
        self._norm("k_norm", word, place.key_entry + first, heads)
        at = self._rotate("rope_key", "range", word, entry=place.key_entry + first, **heads)
        self._quantise("quantise_kv", at, place.key, first, place.key_entry, heads, post=1)

    def value_bias(self, step):
        self._bias(self._name + "attn_v", step.block, self._key_dst(step.block))

    def values(self, step):
        """In the first head block the scores need the new keys next, so they pass halfway through the slices; later
        ``pv`` comes first, without slices from the load unit.
        """
        block, place = step.block, self._place
        first, word, heads = self._keys(block)
        here = block.number == 0 and not self._shared
        self._key_product("attn_v", block, self._with_keys("attn_v", step) if here else None)
        if block.number:
            self._new_token("key", step)
        self._writer.vector("range", src=word, entry=place.value_entry + first, **heads)
        self._quantise("quantise_kv", word, place.value, first, place.value_entry, heads, post=1)

    def _queries(self, block):
        """Of a head block the first query head, the first word and the fields of those that a row has."""
        place, dims = self._place, self._place.spec.head_dim
        first = block.first * place.spec.group
        count = place.indices(block.heads * self._members * dims)
        return first, place.product + place.indices(first * dims), {"count": count, "dims": dims}

    def _keys(self, block):
        """Of a head block the first key/value head, the first word and the fields of its keys or values.

        Where rows share the token these lie behind the queries, which are there before them and rotated after them.
        """
        place, dims = self._place, self._place.spec.head_dim
        word = place.product + place.indices(block.first * dims)
        if self._shared:
            _, word, queries = self._queries(block)
            word += queries["count"]
        return block.first, word, {"count": place.indices(block.heads * dims), "dims": dims}

    def _key_dst(self, block):
        """Where the keys or values of all head blocks would begin, if those of this one lie where they do."""
        first, word, _ = self._keys(block)
        return word - self._place.indices(first * self._place.spec.head_dim)

    def _key_product(self, name, block, load=None):
        place, dst = self._place, self._key_dst(block)
        self._writer.product(
            self._projection, self._name + name, place.normed, dst, block.number, wait=False, load=load
        )

    def _with_keys(self, name, step):
        """The slices of a product, the new keys halfway through the last ones: the lanes take no slice meanwhile."""
        place, writer, name = self._place, self._writer, self._name + name

        def load(last):
            half = -(-writer.slices_of(name) // 2)
            if not last:
                writer.slices(name, place.normed)
            else:
                writer.slices(name, place.normed, 0, half)
                self._new_token("key", step)
                writer.slices(name, place.normed, half)

        return load

    def _bias(self, name, block, dst, number=None, **fields):
        """The bias of a product, if there is one, into the words where the product will be; ``number``: of the row
        whose queries it is for.
        """
        if self._place.spec.biased:
            parts = self._writer.map.parts(name + "_bias", block.number, number)
            self._writer.parameters("bias", parts, dst, **fields)

    def _norm(self, name, word, entry, heads):
        if self._place.spec.head_norms:
            self._writer.norm_heads(self._name + name, word, entry, heads)

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

    def new_keys(self, step):
        """Once more, for a step of a batch that is not a block's first."""
        self._new_token("key", step, wait=False)

    def _new_token(self, op, step, wait=True):
        """The new keys or values of a step's head block to the patch buffers. With ``wait`` they have to be posted; all
        of a batch's are there with the first sequence's."""
        place, block, width = self._place, step.block, words(self._place.spec.head_dim)
        operand, entry = (place.key, place.key_entry) if op == "key" else (place.value, place.value_entry)
        self._writer.emit(
            "load", op, heads_log2=place.heads_log2, heads=block.heads, address=operand.word + block.first * width,
            stride=width, dims=place.spec.head_dim, entry=entry + block.first, wait=wait, row=step.sequence,
        )  # fmt: skip

    # Parameters of the cached values

    def first_scales(self, step):
        """One operation of those that need no new token: so the engine keeps a bank for its products."""
        self._scales(step, self._pieces.old()[:1])

    def rest_scales(self, step):
        self._scales(step, self._pieces.old()[1:])

    def new_scales(self, step):
        self._new_value(step)
        new = {"part": NEW, "dst": self._place.new_positions} if self._renews else {}
        self._scales(step, self._pieces.new(), PATCH_VALUE, **new)

    def _new_value(self, step):
        self._new_token("value", step, wait=step.sequence == 0)

    def _scales(self, step, pieces, patch=NO_PATCH, **fields):
        read, heads_log2 = self._writer.map.value_scale_part(self._layer, step), self._place.heads_log2
        patched = {"patch": patch, "heads_log2": heads_log2, "release": self._lone} if patch else {}
        fields |= {"heads_log2": heads_log2, **self._alone(step)}
        for piece in pieces:
            self._writer.engine("meta", read, **patched, **piece)
            self._writer.vector("values", **fields, **piece)

    # A head step: query heads of every key/value head of a head block

    def scores(self, step):
        """Those of the sinks by themselves if they meet a query of their own."""
        place, writer = self._place, self._writer
        query, heads = self._query(step)
        width, release = words(place.spec.head_dim), self._lone or step.member == self._members - 1
        posted = self._shared and step.number == 0  # by rest_queries()
        patch_key = {"patch": PATCH_KEY, "heads_log2": place.heads_log2, "release": release}
        near, new, far = self._pieces.chunks(), [], self._pieces.sinks() if self._far and self._may_evict else []
        if self._renews:
            near, new = self._pieces.old(), self._pieces.new_by_chunk()
        # The sinks' come first: the bank that holds them is free as soon as the vector unit has time for this step.
        met = [(FAR, place.far, {}, piece) for piece in far]
        met += [(NEAR if far else ALL, place.near, {} if self._renews else patch_key, piece) for piece in near]
        met += [(NEW, place.near, patch_key, piece) for piece in new]
        begins, ends = [*far[:1], near[0]], new or near
        for part, operand, patch, piece in met:
            first, last = (any(piece is one for one in those) for those in (begins, ends))
            writer.emit(
                "load", "query", address=operand.word + query * width, stride=width, dims=place.spec.head_dim,
                wait=posted and first, **heads, **piece,
            )  # fmt: skip
            read = writer.map.key_part(self._layer, step, piece["start"], part)
            writer.engine("qk", read, outer=1, split=place.split, **patch, **piece)
            if first and part == FAR:
                self._select(step, place.far_entry, **when("capped"))
            elif first:
                self._select(step, place.near_entry)
            writer.vector(
                "scores", src=place.scores, dst=place.scores + (place.new_positions if part == NEW else 0), part=part,
                first=first, last=last, heads_log2=place.heads_log2, **self._alone(step), **piece,
            )  # fmt: skip

    def softmax(self, step):
        place, pieces = self._place, self._pieces
        fields = {"src": place.scores, "heads_log2": place.heads_log2, **self._alone(step)}
        if not self._renews:
            self._writer.vector("softmax", first=1, last=1, **fields, **pieces.whole())
            return
        behind = place.new_positions
        self._writer.vector("softmax", first=1, **fields, **pieces.whole(until="old_end"))
        fields |= {"src": place.scores + behind, "value_src": behind, "part": NEW}
        self._writer.vector("softmax", last=1, **fields, **pieces.new_block())

    def mix(self, step):
        place, dims = self._place, self._place.spec.head_dim
        read = self._writer.map.value_part(self._layer, step)
        patch = {
            "patch": PATCH_VALUE, "heads_log2": place.heads_log2,
            "release": self._lone or step.member == self._members - 1,
        }  # fmt: skip
        if self._lone:
            self._new_token("value", step, wait=False)
        if self._renews:
            self._writer.engine("pv", read, middle=dims, more=1, **self._pieces.whole(until="old_end"))
            self._writer.engine("pv", read, middle=dims, stride=dims, **patch, **self._pieces.new_block())
        else:
            self._writer.engine("pv", read, middle=dims, **patch, **self._pieces.whole())
        of_sequence = [one for one in self.steps if one.sequence == step.sequence]
        own = {"row": step.sequence, "own": step.sequence < place.batch - 1} if place.batch else {}
        self._writer.vector(
            "mix", dst=self._mixed(step), count=dims, heads_log2=place.heads_log2, heads=step.block.heads,
            first=step is of_sequence[0], last=step is of_sequence[-1], **own,
        )  # fmt: skip

    def _alone(self, step):
        """Of a batch a step is for the row of its sequence alone."""
        return {"alone": step.sequence + 1} if self._lone else {}

    def _mixed(self, step):
        """The first word of a step's results: the same ones for every sequence, each in its row."""
        return self._place.mixed + (step.block.number * self._members + step.member) * self._place.spec.head_dim

    def _query(self, step):
        """The step's first query head, and the fields that say which heads its lanes serve."""
        fields = {"heads_log2": self._place.heads_log2, "heads": step.block.heads}
        return step.block.first * self._place.spec.group + step.member * step.block.heads, fields

    def _select(self, step, entry, **only):
        query, heads = self._query(step)
        self._writer.vector("select", entry=entry + query, stride=1, **heads, **self._constant, **only)

    # All head steps

    def output(self):
        """``hidden`` += the output matrix times all heads: its first slices pass while the last are gathered."""
        place, writer = self._place, self._writer
        name, atoms = self._name + "attn_o", place.config.atoms
        total, there, arrivals = place.outputs.words, 0, []
        batch = -(-total // (MOST * atoms)) * atoms  # words between two posts
        for step, word, rows in place.gathers(self._shared):
            heads, before = step.block.heads, there
            there += rows * heads
            whole = there // batch > before // batch or there == total
            writer.vector(
                "gather", src=self._mixed(step) + word * WORD, dst=place.outputs.word + before,
                count=WORD, dims=WORD, heads=heads, stride=1, post=whole, shared=self._shared, row=rows - 1,
            )  # fmt: skip
            if whole:
                arrivals.append(there // atoms)
        writer.arrive(place.outputs, arrivals[:-1])
        writer.product("add", name, place.outputs, place.hidden)
