"""From the registers to the units' queues: programs that run, programs that fail, and clean starts after them."""

import dataclasses

import numpy as np
import pytest
from control_benches import controller_design, controller_ports
from host import (
    CTRL_DONE,
    CTRL_IDLE,
    CTRL_READY,
    CTRL_RESTART,
    CTRL_START,
    IDLE_LEVELS,
    UNITS,
    Host,
    words_of,
)

from golden.machine.request import Request
from golden.machine.walk import Walk
from golden.units.resolve import WHEN
from golden.units.result_entry import END as ENDED
from golden.units.result_entry import ResultEntry
from myhdl_acc.hdl.convert import convert
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.control.controller import QUEUE_DEPTHS, controller
from myhdl_acc.rtl.control.dispatch import PATIENCE
from myhdl_acc.rtl.control.fetch import CHUNK
from myhdl_acc.rtl.control.instruction import encode, field_mask, instruction
from myhdl_acc.rtl.control.isa import EMBEDDING, FIELDS, OPS, RESIDENT
from myhdl_acc.rtl.control.isa import UNITS as ALL_UNITS
from myhdl_acc.rtl.control.register_map import STATUS
from myhdl_acc.simulate import Design, clock, reset
from myhdl_acc.simulate.backpressure import gap_array
from myhdl_acc.simulate.lint import lint_verilog, lint_vhdl

TINY = AcceleratorConfig.preset("tiny")
#: Beats of half an instruction, of one, and of two.
CONFIGS = {bits: dataclasses.replace(TINY, beat_bits=bits) for bits in (128, 256, 512)}
CONTROL, ENGINE, LOAD, VECTOR = range(len(ALL_UNITS))
END = instruction("control", "end").word()
#: What makes a request of one token of the instructions between.
PASS = instruction("control", "pass", capacity=1 << 20, chunk_log2=5, taps=1)
NEXT = instruction("control", "next", target=0)
#: Those of the vector unit that the resolver changes, whatever their fields are.
RESOLVED = ("embed", "angle", "logits")
AFTER_RUN = CTRL_DONE | CTRL_IDLE | CTRL_READY


def executed_mask(unit):
    """The bits of a resident instruction that a unit may execute as they are."""
    mask = field_mask(unit)
    for name in [*RESIDENT, *(EMBEDDING if unit == "engine" else ())]:
        first, width = FIELDS[unit][name]
        mask &= ~(((1 << width) - 1) << first)
    return mask


def random_program(rng, length):
    """Random legal words for units that they execute as they are, in every pass."""
    words = []
    for _ in range(length):
        unit = ALL_UNITS[rng.integers(1, len(ALL_UNITS))]
        ops = [number for number, op in enumerate(OPS[unit]) if op not in RESOLVED]
        word = int.from_bytes(rng.bytes(32), "little") & executed_mask(unit) & ~255
        words.append(word | ALL_UNITS.index(unit) | int(rng.choice(ops)) << 3)
    return words


def in_a_pass(words):
    """The program of one pass with ``words``."""
    return [PASS.word(), *words, NEXT.word(), END]


def by_unit(words):
    """Words by the queue that they reach: an engine's reach two."""
    codes = {"read": ENGINE, "engine": ENGINE, "load": LOAD, "vector": VECTOR}
    return {unit: [word for word in words if word & 7 == code] for unit, code in codes.items()}


def as_bytes(words):
    return b"".join(word.to_bytes(32, "little") for word in words)


def gaps_for(expected, kind, seed):
    return {
        f"source_{unit}": gap_array(kind, len(words), seed + place)
        for place, (unit, words) in enumerate(expected.items())
    }


def run_program(host, words, kind="never", seed=0, address=0):
    """Run a pass of ``words`` to its end and check what the units got, and what the host is told."""
    expected = by_unit(words)
    host.prepare(as_bytes(in_a_pass(words)), address)
    counts = {unit: len(part) for unit, part in expected.items()}
    assert host.start(counts, gaps_for(expected, kind, seed)) == expected
    assert host.await_done() == AFTER_RUN
    assert host.status() == ("ok", 0, 0)
    (told,) = host.entries(1)
    assert told == ResultEntry(0, 1, told.cycles, host.tag, ENDED, STATUS["ok"])


def open_host(bits, backend="myhdl"):
    return Host(controller_design(CONFIGS[bits]), CONFIGS[bits], backend)


