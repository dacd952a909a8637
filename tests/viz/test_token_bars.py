"""The view of one token shows every cycle once in each row, with the numbers of the run."""

import numpy as np
import pytest
from recorded import recorded

from myhdl_acc.viz.token_bars import (
    LAYERS,
    READ,
    VECTOR,
    WAIT,
    fill_band,
    fill_text,
    matrix_label,
    rate_bars,
    token_bars,
    wait_arrows,
)


def rows_of(bars, row):
    return [tuple(bars[name][i] for name in ("left", "right", "label")) for i, r in enumerate(bars["row"]) if r == row]


def test_rows():
    bars = token_bars(recorded())
    assert rows_of(bars, LAYERS) == [(0, 7, "embed"), (7, 17, "layer 0")]
    assert rows_of(bars, READ) == [(5, 7, "embed"), (7, 8, "down"), (12, 17, "down")]
    assert rows_of(bars, WAIT) == [(0, 3, ""), (3, 5, ""), (8, 12, ""), (17, 20, "")]
    assert rows_of(bars, VECTOR) == [(2, 10, "embed"), (11, 19, "add")]
    kinds = [kind for kind, row in zip(bars["kind"], bars["row"], strict=True) if row == READ]
    assert kinds == ["parameters", "parameters", "weights"]
    assert [bars["part"][i] for i, row in enumerate(bars["row"]) if row == READ] == [0, 1, 1]


def test_texts():
    texts = token_bars(recorded())["text"]
    for text in (
        "layers.0.ffn_down · w2, 6 beats, 10 cycles, of which 4 no operand",
        "layers.0.ffn_down waits, no operand: 4 cycles, ended by embedding.rows · embed",
        "the end waits, no command: 3 cycles",
        "layers.0.ffn_down · add, 8 cycles",
    ):
        assert text in texts


def test_beats_and_waits_are_all_cycles():
    """Beats, not spans: what lanes read and what they waited for never overlap, and leave nothing out."""
    run = recorded(wait=30)
    bars = token_bars(run)
    covered = np.zeros(run.cycles, int)
    for left, right, row in zip(bars["left"], bars["right"], bars["row"], strict=True):
        if row in (READ, WAIT):
            covered[left:right] += 1
    assert (covered == 1).all()


def test_arrows():
    assert wait_arrows(recorded()) == {
        "x0": [10],
        "x1": [12],
        "text": ["embedding.rows · embed, then layers.0.ffn_down"],
    }


def test_queues_and_memory():
    run = recorded()
    band = fill_band(run)
    assert band["cycle"].tolist() == [0, 4, 5, 8, 12, 17, 20]
    assert band["most"].tolist() == band["least"].tolist() == [0, 0, 1, 1, 5, 0, 0]
    assert fill_text(run) == "8 beats deep: fullest 5, emptiest 5"
    rates = rate_bars(run)
    assert (rates["left"].tolist(), rates["right"].tolist(), rates["top"].tolist()) == ([0], [20], [0.4])


@pytest.mark.parametrize(
    "region, label",
    [
        ("embedding.rows", "embed"), ("embedding", "logits"), ("layers.3.attn_q", "q"), ("layers.3.ffn_norm", "norm"),
        ("layers.3.heads.1.value_scales", "scales"), ("layers.11.heads.0.keys", "keys"), ("final_norm", "final_norm"),
    ],
)  # fmt: skip
def test_short_names(region, label):
    assert matrix_label(region) == label
