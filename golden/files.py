"""Writing files of users: complete or not there at all."""

import contextlib
import hashlib
import os
import tempfile

from golden.errors import InputError


@contextlib.contextmanager
def replacing(path, mode="w"):
    """A file that takes the place of ``path`` when the context ends well, and leaves no trace when it does not.

    Where ``path`` is a link, the file that it leads to is replaced. Raises InputError where the file system refuses
    (no such directory, no permission, disk full).
    """
    path = os.fspath(path)
    temporary = None
    try:
        target = os.path.realpath(path)
        handle, temporary = _make_temporary(path)
        with open(handle, mode, **({} if "b" in mode else {"encoding": "utf-8"})) as file:
            yield file
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)  # mkstemp makes files private; the target is an ordinary file
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def require_writable(*paths, inputs=()):
    """Raise InputError, before the work rather than after it, for a path that ``replacing`` could not write, and for
    one of ``inputs`` under whatever name.
    """
    for path in paths:
        path = os.fspath(path)
        for other in inputs:
            if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
                raise InputError(f"cannot write {path}: it is an input")
        try:
            handle, temporary = _make_temporary(path)
            os.close(handle)
            os.unlink(temporary)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def _make_temporary(path):
    """(file descriptor, name) of a new file beside the one that ``path`` leads to."""
    if os.path.isdir(path):
        raise IsADirectoryError(None, "it is a directory")
    place = os.path.realpath(os.path.dirname(path))
    # Root could replace even /dev/null by a file, or the link /dev/stdout while it leads to one.
    if (os.path.exists(path) and not os.path.isfile(path)) or place == "/dev" or f"{place}/".startswith("/proc/"):
        raise OSError(None, "it is a device or a pipe")
    target = os.path.realpath(path)
    return tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))


def digest(paths):
    """SHA-256 of the contents of the files at ``paths``, in hexadecimal; of one file as digest_of() has it."""
    found = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def digest_of(content):
    """SHA-256, as digest() has it, of a file with ``content`` (bytes)."""
    return hashlib.sha256(hashlib.sha256(content).digest()).hexdigest()
