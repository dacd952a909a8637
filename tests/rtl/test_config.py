"""The configuration: bounds of every field, what follows from them, and JSON."""

import dataclasses
import json

import pytest

from golden.errors import InputError
from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig

VALID = AcceleratorConfig(lanes=8, rows=4, beat_bits=256, acc_depth=100, max_k=5000)
FIELDS = [field.name for field in dataclasses.fields(AcceleratorConfig)]
DEFAULTS = {field.name: field.default for field in dataclasses.fields(AcceleratorConfig)}


def changed(**values):
    return dataclasses.replace(VALID, **values)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("lanes", (1, 2, 4, 8, 16, 32)),
        ("rows", (1, 2, 16)),
        ("beat_bits", (128, 256, 512)),
        ("acc_depth", (4, 65536)),
        ("max_k", (32, 1 << 20)),
        ("vector_depth", (16, 65536)),
        ("activation_words", (16, 65536)),
        ("prefetch", (16, 65536)),
        ("packed", (0, 1)),
    ],
)
def test_values_within_bounds(field, values):
    for value in values:
        assert getattr(changed(**{field: value}), field) == value
    assert AcceleratorConfig(lanes=1, rows=2, beat_bits=128, acc_depth=4, max_k=32).lanes == 1


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({"lanes": 0}, "lanes is 0, it must be a power of two from 1 to 32"),
        ({"lanes": 6}, "lanes is 6, it must be a power of two from 1 to 32"),
        ({"lanes": 64}, "lanes is 64, it must be a power of two from 1 to 32"),
        ({"rows": 0}, "rows is 0, it must be 1, or an even number from 2 to 16"),
        ({"rows": 3}, "rows is 3, it must be 1, or an even number from 2 to 16"),
        ({"rows": 18}, "rows is 18, it must be 1, or an even number from 2 to 16"),
        ({"beat_bits": 64}, "beat_bits is 64, it must be 128, 256 or 512"),
        ({"beat_bits": 384}, "beat_bits is 384, it must be 128, 256 or 512"),
        ({"beat_bits": 1024}, "beat_bits is 1024, it must be 128, 256 or 512"),
        ({"acc_depth": 3}, "acc_depth is 3, it must be 4 to 65536"),
        ({"acc_depth": 65537}, "acc_depth is 65537, it must be 4 to 65536"),
        ({"vector_depth": 15}, "vector_depth is 15, it must be 16 to 65536"),
        ({"packed": 2}, "packed is 2, it must be 0 or 1"),
        ({"max_k": 31}, "max_k is 31, it must be 32 to 1048576"),
        ({"max_k": (1 << 20) + 1}, "max_k is 1048577, it must be 32 to 1048576"),
    ],
)
def test_values_outside_bounds(values, wanted):
    with pytest.raises(InputError, match=f"^config: {wanted}$"):
        changed(**values)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [True, 4.0, "4", None])
def test_only_integers(field, value):
    with pytest.raises(InputError, match=f"^config: {field} must be an integer, not {value!r}$"):
        changed(**{field: value})


def test_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        VALID.lanes = 2


def test_derived_values():
    assert (VALID.atoms, VALID.slice_len, VALID.pairs, VALID.load_bits) == (4, 128, 2, 1024)
    assert (VALID.pair_rows, changed(rows=1).pairs, changed(rows=1).pair_rows) == (2, 1, 1)


@pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)
def test_sums_are_as_wide_as_they_must_be(config):
    largest = 8 * 255 * 128 * config.max_k  # a w4 term at its extreme, max_k times
    assert 1 << (config.acc_bits - 2) <= largest < 1 << (config.acc_bits - 1)


@pytest.mark.parametrize("name", ["tiny", "demo", "u280", "ecp5"])
def test_presets(name):
    assert AcceleratorConfig.preset(name) is PRESETS[name]


def test_u280_is_the_whole_card():
    card = AcceleratorConfig.preset("u280")
    assert (card.lanes, card.beat_bits) == (32, 512)  # one lane per pseudo-channel of its HBM
    assert card.rows == 2  # docs/engine.md says why not more


def test_unknown_preset():
    with pytest.raises(InputError, match=r"^config: no preset 'huge'; there are tiny, demo, u280, ecp5$"):
        AcceleratorConfig.preset("huge")


@pytest.mark.parametrize("config", [VALID, *PRESETS.values()])
def test_json_round_trip(config):
    assert AcceleratorConfig.from_json(config.to_json()) == config
    assert json.loads(config.to_json()) == {name: getattr(config, name) for name in FIELDS}


NEEDED = ["lanes", "rows", "beat_bits", "acc_depth", "max_k"]


@pytest.mark.parametrize("field", NEEDED)
def test_json_with_a_missing_field(field):
    values = json.loads(VALID.to_json())
    del values[field]
    with pytest.raises(InputError, match=f"^config: the fields are {', '.join(FIELDS)}; check {field}$"):
        AcceleratorConfig.from_json(json.dumps(values))


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in NEEDED])
def test_json_without_what_has_a_default(field):
    """Files from before there was the field go on as they were."""
    values = json.loads(VALID.to_json())
    del values[field]
    assert AcceleratorConfig.from_json(json.dumps(values)) == dataclasses.replace(VALID, **{field: DEFAULTS[field]})


def test_json_with_an_unknown_field():
    values = json.loads(VALID.to_json()) | {"speed": 3}
    with pytest.raises(InputError, match=r"check speed$"):
        AcceleratorConfig.from_json(json.dumps(values))


@pytest.mark.parametrize("text", ["", "{", '{"lanes": 2', "lanes: 2", "\x00"])
def test_not_json(text):
    with pytest.raises(InputError, match=r"^config: not JSON"):
        AcceleratorConfig.from_json(text)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"tiny"'])
def test_json_that_is_no_object(text):
    with pytest.raises(InputError, match=r"^config: expected a JSON object$"):
        AcceleratorConfig.from_json(text)


@pytest.mark.parametrize("value", ["2.0", "true", "NaN", '"2"', "[2]"])
def test_json_of_another_type(value):
    text = VALID.to_json().replace('"lanes": 8', f'"lanes": {value}')
    with pytest.raises(InputError, match=r"^config: lanes must be an integer"):
        AcceleratorConfig.from_json(text)