@pytest.mark.parametrize(("bits", "backend"), [*((bits, "myhdl") for bits in CONFIGS), (512, "verilator")])
def test_programs_reach_the_units(bits, backend):
    rng = np.random.default_rng(bits)
    with open_host(bits, backend) as host:
        for run, (kind, slow) in enumerate([("never", 0), ("random", 1), ("bursty", 0), ("always", 1)]):
            host.levels["slow"] = slow
            length = int(rng.integers(20, 80 * bits // 256 if bits < 512 else 80))
            run_program(host, random_program(rng, length), kind, run, address=int(rng.integers(0, 64)))
            assert host.read("instruction") == length
            assert host.read("ctrl") == CTRL_IDLE  # reading has cleared ap_done and ap_ready


@pytest.mark.parametrize("backend", ["icarus", "ghdl"])
def test_converted_in_the_other_simulators(backend):
    rng = np.random.default_rng(1)
    with open_host(256, backend) as host:
        host.levels["slow"] = 1
        run_program(host, random_program(rng, 12), "random")
        host.prepare(as_bytes([PASS.word(), *random_program(rng, 5), 7]))
        host.start()
        host.await_done()
        assert host.status()[0] == "illegal"
        host.reset()
        run_program(host, random_program(rng, 12), "random")
        assert host.read("cycles_no_command_01") == host.read("cycles") > 0


def test_a_word_per_cycle():
    """From the program's store to the queue's other end, the first one as soon as the pass is planned."""
    with open_host(256) as host:
        words = [VECTOR | number << 32 for number in range(3 * CHUNK)]
        host.prepare(as_bytes(in_a_pass(words)))
        inputs = {"sink_aw": {"address": [0]}, "sink_w": {"data": [1], "strobe": [15]}}
        run = host.run(inputs, {"source_b": 1, "source_vector": len(words)}, record=True)
        assert (np.diff(run.transfers["source_vector"]) == 1).all()
        beats = [e.cycle_start for e in run.events if e.unit == "moved" and e.state == "value:1"]
        assert run.transfers["source_vector"][0] - beats[-1] < 40


def test_hdl_is_clean(tmp_path):
    """With all lanes; those of the whole of `tiny` is looked at as well."""
    config = AcceleratorConfig.preset("u280")
    design = Design(controller, clk=clock(), rst=reset(), **controller_ports(config))
    lint_vhdl(convert(design, "vhdl", tmp_path / "vhdl"))
    lint_verilog(convert(design, "verilog", tmp_path / "verilog"))


def test_what_follows_the_end_is_thrown_away():
    rng = np.random.default_rng(2)
    with open_host(512) as host:
        for _ in range(3):
            before, after = random_program(rng, 7), random_program(rng, 60)
            expected = by_unit(before)
            host.prepare(as_bytes([*in_a_pass(before), *after]))
            assert host.start({unit: len(part) for unit, part in expected.items()}) == expected
            assert host.await_done() == AFTER_RUN
            assert host.status() == ("ok", 0, 0) and host.read("instruction") == 7


@pytest.mark.parametrize("unit", ["engine", "load", "vector"])
def test_a_full_queue_stops_dispatch_and_the_others_stay_usable(unit):
    depth = QUEUE_DEPTHS[unit]
    other = "load" if unit != "load" else "vector"
    words = [ALL_UNITS.index(unit) | number << 32 for number in range(depth + 1)]
    last = ALL_UNITS.index(other) | 5 << 32
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([*words, last])))
        host.start()
        host.idle_cycles(200)
        assert host.read("instruction") == depth
        both = {"source_read": depth + 1} if unit == "engine" else {}
        run = host.run(expect={f"source_{unit}": depth + 1, f"source_{other}": 1, **both})
        assert words_of(run)[unit] == words and words_of(run)[other] == [last]
        host.await_done()


@pytest.mark.parametrize("level", IDLE_LEVELS)
def test_the_end_waits_for_every_unit(level):
    """So does the end of every pass."""
    words = [LOAD | 1 << 48, VECTOR | 3 << 64]
    with open_host(256) as host:
        host.levels[level] = 0
        host.prepare(as_bytes(in_a_pass(words)))
        assert host.start({"load": 1, "vector": 1}) == by_unit(words)
        host.idle_cycles(100)
        assert host.read("instruction") == 2 and not host.read("ctrl") & CTRL_DONE
        host.levels[level] = 1
        assert host.await_done() == AFTER_RUN


