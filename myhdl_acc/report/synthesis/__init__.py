"""What the converted hardware takes of the card, by Yosys, entity by entity."""

from myhdl_acc.report.synthesis.hierarchy import Block, Synthesis, depths, synthesise
from myhdl_acc.report.synthesis.resources import BUDGET, Resources

__all__ = ["BUDGET", "Block", "Resources", "Synthesis", "depths", "synthesise"]
