"""Matrix products take one thread, whatever the process around them takes."""

import numpy as np
import pytest
from synthetic import synthetic_model
from threadpoolctl import threadpool_info, threadpool_limits

from golden.blas import one_thread
from golden.decoder import Decoder
from golden.llm.float_decoder import FloatDecoder
from golden.units.engine import execute_all


def threads():
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    with threadpool_limits(2, user_api="blas"):
        if threads() != {2}:
            pytest.skip("this BLAS has one thread only")
        yield


def test_one_thread_meanwhile():
    assert one_thread(threads)() == {1}
    assert threads() == {2}


def test_also_after_an_error():
    @one_thread
    def fail():
        raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert threads() == {2}


def test_the_integer_decoder():
    seen = []

    def execute(operations):
        seen.append(threads())
        return execute_all(operations)

    model = synthetic_model(
        "w2", vocab=37, dim=64, layers=1, heads=2, kv_heads=1, head_dim=32, ffn=64, context=64, tied=True
    )
    Decoder(model, execute).step(3)
    assert seen and all(found == {1} for found in seen)
    assert threads() == {2}


def test_the_float_decoder(small_model):
    seen = []
    FloatDecoder(small_model, observe=lambda *_: seen.append(threads())).feed(np.arange(3))
    assert seen and all(found == {1} for found in seen)
