"""The registers as a host sees them: all of them, bytes of them, and what is none."""

import numpy as np
import pytest
from control_benches import controller_design
from host import Host

from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.register_map import registers
from myhdl_acc.rtl.control.s_axi_control import READ_LATENCY, WRITE_LATENCY

TINY = AcceleratorConfig.preset("tiny")
PLAIN = [register for register in registers(TINY) if register.access == "rw" and register.bits > 2]
READ_ONLY = [register for register in registers(TINY) if register.access == "r"]


def open_host(backend="myhdl"):
    return Host(controller_design(TINY), TINY, backend)


def halves(register):
    return [(register.offset + 4 * half, half) for half in range(register.bits // 32)]


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_arguments_hold_what_was_written(backend):
    rng = np.random.default_rng(1)
    with open_host(backend) as host:
        values = {}
        for register in PLAIN:
            for offset, _ in halves(register):
                assert host.read(offset) == 0
                values[offset] = int(rng.integers(0, 1 << 32))
                host.write(offset, values[offset])
        assert {offset: host.read(offset) for offset in values} == values
        run = host.run({"sink_ar": {"address": [0]}}, {"source_r": 1}, record=True)
        assert run.outputs["source_r"]["resp"].tolist() == [0]


def test_byte_strobes():
    rng = np.random.default_rng(2)
    with open_host() as host:
        value = 0
        for strobe in [*range(16), *rng.integers(0, 16, 8).tolist()]:
            data = int(rng.integers(0, 1 << 32))
            host.write("watchdog", data, strobe)
            mask = sum(255 << 8 * byte for byte in range(4) if strobe >> byte & 1)
            value = value & ~mask | data & mask
            assert host.read("watchdog") == value
        host.write("gier", 1, strobe=14)
        host.write("ip_ier", 3, strobe=14)
        host.write("reset", 1, strobe=14)
        host.write("ctrl", 129, strobe=14)
        assert [host.read(name) for name in ("gier", "ip_ier", "reset", "ctrl")] == [0, 0, 0, 4]


def test_pointers_and_tokens_reach_their_ports():
    with open_host() as host:
        for lane in range(2):
            host.write(0x40 + 8 * lane, 0x89ABCDE0 + lane)
            host.write(0x44 + 8 * lane, 0x01234560 + lane)
        host.levels |= {"token_row00": 0xFFFFFFFF, "token_row01": 49151}
        assert (host.read("token_00"), host.read("token_01")) == (0xFFFFFFFF, 49151)
        for lane in range(2):
            low, high = (host.read(0x40 + 8 * lane + 4 * half) for half in range(2))
            assert high << 32 | low == 0x0123456089ABCDE0 + lane * 0x100000001
        assert host.pointers() == [0x0123456089ABCDE0, 0x0123456189ABCDE1]


def test_temperature_and_seed_reach_their_ports():
    with open_host() as host:
        for row, behind in enumerate(("", "_1")):
            host.write("temperature" + behind, 0xABCD8765 + row)
            host.write("seed" + behind, 0x89ABCDEF)
            host.write("seed_high" + behind, 0x01234567 + row)
        assert [host.sampling(row) for row in range(2)] == [(0x8765, 0x0123456789ABCDEF), (0x8766, 0x0123456889ABCDEF)]


def test_what_cannot_be_written():
    with open_host() as host:
        for register in READ_ONLY:
            before = host.read(register.offset)
            host.write(register.offset, 0xFFFFFFFF)
            assert host.read(register.offset) == before, register.name


def test_unknown_addresses_read_as_zero_and_ignore_writes():
    known = {register.offset + part for register in registers(TINY) for part in range(0, register.bits, 32)}
    known |= {register.offset + 4 for register in registers(TINY) if register.bits == 64}
    addresses = [address for address in range(0, 4096, 4) if address not in known][::13]
    with open_host("verilator") as host:
        for address in addresses:
            host.write(address, 0xFFFFFFFF)
            assert host.read(address) == 0, hex(address)
        assert [host.read(register.offset) for register in PLAIN] == [0] * len(PLAIN)
        assert host.read("ctrl") == 4


def test_the_lowest_address_bits_are_ignored():
    with open_host() as host:
        for part in range(4):
            host.write(0x20 + part, 100 + part)
            assert [host.read(0x20 + other) for other in range(4)] == [100 + part] * 4


def test_latencies_and_order():
    with open_host() as host:
        inputs = {
            "sink_aw": {"address": [0x10, 0x18, 0x20]},
            "sink_w": {"data": [1, 2, 3], "strobe": [15] * 3},
            "sink_ar": {"address": [0x10] * 4},
        }
        run = host.run(inputs, {"source_b": 3, "source_r": 4}, record=True)
        cycles = run.transfers
        assert (cycles["source_b"] - cycles["sink_w"] == WRITE_LATENCY).all()
        assert (np.diff(cycles["source_b"]) == 3).all()
        assert (cycles["source_r"] - cycles["sink_ar"] == READ_LATENCY).all()
        # Data before the address wait for it; answers wait for the host.
        gaps = {"sink_aw": [9, 0], "source_b": [7, 0], "source_r": [11, 0]}
        inputs = {
            "sink_aw": {"address": [0x10, 0x18]},
            "sink_w": {"data": [7, 8], "strobe": [15] * 2},
            "sink_ar": {"address": [0x20, 0x20]},
        }
        run = host.run(inputs, {"source_b": 2, "source_r": 2}, gaps, record=True)
        assert run.transfers["sink_w"][0] > run.transfers["sink_aw"][0]
        assert run.outputs["source_r"]["data"].tolist() == [3, 3]
        assert (host.read("program"), host.read("instructions")) == (7, 8)
