"""The ``.npz`` files of users: never more memory than the file deserves."""

import os
import zipfile
import zlib

import numpy as np

from golden.errors import InputError
from golden.files import replacing

NPZ_LIMIT = 4 << 30
"""Bytes that the arrays of an ``.npz`` may have when unpacked."""


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
