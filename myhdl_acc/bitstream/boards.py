"""The boards that there are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    """``name``: also of its directory here, with the top's Verilog and the pins. ``chip``: its SDRAM in LiteDRAM's
    list, of ``memory_bytes``. ``oscillator``: MHz of its clock. ``part``, ``package``, ``speed``: what nextpnr calls
    them; ``loader``: what openFPGALoader calls the board.
    """

    name: str
    title: str
    chip: str
    memory_bytes: int
    oscillator: int
    part: str
    package: str
    speed: int
    loader: str


BOARDS = {
    "ulx3s": Board(
        name="ulx3s", title="Radiona ULX3S with an LFE5U-85F", chip="MT48LC16M16", memory_bytes=32 << 20,
        oscillator=25, part="85k", package="CABGA381", speed=6, loader="ulx3s",
    ),
}  # fmt: skip
