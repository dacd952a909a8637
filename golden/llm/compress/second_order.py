"""Rounding a matrix with second-order compensation (GPTQ, arXiv 2210.17323; SparseGPT, arXiv 2301.00774).

What counts is the error of the outputs on calibration inputs X: tr(E G Eᵀ) with E = W − Q and G = XᵀX. Columns are
rounded one after another, and what one loses is made up by those still free: with U upper triangular and UᵀU = G⁻¹,
an error e of column i moves every later column j by −e/U[i, i]·U[i, j], after which (e/U[i, i])² is its share of the
loss. For ``w2`` a step takes the four columns of a group: with T the inverse of their part of U, |e T|² is
the group's share, and of its 113 codes, mask and levels together, the one with the least is taken.

A block's scale is chosen as it is reached, from the weights as compensated until then: the block is walked with
every candidate, and the one with the least loss stays. Rows do not depend on each other, so all go at once.

The walk's first columns were chosen before anything was known of the last ones' errors. So a few rounds of descent
follow: every block is walked again, towards what would be best for it given all others as they are now, with scales
around its present one, and changes where that lowers the loss. It takes a third off the loss (docs/compression.md).
"""

import numpy as np
from scipy.linalg import LinAlgError, block_diag, cho_factor, cho_solve, cholesky, solve_triangular

from golden.errors import InputError
from golden.formats.matrix import BLOCK, PackedMatrix
from golden.formats.w2 import CODE_WEIGHTS, NONE_KEPT
from golden.formats.w8 import MAX_WEIGHT
from golden.llm.quantised_model import QuantisedMatrix, channel_scale

#: Of the inputs' mean square, added to that of each: no direction is known to be without importance.
DAMPING = {"w2": 0.05, "w4": 0.01, "w8": 0.01}
#: How much of the way to other wanted outputs a matrix goes. The whole way fits the noise of the rough inputs too,
#: which only the errors of two bits outweigh.
STRENGTH = {"w2": 1.0, "w4": 0.5, "w8": 0.5}
ROUNDS = 2  #: of descent
_CODES = CODE_WEIGHTS[: NONE_KEPT + 1].astype(np.float32)
# Candidates for a block's scale, as fractions of its largest |weight| over the format's largest level.
_CANDIDATES = {"w2": np.linspace(0.5, 1.3, 12), "w4": np.linspace(0.65, 1.05, 9)}
_LEVELS = {"w2": (-3, 3), "w4": (-8, 7), "w8": (-MAX_WEIGHT, MAX_WEIGHT)}
# In the descent: fractions of the present scale.
_NEIGHBOURS = {"w2": np.array([0.85, 0.92, 1, 1.08, 1.17]), "w4": np.array([0.94, 0.97, 1, 1.03, 1.06])}
_UNIT = {"w2": 4, "w4": 1, "w8": 1}  # columns decided at once
_HEADROOM = 1.4  # of the largest block scale, as it may grow while others are compensated
_AT_ONCE = 4096  # groups of four compared with all codes: the table of 113 losses each stays in the cache


