"""The shift registers: every word comes out as it went in, so many cycles later."""

import numpy as np
import pytest
from engine_benches import delay_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from myhdl_acc.hdl.stream import Stream, signed
from myhdl_acc.hdl.stream.stream import unsigned
from myhdl_acc.simulate import Design, clock, open_simulation, reset


def check(backend, field, stages, cleared, seed):
    rng = np.random.default_rng(seed)
    least = field.min or 0
    data = rng.integers(least, least + (1 << len(field)), 30)
    design = Design(
        delay_bench,
        clk=clock(),
        rst=reset(),
        sink=Stream(data=field),
        source=Stream(late=field),
        stages=stages,
        cleared=cleared,
    )
    gaps = {"sink": rng.integers(0, 3, len(data))}
    with open_simulation(design, backend) as simulation:
        run = simulation.run({"sink": {"data": data}}, {"source": len(data)}, gaps=gaps, record=True)
    assert run.outputs["source"]["late"].tolist() == data.tolist()
    assert (run.transfers["source"] - run.transfers["sink"] == stages).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.booleans(), st.integers(1, 9), st.booleans(), st.integers(0, 1 << 32))
def test_delays_by_its_stages(width, negative, stages, cleared, seed):
    check("myhdl", signed(width) if negative else unsigned(width), stages, cleared, seed)


@pytest.mark.parametrize("backend", ["icarus", "ghdl"])
def test_delays_by_its_stages_in_hardware(backend):
    for cleared in (False, True):
        for field in (unsigned(5), signed(5)):
            check(backend, field, 3, cleared, seed=1)
