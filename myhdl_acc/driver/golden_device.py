"""The accelerator as the golden machine: exact, and fast enough for real models."""

import numpy as np

from golden.errors import InputError
from golden.machine import Machine, Memory
from golden.units.sampling import TEMPERATURE_BITS, Sampling
from myhdl_acc.driver.device import START, Device, DeviceError
from myhdl_acc.rtl.control.instruction import INSTRUCTION_BYTES, decode
from myhdl_acc.rtl.control.register_map import OFFSETS, STATUS, pointer_offset, token_offset

_LANE_STRIDE = 1 << 28


class GoldenDevice(Device):
    """``config`` AcceleratorConfig. ``trace`` as in Machine.run; a faulty program raises MachineFault."""

    clocked = False

    def __init__(self, config, trace=None):
        self._config = config
        self._trace = trace
        self._registers = {}
        self._memory = None

    def allocate(self, size):
        config = self._config
        beat_bytes = config.beat_bits // 8
        # Real memory holds anything at first; no result may depend on it.
        data = np.full((config.lanes, -(-size // beat_bytes), beat_bytes), 0xA5, np.uint8)
        self._memory = data.reshape(config.lanes, -1)
        self._machine = Machine(Memory(data), config.rows, config.atoms, config.vector_depth, config.activation_words)

    def address(self, lane):
        return lane * _LANE_STRIDE

    def write_memory(self, lane, offset, data):
        data = np.frombuffer(data, np.uint8)
        self._memory[lane, offset : offset + len(data)] = data

    def read_memory(self, lane, offset, size):
        return self._memory[lane, offset : offset + size].copy()

    def write_register(self, offset, value):
        self._registers[offset] = value
        if offset == OFFSETS["ctrl"] and value & START:
            self._run()

    def read_register(self, offset):
        return self._registers.get(offset, 0)

    def wait(self, timeout):
        if OFFSETS["ctrl"] not in self._registers:
            raise DeviceError("wait: nothing was started")

    def _run(self):
        config, registers = self._config, self._registers
        for lane in range(config.lanes):
            pointer = registers.get(pointer_offset(lane), 0) | registers.get(pointer_offset(lane) + 4, 0) << 32
            if pointer != self.address(lane):
                raise DeviceError(f"lane {lane}: its pointer register is {pointer}, not {self.address(lane)}")
        start = registers[OFFSETS["program"]] * config.beat_bits // 8
        size = registers[OFFSETS["instructions"]] * INSTRUCTION_BYTES
        try:
            program = decode(self._memory[0, start : start + size].tobytes())
        except InputError:
            registers[OFFSETS["status"]] = STATUS["illegal"]
            return
        self._machine.run(program, self._trace, self._sampling())
        registers[OFFSETS["status"]] = STATUS["ok"]
        registers[OFFSETS["instruction"]] = len(program)
        for row, token in enumerate(self._machine.tokens):
            registers[token_offset(row)] = int(token)

    def _sampling(self):
        temperature, low, high = (
            self._registers.get(OFFSETS[name], 0) for name in ("temperature", "seed", "seed_high")
        )
        return Sampling(temperature & (1 << TEMPERATURE_BITS) - 1, high << 32 | low)
