"""The accelerator as a kernel for the card: the AXI top, and what the scripts in ``vivado/`` need to know."""

from myhdl_acc.rtl.kernel.package import KERNEL, write_kernel

__all__ = ["KERNEL", "write_kernel"]
