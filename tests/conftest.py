"""Of all tests: matrix products take one thread, as the work of the tests' own processes does (golden/blas.py)."""

import sys
from pathlib import Path

import scipy.linalg  # noqa: F401  a BLAS library of its own, which has to be loaded first
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
threadpool_limits(1, user_api="blas")
