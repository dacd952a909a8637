"""How a design's streams map to AXI ports.

A design has, for each memory port NN, the streams ``source_ar_chNN`` (address, length), ``sink_r_chNN`` (data, resp,
last), ``source_aw_chNN`` (address, length), ``source_w_chNN`` (data, last) and ``sink_b_chNN`` (resp), and for its
registers ``control_sink_aw`` (address), ``control_sink_w`` (data, strobe), ``control_source_b`` (resp),
``control_sink_ar`` (address) and ``control_source_r`` (data, resp).
"""

import re
from dataclasses import dataclass

from golden.errors import InputError

#: Field of a stream: the end of the AXI signal's name.
_SIGNAL = {
    "valid": "valid",
    "ready": "ready",
    "address": "addr",
    "length": "len",
    "data": "data",
    "strobe": "strb",
    "resp": "resp",
    "last": "last",
}
#: Channel: the stream of a memory port, without its number, and its fields; likewise of the registers.
_MASTER = {
    "ar": ("source_ar", ("address", "length")),
    "r": ("sink_r", ("data", "resp", "last")),
    "aw": ("source_aw", ("address", "length")),
    "w": ("source_w", ("data", "last")),
    "b": ("sink_b", ("resp",)),
}
_SLAVE = {
    "aw": ("control_sink_aw", ("address",)),
    "w": ("control_sink_w", ("data", "strobe")),
    "b": ("control_source_b", ("resp",)),
    "ar": ("control_sink_ar", ("address",)),
    "r": ("control_source_r", ("data", "resp")),
}
SLAVE = "s_axi_control"
ADDRESS_BITS = 64  #: of a memory port


@dataclass(frozen=True)
class KernelPort:
    """A port of the kernel: ``width`` bits, None for a std_logic.

    ``inner``: the design's Port behind it, or None; then an output has the ``constant`` bits.
    """

    name: str
    output: bool
    width: int | None
    inner: object = None
    constant: str = ""


def memory_ports(design):
    """Names of the kernel's memory ports, ``m_axi_00`` and so on; raises InputError unless there are 1 to 32."""
    numbers = [match[1] for name in design.streams if (match := re.fullmatch(r"source_ar_ch(\d\d)", name))]
    if not numbers:
        raise InputError(f"kernel: {design.name} has no memory ports (streams source_ar_ch00 …): not a kernel yet")
    if len(numbers) > 32:
        raise InputError(f"kernel: {len(numbers)} memory ports, but the card has 32 pseudo-channels")
    return [f"m_axi_{number}" for number in numbers]


def kernel_ports(design):
    """All KernelPorts of a Design but clock and reset, in the order of the entity's declaration.

    Raises InputError for a stream or field that is missing, has the wrong direction or width, and for an input of the
    design that no port of the kernel drives.
    """
    ports = list(_bus(design, SLAVE, _SLAVE, ""))
    ports.append(KernelPort("interrupt", True, None, _inner(design, "interrupt_request", True)))
    for name in memory_ports(design):
        ports += _bus(design, name, _MASTER, f"_ch{name[-2:]}")
        ports += _constants(name, _data_bits(design, name))
    used = {port.inner.name for port in ports if port.inner} | {design.clock, design.reset}
    for port in design.ports:
        if not port.output and port.name not in used:
            raise InputError(f"kernel: nothing drives the input {port.name} of {design.name}")
    return ports


def _bus(design, bus, channels, suffix):
    for channel, (stream, fields) in channels.items():
        stream += suffix
        for field in ("valid", "ready", *fields):
            output = ("source" in stream) != (field == "ready")
            inner = _inner(design, f"{stream}_{field}", output)
            width = None if inner.bit else inner.width
            if field == "address" and bus != SLAVE:
                width = ADDRESS_BITS
            yield KernelPort(f"{bus}_{channel}{_SIGNAL[field]}", output, width, inner)


def _inner(design, name, output):
    port = design.by_name.get(name)
    if port is None or port.output != output:
        raise InputError(f"kernel: {design.name} has no {'output' if output else 'input'} {name}")
    if port.signed or (port.name.endswith("_address") and port.width > ADDRESS_BITS):
        raise InputError(f"kernel: {name} of {design.name} does not fit its AXI signal")
    return port


def _data_bits(design, bus):
    return _inner(design, f"source_w_ch{bus[-2:]}_data", True).width


def _constants(bus, data_bits):
    """What no unit needs to decide: incrementing bursts of whole beats, normal, modifiable, bufferable memory."""
    size = f"{(data_bits // 8).bit_length() - 1:03b}"
    for channel in ("ar", "aw"):
        for signal, bits in (("size", size), ("burst", "01"), ("cache", "0011"), ("prot", "000")):
            yield KernelPort(f"{bus}_{channel}{signal}", True, len(bits), constant=bits)
    strobes = data_bits // 8
    yield KernelPort(f"{bus}_wstrb", True, strobes, constant="1" * strobes)
