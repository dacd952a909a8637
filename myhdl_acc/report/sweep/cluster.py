"""Dask's scheduler: one of this machine, or that of a cluster."""

import contextlib
import logging
import re

from distributed import Client, LocalCluster

from golden.errors import InputError

_PATIENCE = 5  # seconds for a scheduler to answer
_ADDRESS = re.compile(r"(tcp|tls)://[^/\s]+:\d+")


@contextlib.contextmanager
def connected(scheduler=None, workers=None, processes=True):
    """A Client of the scheduler at the address ``scheduler``, or of ``workers`` processes on this machine (None: as
    many as it has cores). Without ``processes`` it is a thread of this one, which begins at once. Raises InputError if
    nobody answers there.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what went wrong is in the results
    if scheduler is None:
        with (
            LocalCluster(
                n_workers=workers if processes else 1,
                processes=processes,
                threads_per_worker=1,
                dashboard_address=":0",
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    if not _ADDRESS.fullmatch(scheduler):
        raise InputError(f"--scheduler {scheduler} is no address; one is tcp://HOST:8786")
    try:
        client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError):
        raise InputError(f"nobody answers at --scheduler {scheduler}; `dask scheduler` starts one") from None
    with client:
        yield client