def second_order(weights, kind, gram, cross=None, damping=None, strength=None, rounds=ROUNDS):
    """The QuantisedMatrix of ``weights`` (rows, cols) float32 in format ``kind``, for inputs with this ``gram``.

    ``cross`` (rows, cols) = YᵀX, where given, says which outputs Y are wanted instead of those of ``weights``: these
    first move by ``strength`` of the way to the least-squares solution for them, as in GPTAQ (arXiv 2504.02692).
    ``damping`` and ``strength`` are by default the kind's.

    The float per channel ("master") is fixed first: it maps the largest block scale to 255 and leaves some room; in
    ``w8`` it is the only scale, max|weight|/119. Raises InputError for values that are not finite.
    """
    if not all(np.isfinite(values).all() for values in (weights, gram, cross) if values is not None):
        raise InputError("compress: a matrix or the inputs it meets in calibration are not finite")
    damped = _damped(gram, DAMPING[kind] if damping is None else damping)
    if cross is not None:
        strength = STRENGTH[kind] if strength is None else strength
        weights = weights + strength * _correction(weights, gram, cross, damped)
    rows, cols = weights.shape
    blocks = -(-cols // BLOCK)
    padded = np.zeros((rows, blocks * BLOCK), np.float32)
    padded[:, :cols] = weights
    importance = np.zeros(blocks * BLOCK)
    importance[:cols] = np.diag(damped)
    order = _order(importance, kind)
    target = np.ascontiguousarray(padded.T)
    masters = _masters(padded.reshape(rows, blocks, BLOCK), kind)
    factor = _factor(_padded(damped, blocks * BLOCK)[np.ix_(order, order)])
    walked, scales = _walk(target[order], factor, kind, masters.astype(np.float32))
    codes = np.empty_like(walked)
    codes[order] = walked
    if scales is not None:
        scales[order[::BLOCK] // BLOCK] = scales.copy()
    for _ in range(rounds):
        _descend(codes, scales, target, _padded(damped, blocks * BLOCK), kind, masters.astype(np.float32))
    packed = PackedMatrix.pack(
        kind, np.ascontiguousarray(codes[:cols].T), None if scales is None else np.ascontiguousarray(scales.T)
    )
    return QuantisedMatrix(packed, channel_scale(masters))


def _damped(gram, damping):
    mean = float(np.trace(gram)) / len(gram)
    # Inputs that are all zero say nothing: then all weights count the same.
    damped = gram.astype(np.float64)
    damped[np.diag_indices_from(damped)] += mean * damping if mean > 0 else 1.0
    return damped


def _correction(weights, gram, cross, damped):
    """What brings ``weights`` to the least-squares solution, held back by the damping."""
    try:
        return cho_solve(cho_factor(damped), (cross - weights @ gram).T).T.astype(np.float32)
    except LinAlgError:
        raise _indefinite() from None


def _indefinite():
    return InputError("compress: the calibration inputs of a matrix are too large or too much alike")


def _order(importance, kind):
    """Columns with the more important ones first: errors of later ones find fewer to make up for them.

    The columns of a block, and of a group in ``w2``, stay together.
    """
    unit = _UNIT[kind]
    if kind == "w8":
        return np.argsort(-importance, kind="stable")
    units = importance.reshape(-1, BLOCK // unit, unit).sum(-1)
    inner = np.argsort(-units, axis=1, kind="stable")
    outer = np.argsort(-units.sum(1), kind="stable")
    units = (outer[:, None] * (BLOCK // unit) + inner[outer]).ravel()
    return (units[:, None] * unit + np.arange(unit)).ravel()


def _padded(damped, size):
    """``damped`` with inputs up to ``size`` that have no effect on others: those that fill the last block."""
    more = size - len(damped)
    return block_diag(damped, np.eye(more) * (np.trace(damped) / len(damped))) if more else damped


def _factor(damped):
    """Upper triangular U (float32) with UᵀU = ``damped``⁻¹."""
    reversed_ = np.array(damped[::-1, ::-1], order="F")  # LAPACK's order, so that it works in place: these are large
    del damped
    try:
        # With J reversing the order and J·damped·J = L·Lᵀ, the inverse is (J·L⁻¹·J)ᵀ(J·L⁻¹·J), where J·L⁻¹·J is upper
        # triangular.
        lower = cholesky(reversed_, lower=True, overwrite_a=True)
    except LinAlgError:
        raise _indefinite() from None
    inverse = solve_triangular(lower, np.eye(len(lower), order="F"), lower=True, overwrite_b=True)
    return np.ascontiguousarray(inverse[::-1, ::-1], np.float32)


def _masters(blocks, kind):
    peak = np.abs(blocks).max((1, 2)).astype(np.float64) / _LEVELS[kind][1]
    # A channel of zeros needs some scale, and any will do.
    return np.where(peak > 0, peak if kind == "w8" else peak * (_HEADROOM / 255), 2.0**-30)


def _walk(left, factor, kind, masters):
    """``(codes (cols, rows) int8, scales (blocks, rows) uint8 or None)``; ``left`` (cols, rows) is used up."""
    cols, rows = left.shape
    codes = np.empty((cols, rows), np.int8)
    scales = None if kind == "w8" else np.empty((cols // BLOCK, rows), np.uint8)
    every = np.arange(rows)
    for first in range(0, cols, BLOCK):
        block = slice(first, first + BLOCK)
        if kind == "w8":
            candidates = np.ones((1, rows), np.float32)
        else:
            fractions = (_CANDIDATES[kind] / _LEVELS[kind][1]).astype(np.float32)
            candidates = np.clip(np.rint(np.abs(left[block]).max(0) / masters * fractions[:, None]), 1, 255)
        tried, errors, losses = _block(left[block], factor[block, block], kind, candidates * masters)
        best = losses.argmin(0)
        codes[block] = tried[:, best, every]
        if scales is not None:
            scales[first // BLOCK] = candidates[best, every]
        left[first + BLOCK :] -= factor[block, first + BLOCK :].T @ errors[:, best, every]
    return codes, scales


def _descend(codes, scales, target, damped, kind, masters):
    """One round over all blocks; ``codes`` (cols, rows) and ``scales`` (blocks, rows) change for the better."""
    cols, rows = target.shape
    every = np.arange(rows)
    gram = damped.astype(np.float32)
    present = np.ones((cols // BLOCK, rows), np.float32) if scales is None else scales.astype(np.float32)
    error = target - codes * np.repeat(present * masters, BLOCK, axis=0)
    for index, first in enumerate(range(0, cols, BLOCK)):
        block = slice(first, first + BLOCK)
        own = damped[block, block]
        # The block's error e costs eᵀ·own·e + 2eᵀ·pull, least at −own⁻¹·pull.
        pull = gram[block] @ error - gram[block, block] @ error[block]
        shift = np.linalg.solve(own, pull).astype(np.float32)
        if scales is None:
            candidates = np.ones((1, rows), np.float32)
        else:
            candidates = np.clip(np.rint(present[index] * _NEIGHBOURS[kind][:, None]), 1, 255).astype(np.float32)
        wanted = target[block] + shift
        tried, _, losses = _block(wanted, _factor(own), kind, candidates * masters)
        best = losses.argmin(0)
        tried = tried[:, best, every].astype(np.float32)
        candidate = candidates[best, every]
        if scales is not None:  # these codes' own best scale lies between the candidates
            weighted = own.astype(np.float32) @ tried
            square = np.maximum((tried * weighted).sum(0), np.finfo(np.float32).tiny)
            candidate = np.clip(np.rint((wanted * weighted).sum(0) / square / masters), 1, 255)
        better = _forms(wanted - tried * (candidate * masters), own) < _forms(error[block] + shift, own)
        codes[block] = np.where(better, tried, codes[block])
        present[index] = np.where(better, candidate, present[index])
        if scales is not None:
            scales[index] = present[index]
        error[block] = target[block] - codes[block] * (present[index] * masters)


def _forms(columns, matrix):
    """cᵀ·matrix·c of every column c."""
    return (columns * (matrix.astype(np.float32) @ columns)).sum(0)


def _block(weights, factor, kind, scales):
    """One block (32, rows) walked with each of ``scales`` (candidates, rows).

    Returns ``(codes (32, candidates, rows) int8, errors e T of the same shape, losses (candidates, rows))``.
    """
    shape = (BLOCK, *scales.shape)
    scale = scales.ravel()
    left = np.repeat(weights[:, None], len(scales), axis=1).reshape(BLOCK, -1)
    codes, errors = np.empty(left.shape, np.int8), np.empty(left.shape, np.float32)
    unit, (low, high) = _UNIT[kind], _LEVELS[kind]
    for first in range(0, BLOCK, unit):
        here = slice(first, first + unit)
        inverse = np.linalg.inv(factor[here, here].astype(np.float64)).astype(np.float32)
        if kind == "w2":
            codes[here] = _nearest_codes(left[here] / scale, inverse)
        else:
            codes[here] = np.clip(np.rint(left[here] / scale), low, high)
        errors[here] = inverse.T @ (left[here] - codes[here] * scale)
        left[first + unit :] -= factor[here, first + unit :].T @ errors[here]
    return codes.reshape(shape), errors.reshape(shape), np.square(errors).sum(0).reshape(scales.shape)


def _nearest_codes(ratio, inverse):
    """Of each ``ratio`` (4, n) = weight/scale the code (4, n) with the least |(ratio − code)·inverse|²."""
    # Without the constant |ratio·inverse|² this is a product of (ratio·inverse, 1) with (−2·code·inverse, |…|²).
    places = _CODES @ inverse
    terms = np.concatenate([-2 * places, np.square(places).sum(1, keepdims=True)], axis=1)
    points = np.concatenate([ratio.T @ inverse, np.ones((ratio.shape[1], 1), np.float32)], axis=1)
    result = np.empty(ratio.shape, np.int8)
    for first in range(0, len(points), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        result[:, part] = _CODES[(points[part] @ terms.T).argmin(1)].T
    return result
