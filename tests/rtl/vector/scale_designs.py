"""The blocks that make and use scales, with their operands and results as the vector unit has them."""

from myhdl import Signal
from unit_bench import arguments, check_unit, fields, module_of

from myhdl_acc.simulate import Design, clock

#: name: (operands, results), in bits; negative for signed ones.
BLOCKS = {
    "round_shift": ({"value": -63, "places": -10}, {"result": -32}),
    "scale_product": (
        {"a_mantissa": 16, "a_exponent": -10, "b_mantissa": 16, "b_exponent": -10},
        {"product_mantissa": 16, "product_exponent": -10},
    ),
    "normalise": ({"value": 48}, {"scale_mantissa": 16, "scale_exponent": -10}),
    "reciprocal": ({"scale_mantissa": 16, "scale_exponent": -10}, {"inverse_mantissa": 16, "inverse_exponent": -10}),
    "requantise": ({"accumulator": -47, "scale_mantissa": 16, "scale_exponent": -10}, {"result": -32}),
    "quantise": ({"x": -32, "inverse_mantissa": 16, "inverse_exponent": -10, "zero": -8, "narrow": 1}, {"result": -8}),
    "quantise_step": (
        {"peak": 32},
        {"step_mantissa": 16, "step_exponent": -10, "inverse_mantissa": 16, "inverse_exponent": -10},
    ),
    "kv_step": (
        {"low": -32, "high": -32},
        {"step_mantissa": 16, "step_exponent": -10, "inverse_mantissa": 16, "inverse_exponent": -10, "zero": -8},
    ),
    "total_inverse": ({"total": 40}, {"inverse_mantissa": 16, "inverse_exponent": -10}),
    "residual_add": ({"x": -32, "y": -32}, {"result": -32}),
}


def block_design(name):
    """Design of the block called ``name`` in its usual widths."""
    operands, results = BLOCKS[name]
    ports = {field: Signal(value) for field, value in fields({**operands, **results}).items()}
    tested = getattr(module_of(name), name)
    return Design(tested, clk=clock(), **arguments(tested, ports))


def check_block(name, words, expected, backend, seed=None):
    """check_unit() for a block in its usual widths; ``words``, ``expected``: columns in the order of its fields."""
    operands, results = BLOCKS[name]
    check_unit(
        name,
        operands,
        results,
        dict(zip(operands, words, strict=True)),
        dict(zip(results, expected, strict=True)),
        backend,
        seed,
    )
