"""The parameter memory: two banks, words by index or by index and tap, two cycles after the read."""

import numpy as np
import pytest
from engine_benches import parameter_memory_bench

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

CONFIG = AcceleratorConfig.preset("tiny")
WORDS = 2 * CONFIG.atoms  #: in a beat
INDICES = WORDS * CONFIG.parameter_beats


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_word_two_cycles_after_its_read(backend):
    rng = np.random.default_rng(1)
    content = rng.integers(0, 1 << 32, (2, INDICES), np.uint32)
    write = {
        "bank": np.repeat([0, 1], CONFIG.parameter_beats), "number": [*range(CONFIG.parameter_beats)] * 2,
        "data": content.reshape(2 * CONFIG.parameter_beats, WORDS).view(np.uint8),
    }  # fmt: skip
    count = 200
    bank, split, tap = (rng.integers(0, 2, count) for _ in range(3))
    index = rng.integers(0, np.where(split, min(INDICES // 2, CONFIG.acc_depth), min(INDICES, CONFIG.acc_depth)))
    wanted = content[bank, np.where(split, 2 * index + tap, index)]
    design = Design(
        parameter_memory_bench, clk=clock(), rst=reset(), config=CONFIG, source=Stream(word=32),
        sink_write=Stream(bank=1, number=16, data=CONFIG.beat_bits),
        sink=Stream(bank=1, split=1, address=(CONFIG.acc_depth - 1).bit_length(), tap=1),
    )  # fmt: skip
    with open_simulation(design, backend) as simulation:
        simulation.run({"sink_write": write})
        reads = {"bank": bank, "split": split, "address": index, "tap": tap}
        run = simulation.run({"sink": reads}, {"source": count}, record=True)
    assert run.outputs["source"]["word"].tolist() == wanted.tolist()
    assert (run.transfers["source"] - run.transfers["sink"] == 2).all()
    assert (np.diff(run.transfers["sink"]) == 1).all()  # a read per cycle
