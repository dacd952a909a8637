"""Writes all that the scripts in ``vivado/`` need to make a kernel for the card."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from golden.errors import InputError
from myhdl_acc.hdl.convert import ConversionReport, convert
from myhdl_acc.rtl.kernel.area import fits_one_region
from myhdl_acc.rtl.kernel.axi import SLAVE, kernel_ports, memory_ports
from myhdl_acc.rtl.kernel.floorplan import plan, regions_tcl
from myhdl_acc.rtl.kernel.hierarchy import Hierarchy
from myhdl_acc.rtl.kernel.top import kernel_top

KERNEL = "myhdl_acc_kernel"

_CONFIG_TCL = """\
# The kernel's shape, for vivado/build.tcl; written by myhdl_acc.rtl.kernel.

set kernel_name {kernel}
# VHDL-2008, in the order of analysis, relative to this file; then the top, in VHDL-93.
set kernel_files {{
    {files}
}}
set kernel_top_file {kernel}.vhd
# Memory ports, in the order of the card's pseudo-channels.
set kernel_masters {{
    {masters}
}}
# Arguments in registers of {slave}: name, byte offset, bits, memory port that a pointer belongs to.
set kernel_arguments {{
    {arguments}
}}
set kernel_address_bits {address_bits}
"""

_CFG = """\
# Connectivity of {kernel} for v++ --link; written by myhdl_acc.rtl.kernel.

[connectivity]
nk={kernel}:1:{kernel}_1
{slr}
{sp}
"""


@dataclass(frozen=True)
class KernelReport(ConversionReport):
    """``planned``: what floorplan.plan() said."""

    planned: tuple


def write_kernel(design, config, registers, directory):
    """Write HDL, ``myhdl_acc_kernel.vhd``, ``config.tcl``, ``regions.tcl`` and ``kernel.cfg`` into a directory.

    ``registers(config)``: the register map's rows (``name``, ``offset``, ``bits``, ``kind``, ``port``), of which those
    of kind ``argument`` become arguments of the kernel. Returns the KernelReport with these files too. Raises
    InputError for a design that does not have the ports of a kernel; then nothing is written.
    """
    ports = kernel_ports(design)
    masters = memory_ports(design)
    arguments = kernel_arguments(registers(config), masters)
    report = convert(design, "vhdl", directory)
    planned = plan(config, Hierarchy.of(report.top, report.files))
    address = next(port for port in ports if port.name == f"{SLAVE}_awaddr")
    texts = {
        f"{KERNEL}.vhd": kernel_top(KERNEL, design, report.top, ports),
        "config.tcl": config_tcl([file.name for file in report.files], masters, arguments, address.width),
        "regions.tcl": regions_tcl(report.top, planned),
        "kernel.cfg": kernel_cfg(masters, fits_one_region(config)),
    }
    written = [Path(directory, name) for name in texts]
    try:
        for file, text in zip(written, texts.values(), strict=True):
            file.write_text(text)
    except OSError as error:
        for file in [*report.files, *written]:
            with contextlib.suppress(OSError):
                os.remove(file)
        raise InputError(f"kernel: cannot write to {directory}: {error.strerror}") from None
    return KernelReport(KERNEL, [*report.files, *written], report.seconds, report.peak_mib, planned)


def kernel_arguments(registers, masters):
    """The registers that are arguments: every memory port must have a 64-bit pointer, and no two may overlap."""
    arguments = sorted((row for row in registers if row.kind == "argument"), key=lambda row: row.offset)
    pointers = [row.port for row in arguments if row.port]
    if sorted(pointers) != sorted(masters):
        raise InputError(f"kernel: pointers to {', '.join(pointers) or 'nothing'}, ports {', '.join(masters)}")
    end = 0x10
    for row in arguments:
        if row.offset < end or row.offset % 4 or (row.port and row.bits != 64):
            raise InputError(f"kernel: argument {row.name} of {row.bits} bits cannot be at offset {row.offset:#x}")
        end = row.offset + row.bits // 8
    return arguments


def config_tcl(files, masters, arguments, address_bits):
    """The text of ``config.tcl``."""
    rows = [f"{{{row.name} 0x{row.offset:03x} {row.bits} {{{row.port or ''}}}}}" for row in arguments]
    return _CONFIG_TCL.format(
        kernel=KERNEL,
        slave=SLAVE,
        files="\n    ".join(files),
        masters="\n    ".join(masters),
        arguments="\n    ".join(rows),
        address_bits=address_bits,
    )


def kernel_cfg(masters, in_slr0):
    """The text of ``kernel.cfg``: one pseudo-channel for each memory port."""
    slr = f"slr={KERNEL}_1:SLR0" if in_slr0 else "# No slr: the kernel is larger than one."
    sp = "\n".join(f"sp={KERNEL}_1.{master}:HBM[{number}]" for number, master in enumerate(masters))
    return _CFG.format(kernel=KERNEL, slr=slr, sp=sp)
