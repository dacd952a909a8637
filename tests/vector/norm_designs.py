"""The blocks for norms, rotation, activation and attention: their operands and results, in the widths of ``u280``."""

from myhdl_acc.config import AcceleratorConfig
from myhdl_acc.stream import signed
from myhdl_acc.stream.stream import unsigned

ACC_BITS = AcceleratorConfig.preset("u280").acc_bits
_CANDIDATE = {"best": signed(32), "best_index": unsigned(32)}

#: name: (operands, results)
BLOCKS = {
    "rms_drop": ({"peak": unsigned(32)}, {"drop": unsigned(4)}),
    "rms_square": ({"x": signed(32), "drop": unsigned(4)}, {"square": unsigned(34)}),
    "rms_scale": (
        {"total": unsigned(48), "eps": unsigned(48), "drop": unsigned(4)},
        {"inverse": unsigned(17), "places": signed(7)},
    ),
    "rms_norm": (
        {"x": signed(32), "inverse": unsigned(17), "places": signed(7), "gamma": signed(18), "exponent": signed(10)},
        {"y": signed(32)},
    ),
    "rope": (
        {"even": signed(32), "odd": signed(32), "cosine": signed(18), "sine": signed(18)},
        {"rotated_even": signed(32), "rotated_odd": signed(32)},
    ),
    "rope_angle": (
        {"position": unsigned(32), "increment": unsigned(48)},
        {"cosine": signed(18), "sine": signed(18)},
    ),
    "silu_mul": ({"gate": signed(32), "up": signed(32)}, {"result": signed(32)}),
    "attention_scores": (
        {"dot": signed(ACC_BITS), "zero": signed(8), "query_sum": signed(17)},
        {"accumulator": signed(47)},
    ),
    "softmax": ({"largest": signed(32), "score": signed(32)}, {"p": unsigned(17)}),
    "value_weights": (
        {"p": unsigned(17), "mantissa": unsigned(16), "drop": unsigned(6)},
        {"product": unsigned(31)},
    ),
    "attention_output": (
        {"total": signed(ACC_BITS + 5), "correction": signed(32)},
        {"accumulator": signed(47)},
    ),
    "argmax_merge": (
        {"value_a": signed(32), "index_a": unsigned(32), "value_b": signed(32), "index_b": unsigned(32)},
        _CANDIDATE,
    ),
}
