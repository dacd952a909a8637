"""Choice of a token: the most likely one, or one drawn from the softmax of the logits."""

from dataclasses import dataclass

import numpy as np

from golden.errors import InputError
from golden.numerics import saturate
from golden.units.argmax import argmax
from golden.units.gumbel import gumbel
from golden.units.simon import encrypt, round_keys

TEMPERATURE_BITS, TEMPERATURE_FRACTION = 16, 12
SEED_BITS = 64


@dataclass(frozen=True)
class Sampling:
    """``temperature`` (16 bits, 12 of them fraction; 0: the most likely token) and ``seed`` (64 bits).

    A token depends on these, its logits and its position only. Raises InputError for a number that is out of range.
    """

    temperature: int = 0
    seed: int = 0

    def __post_init__(self):
        for name, bits in (("temperature", TEMPERATURE_BITS), ("seed", SEED_BITS)):
            if not 0 <= getattr(self, name) < 1 << bits:
                raise InputError(f"sampling: {name} is {getattr(self, name)}, it must be from 0 to {(1 << bits) - 1}")

    @classmethod
    def of(cls, temperature, seed=0):
        """For a real ``temperature`` from 0 to below 16, rounded to 1/4,096; one that is not 0 does not become 0."""
        if not 0 <= temperature < 1 << TEMPERATURE_BITS - TEMPERATURE_FRACTION:
            raise InputError(f"sampling: temperature is {temperature}, it must be from 0 to below 16")
        steps = int(temperature * (1 << TEMPERATURE_FRACTION) + 0.5)
        return cls(min(max(steps, int(temperature > 0)), (1 << TEMPERATURE_BITS) - 1), seed)

    def token(self, logits, position):
        """The token for ``position`` from its ``logits`` (vocab,) int32: the lowest one among equals."""
        return int(argmax(self.scores(logits, position, np.arange(len(logits)))))

    def scores(self, logits, position, tokens):
        """What is compared: int64 (…, N) of ``logits`` (…, N) int32 for ``position`` (…) of the token numbers
        ``tokens`` (N,).

        ``logits`` + temperature · gumbel(), whose product is cut off to 16 fraction bits; the sum saturates. The random
        bits of a token are its number, enciphered with the key of its position.
        """
        logits = np.asarray(logits, np.int64)
        if self.temperature == 0:
            return logits
        random = encrypt(tokens, round_keys(position_key(self.seed, position))[..., None])
        return saturate(logits + (self.temperature * gumbel(random) >> TEMPERATURE_FRACTION))


#: The most likely token, always.
GREEDY = Sampling()


def position_key(seed, position):
    """The keys of 64 bits of ``position`` (…), below 2^31: uint64. Its lower half is the position, enciphered with
    ``seed``, its upper half the same with the position's bit 31 set.
    """
    keys, position = round_keys(seed), np.asarray(position, np.int64)
    low, high = (encrypt(block, keys).astype(np.uint64) for block in (position, position | 1 << 31))
    return high << np.uint64(32) | low
