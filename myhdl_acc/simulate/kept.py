"""Results that are kept in the user's cache, by the hash of all that goes into them."""

import atexit
import contextlib
import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path

from golden.errors import InputError

_ROOT = Path(__file__).parents[2]
_SCRATCH = ".build-"  # how names of directories begin that are not complete
_TRAINING = _ROOT / "golden" / "llm" / "train"


def cache_directory():
    """``$XDG_CACHE_HOME/myhdl_acc``, ``~/.cache/myhdl_acc`` if that is not set; made if need be.

    Raises InputError where it cannot be written, or where there is no home.
    """
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if home.startswith("~"):
        raise InputError("there is no home directory for a cache; set XDG_CACHE_HOME")
    directory = Path(home) / "myhdl_acc"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=directory).close()
    except OSError as error:
        raise InputError(f"cannot write to {directory}: {error.strerror}; set XDG_CACHE_HOME") from None
    return directory


@cache
def _without_cache(reason):
    """A directory that lasts as long as this process, which says so, and why, once."""
    print(f"myhdl-acc: nothing is kept between runs: {reason}", file=sys.stderr)
    directory = tempfile.mkdtemp(prefix="myhdl-acc-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(directory)


def sources(*packages):
    """Names and texts of all Python files of these packages of ours, as ``parts`` for keep().

    Without the training's: no result kept by these runs it, and what it made is a file with a digest of its own.
    """
    files = sorted(file for package in packages for file in (_ROOT / package).rglob("*.py"))
    files = [file for file in files if _TRAINING not in file.parents]
    return [part for file in files for part in (str(file.relative_to(_ROOT)), file.read_text("utf-8"))]


def keep(kind, parts, make):
    """The directory that ``make(directory)`` filled, now or in an earlier run with the same ``parts`` (texts).

    The directory appears under its final name only when it is complete, so any number of processes may work at a time;
    what one that was killed has left is removed. Where there is no cache it lasts as long as this process. Raises
    InputError where ``make`` cannot write.
    """
    digest = hashlib.sha256(b"".join(hashlib.sha256(part.encode()).digest() for part in parts)).hexdigest()
    try:
        root = cache_directory()
    except InputError as error:
        root = _without_cache(str(error))
    final = root / f"{kind}-{digest[:24]}"
    if final.is_dir():
        return final
    _remove_leftovers(root)
    try:
        with _scratch(root) as scratch:
            make(scratch)
            with contextlib.suppress(OSError):  # somebody else was faster
                os.rename(scratch, final)
    except OSError as error:
        raise InputError(f"cannot write to {root}: {error.strerror}; set XDG_CACHE_HOME") from None
    return final


@contextlib.contextmanager
def _scratch(root):
    """A new directory, locked as long as this process works in it; removed unless it has another name by then."""
    scratch, handle = _locked_directory(root)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        os.close(handle)


def _locked_directory(root):
    """``(path, file descriptor that holds the lock)``; again if it is taken for a leftover before it is locked."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=root))
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(path, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.is_dir():
                return path, handle
            os.close(handle)


def _remove_leftovers(root):
    """Remove the scratch directories that nobody locks any more."""
    for path in root.glob(f"{_SCRATCH}*"):
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(handle)