def test_the_end_waits_for_words_in_queues():
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([ENGINE, VECTOR])))
        host.start()
        host.idle_cycles(100)
        assert host.read("instruction") == 2 and not host.read("ctrl") & CTRL_DONE
        host.run(expect={"source_read": 1, "source_engine": 1, "source_vector": 1})
        host.await_done()


def test_a_whole_request():
    """Two rows take a prompt of five in three passes; then tokens are chosen one by one, up to one that ends it."""
    loop = instruction("control", "repeat", target=2, count=3, stride=100)
    program = [
        PASS,
        instruction("engine", "meta", base=5, when=WHEN.index("several")),
        instruction("engine", "w4", base=1000, beats=7, layered=1),
        instruction("load", "slice", words=4),
        loop,
        instruction("vector", "logits", address=4000, when=WHEN.index("logits")),
        NEXT,
        instruction("control", "end"),
    ]
    request = Request((3, 1, 4, 1, 5), 3, 17, 17, (9, 7), 60)
    registers = {
        "prompt": 100, "prompt_tokens": 5, "choices": 3, "position": 17, "slot": 17, "logits_step": 60, "end_tokens": 2,
        "end_0": 9, "end_1": 7,
    }  # fmt: skip
    config = CONFIGS[256]
    with open_host(256) as host:
        for token, choices in ((8, 3), (7, 1)):
            walk = Walk(program, request, config.lanes, 16 * config.atoms, 2 * config.atoms, config.rows)
            executed = walk.instructions(lambda angles, positions: None, lambda row, token=token: token)
            *words, _ = [one.word() for one in executed]
            expected = by_unit(words)
            host.levels |= {"token_row00": token}
            host.store(np.array(request.prompt, "<u4").tobytes(), 100)
            host.prepare(encode(program), request=registers)
            assert host.start({unit: len(part) for unit, part in expected.items()}) == expected
            assert host.await_done() == AFTER_RUN
            told = host.entries(choices + 1)
            end = ResultEntry(choices, walk.position, 0, host.tag, ENDED)
            entries = [ResultEntry(index, token, 0, host.tag) for index in range(choices)] + [end]
            assert [dataclasses.replace(one, cycles=0) for one in told] == entries
            assert all(np.diff([one.cycles for one in told]) > 0) and told[-1].cycles < host.read("cycles")


def test_a_stop_ends_the_run_after_the_pass():
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([VECTOR])), request={"prompt_tokens": 7, "choices": 2})
        host.levels["vector_idle"] = 0
        host.start({"vector": 1})
        host.write("stop", 1)
        host.levels["vector_idle"] = 1
        assert host.await_done() == AFTER_RUN
        (told,) = host.entries(1)
        assert (told.kind, told.token, told.index) == (ENDED, TINY.rows, 0)
        assert host.status() == ("ok", 0, 0)


