"""RoPE beyond the context of the first training: the frequencies that a model's constants ask for.

`transformers` documents the kinds (modeling_rope_utils.py); llama.cpp computes the same of GGUF's keys.
"""

import math
from dataclasses import dataclass

import numpy as np

from golden.errors import InputError

_FAST, _SLOW = 32.0, 1.0  # YaRN's bounds where the file has none: turns within the first context


@dataclass(frozen=True)
class Rope:
    """``base``; ``frequencies`` (pairs,) radians a token, and where attention spans more than ``context`` tokens
    ``long_frequencies`` (None: always the same). ``attention`` multiplies cosines and sines.
    """

    base: float
    frequencies: np.ndarray
    long_frequencies: np.ndarray | None = None
    context: int = 0
    attention: float = 1.0


def rope(constants, dims, context):
    """The Rope for ``dims`` rotated dimensions of a head from ``constants`` (Constants of ``rope_parameters``).

    ``context`` is the model's longest. Raises InputError for a kind that is not known, and for what it does not use.
    """
    base = constants.take("rope_theta", float, 10000.0)
    if not 1.0 <= base <= 1e12:
        raise InputError(f"{constants.path}: {constants.label('rope_theta')} must be from 1 to 1e12, not {base}")
    plain = base ** (-np.arange(dims // 2) * 2.0 / dims)
    kind = constants.take("rope_type", str, "linear" if "factor" in constants else "default")
    if kind not in _KINDS:
        raise InputError(
            f"{constants.path}: {constants.label('rope_type')} = {kind!r} is not supported; {', '.join(_KINDS)} are"
        )
    found = _KINDS[kind](constants, plain, base, context)
    constants.refuse_unused()
    return found


def _default(constants, plain, base, context):
    return Rope(base, plain)


def _linear(constants, plain, base, context):
    """Positions closer together (arXiv 2306.15595)."""
    return Rope(base, plain / _factor(constants))


def _llama3(constants, plain, base, context):
    """Long wavelengths like linear, short ones unchanged, those between mixed (Llama 3.1)."""
    factor, original = _factor(constants), constants.positive("original_max_position_embeddings")
    low, high = (constants.take(f"{name}_freq_factor", float) for name in ("low", "high"))
    if not 0 < low < high:
        raise InputError(f"{constants.path}: RoPE's low_freq_factor must be positive and below high_freq_factor")
    turns = original * plain / (2 * np.pi)  # within the original context
    mix = np.clip((turns - low) / (high - low), 0, 1)
    return Rope(base, (1 - mix) * plain / factor + mix * plain)


def _divisors(constants, plain, base, context):
    """A divisor of every frequency: what GGUF files hold of the kind ``llama3``."""
    return Rope(base, plain / _table(constants, "divisors", len(plain)))


def _yarn(constants, plain, base, context):
    """YaRN (arXiv 2309.00071): pairs that turn often stay, those that turn rarely are like linear."""
    original = constants.positive("original_max_position_embeddings")
    factor = _factor(constants, context / original)
    fast, slow = constants.take("beta_fast", float, _FAST), constants.take("beta_slow", float, _SLOW)
    dims = 2 * len(plain)

    def pair(turns):
        if turns <= 0 or base == 1:
            raise InputError(f"{constants.path}: RoPE's beta_fast and beta_slow must be positive")
        return dims * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(base))

    first, last = pair(fast), pair(slow)
    if constants.take("truncate", bool, True):
        first, last = math.floor(first), math.ceil(last)
    first, last = max(first, 0), min(last, dims - 1)
    ramp = np.clip((np.arange(dims // 2) - first) / (last - first if last != first else 1e-3), 0, 1)

    weight, weight_all = (constants.take(name, float, 0.0) for name in ("mscale", "mscale_all_dim"))
    attention = yarn_magnitude(factor)
    if weight and weight_all:
        attention = yarn_magnitude(factor, weight) / yarn_magnitude(factor, weight_all)
    attention = constants.take("attention_factor", float, attention)
    return Rope(base, plain * (1 - ramp) + plain / factor * ramp, attention=attention)


def yarn_magnitude(factor, weight=1.0):
    """YaRN's factor of cosines and sines where RoPE is scaled by ``factor``."""
    return 0.1 * weight * math.log(factor) + 1 if factor > 1 else 1.0


def _longrope(constants, plain, base, context):
    """LongRoPE (arXiv 2402.13753): a divisor of every frequency, others where the first context is exceeded."""
    original = constants.positive("original_max_position_embeddings")
    factor = _factor(constants, context / original)
    attention = math.sqrt(1 + math.log(factor) / math.log(original)) if factor > 1 else 1.0
    short, long = (plain / _table(constants, f"{name}_factor", len(plain)) for name in ("short", "long"))
    return Rope(base, short, long, original, constants.take("attention_factor", float, attention))


def _factor(constants, default=None):
    factor = constants.take("factor", float) if default is None else constants.take("factor", float, default)
    if not 0 < factor <= 1e6:
        raise InputError(f"{constants.path}: {constants.label('factor')} of RoPE must be positive, not {factor}")
    return factor


def _table(constants, key, pairs):
    values = constants.take(key, list)
    real = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if len(values) != pairs or not real or not all(1e-6 <= value <= 1e6 for value in values):
        raise InputError(f"{constants.path}: {constants.label(key)} must be {pairs} positive numbers, one a pair")
    return np.array(values, np.float64)


_KINDS = {
    "default": _default,
    "linear": _linear,
    "llama3": _llama3,
    "yarn": _yarn,
    "longrope": _longrope,
    "divisors": _divisors,
}
