"""The picture of an atom is the format itself: what it says of a bit is what the decoder does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from golden.formats.matrix import PHASES, PackedMatrix
from golden.formats.sample import random_weights
from golden.llm.models import embedded
from myhdl_acc.viz import atom_view
from myhdl_acc.viz.atom_view import ACTIVATIONS, atoms, changed, field_at, fields, flipped, level_counts, parse_weights


@pytest.mark.parametrize("kind", PHASES)
def test_fields_cover_every_bit_once(kind):
    for phase in range(PHASES[kind]):
        found = fields(kind, phase)
        assert [field.first for field in found] == list(np.cumsum([0, *(field.width for field in found)])[:-1])
        assert sum(field.width for field in found) == atom_view.BITS


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.sampled_from(list(PHASES)))
def test_products_add_up_to_the_exact_product(seed, kind):
    weights, scale = random_weights(np.random.default_rng(seed), kind, 1, 32)
    scale = 1 if scale is None else int(scale[0, 0])
    total = 0
    for phase, atom in enumerate(atoms(kind, weights[0], scale)):
        found, own, illegal = atom_view.products(kind, phase, atom)
        assert not illegal
        total += sum(product.product * (16 if kind == "w8" and product.slot % 2 else 1) * own for product in found) * (
            scale if kind == "w4" else 1
        )
    matrix = PackedMatrix.pack(kind, weights, None if kind == "w8" else np.full((1, 1), scale, np.uint8))
    assert total == matrix.dot(ACTIVATIONS[None])[0, 0]


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32), st.sampled_from(list(PHASES)), st.integers(0, 63))
def test_a_flipped_bit_changes_only_products_of_its_field(seed, kind, bit):
    weights, _ = random_weights(np.random.default_rng(seed), kind, 1, 32)
    for phase, atom in enumerate(atoms(kind, weights[0], 9)):
        field = field_at(kind, phase, bit)
        slots = {old.slot for old, _ in changed(kind, phase, atom, flipped(atom, bit))}
        if field.name == "block scale":
            assert not slots
        else:
            own = {field.first // 7 * 2, field.first // 7 * 2 + 1} if kind == "w2" else {field.first // 4}
            assert slots <= own | ({min(own) ^ 1} if kind == "w8" else set())


@pytest.mark.parametrize(
    "text, message", [("1 x", "not 'x'"), ("1 " * 33, "32 weights, not 33"), ("128", "−128 to 127"), ("--1", "'--1'")]
)
def test_what_is_no_block(text, message):
    with pytest.raises(InputError, match=message):
        parse_weights(text)


def test_weights_that_a_format_cannot_hold_are_refused():
    with pytest.raises(InputError, match="at most two non-zero in each group"):
        atoms("w2", parse_weights("1 1 1"), 1)


def test_the_histogram_of_a_real_matrix_has_the_formats_grid():
    matrix = embedded.load("austen").matrices["layers.0.ffn_gate"]
    counts = level_counts(matrix.packed)
    assert counts.sum() == matrix.packed.rows * matrix.packed.cols
    assert counts[2] >= counts.sum() / 2  # 2:4: at least half are zero
    values, edges = atom_view.value_histogram(matrix)
    assert values.sum() == counts.sum() and edges[0] == -edges[-1]
