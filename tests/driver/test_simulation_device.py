"""The RTL behind the driver beside the golden device: everything that can be read afterwards, bit for bit."""

import dataclasses

import numpy as np
import pytest
from broken_ports import FAULTS, broken_ports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic import synthetic_model

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, DeviceError, GoldenDevice, simulation_device
from myhdl_acc.driver.simulation_device import MEMORIES, SimulationDevice
from myhdl_acc.rtl.control.instruction import Instruction, encode
from myhdl_acc.rtl.control.register_map import OFFSETS, STATUS, pointer_offset, registers
from myhdl_acc.simulate import SimulationError
from myhdl_acc.simulate.hbm import HbmParameters
from myhdl_acc.trace.occupancy import occupancy

SIZES = {"vocab": 37, "dim": 64, "layers": 2, "heads": 4, "kv_heads": 2, "head_dim": 32, "ffn": 96, "context": 64}
RULE = LambdaRule(2, 10)


@pytest.fixture(scope="module")
def model():
    return synthetic_model("mixed", tied=False, **SIZES)


@pytest.fixture
def device(config):
    with SimulationDevice(config) as device:
        yield device


class Pair:
    """The same model on the RTL and on the golden machine."""

    def __init__(self, simulated, model, rule, config):
        self.golden = GoldenDevice(config)
        self.simulated = simulated
        self.accelerators = [Accelerator(device, config) for device in (self.simulated, self.golden)]
        for accelerator in self.accelerators:
            accelerator.load(model, rule)
        self.config = config

    def feed(self, tokens):
        """Feed both pass by pass; after each, memories, tokens and logits must be the same. Returns the token."""
        tokens = list(tokens)
        rtl, golden = self.accelerators
        while tokens:
            counts = [accelerator.write_tokens(tokens) for accelerator in self.accelerators]
            assert counts[0] == counts[1]
            for accelerator in self.accelerators:
                accelerator.start()
                accelerator.wait()
            self.check_memory()
            tokens = tokens[counts[0] :]
        assert np.array_equal(rtl.logits(), golden.logits())
        assert rtl.read_token() == golden.read_token() == int(np.argmax(golden.logits()))
        return rtl.read_token()

    def check_memory(self):
        memory_map = self.accelerators[0]._compiler.map
        size = memory_map.beats * self.config.beat_bits // 8
        for lane in range(self.config.lanes):
            found, expected = (device.read_memory(lane, 0, size) for device in (self.simulated, self.golden))
            wrong = np.flatnonzero(found != expected)
            if len(wrong):
                beat = int(wrong[0]) * 8 // self.config.beat_bits
                name = next(name for name, region in memory_map.regions.items() if beat < region.end)
                raise AssertionError(f"lane {lane}: {len(wrong)} bytes differ, the first in beat {beat}, {name}")

    def continue_to(self, position, token):
        while self.accelerators[0].position < position:
            token = self.feed([token])
        return token


END = Instruction("control", "end")
BEATS = 256  # of a lane in run_program


