"""The token notebook's logic: the last token's cycles are all there, and the memory's timing shows."""

import pytest
from synthetic import synthetic_model

from golden.errors import InputError
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.viz.token_explorer import TokenChoice, TokenExplorer

_PROMPT = "".join(chr(0x4E00 + index) for index in (3, 1, 4, 1, 5))


@pytest.fixture(scope="module")
def explorer():
    sizes = {"vocab": 40, "dim": 64, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 96}
    model = synthetic_model("w2", context=32, tied=True, **sizes)
    return TokenExplorer(model, AcceleratorConfig.preset("tiny"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_last_token_is_shown_and_accounted_for(explorer, count):
    summary = explorer.run(TokenChoice(_PROMPT, count=count, window=8))
    assert len(explorer.tokens) == count and summary["text"] == explorer.text
    cycles = summary["cycles of the last token"]
    shown = explorer.causes.source.data
    assert all(count > 0 for count in shown["cycles"])
    assert explorer.table.span == (0, cycles) and explorer.occupancy.cycles == cycles
    states = explorer.occupancy.by_unit()["lane"]
    assert sum(states.values()) == 2 * explorer.occupancy.cycles
    lost = sum(number for state, number in states.items() if state != "beat")
    assert sum(shown["cycles"]) * 2 == pytest.approx(lost)
    assert set(explorer.gantt.figure.yaxis[0].major_label_overrides.values()) == {"lane 0", "lane 1", "vector"}


def test_a_timed_memory_takes_longer(explorer):
    """Until the first token: later ones of so small a model never wait for memory."""
    ideal = explorer.run(TokenChoice(_PROMPT, count=1, window=8, memory="ideal"))["cycles of the last token"]
    timed = explorer.run(TokenChoice(_PROMPT, count=1, window=8))["cycles of the last token"]
    assert timed > ideal


@pytest.mark.parametrize(
    "choice, message",
    [
        (TokenChoice(_PROMPT, memory="ddr"), "no memory 'ddr'"),
        (TokenChoice(_PROMPT, window=0), "window must be an integer from 1 to"),
        (TokenChoice(""), "the prompt is empty"),
        (TokenChoice(_PROMPT, count=0), "at least one token"),
    ],
)
def test_what_cannot_be_run(explorer, choice, message):
    with pytest.raises(InputError, match=message):
        explorer.run(choice)
