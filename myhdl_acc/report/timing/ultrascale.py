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
from myhdl_acc.report.timing.part import Arc, Part, Timing, Wires, gate, multiplexer, register

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


def _inverter(parameters, inputs, outputs):
    """Lies in the LUT that it feeds, or in a register."""
    return Timing(arcs=(Arc.of(inputs, outputs, 0.0),), direct=frozenset(inputs))


def _carry(through):
    """A carry chain's cell, which a carry passes in ``through`` ns."""

    def timing(parameters, inputs, outputs):
        chained = inputs & {"CI", "CI_TOP", "CYINIT"}
        return Timing(
            arcs=(
                Arc.of(inputs - chained, outputs, CARRY_IN),
                Arc.of(chained, outputs & {"CO"}, through),
                Arc.of(chained, outputs & {"O"}, CARRY_OUT),
            ),
            direct=frozenset(chained),
            beside=frozenset(inputs - chained),
        )

    return timing


def _lut_ram(parameters, inputs, outputs):
    """Distributed memory and shift registers: written by the clock, read as a LUT is."""
    written = {port for port in inputs if re.match(r"D|WE|WA|CE", port)}
    read = {port for port in inputs if re.match(r"DPRA|ADDR|A", port)}
    return Timing(
        arcs=(Arc.of(read, outputs, LUT),),
        setup=dict.fromkeys(written | read, LUT_RAM_SETUP),
        launch=dict.fromkeys(outputs, LUT_RAM_CLOCK),
        levels=1,
    )


def _memory(parameters, inputs, outputs, slower=1.0, registers=("DOA_REG", "DOB_REG")):
    registered = any(int(str(parameters.get(name, "0")) or "0", 2) for name in registers)
    clock = RAM_CLOCK_REGISTERED if registered else RAM_CLOCK
    data = {port for port in inputs if not port.startswith("CLK")}
    return Timing(
        setup=dict.fromkeys(data, slower * RAM_SETUP),
        launch=dict.fromkeys(outputs, slower * clock),
        lacks="" if registered else "an output register",
    )


def _ultra_ram(parameters, inputs, outputs):
    given = {name: "1" if str(value).upper() in ("TRUE", "1") else "0" for name, value in parameters.items()}
    return _memory(given, inputs, outputs, ULTRA, ("OREG_A", "OREG_B"))


ULTRASCALE = Part(
    "UltraScale+ -2",
    WIRES,
    {
        r"LUT[1-6]": gate(LUT),
        r"INV|BUFG\w*": _inverter,
        r"MUXF[789]": multiplexer(MUX, {"S"}),
        r"CARRY4": _carry(CARRY_THROUGH / 2),
        r"CARRY8": _carry(CARRY_THROUGH),
        r"FD[RSCP]E": register("C", "D", SETUP, CLOCK_TO_Q),
        r"RAM\d+(X|M).*|SRL\w+": _lut_ram,
        r"RAMB\d+E2": _memory,
        r"URAM288\w*": _ultra_ram,
        # Yosys leaves the registers around it outside. Those beside it count as its own.
        r"DSP48E2": gate(MULTIPLIER, absorbs=True),
    },
    no_logic=r"VCC|GND|\$scopeinfo",
)
