"""A token and a prompt of two on the whole accelerator, in every simulator, against the golden device.

Two key/value heads on two lanes are two head blocks, one's products under the other's softmax. The model has all that
families differ in: biases, norms of heads, and a layer without RoPE. Of three query heads for a key/value head two rows
take two at a time, and the last one alone.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic import synthetic_model

from golden.lambda_attention import LambdaRule
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, GoldenDevice
from myhdl_acc.driver.batch import BatchAccelerator, BatchText
from myhdl_acc.rtl.config import AcceleratorConfig

sys.path.insert(0, str(Path(__file__).parent))
from accelerator_bench import BenchDevice

CONFIG = dataclasses.replace(AcceleratorConfig.preset("tiny"), activation_words=32, run_tokens=32)
#: One row of one lane, whose products are logic.
SINGLE = dataclasses.replace(CONFIG, lanes=1, rows=1, packed=0, vector_depth=1024)
SIZES = {"vocab": 13, "dim": 32, "layers": 2, "heads": 2, "kv_heads": 2, "head_dim": 32, "ffn": 32, "context": 64}
FAMILIES = {"biased": True, "head_norms": True, "unrotated": (1,)}
WORDS = 8192


GROUPS = {"heads": 3, "kv_heads": 1, "layers": 1}


@pytest.mark.slow
@pytest.mark.parametrize("changes", [FAMILIES, GROUPS])
@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
def test_tokens(backend, changes):
    """A prompt of several passes, and what is chosen after it, past the first eviction; then another start, with a
    prompt whose passes evict."""
    model, rule = synthetic_model("mixed", tied=True, **(SIZES | changes)), LambdaRule(1, 4)
    runs = [([3, 1, 4], 3 if backend == "myhdl" else 18), ([5, 2, 0, 7, 1], 2)]
    golden = GoldenDevice(CONFIG)
    with BenchDevice(CONFIG, WORDS, backend) as device:
        accelerators = [Accelerator(device, CONFIG) for device in (device, golden)]
        for accelerator in accelerators:
            accelerator.load(model, rule)
        size = accelerators[0].regions["results"].address * CONFIG.beat_bits // 8
        for prompt, count in runs:
            found, expected = (list(accelerator.generate(prompt, count)) for accelerator in accelerators)
            assert found == expected
            assert np.array_equal(accelerators[0].logits(), accelerators[1].logits())
            assert accelerators[0].position == accelerators[1].position
            for lane in range(CONFIG.lanes):
                assert np.array_equal(device.read_memory(lane, 0, size), golden.read_memory(lane, 0, size))


@pytest.mark.slow
@pytest.mark.parametrize(("config", "passes"), [(CONFIG, 5), (SINGLE, 9)], ids=["tiny", "single"])
@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
def test_one_start_for_a_text(backend, config, passes):
    """A prompt in as many passes as rows need and 20 tokens, of which a cache of four keeps the last three: the
    smallest model. Two of the prompt's passes evict two tokens."""
    sizes = SIZES | {"layers": 1, "heads": 1, "kv_heads": 1, "vocab": 8}
    model, rule = synthetic_model("mixed", tied=False, **sizes), LambdaRule(1, 3)
    golden = Accelerator(GoldenDevice(config), config)
    golden.load(model, rule)
    text = {"prompt": [3, 1, 4, 1, 5, 2, 6, 0, 7], "count": 20, "sampling": Sampling.of(2, seed=1)}
    expected = list(golden.generate(**text))
    assert len(set(expected)) > 4
    with BenchDevice(config, WORDS, backend) as device:
        accelerator = Accelerator(device, config)
        accelerator.load(model, rule)
        assert list(accelerator.generate(**text)) == expected
        assert accelerator.starts == 1 and accelerator.passes == golden.passes == passes + 19
        assert np.array_equal(accelerator.logits(), golden.logits())


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
def test_drafts(backend):
    """Some are right and some wrong, before and past the first eviction."""
    sizes = SIZES | {"layers": 1, "heads": 1, "kv_heads": 1, "vocab": 8}
    model, rule = synthetic_model("mixed", tied=False, **sizes), LambdaRule(1, 3)
    accelerators = []
    golden = GoldenDevice(CONFIG)
    with BenchDevice(CONFIG, WORDS, backend) as device:
        for each in (device, golden):
            accelerators.append(Accelerator(each, CONFIG, drafts=1))
            accelerators[-1].load(model, rule)
        rtl, expected = accelerators
        assert list(rtl.generate([3, 1, 3, 1, 3], 20)) == list(expected.generate([3, 1, 3, 1, 3], 20))
        assert rtl.chosen_by_row == expected.chosen_by_row and 0 < rtl.chosen_by_row[1] < rtl.chosen_by_row[0]
        assert rtl.position == expected.position
        size = rtl.regions["results"].address * CONFIG.beat_bits // 8
        for lane in range(CONFIG.lanes):
            assert np.array_equal(device.read_memory(lane, 0, size), golden.read_memory(lane, 0, size))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
def test_a_batch(backend):
    """Three texts in two rows, one of them drawn, past the first eviction: every token and byte."""
    sizes = SIZES | {"layers": 1, "heads": 1, "kv_heads": 1, "vocab": 8}
    model, rule = synthetic_model("mixed", tied=False, **sizes), LambdaRule(1, 2)
    golden = GoldenDevice(CONFIG)
    found, size = [], None
    with BenchDevice(CONFIG, WORDS, backend) as device:
        for each in (device, golden):
            accelerator = BatchAccelerator(each, CONFIG, 2)
            accelerator.load(model, rule)
            texts = [BatchText([3, 1], 3), BatchText([5], 3, Sampling.of(1, 3)), BatchText([2, 2, 2], 1)]
            waiting = list(texts)
            while waiting or accelerator.free < 2:
                while waiting and accelerator.free:
                    accelerator.begin(waiting.pop(0))
                for _ in accelerator.step():
                    pass
            found.append([text.tokens for text in texts])
            size = accelerator.regions["results"].address * CONFIG.beat_bits // 8
        assert found[0] == found[1] and [len(tokens) for tokens in found[0]] == [3, 3, 1]
        for lane in range(CONFIG.lanes):
            assert np.array_equal(device.read_memory(lane, 0, size), golden.read_memory(lane, 0, size))


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["myhdl", "icarus", "ghdl", "verilator"])
def test_drawn_tokens(backend):
    """The first token is the second row's, the next one the first row's."""
    model, rule = synthetic_model("mixed", tied=True, **SIZES), LambdaRule(1, 2)
    sampling = Sampling.of(15, seed=3)
    golden = Accelerator(GoldenDevice(CONFIG), CONFIG)
    golden.load(model, rule)
    greedy = list(golden.generate([3, 1], 2))
    golden.reset()
    expected = list(golden.generate([3, 1], 2, sampling=sampling))
    assert all(drawn != likely for drawn, likely in zip(expected, greedy, strict=True))
    with BenchDevice(CONFIG, WORDS, backend) as device:
        accelerator = Accelerator(device, CONFIG)
        accelerator.load(model, rule)
        assert list(accelerator.generate([3, 1], 2, sampling=sampling)) == expected
