"""Random weights of any shape, straight into a device's memory."""

import numpy as np

from golden.draft_shapes import HEAD
from golden.formats.w2 import NONE_KEPT
from golden.machine.parameters import parameter_words
from golden.numerics import constant_scale

_TILE = 1 << 20  # bytes of random weights; they repeat
_GROUPS = 8  # codes in an atom


def fill_memory(device, compiler, seed=0):
    """Fill the model's matrices, biases, norms and cache in every lane's memory with random legal content.

    Cycles do not depend on values; what is illegal (a w2 code that is none) would stop the program. Weights are tiles
    of one random MiB. Scales of channels are about 2^-10 and those of the cache about 2^-4, so that values stay in
    range as a model's do.
    """
    config, memory_map = compiler.place.config, compiler.map
    beat = config.beat_bits // 8
    rng = np.random.default_rng(seed)
    tiles = {"w2": _w2_atoms(rng), "w4": rng.integers(0, 256, _TILE, np.uint8), "w8": _w8_bytes(rng)}
    channel = parameter_words(constant_scale(np.array([2.0**-10])))[0]
    cached = parameter_words(constant_scale(np.array([2.0**-4])))[0]
    for lane in range(config.lanes):
        for name in memory_map.kinds:
            if name not in memory_map.regions:
                continue
            for part in memory_map.parts(name):
                _write(device, lane, part.address * beat, part.params * beat, channel)
                size = (part.beats - part.params) * beat
                device.write_memory(
                    lane, (part.address + part.params) * beat, np.resize(tiles[memory_map.kinds[name]], size)
                )
        for name, region in memory_map.regions.items():
            if name.endswith(("_norm", "_bias")) or name == "embedding.rows":
                _write(device, lane, region.address * beat, region.beats * beat, np.uint32(1 << 12))
            elif name.endswith((".keys", ".value_scales", ".values")):
                _write(device, lane, region.address * beat, region.beats * beat, cached)


def no_logits(device, compiler):
    """Make all logits 0, those of a draft head too, in a memory that is filled. So token 0 is always chosen."""
    place, memory_map = compiler.place, compiler.map
    beat = place.config.beat_bits // 8
    for name in ("embedding" if place.spec.tied else "head", *([HEAD] if place.draft_size else [])):
        for part in memory_map.parts(name):
            for lane in range(place.config.lanes):
                _write(device, lane, part.address * beat, part.params * beat, np.uint32(0))


def _write(device, lane, offset, size, word):
    device.write_memory(lane, offset, np.full(size // 4, word, "<u4").view(np.uint8))


def _w2_atoms(rng):
    codes = rng.integers(0, NONE_KEPT + 1, (_TILE // 8, _GROUPS), np.uint64)
    atoms = np.uint64(16) << np.uint64(56)
    for group in range(_GROUPS):
        atoms = atoms | codes[:, group] << np.uint64(7 * group)
    return atoms.view(np.uint8)


def _w8_bytes(rng):
    low, high = rng.integers(-8, 8, _TILE), rng.integers(-7, 8, _TILE)
    return ((low & 15) | (high & 15) << 4).astype(np.uint8)