def illegal_words():
    """One word for each way to be illegal, with the unit field that the status shows."""
    for code in range(len(ALL_UNITS), 8):
        yield code, code
    for code, unit in enumerate(ALL_UNITS):
        yield code | len(OPS[unit]) << 3, code
        yield code | 31 << 3, code
        reserved = [bit for bit in range(256) if not field_mask(unit) >> bit & 1]
        for bit in {place: None for place in (*reserved[:1], *reserved[len(reserved) // 2 :][:1], *reserved[-1:])}:
            yield code | 1 << bit, code


def check_failure(host, status, unit=None, number=None, stuck=None):
    """A run has failed: the status says so, a start ends as soon as it is told, and after a reset all is well."""
    assert host.await_done() == AFTER_RUN
    name, shown, mask = host.status()
    assert name == status
    assert unit is None or shown == unit
    assert stuck is None or mask == stuck
    assert number is None or host.read("instruction") == number
    host.start()
    assert host.await_done(polls=6) & CTRL_DONE
    assert host.status()[0] == status
    host.reset()
    assert host.status() == ("ok", 0, 0) and host.read("ctrl") == CTRL_IDLE
    run_program(host, random_program(np.random.default_rng(9), 12), "random")


@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_illegal_words_stop_the_program(backend):
    rng = np.random.default_rng(3)
    cases = list(illegal_words())
    with open_host(512, backend) as host:
        for word, unit in cases if backend == "verilator" else cases[::5]:
            before = random_program(rng, int(rng.integers(0, 9)))
            expected = by_unit(before)
            host.prepare(as_bytes([PASS.word(), *before, word, *random_program(rng, 40), END]))
            assert host.start({name: len(part) for name, part in expected.items()}) == expected
            check_failure(host, "illegal", unit, len(before))


@pytest.mark.parametrize("bits", CONFIGS)
def test_a_truncated_program_has_no_end(bits):
    rng = np.random.default_rng(4)
    with open_host(bits) as host:
        for length in (-1, 0, 1, 5, 24):
            words = random_program(rng, max(0, length))
            expected = by_unit(words)
            host.prepare(as_bytes(in_a_pass(words)), instructions=length + 1)
            assert host.start({unit: len(part) for unit, part in expected.items()}) == expected
            check_failure(host, "no_end", number=max(0, length))


def test_the_watchdog_ends_what_does_not_move():
    with open_host(256, "verilator") as host:
        host.levels["activity"] = 1
        host.prepare(as_bytes(in_a_pass([VECTOR, ENGINE])), watchdog=100)
        host.start()
        host.idle_cycles(400)
        assert not host.read("ctrl") & CTRL_DONE  # something moves
        host.levels["activity"] = 0
        host.levels["write_idle"] = 0
        host.idle_cycles(60)
        assert host.status()[0] == "ok"  # not long enough
        host.idle_cycles(60)
        assert host.status() == ("timeout", 0, 0b11011)
        assert not host.read("ctrl") & CTRL_DONE  # the host cannot be told while something is being written
        host.idle_cycles(PATIENCE)
        assert host.read("ctrl") == AFTER_RUN
        host.levels["write_idle"] = 1
        host.reset()
        run_program(host, random_program(np.random.default_rng(9), 12))


def test_the_watchdog_sees_a_memory_that_does_not_answer():
    with open_host(256) as host:
        host.prepare(as_bytes([END]), watchdog=50)
        host.levels["slow"] = 1
        host.write("watchdog", 1)
        host.start()
        check_failure(host, "timeout", number=0, stuck=0)


def test_without_a_limit_a_run_waits_for_ever():
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([VECTOR])), watchdog=0)
        host.start()
        host.idle_cycles(1000)
        assert not host.read("ctrl") & CTRL_DONE
        host.run(expect={"source_vector": 1})
        host.await_done()


@pytest.mark.parametrize("error", ["read_error", "write_error", "engine_error"])
def test_errors_of_the_units_end_the_run(error):
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([LOAD, VECTOR])))
        host.start({"vector": 1})
        host.levels[error] = 1
        host.idle_cycles(5)
        host.levels[error] = 0
        host.idle_cycles(5)
        check_failure(host, error, stuck=0b00100)


@pytest.mark.parametrize("kind", ["soft", "hard"])
@pytest.mark.parametrize("backend", ["myhdl", "verilator"])
def test_a_reset_in_the_middle_leaves_nothing_behind(kind, backend):
    rng = np.random.default_rng(5)
    with open_host(128, backend) as host:
        for taken in (0, 1, 3):
            words = random_program(rng, 40)
            expected = by_unit(words)
            host.prepare(as_bytes(in_a_pass(words)))
            got = host.start({unit: min(taken, len(part)) for unit, part in expected.items()})
            assert got == {unit: part[:taken] for unit, part in expected.items()}
            assert host.read("ctrl") == CTRL_START
            if kind == "soft":
                host.reset()
                assert host.read("instructions") == 43  # arguments stay
            else:
                host.idle_cycles(100)  # the memory of the bench has answered all
                host.levels |= {"hard_reset": 1, "closed": 1}
                host.run({"sink_store": {"address": [0], "data": np.zeros((1, 16), np.uint8)}})
                host.levels["hard_reset"] = 0
                assert host.read("instructions") == 0
                host.levels["closed"] = 0
            assert host.read("ctrl") == CTRL_IDLE
            run_program(host, random_program(rng, 20), "random")


def test_a_soft_reset_waits_for_open_transactions():
    with open_host(256) as host:
        host.levels["transactions_open"] = 1
        host.write("reset", 1)
        host.idle_cycles(300)
        assert host.read("reset") == 1
        host.levels["transactions_open"] = 0
        run = host.run({"sink_ar": {"address": [0]}}, {"source_r": 1}, {"sink_ar": [30]}, record=True)
        states = {(event.unit, event.state): event for event in run.events}
        assert states["halt", "value:1"].cycle_end == states["unit_reset", "value:1"].cycle_end
        length = states["unit_reset", "value:1"]
        assert length.cycle_end - length.cycle_start == 16
        assert host.read("reset") == 0


