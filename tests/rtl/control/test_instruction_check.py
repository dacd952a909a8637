"""The check in hardware calls illegal what the decoder in Python refuses."""

import numpy as np
import pytest
from control_benches import instruction_check_bench

from golden.errors import InputError
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.control.instruction import decode_word, field_mask
from myhdl_acc.rtl.control.instruction_check import reserved_ranges
from myhdl_acc.rtl.control.isa import OPS, UNITS
from myhdl_acc.simulate import BACKENDS, Design, clock, reset
from myhdl_acc.simulate.exercise import exercise


def is_illegal(word):
    try:
        decode_word(word)
    except InputError:
        return 1
    return 0


def random_words(count, seed):
    """Words of every unit code, most with an op that exists, without a reserved bit, with one, or with many."""
    rng = np.random.default_rng(seed)
    words = []
    for number in range(count):
        code = number % 8
        word = int.from_bytes(rng.bytes(32), "little") & ~7
        if code < len(UNITS) and rng.random() < 0.8:
            word = word & field_mask(UNITS[code]) & ~255
            word |= int(rng.integers(0, len(OPS[UNITS[code]]) + 1)) << 3
            if rng.random() < 0.3:
                word |= 1 << int(rng.integers(8, 256))
        words.append(word | code)
    return words


@pytest.mark.parametrize(("backend", "count"), [(name, 4000 if name == "verilator" else 200) for name in BACKENDS])
def test_as_the_decoder(backend, count):
    words = random_words(count, count)
    expected = [is_illegal(word) for word in words]
    assert 0.3 < np.mean(expected) < 0.9
    data = np.array([np.frombuffer(word.to_bytes(32, "little"), np.uint8) for word in words])
    design = Design(instruction_check_bench, clk=clock(), rst=reset(), sink=Stream(word=256), source=Stream(illegal=1))
    runs = exercise(design, {"sink": {"word": data}}, {"source": {"illegal": expected}}, backend, ("full_speed",))
    assert (runs["full_speed"].transfers["source"] == runs["full_speed"].transfers["sink"]).all()


@pytest.mark.parametrize("unit", UNITS)
def test_ranges_are_the_bits_outside_the_mask(unit):
    reserved = sum(((1 << last - first) - 1) << first for first, last in reserved_ranges(unit))
    assert reserved == field_mask(unit) ^ (1 << 256) - 1
