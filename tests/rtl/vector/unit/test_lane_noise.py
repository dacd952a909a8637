"""Values with noise against golden: rows in turn, as close as a cipher lets them come."""

import numpy as np
import pytest
from myhdl import Signal, intbv
from unit_bench import edge_values, follow

from golden.numerics import saturate
from golden.units.gumbel import gumbel
from golden.units.sampling import TEMPERATURE_FRACTION
from golden.units.simon import encrypt, round_keys
from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, Record, signed
from myhdl_acc.hdl.stream import Stream
from myhdl_acc.hdl.wiring import constant
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith import simon_keys as keys_unit
from myhdl_acc.rtl.vector.arith.simon_keys import simon_keys
from myhdl_acc.rtl.vector.arith.simon_rounds import STEPS
from myhdl_acc.rtl.vector.unit import records
from myhdl_acc.rtl.vector.unit.lane_noise import LATENCY, WARM, lane_noise
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset
from myhdl_acc.simulate.scoreboard import check_words

TINY = AcceleratorConfig.preset("tiny")
PLACE, COUNT = 1, 40


@entity
def lane_noise_bench(clk, rst, sink, source, config):
    """A word of ``sink``: what a column has for every row, the row whose turn it is, its token's index, key and
    temperature, which the unit gets when the noise is known.
    """
    place, drawn = Signal(intbv(0)[6:]), records.draw(config)
    constant(q=place, number=PLACE)
    load = sink.fire()
    simon_keys(load=load, key=sink.key, keys=drawn.keys)
    Record(begin=load, **sink.only("row", "index").members()).delay(keys_unit.LATENCY) >> drawn.only(
        "begin", "row", "index"
    )
    Record(temperature=sink.temperature).delay(keys_unit.LATENCY + WARM) >> drawn.only("temperature")
    lane_noise(
        commit=load,
        values=Array("row", [getattr(sink, f"value{row}") for row in range(config.rows)]),
        place=place,
        draw=drawn.only("begin", "row", "index", "keys", "temperature"),
        score=source.score,
        config=config,
    )
    follow(sink=sink, source=source, latency=keys_unit.LATENCY + LATENCY)


@pytest.mark.parametrize("backend", BACKENDS)
def test_rows_in_turn(backend):
    rng, rows = np.random.default_rng(0), TINY.rows
    values = edge_values(32, rng, COUNT * rows).reshape(rows, COUNT)
    row, index = np.arange(COUNT) % rows, rng.integers(0, 1 << 20, COUNT)
    key, temperature = rng.integers(0, 1 << 64, COUNT, np.uint64), rng.integers(0, 1 << 16, COUNT)
    words = {"row": row, "index": index, "key": key.view(np.uint8).reshape(-1, 8), "temperature": temperature}
    words |= {f"value{r}": values[r] for r in range(rows)}
    widths = {name: len(records.draw(TINY).members()[name]) for name in ("row", "index", "temperature")}
    sink = Stream(key=64, **widths, **{f"value{r}": signed(32) for r in range(rows)})
    design = Design(lane_noise_bench, clk=clock(), rst=reset(), sink=sink, source=Stream(score=signed(32)), config=TINY)
    with open_simulation(design, backend) as simulation:
        gaps = {"sink": np.full(COUNT, STEPS - 1)}
        run = simulation.run({"sink": words}, {"source": COUNT}, gaps=gaps, record=True)
    random = encrypt(index * TINY.lanes + PLACE, round_keys(key))
    noise = temperature * gumbel(random) >> TEMPERATURE_FRACTION
    check_words(run.outputs["source"], {"score": saturate(values[row, np.arange(COUNT)] + noise)})
    assert (run.transfers["source"] - run.transfers["sink"] == keys_unit.LATENCY + LATENCY).all()
