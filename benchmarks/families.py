"""Runs a model of every family on every backend: `make families` writes the table in README.md.

    python benchmarks/families.py [BACKEND …]

Each model is tiny, of random weights (tests/oracle/tiny_models.py). It is read from both formats, compressed to w4, and
decodes a few tokens: both in the golden model, that of the directory on the other backends, where every integer is
compared with the golden model's. Cells of backends that are not named stay empty.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.compress import compress
from golden.llm.models import load
from golden.llm.models.families import FAMILIES
from myhdl_acc.cli.backends import open_decoder
from myhdl_acc.rtl.config import AcceleratorConfig
from tests.oracle import tiny_models

README = Path(__file__).parents[1] / "README.md"
MARKERS = "<!-- families: make families -->\n", "<!-- end of families -->\n"
FORMATS = {"GGUF": tiny_models.write_gguf, "Hugging Face": tiny_models.write_directory}
BACKENDS = {
    "golden": "golden model", "verilator": "whole accelerator (Verilator)", "icarus": "engine (Icarus)",
    "ghdl": "engine (GHDL)", "myhdl": "engine (MyHDL)",
}  # fmt: skip
HEADER = ("family", *FORMATS, *BACKENDS.values())
DONE = "✓"
PROMPT, COUNT = (5, 17), 2


def row(family, backends=tuple(BACKENDS)):
    """The cells of HEADER for ``family``: DONE, or what went wrong."""
    models, cells = [], []
    with tempfile.TemporaryDirectory() as directory:
        for name, write in FORMATS.items():
            path = Path(directory) / f"{family}.gguf" if name == "GGUF" else Path(directory) / family
            cells.append(_attempt(lambda path=path, write=write: models.append(_compressed(write(family, path)))))
    for backend in BACKENDS:
        chosen = models if backend == "golden" else models[-1:]
        cells.append(_attempt(lambda b=backend, m=chosen: _decode(m, b)) if backend in backends else "")
    return (family, *cells)


def _compressed(path):
    return compress(load(path), "w4", method="nearest")


def _decode(models, backend):
    """Decode with all ``models`` on ``backend``. Raises whatever goes wrong; tokens must be those of the golden one."""
    config = AcceleratorConfig.preset("tiny")
    if not models:
        raise InputError("no model")
    for model in models:
        rule = LambdaRule.of(model.spec).within(len(PROMPT) + COUNT)
        found = []
        for name in ("golden", backend):
            with open_decoder(name, config, model, rule, True) as (decoder, _):
                found.append(list(decoder.generate(list(PROMPT), COUNT)))
        if found[0] != found[1] or len(found[0]) != COUNT:
            raise AssertionError(f"{found[1]} instead of {found[0]}")


def _attempt(action):
    """DONE, or the first line of what ``action()`` raised, whatever it was: it belongs into the table."""
    try:
        action()
    except Exception as error:
        return f"{type(error).__name__}: {error}".splitlines()[0][:200].replace("|", "\\|")
    return DONE


def table(rows):
    """Markdown of HEADER and ``rows``."""
    lines = [HEADER, ["---"] * len(HEADER), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def main(backends):
    unknown = [name for name in backends if name not in BACKENDS]
    if unknown:
        print(f"no backend {', '.join(unknown)}; there are {', '.join(BACKENDS)}", file=sys.stderr)
        return 2
    rows = []
    for family in FAMILIES:
        rows.append(row(family, backends or tuple(BACKENDS)))
        print(" | ".join(rows[-1]), flush=True)
    before, rest = README.read_text("utf-8").split(MARKERS[0])
    after = rest.split(MARKERS[1])[1]
    README.write_text(before + MARKERS[0] + table(rows) + MARKERS[1] + after, "utf-8")
    return 0 if all(cell in (DONE, "") for _, *cells in rows for cell in cells) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
