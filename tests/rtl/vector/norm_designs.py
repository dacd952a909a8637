"""The blocks for norms, rotation, activation and attention: their operands and results, in the widths of ``u280``."""

from myhdl import Signal
from unit_bench import arguments, check_unit, fields, module_of

from myhdl_acc.hdl.stream import Array
from myhdl_acc.rtl.config import AcceleratorConfig
from myhdl_acc.rtl.vector.arith.argmax import argmax, candidate
from myhdl_acc.rtl.vector.arith.butterfly import butterfly, latency
from myhdl_acc.simulate import Design, clock, reset

ACC_BITS = AcceleratorConfig.preset("u280").acc_bits

#: name: (operands, results); bits of each field, negative for signed ones.
BLOCKS = {
    "rms_drop": ({"peak": 32}, {"drop": 4}),
    "rms_unit": ({"x": -32, "inverse": 17, "places": -7}, {"unit": -26}),
    "rms_square": ({"unit": -26}, {"square": 34}),
    "rms_scale": ({"total": 48, "eps": 48, "drop": 4}, {"inverse": 17, "places": -7}),
    "rms_factor": (
        {"inverse": 17, "places": -7, "drop": 4, "lift": 5},
        {"factor_mantissa": 16, "factor_exponent": -10},
    ),
    "rms_lift": ({"peak": 32}, {"lift": 5}),
    "rms_gain": ({"unit": -26, "gamma": -18, "exponent": -10, "places": -6}, {"y": -32}),
    "rope": ({"even": -32, "odd": -32, "cosine": -18, "sine": -18}, {"rotated_even": -32, "rotated_odd": -32}),
    "rope_angle": ({"position": 32, "increment": 48}, {"cosine": -18, "sine": -18}),
    "silu_mul": ({"gate": -32, "up": -32}, {"result": -32}),
    "attention_scores": ({"dot": -ACC_BITS, "zero": -8, "query_sum": -17}, {"accumulator": -47}),
    "softmax": ({"reference": -33, "score": -32}, {"p": 16}),
    "value_probs": ({"p": 16, "mantissa": 16, "places": 5}, {"weight": 7}),
    "attention_output": ({"total": -(ACC_BITS + 5), "correction": -32}, {"accumulator": -47}),
    "simon_rounds": ({"start": 1, "plain": 32, "keys": 32}, {"state": 32}),
    "simon_cipher": ({"start": 1, "plain": 32, "keys": 128}, {"state": 32}),
    "simon_keys": ({"load": 1, "key": 64}, {"keys": 128}),
    "gumbel": ({"random": 32}, {"noise": 21}),
    "sampled_logit": ({"value": -32, "random": 32, "temperature": 16}, {"score": -32}),
    "argmax_merge": (
        {"a_value": -32, "a_index": 32, "b_value": -32, "b_index": 32},
        {"best_value": -32, "best_index": 32},
    ),
}


def check(name, words, expected, backend, seed=None, **widths):
    """check_unit() for a block in its usual widths, or with those of some operands changed."""
    operands, results = BLOCKS[name]
    check_unit(name, {**operands, **widths}, results, words, expected, backend, seed)


def norm_design(name):
    """Design of a block of BLOCKS in its usual widths, of argmax, or of a small butterfly."""
    if name == "argmax":
        flags = {"clear": Signal(bool(0)), "valid": Signal(bool(0))}
        return Design(argmax, clk=clock(), rst=reset(), **flags, candidate=candidate(), best=candidate())
    if name == "butterfly":
        return butterfly_design(lanes=4, width=8)
    operands, results = BLOCKS[name]
    ports = {field: Signal(value) for field, value in fields({**operands, **results}).items()}
    tested = getattr(module_of(name), name)
    return Design(tested, clk=clock(), **arguments(tested, ports))


def butterfly_design(lanes, width):
    """Design of a butterfly over ``lanes`` columns of ``width`` bits."""
    column = fields({"value": -width})["value"]
    plain = fields({"maximum": 1, "first_stage": max(1, latency(lanes).bit_length())})
    columns = {port: Array("ch", [Signal(column) for _ in range(lanes)]) for port in ("values", "results")}
    return Design(butterfly, clk=clock(), **columns, **{field: Signal(value) for field, value in plain.items()})
