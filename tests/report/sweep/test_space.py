"""The spec of a search: which points it stands for, and what it says of a typo."""

import pytest

from golden.errors import InputError
from myhdl_acc.report.sweep.space import load, parse
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")
SPEC = {"model": "glassllm", "base": "tiny", "config": {"lanes": [1, 4]}, "goal": {"tokens_per_s": 1}, "window": 32}


def formats(per, kinds=("w4", "w2")):
    return SPEC | {"formats": {"kinds": list(kinds), "per": per}}


def test_the_preset_is_a_point_of_its_space():
    space = parse(SPEC)
    assert space.choices == {("config", "lanes"): (1, 2, 4)} and space.size == 3
    (own,) = space.presets()
    point = space.point(own)
    assert point.config == TINY and (point.weights, point.method, point.window) == ("w2", "analytic", 32)
    assert space.point({("config", "lanes"): 4}).config.lanes == 4


@pytest.mark.parametrize("per, size", [("model", 2), ("matrix", 2**7), ("layer", 2**4)])
def test_formats_of_parts(per, size):
    space = parse(formats(per))
    assert space.size == 3 * size
    assert [space.point(chosen).weights for chosen in space.presets()] == ["w2", "w4"]


def test_a_mix_is_told_from_its_cheapest_format():
    space = parse(formats("layer"))
    chosen = space.presets()[1] | {("format", "layers.2"): "w2"}
    assert space.point(chosen).weights == "w2,layers.0=w4,layers.1=w4,layers.3=w4"


def test_a_search_begins_with_what_loses_least_for_its_bits():
    space = parse(formats("layer"))
    sizes = {f"layers.{layer}.{name}": layer for layer in range(4) for name in TINY_MATRICES}
    losses = {name: {"w2": 1.0 + layer, "w4": 0.0} for name, layer in sizes.items()}
    mixes = [space.point(chosen).weights for chosen in space.allocated(losses)]
    assert mixes == ["w2,layers.3=w4", "w2,layers.2=w4,layers.3=w4", "w2,layers.1=w4,layers.2=w4,layers.3=w4"]
    assert parse(SPEC).allocated(losses) == []


TINY_MATRICES = ("attn_q", "attn_k", "attn_v", "attn_o", "ffn_gate", "ffn_up", "ffn_down")


def test_a_compressed_model_has_its_own_formats():
    space = parse(SPEC | {"model": "austen"})
    assert space.point(space.presets()[0]).weights is None


@pytest.mark.parametrize(
    "values, message",
    [
        (SPEC | {"modle": "glassllm"}, "no key 'modle'; there are model, base"),
        (SPEC | {"model": ["glassllm"]}, r"model: \['glassllm'\] is not a model"),
        (SPEC | {"model": "gpt"}, "no model 'gpt'"),
        (SPEC | {"base": "huge"}, "base: `base` is 'huge', it must be one of tiny, demo, u280"),
        (SPEC | {"config": {"lane": [1]}}, "config: there is no field 'lane'"),
        (SPEC | {"config": {"lanes": [3]}}, "lanes is 3, it must be a power of two"),
        (SPEC | {"config": ["lanes"]}, "is not a mapping from fields"),
        (SPEC | {"weights": "w3"}, "no weight format 'w3'"),
        (SPEC | {"weights": ["w2"]}, r"weights: \['w2'\] is not one of"),
        (SPEC | {"model": "austen", "weights": "w2"}, "weights: austen is compressed"),
        (formats("matrix") | {"model": "austen"}, "formats: austen is compressed"),
        (formats("matrix") | {"weights": "w2"}, "weights: not with formats"),
        (formats("head"), "per: 'head' is not one of model, matrix, layer"),
        (formats("layer", ["w3"]), "kinds: 'w3' is not a list of w2"),
        (SPEC | {"formats": {"kind": ["w2"]}}, "no key 'kind'; there are kinds, per"),
        (SPEC | {"goal": "tokens_per_s"}, "goal: 'tokens_per_s' is not a mapping from columns"),
        (SPEC | {"goal": {"speed": 1}}, "goal: there is no column 'speed'"),
        (SPEC | {"goal": {"tokens_per_s": 0}}, "goal: 0 is not a weight for tokens_per_s"),
        (SPEC | {"where": "lut"}, "where: 'lut' is no condition"),
        (SPEC | {"where": "luts<1"}, "where: there is no column 'luts'"),
        (SPEC | {"where": ["lut<1"]}, r"where: \['lut<1'\] is not conditions"),
        (SPEC | {"where": "lut<1", "synth": False}, "synth: False, but lut is what a synthesis says"),
        (SPEC | {"window": 1}, "window: 1 is not a number of tokens from 2"),
        (SPEC | {"confirm": -1}, "confirm: -1 is not a number of points from 0"),
        ([], "a mapping is wanted"),
    ],
)
def test_a_wrong_value_is_named(values, message):
    with pytest.raises(InputError, match=message):
        parse(values)


def test_a_file_is_named(tmp_path):
    (tmp_path / "spec.yaml").write_text("models: []\n")
    with pytest.raises(InputError, match=r"spec\.yaml: there is no key 'models'"):
        load(tmp_path / "spec.yaml")
