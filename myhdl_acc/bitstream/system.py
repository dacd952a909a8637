"""The Verilog of a board: the converted design, the memory's controller, and what joins them and the pins."""

from pathlib import Path
from string import Template

from golden.errors import InputError
from myhdl_acc.rtl.board.board import board, board_ports
from myhdl_acc.simulate.cache import converted
from myhdl_acc.simulate.design import Design, clock, reset

#: A stream of the design and of the memory's module; their fields have the same names.
_HOST = {"memory_source_command": "host_command", "memory_source_word": "host_word", "memory_sink_word": "host_read"}
_LANE = {f"lanes_{name}": name.split("_")[1] for name in ("source_ar", "sink_r", "source_aw", "source_w", "sink_b")}
SYSTEM = "system"
_HERE = Path(__file__).parent


def board_design(target, config, hz):
    """The Design of board() on a Board."""
    ports = board_ports(config, hz, target.memory_bytes)
    return Design(board, clk=clock(), rst=reset(), **ports)


def system_files(target, config, hz):
    """{file name: text} of all Verilog up to the module ``system``, which a simulation has as its top."""
    try:
        from myhdl_acc.bitstream.sdram import sdram_verilog
    except ImportError as error:
        raise InputError(f"bitstream: {error.name} is not installed; pip install 'myhdl_acc[ecp5]'") from None
    design = board_design(target, config, hz)
    top, files = converted(design, "verilog")
    controller = sdram_verilog(target.chip, hz, config.lanes, config.beat_bits)
    return files | {"sdram.v": controller, f"{SYSTEM}.v": _system(design, top, target.memory_bytes)}


def top_files(target, clock_of):
    """{file name: text} of the module with the board's pins, and of the pins; ``clock_of``: a Pll."""
    directory = _HERE / target.name
    top = Template((directory / "top.v").read_text()).substitute(clock_of.parameters())
    return {"top.v": top, "pins.lpf": (directory / "pins.lpf").read_text()}


def _system(design, top, memory_bytes):
    wires, inner, memory = [], {}, {}
    for name, other in _streams(design):
        for field in ("valid", "ready", *design.streams[name].fields):
            port = design.by_name[f"{name}_{field}"]
            wires.append(f"    wire {'' if port.bit else f'[{port.width - 1}:0] '}{port.name};")
            inner[port.name] = port.name
            # The memory's addresses are shorter.
            cut = (
                f"[{(memory_bytes - 1).bit_length() - 1}:0]"
                if name.startswith(("lanes_source_ar", "lanes_source_aw")) and field == "address"
                else ""
            )
            memory[f"{other}_{field}"] = f"{port.name}{cut}"
    return Template((_HERE / "system.v").read_text()).substitute(
        board=top,
        wires="\n".join(wires),
        board_ports=_connections(inner),
        memory_ports=_connections(memory),
    )


def _streams(design):
    """``(stream of the design, of the memory's module)``."""
    yield from _HOST.items()
    for name in design.streams:
        for prefix, channel in _LANE.items():
            if name.startswith(f"{prefix}_ch"):
                yield name, f"lane{name[-2:]}_{channel}"


def _connections(ports):
    return ",\n".join(f"        .{name}({signal})" for name, signal in ports.items())
