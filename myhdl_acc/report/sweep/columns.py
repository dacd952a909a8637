"""The columns of a results file, and what is better in each."""

import dataclasses

from myhdl_acc.report.synthesis import Resources
from myhdl_acc.rtl.config import AcceleratorConfig

CONFIG = tuple(field.name for field in dataclasses.fields(AcceleratorConfig))
RESOURCES = tuple(field.name for field in dataclasses.fields(Resources))
_CELLS = tuple(f"{name}_cells" for name in RESOURCES)
AREA = (*RESOURCES, *_CELLS, "area")  #: what a configuration takes, and how that was found

#: More is better in these; in every other column of numbers less is.
GAINS = ("tokens_per_s", "prefill_tokens_per_s", "share_of_peak", "share_of_achievable")
_FIGURES = (
    *GAINS, "cycles", "prefill_cycles", "bytes_per_token", "multiplied", "joules_per_token",
    *RESOURCES, *_CELLS, "bits", "loss",
)  # fmt: skip
#: What two points must share before one of them can be better than the other.
WORKLOAD = ("model", "weights", "window", "context", "clock")

#: {name: Python type}, in the order of the file.
COLUMNS = (
    {"key": str, "model": str, "weights": str, "window": int, "context": int, "clock": int}
    | dict.fromkeys(CONFIG, int)
    | {"method": str}
    | dict.fromkeys(_FIGURES, float)
    | {"area": str, "error": str}
)
NUMBERS = tuple(name for name, kind in COLUMNS.items() if kind is not str)
