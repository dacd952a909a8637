"""Measured passes: causes add up, fewer layers stand for many, and the command reports what the contract says."""

import dataclasses
import json

import pytest

from golden.errors import InputError
from myhdl_acc.config import AcceleratorConfig
from myhdl_acc.perf.measure import measure_pass
from myhdl_acc.perf.report import measure
from myhdl_acc.perf.shapes import shape

DEMO = AcceleratorConfig.preset("demo")


@pytest.fixture(scope="module")
def whole():
    return measure("glassllm", DEMO, 64, 128)


def test_every_cycle_has_a_cause(whole):
    measured = whole.measured
    # A lane's cycles are its beats and the lost ones; the run begins and ends with cycles in which it does nothing.
    assert abs(sum(measured.lost.values()) + measured.beats - measured.cycles) <= 2
    assert measured.multiplied < measured.beats


def test_fewer_layers_stand_for_all(whole):
    composed = measure("glassllm", DEMO, 64, 128, composed=True)
    assert composed.method == "composed" and whole.method == "simulated"
    assert abs(composed.measured.cycles / whole.measured.cycles - 1) < 0.005
    assert abs(composed.measured.beats / whole.measured.beats - 1) < 0.005


def test_weights_are_read_once_and_little_else(whole):
    spec = shape("glassllm").spec
    # A turn of each group's heads: 64 tokens, two keys to a beat, and a block of values, a beat for each dimension.
    cache = spec.layers * spec.group * (64 // 2 + spec.head_dim)
    weights = (whole.measured.multiplied - cache) * DEMO.lanes * DEMO.beat_bits // 8
    # What is more than the model's bytes is the padding of 341 inputs and channels.
    assert 1.0 < weights / whole.weight_bytes < 1.04


def test_memory_that_answers_at_once_is_never_slower():
    slow = measure_pass(shape("glassllm", layers=1), DEMO, 16, 64)
    fast = measure_pass(shape("glassllm", layers=1), DEMO, 16, 64, memory="ideal")
    assert fast.cycles <= slow.cycles and fast.beats == slow.beats


def test_what_only_some_families_have_is_measured():
    """Biases and γ are read, and computed with; a layer without RoPE needs one query where others have two."""
    plain = shape("glassllm", layers=1)
    spec = dataclasses.replace(plain.spec, biased=True, head_norms=True)
    more = dataclasses.replace(plain, spec=spec)
    assert more.weight_bytes == plain.weight_bytes + 4 * (4 + 2 + 2) * 32
    before, after = (measure_pass(which, DEMO, 16, 64) for which in (plain, more))
    words = DEMO.lanes * DEMO.beat_bits // 32
    assert after.beats - before.beats == (4 + 2 + 2) * 32 // words + (4 + 2) * 32 // words
    assert after.cycles > before.cycles
    unrotated = dataclasses.replace(plain, spec=dataclasses.replace(plain.spec, unrotated=(0,)))
    before, after = (measure_pass(which, DEMO, 80, 64) for which in (plain, unrotated))
    assert after.cycles < before.cycles and after.beats < before.beats


def test_prefill_takes_a_token_in_every_row():
    prefill = measure("glassllm", DEMO, 16, 64, phase="prefill", composed=True)
    decode = measure("glassllm", DEMO, 16, 64, composed=True)
    assert prefill.tokens_per_s > 1.5 * decode.tokens_per_s


def test_unknown_names():
    with pytest.raises(InputError, match="no model 'gpt'; there are llama-2-7b"):
        shape("gpt")
    with pytest.raises(InputError, match="no weight format 'w3'"):
        shape("smollm2", "w3")


def test_command(whole):
    from click.testing import CliRunner

    from myhdl_acc.cli.perf import command

    arguments = ["--model", "glassllm", "--config", "demo", "--context", "64", "--window", "128"]
    fields = json.loads(CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False).stdout)
    assert fields["cycles_per_token"] == whole.cycles_per_token and fields["method"] == "simulated"
    assert fields["tokens_per_s"] == pytest.approx(225e6 / fields["cycles_per_token"], abs=0.01)
    assert {"bytes_per_token", "share_of_peak", "share_of_achievable", "lost_cycles", "clock_hz"} <= set(fields)
    text = CliRunner().invoke(command, arguments, catch_exceptions=False).stdout
    assert "token/s at 225 MHz" in text and "AccLLM" in text and "an estimate" in text
