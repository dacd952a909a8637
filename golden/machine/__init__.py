"""The whole accelerator on integers: what every instruction of a program does, in program order."""

from golden.machine.fault import MachineFault
from golden.machine.machine import Machine
from golden.machine.memory import Memory

__all__ = ["Machine", "MachineFault", "Memory"]
