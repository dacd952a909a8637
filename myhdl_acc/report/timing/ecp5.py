"""Delays of ECP5 logic in speed grade -6, as nextpnr (project Trellis) has them, and of its wires as routed."""

import re

from myhdl_acc.report.timing.part import Arc, Part, Timing, Wires

LUT, MUX = 0.24, 0.26
CLOCK_TO_Q = 0.52
SETUP = 0.0
RAM_CLOCK, RAM_CLOCK_REGISTERED = 5.61, 0.57
MULTIPLIER = 3.93
CARRY_IN, CARRY_THROUGH, CARRY_OUT = 0.45, 0.07, 0.40
#: Of steps of 0.05 ns those with the least squared errors of six blocks that were routed alone (docs/timing.md).
WIRES = Wires(0.6, 0.2)


def _arc(inputs, outputs, ns):
    return Arc(frozenset(inputs), frozenset(outputs), ns)


def _every(ports, ns):
    return dict.fromkeys(ports, ns)


def _lut(parameters, inputs, outputs):
    return Timing(arcs=(_arc(inputs, outputs, LUT),), levels=1)


def _mux(parameters, inputs, outputs):
    return Timing(arcs=(_arc(inputs, outputs, MUX),), direct=frozenset(inputs - {"C0", "SD"}))


def _carry(parameters, inputs, outputs):
    return Timing(
        arcs=(
            _arc(inputs - {"CIN"}, outputs, CARRY_IN),
            _arc({"CIN"}, {"COUT"}, CARRY_THROUGH),
            _arc({"CIN"}, {"S0", "S1"}, CARRY_OUT),
        ),
        direct=frozenset({"CIN"}),
    )


def _register(parameters, inputs, outputs):
    return Timing(
        setup=_every(inputs - {"CLK"}, SETUP), launch=_every(outputs, CLOCK_TO_Q), beside=frozenset(inputs & {"DI"})
    )


def _lut_ram(parameters, inputs, outputs):
    written = inputs & {"DI", "WAD", "WRE"}
    return Timing(
        arcs=(_arc({"RAD"}, outputs, LUT),),
        setup=_every(written, SETUP),
        launch=_every(outputs, CLOCK_TO_Q),
        levels=1,
    )


def _memory(parameters, inputs, outputs):
    clock = RAM_CLOCK if parameters.get("REGMODE_B", "NOREG") == "NOREG" else RAM_CLOCK_REGISTERED
    data = {port for port in inputs if not port.startswith("CLK")}
    return Timing(setup=_every(data, SETUP), launch=_every(outputs, clock))


def _multiplier(parameters, inputs, outputs):
    return Timing(arcs=(_arc(inputs, outputs, MULTIPLIER),), levels=1)


_KINDS = {
    r"LUT4": _lut,
    r"PFUMX|L6MUX21": _mux,
    r"CCU2C": _carry,
    r"TRELLIS_FF": _register,
    r"TRELLIS_DPR16X4": _lut_ram,
    r"DP16KD": _memory,
    r"MULT18X18D": _multiplier,
}


def _timing_of(kind, parameters, inputs, outputs):
    for pattern, found in _KINDS.items():
        if re.fullmatch(pattern, kind):
            return found(parameters, inputs, outputs)
    return Timing()  # pads and clocks


ECP5 = Part("ECP5 -6", WIRES, _timing_of)
