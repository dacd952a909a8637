"""AXI masters, prefetch and write-back: one block per file (docs/memory.md)."""

from myhdl_acc.memory import axi_monitor  # noqa: F401  every simulation of these blocks asserts the AXI rules
