import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.errors import InputError
from golden.llm.compress import compress
from golden.llm.float_decoder import FloatDecoder
from golden.units.engine import execute_all


@pytest.fixture(scope="module")
def small_w8(small_model):
    return compress(small_model, "w8")


def correlation(a, b):
    return np.corrcoef(a.ravel(), b.ravel())[0, 1]


@pytest.mark.parametrize(("sinks", "window"), [(4, None), (4, 8), (0, 8), (2, 1)])
def test_follows_the_float_decoder_past_the_first_eviction(small_model, small_w8, sinks, window):
    """60 tokens, so the ring of 8 turns seven times; the same rule in floats, which keeps every key and masks."""
    tokens = np.random.default_rng(3).integers(0, 11, 60)
    exact = FloatDecoder(small_model, sinks=sinks, window=window).feed(tokens)
    logits = Decoder(small_w8, sinks=sinks, window=window).feed(tokens, every=True) / 65536
    assert correlation(logits, exact) > 0.96
    assert correlation(logits[-20:], exact[-20:]) > 0.96


def test_window_matters(small_model):
    """The comparison above would notice a wrong window: other windows correlate worse."""
    tokens = np.random.default_rng(3).integers(0, 11, 60)
    exact = FloatDecoder(small_model, sinks=4, window=8).feed(tokens)
    for other in ({"sinks": 4, "window": 6}, {"sinks": 0, "window": 12}, {"sinks": 4}):
        assert correlation(FloatDecoder(small_model, **other).feed(tokens)[-20:], exact[-20:]) < 0.8


@pytest.mark.parametrize("rows", [2, 7, 64])
def test_rows_change_no_bit(small_w8, rows):
    tokens = np.random.default_rng(5).integers(0, 11, 40)
    one = Decoder(small_w8, sinks=3, window=9)
    single = np.stack([one.step(token) for token in tokens])
    many = Decoder(small_w8, sinks=3, window=9, rows=rows)
    assert (many.feed(tokens, every=True) == single).all()
    many.reset()
    assert (many.feed(tokens)[-1] == single[-1]).all() and many.position == 40


@settings(deadline=None, max_examples=25)
@given(
    kind=st.sampled_from(["w2", "w4", "w8", "mixed"]),
    group=st.integers(1, 3),
    head_dim=st.sampled_from([2, 6, 16]),
    rule=st.tuples(st.integers(0, 5), st.integers(1, 40)),
    rows=st.integers(2, 70),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=3),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_block_of_tokens_is_the_same_as_one_by_one(kind, group, head_dim, rule, rows, cuts, seed):
    """Any model, rule, number of rows and way to cut the tokens into feeds, past any eviction: logits and cache."""
    sizes = {"vocab": 13, "dim": 20, "layers": 2, "kv_heads": 2, "heads": 2 * group, "head_dim": head_dim, "ffn": 33}
    model = synthetic_model(kind, seed, context=64, tied=False, **sizes)
    sinks, window = rule
    tokens = np.random.default_rng(seed).integers(0, 13, sum(cuts))
    one = Decoder(model, sinks=sinks, window=window)
    single = np.stack([one.step(token) for token in tokens])
    many = Decoder(model, sinks=sinks, window=window, rows=rows)
    blocks = [many.feed(part, every=True) for part in np.split(tokens, np.cumsum(cuts)[:-1])]
    assert (np.concatenate(blocks) == single).all() and many.position == one.position
    for cache, expected in zip(sum(many._caches, ()), sum(one._caches, ()), strict=True):
        assert (cache.values == expected.values).all() and (cache.zero == expected.zero).all()
        assert (cache.step.mantissa == expected.step.mantissa).all()
        assert (cache.step.exponent == expected.step.exponent).all()


