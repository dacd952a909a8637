"""Delays of ECP5 logic in speed grade -6, as nextpnr (project Trellis) has them, and of its wires as routed."""

from myhdl_acc.report.timing.part import Arc, Part, Timing, Wires, gate, multiplexer, register

LUT, MUX = 0.24, 0.26
CLOCK_TO_Q = 0.52
SETUP = 0.0
RAM_CLOCK, RAM_CLOCK_REGISTERED = 5.61, 0.57
MULTIPLIER = 3.93
CARRY_IN, CARRY_THROUGH, CARRY_OUT = 0.45, 0.07, 0.40
#: Of steps of 0.05 ns those with the least squared errors of six blocks that were routed alone (docs/timing.md).
WIRES = Wires(0.6, 0.2)


def _carry(parameters, inputs, outputs):
    return Timing(
        arcs=(
            Arc.of(inputs - {"CIN"}, outputs, CARRY_IN),
            Arc.of({"CIN"}, {"COUT"}, CARRY_THROUGH),
            Arc.of({"CIN"}, {"S0", "S1"}, CARRY_OUT),
        ),
        direct=frozenset({"CIN"}),
    )


def _lut_ram(parameters, inputs, outputs):
    written = inputs & {"DI", "WAD", "WRE"}
    return Timing(
        arcs=(Arc.of({"RAD"}, outputs, LUT),),
        setup=dict.fromkeys(written, SETUP),
        launch=dict.fromkeys(outputs, CLOCK_TO_Q),
        levels=1,
    )


def _memory(parameters, inputs, outputs):
    clock = RAM_CLOCK if parameters.get("REGMODE_B", "NOREG") == "NOREG" else RAM_CLOCK_REGISTERED
    data = {port for port in inputs if not port.startswith("CLK")}
    return Timing(setup=dict.fromkeys(data, SETUP), launch=dict.fromkeys(outputs, clock))


ECP5 = Part(
    "ECP5 -6",
    WIRES,
    {
        r"LUT4": gate(LUT),
        r"PFUMX|L6MUX21": multiplexer(MUX, {"C0", "SD"}),
        r"CCU2C": _carry,
        r"TRELLIS_FF": register("CLK", "DI", SETUP, CLOCK_TO_Q),
        r"TRELLIS_DPR16X4": _lut_ram,
        r"DP16KD": _memory,
        r"MULT18X18D": gate(MULTIPLIER),
    },
    no_logic=r"TRELLIS_IO|ODDRX1F|EHXPLLL|\$scopeinfo",
)
