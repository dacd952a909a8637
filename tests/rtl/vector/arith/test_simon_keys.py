"""The keys of all rounds against golden, in whole ciphers, one after the other as fast as they may come."""

import numpy as np
import pytest
from myhdl import Signal, intbv
from unit_bench import follow

from golden.units.simon import encrypt, round_keys
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Record
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.vector.arith import simon_cipher as cipher_unit
from myhdl_acc.rtl.vector.arith import simon_keys as keys_unit
from myhdl_acc.rtl.vector.arith.simon_cipher import simon_cipher
from myhdl_acc.rtl.vector.arith.simon_keys import simon_keys
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words

#: Cycles from a block and its key to the cipher.
CIPHER = keys_unit.LATENCY + cipher_unit.LATENCY


@entity
def cipher_bench(clk, rst, sink, source):
    """Every word of ``sink``, STEPS cycles after the one before at the earliest, is enciphered."""
    keys, first = Signal(intbv(0)[128:]), Record(start=1, plain=32)
    load = sink.fire()
    simon_keys(load=load, key=sink.key, keys=keys)
    Record(start=load, plain=sink.plain).delay(keys_unit.LATENCY) >> first
    simon_cipher(start=first.start, plain=first.plain, keys=keys, state=source.state)
    follow(sink=sink, source=source, latency=CIPHER)


def cipher_design():
    streams = {"sink": Stream(plain=32, key=64), "source": Stream(state=32)}
    return Design(cipher_bench, clk=clock(), rst=reset(), **streams)


@pytest.mark.parametrize("backend", BACKENDS)
def test_whole_ciphers(backend):
    rng = np.random.default_rng(0)
    plain, key = rng.integers(0, 1 << 32, 60), rng.integers(0, 1 << 64, 60, np.uint64)
    plain[0], key[0] = 0x65656877, 0x1918111009080100
    gaps = {"sink": np.concatenate([np.full(30, STEPS - 1), rng.integers(STEPS - 1, 9, 30)])}
    words = {"sink": {"plain": plain, "key": key.view(np.uint8).reshape(-1, 8)}}
    with open_simulation(cipher_design(), backend) as simulation:
        run = simulation.run(words, {"source": 60}, gaps=gaps, record=True)
    assert run.outputs["source"]["state"][0] == 0xC69BE9BB
    check_words(run.outputs["source"], {"state": encrypt(plain, round_keys(key))})
    assert (run.transfers["source"] - run.transfers["sink"] == CIPHER).all()