def test_a_block_of_tokens_shares_its_operations(small_w8):
    """What a backend sees of many tokens: every product once, over all that any of them meets."""
    lists = []

    def execute(operations):
        lists.append([(operation.kind, *operation.x.shape, operation.outputs) for operation in operations])
        return execute_all(operations)

    Decoder(small_w8, execute=execute, sinks=2, window=3, rows=4).feed([1] * 4)
    # Four tokens of three heads per key head with four tokens' keys; nothing is evicted for the last one's sinks.
    assert lists[1:3] == [[("qk", 12, 6, 4)] * 2, [("pv", 12, 4, 6)] * 2]
    lists.clear()
    decoder = Decoder(small_w8, execute=execute, sinks=2, window=3, rows=4)
    decoder.feed([1] * 5)
    lists.clear()
    decoder.feed([1] * 4)
    # Two sinks, of the window the two that the first token still meets, and the four themselves.
    assert lists[1:3] == [[("qk", 12, 6, 2)] * 2 + [("qk", 12, 6, 6)] * 2, [("pv", 12, 8, 6)] * 2]


def test_operations_are_independent_and_grouped(small_w8):
    """What a backend sees: kinds and numbers of the operations that may overlap."""
    lists = []

    def execute(operations):
        lists.append([operation.kind for operation in operations])
        return execute_all(operations)

    decoder = Decoder(small_w8, execute=execute, sinks=2, window=3)
    decoder.feed([1] * 5)
    layer = [["w8"] * 3, ["qk"] * 2, ["pv"] * 2, ["w8"], ["w8"] * 2, ["w8"]]
    assert lists == layer * 2 * 5 + [["w8"]]
    lists.clear()
    decoder.step(1)
    capped = [*layer[:1], ["qk"] * 4, *layer[2:]]
    assert lists == capped * 2 + [["w8"]]


def test_execute_decides_the_result(small_w8):
    silent = Decoder(small_w8, execute=lambda operations: [0 * result for result in execute_all(operations)])
    assert not silent.step(3).any()
    assert Decoder(small_w8).step(3).any()


def test_generate(small_w8):
    decoder = Decoder(small_w8)
    tokens = list(decoder.generate([1, 2, 3], 6))
    assert decoder.position == 3 + 5
    decoder.reset()
    assert tokens[0] == int(np.argmax(decoder.feed([1, 2, 3])))
    assert tokens[1] == int(np.argmax(decoder.step(tokens[0])))
    assert list(Decoder(small_w8).generate([1], 0)) == []


@pytest.mark.parametrize(
    ("tokens", "message"), [([], "no tokens"), ([11], "token 11 is outside"), ([0, -1], "token -1 is outside")]
)
def test_bad_tokens(small_w8, tokens, message):
    with pytest.raises(InputError, match=message):
        Decoder(small_w8).feed(tokens)
    with pytest.raises(InputError, match=message):
        list(Decoder(small_w8).generate(tokens, 3))


def test_bad_rows(small_w8):
    with pytest.raises(InputError, match="rows must be at least 1"):
        Decoder(small_w8, rows=0)


def test_glassllm_w2_writes_like_carroll(glassllm, glassllm_w2):
    """W2A8KV4, 2:4 and Λ with an early first eviction: real words of the training text come out."""
    decoder = Decoder(glassllm_w2, sinks=4, window=28, rows=16)
    prompt = glassllm.tokenizer.encode("“Curiouser and curiouser!” cried Alice")
    text = glassllm.tokenizer.decode(list(decoder.generate(prompt, 60)))
    words = {"the", "a", "was", "she", "said", "to", "of", "and", "it", "you", "Alice", "I", "as", "that", "in"}
    found = [word.strip(".,!?;:’“”()-_").strip() for word in text.split()]
    assert len(found) > 20
    assert sum(word in words for word in found) > 0.25 * len(found)


def test_a_window_beyond_memory(small_w8):
    """The cache grows with its tokens, past its first slots, and what it holds stays the same."""
    tokens = np.random.default_rng(5).integers(0, 11, 300)
    logits = Decoder(small_w8, window=10**9, rows=64).feed(tokens, every=True)
    assert (logits == Decoder(small_w8, window=300, rows=7).feed(tokens, every=True)).all()
