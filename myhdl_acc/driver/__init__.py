"""The host's side: loads a model into a device, starts passes, reads tokens and logits (docs/driver.md)."""

from myhdl_acc.driver.accelerator import Accelerator
from myhdl_acc.driver.device import Device, DeviceError
from myhdl_acc.driver.golden_device import GoldenDevice

__all__ = ["Accelerator", "Device", "DeviceError", "GoldenDevice"]
