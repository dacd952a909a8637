"""docs/data/one_token.json: the token of docs/accelerator.md, line by line, from the events of its run."""

from itertools import pairwise

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.cli.compressed import compressed
from myhdl_acc.driver.checked import CheckedAccelerator
from myhdl_acc.driver.simulation_device import SimulationDevice
from myhdl_acc.rtl.config import AcceleratorConfig
from scripts.docs import data

MODEL, WEIGHTS, PROMPT, TOKENS, WINDOW, LAYER = "glassllm", "w2", "Alice thought", 40, 28, 2

#: The vector unit's instructions in each line of the page's table; one that follows itself is there once.
LINES = (
    ("norm", "quantise"),
    ("values",),
    ("requantise", "rope_key", "quantise_kv"),
    ("requantise", "range", "quantise_kv"),
    ("requantise", "rope", "quantise_query", "rope", "quantise_query"),
    ("values",),
    ("select", "scores", "select", "scores"),
    ("softmax",),
    ("mix",),
    ("gather",),
    ("add",),
    ("norm", "quantise"),
    ("requantise",),
    ("silu",),
    ("quantise",),
    ("add",),
)


def figure(name, line=None):
    """A figure of the kept measurement: ``cycles``, ``vector_busy``, ``beats``, or ``lines`` with a line's number."""
    value = data.read("one_token")[name]
    return f"{value if line is None else value[int(line)]:,}"


def record():
    """The events of the last token that ``demo --model glassllm`` decodes."""
    config = AcceleratorConfig.preset("demo")
    model = compressed(MODEL, WEIGHTS)
    with SimulationDevice(config, "hbm2") as device:
        accelerator = CheckedAccelerator(device, config, model, LambdaRule(sinks=4, window=WINDOW))
        for number, _ in enumerate(accelerator.generate(model.tokenizer.prompt(PROMPT), TOKENS), 1):
            if number == TOKENS:
                table = device.events
            device.record("units")
        return table


def measure(table):
    """The figures of the page: cycles of the token, of the vector unit's states, beats of a lane, and of every line.

    Raises InputError if the layer's instructions are not LINES.
    """
    steps = []
    for event in table.filter(unit="vector"):
        if event.state != "idle" and (not steps or steps[-1][0] != event.state):
            steps.append((event.state, event.cycle_start))
    norms = [number for number, (op, _) in enumerate(steps) if op == "norm"]
    layer = steps[norms[2 * LAYER] : norms[2 * LAYER + 2] + 1]
    ops = tuple(op for op, _ in layer[:-1])
    if ops != sum(LINES, ()):
        raise InputError(f"docs: the table of docs/accelerator.md and LINES need these instructions: {' '.join(ops)}")
    starts, first = [], 0
    for line in LINES:
        starts.append(layer[first][1])
        first += len(line)
    starts.append(layer[-1][1])
    beats = sum(e.cycle_end - e.cycle_start for e in table.filter(unit="lane") if e.lane == 0 and e.state == "beat")
    busy = sum(e.cycle_end - e.cycle_start for e in table.filter(unit="vector") if e.state != "idle")
    return {
        "cycles": table.span[1] - table.span[0],
        "vector_busy": busy,
        "beats": beats,
        "lines": [end - start for start, end in pairwise(starts)],
    }
