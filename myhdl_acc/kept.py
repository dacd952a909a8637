"""Results that are kept in the user's cache, by the hash of all that goes into them."""

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from golden.errors import InputError

_ROOT = Path(__file__).parents[1]
_TRAINING = _ROOT / "golden" / "train"


def cache_directory():
    """``$XDG_CACHE_HOME/myhdl_acc``, ``~/.cache/myhdl_acc`` if that is not set."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "myhdl_acc"


def sources(*packages):
    """Names and texts of all Python files of these packages of ours, as ``parts`` for keep().

    Without the training's: no result kept by these runs it, and what it made is a file with a digest of its own.
    """
    files = sorted(file for package in packages for file in (_ROOT / package).rglob("*.py"))
    files = [file for file in files if _TRAINING not in file.parents]
    return [part for file in files for part in (str(file.relative_to(_ROOT)), file.read_text("utf-8"))]


def keep(kind, parts, make):
    """The directory that ``make(directory)`` filled, now or in an earlier run with the same ``parts`` (texts).

    The directory appears under its final name only when it is complete, so any number of processes may work at a time.
    Raises InputError if the cache cannot be written.
    """
    digest = hashlib.sha256(b"".join(hashlib.sha256(part.encode()).digest() for part in parts)).hexdigest()
    root = cache_directory()
    final = root / f"{kind}-{digest[:24]}"
    if final.is_dir():
        return final
    scratch = None
    try:
        root.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
        make(scratch)
        with contextlib.suppress(OSError):  # somebody else was faster
            os.rename(scratch, final)
    except OSError as error:
        raise InputError(f"cannot write to {root}: {error.strerror}; set XDG_CACHE_HOME") from None
    finally:
        if scratch is not None:
            shutil.rmtree(scratch, ignore_errors=True)
    return final
