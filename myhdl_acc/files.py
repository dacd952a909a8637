"""Reading and writing files of users: complete or not there at all, and never more memory than the file deserves."""

import contextlib
import os
import tempfile
import zipfile
import zlib

import numpy as np

from golden.errors import InputError

NPZ_LIMIT = 4 << 30
"""Bytes that the arrays of an ``.npz`` may have when unpacked."""


@contextlib.contextmanager
def replacing(path, mode="w"):
    """A file that takes the place of ``path`` when the context ends well, and leaves no trace when it does not.

    Raises InputError where the file system refuses (no such directory, no permission, disk full).
    """
    path = os.fspath(path)
    temporary = None
    try:
        handle, temporary = _make_temporary(path)
        with open(handle, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # mkstemp makes files private; the target is an ordinary file
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def require_writable(*paths):
    """Raise InputError, before the work rather than after it, for a path that ``replacing`` could not write."""
    for path in paths:
        path = os.fspath(path)
        try:
            handle, temporary = _make_temporary(path)
            os.close(handle)
            os.unlink(temporary)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def _make_temporary(path):
    """(file descriptor, name) of a new file beside ``path``."""
    if os.path.isdir(path):
        raise IsADirectoryError(None, "it is a directory")
    return tempfile.mkstemp(prefix=f".{os.path.basename(path)}.", dir=os.path.dirname(path) or ".")


def read_npz(path):
    """{name: array} of an ``.npz`` file. Raises InputError for anything else, and for arrays beyond ``NPZ_LIMIT``."""
    path = os.fspath(path)
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > NPZ_LIMIT:
            raise InputError(f"{path}: its arrays take {size} bytes unpacked; at most {NPZ_LIMIT} are read")
        with np.load(path, allow_pickle=False) as data:
            arrays = {name: data[name] for name in data.files}
    except InputError:  # it is a ValueError, too
        raise
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except zipfile.BadZipFile:
        raise InputError(f"{path}: not an .npz file, or a damaged one") from None
    except (ValueError, KeyError, EOFError, SyntaxError, TypeError, MemoryError, NotImplementedError, zlib.error):
        raise InputError(f"{path}: a damaged .npz, or one that holds something else than plain arrays") from None
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise InputError(f"{path}: {name} is not an array")
    return arrays


def write_npz(path, **arrays):
    """Write a compressed ``.npz`` in place of ``path``. Raises InputError where the file system refuses."""
    with replacing(path, "wb") as file:
        np.savez_compressed(file, **arrays)
