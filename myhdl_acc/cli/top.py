"""The one place that says what the hardware's top is: ``convert``, its ``--kernel`` and ``synth`` take it from here."""

from myhdl_acc.rtl.accelerator import accelerator, accelerator_ports
from myhdl_acc.simulate import Design, clock, reset


def top_design(config):
    """The Design of the whole hardware of a configuration."""
    return Design(accelerator, clk=clock(), rst=reset(), **accelerator_ports(config))


def kernel_registers(config):
    """The rows of the kernel's register map."""
    from myhdl_acc.rtl.control.register_map import registers

    return registers(config)
