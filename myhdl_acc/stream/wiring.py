"""myhdl_acc.hdl.wiring under its former name."""

from myhdl_acc.hdl.wiring import (  # noqa: F401
    choose,
    choose_payload,
    constant,
    equals,
    field_type,
    matching_fields,
    pass_through,
    register,
    require_same_type,
    type_of,
    unused,
    vector,
    wire,
)
