"""Stands in for ``pyxrt``: only the names that XrtDevice uses, as XRT documents them, before a golden device.

Buffers have a host copy and a device copy, so that a forgotten sync shows; arguments reach the device with a start.
``calls`` counts what is asked of XRT, and ``moved`` the bytes between host and device.
"""

from collections import Counter
from enum import Enum

import numpy as np

from myhdl_acc.driver import GoldenDevice
from myhdl_acc.rtl.control.register_map import OFFSETS, pointer_offset, registers

calls = Counter()
moved = Counter()


class ert_cmd_state(Enum):
    ERT_CMD_STATE_COMPLETED = 4
    ERT_CMD_STATE_ERROR = 5
    ERT_CMD_STATE_TIMEOUT = 8


class xclBOSyncDirection(Enum):
    XCL_BO_SYNC_BO_TO_DEVICE = 0
    XCL_BO_SYNC_BO_FROM_DEVICE = 1


class device:
    config = None  # set by the test
    finishes = True
    fails = None  # or with which state
    breaks = False

    def __init__(self, index):
        self.index = index
        self.golden = GoldenDevice(self.config)
        self.buffers = {}

    def load_xclbin(self, path):
        return f"uuid of {path}"


class kernel:
    class cu_access_mode(Enum):
        exclusive = 0

    def __init__(self, device, uuid, name, mode):
        assert name == "myhdl_acc_kernel" and mode == self.cu_access_mode.exclusive
        self.device = device
        self.arguments = [register for register in registers(device.config) if register.kind == "argument"]

    def group_id(self, index):
        return int(self.arguments[index].port[-2:])  # sp=….m_axi_NN:HBM[NN]


class bo:
    class flags(Enum):
        normal = 0

    def __init__(self, device, size, flags, group):
        self.host = np.zeros(size, np.uint8)
        self.device, self.group = device, group
        device.buffers[group] = self
        if len(device.buffers) == device.config.lanes:
            device.golden.allocate(size)

    def address(self):
        return self.device.golden.address(self.group)

    def write(self, data, seek):
        data = np.asarray(data).reshape(-1).view(np.uint8)
        self.host[seek : seek + len(data)] = data

    def read(self, size, skip):
        return self.host[skip : skip + size].view(np.int8)

    def sync(self, direction, size, offset):
        part = slice(offset, offset + size)
        calls[direction.name] += 1
        moved[direction.name] += size
        if direction == xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE:
            self.device.golden.write_memory(self.group, offset, self.host[part])
        else:
            self.host[part] = self.device.golden.read_memory(self.group, offset, size)


class run:
    def __init__(self, kernel):
        self.kernel = kernel
        self.values = {}

    def set_arg(self, index, value):
        calls["set_arg"] += 1
        register = self.kernel.arguments[index]
        if isinstance(value, bo):
            lane = self.kernel.group_id(index)
            assert register.port is not None and value.group == lane
            self.values[pointer_offset(lane)] = value.address()
        else:
            assert register.port is None and -(1 << 31) <= value < 1 << 31
            self.values[register.offset] = value & 0xFFFFFFFF

    def start(self):
        calls["start"] += 1
        golden = self.kernel.device.golden
        for offset, value in self.values.items():
            golden.write_register(offset, value)
        golden.write_register(OFFSETS["ctrl"], 1)

    def wait(self, timeout_ms):
        calls["wait"] += 1
        assert isinstance(timeout_ms, int) and timeout_ms > 0
        states = ert_cmd_state
        if not device.finishes:
            return device.fails or states.ERT_CMD_STATE_TIMEOUT
        ended = device.breaks or self.kernel.device.golden.advance()
        return states.ERT_CMD_STATE_COMPLETED if ended else states.ERT_CMD_STATE_TIMEOUT
