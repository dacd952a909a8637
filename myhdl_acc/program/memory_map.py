"""Where everything lies in the lanes' pseudo-channels (docs/memory_map.md)."""

from dataclasses import dataclass

from golden.draft_shapes import HEAD, draft_shapes
from golden.errors import InputError
from golden.formats.matrix import PHASES
from golden.spec import HEAD_NORMS
from golden.units.resolve import FAR, NEW
from golden.units.sequencer import operation_beats
from myhdl_acc.rtl.control.isa import INSTRUCTION_BITS

#: Ends of the names of the matrices whose channels are heads: no operation has those of two head blocks, or queries
#: that two rows serve.
PROJECTIONS = ("attn_q", "attn_k", "attn_v")
_BIAS = "_bias"
CHANNEL_BYTES = 256 << 20  #: of an HBM pseudo-channel


@dataclass(frozen=True)
class Region:
    """``beats`` beats from beat ``address`` of every lane."""

    name: str
    address: int
    beats: int

    @property
    def end(self):
        return self.address + self.beats


@dataclass(frozen=True)
class Part:
    """What one operation reads: ``params`` parameter beats at ``address``, and ``beats`` beats in all. It leaves out
    ``skip`` beats behind the parameters.

    It gives results ``first`` … ``first + count − 1`` of every lane.
    """

    address: int
    params: int
    beats: int
    first: int
    count: int
    skip: int = 0


def cache_name(layer, number, sequence=0):
    """What the names of the cache of head block ``number`` begin with."""
    return f"layers.{layer}.heads.{number}." + (f"sequence.{sequence}." if sequence else "")


