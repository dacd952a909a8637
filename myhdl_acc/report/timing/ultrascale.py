"""Delays of UltraScale+ logic in speed grade -2, at 0.85 V.

* LUTs, carry chains, flip-flops, LUT RAMs, block RAMs: RapidWright's timing model, which was fitted to Vivado's reports
  of such parts (Maidee et al., An Open-source Lightweight Timing Model for RapidWright, FPT 2019; its files
  intrasite_delay_terms.txt and intersite_delay_terms.txt). Where pins differ a middle one is taken.
* DSP48E2: the highest frequency of a product with registers A and P, DS923 (v1.20), DSP48 Slice Switching
  Characteristics.
* UltraRAM: no public figure was found; 1.5 times the block RAM's.
* Wires: those of a placed and routed design are not known without the vendor's tools. To one load: the pins and two
  or three segments of RapidWright's model, the distance to a neighbour a few tiles away. How they grow with the number
  of loads is that of routed ECP5 designs (ecp5.py), relative to one load.
"""

import re

from myhdl_acc.report.timing.ecp5 import ECP5
from myhdl_acc.report.timing.part import Arc, Part, Timing, Wires

LUT = 0.09  # the mean of pins A1 (150 ps) to A6 (35 ps)
MUX = 0.075  # MUXF7
CLOCK_TO_Q, SETUP = 0.077, 0.025 + 0.05  # with the way from the LUT
CARRY_IN, CARRY_THROUGH, CARRY_OUT = 0.20, 0.07, 0.12  # S or DI to CO7, CI to the next block's CI, CI to O
LUT_RAM_CLOCK, LUT_RAM_SETUP = 0.312, 0.18
RAM_CLOCK, RAM_CLOCK_REGISTERED, RAM_SETUP = 0.92, 0.225, 0.30
ULTRA = 1.5
#: From its register A to its register P, without M between them: 544 MHz (DS923).
MULTIPLIER = 1 / 0.544 - CLOCK_TO_Q - SETUP

#: A net to one load.
FIRST = 0.25
WIRES = Wires(FIRST, FIRST * ECP5.wires.doubling / ECP5.wires.first)


def _arc(inputs, outputs, ns):
    return Arc(frozenset(inputs), frozenset(outputs), ns)


def _every(ports, ns):
    return dict.fromkeys(ports, ns)


def _lut(parameters, inputs, outputs):
    return Timing(arcs=(_arc(inputs, outputs, LUT),), levels=1)


def _inverter(parameters, inputs, outputs):
    """Lies in the LUT that it feeds, or in a register."""
    return Timing(arcs=(_arc(inputs, outputs, 0.0),), direct=frozenset(inputs))


def _mux(parameters, inputs, outputs):
    return Timing(arcs=(_arc(inputs, outputs, MUX),), direct=frozenset(inputs - {"S"}))


def _carry(parameters, inputs, outputs):
    chained = inputs & {"CI", "CI_TOP", "CYINIT"}
    return Timing(
        arcs=(
            _arc(inputs - chained, outputs, CARRY_IN),
            _arc(chained, outputs & {"CO"}, CARRY_THROUGH),
            _arc(chained, outputs & {"O"}, CARRY_OUT),
        ),
        direct=frozenset(chained),
        beside=frozenset(inputs - chained),
    )


def _register(parameters, inputs, outputs):
    return Timing(
        setup=_every(inputs - {"C"}, SETUP), launch=_every(outputs, CLOCK_TO_Q), beside=frozenset(inputs & {"D"})
    )


def _lut_ram(parameters, inputs, outputs):
    """Distributed memory and shift registers: written by the clock, read as a LUT is."""
    written = {port for port in inputs if re.match(r"D|WE|WA|CE", port)}
    read = {port for port in inputs if re.match(r"DPRA|ADDR|A", port)}
    return Timing(
        arcs=(_arc(read, outputs, LUT),),
        setup=_every(written | read, LUT_RAM_SETUP),
        launch=_every(outputs, LUT_RAM_CLOCK),
        levels=1,
    )


def _memory(parameters, inputs, outputs, slower=1.0, registers=("DOA_REG", "DOB_REG")):
    registered = any(int(str(parameters.get(name, "0")) or "0", 2) for name in registers)
    clock = RAM_CLOCK_REGISTERED if registered else RAM_CLOCK
    data = {port for port in inputs if not port.startswith("CLK")}
    return Timing(
        setup=_every(data, slower * RAM_SETUP),
        launch=_every(outputs, slower * clock),
        lacks="" if registered else "an output register",
    )


def _ultra_ram(parameters, inputs, outputs):
    given = {name: "1" if str(value).upper() in ("TRUE", "1") else "0" for name, value in parameters.items()}
    return _memory(given, inputs, outputs, ULTRA, ("OREG_A", "OREG_B"))


def _multiplier(parameters, inputs, outputs):
    """Yosys leaves the registers around it outside; those beside it count as its own, without the one in between."""
    return Timing(arcs=(_arc(inputs, outputs, MULTIPLIER),), absorbs=True, levels=1)


_KINDS = {
    r"LUT[1-6]": _lut,
    r"INV|BUFG\w*": _inverter,
    r"MUXF[789]": _mux,
    r"CARRY[48]": _carry,
    r"FD[RSCP]E": _register,
    r"RAM\d+(X|M).*|SRL\w+": _lut_ram,
    r"RAMB\d+E2": _memory,
    r"URAM288\w*": _ultra_ram,
    r"DSP48E2": _multiplier,
}


def _timing_of(kind, parameters, inputs, outputs):
    for pattern, found in _KINDS.items():
        if re.fullmatch(pattern, kind):
            return found(parameters, inputs, outputs)
    if kind in ("VCC", "GND"):
        return Timing()
    raise ValueError(f"no delay is known of a {kind}")


ULTRASCALE = Part("UltraScale+ -2", WIRES, _timing_of)
