"""Texts that share passes: each is what it would be by itself, whatever the others are, on golden and on RTL."""

import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.sampling import GREEDY, Sampling
from myhdl_acc.driver.batch import BatchAccelerator, BatchText
from myhdl_acc.driver.golden_device import GoldenDevice
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.program.place import Place
from myhdl_acc.rtl.config import AcceleratorConfig

TINY = dataclasses.replace(AcceleratorConfig.preset("tiny"), vector_depth=1024, activation_words=64)
#: As other tests of simulated devices have it: it is built once.
SHARED = AcceleratorConfig.preset("tiny")
CONFIGS = {
    2: TINY,
    16: dataclasses.replace(TINY, lanes=8, rows=16),
    4: dataclasses.replace(TINY, lanes=1, rows=4, vector_depth=2048, program_depth=4096),
    6: dataclasses.replace(TINY, rows=6, program_depth=4096),
}
SIZES = {"vocab": 50, "dim": 64, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 101, "context": 64}
FAMILIES = {"biased": True, "head_norms": True, "unrotated": (1,)}


def random_prompts(rng, count):
    return [[int(token) for token in rng.integers(0, SIZES["vocab"], rng.integers(1, 12))] for _ in range(count)]


def written(accelerator, prompts, count, sampling=GREEDY, ends=()):
    """The tokens of each text."""
    found = [[] for _ in prompts]
    for number, token in accelerator.texts(prompts, count, sampling, ends):
        found[number].append(token)
    return found


def write_all(accelerator, texts, ends):
    """Whenever a row is free the next one begins."""
    waiting = list(texts)
    while waiting or accelerator.free < accelerator.batch:
        while waiting and accelerator.free:
            accelerator.begin(waiting.pop(0))
        for _ in accelerator.step(ends):
            pass


def alone(model, rule, prompts, count, sampling=GREEDY, ends=()):
    """What the golden decoder writes for each."""
    return [
        list(Decoder(model, sinks=rule.sinks, window=rule.window).generate(prompt, count, None, sampling, ends))
        for prompt in prompts
    ]


#: A head step's weights are more than the queue before the lanes holds: each step's product comes at once.
MANY = {"seed": 1, "rows": 6, "batch": 6, "sinks": 1, "window": 300, "drawn": False, "family": {}, "sizes": {}}


@settings(max_examples=3, deadline=None)
@example(**MANY)
@given(
    seed=st.integers(0, 1 << 32),
    rows=st.sampled_from(list(CONFIGS)),
    batch=st.integers(2, 6),
    sinks=st.integers(0, 3),
    window=st.sampled_from([2, 5, 9, 40]),
    drawn=st.booleans(),
    family=st.sampled_from([{}, FAMILIES]),
    sizes=st.sampled_from([{}, {"heads": 6}, {"heads": 5, "kv_heads": 5}, {"kv_heads": 4}]),
)
def test_each_text_is_what_it_would_be_alone(seed, rows, batch, sinks, window, drawn, family, sizes):
    """Past evictions, with more texts than rows and fewer, with end tokens that come at any time."""
    config, rule, rng = CONFIGS[rows], LambdaRule(sinks, window), np.random.default_rng(seed)
    model = synthetic_model("mixed", seed=seed, tied=True, **(SIZES | family | sizes))
    accelerator = BatchAccelerator(GoldenDevice(config), config, min(batch, rows))
    accelerator.load(model, rule)
    assert Place(model.spec, rule, config, batch=min(batch, rows)).held_up == (window == MANY["window"])
    ends = tuple(int(token) for token in rng.integers(0, SIZES["vocab"], 2))
    texts = [
        BatchText(prompt, int(rng.integers(1, 16)), Sampling.of(number / 3, seed) if drawn else GREEDY)
        for number, prompt in enumerate(random_prompts(rng, int(rng.integers(1, 6))))
    ]
    for _ in range(2):  # the second time they go on, some with what a row's cache holds
        write_all(accelerator, texts, ends)
        for text in texts:
            assert text.tokens == alone(model, rule, [text.prompt], text.count, text.sampling, ends)[0]
        texts = [BatchText([*text.prompt, *text.tokens, 1], 5, text.sampling) for text in texts]


def caches(accelerator, device):
    """Every byte of all caches."""
    beat = TINY.beat_bits // 8
    regions = [region for name, region in accelerator.regions.items() if ".heads." in name]
    return [
        device.read_memory(lane, region.address * beat, region.beats * beat)
        for region in regions
        for lane in range(TINY.lanes)
    ]


