"""The RTL behind the driver beside the golden device: everything that can be read afterwards, bit for bit."""

import dataclasses

import numpy as np
import pytest
from broken_ports import FAULTS, broken_ports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from synthetic import synthetic_model, with_draft

from golden.decoder import Decoder
from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from golden.units.result_entry import END as ENDED
from golden.units.result_entry import ResultEntry
from golden.units.sampling import Sampling
from myhdl_acc.driver import Accelerator, DeviceError, GoldenDevice, simulation_device
from myhdl_acc.driver.checked import CheckedAccelerator
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

    def run(self, prompt, count, ends=()):
        """One start of both; afterwards memories, tokens and logits must be the same. Returns the tokens."""
        tokens, expected = (list(accelerator.run(prompt, count, ends)) for accelerator in self.accelerators)
        rtl, golden = self.accelerators
        assert tokens == expected and rtl.position == golden.position
        self.check_memory()
        if tokens:
            assert np.array_equal(rtl.logits(), golden.logits())
            assert tokens[-1] == int(np.argmax(golden.logits()))
        return tokens

    def check_memory(self):
        """All of it, but for the cycles in the entries of results."""
        regions, beat = self.accelerators[0].regions, self.config.beat_bits // 8
        for lane in range(self.config.lanes):
            for name, region in regions.items():
                place = region.address * beat, region.beats * beat
                pair = [device.read_memory(lane, *place) for device in (self.simulated, self.golden)]
                if name == "results":
                    pair = [np.delete(found.reshape(-1, beat), range(8, 12), axis=1) for found in pair]
                assert np.array_equal(*pair), f"lane {lane}, {name}"

    def continue_to(self, position, token):
        """Token by token."""
        while self.accelerators[0].position < position:
            (token,) = self.run([token], 1)
        return token


BEGIN = Instruction("control", "pass", {"capacity": 64, "chunk_log2": 5})
NEXT = Instruction("control", "next")
END = Instruction("control", "end")
BEATS = 256  # of a lane in run_program
RESULTS = 4  # beat of the ring of results there


