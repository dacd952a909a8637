"""The report's trained models: the commands that make those which are not there."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from golden.errors import InputError


@dataclass(frozen=True)
class Trained:
    """A trained model in file ``path``: what scripts/fine_tune.py makes with ``arguments`` of ``texts`` ().

    It begins with what `myhdl-acc compress` makes with ``start``, calibrated on the first text, or float.
    """

    path: str
    texts: Callable[[], tuple[str, ...]]
    arguments: tuple[str, ...]
    start: tuple[str, ...] | None = None


def make_missing(subject):
    """Make the float model and the trained ones of ``subject`` (rows.Subject) that are missing: hours.

    Raises InputError where one cannot be made.
    """
    if subject.made_by and not os.path.isfile(subject.source):
        _run(*subject.made_by)
    for trained in subject.trained.values():
        if isinstance(trained, Trained) and not os.path.isfile(trained.path):
            _make(subject, trained)


def _make(subject, trained):
    os.makedirs(os.path.dirname(trained.path), exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        paths = []
        for number, text in enumerate(trained.texts()):
            paths.append(os.path.join(directory, f"{number}.txt"))
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(text)
        start = ()
        if trained.start is not None:
            compressed = trained.path.removesuffix(".acc") + "-start.acc"
            start = ("--start", compressed)
            if not os.path.isfile(compressed):
                options = ("--calibration", paths[0], *trained.start)
                _run("-m", "myhdl_acc", "compress", subject.source, "-o", compressed, *options)
        texts = [option for path in paths for option in ("--text", path)]
        _run("scripts/fine_tune.py", subject.source, "-o", trained.path, *start, *texts, *trained.arguments)


def _run(*arguments):
    print(" ".join(("python", *arguments)), flush=True)
    if subprocess.run([sys.executable, *arguments]).returncode:
        raise InputError(f"{arguments[0]} failed; what it said is above")
