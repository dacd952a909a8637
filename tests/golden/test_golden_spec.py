import dataclasses

import pytest

from golden.errors import InputError
from golden.spec import ModelSpec

GOOD = ModelSpec("x", 10, 8, 2, 4, 2, 4, 12, 64, 1e-5, 1e4, True)


def test_names_and_shapes():
    assert GOOD.group == 2
    assert GOOD.matrices["layers.1.attn_q"] == (16, 8) and GOOD.matrices["layers.1.attn_k"] == (8, 8)
    assert GOOD.matrices["layers.0.attn_o"] == (8, 16) and GOOD.matrices["layers.0.ffn_down"] == (8, 12)
    assert "head" not in GOOD.matrices and "head" in dataclasses.replace(GOOD, tied=False).matrices
    assert list(GOOD.norms) == [
        "layers.0.attn_norm",
        "layers.0.ffn_norm",
        "layers.1.attn_norm",
        "layers.1.ffn_norm",
        "final_norm",
    ]
    per_layer = 16 * 8 + 8 * 8 * 2 + 8 * 16 + 3 * 12 * 8 + 2 * 8
    assert GOOD.parameters == 80 + 2 * per_layer + 8


def test_dictionary_round_trip():
    assert ModelSpec.from_dict(dataclasses.asdict(GOOD)) == GOOD
    for wrong in ([], None, {}, dataclasses.asdict(GOOD) | {"more": 1}):
        with pytest.raises(InputError, match="has the fields"):
            ModelSpec.from_dict(wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"vocab": 0}, {"dim": 1 << 40}, {"layers": "2"}, {"heads": 3.0}, {"kv_heads": 3}, {"head_dim": 5}, {"ffn":
        True}, {"context": -1}, {"eps": float("nan")}, {"eps": 2.0}, {"rope_base": 0.5}, {"rope_base": "1e4"},
        {"rope_base": float("inf")}, {"tied": 1}, {"name": 3}, {"vocab": None},
    ],
)  # fmt: skip
def test_refuses_impossible_values(change):
    with pytest.raises(InputError, match="model: "):
        dataclasses.replace(GOOD, **change)
