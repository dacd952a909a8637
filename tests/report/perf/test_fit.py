"""What fits is what the compiler takes, and the longest window is the longest that it takes."""

import dataclasses

import pytest

from golden.errors import InputError
from golden.lambda_attention import LambdaRule
from myhdl_acc.program import compiler as compiler_module
from myhdl_acc.program import memory_map
from myhdl_acc.program.compiler import Compiler
from myhdl_acc.report.perf import fit as fit_module
from myhdl_acc.report.perf.fit import fit
from myhdl_acc.report.perf.shapes import shape
from myhdl_acc.rtl.config import PRESETS, AcceleratorConfig

TINY = AcceleratorConfig.preset("tiny")


def test_what_fits():
    whole, rule = shape("glassllm", layers=1), LambdaRule(4, 124)
    for config in PRESETS.values():
        found = fit(whole, rule, config)
        assert found.reason is None and found.largest_window == 124
        assert found.channel_bytes == Compiler(whole, rule, config).map.beats * config.beat_bits // 8


@pytest.mark.parametrize("sinks", [0, 4])
def test_the_longest_window(sinks):
    whole = shape("glassllm", layers=1)
    found = fit(whole, LambdaRule(sinks, 5000), TINY)
    assert "vector_depth is 512" in found.reason
    Compiler(whole, LambdaRule(sinks, found.largest_window), TINY)
    with pytest.raises(InputError):
        Compiler(whole, LambdaRule(sinks, found.largest_window + 1), TINY)


def test_nothing_is_checked_to_answer(monkeypatch):
    """The answer for as many layers as a model may have needs no check of a program's order."""
    monkeypatch.delattr(compiler_module, "check_order")
    one = shape("glassllm", layers=1)
    assert fit(one.of_layers([0] * 1024), LambdaRule(4, 124), TINY).largest_window == 124


def test_a_program_that_the_hardware_has_no_room_for():
    """Layers whose formats follow no rule have instructions of their own."""
    one = shape("glassllm", layers=1)
    kinds = {f"layers.{n}.{name}": "w4" for n in range(9) for name in one.spec.layer_matrices if n in (1, 3, 4, 8)}
    whole = dataclasses.replace(one.of_layers([0] * 9), kinds=one.of_layers([0] * 9).kinds | kinds)
    found = fit(whole, LambdaRule(4, 60), dataclasses.replace(TINY, program_depth=512))
    assert "the configuration holds program_depth = 512" in found.reason and found.largest_window is None


@pytest.mark.parametrize("spare", [0, 1, 40])
def test_the_program_takes_its_part_of_memory(monkeypatch, spare):
    """Channels so small that the cache fits them, but not the program besides."""
    whole, rule = shape("glassllm", layers=1), LambdaRule(4, 60)
    beats = Compiler(whole, rule, TINY).map.beats
    monkeypatch.setattr(memory_map, "CHANNEL_BYTES", (beats + spare) * TINY.beat_bits // 8)
    found = fit(whole, LambdaRule(4, 120), TINY)
    assert found.reason.startswith("memory: the model with a cache of 124 tokens needs")
    assert 60 <= found.largest_window < 120
    Compiler(whole, LambdaRule(4, found.largest_window), TINY)
    with pytest.raises(InputError):
        Compiler(whole, LambdaRule(4, found.largest_window + 1), TINY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head_dim": 64}, "head_dim may be at most 32"),
        ({"head_dim": 24}, "head_dim must be a multiple of 32"),
        ({"dim": 8192}, "dim may be at most max_k = 1024"),
        ({"ffn": 1000}, "the vector unit's memory needs"),
        ({"vocab": 1 << 20}, "MiB of each of 2 pseudo-channels"),
    ],
)
def test_what_no_window_helps(changes, message):
    spec = dataclasses.replace(shape("glassllm", layers=1).spec, **changes)
    found = fit(dataclasses.replace(shape("glassllm", layers=1), spec=spec), LambdaRule(4, 60), TINY)
    assert message in found.reason and found.largest_window is None and found.channel_bytes is None


def test_a_small_activation_buffer():
    found = fit(shape("glassllm", layers=1), LambdaRule(4, 60), dataclasses.replace(TINY, activation_words=16))
    assert "the activation buffer needs" in found.reason and found.largest_window is None


def test_a_window_that_is_not_to_blame_is_not_blamed():
    spec = dataclasses.replace(shape("glassllm", layers=1).spec, vocab=1 << 20)
    found = fit(dataclasses.replace(shape("glassllm", layers=1), spec=spec), LambdaRule(4, 1 << 20), TINY)
    assert "cache of 5 tokens" in found.reason  # with a window of one


def test_the_compiler_is_asked(monkeypatch):
    """The limits are the compiler's: another answer of its is another answer here."""

    def refuse(*_):
        raise InputError("no")

    monkeypatch.setattr(fit_module, "Compiler", refuse)
    assert fit(shape("glassllm", layers=1), LambdaRule(4, 60), TINY).reason == "no"