def run_program(device, config, program, pointers=(0, 1 << 28)):
    """Put instructions, or bytes, into an empty device and start them: with one token, and nothing to choose."""
    code = program if isinstance(program, bytes) else encode(program)
    device.allocate(BEATS * config.beat_bits // 8)
    for lane, pointer in enumerate(pointers):
        device.write_register(pointer_offset(lane), pointer)
    device.write_memory(0, 256, code)
    values = {
        "program": 256 * 8 // config.beat_bits, "instructions": len(code) // 32, "watchdog": 2000, "prompt": 0,
        "prompt_tokens": 1, "choices": 0, "position": 0, "slot": 0, "results": RESULTS, "results_mask": 7, "tag": 9,
        "end_tokens": 0, "stop": 0, "ctrl": 1,
    }  # fmt: skip
    for name, value in values.items():
        device.write_register(OFFSETS[name], value)


def finish(device, config):
    """The entry that a run of run_program has left in the end."""
    for _ in range(3):
        if device.advance():
            place = RESULTS * config.beat_bits // 8
            return ResultEntry.read(device.read_memory(0, place, 16).view("<u4"))
    raise AssertionError("the run does not end")


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
        device.advance()
    for _ in range(2):
        run_program(device, config, [BEGIN, NEXT, END])
        entry = finish(device, config)
        assert (entry.index, entry.token, entry.tag, entry.kind, entry.code) == (0, 1, 9, ENDED, STATUS["ok"])
        assert 20 < entry.cycles <= device.read_register(OFFSETS["cycles"]) < 300
        assert device.read_register(OFFSETS["ctrl"]) == 4
        assert device.read_register(OFFSETS["status"]) == STATUS["ok"]


def test_seconds_are_the_ports_cycles(device):
    before, cycle = device.now(), device.cycle
    device.run(4500)
    assert (
        device.now() - before == pytest.approx(4500 / (1000 * HbmParameters().port_khz))
        and device.cycle - cycle == 4500
    )


@pytest.mark.parametrize("memory", MEMORIES)
def test_a_model_token_by_token(config, model, memory):
    """A prompt with two rows, then token by token past the first eviction; the counters agree with the events."""
    with SimulationDevice(config, memory, record="all") as device:
        pair = Pair(device, model, RULE, config)
        (token,) = pair.run([3, 1, 4, 1, 5], 1)
        cycles = pair.accelerators[0].counters()["cycles"]
        pair.continue_to(15, token)
        counters = pair.accelerators[0].counters()
        table = device.events
        device.record("units")
        dropped = device.events
        pair.run([1], 1)
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
            pair.run(pair.run([5, 6, 7], 1), 8)


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
        tokens = pair.run(prompt, rule.capacity + 3 - len(prompt))
    decoder = Decoder(model, sinks=rule.sinks, window=rule.window)
    assert tokens == list(decoder.generate(prompt, rule.capacity + 3 - len(prompt)))


@pytest.mark.slow  # a simulator of its own; the units' tests have one lane as well
def test_one_lane(config, model):
    """Head after head, in one column a row."""
    config = dataclasses.replace(config, lanes=1, vector_depth=1024)
    with SimulationDevice(config) as device:
        pair = Pair(device, model, RULE, config)
        pair.run(pair.run([3, 1, 4, 1, 5], 1), 10)


def test_an_illegal_instruction(device, config):
    run_program(device, config, b"\xff" * 32)
    entry = finish(device, config)
    assert (entry.kind, entry.code) == (ENDED, STATUS["illegal"])
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["illegal"]
    assert device.read_register(OFFSETS["instruction"]) == 0


@pytest.mark.parametrize(
    ("address", "pointers"), [(BEATS - 1, (0, 1 << 28)), (0, (0, 0))], ids=["beyond its end", "of another lane"]
)
def test_an_address_outside_memory(device, config, address, pointers):
    """A read that leaves a lane's memory ends the program with a status."""
    read = Instruction("engine", "meta", {"base": address, "beats": 2, "params": 2, "middle": 8})
    run_program(device, config, [BEGIN, read, NEXT, END], pointers)
    assert finish(device, config).code == STATUS["read_error"]
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["read_error"]


def test_a_program_without_end(device, config):
    run_program(device, config, [BEGIN, NEXT])
    assert finish(device, config).code == STATUS["no_end"]
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["no_end"]


def test_the_watchdog(device, config):
    """The vector unit waits for results that nobody gives; after a reset through the register the next program runs."""
    wait = Instruction("vector", "embed", {"count": 3, "first": 1})
    run_program(device, config, [BEGIN, wait, NEXT, END])
    assert finish(device, config).code == STATUS["timeout"]
    assert device.read_register(OFFSETS["status"]) & 0xFF == STATUS["timeout"]
    assert device.read_register(OFFSETS["cycles"]) > 2000
    device.write_register(OFFSETS["reset"], 1)
    device.run(100)
    assert device.read_register(OFFSETS["reset"]) == 0
    run_program(device, config, [BEGIN, NEXT, END])
    assert finish(device, config).code == device.read_register(OFFSETS["status"]) == STATUS["ok"]


@pytest.mark.parametrize(("memory", "hard"), [("ideal", False), ("hbm2", True)])
def test_a_reset_in_the_middle_of_a_run(config, model, memory, hard):
    """While the program is fetched, while weights are read, while caches are written: the next token is right."""
    with SimulationDevice(config, memory) as device:
        pair = Pair(device, model, RULE, config)
        rtl = pair.accelerators[0]
        pair.run([3, 1, 4], 2)
        cycles, middle = rtl.counters()["cycles"], 0
        for cycle in [1, 2, 8, 20, 37, 50, 90, *np.linspace(150, cycles + 100, 9).astype(int).tolist()]:
            rtl.start([9], 3)
            middle += not device.run(cycle)
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
            pair.run([7, cycle % 37], 2)
    assert middle > 10


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


def alone(model, prompt, count, **parameters):
    """What the decoder says."""
    return list(Decoder(model, sinks=RULE.sinks, window=RULE.window).generate(prompt, count, **parameters))


def test_one_start_many_tokens(device, model, config):
    """A prompt of many passes, tokens past the first eviction; then another start goes on."""
    pair, expected = Pair(device, model, RULE, config), alone(model, [3, 1, 4, 1, 5, 9, 2], 30)
    assert pair.run([3, 1, 4, 1, 5, 9, 2], 20) == expected[:20]
    assert pair.run(expected[19:20], 10) == expected[20:]
    assert not device.run(100) and device.read_register(OFFSETS["ip_isr"]) == 0


def test_end_tokens(device, model, config):
    pair, tokens = Pair(device, model, RULE, config), alone(model, [3, 1, 4], 20)
    at = max(n for n in range(1, 12) if tokens[n] not in tokens[:n])
    unused = next(token for token in range(37) if token not in tokens)
    assert pair.run([3, 1, 4], 20, (unused, tokens[at])) == tokens[: at + 1]


def test_tokens_come_while_the_run_goes_on(device, model, config):
    """Their cycles rise; a run that is stopped ends soon, and the next one goes on where it was."""
    accelerator, expected = Accelerator(device, config), alone(model, [3, 1, 4], 60)
    accelerator.load(model, RULE)
    tokens = accelerator.generate([3, 1, 4], 60)
    found, cycles = [], []
    for _ in range(5):
        found.append(next(tokens))
        cycles.append(accelerator.cycles)
    assert found == expected[:5] and cycles == sorted(set(cycles))
    tokens.close()
    fed = accelerator.position - 3
    assert 4 <= fed < 8 and accelerator.status()[0] == "ok"
    assert list(accelerator.generate(expected[fed : fed + 1], 4)) == expected[fed + 1 : fed + 5]


def test_a_stop_at_any_time(device, model, config):
    """In the middle of the prompt or behind it: all that was taken counts, and the text goes on from there."""
    prompt = [3, 1, 4, 1, 5, 9, 2, 6]
    text = prompt + alone(model, prompt, 20)
    accelerator, positions = Accelerator(device, config), set()
    accelerator.load(model, RULE)
    list(accelerator.run(prompt, 4))
    for cycle in np.linspace(1, accelerator.counters()["cycles"] + 300, 20).astype(int).tolist():
        accelerator.reset()
        accelerator.start(prompt, 4)
        device.run(cycle)
        accelerator.stop()
        tokens, position = list(accelerator.tokens()), accelerator.position
        assert tokens == text[8:][: max(0, position - 7)] and accelerator.status()[0] == "ok"
        left = text[position : max(9, position + 1)]
        assert list(accelerator.generate(left, 3)) == text[position + len(left) :][:3]
        positions.add(position)
    assert positions == {2, 4, 6, 8, 9, 10, 11}


def test_more_than_a_start_takes(device, model, config):
    short = dataclasses.replace(config, run_tokens=16)
    accelerator, prompt = Accelerator(device, short), [(7 * n) % 37 for n in range(20)]
    accelerator.load(model, RULE)
    assert list(accelerator.generate(prompt, 20)) == alone(model, prompt, 20)
    with pytest.raises(InputError, match="no such logits"):
        accelerator.logits(-2)


def test_logits_of_many_choices(device, model, config):
    accelerator, decoder = Accelerator(device, config, kept=4), Decoder(model, sinks=2, window=10)
    accelerator.load(model, RULE)
    tokens = list(accelerator.generate([3, 1, 4], 4))
    for number, fed in enumerate(([3, 1, 4], *([token] for token in tokens[:3])), -4):
        assert np.array_equal(accelerator.logits(number), decoder.feed(fed)[-1])


@pytest.mark.parametrize(
    ("temperature", "source", "cost"),
    [(0, "lookup", 0), (2048, "lookup", 0), (1 << 15, "heads", 150), (1 << 14, "auto", 100)],
)
def test_drafts(device, config, temperature, source, cost, monkeypatch):
    """Some are right and some wrong, past the eviction, and the head rests in the end, or for a while: every byte
    of the cache is golden's, every token the decoder's; a second start goes on."""
    monkeypatch.setattr("myhdl_acc.driver.accelerator.draft_cost", lambda *_: cost)
    model = with_draft(synthetic_model("mixed", tied=False, **(SIZES | {"vocab": 9})), kind="w2", vocab=7)
    accelerator = CheckedAccelerator(device, config, model, RULE, drafts=1, source=source)
    sampling = Sampling(temperature, 5)
    tokens = list(accelerator.generate([1, 2, 3, 1, 2], 40, sampling=sampling))
    tokens += accelerator.generate(tokens[-1:], 16, sampling=sampling)
    first, second = accelerator.chosen_by_row
    assert first + second == len(tokens) and second > 4 and accelerator.figures()["passes"] < len(tokens)
    assert (accelerator.chosen_of_head[1] > 0) == (source != "lookup")


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
