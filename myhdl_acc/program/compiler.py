"""From a model's shape to the program of a pass: one token, or a few of a prompt, through all layers.

Order is all there is to schedule: dispatch hands out instructions in program order and every unit does its own in that
order. An operation's beats are asked for ``READ_AHEAD`` operations before its command, so that memory never waits for
a command; rotation and quantisation of queries overlap the products of keys and values; the products of the next head
pass, or the scores of the next head of a group, are computed while the vector unit is at the softmax of the one before.
"""

from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.units.attention_scores import query_constant
from golden.units.rope_angle import phase_increments
from myhdl_acc.program.memory_map import MemoryMap
from myhdl_acc.program.plan import WORD, Plan, words
from myhdl_acc.rtl.control.counting_semaphore import MOST
from myhdl_acc.rtl.control.instruction import Instruction
from myhdl_acc.rtl.control.isa import INSTRUCTION_BITS

READ_AHEAD = 12  #: operations; fewer than the read queue holds, so that a read never keeps an earlier command back
MOST_TOKENS = 15  #: of a pass: what the engine's ``tokens`` holds
KEY, VALUE = 1, 2  # codes of ``patch``
_NEAR, _FAR = 1, 2  # codes of ``part``


class Compiler:
    """Compiles passes of ``model`` (AccModel) with ``rule`` (LambdaRule) for ``config``.

    ``plan`` and ``map`` say where everything lies. Raises InputError if the model does not fit.
    """

    def __init__(self, model, rule, config):
        self.plan = Plan(model.spec, rule, config)
        self._inputs = {name: cols for name, (_, cols) in model.spec.matrices.items()}
        self._norms = {name: (norm.exponent, norm.eps) for name, norm in model.norms.items()}
        self._increments = [int(i) for i in phase_increments(model.spec.frequencies(rule.capacity))]
        constant = query_constant(model.spec.head_dim)
        self._constant = {"mantissa": int(constant.mantissa), "exponent": int(constant.exponent) % 1024}
        kinds = {name: matrix.packed.kind for name, matrix in model.matrices.items()}
        self.map = MemoryMap(self.plan, kinds, 0)
        self.map = MemoryMap(self.plan, kinds, self._longest_program())

    def _longest_program(self):
        """Beats for the longest pass: with all rows, or with the sinks' own rotation."""
        capacity, rows = self.plan.rule.capacity, self.plan.config.rows
        chunk = self._chunk_slots()
        last = (capacity - 1) // chunk * chunk  # where the last chunk of the cache begins
        starts = {max(last, capacity - rows), max(0, last - rows), capacity}
        longest = max(_Pass(self, start, [0] * self.pass_tokens(start, rows)).length() for start in starts)
        # Where the new token lies in its block decides how many pieces the other value parameters are (_old_values),
        # each with three instructions.
        longest += 3 * self.plan.spec.layers * len(self.plan.passes) * (len(self.plan.chunks(self.plan.positions)) + 2)
        return -(-longest * INSTRUCTION_BITS // self.plan.config.beat_bits)

    def _chunk_slots(self):
        """Slots of the cache that one operation covers."""
        return self.plan.chunk * self.plan.head_lanes.share

    def pass_tokens(self, position, tokens):
        """How many of ``tokens`` tokens from ``position`` on one pass can take.

        Rows of a pass evict nothing, and their slots lie in one chunk of the cache.
        """
        rule, plan = self.plan.rule, self.plan
        if position >= rule.capacity:
            return 1
        chunk = self._chunk_slots()
        limit = min(rule.capacity, (position // chunk + 1) * chunk)
        return min(tokens, plan.config.rows, MOST_TOKENS, limit - position)

    def program(self, position, tokens, logits=True):
        """Instructions that take ``tokens``, the first at ``position``, through the model.

        With ``logits`` the last token's logits are written and the most likely next token is found.
        """
        spec = self.plan.spec
        wrong = [token for token in tokens if not 0 <= token < spec.vocab]
        if wrong:
            raise InputError(f"program: token {wrong[0]} is outside the vocabulary of {spec.vocab}")
        if not 0 <= position < 1 << 31:
            raise InputError(f"program: position {position} is not in 0 … 2^31 − 1")
        if not tokens or len(tokens) != self.pass_tokens(position, len(tokens)):
            raise InputError(f"program: {len(tokens)} tokens at position {position} are not one pass")
        return _Pass(self, position, tokens).program(logits)


class _Pass:
    """One pass being written: instructions in program order, each operation with its reads."""

    def __init__(self, compiler, position, tokens):
        self._map = compiler.map
        self._plan = compiler.plan
        self._inputs = compiler._inputs
        self._norms = compiler._norms
        self._increments = compiler._increments
        self._constant = compiler._constant
        self._position = position
        self._tokens = tokens
        rule = self._plan.rule
        self._slot = rule.slot(position)
        self._filled = rule.filled(position)
        self._capped = rule.capped(position)
        self._last = len(tokens) - 1
        self._positions = self._plan.head_lanes.positions(self._filled + self._last)
        self._written = []  # instructions, and Parts before their engine instruction

    def program(self, logits):
        self._begin()
        for layer in range(self._plan.spec.layers):
            self._layer(layer)
        self._end(logits)
        return self._with_reads()

    def length(self):
        """How many instructions program(True) has: with RoPE or without, layers have as many, so one of each counts."""
        unrotated = [layer in self._plan.spec.unrotated for layer in range(self._plan.spec.layers)]
        self._begin()
        self._end(True)
        total = len(self._written)
        for kind in set(unrotated):
            self._written.clear()
            self._layer(unrotated.index(kind))
            total += len(self._written) * unrotated.count(kind)
        return total  # a Part stands for its read

    # Its three parts

    def _begin(self):
        self._angles()
        for row, token in enumerate(self._tokens):
            self._embed(row, token)

    def _layer(self, layer):
        name = f"layers.{layer}."
        self._norm(name + "attn_norm")
        self._attention(layer)
        self._norm(name + "ffn_norm")
        self._product(name + "ffn_gate", self._plan.normed, "requantise", self._plan.product)
        self._product(name + "ffn_up", self._plan.normed, "silu", self._plan.product, peak=True, wait=False)
        self._quantise(self._plan.product, self._plan.gated, self._plan.spec.ffn)
        self._product(name + "ffn_down", self._plan.gated, "add", self._plan.hidden, peak=True)

    def _end(self, logits):
        if logits:
            self._norm("final_norm")
            self._logits()
        self._emit("control", "end")

    # Instructions

    def _emit(self, unit, op, **fields):
        self._written.append(Instruction(unit, op, {name: int(value) for name, value in fields.items()}))

    def _vector(self, op, **fields):
        self._emit("vector", op, **fields)

    def _engine(self, op, part, **fields):
        """An engine command with what it reads."""
        self._written.append(part)
        self._emit("engine", op, params=part.params, base=part.address, **fields)

    def _with_reads(self):
        """The program: every operation's read ``READ_AHEAD`` operations before its command."""
        parts = [entry for entry in self._written if not isinstance(entry, Instruction)]
        reads = [Instruction("read", "stream", {"address": part.address, "beats": part.beats}) for part in parts]
        program = reads[:READ_AHEAD]
        number = READ_AHEAD
        for entry in self._written:
            if isinstance(entry, Instruction):
                program.append(entry)
            else:
                program += reads[number : number + 1]
                number += 1
        return program

    # The residual stream

    def _angles(self):
        banks = [lambda position: position]
        if self._capped:
            banks.append(self._plan.rule.sink_position)
        for row in range(len(self._tokens)):
            for bank, at in enumerate(banks):
                for pair, increment in enumerate(self._increments):
                    position = at(self._position + row)
                    self._vector("angle", row=row, bank=bank, pair=pair, increment=increment, position=position)

    def _embed(self, row, token):
        parts = self._map.embedding_parts(token)
        for part in parts:
            self._engine("meta", part, middle=part.count)
            self._vector("embed", row=row, dst=self._plan.hidden + part.first, count=part.count, **_ends(parts, part))

    def _norm(self, name):
        """The normed hidden state, as int8 in the activation buffer."""
        plan = self._plan
        exponent, eps = self._norms[name]
        self._vector("square", src=plan.hidden, count=plan.indices(plan.spec.dim), eps=eps, first=1, last=1)
        parts = self._map.parts(name)
        for part in parts:
            self._engine("meta", part, middle=part.count)
            self._vector(
                "norm", src=plan.hidden + part.first, dst=plan.scratch + part.first, count=part.count,
                exponent=exponent % 1024, **_ends(parts, part),
            )  # fmt: skip
        self._quantise(plan.scratch, plan.normed, plan.spec.dim)

    def _quantise(self, src, dst, elements):
        self._vector("quantise", src=src, dst=dst, count=self._plan.indices(elements), post=1)

    def _product(self, name, activations, op, words_, peak=False, **matrix):
        """A matrix times what lies at ``activations``; the vector unit does ``op`` on words ``words_`` …"""
        for part, ends in self._matrix(name, activations, **matrix):
            fields = ends if peak else {}
            src = {} if op == "requantise" else {"src": words_ + part.first}
            self._vector(op, dst=words_ + part.first, count=part.count, **src, **fields)

    def _matrix(self, name, activations, wait=True, number=None, halfway=None, arrivals=None):
        """Slices and commands of a matrix's operations; yields (part, its ends) where its results are to be taken.

        ``number``: only the operations for the heads of that head pass. ``halfway`` emits load instructions that go
        between the first and the second half of the slices. ``arrivals``: how many words are there after each post of
        the vector unit, if not all after one.
        """
        config, kind = self._plan.config, self._map.kinds[name]
        valid = words(self._inputs[name])
        slices = -(-self._inputs[name] // config.slice_len)
        parts = self._map.parts(name) if number is None else self._map.pass_parts(name, number)
        for part in parts:
            ends = [slices]
            if arrivals is not None and part is parts[0]:
                ends = [*(there // config.atoms for there in arrivals[:-1]), slices]
            elif halfway is not None and part is parts[-1]:
                ends = [-(-slices // 2), slices]
            for first, end in zip([0, *ends[:-1]], ends, strict=True):
                if first > 0 and halfway is not None:
                    halfway()
                if first < end:
                    waits = wait and part is parts[0] and (first == 0 or arrivals is not None)
                    self._slices(activations, first, end, valid, waits)
            self._engine(kind, part, outer=slices, middle=part.count, inner=PHASES[kind] - 1)
            yield part, _ends(parts, part)

    def _slices(self, address, first, end, valid, wait):
        """Slices ``first`` … ``end − 1`` of an operand of ``valid`` words."""
        atoms = self._plan.config.atoms
        count, done = (end - first) * atoms, first * atoms
        left = min(count, max(0, valid - done))
        self._emit("load", "slice", address=address + done, words=count, valid=left, wait=wait)

    def _logits(self):
        spec, plan = self._plan.spec, self._plan
        outputs = self._map.parts("logits")
        name = "embedding" if spec.tied else "head"
        for (part, ends), output in zip(self._matrix(name, plan.normed), outputs, strict=True):
            valid = plan.config.lanes
            if ends["last"]:
                valid = spec.vocab - (part.first + part.count - 1) * plan.config.lanes
            self._vector("logits", count=part.count, address=output.address, row=self._last, heads=valid, **ends)

    # Attention

    def _attention(self, layer):
        """All query heads, one of every key/value head of a pass at a time, and the output matrix.

        While the vector unit is at a turn's softmax, the engine computes what the next turn begins with: the products
        of the next head pass, or else its scores. So a turn's ``pv`` comes after these, and ahead of the next pass's
        ``qk``, whose keys and queries are still being prepared.
        """
        plan = self._plan
        for turn, (number, member) in enumerate(plan.turns):
            if member == 0:
                self._project(layer, number, turn - 1)
                self._select(turn, plan.near_entry)
                if turn > 0:
                    self._mix(layer, turn - 1)
                self._scores(layer, turn)
                self._new_values(layer, number, turn - 1)
            else:
                self._select(turn, plan.near_entry)
                self._scores(layer, turn)
                self._weights(turn - 1)
                self._mix(layer, turn - 1)
            score = plan.scores[turn % 2]
            self._vector(
                "softmax", src=score, dst=score, count=plan.padded(self._positions), first=1, last=1, **self._met()
            )
        self._weights(turn)
        self._mix(layer, turn)
        self._output(layer)

    def _project(self, layer, number, turn):
        """Rotated and quantised queries, new keys and values of a head pass in the activation buffer.

        ``turn``: the one before, or −1; its weights are made meanwhile, and the value parameters that are there.
        """
        plan, spec = self._plan, self._plan.spec
        name = f"layers.{layer}."
        heads = plan.passes[number]
        width, rotated = words(spec.head_dim), layer not in spec.unrotated
        first_query, first_key = heads.first * spec.group, heads.first
        queries = {"count": plan.indices(heads.heads * spec.group * spec.head_dim), "dims": spec.head_dim}
        keys = {"count": plan.indices(heads.heads * spec.head_dim), "dims": spec.head_dim}
        query_word, key_word = (plan.product + plan.indices(n * spec.head_dim) for n in (first_query, first_key))
        product = {"op": "offset" if spec.biased else "requantise", "words_": plan.product, "number": number}
        # One operation of the kind at a time leaves the engine a bank for its products.
        old = self._old_values(turn)
        at_once = 1 if number == 0 else 0
        self._values(layer, number, old[:at_once], first=True)
        self._bias(name + "attn_q", number)
        self._product(name + "attn_q", plan.normed, wait=number == 0, **product)
        self._norm_heads(name + "q_norm", number, query_word, plan.near_entry + first_query, queries)
        banks = [(0, plan.near, plan.near_entry), (1, plan.far, plan.far_entry)]
        for bank, dst, entry in banks[: 1 + self._has_far(layer)]:
            entry, at = entry + first_query, plan.scratch if rotated else query_word
            if rotated:
                self._vector("rope", src=query_word, dst=at, bank=bank, entry=entry, **queries)
            else:
                self._vector("head_peak", src=at, entry=entry, **queries)
            self._vector("quantise_query", src=at, dst=dst + first_query * width, entry=entry, **queries)
        if turn >= 0 and not self._weights_wait():
            self._weights(turn)
        self._bias(name + "attn_k", number)
        self._product(name + "attn_k", plan.normed, wait=False, **product)
        entry, at = plan.key_entry + first_key, plan.scratch if rotated else key_word
        self._norm_heads(name + "k_norm", number, key_word, entry, keys)
        if rotated:
            self._vector("rope_key", src=key_word, dst=at, entry=entry, **keys)
        else:
            self._vector("range", src=at, entry=entry, **keys)
        self._vector("quantise_kv", src=at, dst=plan.key + first_key * width, entry=entry, post=1, **keys)
        self._bias(name + "attn_v", number)  # before weights: they may leave one bank only, for the product
        if turn >= 0 and self._weights_wait():
            self._weights(turn)
        self._values(layer, number, old[at_once:], first=at_once == 0)
        # The lanes take no slice while new keys pass. In the first pass the scores need them next; later ``pv`` does
        # without slices from the load unit.
        halfway = None if number else lambda: self._new_token("key", number, plan.key, plan.key_entry)
        self._product(name + "attn_v", plan.normed, wait=False, halfway=halfway, **product)
        if number:
            self._new_token("key", number, plan.key, plan.key_entry)
        entry = plan.value_entry + first_key
        self._vector("range", src=key_word, entry=entry, **keys)
        self._vector("quantise_kv", src=key_word, dst=plan.value + first_key * width, entry=entry, post=1, **keys)

    def _bias(self, name, number):
        """The bias of a product's heads of a pass, if there is one, into the words where the product will be."""
        if not self._plan.spec.biased:
            return
        for part in self._map.pass_parts(name + "_bias", number):
            self._engine("meta", part, middle=part.count)
            self._vector("bias", dst=self._plan.product + part.first, count=part.count)

    def _norm_heads(self, name, number, word, entry, heads):
        """RMSNorm of each of a pass's heads, if the model has it: ``heads`` (count and dims) from ``word`` on."""
        if not self._plan.spec.head_norms:
            return
        exponent, eps = self._norms[name]
        width = self._plan.indices(heads["dims"])
        self._vector("head_peak", src=word, entry=entry, **heads)
        self._vector("head_square", src=word, entry=entry, eps=eps, **heads)
        for part in self._map.head_norm_parts(name, number):
            self._engine("meta", part, middle=part.count)
            self._vector(
                "head_norm", src=word + part.first, dst=word + part.first, entry=entry + part.first // width,
                count=part.count, dims=heads["dims"], exponent=exponent % 1024,
            )  # fmt: skip

    def _has_far(self, layer):
        """Whether the sinks meet another query than the window does."""
        return self._capped and layer not in self._plan.spec.unrotated

    def _met(self, first=0):
        """Fields that say which tokens a query meets, for positions from ``first`` on."""
        before = self._plan.head_lanes.first_slot(first)
        return {
            "heads_log2": self._plan.heads_log2,
            "row": self._last,
            "filled": self._filled - before,
            "sinks": max(0, self._plan.rule.sinks - before) if self._capped else 0,
        }

    def _patched(self, code, first, release):
        """Fields of an operation that may hold the new tokens."""
        place = self._plan.head_lanes.place(self._slot)[1]
        if not first <= place < first + self._plan.chunk:
            return {}
        return {
            "patch": code,
            "slot": self._slot - self._plan.head_lanes.first_slot(first),
            "tokens": len(self._tokens),
            "heads_log2": self._plan.heads_log2,
            "release": release,
        }

    def _new_token(self, op, number, dst, entry):
        """The new keys or values of a head pass to the patch buffers."""
        plan, heads = self._plan, self._plan.passes[number]
        width = words(plan.spec.head_dim)
        self._emit(
            "load", op, heads_log2=plan.heads_log2, heads=heads.heads, address=dst + heads.first * width,
            stride=width, dims=plan.spec.head_dim, entry=entry + heads.first, wait=1,
        )  # fmt: skip

    def _query(self, turn):
        """The turn's first query head, and the fields that say which heads its lanes serve."""
        number, member = self._plan.turns[turn]
        heads = self._plan.passes[number]
        shared = {"heads_log2": self._plan.heads_log2, "heads": heads.heads}
        return heads.first * self._plan.spec.group + member, shared

    def _select(self, turn, entry):
        query, shared = self._query(turn)
        self._vector("select", entry=entry + query, stride=self._plan.spec.group, **shared, **self._constant)

    def _scores(self, layer, turn):
        """The scores of a turn, whose queries were selected, and of the sinks by themselves if need be."""
        plan, spec = self._plan, self._plan.spec
        number, member = plan.turns[turn]
        query, shared = self._query(turn)
        width = words(spec.head_dim)
        far = self._has_far(layer)
        parts = [(_NEAR if far else 0, plan.near, self._positions)]
        if far:
            parts.append((_FAR, plan.far, plan.head_lanes.positions(plan.rule.sinks)))
        whole = [(part, chunk) for part in parts for chunk in plan.chunks(part[2])]
        release = member == spec.group - 1
        for index, ((part, buffer, _), (first, count)) in enumerate(whole):
            self._emit(
                "load", "query", address=buffer + query * width, stride=spec.group * width, dims=spec.head_dim, **shared
            )
            read = self._map.key_part(layer, number, first, count)
            patch = self._patched(KEY, first, release) if part != _FAR else {}
            middle = read.count // (1 + plan.split)
            self._engine("qk", read, outer=1, middle=middle, split=plan.split, **patch)
            if part == _FAR and first == 0:
                self._select(turn, plan.far_entry)
            self._vector(
                "scores", dst=plan.scores[turn % 2] + first, count=read.count, part=part, first=index == 0,
                last=index == len(whole) - 1, **self._met(first),
            )  # fmt: skip

    def _new_positions(self):
        """``(first, end)`` of the positions whose value parameters share beats with those of the new tokens.

        They lie in one token block, or begin with one.
        """
        plan = self._plan
        places = [plan.head_lanes.place(self._slot + row)[1] for row in range(len(self._tokens))]
        first, end = (min(places) // plan.beat_words, max(places) // plan.beat_words + 1)
        first, end = first * plan.beat_words, end * plan.beat_words
        if first // plan.block != (end - 1) // plan.block:
            first = first // plan.block * plan.block
        return first, min(end, self._positions)

    def _pieces(self, first, end):
        """``(first position, positions)`` of the operations that cover ``first`` … ``end − 1``."""
        return [(first + start, count) for start, count in self._plan.chunks(end - first)]

    def _weights_wait(self):
        """Whether a turn's weights need more than the queue before the lanes: then they hold up the vector unit until
        ``pv`` begins, which needs a bank, so only one product's results may still be to come."""
        return self._plan.padded(self._positions) > 2 * self._plan.slice

    def _old_values(self, turn):
        """The pieces of a head pass's value parameters that need no new token; none begins within a token block and
        ends in another. ``turn``: the one before; its own are in use until its weights are made."""
        if turn >= 0 and self._weights_wait():
            return []
        first, end = self._new_positions()
        block_end = min(-(-end // self._plan.block) * self._plan.block, self._positions)
        return [*self._pieces(0, first), *self._pieces(end, block_end), *self._pieces(block_end, self._positions)]

    def _new_values(self, layer, number, turn):
        """What is left of a head pass's value parameters once the new tokens' are known; ``turn``: the one before."""
        self._new_token("value", number, self._plan.value, self._plan.value_entry)
        first, end = self._new_positions()
        if turn >= 0 and self._weights_wait():
            first, end = 0, self._positions
        self._values(layer, number, self._pieces(first, end), first=not self._old_values(turn), patch=True)

    def _values(self, layer, number, pieces, first, patch=False):
        """Value parameters of ``pieces``; with ``first`` the least exponent begins anew."""
        for start, count in pieces:
            read = self._map.value_scale_part(layer, number, start, count)
            patched = self._patched(VALUE, start, False) if patch else {}
            self._engine("meta", read, middle=count, **patched)
            self._vector("values", dst=start, count=count, first=first, last=1, **self._met(start))
            first = False

    def _weights(self, turn):
        plan = self._plan
        self._vector(
            "weights", src=plan.scores[turn % 2], count=plan.padded(self._positions), first=1, last=1, **self._met()
        )

    def _mix(self, layer, turn):
        plan, spec = self._plan, self._plan.spec
        number, member = plan.turns[turn]
        read = self._map.value_part(layer, number, self._positions)
        self._engine(
            "pv", read, outer=read.beats // spec.head_dim, middle=spec.head_dim, patch=VALUE, slot=self._slot,
            tokens=len(self._tokens), heads_log2=plan.heads_log2, release=member == spec.group - 1,
        )  # fmt: skip
        self._vector(
            "mix", dst=plan.mixed + turn * spec.head_dim, count=spec.head_dim, heads_log2=plan.heads_log2,
            heads=plan.passes[number].heads, first=turn == 0, last=turn == len(plan.turns) - 1,
        )  # fmt: skip

    def _output(self, layer):
        """The output matrix; its first slices are there while the last words are still gathered."""
        plan, dims = self._plan, self._plan.spec.head_dim
        atoms, total, there, arrivals = plan.config.atoms, words(plan.spec.heads * dims), 0, []
        batch = -(-total // (MOST * atoms)) * atoms  # words between two posts
        for turn, (number, _) in enumerate(plan.turns):
            heads = plan.passes[number].heads
            for word in range(words(dims)):
                dst, there = plan.outputs + there, there + heads
                whole = there // batch > (there - heads) // batch or there == total
                self._vector(
                    "gather", src=plan.mixed + turn * dims + word * WORD, count=WORD, dims=WORD, heads=heads, dst=dst,
                    stride=1, post=whole,
                )  # fmt: skip
                if whole:
                    arrivals.append(there)
        self._product(f"layers.{layer}.attn_o", plan.outputs, "add", plan.hidden, peak=True, arrivals=arrivals)


def _ends(parts, part):
    """``first`` and ``last`` of a part."""
    return {"first": part is parts[0], "last": part is parts[-1]}
