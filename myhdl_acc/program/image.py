"""A compressed model as the bytes of the lanes' pseudo-channels."""

import numpy as np

from golden.errors import InputError
from golden.formats.matrix import PackedMatrix
from golden.machine.parameters import gamma_words, parameter_words
from golden.numerics import FRACTION, Scale
from golden.spec import HEAD_NORMS
from golden.units.requantise import requantise
from golden.units.rms_norm import GAMMA_BITS
from myhdl_acc.program.interleave import interleave_matrix

_ROWS_AT_ONCE = 1024  # embedding rows expanded at a time: bounds the temporaries


def model_image(model, memory_map):
    """The model's part of memory, piece by piece: ``(beat, uint8 (lanes, beats, beat bytes))`` of an AccModel.

    Beats of no piece are never read.
    """
    config = memory_map.place.config
    yield from _embedding(model, memory_map)
    for name, norm in model.norms.items():
        if np.abs(norm.gamma).max() >= 1 << GAMMA_BITS:
            raise InputError(f"norm {name}: a weight has more than {GAMMA_BITS} bits and sign")
        gamma = norm.gamma
        if name.endswith(tuple(HEAD_NORMS)):
            (part,) = memory_map.parts(name)
            gamma = np.tile(gamma, part.count * config.lanes // len(gamma))
        yield from _words(gamma_words(gamma, norm.exponent), memory_map.parts(name), config)
    place = memory_map.place
    queries = np.arange(place.spec.heads * place.spec.head_dim).reshape(place.spec.heads, -1)
    queries = queries[place.query_order].reshape(-1)  # channels in the order in which memory has them
    for name, bias in model.biases.items():
        yield from _words(bias[queries] if name.endswith("attn_q_bias") else bias, memory_map.parts(name), config)
    for name, matrix in (model.matrices | model.draft).items():
        if name in memory_map.regions:
            packed, scale = matrix.packed, matrix.scale
            if name.endswith("attn_o"):
                packed = _with_blocks(packed, place.output_words)
            if name.endswith("attn_q"):
                packed, scale = _with_channels(packed, queries), Scale(scale.mantissa[queries], scale.exponent[queries])
            for part in memory_map.parts(name):
                yield part.address, _matrix_part(packed, scale, part, config)


def _words(values, parts, config):
    """The pieces of a vector of int32 over the lanes, in the operations ``parts``."""
    lanes = config.lanes
    for part in parts:
        channels = values[part.first * lanes : (part.first + part.count) * lanes]
        words = np.zeros((part.beats * config.beat_bits // 32, lanes), "<i4")
        words.reshape(-1)[: len(channels)] = channels
        yield part.address, np.ascontiguousarray(words.T).view(np.uint8).reshape(lanes, part.beats, -1)


def _embedding(model, memory_map):
    """All embedding rows as int32 with 16 fraction bits."""
    embedding, address = model.matrices["embedding"], memory_map.address("embedding.rows")
    for first in range(0, model.spec.vocab, _ROWS_AT_ONCE):
        part = slice(first, min(first + _ROWS_AT_ONCE, model.spec.vocab))
        values = requantise(embedding.packed.integers(part), embedding.scale[part].shifted(FRACTION)[:, None])
        beats = _word_beats(values.astype(np.int32), memory_map)
        yield address + first * memory_map.row_beats, beats.reshape(len(beats), -1, beats.shape[-1])


def _word_beats(values, memory_map):
    """Vectors (N, dim) int32 over the lanes: uint8 (lanes, N, beats, beat bytes)."""
    config, indices = memory_map.place.config, memory_map.place.indices(values.shape[1])
    padded = np.zeros((len(values), indices * config.lanes), "<i4")
    padded[:, : values.shape[1]] = values
    words = np.zeros((config.lanes, len(values), memory_map.row_beats * memory_map.place.beat_words), "<i4")
    words[:, :, :indices] = padded.reshape(len(values), indices, config.lanes).transpose(2, 0, 1)
    return words.view(np.uint8).reshape(config.lanes, len(values), memory_map.row_beats, -1)


def _with_blocks(matrix, order):
    """A PackedMatrix whose block of 32 inputs b is ``matrix``'s ``order[b]``."""
    scales = None if matrix.scales is None else matrix.scales[:, order]
    return PackedMatrix(matrix.kind, matrix.rows, matrix.cols, matrix.atoms[:, order], scales)


def _with_channels(matrix, order):
    """A PackedMatrix whose channel n is ``matrix``'s ``order[n]``."""
    scales = None if matrix.scales is None else matrix.scales[order]
    return PackedMatrix(matrix.kind, matrix.rows, matrix.cols, matrix.atoms[order], scales)


def _matrix_part(packed, scales, part, config):
    """Parameter beats and weight beats of one operation, of a PackedMatrix with the channels' ``scales``."""
    lanes, bytes_ = config.lanes, config.beat_bits // 8
    channels = range(part.first * lanes, (part.first + part.count) * lanes)
    mantissa = np.full(len(channels), 1 << 15)
    exponent = np.zeros(len(channels), np.int64)
    scale = scales[channels.start : channels.stop]
    mantissa[: len(scale.mantissa)] = scale.mantissa
    exponent[: len(scale.mantissa)] = scale.exponent
    words = np.zeros((lanes, part.params * bytes_ // 4), "<u4")
    words[:, : part.count] = parameter_words(Scale(mantissa, exponent)).reshape(part.count, lanes).T
    params = words.view(np.uint8).reshape(lanes, part.params, bytes_)
    return np.concatenate([params, interleave_matrix(packed, channels, config)], axis=1)
