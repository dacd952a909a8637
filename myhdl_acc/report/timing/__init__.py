"""An estimate of the clock that the hardware reaches, from Yosys' netlists and a model of a part's delays."""

from myhdl_acc.report.timing.estimate import Estimate, estimate

__all__ = ["Estimate", "estimate"]
