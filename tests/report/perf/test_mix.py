"""Mixes of formats as text."""

import pytest

from golden.errors import InputError
from golden.llm.compress.allocate import BITS
from myhdl_acc.report.perf.mix import mix_text, parse_mix
from myhdl_acc.report.perf.report import analytic
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.rtl.config import AcceleratorConfig

MIX = "w2,ffn_down=w4,layers.3=w8,layers.3.attn_q=w4"


def test_later_parts_win():
    kinds = shape("glassllm", MIX).kinds
    assert kinds["layers.0.attn_q"] == "w2" and kinds["layers.0.ffn_down"] == "w4"
    assert kinds["layers.3.ffn_down"] == "w8" and kinds["layers.3.attn_q"] == "w4"
    assert kinds["embedding"] == "w4"  # as of w2


def test_a_text_and_its_parts():
    assert mix_text(*parse_mix(MIX)) == MIX and parse_mix("w4") == ("w4", {})
    assert mix_text("w2", {"ffn_up": "w2", "ffn_down": "w4"}) == "w2,ffn_down=w4"


def test_bits_are_weighed_by_size():
    assert shape("llama-2-7b", "w4").bits == BITS["w4"]
    mixed = shape("glassllm", "w2,attn_k=w4,attn_v=w4")
    share = 2 * 64 * 128 / sum(rows * cols for rows, cols in mixed.spec.layer_matrices.values())
    assert mixed.bits == pytest.approx(BITS["w2"] + share * (BITS["w4"] - BITS["w2"]))


def test_a_mix_takes_cycles_between_those_of_its_formats():
    config = AcceleratorConfig.preset("demo")
    cycles = [analytic("glassllm", config, 64, weights=mix).cycles_per_token for mix in ("w2", MIX, "w8")]
    assert cycles == sorted(cycles) and len(set(cycles)) == 3


@pytest.mark.parametrize(
    "text, message",
    [
        ("w3", "no weight format 'w3'; there are w2"),
        ("", "no weight format ''"),
        ("w2,ffn_down=w3", "no weight format 'w3'"),
        ("w2,ffn_down", "'ffn_down' in 'w2,ffn_down' is no part of a mix"),
        ("w2,=w4", "'=w4' in 'w2,=w4' is no part"),
        ("w2,ffn_dwn=w4", "no part 'ffn_dwn' of a mix; there are attn_q"),
        ("w2,layers.4=w4", "layers.0 to layers.3"),
        ("w2,layers=w4", "no part 'layers'"),
    ],
)
def test_what_is_no_mix(text, message):
    with pytest.raises(InputError, match=message):
        shape("glassllm", text)
