"""What is measured: the models, their texts, and the ways of compressing them."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.evaluation import texts


@dataclass(frozen=True)
class Stream:
    """A long text for one model in format ``kind``: ``tokens`` of it, with a ``window`` behind 4 sinks."""

    texts: Callable[[], tuple[str, str]]
    tokens: int
    window: int
    kind: str


@dataclass(frozen=True)
class Subject:
    """A model: its ``source`` (a name or file of golden.models), the ``texts`` () → (calibration, held-out) text, how
    many ``tokens`` of the latter are predicted, and the ``window`` behind 4 sinks. ``cycles`` that the whole
    accelerator took for a token, measured, and the row that was measured with them. ``stream``: the long context.
    ``baseline``: the row that others are compared with, in which the model runs as it was trained.
    """

    name: str
    source: str
    texts: Callable[[], tuple[str, str]]
    tokens: int
    window: int
    trained: str
    cycles: tuple[str, int] | None = None
    stream: Stream | None = None
    baseline: str = "float"


SINKS = 4
SUBJECTS = (
    Subject("glassllm", "glassllm", texts.carroll, 7680, 28, "build/glassllm-trained.acc", ("w2 nearest", 12634)),
    Subject("austen", "build/austen/austen-float.npz", texts.austen, 7680, 124, "austen", baseline="float, Λ"),
    Subject(
        "smollm2",
        "smollm2",
        texts.wikipedia,
        tokens=2560,
        window=124,
        trained="build/smollm2-trained.acc",
        cycles=("w4 nearest", 832707),
        stream=Stream(texts.austen, 8192, 508, "w4"),
    ),
)


@dataclass(frozen=True)
class Row:
    """A way to run a model: in floats with ``options`` for predictions(), or compressed by the command line's
    ``compress`` with ``arguments`` and decoded in integers (A8, KV4, Λ); ``trained``: from an .acc that is there.
    """

    name: str
    options: dict | None = None
    arguments: tuple[str, ...] = ()
    calibrated: bool = False
    trained: bool = False

    @property
    def is_float(self):
        return self.options is not None


def rows():
    """All rows."""
    yield Row("float", options={})
    yield Row("float, A8", options={"int8_activations": True})
    yield Row("float, KV4", options={"int4_cache": True})
    yield Row("float, Λ", options={"lambda": True})
    yield Row("float, A8 KV4 Λ", options={"int8_activations": True, "int4_cache": True, "lambda": True})
    for kind in ("w8", "w4", "w2"):
        yield Row(f"{kind} nearest", arguments=("--weights", kind, "--method", "nearest"))
    yield Row("w2 wanda", arguments=("--weights", "w2", "--method", "wanda"), calibrated=True)
    for kind in ("w8", "w4", "w2"):
        yield Row(f"{kind} gptq", arguments=("--weights", kind, "--method", "gptq"), calibrated=True)
    for bits in ("4", "3", "2.5"):
        yield Row(f"mixed {bits} bits", arguments=("--budget", bits), calibrated=True)
    yield Row("w2 trained", trained=True)
