"""The HBM model: latency and throughput as measured on the card, and no command earlier than the memory allows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden.errors import InputError
from myhdl_acc.simulate.hbm import ACTIVATE, PRECHARGE, READ, REFRESH, WRITE, HbmChannel, HbmParameters
from myhdl_acc.simulate.stimulus import SimulationError

PEAK = 14.4e9
SHUHAI = HbmParameters(beat_bytes=32, port_khz=450_000)  # the port on which arXiv 2005.04324 measured
SIZE = 1 << 28


def sequential(count, beats):
    return np.arange(count) * beats * 64


def at_random(count, beats, seed=1):
    return np.random.default_rng(seed).integers(0, SIZE // (64 * beats), count) * 64 * beats


def throughput(address, beats, outstanding=1 << 30, parameters=None, **options):
    with HbmChannel(parameters) as channel:
        return channel.throughput(address, beats, outstanding=outstanding, **options)


def latency(parameters, before, address):
    with HbmChannel(parameters) as channel:
        if before is not None:
            channel.run([before], 1)
        _, times = channel.run([address], 1)
    return int(times["first"][0] - times["taken"][0])


def test_idle_latency():
    """48, 55 and 62 cycles of 450 MHz: 106.7, 122.2 and 137.8 ns (Shuhai, switch off)."""
    assert latency(SHUHAI, 0, 64) == 48  # the row is open
    assert latency(SHUHAI, None, 64) == 55  # no row is open
    assert latency(SHUHAI, 0, 1 << 14) == 62  # another row of the bank is open
    # Our port's beat takes two columns, in two bank groups.
    assert [latency(HbmParameters(), *case) for case in ((0, 64), (None, 64), (0, 1 << 14))] == [25, 29, 32]


@pytest.mark.parametrize("beats", [1, 4, 16, 64])
def test_sequential_reads(beats):
    """13.27 GB/s on the card, of 14.4: refresh takes the rest."""
    assert throughput(sequential(20000 // beats, beats), beats) == pytest.approx(13.27e9, rel=0.01)


def test_sequential_writes():
    assert throughput(sequential(1250, 16), 16, write=1) == pytest.approx(13.27e9, rel=0.02)


@pytest.mark.parametrize("size, measured", [(64, 4.754), (128, 9.599), (256, 12.616), (512, 13.134), (1024, 13.155)])
def test_random_reads_of_a_vitis_kernel(size, measured):
    """Vitis tutorial XD099, "Random Accesses", M0 to PC0; an m_axi of Vitis has 16 reads under way."""
    beats = size // 64
    assert throughput(at_random(20000 // beats, beats), beats, outstanding=16) == pytest.approx(measured * 1e9, rel=0.1)


def test_deep_random_reads_of_64_bytes_get_less_than_half():
    """Both bank groups of a 64-byte read are opened: two activations, 4 clocks apart at least, for 4 clocks of data."""
    assert 0.43 < throughput(at_random(20000, 1), 1) / PEAK < 0.5


def test_dramsim3():
    """DRAMsim3 gives 49 % of random 64 bytes (at most 4 per tFAW of 30 clocks, less refresh: 49.7 %) and 13.27 GB/s."""
    parameters = HbmParameters.dramsim3()
    assert 0.475 < throughput(at_random(20000, 1), 1, parameters=parameters) / PEAK < 0.51
    for beats in (1, 4, 16, 64):
        address = sequential(20000 // beats, beats)
        assert throughput(address, beats, parameters=parameters) == pytest.approx(13.27e9, rel=0.015)


@pytest.mark.parametrize("group_bit, rows", [(5, 2), (6, 1), (10, 1)])
def test_the_group_bit_says_how_many_rows_64_bytes_open(group_bit, rows):
    with HbmChannel(HbmParameters(group_bit=group_bit), trace=True) as channel:
        channel.run([0], 1)
        assert (channel.commands()["kind"] == ACTIVATE).sum() == rows
        channel.run([1 << group_bit], 1)  # the other group of the same rows
        assert (channel.commands()["kind"] == ACTIVATE).sum() == 2


def test_some_writes_among_reads_cost_little():
    reads, writes = sequential(1250, 16), SIZE // 2 + sequential(125, 1)
    address, beats = np.concatenate([reads, writes]), np.repeat([16, 1], [1250, 125])
    write = np.repeat([0, 1], [1250, 125])
    start = np.concatenate([np.zeros(1250, int), np.arange(125) * 160])
    assert throughput(address, beats, write=write, start=start) > 0.97 * 13.27e9


def test_ideal():
    parameters = HbmParameters(ideal=1, ideal_latency=7)
    with HbmChannel(parameters) as channel:
        _, times = channel.run([0, 1 << 20, 64], [5, 1, 3])
        assert times["taken"].tolist() == [0, 1, 2]
        assert times["first"].tolist() == [7, 12, 13] and times["last"].tolist() == [11, 12, 15]
        _, times = channel.run([0, 0], [4, 1], write=1)
        assert times["last"].tolist() == [4 + 7, 5 + 7]  # data in cycles 1 to 4 and 5


def test_a_port_that_stalls():
    """A beat every third cycle comes out, whatever the memory could do, and afterwards all is as before."""
    with HbmChannel() as channel:
        cycles, _ = channel.run(sequential(100, 16), 16, r_period=3)
        assert 1600 * 3 <= cycles < 1600 * 3 + 40
        assert channel.throughput(sequential(1250, 16), 16) == pytest.approx(13.27e9, rel=0.02)


@pytest.mark.parametrize("beat_bytes", [16, 32])
def test_narrow_ports(beat_bytes):
    """A narrow port at the same clock is the limit itself."""
    parameters = HbmParameters(beat_bytes=beat_bytes)
    address = np.arange(1000) * 16 * beat_bytes
    assert throughput(address, 16, parameters=parameters) == pytest.approx(225e6 * beat_bytes, rel=0.08)
    with HbmChannel(parameters) as channel:
        _, times = channel.run(address[:50], 16, write=1)
        assert (np.diff(times["last"]) > 0).all()


def check_trace(trace, p):
    """Every constraint between commands, one by one, from the parameters."""
    banks, groups = {b: {} for b in range(16)}, {g: {} for g in range(4)}
    latest, activations, open_row = {}, [], {}

    def apart(before, after, time, clocks):
        if before is not None:
            assert time - before >= clocks, f"{after} at {time} comes {clocks - time + before} clocks early"

    for time, kind, bank, row in trace.tolist():
        own, group = banks[bank], groups[bank // 4]
        if kind == ACTIVATE:
            assert bank not in open_row
            apart(own.get(ACTIVATE), "activate", time, p.rc)
            apart(own.get(PRECHARGE), "activate", time, p.rp)
            apart(latest.get(ACTIVATE), "activate", time, p.rrd_s)
            apart(group.get(ACTIVATE), "activate", time, p.rrd_l)
            apart(latest.get(REFRESH), "activate", time, p.rfc)
            apart(activations[-4] if len(activations) > 3 else None, "activate", time, p.faw)
            activations.append(time)
            open_row[bank] = row
        elif kind == PRECHARGE:
            del open_row[bank]
            apart(own[ACTIVATE], "precharge", time, p.ras)
            if own.get(READ, -1) > own[ACTIVATE]:
                apart(own[READ], "precharge", time, p.rtp)
            if own.get(WRITE, -1) > own[ACTIVATE]:
                apart(own[WRITE], "precharge", time, p.cwl + p.burst_clocks + p.wr)
        elif kind == REFRESH:
            assert not open_row
            for b in range(16):
                apart(banks[b].get(PRECHARGE), "refresh", time, p.rp)
        else:
            assert open_row[bank] == row
            apart(own[ACTIVATE], "column", time, p.rcd)
            for other in (READ, WRITE):
                if other == kind:
                    apart(latest.get(kind), "column", time, p.ccd_s)
                    apart(group.get(kind), "column", time, p.ccd_l)
            if kind == READ:
                apart(latest.get(WRITE), "read", time, p.cwl + p.burst_clocks + p.wtr_s)
                apart(group.get(WRITE), "read", time, p.cwl + p.burst_clocks + p.wtr_l)
            else:
                apart(latest.get(READ), "write", time, p.cl + p.burst_clocks + p.turn - p.cwl)
        own[kind] = group[kind] = latest[kind] = time


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1 << 30),
    beats=st.sampled_from([1, 2, 4, 16]),
    writes=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    near=st.sampled_from([1 << 12, 1 << 16, SIZE]),
    pause=st.sampled_from([0, 5, 300]),
    parameters=st.sampled_from([HbmParameters(), HbmParameters.dramsim3()]),
)
def test_no_command_comes_early(seed, beats, writes, near, pause, parameters):
    rng = np.random.default_rng(seed)
    count = 3000 // beats
    address = rng.integers(0, near // (64 * beats), count) * 64 * beats
    write = rng.random(count) < writes
    start = np.cumsum(rng.integers(0, pause + 1, count)) if pause else 0
    with HbmChannel(parameters, trace=True) as channel:
        _, times = channel.run(address, beats, write, start)
        trace = channel.commands()
    check_trace(trace, parameters)
    columns = {kind: int((trace["kind"] == kind).sum()) for kind in (READ, WRITE)}
    assert columns[READ] == 2 * beats * int((~write).sum())
    assert columns[WRITE] <= 2 * beats * int(write.sum())  # the last ones may still wait
    refreshes = trace["time"][trace["kind"] == REFRESH]
    assert len(refreshes) >= trace["time"][-1] // parameters.refi - 1
    assert (np.diff(refreshes) < parameters.refi + 200).all()
    assert (times["last"] >= times["first"]).all() and (times["first"] > times["taken"]).all()


def test_every_limit_is_reached_and_the_checker_knows_it():
    """With any parameter one clock longer the traces of close reads and writes are refused."""
    traces = []
    for near, mix in ((1 << 16, 2), (1 << 12, 3)):
        with HbmChannel(trace=True) as channel:
            address = np.random.default_rng(1).integers(0, near // 64, 3000) * 64
            channel.run(address, 1, np.arange(3000) % mix == 0)
            traces.append(channel.commands())
    names = "rc rp rcd ras rtp wr ccd_s ccd_l rrd_s rrd_l faw wtr_s wtr_l turn rfc"
    for name in names.split():
        longer = HbmParameters(**{name: getattr(HbmParameters(), name) + 1})
        with pytest.raises(AssertionError, match="early"):
            for trace in traces:
                check_trace(trace, longer)


def test_errors():
    for fields in ({"beat_bytes": 48}, {"cl": -1}, {"lookahead": 0}, {"faw": 1.5}, {"group_bit": 11}):
        with pytest.raises(InputError, match="hbm: "):
            HbmParameters(**fields)
    with HbmChannel() as channel, pytest.raises(SimulationError, match="not done"):
        channel.run(sequential(100, 16), 16, limit=50)
