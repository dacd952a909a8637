"""Conversion of MyHDL designs to VHDL and Verilog that keeps the hierarchy."""

from myhdl_acc.hdl.convert.convert import HDLS, ConversionReport, convert
from myhdl_acc.hdl.convert.errors import ConversionError

__all__ = ["HDLS", "ConversionError", "ConversionReport", "convert"]
