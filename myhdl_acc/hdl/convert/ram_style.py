"""Says where large memories belong.

MyHDL cannot attach attributes to a memory, and left alone synthesis puts a prefetch queue into block RAM: 57 RAMB36 for
4,096 beats of 512 bits, which 32 lanes do not have. 8 UltraRAMs hold the same.
"""

import re

#: Bits from which on a memory goes to UltraRAM (one has 4,096 words of 72 bits).
ULTRA_BITS = 1 << 18

_VHDL = re.compile(
    r"^type (?P<type>\w+) is array\(0 to (?P<words>\d+)-1\) of unsigned\((?P<top>\d+) downto 0\);\n"
    r"signal (?P<name>\w+): (?P=type);$",
    re.MULTILINE,
)
_VERILOG = re.compile(r"^reg \[(?P<top>\d+):0\] (?P<name>\w+) \[0:(?P<words>\d+)-1\];$", re.MULTILINE)


def with_ram_style(hdl, text):
    """The text of an entity with ``ram_style`` on its memories of ULTRA_BITS and more."""
    declared = False

    def mark(memory):
        nonlocal declared
        if int(memory["words"]) * (int(memory["top"]) + 1) < ULTRA_BITS:
            return memory[0]
        if hdl == "verilog":
            return f'(* ram_style = "ultra" *) {memory[0]}'
        declaration = "" if declared else "attribute ram_style: string;\n"
        declared = True
        return f'{memory[0]}\n{declaration}attribute ram_style of {memory["name"]}: signal is "ultra";'

    return (_VHDL if hdl == "vhdl" else _VERILOG).sub(mark, text)
