import numpy as np

from golden.llm.compress.smooth_keys import key_factors, query_factors
from golden.llm.float_decoder import FloatDecoder
from golden.llm.models.float_model import FloatModel


def test_computes_the_same(small_model):
    spec = small_model.spec
    factors = key_factors(np.random.default_rng(0).lognormal(size=(50, spec.kv_heads * spec.head_dim)), spec.head_dim)

    def fetch(name):
        tensor = small_model.tensor(name)
        if name.endswith("attn_k"):
            return tensor / factors[:, None]
        return tensor * query_factors(factors, spec)[:, None] if name.endswith("attn_q") else tensor

    smooth = FloatModel(spec, small_model.tokenizer, fetch)
    before, after = FloatDecoder(small_model).feed(np.arange(11)), FloatDecoder(smooth).feed(np.arange(11))
    assert abs(before - after).max() < 1e-5 * abs(before).max()
    assert factors.max() > 1.2 and factors.min() < 0.9


def test_pairs_of_a_head_become_more_even():
    rng = np.random.default_rng(1)
    sizes = np.repeat(rng.lognormal(sigma=2, size=(2, 4)), 2, axis=1).ravel()
    keys = rng.normal(size=(500, 16)) * sizes
    factors = key_factors(keys, 8)
    assert (factors[0::2] == factors[1::2]).all()  # what RoPE turns together
    assert np.allclose(np.log(factors).reshape(2, 8).mean(1), 0, atol=1e-6)
    spread = [np.log(np.quantile(abs(k), 0.99, axis=0)).reshape(2, 8).std(1) for k in (keys, keys / factors)]
    assert (spread[1] < 0.5 * spread[0]).all()


def test_a_pair_that_was_never_seen():
    keys = np.ones((5, 8))
    keys[:, 2:4] = 0
    assert np.isfinite(key_factors(keys, 8)).all() and np.isfinite(key_factors(keys * 0, 8)).all()
    assert key_factors(keys, 8).min() > 0.01
