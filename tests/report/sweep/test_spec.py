"""The spec: what it stands for, and what it says of a typo."""

import pytest
from fake_measures import SPEC

from golden.errors import InputError
from myhdl_acc.report.sweep.spec import load, parse


def test_points_are_a_product(points):
    assert len(points) == len({point.key for point in points}) == 12
    assert {point.config.lanes for point in points} == {1, 2, 4}
    assert all(point.weights == "w2" and point.method == "composed" for point in points)


def test_equal_points_are_one():
    assert len(parse(SPEC | {"configs": ["tiny", {"base": "tiny", "lanes": [2]}], "windows": [32, 32]}).points) == 2


def test_a_compressed_model_has_its_own_formats():
    points = parse({"models": ["austen", "glassllm"], "configs": ["demo"], "weights": ["w2", "w8"]}).points
    assert [(point.model, point.weights) for point in points] == [
        ("austen", None), ("glassllm", "w2"), ("glassllm", "w8"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "values, message",
    [
        ([], "a mapping is wanted"),
        (SPEC | {"modles": []}, "no key 'modles'; there are models, configs"),
        (SPEC | {"models": "glassllm"}, "models: 'glassllm' is not a list of models"),
        (SPEC | {"models": ["gpt"]}, "no model 'gpt'; there are llama-2-7b"),
        (SPEC | {"models": [3]}, "models: 3 is not"),
        ({"models": ["glassllm"]}, "configs: None is not a list of presets"),
        (SPEC | {"configs": ["huge"]}, "no preset 'huge'"),
        (SPEC | {"configs": [7]}, "configs: 7 is not"),
        (SPEC | {"configs": [{"lanes": 2}]}, "`base` is None, it must be one of tiny, demo, u280, ecp5"),
        (SPEC | {"configs": [{"base": "tiny", "lane": 2}]}, "no field 'lane'; there are base, lanes"),
        (SPEC | {"configs": [{"base": "tiny", "lanes": [3]}]}, "lanes is 3, it must be a power of two"),
        (SPEC | {"configs": [{"base": "tiny", "lanes": []}]}, "lanes is an empty list"),
        (SPEC | {"windows": [1]}, "windows: 1 is not numbers of tokens from 2"),
        (SPEC | {"weights": ["w3"]}, "weights: 'w3' is not a list of w2, w4, w8"),
        (SPEC | {"context": "long"}, "context: 'long' is not a number of tokens"),
        (SPEC | {"method": "guessed"}, "method: 'guessed' is not one of composed, simulated, analytic"),
        (SPEC | {"synth": 1}, "synth: 1 is not true or false"),
        (
            SPEC | {"configs": [{"base": "tiny", "prefetch": list(range(100, 9000)), "max_k": list(range(32, 64))}]},
            "100,000 points at most",
        ),
    ],
)
def test_a_wrong_value_is_named(values, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        parse(values)


@pytest.mark.parametrize("text, message", [("a: [", "not YAML, at line 1"), ("a: 1", "spec.yaml: there is no key 'a'")])
def test_a_file_is_named(tmp_path, text, message):
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        load(path)
    with pytest.raises(InputError, match="cannot read"):
        load(tmp_path / "none.yaml")
