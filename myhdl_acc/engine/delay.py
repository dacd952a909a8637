"""myhdl_acc.hdl.delay under its former name."""

from myhdl_acc.hdl.delay import delay, delay_reset  # noqa: F401
