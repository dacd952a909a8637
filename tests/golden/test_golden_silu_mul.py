import numpy as np

from golden.units.silu_mul import silu_mul


def silu(gate):
    return gate / (1 + np.exp(-np.clip(gate, -700, 700)))


def test_silu_over_the_whole_range():
    rng = np.random.default_rng(0)
    gate = np.concatenate([np.arange(-(2**21), 2**21, 31), rng.integers(-(2**31), 2**31, 20000), [-(2**31), 2**31 - 1]])
    result = silu_mul(gate, np.full_like(gate, 1 << 16)) / 65536
    real = gate / 65536
    bound = np.where(abs(real) < 16, abs(real) * 2.0**-15.5 + 2.0**-16, abs(real) * 2.0**-22 + 2.0**-16)
    assert (abs(result - silu(real)) <= bound).all()


def test_product_and_saturation():
    rng = np.random.default_rng(1)
    gate, up = rng.integers(-(2**20), 2**20, (2, 5000))
    exact = silu(gate / 65536) * up / 65536
    error = abs(silu_mul(gate, up) / 65536 - exact)
    assert (error <= (abs(gate / 65536) * 2.0**-15.5 + 2.0**-16) * abs(up / 65536) + 2.0**-16).all()
    big = np.array([2**31 - 1, 2**31 - 1])
    assert silu_mul(big, np.array([2**31 - 1, -(2**31)])).tolist() == [2**31 - 1, -(2**31)]