def run_program(device, config, program, pointers=(0, 1 << 28)):
    """Put instructions, or bytes, into an empty device and start them."""
    code = program if isinstance(program, bytes) else encode(program)
    device.allocate(BEATS * config.beat_bits // 8)
    for lane, pointer in enumerate(pointers):
        device.write_register(pointer_offset(lane), pointer)
    device.write_memory(0, 256, code)
    device.write_register(OFFSETS["program"], 256 * 8 // config.beat_bits)
    device.write_register(OFFSETS["instructions"], len(code) // 32)
    device.write_register(OFFSETS["watchdog"], 2000)
    device.write_register(OFFSETS["ctrl"], 1)


def test_registers_after_reset(device, config):
    idle = {"ctrl": 4, "gier": 1, "ip_ier": 1}
    for register in registers(config):
        assert device.read_register(register.offset) == idle.get(register.name, 0), register.name
    assert not device.run(100)
    device.write_register(OFFSETS["watchdog"], 0x89ABCDEF)
    assert device.read_register(OFFSETS["watchdog"]) == 0x89ABCDEF
    device.reset()
    assert device.read_register(OFFSETS["watchdog"]) == 0


def test_an_empty_program(device, config):
    with pytest.raises(DeviceError, match="nothing was started"):
        device.wait(1)
    for _ in range(2):
        run_program(device, config, [END])
        assert device.run(1000)
        device.wait(1e-6)
        assert device.read_register(OFFSETS["ctrl"]) == 4
        assert device.read_register(OFFSETS["status"]) == STATUS["ok"]
        assert device.read_register(OFFSETS["instruction"]) == 1
        assert 20 < device.read_register(OFFSETS["cycles"]) < 100


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_model_token_by_token(config, model, memory):
    """A prompt with two rows, then token by token past the first eviction; the counters agree with the events."""
    with SimulationDevice(config, memory, record="all") as device:
        pair = Pair(device, model, RULE, config)
        token = pair.feed([3, 1, 4, 1, 5])
        cycles = pair.accelerators[0].counters()["cycles"]
        pair.continue_to(15, token)
        counters = pair.accelerators[0].counters()
        table = device.events
        device.record("units")
        dropped = device.events
        pair.feed([1])
        again, of_one = device.events, pair.accelerators[0].counters()["cycles"]
    assert len(dropped) == 0 and again.span == (0, of_one)
    first = table.span[1] - counters["cycles"]
    latest = occupancy(table, first)
    for lane in range(config.lanes):
        states = {state: count for state, count in latest.counts["lane", lane, -1].items() if count}
        assert states == {
            name.removeprefix("cycles_"): values[lane]
            for name, values in counters.items()
            if name.startswith("cycles_") and values[lane]
        }
        beats = latest.counts["sink_r", lane, -1]["transfer"]
        assert beats >= counters["beats_read"][lane] == states["beat"]
    assert latest.counts["vector", -1, -1]["idle"] < latest.cycles
    assert cycles > 0


def test_all_formats(config):
    """Every weight format, and more heads than lanes."""
    sizes = SIZES | {"heads": 6, "kv_heads": 3, "layers": 1}
    with SimulationDevice(config, "hbm2") as device:
        for kind in ("w2", "w4", "w8"):
            pair = Pair(device, synthetic_model(kind, tied=True, **sizes), LambdaRule(1, 6), config)
            pair.continue_to(10, pair.feed([5, 6, 7]))


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_only_some_families_have(config, data):
    """Biases, norms of heads, layers without RoPE, each and together: a prompt, then tokens past the eviction."""
    draw = data.draw
    kv_heads, group = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    biased, head_norms = draw(st.sampled_from([(True, True), (True, False), (False, True), (False, False)]))
    unrotated = draw(st.sampled_from([(), (0,), (1,)] if biased or head_norms else [(0,), (0, 1)]))
    sizes = SIZES | {"heads": kv_heads * group, "kv_heads": kv_heads, "tied": draw(st.booleans())}
    variant = {"biased": biased, "head_norms": head_norms, "unrotated": unrotated}
    model = synthetic_model("mixed", draw(st.integers(0, 1000)), **sizes, **variant)
    rule = LambdaRule(draw(st.integers(0, 3)), draw(st.integers(5, 9)))
    prompt = [draw(st.integers(0, 36)) for _ in range(draw(st.integers(1, 5)))]
    with SimulationDevice(config) as device:
        pair = Pair(device, model, rule, config)
        token = pair.continue_to(rule.capacity + 2, pair.feed(prompt))
    decoder = Decoder(model, sinks=rule.sinks, window=rule.window)
    assert token == list(decoder.generate(prompt, rule.capacity + 3 - len(prompt)))[-1]


def test_one_lane(config, model):
    """Head after head, in one column a row."""
    config = dataclasses.replace(config, lanes=1, vector_depth=1024)
    with SimulationDevice(config) as device:
        pair = Pair(device, model, RULE, config)
        pair.continue_to(15, pair.feed([3, 1, 4, 1, 5]))


def test_an_illegal_instruction(device, config):
    run_program(device, config, b"\xff" * 32)
    device.wait(1e-3)
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["illegal"]
    assert device.read_register(OFFSETS["instruction"]) == 0


@pytest.mark.parametrize(
    ("address", "pointers"), [(BEATS - 1, (0, 1 << 28)), (0, (0, 0))], ids=["beyond its end", "of another lane"]
)
def test_an_address_outside_memory(device, config, address, pointers):
    """A read that leaves a lane's memory ends the program with a status."""
    run_program(device, config, [Instruction("read", "stream", {"address": address, "beats": 2}), END], pointers)
    device.wait(1e-3)
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["read_error"]


def test_a_program_without_end(device, config):
    run_program(device, config, [Instruction("vector", "embed")])
    device.wait(1e-3)
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["no_end"]


def test_the_watchdog(device, config):
    """The engine waits for beats that nobody reads; after a reset through the register the next program runs."""
    run_program(device, config, [Instruction("engine", "meta", {"middle": 3, "params": 2}), END])
    with pytest.raises(DeviceError, match="did not end within"):
        device.wait(1e-6)
    device.wait(1e-3)
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["timeout"]
    assert device.read_register(OFFSETS["cycles"]) > 2000
    device.write_register(OFFSETS["reset"], 1)
    device.run(100)
    assert device.read_register(OFFSETS["reset"]) == 0
    run_program(device, config, [END])
    device.wait(1e-3)
    assert device.read_register(OFFSETS["status"]) == STATUS["ok"]


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("hard", [False, True])
def test_a_reset_in_the_middle_of_a_token(config, model, memory, hard):
    """While the program is fetched, while weights are read, while caches are written: the next token is right."""
    with SimulationDevice(config, memory) as device:
        pair = Pair(device, model, RULE, config)
        rtl = pair.accelerators[0]
        pair.feed([3, 1, 4])
        cycles = rtl.counters()["cycles"]
        for cycle in [1, 2, 8, 20, 37, 50, 90, *np.linspace(150, cycles + 100, 25).astype(int).tolist()]:
            rtl.write_tokens([9])
            rtl.start()
            device.run(cycle)
            if hard:
                device.reset()
            else:
                device.write_register(OFFSETS["reset"], 1)
                polls = 0
                while device.read_register(OFFSETS["reset"]):
                    polls += 1
                assert polls < 100
            for accelerator in pair.accelerators:
                accelerator.load(model, RULE)
            pair.feed([7, cycle % 37])


def test_what_devices_refuse(config):
    with pytest.raises(InputError, match="no memory 'ddr'"):
        SimulationDevice(config, "ddr")
    with pytest.raises(InputError, match="called 'ports'; there are nothing, units, all"):
        SimulationDevice(config, record="ports")
    with SimulationDevice(config) as device, pytest.raises(InputError, match="256 MiB"):
        device.allocate((1 << 28) + 1)


def test_a_closed_device_says_so(config):
    device = SimulationDevice(config)
    device.close()
    device.close()
    for use in (lambda: device.cycle, lambda: device.events, device.reset, lambda: device.read_register(0)):
        with pytest.raises(DeviceError, match="the simulation was closed"):
            use()


def test_hbm_is_slower_than_ideal_memory(config, model):
    """The memory's parameters reach the model."""
    cycles = []
    for memory in (HbmParameters(ideal=1, ideal_latency=5, beat_bytes=16), "hbm2"):
        with SimulationDevice(config, memory) as device:
            accelerator = Accelerator(device, config)
            accelerator.load(model, RULE)
            accelerator.feed([1])
            cycles.append(accelerator.counters()["cycles"])
    assert cycles[0] < cycles[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_port_that_breaks_a_rule_is_named(config, monkeypatch, fault):
    monkeypatch.setattr(simulation_device, "accelerator", broken_ports)
    with SimulationDevice(config) as device, pytest.raises(SimulationError, match=FAULTS[fault]):
        device.write_register(OFFSETS["ctrl"], fault)
        device.run(100)


def test_draws_the_tokens_that_golden_draws(device, model, config):
    """A prompt of two passes, tokens past the first eviction; the same again after a reset, others with other seeds."""
    sampling, prompt = Sampling.of(15, seed=0x0123456789ABCDEF), [3, 1, 4]
    expected = list(Decoder(model, sinks=2, window=10).generate(prompt, 12, sampling=sampling))
    for one in (device, GoldenDevice(config)):
        accelerator = Accelerator(one, config)
        accelerator.load(model, RULE)
        assert list(accelerator.generate(prompt, 12, sampling=sampling)) == expected
        accelerator.reset()
        assert list(accelerator.generate([*prompt, *expected[:4]], 3, sampling=sampling)) == expected[4:7]
        accelerator.reset()
        other = list(Decoder(model, sinks=2, window=10).generate(prompt, 3, sampling=Sampling.of(15, seed=2)))
        assert list(accelerator.generate(prompt, 3, sampling=Sampling.of(15, seed=2))) == other != expected[:3]
        accelerator.reset()
        greedy = list(Decoder(model, sinks=2, window=10).generate(prompt, 3))
        assert list(accelerator.generate(prompt, 3)) == greedy
