"""Elaborates and converts one entity, with those below it as instantiations."""

import itertools
import warnings

from myhdl import ToVerilogWarning, ToVHDLWarning
from myhdl._extractHierarchy import _UserCode
from myhdl.conversion import _toVerilog, _toVHDL
from myhdl.conversion._toVerilog import _ToVerilogConvertor, toVerilog
from myhdl.conversion._toVHDL import _ToVHDLConvertor, toVHDL

from myhdl_acc.hdl.convert.ascii import to_ascii
from myhdl_acc.hdl.convert.check import check_analysis, check_syntax, check_text
from myhdl_acc.hdl.convert.entity import elaborating, name_instances
from myhdl_acc.hdl.convert.errors import ConversionError
from myhdl_acc.hdl.convert.keywords import KEYWORDS
from myhdl_acc.hdl.convert.ram_style import with_ram_style

SUFFIX = {"vhdl": ".vhd", "verilog": ".v"}


def elaborate(spec, names=None):
    """Call the entity of ``spec`` on fresh signals; returns (block instance, elaboration state)."""
    block, arguments = spec.build()
    with elaborating(names) as state:
        instance = block(**arguments)
    name_instances(instance)
    return instance, state


def label_processes(processes):
    """Make the labels of MyHDL's analysed processes unique and legal: blocks may define a process in a loop.

    The order of the registers that a process resets is made one of names, since MyHDL keeps them in a set.
    """
    used = set()
    for tree in processes:
        if not isinstance(tree, _UserCode):
            base = tree.name.strip("_")
            if base.lower() in KEYWORDS:
                base += "_process"
            candidates = (base if number == 0 else f"{base}_{number}" for number in itertools.count())
            tree.name = next(label for label in candidates if label.lower() not in used)
            used.add(tree.name.lower())
            if hasattr(tree, "sigregs"):
                tree.sigregs = sorted(tree.sigregs, key=lambda sig: sig._name)


_WAIVERS = """
// MyHDL leaves it to the context to extend operands, and takes slices of words whose other bits nobody reads.
/* verilator lint_off WIDTH */
/* verilator lint_off UNUSEDSIGNAL */"""
"""The Verilator warnings that converted Verilog is allowed, in the files themselves: plain lint then says nothing."""


def convert_entity(hdl, directory, name, spec, names):
    """Write ``directory/name.vhd`` or ``.v``. To be called once per process.

    Raises ConversionError for anything that check.py refuses or that MyHDL warns about.
    """
    instance, _ = elaborate(spec, names)
    outputs = spec.build()[0].outputs

    def check(self, hierarchy, interface, signals, memories, processes):
        label_processes(processes)
        check_analysis(name, outputs, interface.argdict, signals, processes)

    kind, converter, comment = (
        (_ToVHDLConvertor, toVHDL, "--") if hdl == "vhdl" else (_ToVerilogConvertor, toVerilog, "//")
    )
    kind._convert_filter = check
    module = _toVHDL if hdl == "vhdl" else _toVerilog
    annotate = module._annotateTypes

    def check_and_annotate(processes):
        check_syntax(name, processes)
        annotate(processes)

    module._annotateTypes = check_and_annotate
    converter.name, converter.directory, converter.no_myhdl_header = name, str(directory), True
    converter.header = f"{comment} {name}: {spec.module}.{spec.function}, converted by MyHDL"
    if hdl == "vhdl":
        converter.no_myhdl_package = True
    else:
        converter.no_testbench = True
        converter.header += _WAIVERS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", ToVHDLWarning)
        warnings.simplefilter("error", ToVerilogWarning)
        try:
            converter(instance)
        except (ToVHDLWarning, ToVerilogWarning) as warning:
            raise ConversionError(f"{name}: {warning}") from None
    path = directory / (name + SUFFIX[hdl])
    text = with_ram_style(hdl, to_ascii(path.read_text()))
    check_text(name, text)
    path.write_text(text)
