import numpy as np
import pytest

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, DeviceError, GoldenDevice
from myhdl_acc.rtl.control.register_map import OFFSETS, STATUS

RULE = LambdaRule(2, 10)


@pytest.fixture
def accelerator(config, model):
    accelerator = Accelerator(GoldenDevice(config), config)
    accelerator.load(model, RULE)
    return accelerator


def test_generates_what_the_decoder_does(accelerator, model):
    prompt = [3, 1, 4, 1, 5]
    expected = list(Decoder(model, sinks=2, window=10).generate(prompt, 12))
    assert list(accelerator.generate(prompt, 12)) == expected
    assert accelerator.position == 5 + 11
    accelerator.reset()
    assert list(accelerator.generate(prompt, 3)) == expected[:3]
    assert list(accelerator.generate([1], 0)) == []


def test_the_default_rule_is_the_decoders(config, model):
    accelerator = Accelerator(GoldenDevice(config), config)
    accelerator.load(model)
    tokens = list(range(30))
    accelerator.feed(tokens)
    assert np.array_equal(accelerator.logits(), Decoder(model).feed(tokens)[-1])


def test_a_pass_step_by_step(accelerator, model):
    """A pass takes what its rows can; only the last one of a prompt computes logits."""
    assert accelerator.write_tokens([7, 8, 9]) == 2
    accelerator.start()
    accelerator.wait()
    for ask in (accelerator.read_token, accelerator.logits, lambda: accelerator.top(1)):
        with pytest.raises(InputError, match="the latest pass computed no logits"):
            ask()
    assert accelerator.write_tokens([9]) == 1
    accelerator.start()
    accelerator.wait()
    expected = Decoder(model, sinks=2, window=10).feed([7, 8, 9])[-1]
    assert np.array_equal(accelerator.logits(), expected)
    assert accelerator.read_token() == int(np.argmax(expected))
    best = accelerator.top(4)
    assert [logit for _, logit in best] == sorted(expected.tolist(), reverse=True)[:4]
    assert all(expected[token] == logit for token, logit in best)
    status, instructions = accelerator.status()
    assert status == "ok" and instructions > 50
    assert accelerator.counters()["beats_read"] == [0] * 2  # the golden device counts nothing


def test_top_prefers_the_lower_token_among_equals(accelerator, monkeypatch):
    monkeypatch.setattr(accelerator, "logits", lambda: np.array([5, 9, 9, -2, 9, 5], np.int32))
    assert accelerator.top(5) == [(1, 9), (2, 9), (4, 9), (0, 5), (5, 5)]


def test_a_failed_run_says_why(accelerator, config):
    accelerator.write_tokens([1])
    program = accelerator._compiler.map.address("program") * config.beat_bits // 8
    accelerator._device.write_memory(0, program, b"\xff" * 32)
    accelerator.start()
    with pytest.raises(DeviceError, match="status illegal, unknown unit or op"):
        accelerator.wait()
    assert accelerator._device.read_register(OFFSETS["status"]) == STATUS["illegal"]


@pytest.mark.parametrize(("tokens", "message"), [([], "there are no tokens"), ([37], "token 37 is outside")])
def test_bad_tokens(accelerator, tokens, message):
    with pytest.raises(InputError, match=message):
        accelerator.feed(tokens)
    assert accelerator.position == 0


def test_no_model(config):
    with pytest.raises(InputError, match="no model is loaded"):
        Accelerator(GoldenDevice(config), config).feed([1])


def test_wait_without_start(accelerator):
    accelerator.write_tokens([1])
    with pytest.raises(DeviceError, match="nothing was started"):
        accelerator.wait()


def test_pointers_must_be_set(accelerator, config):
    accelerator._device.write_register(OFFSETS["program"], 0)
    accelerator._device.write_register(0x48, 12345)
    accelerator.write_tokens([1])
    with pytest.raises(DeviceError, match="lane 1: its pointer register is 12345"):
        accelerator.start()


def test_draws_what_the_decoder_does(accelerator, model):
    sampling, prompt = Sampling.of(15, seed=1 << 63), [3, 1, 4, 1, 5]
    expected = list(Decoder(model, sinks=2, window=10).generate(prompt, 12, sampling=sampling))
    assert list(accelerator.generate(prompt, 12, sampling=sampling)) == expected
    accelerator.reset()
    assert list(accelerator.generate(prompt + expected[:5], 3, sampling=sampling)) == expected[5:8]
    accelerator.reset()
    greedy = list(Decoder(model, sinks=2, window=10).generate(prompt, 12))
    assert list(accelerator.generate(prompt, 12)) == greedy != expected
