"""The Yosys scripts: what an entity takes, and how deep its logic is."""

from pathlib import Path

MAPS = Path(__file__).with_name("maps")

#: Device cells of one entity, the entities below it as black boxes: how many, and the netlist without the library.
_AREA = """\
synth_xilinx -family xcup -flatten -noiopad -top {top}
tee -q -o cells.json stat -json
setattr -unset src w:* c:*
setattr -unset hdlname w:* c:*
select {top}
write_json -selected netlist.json
select -clear
"""

#: LUT6 levels between registers, ports, memories and the entities below. A multiplier and an asynchronous read are one.
_DEPTH = """\
design -reset
read_verilog -lib {maps}/boxes.v
{read}
synth -flatten -lut 6 -top {top} -run begin:coarse
proc
flatten
opt_expr
opt_clean
opt -nodffe -nosdff
wreduce
peepopt
opt_clean
techmap -map {maps}/multiplier.v
synth -flatten -lut 6 -run coarse:fine
techmap -map {maps}/memory.v
synth -flatten -lut 6 -run fine:check
delete t:*clocked_box
{delete}
tee -q -o depth.txt ltp -noff
"""


def entity_script(top, children):
    """The script for the entity in ``top.v``, with ``child.v`` for those that it instantiates.

    Leaves ``cells.json`` (Yosys's ``stat``), ``netlist.json`` and ``depth.txt`` (its ``ltp``).
    """
    return f"{_read(top, children)}\n{_AREA.format(top=top)}{depth_script(top, children)}"


def depth_script(top, children):
    """The part that leaves ``depth.txt``."""
    delete = "\n".join(f"delete t:{child}" for child in children)
    return _DEPTH.format(top=top, read=_read(top, children), delete=delete, maps=MAPS)


def _read(top, children):
    return "\n".join([*(f"read_verilog -lib {child}.v" for child in children), f"read_verilog {top}.v"])
