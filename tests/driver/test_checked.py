"""Every byte and logit of a run is compared; a device that is not the golden one's equal is found out."""

import pytest
from small_rule import RULE

from golden.units.sampling import Sampling
from myhdl_acc.driver import GoldenDevice
from myhdl_acc.driver.checked import CheckedAccelerator, MismatchError

PROMPT = [3, 1, 4, 1, 5]


class Wrong(GoldenDevice):
    """Leaves one bit of a ``region`` of lane 1 other than it should be when a run ends, or chooses other tokens."""

    region = None
    tokens = False

    def _enter(self, index, token, kind=1, code=0):
        if self.tokens and kind == 1:
            token ^= 1
        super()._enter(index, token, kind, code)
        if self.region is not None:
            self._memory[1, self.region.address * 16] ^= 1


@pytest.fixture
def make(config, model):
    """``make(…)``: a CheckedAccelerator with the model."""

    def checked(device=GoldenDevice, **named):
        return CheckedAccelerator(device(config), config, model, RULE, **named)

    return checked


def test_what_is_compared(make, decoded):
    """The cache, and the logits of each token."""
    checked = make()
    assert list(checked.generate(PROMPT, 9)) == decoded(PROMPT, 9)
    regions = checked._accelerator.regions
    cache = sum(region.beats * 16 * 2 for name, region in regions.items() if ".heads." in name)
    assert cache > 1000 and checked.checked == cache + 9 * 37
    assert checked.feed([7]) == decoded([*PROMPT, *decoded(PROMPT, 9)[:8], 7], 1)[0]
    assert checked.checked == 2 * cache + 10 * 37


def test_any_way_to_generate(make, decoded):
    """A prompt alone, drawn tokens, an end token, more tokens than a start chooses; after a reset again."""
    checked, sampling = make(choices=4), Sampling.of(15, seed=5)
    assert list(checked.generate(PROMPT, 0)) == []
    checked.reset()
    drawn = decoded(PROMPT, 11, sampling=sampling)
    assert list(checked.generate(PROMPT, 11, sampling=sampling)) == drawn
    checked.reset()
    tokens = decoded(PROMPT, 11)
    at = max(n for n in range(1, 10) if tokens[n] not in tokens[:n])
    assert list(checked.generate(PROMPT, 11, ends=(tokens[at],))) == tokens[: at + 1]


def test_who_leaves_early_has_all_compared(make, decoded):
    checked = make()
    tokens = checked.generate(PROMPT, 30)
    assert [next(tokens), next(tokens)] == decoded(PROMPT, 2) and checked.checked == 0
    tokens.close()
    assert checked.checked > 0
    fed = checked._accelerator.position
    text = PROMPT + decoded(PROMPT, 10)
    assert list(checked.generate(text[fed : fed + 1], 3)) == text[fed + 1 :][:3]


def test_without_a_check(make, decoded):
    checked = make(check=False)
    assert list(checked.generate(PROMPT, 9)) == decoded(PROMPT, 9) and checked.checked == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("layers.0.heads.0.keys", r"layers\.0\.heads\.0\.keys, lane 1, byte 0: RTL wrote"),
        ("layers.0.heads.0.value_scales", r"value_scales, lane 1"),
        ("layers.0.heads.0.values", r"heads\.0\.values, lane 1"),
        ("logits", "logit 1: RTL computed"),
    ],
)
def test_what_is_wrong_is_named(make, name, message):
    checked = make(Wrong)
    checked.device.region = checked._accelerator.regions[name]
    with pytest.raises(MismatchError, match=message):
        list(checked.generate(PROMPT, 2))


def test_wrong_tokens(make):
    checked = make(Wrong)
    checked.device.tokens = True
    with pytest.raises(MismatchError, match=r"RTL chose the tokens .*, golden says"):
        list(checked.generate(PROMPT, 2))


def test_who_leaves_early_hears_of_what_is_wrong(make):
    checked = make(Wrong)
    checked.device.tokens = True
    tokens = checked.generate(PROMPT, 9)
    next(tokens)
    with pytest.raises(MismatchError, match="RTL chose"):
        tokens.close()
