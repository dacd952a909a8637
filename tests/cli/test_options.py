"""``--config`` takes presets and files, and says what is wrong with anything else."""

import dataclasses
import json
import math

import pytest

from golden.errors import InputError
from myhdl_acc.cli.options import load_config, report_json, speculation_of
from myhdl_acc.rtl.config import PRESETS

TINY = dataclasses.asdict(PRESETS["tiny"])


def test_presets_and_files(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(TINY | {"lanes": 4}))
    assert load_config("demo") == PRESETS["demo"]
    assert load_config(str(path)) == dataclasses.replace(PRESETS["tiny"], lanes=4)


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "not JSON"),
        (b"[]", "expected a JSON object"),
        (b"\xff\xfe\x00", "not a JSON file"),
        (b"[" * 60_000, "not a configuration"),
        (b"1" * 10_000, "not"),
        (b" " * 100_000, "more than"),
        (json.dumps(TINY | {"lanes": 0}).encode(), "lanes is 0, it must be a power of two from 1 to 32"),
        (json.dumps(TINY | {"rows": 3}).encode(), "rows is 3, it must be 1, or an even number"),
        (json.dumps(TINY | {"lanes": "2"}).encode(), "lanes must be an integer"),
        (json.dumps(TINY | {"colour": 1}).encode(), "check colour"),
        (json.dumps({"lanes": 2}).encode(), "the fields are lanes, rows"),
    ],
)
def test_bad_files(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        load_config(str(path))
    assert message in str(caught.value) and str(path) in str(caught.value)


def test_a_directory_is_no_file(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        load_config(str(tmp_path))


def test_impossible_config_through_the_cli(refused, tmp_path):
    (tmp_path / "bad.json").write_text(json.dumps(TINY | {"beat_bits": 96}))
    line = refused("run-op", "in.npz", "-o", "out.npz", "--config", "bad.json")
    assert "bad.json: config: beat_bits is 96, it must be" in line


def test_json_has_null_for_what_is_not_finite(capsys):
    report_json({"a": math.nan, "b": [1.5, math.inf, {"c": -math.inf}], "d": (True, None, "x")})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {
        "a": None, "b": [1.5, None, {"c": None}], "d": [True, None, "x"]
    }  # fmt: skip


def test_drafts_of_as_many_rows_as_there_may_be():
    """A pass has fifteen tokens at most."""
    config = dataclasses.replace(PRESETS["demo"], rows=16)
    assert speculation_of("lookup", None, config)["drafts"] == 14
    assert speculation_of("lookup", None, PRESETS["demo"])["drafts"] == 1
