"""From a model's shape to the program of a pass: one token, or a few of a prompt, through all layers.

Order is all there is to schedule: dispatch hands out instructions in program order and every unit does its own in that
order. An operation's beats are asked for ``READ_AHEAD`` operations before its command, so that memory never waits for
a command; rotation and quantisation of queries overlap the products of keys and values; the scores of the next head
are computed while the vector unit is at the softmax of the one before.
"""

from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.units.attention_scores import query_constant
from golden.units.rope_angle import phase_increments
from myhdl_acc.control.instruction import Instruction
from myhdl_acc.control.isa import INSTRUCTION_BITS
from myhdl_acc.program.memory_map import MemoryMap
from myhdl_acc.program.plan import Plan, words

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
        self._increments = [int(i) for i in phase_increments(model.spec.head_dim, model.spec.rope_base)]
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
        programs = [self._pass(start, [0] * self.pass_tokens(start, rows), True) for start in starts]
        longest = max(len(program) for program in programs)
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
        return self._pass(position, tokens, logits)

    def _pass(self, position, tokens, logits):
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
        spec = self._plan.spec
        self._angles()
        for row, token in enumerate(self._tokens):
            self._embed(row, token)
        for layer in range(spec.layers):
            name = f"layers.{layer}."
            self._norm(name + "attn_norm")
            self._queries_keys_values(layer)
            self._attention(layer)
            self._product(name + "attn_o", self._plan.outputs, "add", self._plan.hidden, peak=True)
            self._norm(name + "ffn_norm")
            self._product(name + "ffn_gate", self._plan.normed, "requantise", self._plan.product)
            self._product(name + "ffn_up", self._plan.normed, "silu", self._plan.product, peak=True, wait=False)
            self._quantise(self._plan.product, self._plan.gated, spec.ffn)
            self._product(name + "ffn_down", self._plan.gated, "add", self._plan.hidden, peak=True)
        if logits:
            self._norm("final_norm")
            self._logits()
        self._emit("control", "end")
        return self._with_reads()

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

    def _product(self, name, activations, op, words_, peak=False, wait=True, halfway=None):
        """A matrix times what lies at ``activations``; the vector unit does ``op`` on words ``words_`` …

        ``halfway`` emits load instructions that go between the first and the second half of the slices.
        """
        for part, ends in self._matrix(name, activations, wait, halfway):
            fields = ends if peak else {}
            src = {} if op == "requantise" else {"src": words_ + part.first}
            self._vector(op, dst=words_ + part.first, count=part.count, **src, **fields)

    def _matrix(self, name, activations, wait, halfway=None):
        """Slices and commands of a matrix's operations; yields (part, its ends) where its results are to be taken."""
        config, kind = self._plan.config, self._map.kinds[name]
        cols = self._inputs[name]
        slices = -(-cols // config.slice_len)
        parts = self._map.parts(name)
        for part in parts:
            first = -(-slices // 2) if halfway is not None and part is parts[-1] else slices
            self._slices(activations, first, words(cols), wait and part is parts[0])
            if first < slices:
                done = first * config.atoms
                halfway()
                self._slices(activations + done, slices - first, max(0, words(cols) - done), False)
            elif halfway is not None and part is parts[-1]:
                halfway()
            self._engine(kind, part, outer=slices, middle=part.count, inner=PHASES[kind] - 1)
            yield part, _ends(parts, part)

    def _slices(self, address, slices, valid, wait):
        count = slices * self._plan.config.atoms
        self._emit("load", "slice", address=address, words=count, valid=min(valid, count), wait=wait)

    def _logits(self):
        spec, plan = self._plan.spec, self._plan
        outputs = self._map.parts("logits")
        name = "embedding" if spec.tied else "head"
        for (part, ends), output in zip(self._matrix(name, plan.normed, True), outputs, strict=True):
            valid = plan.config.lanes
            if ends["last"]:
                valid = spec.vocab - (part.first + part.count - 1) * plan.config.lanes
            self._vector("logits", count=part.count, address=output.address, row=self._last, heads=valid, **ends)

    # Attention

    def _queries_keys_values(self, layer):
        """Rotated and quantised queries, new keys and values in the activation buffer."""
        name = f"layers.{layer}."
        plan, spec = self._plan, self._plan.spec
        queries = {"count": plan.indices(spec.heads * spec.head_dim), "dims": spec.head_dim}
        keys = {"count": plan.indices(spec.kv_heads * spec.head_dim), "dims": spec.head_dim}
        early, later = self._old_value_pieces()
        self._product(name + "attn_q", plan.normed, "requantise", plan.product)
        self._values(layer, 0, early, early, patch=False)
        for bank, dst, entry in [(0, plan.near, plan.near_entry), (1, plan.far, plan.far_entry)][: 1 + self._capped]:
            self._vector("rope", src=plan.product, dst=plan.scratch, bank=bank, entry=entry, **queries)
            self._vector("quantise_query", src=plan.scratch, dst=dst, entry=entry, **queries)
        self._product(name + "attn_k", plan.normed, "requantise", plan.product, wait=False)
        self._vector("rope_key", src=plan.product, dst=plan.scratch, entry=plan.key_entry, **keys)
        self._vector("quantise_kv", src=plan.scratch, dst=plan.key, entry=plan.key_entry, post=1, **keys)
        self._values(layer, 0, later, [], patch=False)
        self._product(
            name + "attn_v", plan.normed, "requantise", plan.product, wait=False,
            halfway=lambda: self._new_token("key", 0, plan.key, plan.key_entry),
        )  # fmt: skip
        self._vector("range", src=plan.product, entry=plan.value_entry, **keys)
        self._vector("quantise_kv", src=plan.product, dst=plan.value, entry=plan.value_entry, post=1, **keys)

    def _attention(self, layer):
        """All query heads, one of every key/value head of a pass at a time."""
        plan, spec = self._plan, self._plan.spec
        turns = [(number, member) for number in range(len(plan.passes)) for member in range(spec.group)]
        for turn in range(-1, len(turns)):
            if turn + 1 < len(turns):
                self._scores(layer, turns, turn + 1)
            if turn >= 0:
                self._weigh(layer, turns, turn)
            if turn + 1 < len(turns):
                number, member = turns[turn + 1]
                if member == 0:
                    self._value_scales(layer, number)
                score = plan.scores[(turn + 1) % 2]
                self._vector(
                    "softmax", src=score, dst=score, count=plan.padded(self._positions), first=1, last=1, **self._met()
                )
        self._gather(turns)

    def _met(self, first=0):
        """Fields that say which tokens a query meets, for positions from ``first`` on."""
        before = first * self._plan.head_lanes.share  # slots before that position, in every lane
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
            "slot": self._slot - first * self._plan.head_lanes.share,
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
            stride=width, dims=plan.spec.head_dim, entry=entry + heads.first, wait=number == 0,
        )  # fmt: skip

    def _scores(self, layer, turns, turn):
        plan, spec = self._plan, self._plan.spec
        number, member = turns[turn]
        heads = plan.passes[number]
        width = words(spec.head_dim)
        query = heads.first * spec.group + member
        if member == 0 and number > 0:
            self._new_token("key", number, plan.key, plan.key_entry)
        parts = [(_NEAR if self._capped else 0, plan.near, plan.near_entry, self._positions)]
        if self._capped:
            sinks = plan.head_lanes.positions(plan.rule.sinks)
            parts.append((_FAR, plan.far, plan.far_entry, sinks))
        shared = {"heads_log2": plan.heads_log2, "heads": heads.heads}
        whole = [(part, chunk) for part in parts for chunk in plan.chunks(part[3])]
        release = member == spec.group - 1
        for index, ((part, buffer, entry, _), (first, count)) in enumerate(whole):
            self._emit(
                "load", "query", address=buffer + query * width, stride=spec.group * width, dims=spec.head_dim,
                wait=turn >= 2 and index == 0, **shared,
            )  # fmt: skip
            read = self._map.key_part(layer, number, first, count)
            patch = self._patched(KEY, first, release) if part != _FAR else {}
            middle = read.count // (1 + plan.split)
            self._engine("qk", read, outer=1, middle=middle, split=plan.split, **patch)
            if first == 0:
                self._vector("select", entry=entry + query, stride=spec.group, **shared, **self._constant)
            self._vector(
                "scores", dst=plan.scores[turn % 2] + first, count=read.count, part=part, first=index == 0,
                last=index == len(whole) - 1, **self._met(first),
            )  # fmt: skip

    def _new_block(self):
        """First position of the block that has the new token, and its end, in the lane of the token."""
        block = self._plan.block
        first = self._plan.head_lanes.place(self._slot)[1] // block * block
        return first, min(first + block, self._positions)

    def _pieces(self, first, end):
        """``(first position, positions)`` of the operations that cover ``first`` … ``end − 1``."""
        return [(first + start, count) for start, count in self._plan.chunks(end - first)]

    def _old_value_pieces(self):
        """The first head pass's value parameters but for the new token's block: they are there before the new values.

        In two parts, as results of one operation of the kind at a time leave the engine a bank for its products.
        """
        if self._last:
            return [], []  # tokens of a prompt may lie in two blocks
        first, end = self._new_block()
        pieces = [*self._pieces(0, first), *self._pieces(end, self._positions)]
        return pieces[:1], pieces[1:]

    def _value_scales(self, layer, number):
        """What is left of a head pass's value parameters once the new token's are known."""
        self._new_token("value", number, self._plan.value, self._plan.value_entry)
        if self._last or number:
            pieces = self._pieces(0, self._positions)
            self._values(layer, number, pieces, pieces[:1], patch=True)
        else:
            first, end = self._new_block()
            alone = first == 0 and end == self._positions
            pieces = self._pieces(first, end)
            self._values(layer, number, pieces, pieces[:1] if alone else [], patch=True)

    def _values(self, layer, number, pieces, begin, patch):
        """Value parameters of ``pieces``; the least exponent begins anew with a piece in ``begin``."""
        for piece in pieces:
            first, count = piece
            read = self._map.value_scale_part(layer, number, first, count)
            patched = self._patched(VALUE, first, False) if patch else {}
            self._engine("meta", read, middle=count, **patched)
            self._vector("values", dst=first, count=count, first=piece in begin, last=1, **self._met(first))

    def _weigh(self, layer, turns, turn):
        plan, spec = self._plan, self._plan.spec
        number, member = turns[turn]
        self._vector(
            "weights", src=plan.scores[turn % 2], count=plan.padded(self._positions), first=1, last=1,
            post=turn + 2 < len(turns), **self._met(),
        )  # fmt: skip
        read = self._map.value_part(layer, number, self._positions)
        self._engine(
            "pv", read, outer=read.beats // spec.head_dim, middle=spec.head_dim, patch=VALUE, slot=self._slot,
            tokens=len(self._tokens), heads_log2=plan.heads_log2, release=member == spec.group - 1,
        )  # fmt: skip
        self._vector(
            "mix", dst=plan.mixed + turn * spec.head_dim, count=spec.head_dim, heads_log2=plan.heads_log2,
            heads=plan.passes[number].heads, first=turn == 0, last=turn == len(turns) - 1,
        )  # fmt: skip

    def _gather(self, turns):
        plan, spec = self._plan, self._plan.spec
        width = words(spec.head_dim)
        for turn, (number, member) in enumerate(turns):
            heads = plan.passes[number]
            self._vector(
                "gather", src=plan.mixed + turn * spec.head_dim, count=spec.head_dim, dims=spec.head_dim,
                heads=heads.heads, dst=plan.outputs + (heads.first * spec.group + member) * width,
                stride=spec.group * width, post=turn == len(turns) - 1,
            )  # fmt: skip


def _ends(parts, part):
    """``first`` and ``last`` of a part."""
    return {"first": part is parts[0], "last": part is parts[-1]}