def test_rtl_leaves_what_golden_leaves():
    """Texts of different lengths past evictions, drawn and not: every token and every byte of both caches."""
    model, rule = synthetic_model("mixed", seed=4, tied=True, **SIZES, **FAMILIES), LambdaRule(2, 7)
    golden_device = GoldenDevice(SHARED)
    golden = BatchAccelerator(golden_device, SHARED, 2)
    golden.load(model, rule)
    prompts, cycles = random_prompts(np.random.default_rng(4), 4), {}
    with SimulationDevice(SHARED, "hbm2") as device:
        accelerator = BatchAccelerator(device, SHARED, 2)
        accelerator.load(model, rule)
        for sampling in (GREEDY, Sampling.of(0.8, 5)):
            tokens = written(golden, prompts, 9, sampling)
            assert written(accelerator, prompts, 9, sampling) == tokens == alone(model, rule, prompts, 9, sampling)
            for found, expected in zip(caches(accelerator, device), caches(golden, golden_device), strict=True):
                assert np.array_equal(found, expected)
        assert accelerator.passes == golden.passes and accelerator.starts == golden.starts
        for several in (False, True):  # a pass of two takes less than two of one
            before = accelerator.cycles, accelerator.passes
            written(accelerator, prompts[:1] * (1 + several), 6)
            cycles[several] = (accelerator.cycles - before[0]) / (accelerator.passes - before[1])
    assert cycles[True] < 2 * cycles[False]


def test_a_text_that_has_ended_makes_room():
    """Of five texts in two rows none waits longer than it must: passes are those of the rows' work."""
    model, rule = synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 30)
    accelerator = BatchAccelerator(GoldenDevice(TINY), TINY, 2)
    accelerator.load(model, rule)
    found = written(accelerator, [[1]] * 5, 4)
    assert [len(tokens) for tokens in found] == [4] * 5
    assert accelerator.passes == accelerator.choosing_passes == 12 and accelerator.starts == 3
    assert accelerator.chosen_by_row == [12, 12]


def test_a_conversation_goes_on_from_its_cache():
    """Of two texts each finds its own row again, though the other row was busy, or idle, meanwhile."""
    model, rule = synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 60)
    accelerator = BatchAccelerator(GoldenDevice(TINY), TINY, 2)
    accelerator.load(model, rule)
    texts = [BatchText([1, 2, 3], 6), BatchText([4, 5], 3)]
    write_all(accelerator, texts, ())
    longer = [BatchText([*text.prompt, *text.tokens, 9], 4) for text in reversed(texts)]
    before = accelerator.passes
    write_all(accelerator, longer, ())
    assert [text.kept for text in longer] == [4, 8]  # what was chosen last has not been fed
    assert accelerator.passes - before == 1 + 4
    for text in longer:
        assert text.tokens == alone(model, rule, [text.prompt], 4)[0]


def test_whoever_leaves_ends_the_run():
    model, rule = synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 30)
    accelerator = BatchAccelerator(GoldenDevice(TINY), TINY, 2)
    accelerator.load(model, rule)
    prompts = [[1, 2, 3], [4]]
    texts = accelerator.texts(prompts, 20)
    next(texts)
    texts.close()
    assert written(accelerator, prompts, 5) == alone(model, rule, prompts, 5)


@pytest.mark.parametrize(
    ("rows", "batch", "message"),
    [
        (1, 2, "batch: it has 2 sequences at least, and the configuration has 1 row, one for each sequence, not 2"),
        (2, 3, "batch: it has 2 sequences at least, and the configuration has 2 rows, one for each sequence, not 3"),
        (2, 1, "batch: it has 2 sequences at least, and the configuration has 2 rows, one for each sequence, not 1"),
    ],
)
def test_as_many_sequences_as_rows(rows, batch, message):
    config = dataclasses.replace(TINY, rows=rows)
    accelerator = BatchAccelerator(GoldenDevice(config), config, batch)
    with pytest.raises(InputError) as error:
        accelerator.load(synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 30))
    assert str(error.value) == message


def test_prompts_that_are_none():
    accelerator = BatchAccelerator(GoldenDevice(TINY), TINY, 2)
    with pytest.raises(InputError, match="no model is loaded"):
        next(accelerator.texts([[1]], 1))
    accelerator.load(synthetic_model("w2", tied=True, **SIZES), LambdaRule(2, 30))
    for prompts, message in (([[1], []], "a prompt has no tokens"), ([[1, 2, 99]], "token 99 is outside")):
        with pytest.raises(InputError, match=message):
            next(accelerator.texts(prompts, 1))


def test_whoever_leaves_in_a_step_finds_the_others_where_they_are():
    """Past evictions: nothing is computed twice."""
    model, rule = synthetic_model("w2", tied=True, **SIZES), LambdaRule(1, 4)
    accelerator = BatchAccelerator(GoldenDevice(TINY), TINY, 2)
    accelerator.load(model, rule)
    texts = [BatchText([1, 2, 3], 20), BatchText([4], 20)]
    for text in texts:
        accelerator.begin(text)
    for _ in range(5):
        step = accelerator.step()
        for _ in range(3):
            next(step, None)
        step.close()
    write_all(accelerator, [], ())
    for text in texts:
        assert text.tokens == alone(model, rule, [text.prompt], 20)[0]
