"""What is measured: the models, their texts, and the ways of compressing them."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.evaluation import texts
from benchmarks.evaluation.trained import Trained


@dataclass(frozen=True)
class Stream:
    """A long text for one model as ``row`` makes it: ``tokens`` of it, with a ``window`` behind 4 sinks."""

    texts: Callable[[], tuple[str, str]]
    tokens: int
    window: int
    row: str


@dataclass(frozen=True, eq=False)  # a report is a dictionary of them
class Subject:
    """A model: its ``source`` (a name or file of golden.llm.models), the ``texts`` () → (calibration, held-out) text,
    how many ``tokens`` of the latter are predicted, and the ``window`` behind 4 sinks. ``cycles`` that the whole
    accelerator took for a token, measured, and the row that was measured with them. ``stream``: the long context.
    ``baseline``: the row that others are compared with, in which the model runs as it was trained. ``trained``: how
    the trained models are made, each by what it is called, or the name of one that comes with the source. ``made_by``:
    the script and its arguments that make ``source``, where it is not what others have made.
    """

    name: str
    source: str
    texts: Callable[[], tuple[str, str]]
    tokens: int
    window: int
    trained: dict[str, Trained | str]
    cycles: tuple[str, int] | None = None
    stream: Stream | None = None
    baseline: str = "float"
    made_by: tuple[str, ...] = ()


SINKS = 4


def _wikipedia_and_novels():
    """Two novels beside the articles: another kind of text than the one that compression is calibrated on."""
    novels = texts.austen()[0]
    return texts.wikipedia()[0], novels[: len(novels) // 3]


_GLASSLLM = Trained(
    "build/glassllm-trained.acc",
    lambda: texts.carroll()[:1],
    ("--generate", "400", "--steps", "1000", "--rate", "1e-2", "--length", "128", "--window", "28"),
    start=("--weights", "w2", "--method", "gptq"),
)
_SMOLLM2_W4 = Trained(
    "build/smollm2-w4-trained.acc",
    _wikipedia_and_novels,
    ("--steps", "80", "--rate", "3e-3", "--batch", "8", "--length", "256", "--window", "124", "--mix", "0.5"),
    start=("--weights", "w4", "--method", "gptq", "--calibration-tokens", "32768"),
)
_SMOLLM2_MIXED = Trained(
    "build/smollm2-mixed-trained.acc",
    lambda: texts.wikipedia()[:1],
    ("--steps", "300", "--rate", "6e-3", "--batch", "8", "--length", "256", "--window", "124", "--mix", "0.5"),
    start=("--budget", "3"),
)
_SMOLLM2_W2 = Trained(
    "build/smollm2-w2-trained.acc",
    lambda: texts.wikipedia()[:1],
    ("--steps", "420", "--rate", "1e-2", "--batch", "8", "--length", "256", "--window", "124", "--mix", "0.5"),
    start=("--weights", "w2", "--method", "gptq"),
)
SUBJECTS = (
    Subject("glassllm", "glassllm", texts.carroll, 7680, 28, {"w2": _GLASSLLM}, ("w2 nearest", 12634)),
    Subject(
        "austen",
        "build/austen/austen-float.npz",
        texts.austen,
        tokens=7680,
        window=124,
        trained={"w2": "austen"},
        baseline="float, Λ",
        made_by=("scripts/train_embedded.py", "-o", "build/austen"),
    ),
    Subject(
        "smollm2",
        "smollm2",
        texts.wikipedia,
        tokens=2560,
        window=124,
        trained={"w4": _SMOLLM2_W4, "mixed 3 bits": _SMOLLM2_MIXED, "w2": _SMOLLM2_W2},
        cycles=("w4 nearest", 832707),
        stream=Stream(texts.austen, 8192, 508, "w4 trained"),
    ),
)


@dataclass(frozen=True)
class Row:
    """A way to run a model: in floats with ``options`` for predictions(), or compressed by the command line's
    ``compress`` with ``arguments`` and decoded in integers (A8, KV4, Λ); ``trained``: which of
    the subject's trained models it is.
    """

    name: str
    options: dict | None = None
    arguments: tuple[str, ...] = ()
    calibrated: bool = False
    trained: str | None = None

    @property
    def is_float(self):
        return self.options is not None


def rows(subject):
    """All rows of ``subject``."""
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
    for kind in subject.trained:
        yield Row(f"{kind} trained", trained=kind)
