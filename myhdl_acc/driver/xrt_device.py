"""The card through XRT's own Python module, ``pyxrt`` (part of XRT, not on PyPI).

pyxrt starts kernels and moves buffers but gives no access to registers
(https://github.com/Xilinx/XRT/issues/7863), so status and counters cannot be read; the driver takes tokens from
the ring of results in memory. Arguments reach the card with a start only, so no run can be stopped.
"""

import importlib
import os

import numpy as np

from golden.errors import InputError
from myhdl_acc.driver.device import START, Device, DeviceError
from myhdl_acc.rtl.control.register_map import OFFSETS, registers

KERNEL = "myhdl_acc_kernel"
_LOOK_MS = 1  # between two looks at the ring of results


class XrtDevice(Device):
    """``xclbin``: path of the linked kernel; ``index``: which card. Raises InputError without pyxrt or the file."""

    readable = False
    stoppable = False

    def __init__(self, config, xclbin, index=0):
        xclbin = os.fspath(xclbin)
        if not os.path.isfile(xclbin):
            raise InputError(f"{xclbin}: no such file")
        try:
            self._xrt = importlib.import_module("pyxrt")
        except ImportError:
            raise InputError("xrt: Python has no module pyxrt; install XRT and source its setup.sh") from None
        self._config = config
        arguments = [register for register in registers(config) if register.kind == "argument"]
        self._index = {register.offset: number for number, register in enumerate(arguments)}
        self._pointers = {}  # register offset → lane
        for register in arguments:
            if register.port is not None:
                self._pointers[register.offset] = len(self._pointers)
        self._device = self._xrt.device(index)
        uuid = self._device.load_xclbin(xclbin)
        self._kernel = self._xrt.kernel(self._device, uuid, KERNEL, self._xrt.kernel.cu_access_mode.exclusive)
        self._run = self._xrt.run(self._kernel)
        self._buffers = []
        self._started = False

    def allocate(self, size):
        """A buffer in every lane's own HBM pseudo-channel."""
        flags = self._xrt.bo.flags.normal
        groups = [self._kernel.group_id(self._index[offset]) for offset in self._pointers]
        self._buffers = [self._xrt.bo(self._device, size, flags, group) for group in groups]

    def address(self, lane):
        return self._buffers[lane].address()

    def write_memory(self, lane, offset, data):
        data = np.frombuffer(data, np.uint8)
        self._buffers[lane].write(data, offset)
        self._buffers[lane].sync(self._xrt.xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE, len(data), offset)

    def read_memory(self, lane, offset, size):
        self._buffers[lane].sync(self._xrt.xclBOSyncDirection.XCL_BO_SYNC_BO_FROM_DEVICE, size, offset)
        return np.array(self._buffers[lane].read(size, offset)).view(np.uint8)

    def write_register(self, offset, value):
        if offset == OFFSETS["ctrl"]:
            if value & START:
                self._run.start()
                self._started = True
        elif offset in self._pointers:
            self._run.set_arg(self._index[offset], self._buffers[self._pointers[offset]])
        elif offset in self._index:
            self._run.set_arg(self._index[offset], value - (value >> 31 << 32))  # pyxrt takes a C++ int
        elif offset - 4 not in self._pointers:  # XRT sets both halves of a pointer
            raise DeviceError(f"register 0x{offset:03X} cannot be written through pyxrt")

    def read_register(self, offset):
        raise DeviceError(f"register 0x{offset:03X} cannot be read through pyxrt")

    def advance(self):
        if not self._started:
            raise DeviceError("wait: nothing was started")
        state, states = self._run.wait(_LOOK_MS), self._xrt.ert_cmd_state
        if state == states.ERT_CMD_STATE_TIMEOUT:  # of the wait alone
            return False
        if state != states.ERT_CMD_STATE_COMPLETED:
            raise DeviceError(f"the kernel did not finish (state {state})")
        return True
