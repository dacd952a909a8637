"""How many threads a matrix product takes: one.

A product with a vector gains nothing from a second thread, and where the processor has other work waits for it whole
time slices of 4 ms: 576 × 1536 takes 12 ms instead of 0.13. What is worth two threads divides the work itself.
"""

import functools

from threadpoolctl import ThreadpoolController


def one_thread(function):
    """``function``, meanwhile with one thread for each matrix product of this process; afterwards as before."""

    @functools.wraps(function)
    def limited(*args, **kwargs):
        with _controller().limit(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited


@functools.cache
def _controller():
    """Of the BLAS libraries that are loaded: finding them takes milliseconds, so it is done once."""
    import scipy.linalg  # noqa: F401  brings a library of its own, which has to be there first

    return ThreadpoolController()
