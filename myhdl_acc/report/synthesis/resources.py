"""Resources of an UltraScale+ device, counted from the cells of a mapped netlist."""

import re
from dataclasses import astuple, dataclass

from myhdl_acc.hdl.convert.errors import ConversionError


@dataclass(frozen=True)
class Resources:
    """LUTs (distributed memory and shift registers included), flip-flops, DSP48E2, 36 Kb block RAMs, UltraRAMs."""

    lut: int = 0
    ff: int = 0
    dsp: int = 0
    bram36: float = 0  # a block RAM of 18 Kb is half a one
    uram: int = 0

    def __add__(self, other):
        return Resources(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __mul__(self, count):
        return Resources(*(count * a for a in astuple(self)))


#: What the platform xilinx_u280_gen3x16_xdma_1_202211_1 leaves to a design.
BUDGET = Resources(lut=1_135_680, ff=2_271_360, dsp=8_304, bram36=1_776, uram=960)

_MEMORY_LUTS = {
    "RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4, "RAM512X1S": 8,
    "RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM256X1D": 8,
    "RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8,
}  # fmt: skip
_COUNTS = {name: Resources(lut=luts) for name, luts in _MEMORY_LUTS.items()} | {
    "SRL16E": Resources(lut=1),
    "SRLC16E": Resources(lut=1),
    "SRLC32E": Resources(lut=1),
    "DSP48E2": Resources(dsp=1),
    "RAMB18E2": Resources(bram36=0.5),
    "RAMB36E2": Resources(bram36=1),
    "URAM288": Resources(uram=1),
    "URAM288_BASE": Resources(uram=1),
}
#: An inverter goes into the LUT that it feeds; carry chains and wide multiplexers lie beside the LUTs of a slice;
#: $scopeinfo is Yosys's note of a flattened instance.
_FREE = re.compile(r"INV|BUFG|CARRY[48]|MUXF[789]|VCC|GND|\$scopeinfo")
_MEMORY = re.compile(r"RAM\w+|URAM\w+|SRL\w+")


def count_cells(cells):
    """The Resources of ``{cell type: number}``; raises ConversionError for a cell that is none of the device's."""
    total = Resources()
    for kind, number in cells.items():
        if kind in _COUNTS:
            total += _COUNTS[kind] * number
        elif re.fullmatch(r"LUT[1-6]", kind):
            total += Resources(lut=number)
        elif re.fullmatch(r"FD[RSCP]E", kind):
            total += Resources(ff=number)
        elif not _FREE.fullmatch(kind):
            raise ConversionError(f"synth: Yosys left a cell of type {kind}, which the device does not have")
    return total


def memory_cells(cells):
    """Those of ``{cell type: number}`` that hold memories and shift registers."""
    return {kind: number for kind, number in cells.items() if _MEMORY.fullmatch(kind)}
