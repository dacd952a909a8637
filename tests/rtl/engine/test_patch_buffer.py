"""A patch buffer: full after its words, complete LATENCY cycles later, free again at once."""

import numpy as np
import pytest
from engine_benches import patch_buffer_bench
from new_tokens import token_words

from myhdl_acc.hdl.stream import Stream
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.engine.patch_buffer import LATENCY
from myhdl_acc.simulate import BACKENDS, Design, clock, open_simulation, reset

CONFIG = AcceleratorConfig.preset("tiny")
ROWS, ATOMS = CONFIG.rows, CONFIG.atoms
TOKENS = 4


@pytest.mark.parametrize("backend", BACKENDS)
def test_tokens_are_collected_and_held(backend):
    rng = np.random.default_rng(1)
    words, wanted = [], []
    for _ in range(TOKENS):
        nibbles = rng.integers(-8, 8, (ROWS, 16 * ATOMS)).astype(np.int8)
        parameters = rng.integers(0, 1 << 32, ROWS, np.uint32)
        words += list(token_words(nibbles, parameters, CONFIG))
        low = (nibbles & 15).astype(np.uint8).reshape(-1, 2)
        wanted.append((low[:, 0] | low[:, 1] << 4, parameters.view(np.uint8)))
    design = Design(
        patch_buffer_bench, clk=clock(), rst=reset(), config=CONFIG, sink=Stream(data=CONFIG.load_bits),
        source=Stream(nibbles=ROWS * CONFIG.beat_bits, parameters=ROWS * 32),
    )  # fmt: skip
    data = np.array(words, np.uint8).reshape(len(words), CONFIG.load_bits // 8)
    with open_simulation(design, backend) as simulation:
        run = simulation.run(
            {"sink": {"data": data}}, {"source": TOKENS}, gaps={"source": [0, 5, 0, 9]}, record=True
        )  # fmt: skip
    out = run.outputs["source"]
    for number, (nibbles, parameters) in enumerate(wanted):
        assert (out["nibbles"][number] == nibbles).all()
        assert bytes(np.atleast_1d(out["parameters"][number]).astype(out["parameters"].dtype).tobytes())[
            : 4 * ROWS
        ] == bytes(parameters)
    last = run.transfers["sink"].reshape(TOKENS, ATOMS + 1)
    assert (np.diff(last, axis=1) == 1).all()  # a word per cycle
    assert run.transfers["source"][0] - last[0, -1] == LATENCY
    # The buffer is free in the cycle after its token is, the bench shows it from then on.
    assert (last[1:, 0] == run.transfers["source"][:-1] + 1).all()