def test_a_soft_reset_does_not_wait_for_ever():
    with open_host(256, "verilator") as host:
        host.levels["transactions_open"] = 1
        host.write("reset", 1)
        run = host.run({"sink_ar": {"address": [0x28] * 14_000}}, {"source_r": 14_000})
        states = run.outputs["source_r"]["data"].tolist()
        assert states[0] == 1 and states[-1] == 0


def test_a_start_during_a_reset_waits_for_its_end():
    words = by_unit([ENGINE, LOAD, VECTOR])
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([ENGINE, LOAD, VECTOR])))
        host.levels["transactions_open"] = 1
        host.write("reset", 1)
        host.start()
        host.idle_cycles(100)
        assert host.read("instruction") == 0
        host.levels["transactions_open"] = 0
        assert words_of(host.run(expect={f"source_{unit}": 1 for unit in UNITS})) == words
        assert host.await_done() == AFTER_RUN


def test_auto_restart_runs_again_until_it_is_cleared():
    word = LOAD | 7 << 32
    with open_host(256) as host:
        host.prepare(as_bytes(in_a_pass([word])))
        run = host.write("ctrl", CTRL_START | CTRL_RESTART, expect={"source_load": 3})
        assert words_of(run)["load"] == [word] * 3
        host.idle_cycles(200)  # the fourth run waits for its word to be taken
        assert host.read("ctrl") == CTRL_START | CTRL_RESTART | CTRL_DONE | CTRL_READY
        host.write("ctrl", 0)
        assert words_of(host.run(expect={"source_load": 1}))["load"] == [word]
        assert host.await_done() == AFTER_RUN
        host.idle_cycles(100)
        assert host.read("ctrl") == CTRL_IDLE


def test_interrupts():
    with open_host(256) as host:

        def line():
            run = host.run({"sink_ar": {"address": [0]}}, {"source_r": 1}, record=True)
            ctrl = int(run.outputs["source_r"]["data"][0])
            (level,) = {event.state for event in run.events if event.unit == "interrupt_request"}
            assert level == f"value:{ctrl >> 9 & 1}"
            return ctrl >> 9 & 1

        def run_once():
            host.prepare(as_bytes([END]))
            host.start()
            host.await_end()

        run_once()
        assert host.read("ip_isr") == 0 and line() == 0
        host.write("ip_ier", 1)
        run_once()
        assert host.read("ip_isr") == 1 and line() == 0  # not enabled as a whole
        host.write("gier", 1)
        assert line() == 1
        host.write("ip_isr", 1)  # toggles
        assert host.read("ip_isr") == 0 and line() == 0
        host.write("ip_ier", 3)
        run_once()
        assert host.read("ip_isr") == 3 and line() == 1
        host.write("ip_isr", 2)
        assert host.read("ip_isr") == 1 and line() == 1
        host.write("ip_isr", 2)
        assert host.read("ip_isr") == 3
        host.write("gier", 0)
        assert line() == 0
        assert (host.read("gier"), host.read("ip_ier")) == (0, 3)


def test_counters_belong_to_the_latest_run():
    with open_host(256) as host:
        host.levels |= {"state_lane00": 1, "state_lane01": 4, "beat_lane01": 1}
        for _ in range(2):
            run_program(host, random_program(np.random.default_rng(6), 9))
            cycles = host.read("cycles")
            assert 0 < cycles < 500
            assert (host.read("cycles_beat_00"), host.read("cycles_no_bank_00")) == (cycles, 0)
            assert (host.read("cycles_beat_01"), host.read("cycles_no_bank_01")) == (0, cycles)
            assert (host.read("beats_read_00"), host.read("beats_read_01")) == (0, cycles)


def test_fetch_reads_each_beat_of_the_program_once():
    with open_host(512) as host:
        words = random_program(np.random.default_rng(7), 34)
        host.prepare(as_bytes(in_a_pass(words)))
        counts = {f"source_{unit}": len(part) for unit, part in by_unit(words).items()}
        assert words_of(host.write("ctrl", CTRL_START, expect=counts)) == by_unit(words)
        host.await_done()
        run = host.run({"sink_ar": {"address": [0]}}, {"source_r": 1}, record=True)
        assert {event.state for event in run.events if event.unit == "asked"} == {"value:20"}  # and the prompt's
