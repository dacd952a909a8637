"""The step of an int8 quantisation and its inverse."""

from golden.numerics import constant_scale, normalise, reciprocal

LEVELS = 127
STEP = constant_scale(1 / LEVELS)


def quantise_step(peak):
    """``peak`` (…), the largest |x|, → ``(step, inverse)`` Scales: step ≈ peak/127, inverse ≈ 1/step.

    One normalisation, one product of scales and one division, each rounded: |step·127/peak − 1| ≤ 2^-14.9,
    |step·inverse − 1| ≤ 2^-15. A peak of 0 counts as 1.
    """
    step = normalise(peak) * STEP
    return step, reciprocal(step)
