"""Weights and caches as the lanes' beat streams: where every atom goes (docs/formats.md)."""

import numpy as np

from golden.formats import kv4
from golden.formats.matrix import PHASES
from golden.layout import HeadLanes, spread
from golden.units.sequencer import scale_beats


def interleave_matrix(matrix, channels, config):
    """Beats of the output ``channels`` (a range) of a PackedMatrix: uint8 (lanes, beats, beat_bits/8).

    Channel ``channels[i]`` belongs to lane ``i mod lanes``; those beyond the matrix are zero. Per lane: for each slice,
    for each channel, the slice's phases; w4 with a scale beat before every 16 weight beats.
    """
    lanes, atoms = config.lanes, config.atoms
    slices = -(-matrix.blocks // atoms)
    per_lane = -(-len(channels) // lanes)
    phases = PHASES[matrix.kind]
    padded = np.zeros((per_lane * lanes, slices * atoms, phases), np.uint64)
    atoms_there = matrix.atoms[channels.start : channels.stop]
    padded[: len(atoms_there), : matrix.blocks] = atoms_there
    # (channel of the lane, lane, slice, atom, phase) → (lane, slice, channel, phase, atom)
    beats = padded.reshape(per_lane, lanes, slices, atoms, phases).transpose(1, 2, 0, 4, 3)
    beats = np.ascontiguousarray(beats).view(np.uint8).reshape(lanes, slices * per_lane * phases, 8 * atoms)
    if matrix.kind != "w4":
        return beats
    scales = np.zeros((per_lane * lanes, slices * atoms), np.uint8)
    scales[: len(atoms_there), : matrix.blocks] = matrix.scales[channels.start : channels.stop]
    scales = scales.reshape(per_lane, lanes, slices, atoms).transpose(1, 2, 0, 3).reshape(lanes, -1)
    is_scale = scale_beats(beats.shape[1])
    scale_part = np.zeros((lanes, is_scale.sum() * 8 * atoms), np.uint8)
    scale_part[:, : scales.shape[1]] = scales
    stream = np.zeros((lanes, len(is_scale), 8 * atoms), np.uint8)
    stream[:, is_scale] = scale_part.reshape(lanes, -1, 8 * atoms)
    stream[:, ~is_scale] = beats
    return stream


def token_lanes(tokens, config):
    """Which lane has each of ``tokens`` tokens of the only head, and where in the lane: two int arrays (tokens,)."""
    return HeadLanes(config.lanes, 0, 16 * config.atoms).place(np.arange(tokens))


def key_shape(dims, config):
    """How keys of ``dims`` dimensions lie in beats: (split, slices, phases). ``split``: two tokens in a beat."""
    if dims <= 8 * config.atoms:
        return True, 1, 1
    if dims <= 16 * config.atoms:
        return False, 1, 1
    return False, -(-dims // config.slice_len), 2


def interleave_keys(keys, config):
    """Beats of the keys (T, D): uint8 (lanes, slices, indices, phases, beat_bits/8); an index is a token, or two if
    split."""
    lanes, atoms = config.lanes, config.atoms
    split, slices, phases = key_shape(keys.shape[1], config)
    lane, position = token_lanes(len(keys), config)
    indices = -(-(position.max() + 1) // (1 + split))
    width = 8 * atoms if split else 16 * atoms * slices * phases
    padded = np.zeros((lanes, indices * (1 + split), width), np.int8)
    padded[lane, position, : keys.shape[1]] = keys
    # (lane, index, slice, phase, dims of a beat) → (lane, slice, index, phase, …)
    values = padded.reshape(lanes, indices, slices, phases, 16 * atoms).transpose(0, 2, 1, 3, 4)
    return _beats(values, atoms)


def interleave_values(values, config):
    """Beats of the values (T, D): uint8 (lanes, blocks of the lane, D, beat_bits/8); a beat is one dimension of a token
    block."""
    lanes, atoms = config.lanes, config.atoms
    lane, position = token_lanes(len(values), config)
    block_tokens = 16 * atoms
    blocks = -(-(position.max() + 1) // block_tokens)
    padded = np.zeros((lanes, blocks * block_tokens, values.shape[1]), np.int8)
    padded[lane, position] = values
    return _beats(padded.reshape(lanes, blocks, block_tokens, -1).transpose(0, 1, 3, 2), atoms)


def _beats(values, atoms):
    """int4 values (…, 16·atoms) as beats (…, 8·atoms) bytes."""
    words = kv4.encode(np.ascontiguousarray(values).reshape(*values.shape[:-1], atoms, 16))
    return np.ascontiguousarray(words).view(np.uint8).reshape(*values.shape[:-1], 8 * atoms)


def slice_words(x, phases, config):
    """Stationary words for ``x`` (…, rows, length) int8: uint8 (…, slices, atoms, rows · 32).

    ``phases`` is the number of beats in which a slice is met: with 1 or 2 phases of 16 activations per atom (qk, pv)
    the slice is spread as docs/formats.md says; 0 means the slice lies in natural order (w2, w4, w8).
    """
    atoms = config.atoms
    *batch, rows, length = x.shape
    covered = 16 * atoms * phases if phases else config.slice_len
    slices = -(-length // covered)
    padded = np.zeros((*batch, rows, slices * covered), np.int8)
    padded[..., :length] = x
    if phases == 0:
        words = padded.reshape(*batch, rows, slices, atoms, 32)
    else:
        words = spread(padded.reshape(*batch, rows, slices, covered), phases)
    words = np.moveaxis(words, len(batch), -2)
    return np.ascontiguousarray(words).view(np.uint8).reshape(*batch, slices, atoms, rows * 32)
