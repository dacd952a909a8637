"""A small top of real entities: two multiplier blocks in a row, as a lane has them."""

from myhdl import Signal, intbv

from myhdl_acc.hdl.convert.entity import entity
from myhdl_acc.hdl.record import Array, signed
from myhdl_acc.rtl.engine.atom_dot import DOT_BITS, atom_dot
from myhdl_acc.simulate import Design, clock


@entity(outputs=("shadow", "dot0", "dot1", "dot2", "dot3"))
def two_dots(clk, load, load_data, swap, factors, positions, wide, scale, shadow, dot0, dot1, dot2, dot3):
    """Both take the same factors; the second's slice is loaded through the first."""
    between = Signal(intbv(0)[512:])
    shared = {"load": load, "swap": swap, "factors": factors, "positions": positions, "wide": wide, "scale": scale}
    first, second = Array("row", [dot0, dot1]), Array("row", [dot2, dot3])
    atom_dot(**shared, load_data=load_data, shadow=between, dots=first, packed=True)
    atom_dot(**shared, load_data=between, shadow=shadow, dots=second, packed=True)


def two_dots_design():
    widths = {
        "load": 1, "load_data": 512, "swap": 1, "factors": 64, "positions": 32, "wide": 1, "scale": 8, "shadow": 512,
    }  # fmt: skip
    ports = {name: Signal(bool(0) if width == 1 else intbv(0)[width:]) for name, width in widths.items()}
    dots = {f"dot{number}": Signal(signed(DOT_BITS)) for number in range(4)}
    return Design(two_dots, clk=clock(), **ports, **dots)
