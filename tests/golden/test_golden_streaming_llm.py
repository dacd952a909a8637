"""The Λ rule keeps the tokens that a published StreamingLLM keeps: kvpress's (NVIDIA, Apache-2.0), arXiv 2309.17453."""

import types

import numpy as np
import pytest

from golden.lambda_attention import LambdaRule

# Tokens cached, sinks, tokens kept → which ones: what StreamingLLMPress of kvpress 0.5.5 kept. The test below makes
# these integers again where kvpress is installed.
KEPT = {
    (5, 0, 4): [1, 2, 3, 4],
    (9, 1, 8): [0, 2, 3, 4, 5, 6, 7, 8],
    (20, 2, 10): [0, 1, 12, 13, 14, 15, 16, 17, 18, 19],
    (31, 4, 12): [0, 1, 2, 3, 23, 24, 25, 26, 27, 28, 29, 30],
    (33, 4, 32): [0, 1, 2, 3, *range(5, 33)],
    (64, 4, 32): [0, 1, 2, 3, *range(36, 64)],
    (100, 3, 7): [0, 1, 2, 96, 97, 98, 99],
    (128, 8, 64): [0, 1, 2, 3, 4, 5, 6, 7, *range(72, 128)],
}


@pytest.mark.parametrize(("tokens", "sinks", "kept"), KEPT)
def test_keeps_the_same_tokens(tokens, sinks, kept):
    rule = LambdaRule(sinks, kept - sinks)
    assert sorted(rule.held(tokens)) == KEPT[tokens, sinks, kept]
    met = rule.meets(tokens - 1, np.arange(tokens))
    assert np.flatnonzero(met).tolist() == KEPT[tokens, sinks, kept]


def test_the_table_is_what_kvpress_keeps():
    kvpress = pytest.importorskip("kvpress")
    torch = pytest.importorskip("torch")
    for (tokens, sinks, kept), expected in KEPT.items():
        # The share is a float, of which kvpress takes the integer part: half a token keeps it clear of the edge.
        press = kvpress.StreamingLLMPress(compression_ratio=1 - (kept + 0.5) / tokens, n_sink=sinks)
        numbers = torch.arange(tokens, dtype=torch.float32).reshape(1, 1, tokens, 1)
        keys, values = press.compress(types.SimpleNamespace(head_dim=1), None, numbers, numbers, None, {})
        assert sorted(keys.flatten().int().tolist()) == sorted(values.flatten().int().tolist()) == expected
