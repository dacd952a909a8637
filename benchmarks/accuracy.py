"""Measures what compression costs: `make accuracy` writes docs/accuracy.md and docs/accuracy.svg.

    python benchmarks/accuracy.py [-o docs] [--models glassllm,smollm2] [--tokens N] [--only-kept] [--train]

Each row is kept in the cache under everything it depends on, so that an interrupted run goes on where it was.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tqdm import tqdm

from benchmarks.evaluation.long_context import long_context
from benchmarks.evaluation.measure import measure
from benchmarks.evaluation.page import write_page
from benchmarks.evaluation.plot import write_plot
from benchmarks.evaluation.rows import SUBJECTS, rows
from benchmarks.evaluation.trained import make_missing
from golden.errors import InputError
from myhdl_acc.cli.exits import run


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-o", "--output", default="docs", type=Path, help="directory of the report [%(default)s]")
    parser.add_argument("--models", default=",".join(s.name for s in SUBJECTS), help="[%(default)s]")
    parser.add_argument("--tokens", type=int, help="at most so many of each text, for a quick look")
    parser.add_argument("--only-kept", action="store_true", help="measure nothing, report what earlier runs measured")
    parser.add_argument("--train", action="store_true", help="first make the trained models that are missing: hours")
    options = parser.parse_args(arguments)
    if options.tokens is not None and options.tokens < 2:
        parser.error("--tokens must be at least 2")
    names = options.models.split(",")
    chosen = [subject for subject in SUBJECTS if subject.name in names]
    if len(chosen) != len(names):
        raise InputError(f"no model {options.models!r}; there are {', '.join(s.name for s in SUBJECTS)}")
    if options.train:
        for subject in chosen:
            make_missing(subject)
    only_kept = options.only_kept
    results = {s: _subject(s, min(s.tokens, options.tokens or s.tokens), only_kept) for s in chosen}
    streams = {
        s: _attempt(f"{s.name}: long context", long_context, s, options.tokens, only_kept) for s in chosen if s.stream
    }
    options.output.mkdir(parents=True, exist_ok=True)
    write_page(options.output / "accuracy.md", results, streams)
    write_plot(options.output / "accuracy.svg", results)
    return 0


def _subject(subject, tokens, only_kept):
    """``{row name: figures, or the reason why there are none}``."""
    results = {}
    for row in rows(subject):
        with tqdm(total=tokens, unit="token", desc=f"{subject.name}: {row.name}", leave=False, disable=None) as bar:
            results[row.name] = _attempt(
                f"{subject.name}: {row.name}", measure, subject, row, tokens, only_kept, _Bar(bar)
            )
    return results


class _Bar:
    """Sets a bar to what is done."""

    def __init__(self, bar):
        self._bar = bar

    def __call__(self, done):
        self._bar.update(done - self._bar.n)


def _attempt(name, function, *arguments):
    try:
        found = function(*arguments)
    except InputError as error:
        found = str(error)
    if isinstance(found, str):
        print(f"{name}: {found}", flush=True)
    elif "perplexity" in found:
        print(f"{name}: perplexity {found['perplexity']:.3f}, {found['bits']:.2f} bits per weight", flush=True)
    return found


if __name__ == "__main__":
    run(main)
