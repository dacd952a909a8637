"""The one configuration that drives RTL, compiler, scripts and notebooks."""

import dataclasses
import json
from dataclasses import dataclass
from functools import cached_property

from golden.errors import InputError


@dataclass(frozen=True)
class AcceleratorConfig:
    """Shape of the accelerator. Raises InputError for a value outside its range."""

    lanes: int  #: streams from memory, one per HBM pseudo-channel; a power of two
    rows: int  #: vectors that share a stream (tokens, query heads); 1 or an even number
    beat_bits: int  #: width of a lane's stream: 128, 256 or 512
    acc_depth: int  #: output channels of one operation per lane (words in each accumulator bank)
    max_k: int  #: longest dot product, in terms; sets the accumulator width
    vector_depth: int = 512  #: words of 32 bits in the memory of each of the vector unit's columns
    activation_words: int = 128  #: words of 32 int8 per row in the activation buffer
    prefetch: int = 64  #: beats in each lane's prefetch queue
    program_depth: int = 2048  #: instructions that the resident program may have
    run_tokens: int = 4096  #: tokens that a start takes at most, and that it chooses; memory holds them
    packed: int = 1  #: 1: a multiplier of 18 × 27 bits adds up two products of the engine; 0: they are logic
    lookup_depth: int = 1024  #: tokens of the text so far in which drafts are looked up

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise InputError(f"config: {field.name} must be an integer, not {value!r}")
        self._require(self.lanes in (1, 2, 4, 8, 16, 32), "lanes", "a power of two from 1 to 32")
        self._require(self.rows in (1, *range(2, 17, 2)), "rows", "1, or an even number from 2 to 16")
        self._require(self.beat_bits in (128, 256, 512), "beat_bits", "128, 256 or 512")
        self._require(4 <= self.acc_depth <= 65536, "acc_depth", "4 to 65536")
        self._require(32 <= self.max_k <= 1 << 20, "max_k", "32 to 1048576")
        for field in ("vector_depth", "activation_words", "prefetch", "program_depth", "run_tokens"):
            self._require(16 <= getattr(self, field) <= 65536, field, "16 to 65536")
        self._require(self.packed in (0, 1), "packed", "0 or 1")
        self._require(self.run_tokens & self.run_tokens - 1 == 0, "run_tokens", "a power of two")
        powers = [1 << bits for bits in range(10, 17)]
        self._require(self.lookup_depth in powers, "lookup_depth", "a power of two from 1024 to 65536")

    def _require(self, condition, field, wanted):
        if not condition:
            raise InputError(f"config: {field} is {getattr(self, field)}, it must be {wanted}")

    @cached_property
    def atoms(self):
        """64-bit atoms per beat."""
        return self.beat_bits // 64

    @cached_property
    def slice_len(self):
        """Activations in a stationary slice."""
        return 32 * self.atoms

    @cached_property
    def pairs(self):
        """Row pairs: rows that work in step, one pair a cycle behind the other. A single row counts as one."""
        return -(-self.rows // 2)

    @cached_property
    def pair_rows(self):
        """Rows of a pair."""
        return min(self.rows, 2)

    @cached_property
    def acc_bits(self):
        """Width of an exact sum: a w4 term is at most 8·255·128, the largest of all formats."""
        return (8 * 255 * 128 * self.max_k).bit_length() + 1

    @cached_property
    def load_bits(self):
        """Width of a stationary load word: one atom's 32 activations for every row."""
        return 256 * self.rows

    @cached_property
    def parameter_beats(self):
        """Parameter beats that a lane can hold for one operation: enough for two words per accumulator word."""
        return 1 << max(1, (-(-self.acc_depth // self.atoms) - 1).bit_length())

    @classmethod
    def preset(cls, name):
        """A named configuration: ``tiny`` (MyHDL unit tests), ``demo`` (Verilator on 2 cores), ``u280`` (the card),
        ``ecp5`` (a board with a Lattice LFE5U-85F).
        """
        if name not in PRESETS:
            raise InputError(f"config: no preset {name!r}; there are {', '.join(PRESETS)}")
        return PRESETS[name]

    def to_json(self):
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text):
        """The inverse of to_json(); fields that have a default may be missing. Raises InputError on anything else."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"config: not JSON ({error})") from None
        if not isinstance(values, dict):
            raise InputError("config: expected a JSON object")
        fields = dataclasses.fields(cls)
        names = [field.name for field in fields]
        needed = {field.name for field in fields if field.default is dataclasses.MISSING}
        wrong = sorted((set(values) - set(names)) | (needed - set(values)))
        if wrong:
            raise InputError(f"config: the fields are {', '.join(names)}; check {', '.join(wrong)}")
        return cls(**values)


PRESETS = {
    "tiny": AcceleratorConfig(
        lanes=2, rows=2, beat_bits=128, acc_depth=32, max_k=1024,
        vector_depth=512, activation_words=64, prefetch=64, run_tokens=128,
    ),
    "demo": AcceleratorConfig(
        lanes=4, rows=2, beat_bits=256, acc_depth=512, max_k=16384,
        vector_depth=4096, activation_words=256, prefetch=512, program_depth=16384,
    ),
    "u280": AcceleratorConfig(
        lanes=32, rows=2, beat_bits=512, acc_depth=512, max_k=16384,
        vector_depth=4096, activation_words=1024, prefetch=4096, program_depth=16384, run_tokens=65536,
        lookup_depth=4096,
    ),
    "ecp5": AcceleratorConfig(
        lanes=1, rows=1, beat_bits=256, acc_depth=512, max_k=4096,
        vector_depth=4096, activation_words=64, prefetch=512, program_depth=1024, run_tokens=512, packed=0,
    ),
}  # fmt: skip
