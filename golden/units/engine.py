"""The engine: exact dot products of every kind, whatever the order in which hardware adds."""

import numpy as np

from golden.formats.matrix import PHASES

# |value| ≤ 8 and |x| ≤ 128: a float32 sum of this many products stays within 2^24, hence exact.
_EXACT_TERMS = (1 << 24) // (8 * 128)


def execute(operation):
    """The result of ``operation`` (golden.operation.Operation), int64, exact; shapes as in its table."""
    if operation.kind in PHASES:
        return operation.weights.dot(operation.x)
    cached = operation.weights if operation.kind == "pv" else operation.weights.T
    result = np.zeros((operation.x.shape[0], cached.shape[1]), np.int64)
    for first in range(0, cached.shape[0], _EXACT_TERMS):
        part = slice(first, first + _EXACT_TERMS)
        result += (operation.x[:, part].astype(np.float32) @ cached[part].astype(np.float32)).astype(np.int64)
    return result


def execute_all(operations):
    """The results of a list of operations: what ``golden.decoder`` asks of a backend."""
    return [execute(operation) for operation in operations]