class MemoryMap:
    """The same for every lane; ``regions`` by name, in the order of their addresses.

    ``kinds``: format by matrix; ``kept``: choices whose logits are kept. The model comes first with a layer's caches
    beside its weights, then what every run writes: logits, program, prompt, results.
    """

    def __init__(self, place, kinds, kept=1):
        self.place = place
        self.kinds = kinds
        self.regions = {}
        self._parts = {}
        spec, config = place.spec, place.config
        #: beats of an embedding row
        self.row_beats = self._words_beats(place.indices(spec.dim))
        self._add("embedding.rows", spec.vocab * self.row_beats)
        #: parameter and key beats of a whole chunk of keys
        self.key_params = place.chunk // self.place.beat_words
        self.key_beats = place.chunk // (1 + place.split)
        for layer in range(spec.layers):
            self._add_layer(layer)
        self._add_norm("final_norm")
        self._add_matrix("embedding" if spec.tied else "head", spec.vocab, spec.dim, whole=False)
        for name, shape in draft_shapes(spec, place.draft_size).items():
            self._add_matrix(name, *shape, whole=name != HEAD)
        count = -(-spec.vocab // config.lanes)
        self._parts["logits"] = self.word_parts(self._add("logits", kept * self._words_beats(count)), count)
        self._add("program", config.program_depth * INSTRUCTION_BITS // config.beat_bits)
        self._add("prompt", -(-config.run_tokens // place.beat_words))
        self._add("results", config.run_tokens)
        size = self._end * config.beat_bits // 8
        if size > CHANNEL_BYTES:
            raise InputError(
                f"memory: the model with a cache of {place.rule.capacity} tokens needs {-(-size >> 20)} MiB of each of"
                f" {config.lanes} pseudo-channels; one has {CHANNEL_BYTES >> 20}"
            )

    @property
    def beats(self):
        """Beats in use of every lane."""
        return self._end

    @property
    def _end(self):
        return next(reversed(self.regions.values())).end if self.regions else 0

    def _add(self, name, beats):
        region = Region(name, self._end, beats)
        self.regions[name] = region
        return region.address

    def address(self, name):
        """First beat of a region."""
        return self.regions[name].address

    def parts(self, name, number=None, row=None):
        """The operations of a matrix, a bias, a norm or the logits; of PROJECTIONS and their biases, only those that
        give the heads of head block ``number``, if there is one, and of queries those that ``row`` serves.
        """
        if number is None:
            return self._parts[name]
        heads = self.place.head_blocks[number]
        if row is None:
            rows, _ = self.place.spec.layer_matrices[name.removesuffix(_BIAS).rpartition(".")[2]]
            each = rows // self.place.spec.kv_heads
            first, end = (self.place.indices(each * head) for head in (heads.first, heads.first + heads.heads))
        else:
            first, end = (self._first_query(heads, one) for one in (row, row + 1))
        return [part for part in self._parts[name] if first <= part.first < end]

    def _first_query(self, heads, row):
        """The result of a lane with which the queries of HeadBlock ``heads`` begin that ``row`` serves."""
        place = self.place
        first = heads.first * place.spec.group + heads.heads * place.before(row)
        return place.indices(first * place.spec.head_dim)

    def head_norm_parts(self, name, count):
        """The operations that give γ of a norm of heads for ``count`` results of a lane, whole heads, from index 0 on.

        All of them read the same words: γ again and again.
        """
        (whole,) = self._parts[name]
        parts = []
        for first in range(0, count, whole.count):
            together = min(whole.count, count - first)
            beats = self._words_beats(together)
            parts.append(Part(whole.address, beats, beats, first, together))
        return parts

    def embedding_parts(self):
        """The operations of the first token's embedding row; the next one's begins ``row_beats`` further on."""
        return self.word_parts(self.address("embedding.rows"), self.place.indices(self.place.spec.dim))

    def key_part(self, layer, step, start, part):
        """Where the keys of a HeadStep's block and sequence lie in the chunk that begins with token block ``start``.
        What is read of them depends on the cache.

        All beats of the chunk's parameters are read, or with ``part`` (golden Resolver's) FAR those of the sinks, with
        NEW one.
        """
        first = start * self.place.block
        address = self._cache(layer, step, "keys")
        address += first // self.place.chunk * (self.key_params + self.key_beats)
        sinks = min(self.place.chunk, self.place.head_lanes.positions(self.place.rule.sinks) - first)
        taps = 1 + self.place.split
        params = self.key_params
        if part == FAR:
            params = self._words_beats(-(-sinks // taps) * taps)
        elif part == NEW:
            params = 1
        return Part(address, params, 0, 0, 0, self.key_params - params)

    def value_scale_part(self, layer, step):
        """Where the values' parameters begin."""
        return Part(self._cache(layer, step, "value_scales"), 0, 0, 0, 0)

    def value_part(self, layer, step):
        """Where the values begin."""
        return Part(self._cache(layer, step, "values"), 0, 0, 0, 0)

    def _cache(self, layer, step, what):
        return self.address(f"{cache_name(layer, step.block.number, step.sequence)}{what}")

    def word_parts(self, address, count):
        """Operations that read ``count`` words of every lane from ``address`` on."""
        parts = []
        for first, number in self._cut(count):
            beats = self._words_beats(number)
            parts.append(Part(address + first // self.place.beat_words, beats, beats, first, number))
        return parts

    def _cut(self, count):
        """``(first, number)`` of the operations that give ``count`` results per lane; each begins a beat of words."""
        depth = self._depth
        return [(first, min(depth, count - first)) for first in range(0, count, depth)]

    @property
    def _depth(self):
        """Most results per lane of an operation, in whole beats of words."""
        return self.place.config.acc_depth // self.place.beat_words * self.place.beat_words

    def _add_layer(self, layer):
        """All that is a layer's, and the same distance on the next one's if that has the same formats."""
        place, spec = self.place, self.place.spec
        name = f"layers.{layer}."
        for norm in spec.layer_norms:
            self._add_norm(name + norm)
        for matrix, shape in spec.layer_matrices.items():
            self._add_matrix(name + matrix, *shape, whole=True)
        for bias in spec.layer_biases:
            self._add_bias(name + bias)
        chunks = len(place.chunks(place.positions))
        for step in place.batch_steps or place.head_steps:
            if step.member:
                continue
            cache = cache_name(layer, step.block.number, step.sequence)
            self._add(cache + "keys", chunks * (self.key_params + self.key_beats))
            self._add(cache + "value_scales", chunks * self.key_params)
            self._add(cache + "values", -(-place.positions // place.block) * spec.head_dim)

    def _add_norm(self, name):
        count = self._norm_words(name.rpartition(".")[2])
        self._parts[name] = self.word_parts(self._add(name, self._words_beats(count)), count)

    def layer_address(self, layer):
        """First beat of what is a layer's; of the number of layers: what follows the last one."""
        if layer == self.place.spec.layers:
            return self.address("final_norm")
        return self.address(f"layers.{layer}.attn_norm")

    def signature(self, layer):
        """What layers of one loop have in common: the formats of their matrices."""
        return tuple(self.kinds[f"layers.{layer}.{matrix}"] for matrix in self.place.spec.layer_matrices)

    def _norm_words(self, name):
        """Words per lane of a norm's γ: once, or for as many heads of a head block as an operation can serve."""
        if name not in HEAD_NORMS:
            return self.place.indices(self.place.spec.dim)
        width = self.place.indices(self.place.spec.head_dim)
        return min(self._heads(0, name), self._depth // width) * width

    def _heads(self, number, norm):
        """Heads of head block ``number`` that a norm of HEAD_NORMS is for."""
        return self.place.head_blocks[number].heads * (self.place.spec.group if HEAD_NORMS[norm] == "attn_q" else 1)

    def _words_beats(self, words):
        return -(-words // self.place.beat_words)

    def _add_matrix(self, name, rows, cols, whole):
        """``whole``: the channels fill whole words of the activation buffer."""
        place, config, kind = self.place, self.place.config, self.kinds[name]
        slices = -(-cols // config.slice_len)
        ends = [place.indices(rows) if whole else -(-rows // config.lanes)]
        if name.endswith("attn_q"):
            ends = [self._first_query(block, row + 1) for block in place.head_blocks for row in range(place.sharing)]
        elif name.endswith(PROJECTIONS):
            ends = [place.indices((block.first + block.heads) * place.spec.head_dim) for block in place.head_blocks]
        parts, address, begin = [], self._end, 0
        for end in ends:
            for first, number in self._cut(end - begin):
                params = self._words_beats(number)
                beats = operation_beats(kind, slices, number, PHASES[kind], params)
                parts.append(Part(address, params, beats, begin + first, number))
                address += beats
            begin = end
        self._parts[name] = parts
        self._add(name, address - self._end)

    def _add_bias(self, name):
        """A word per channel of its matrix, in operations of the same channels."""
        parts, address = [], self._end
        for part in self._parts[name.removesuffix(_BIAS)]:
            beats = self._words_beats(part.count)
            parts.append(Part(address, beats, beats, part.first, part.count))
            address += beats
        self._parts[name] = parts
        self._add(name, address - self._end)
