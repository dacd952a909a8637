"""The text of the embedded model: Jane Austen's six novels, from Debian's package r-cran-janeaustenr.

The novels (1811–1818) are in the public domain; the package that carries them, made from Project Gutenberg's texts, is
under the MIT licence (its copyright file names Julia Silge and Andreas Tille).
"""

import gzip
import os
import subprocess
import tempfile
import warnings
import zlib

from golden.errors import InputError

PACKAGE = "r-cran-janeaustenr"
TRAINING = ("emma", "mansfieldpark", "northangerabbey", "prideprejudice", "sensesensibility")
HELD_OUT = "persuasion"
_DATA = "usr/lib/R/site-library/janeaustenr/data/Rdata"
_VALIDATION = 50  # the last fiftieth of each training novel


def novels(directory):
    """``{novel: text}`` of all six, from the package in ``directory``, which is downloaded there if it is missing.

    A paragraph is a line and words are a single space apart; the underscores that mark emphasis are left out. Raises
    InputError if the package cannot be had.
    """
    os.makedirs(directory, exist_ok=True)
    found = [name for name in os.listdir(directory) if name.startswith(PACKAGE) and name.endswith(".deb")]
    try:
        if not found:
            subprocess.run(["apt-get", "download", PACKAGE], cwd=directory, check=True, capture_output=True)
            found = [name for name in os.listdir(directory) if name.startswith(PACKAGE) and name.endswith(".deb")]
        with tempfile.TemporaryDirectory() as unpacked:
            subprocess.run(["dpkg", "-x", os.path.join(directory, found[0]), unpacked], check=True, capture_output=True)
            return {name: _paragraphs(lines) for name, lines in _variables(os.path.join(unpacked, _DATA)).items()}
    except (OSError, subprocess.CalledProcessError) as error:
        raise InputError(f"{PACKAGE}: cannot be downloaded or unpacked ({error})") from None


def split(texts):
    """``(training, validation, test)`` texts: validation is the end of each training novel, the test a novel unseen."""
    parts = [(texts[name], len(texts[name]) - len(texts[name]) // _VALIDATION) for name in TRAINING]
    return "\n".join(t[:cut] for t, cut in parts), "\n".join(t[cut:] for t, cut in parts), texts[HELD_OUT]


def _variables(stem):
    """``{name: lines}`` of an R lazy-load database: an index, and one compressed value after the other."""
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdata wonders at the index's extension
        index = rdata.conversion.convert(rdata.parser.parse_data(_gunzip(stem + ".rdx"), extension=".rds"))
    with open(stem + ".rdb", "rb") as file:
        data = file.read()
    values = {}
    for name, (first, length) in index["variables"].items():
        value = zlib.decompress(data[first + 4 : first + length])  # after the length of the uncompressed value
        values[str(name)] = [
            str(line) for line in rdata.conversion.convert(rdata.parser.parse_data(value, extension=".rds"))
        ]
    return values


def _gunzip(path):
    with gzip.open(path) as file:
        return file.read()


def _paragraphs(lines):
    paragraphs = "\n".join(line.strip() for line in lines).replace("_", "").split("\n\n")
    return "\n".join(" ".join(paragraph.split()) for paragraph in paragraphs if paragraph.strip()) + "\n"
